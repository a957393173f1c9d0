"""The day that an address asks for (``?day=2026-11-24``), with the days beside it. Today where it names none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request

from clinic import clock

#: How a date field writes a day, and how people do where the browser gives them none; Python's parser takes others too.
_SHAPES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})([/.\- ])(?P<month>\d{1,2})\2(?P<year>\d{4})", re.ASCII),
)


@dataclass(frozen=True)
class Day:
    """A day on a page of days. ``unreadable`` is what the address asked for if that is no day."""

    on: date
    unreadable: str = ""

    @property
    def previous(self) -> date | None:
        """The day before, None before the first day of all."""
        return self.on - timedelta(days=1) if self.on > date.min else None

    @property
    def next(self) -> date | None:
        """The day after, None after the last day of all."""
        return self.on + timedelta(days=1) if self.on < date.max else None

    @property
    def is_today(self) -> bool:
        """Whether it is today in the clinic."""
        return self.on == clock.today()


def day_from(text: str) -> date | None:
    """Return the day that ``text`` writes, None if it is none.

    >>> day_from("2026-05-31") == day_from("31/5/2026") == day_from("31.05.2026")
    True
    """
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text.strip()))), None)
    try:
        return None if found is None else date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def requested_day() -> Day:
    """Return the day of the address; today, marked unreadable, where it isn't one."""
    text = request.args.get("day", "")
    if not text:
        return Day(clock.today())
    found = day_from(text)
    return Day(found) if found else Day(clock.today(), unreadable=text[:40])
