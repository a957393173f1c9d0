"""When doctors see patients, and what keeps them from it: hours, closures and leave, read here alone, for bookings, free
times, the week and the statistics."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.elements import SQLCoreOperations

from clinic.accounts.models import User
from clinic.db import AnyRow, AnySelect, built_once, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.id_lists import among, id_list
from clinic.scheduling.calendar import Moment, SlotStatus, slot_end
from clinic.scheduling.calendar_models import Closure, DoctorHours, ExtraHours, OpeningHours
from clinic.scheduling.day_frame import ALL_DAY, DayFrame, Stretch, closed_moments, joined
from clinic.scheduling.models import DoctorLeave
from clinic.scheduling.spans import Span


class WeeklyHours(NamedTuple):
    """A stretch of somebody's week, valid from and until a day, and in which room (0: in none of its own)."""

    weekday: int
    stretch: Stretch
    valid_from: date = date.min
    valid_until: date = date.max
    room_id: int = 0


class HoursOfDay(NamedTuple):
    """A stretch of extra hours, and in which room (0: in none of its own)."""

    day: date
    stretch: Stretch
    room_id: int = 0


class Week:
    """Somebody's weekly hours, as one object: the same text is read apart once, and what follows from it is remembered by it."""

    def __init__(self, hours: tuple[WeeklyHours, ...] = ()) -> None:
        self._hours = hours
        self._always = all((each.valid_from, each.valid_until) == (date.min, date.max) for each in hours)
        self.names_rooms = any(each.room_id for each in hours)

    def valid(self, on: date) -> Sequence[WeeklyHours]:
        """Return what of it holds on a day, whichever weekday that is."""
        if self._always:
            return self._hours
        return [each for each in self._hours if each.valid_from <= on <= each.valid_until]


NO_HOURS = Week()


@dataclass(frozen=True)
class Attendance:
    """When one doctor sees patients: their ``own`` weekly hours, else the ``clinic``'s, and ``extra`` ones; and when not:
    closures, leave, and ``closed`` while the public can't book them at all."""

    closed: bool
    leave: Sequence[Span] = ()
    own: Week = NO_HOURS
    clinic: Week = NO_HOURS
    extra: tuple[HoursOfDay, ...] = ()
    closures: tuple[Span, ...] = ()

    def frame(self, on: date) -> DayFrame:
        """Return what is known of a day before anybody has booked."""
        return DayFrame(
            _hours(self.own, self.clinic, on),
            tuple(each.stretch for each in self.extra if each.day == on),
            tuple(stretch for span in self.closures for stretch in span.of_day(on)),
            tuple(stretch for span in self.leave for stretch in span.of_day(on)),
            not self.closed,
        )

    def _is_ordinary(self, on: date) -> bool:
        """Return whether nothing but weekly hours says something of a day."""
        return not (
            self.closed
            or (self.leave and any(span.first_day <= on <= span.last_day for span in self.leave))
            or (self.closures and any(span.first_day <= on <= span.last_day for span in self.closures))
            or (self.extra and any(each.day == on for each in self.extra))
        )

    @property
    def names_rooms(self) -> bool:
        """Whether there are hours that may name a room (``room_at``)."""
        return bool(self.extra) or self.own.names_rooms

    def room_at(self, moment: Moment) -> int | None:
        """Return the room that the hours of a moment name, None if none do: the doctor's own then."""
        on, at = moment
        rooms = [each.room_id for each in self.extra if each.day == on and each.stretch.start <= at < each.stretch.end]
        rooms += [
            each.room_id
            for each in self.own.valid(on)
            if each.weekday == on.isoweekday() and each.stretch.start <= at < each.stretch.end
        ]
        return next((room_id for room_id in rooms if room_id), None)

    def why_closed(self, moment: Moment) -> SlotStatus | None:
        """Return why nobody can book a moment with the doctor, whoever has booked what; None if they can."""
        return self.of_day(moment.date).get(moment)

    def closing(self, moment: Moment) -> Iterator[tuple[SlotStatus, Hashable]]:
        """Yield all that closes a moment, whether or not the public can book the doctor, each with what tells it from another
        leave, closure, or week of hours."""
        frame, slot = self.frame(moment.date), Stretch(moment.time, slot_end(moment.time))
        for span in self.leave:
            if span.covers(moment):
                yield SlotStatus.AWAY, span
        if slot.lies_in(joined(frame.extra)):
            return
        for span in self.closures:
            if span.covers(moment):
                yield SlotStatus.CLOSED, span
        if not slot.lies_in(joined((*frame.hours, *frame.extra))):
            yield SlotStatus.OFF_HOURS, joined(frame.hours)

    def of_day(self, on: date) -> Mapping[Moment, SlotStatus]:
        """Return when nobody can be booked on a day, and why: what the calendar asks (``AbsencesOfDay``)."""
        # Nearly all days are, and lists ask for hundreds of them.
        return _off_hours(self.own, self.clinic, on) if self._is_ordinary(on) else closed_moments(on, self.frame(on))

    def slots_away(self, days: Iterable[date]) -> Iterator[Moment]:
        """Yield the slots of ``days`` that leave closes."""
        for on in days:
            if any(span.of_day(on) for span in self.leave):
                yield from (moment for moment, reason in self.of_day(on).items() if reason is SlotStatus.AWAY)


def _hours(own: Week, clinic: Week, on: date) -> tuple[Stretch, ...]:
    weekly = own.valid(on) or clinic.valid(on)
    if not weekly:
        return (ALL_DAY,)
    return tuple(each.stretch for each in weekly if each.weekday == on.isoweekday())


@lru_cache(maxsize=4096)
def _off_hours(own: Week, clinic: Week, on: date) -> Mapping[Moment, SlotStatus]:
    return closed_moments(on, DayFrame(_hours(own, clinic, on)))


# --- the select -------------------------------------------------------------------------------------------------------
#
# Hours and closures come with each doctor's row as two texts, the clinic's and the doctor's: one statement reads all that a
# day depends on, as it is at one moment, and a text that was read before isn't read apart again (``lru_cache``). A text has a
# line for each row of two tables, which its first letter tells apart.

_WEEKLY, _OTHER = "w", "o"
_SPACE, _NONE, _COMMA = (literal_column(f"'{each}'", String) for each in " -,")
_first, _last = (bindparam(name, type_=Date) for name in ("first", "last"))


def _lines_of(
    kind: str, *columns: SQLCoreOperations[object], where: Sequence[SQLCoreOperations[bool]] = ()
) -> AnySelect:
    """Return the rows of a table as lines: ``kind`` and the values with a space between, "-" for none."""
    line: ColumnElement[str] = literal_column(f"'{kind}'", String)
    for column in columns:
        line = line + _SPACE + func.coalesce(cast(column, String), _NONE)
    return select(line.label("line")).where(*where)


def _text(weekly: AnySelect, other: AnySelect) -> ScalarSelect[str]:
    """Return the lines of two tables as one text, with a comma between."""
    lines = union_all(weekly, other).subquery()
    # As a column, the comma stands in the statement; as a text, it would be written into it anew at each execution.
    rows = func.aggregate_strings(lines.c.line, _COMMA)  # type: ignore[arg-type] # SQLAlchemy names texts alone, and takes both
    return select(rows).scalar_subquery()


_CALENDAR = (
    _text(
        _lines_of(_WEEKLY, OpeningHours.weekday, OpeningHours.from_time, OpeningHours.to_time),
        _lines_of(
            _OTHER,
            Closure.first_day,
            Closure.last_day,
            Closure.from_time,
            Closure.to_time,
            where=(Closure.first_day <= _last, Closure.last_day >= _first),
        ),
    ).label("of_clinic"),
    _text(
        _lines_of(
            _WEEKLY,
            DoctorHours.weekday,
            DoctorHours.from_time,
            DoctorHours.to_time,
            DoctorHours.valid_from,
            DoctorHours.valid_until,
            DoctorHours.room_id,
            where=(
                DoctorHours.doctor_id == Doctor.user_id,
                or_(DoctorHours.valid_from.is_(None), DoctorHours.valid_from <= _last),
                or_(DoctorHours.valid_until.is_(None), DoctorHours.valid_until >= _first),
            ),
        ).correlate(Doctor),
        _lines_of(
            _OTHER,
            ExtraHours.day,
            ExtraHours.from_time,
            ExtraHours.to_time,
            ExtraHours.room_id,
            where=(ExtraHours.doctor_id == Doctor.user_id, ExtraHours.day.between(_first, _last)),
        ).correlate(Doctor),
    ).label("of_doctor"),
)


def with_attendance(*columns: SQLCoreOperations[object]) -> AnySelect:
    """Return the select of doctors with ``columns`` of theirs, hours and closures, a row for each leave from ``first`` to
    ``last``, or one; ``attendance_of_rows`` reads them."""
    return (
        select(
            Doctor.user_id,
            DoctorLeave.first_day,
            DoctorLeave.last_day,
            DoctorLeave.from_time,
            DoctorLeave.to_time,
            *_CALENDAR,
            *columns,
        )
        .join(User, User.id == Doctor.user_id)
        .join(Department, Department.id == Doctor.department_id)
        .outerjoin(
            DoctorLeave,
            (DoctorLeave.doctor_id == Doctor.user_id)
            & (DoctorLeave.first_day <= _last)
            & (DoctorLeave.last_day >= _first),
        )
    )


_ATTENDANCE = built_once(
    with_attendance(and_(*PUBLIC_DOCTOR).label("is_public")).where(among(Doctor.user_id, id_list("doctors")))
)


def attendance(doctor_ids: Collection[int], first: date, last: date) -> dict[int, Attendance]:
    """Return when each of these doctors sees patients from ``first`` to ``last``, in one select.

    The only reader of it: bookings, free times, the doctor's week and the statistics ask it, so that another reason has
    its place here alone. A doctor who doesn't exist is closed.
    """
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for row in session().execute(_ATTENDANCE, {"doctors": list(doctor_ids), "first": first, "last": last}):
        found[row.user_id].append(row)
    return {
        each: attendance_of_rows(rows, closed=not rows[0].is_public) if (rows := found[each]) else Attendance(True)
        for each in doctor_ids
    }


def attendance_of_rows(rows: Sequence[AnyRow], *, closed: bool) -> Attendance:
    """Return what the rows of ``with_attendance`` say of one doctor."""
    first = rows[0]
    clinic, closures = _of_clinic(first.of_clinic)
    own, extra = _of_doctor(first.of_doctor)
    return Attendance(
        closed,
        [Span(row.first_day, row.last_day, row.from_time, row.to_time) for row in rows if row.first_day is not None],
        own,
        clinic,
        extra,
        closures,
    )


def _lines(text: str) -> tuple[list[list[str]], list[list[str]]]:
    """Return the values of the weekly lines and of the others, in one order, whichever the database has put them in."""
    weekly, other = list[list[str]](), list[list[str]]()
    for line in sorted(text.split(",")):
        kind, *values = line.split(" ")
        (weekly if kind == _WEEKLY else other).append(values)
    return weekly, other


def _stretch(start: str, end: str) -> Stretch:
    return Stretch(time.fromisoformat(start), time.fromisoformat(end))


def _day(text: str, otherwise: date) -> date:
    return otherwise if text == "-" else date.fromisoformat(text)


def _time(text: str) -> time | None:
    return None if text == "-" else time.fromisoformat(text)


def _room(text: str) -> int:
    return 0 if text == "-" else int(text)


@lru_cache(maxsize=256)
def _of_clinic(text: str | None) -> tuple[Week, tuple[Span, ...]]:
    """Return the clinic's weekly hours and closures."""
    if not text:
        return NO_HOURS, ()
    weekly, other = _lines(text)
    closures = (
        Span(date.fromisoformat(first), date.fromisoformat(last), _time(start), _time(end))
        for first, last, start, end in other
    )
    hours = tuple(WeeklyHours(int(weekday), _stretch(start, end)) for weekday, start, end in weekly)
    return Week(hours) if hours else NO_HOURS, tuple(closures)


@lru_cache(maxsize=1024)
def _of_doctor(text: str | None) -> tuple[Week, tuple[HoursOfDay, ...]]:
    """Return a doctor's weekly hours and extra hours."""
    if not text:
        return NO_HOURS, ()
    weekly, other = _lines(text)
    hours = tuple(
        WeeklyHours(int(weekday), _stretch(start, end), _day(since, date.min), _day(until, date.max), _room(room))
        for weekday, start, end, since, until, room in weekly
    )
    extra = (HoursOfDay(date.fromisoformat(day), _stretch(start, end), _room(room)) for day, start, end, room in other)
    return Week(hours) if hours else NO_HOURS, tuple(extra)
