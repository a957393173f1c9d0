"""A doctor's own week and month."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic.policy import Actor
from clinic.web.appointments.doctor_calendar import DoctorCalendar, show_month, show_week
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.formatting import doctor_name


def _own(actor: Actor) -> DoctorCalendar:
    name = doctor_name(actor.full_name)
    return DoctorCalendar(actor.user_id, "doctor.week", "doctor.month", "doctor.home", "doctor.leave", name)


def week() -> ResponseReturnValue:
    """Show a week of the doctor's."""
    actor = signed_in_actor()
    return show_week(actor, _own(actor), "doctor/week.html")


def month() -> ResponseReturnValue:
    """Show a month of the doctor's."""
    actor = signed_in_actor()
    return show_month(actor, _own(actor), "doctor/month.html")


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the doctor's."""
    blueprint.add_url_rule("/week", view_func=week)
    blueprint.add_url_rule("/month", view_func=month)
