"""What an address asks to book: a department, a doctor, a day and a time, parsed but not yet looked up.

Every page on which a slot is chosen carries its choices this way, and this is the only place that reads them. Knows the
shapes only: whether there is such a doctor or such a time is for ``booking_choices`` and ``slot_picker`` to say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from clinic.scheduling import Moment
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import whole

#: The button of a form that only chooses anew: what is typed comes along and is shown again, nothing is done.
CHANGE = "change"
#: The button of a form that sends it with another time than the address's: one of those offered instead.
INSTEAD = "instead"
#: The place on a page of choices where the next thing is to be done. The page says which that is, so the address needn't.
NEXT = "#next"


@dataclass(frozen=True)
class Selection:
    """The choices that an address makes; ``bad`` names those that could not be read."""

    department: int | None = None
    doctor: int | None = None
    day: dt.date | None = None
    time: dt.time | None = None
    bad: tuple[str, ...] = ()
    #: Whom the office books for; patients book for themselves.
    patient: int | None = None

    @property
    def moment(self) -> Moment | None:
        """The day and the time; None unless both are chosen."""
        return Moment(self.day, self.time) if self.day and self.time is not None else None

    def at(self, moment: Moment) -> Selection:
        """Return this selection with another day and time."""
        bad = tuple(name for name in self.bad if name not in ("day", "time"))
        return replace(self, day=moment.date, time=moment.time, bad=bad)

    def query(self) -> str:
        """Return the query string that makes these choices, "" if there are none."""
        pairs: list[tuple[str, str | int | None]] = [
            ("patient", self.patient),
            ("department", self.department),
            ("doctor", self.doctor),
            ("day", self.day.isoformat() if self.day else None),
            ("time", None if self.time is None else self.time.strftime("%H:%M")),
        ]
        # Numbers, days and times: there is nothing to be quoted.
        query = "&".join([f"{name}={value}" for name, value in pairs if value is not None])
        return f"?{query}" if query else ""


def _time(text: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(text) if re.fullmatch(r"\d\d:\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _moment(text: str) -> Moment | None:
    """Read ``2026-11-24T09:30``, the value of an offered time; None if it is anything else."""
    day, _, at = text.partition("T")
    on, time = day_from(day), _time(at)
    return None if on is None or time is None else Moment(on, time)


#: What reads each choice; None for what is none.
_PARSERS: dict[str, Callable[[str], Any]] = {"department": whole, "doctor": whole, "day": day_from, "time": _time}


def parse(query: Mapping[str, str], form: Mapping[str, str] | None = None) -> Selection:
    """Read the choices out of a query; what can't be read is left out and named in ``bad``.

    A time that was pressed in ``form`` instead of the query's takes its place.
    """
    found = {name: parser(query[name]) for name, parser in _PARSERS.items() if query.get(name)}
    selection = Selection(**found, bad=tuple(name for name, value in found.items() if value is None))
    offered = _moment((form or {}).get(INSTEAD, ""))
    return selection if offered is None else selection.at(offered)


def requested(*, patient: int | None = None) -> Selection:
    """Return the choices of the present request; ``patient`` is whom the office books for."""
    return replace(parse(request.args, request.form), patient=patient)
