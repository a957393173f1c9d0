"""Where somebody is at the day desk: the day, the department, and what the panel shows; and what their page shows of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from flask import url_for

from clinic import clock
from clinic.policy import Actor
from clinic.web.kit.days import Day, requested_day
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.sealing import seal, unseal


@dataclass(frozen=True)
class DeskPlace:
    """A day of the desk, of one department where one is named, the appointment that is opened, and the doctor whom a phone
    shows, where one was chosen."""

    day: Day
    department: int | None
    visit: int | None = None
    doctor: int | None = None

    def address(self, *, anchor: str | None = None, **more: Any) -> str:
        """Return its address, with ``more`` in it."""
        here = {"day": self.day.on.isoformat(), "department": self.department, "doctor": self.doctor}
        return url_for("admin.home", **{**here, **more}, _anchor=anchor)

    @property
    def href(self) -> str:
        """Its address, to which the cells of the table add what they open."""
        return self.address()


def requested_place(on: date | None = None, department: int | None = None) -> DeskPlace:
    """Return the place of the address, of a form with its day and department."""
    filters = read_filters("department", "visit", "doctor")
    return DeskPlace(
        requested_day() if on is None else Day(on),
        department or filters.number("department"),
        filters.number("visit"),
        filters.number("doctor"),
    )


@dataclass(frozen=True)
class ShownDay:
    """What a page that stays open shows of a day: which revision, and when it was shown."""

    #: What was changed a moment before may not have been there yet when the page was made.
    MARGIN = timedelta(minutes=1)
    #: A page that was open for longer is read anew as a whole.
    LASTS = timedelta(hours=12)

    revision: str
    shown_at: datetime

    @classmethod
    def of(cls, revision: str) -> Self:
        """Return that this revision is shown now."""
        return cls(revision, clock.now() - cls.MARGIN)

    def sealed(self, actor: Actor, place: DeskPlace) -> str:
        """Return it as a word for the page; it tells nothing of another session, day or department."""
        return seal(json.dumps([_whose(actor, place), self.revision, self.shown_at.timestamp()]).encode())

    @classmethod
    def opened(cls, sealed: str, actor: Actor, place: DeskPlace) -> Self | None:
        """Return what was sealed; None if that was of something else, or isn't ours."""
        raw = unseal(sealed, within=cls.LASTS)
        if raw is None:
            return None
        whose, revision, shown_at = json.loads(raw)
        if whose != _whose(actor, place):
            return None
        return cls(revision, datetime.fromtimestamp(shown_at, tz=clock.now().tzinfo))


def _whose(actor: Actor, place: DeskPlace) -> list[Any]:
    return ["desk", actor.session_id, place.day.on.isoformat(), place.department]
