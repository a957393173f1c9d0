"""When the demo clinic and its doctors see patients: weekly hours, part-timers, a public holiday and a Sunday's extra hours.

Plain data. Dr Chen and one doctor of each department keep the whole grid on seven days, so that scripts find times on any.
What was before the planting may lie outside of hours.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from typing import NamedTuple

from clinic.scheduling.calendar import HOURS, SLOT_TIMES, slot_end
from clinic.seed.shapes import Text

Stretches = tuple[tuple[time, time], ...]
_EVERY_DAY, _WORKING_WEEK, _SATURDAY, _SUNDAY = range(1, 8), range(1, 6), 6, 7


def _on_grid(at: str) -> time:
    """Return the first bound of the grid from a time on: a clinic may have another grid."""
    return min((bound for bound in HOURS if bound >= time.fromisoformat(at)), default=HOURS[-1])


def _stretches(*hours: tuple[str, str]) -> Stretches:
    return tuple((_on_grid(start), _on_grid(end)) for start, end in hours)


_DAY = _stretches(("08:00", "11:30"), ("13:00", "17:00"))
_MORNING, _AFTERNOON = _stretches(("08:00", "12:00")), _stretches(("13:00", "17:00"))
#: By ISO weekday, 1 for Monday.
Week = Mapping[int, Stretches]

CLINIC: Week = {**dict.fromkeys(_WORKING_WEEK, _DAY), _SATURDAY: _MORNING}
_WHOLE_GRID: Week = dict.fromkeys(_EVERY_DAY, ((HOURS[0], HOURS[-1]),))
WHOLE_GRID = ("chen", "chau", "diallo", "minh", "oanh", "kiet", "loc", "linh")
#: The doctors who follow hours of their own.
DOCTORS: Mapping[str, Week] = {
    **dict.fromkeys(WHOLE_GRID, _WHOLE_GRID),
    "huy": dict.fromkeys((*_WORKING_WEEK, _SATURDAY), _MORNING),
    "yen": {2: _DAY, 4: _DAY, _SATURDAY: _MORNING},
    "tram": dict.fromkeys(_WORKING_WEEK, _AFTERNOON),
    "nhung": {**dict.fromkeys(range(1, 5), _MORNING), 5: _DAY},
}
#: Who sees patients on the Sunday after the planting, or on that day, and when.
ON_SUNDAY, SUNDAY_HOURS = "tuyet", _MORNING[0]


class Holiday(NamedTuple):
    """A public holiday of the same days each year."""

    first: tuple[int, int]
    last: tuple[int, int]
    name: Text


_HOLIDAYS = (
    Holiday((1, 1), (1, 1), Text("New Year's Day", "Tết Dương lịch")),
    Holiday((4, 30), (5, 1), Text("Reunification Day and Labour Day", "Ngày Thống nhất và Quốc tế Lao động")),
    Holiday((9, 2), (9, 2), Text("National Day", "Quốc khánh")),
)
#: Before that, the visits are those that are written down one by one.
_SOONEST = timedelta(days=5)


class Closed(NamedTuple):
    """Days on which the clinic is closed."""

    first: date
    last: date
    name: Text


@cache
def closed_ahead(today: date) -> Closed:
    """Return the next of Vietnam's public holidays that have the same days each year."""
    coming = (
        Closed(date(year, *each.first), date(year, *each.last), each.name)
        for year in (today.year, today.year + 1)
        for each in _HOLIDAYS
    )
    return min(each for each in coming if each.first >= today + _SOONEST)


def sunday_from(today: date) -> date:
    """Return the first Sunday from a day on."""
    return today + timedelta(days=_SUNDAY - today.isoweekday())


def is_open(doctor: str, today: date, on: date, at: str) -> bool:
    """Return whether a doctor sees patients at a time ("HH:MM") of a day, by what was entered on the eve of ``today``."""
    start = time.fromisoformat(at)
    if doctor == ON_SUNDAY and on == sunday_from(today):
        return _lies_in(start, (SUNDAY_HOURS,))
    closed = closed_ahead(today)
    if closed.first <= on <= closed.last:
        return False
    return _lies_in(start, DOCTORS.get(doctor, CLINIC).get(on.isoweekday(), ()))


def _lies_in(start: time, stretches: Stretches) -> bool:
    return start in SLOT_TIMES and any(first <= start and slot_end(start) <= last for first, last in stretches)
