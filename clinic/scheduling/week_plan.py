"""A doctor's week and month to plan by: the visits, what closes each day and why, and how much of it is free."""

from calendar import Calendar
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from itertools import pairwise

from sqlalchemy import Date, Integer, bindparam, func, select

from clinic import clock
from clinic.db import AnySelect, built_once, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, Reach, Role, granted, not_allowed, require
from clinic.scheduling import calendar
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar import HOURS, SLOT_TIMES, Moment, SlotStatus
from clinic.scheduling.closures import closures_between
from clinic.scheduling.day_frame import closed_times
from clinic.scheduling.models import STANDS, Appointment
from clinic.scheduling.queries import between
from clinic.scheduling.rows import AppointmentRow, ClosureRow
from clinic.scheduling.scope import limited_as, scope_of
from clinic.scheduling.slots import read_occupied
from clinic.scheduling.spans import Span

DAYS_OF_WEEK = 7
#: The last day of the last month that can be shown: the weeks of the next one would have days of the year 10000.
LAST_MONTH = date(9999, 11, 30)


@dataclass(frozen=True)
class ClosedBlock:
    """Times of a day without a gap at which nobody is seen, for one reason: until when, how many slots, and of a closure
    its name."""

    reason: SlotStatus
    end: time
    slots: int
    name: str | None = None


@dataclass(frozen=True)
class DayOutline:
    """A day of a doctor before its visits are named: the times ``closed`` by why, those to come that are ``open`` for a
    visit, those ``held`` for one that is to be moved there, and whether the day can be booked."""

    date: date
    closed: Mapping[time, SlotStatus]
    open: Collection[time]
    held: Collection[time]
    bookable: bool
    closures: Sequence[ClosureRow]

    @property
    def capacity(self) -> int:
        """How many visits there is time for."""
        return len(SLOT_TIMES) - len(self.closed)

    @property
    def free(self) -> int | None:
        """How many times can be booked; None where the day can't."""
        return len(self.open) if self.bookable else None

    @property
    def away(self) -> frozenset[time]:
        """The times that leave closes."""
        return frozenset(at for at, reason in self.closed.items() if reason is SlotStatus.AWAY)

    @property
    def closed_all_day(self) -> SlotStatus | None:
        """Why nobody is seen on the whole day: by what closes most of it; None if somebody may be."""
        if len(self.closed) < len(SLOT_TIMES):
            return None
        [(reason, _slots)] = Counter(self.closed.values()).most_common(1)
        return reason

    @property
    def blocks(self) -> dict[time, ClosedBlock]:
        """The closed times that follow each other, by the time at which each block starts."""
        return self._blocks(())

    def _blocks(self, booked: Collection[time]) -> dict[time, ClosedBlock]:
        blocks: dict[time, ClosedBlock] = {}
        start: time | None = None
        for at, end in pairwise(HOURS):
            reason = self.closed.get(at)
            if reason is None or at in booked:
                start = None
                continue
            if start is None or blocks[start].reason is not reason:
                start = at
                blocks[start] = ClosedBlock(reason, end, 1, self._closure_at(at, reason))
            else:
                blocks[start] = replace(blocks[start], end=end, slots=blocks[start].slots + 1)
        return blocks

    def _closure_at(self, at: time, reason: SlotStatus) -> str | None:
        if reason is not SlotStatus.CLOSED:
            return None
        return next((row["name"] for row in self.closures if _span(row).covers(Moment(self.date, at))), None)


@dataclass(frozen=True)
class DayPlan(DayOutline):
    """A day of a doctor's week, with its visits by time."""

    appointments: dict[time, AppointmentRow]

    @property
    def blocks(self) -> dict[time, ClosedBlock]:
        """The closed times that follow each other without a visit, by the time at which each block starts."""
        return self._blocks(self.appointments)


@dataclass(frozen=True)
class MonthDay(DayOutline):
    """A day on a page of a month, with the number of its appointments; ``outside`` belongs to the month before or after."""

    appointment_count: int
    outside: bool

    @property
    def closure(self) -> str | None:
        """The name of the closure, where one closes most of the whole day."""
        if self.closed_all_day is not SlotStatus.CLOSED:
            return None
        return next((block.name for block in self.blocks.values() if block.name), None)

    @property
    def interruptions(self) -> dict[time, ClosedBlock]:
        """What closes a part of the day besides its hours, by the time at which it starts; nothing where all is closed."""
        if self.closed_all_day:
            return {}
        return {at: block for at, block in self.blocks.items() if block.reason is not SlotStatus.OFF_HOURS}


def _span(row: ClosureRow) -> Span:
    return Span(row["first_day"], row["last_day"], row["from_time"], row["to_time"])


def _whose(actor: Actor, doctor_id: int | None) -> int:
    """Return whose days are meant: the actor's own, or those of ``doctor_id`` for who sees everybody's."""
    if doctor_id is not None and granted(actor, Action.SEE_APPOINTMENT) is Reach.ANY:
        return doctor_id
    if actor.doctor_id is None:
        raise not_allowed()
    if doctor_id not in (None, actor.doctor_id):
        raise NotFound(N_("We can't find this doctor."))
    return actor.doctor_id


def _outlines(actor: Actor, doctor_id: int, days: Sequence[date]) -> Iterator[DayOutline]:
    presence = attendance([doctor_id], days[0], days[-1])
    known, today, now = read_occupied(presence, days, actor=actor), clock.today(), clock.local(clock.now())
    named = closures_between(days[0], days[-1], lang=actor.language)
    # Leave is entered for days beyond the horizon, too.
    in_the_way = replace(known, last=date.max).of(doctor_id)
    for on in days:
        why = {slot.time: slot.reason for slot in calendar.day_slots(on, now=now, **in_the_way)}
        yield DayOutline(
            on,
            closed_times(presence[doctor_id].frame(on)),
            frozenset(at for at, reason in why.items() if reason is None),
            frozenset(at for at, reason in why.items() if reason is SlotStatus.TAKEN),
            today <= on <= known.last,
            [row for row in named if row["first_day"] <= on <= row["last_day"]],
        )


def week(actor: Actor | None, first: date, *, days: int = DAYS_OF_WEEK, doctor_id: int | None = None) -> list[DayPlan]:
    """Return a doctor's days from ``first`` on, with the appointments that are not cancelled: a doctor's own, or those of
    ``doctor_id`` for the office."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    whose = _whose(actor, doctor_id)
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    appointments: dict[date, dict[time, AppointmentRow]] = {on: {} for on in dates}
    for row in between(actor, dates[0], dates[-1], doctor_id=whose):
        appointments[row["appointment_date"]][row["appointment_time"]] = row
    return [
        DayPlan(
            day.date,
            day.closed,
            day.open,
            frozenset(day.held).difference(appointments[day.date]),
            day.bookable,
            day.closures,
            appointments[day.date],
        )
        for day in _outlines(actor, whose, dates)
    ]


def month(actor: Actor | None, on: date, *, doctor_id: int | None = None) -> list[list[MonthDay]]:
    """Return the weeks, from Monday on, of the month in which ``on`` lies, of a doctor as ``week`` does."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    whose = _whose(actor, doctor_id)
    shown = min(on, LAST_MONTH)
    weeks = Calendar().monthdatescalendar(shown.year, shown.month)
    wanted = {"actor": actor.user_id, "doctor": whose, "first": weeks[0][0], "last": weeks[-1][-1]}
    query = _appointments_by_day(limited_as(actor, Action.SEE_APPOINTMENT))
    counts = {row.appointment_date: row.appointment_count for row in session().execute(query, wanted)}
    outlines = _outlines(actor, whose, [on for days in weeks for on in days])
    return [[_of_month(next(outlines), counts, shown.month) for _on in days] for days in weeks]


def _of_month(day: DayOutline, counts: Mapping[date, int], month_shown: int) -> MonthDay:
    return MonthDay(
        day.date,
        day.closed,
        day.open,
        day.held,
        day.bookable,
        day.closures,
        counts.get(day.date, 0),
        day.date.month != month_shown,
    )


@cache
def _appointments_by_day(limited: Role | None) -> AnySelect:
    return built_once(
        select(Appointment.appointment_date, func.count().label("appointment_count"))
        .where(
            STANDS,
            Appointment.doctor_id == bindparam("doctor", type_=Integer),
            Appointment.appointment_date.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            *scope_of(limited),
        )
        .group_by(Appointment.appointment_date)
    )
