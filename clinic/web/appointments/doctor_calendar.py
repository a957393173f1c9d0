"""A doctor's week and month as pages, the doctor's own and the office's: visits, what closes each day, how much is free.

``show_week`` and ``show_month`` serve ``web/doctor/week.py`` and ``web/admin/doctor_week.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import clock, scheduling
from clinic.policy import Actor
from clinic.scheduling import DayPlan
from clinic.web.kit.access import may_open
from clinic.web.kit.date_formatting import day_plain, month
from clinic.web.kit.days import requested_day
from clinic.web.kit.page import page

WEEK = timedelta(days=7)
#: What the address asks a free time to do, where it can do two things.
PRESS, CLOSE = "press", "close"


@dataclass(frozen=True)
class DoctorCalendar:
    """Whose week and month are shown, and where they lead: ``week``, ``month``, ``day`` and ``leave`` are endpoints, ``own``
    goes into the addresses of those that are of this doctor alone."""

    doctor_id: int
    week: str
    month: str
    day: str
    leave: str
    name: str
    own: Mapping[str, Any] = field(default_factory=dict)
    #: Whether it is said whose it is: the reader is somebody else.
    is_named: bool = False
    #: Whether a free time may be booked, on the page of its day.
    can_book: bool = False
    #: What the templates need besides.
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def can_close(self) -> bool:
        """Whether a free time may be closed, by leave."""
        return may_open(self.leave)

    @property
    def books(self) -> bool:
        """Whether a free time is booked when it is pressed, not closed."""
        return self.can_book and not (self.can_close and request.args.get(PRESS) == CLOSE)

    @property
    def query(self) -> dict[str, str]:
        """What addresses of other weeks and months keep of this one."""
        return {PRESS: CLOSE} if self.can_book and not self.books else {}

    def week_of(self, on: date | None = None) -> str:
        """Return the address of the week in which a day lies; of this one without."""
        return self._part(self.week, on, self.query)

    def month_of(self, on: date | None = None) -> str:
        """Return the address of the month in which a day lies; of this one without."""
        return self._part(self.month, on, self.query)

    def pressing(self, press: str | None, on: date) -> str:
        """Return the address of a week in which a free time is closed, or booked (None)."""
        return self._part(self.week, on, {PRESS: press})

    def _part(self, endpoint: str, on: date | None, query: Mapping[str, Any]) -> str:
        return url_for(endpoint, **self.own, day=None if on is None else on.isoformat(), **query)

    def day_of(self, on: date, visit: int | None = None) -> str:
        """Return the address of a day, with a visit opened where one is named."""
        return url_for(self.day, day=on.isoformat(), visit=visit)

    def free_of(self, plan: DayPlan) -> str | None:
        """Return the address to which a free time of a day leads, once the time is added; None if it leads nowhere."""
        if self.books:
            return url_for(self.day, day=plan.date.isoformat(), book=self.doctor_id) if plan.bookable else None
        return url_for(self.leave, **self.own, first_day=plan.date.isoformat()) if self.can_close else None


def show_week(actor: Actor, calendar: DoctorCalendar, template: str) -> ResponseReturnValue:
    """Show the week, from Monday on, of the day that the address asks for."""
    day = requested_day()
    monday = _monday(day.on)
    plans = scheduling.week(actor, monday, doctor_id=calendar.doctor_id)
    return page(
        template,
        fragments={"week"},
        calendar=calendar,
        title=_title(calendar, gettext("Week of %(day)s", day=day_plain(monday))),
        day=day,
        plans=plans,
        free={plan.date: calendar.free_of(plan) for plan in plans},
        times=list(pairwise(scheduling.HOURS)),
        earlier=_stepped(monday, -WEEK),
        later=_stepped(monday, WEEK),
        is_now=monday == _monday(clock.today()),
        today=clock.today(),
        **calendar.shown,
    )


def show_month(actor: Actor, calendar: DoctorCalendar, template: str) -> ResponseReturnValue:
    """Show the month, in weeks from Monday on, of the day that the address asks for."""
    day = requested_day()
    first = min(day.on, scheduling.LAST_MONTH).replace(day=1)
    return page(
        template,
        fragments={"month"},
        calendar=calendar,
        title=_title(calendar, month(first)),
        day=day,
        weeks=scheduling.month(actor, first, doctor_id=calendar.doctor_id),
        earlier=_stepped(first, -timedelta(days=1)),
        later=_stepped(first, timedelta(days=31)) if first < scheduling.LAST_MONTH.replace(day=1) else None,
        is_now=first == clock.today().replace(day=1),
        today=clock.today(),
        **calendar.shown,
    )


def _title(calendar: DoctorCalendar, when: str) -> str:
    return f"{calendar.name} · {when}" if calendar.is_named else when


def _monday(on: date) -> date:
    """Return the Monday of the week; the first and the last week of all times are whole ones."""
    latest = date.max - WEEK
    return min(on, latest) - timedelta(days=min(on, latest).weekday())


def _stepped(on: date, step: timedelta) -> date | None:
    """Return the day that is so far away, None where the calendar ends."""
    try:
        return on + step
    except OverflowError:
        return None
