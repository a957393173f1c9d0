"""A doctor's week as a table: times down, days across; the appointments, the leave, and how much of each day is
free."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from clinic import clock, scheduling
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.days import requested_day
from clinic.web.kit.page import page

WEEK = timedelta(days=7)


def week() -> ResponseReturnValue:
    """Show the week, from Monday on, of the day that the address asks for."""
    day = requested_day()
    monday = _monday(day.on)
    plans = scheduling.week(signed_in_actor(), monday)
    return page(
        "doctor/week.html",
        fragments={"week"},
        day=day,
        plans=plans,
        times=scheduling.SLOT_TIMES,
        earlier=_address(monday, -WEEK),
        later=_address(monday, WEEK),
        is_now=monday == _monday(clock.today()),
        today=clock.today(),
    )


def _monday(on: date) -> date:
    """Return the Monday of the week; the first and the last week of all times are whole ones."""
    latest = date.max - WEEK
    return min(on, latest) - timedelta(days=min(on, latest).weekday())


def _address(monday: date, step: timedelta) -> str | None:
    """Return the address of the week before or after, None where the calendar ends."""
    try:
        return url_for("doctor.week", day=(monday + step).isoformat())
    except OverflowError:
        return None


def add_to(blueprint: Blueprint) -> None:
    """Add the week to the doctor's pages."""
    blueprint.add_url_rule("/week", view_func=week)
