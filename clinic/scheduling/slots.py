"""Which times are free: the bookings that matter, read once, and handed to the pure calendar."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypedDict, assert_never

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, or_, select

from clinic import clock, settings
from clinic.db import AnyRow, AnySelect, built_once, session
from clinic.directory.for_domains import brief
from clinic.directory.rows import DepartmentBrief
from clinic.errors import Conflict, InvalidInput, NotFound, Text
from clinic.i18n import N_
from clinic.id_lists import among, id_list
from clinic.policy import Action, Actor, Reach, reach
from clinic.scheduling import calendar, holds
from clinic.scheduling.attendance import Attendance, attendance
from clinic.scheduling.bookable_doctors import bookable_doctor_on, check_department
from clinic.scheduling.calendar import AbsencesOfDay, DayAhead, FreeDay, Moment, Slot, Taken
from clinic.scheduling.calendar_models import SlotHold
from clinic.scheduling.free_rooms import beside_rooms_of_day, free_at, room_values, rooms_in
from clinic.scheduling.models import STANDS, Appointment
from clinic.scheduling.rows import SlotDoctor


@dataclass(frozen=True)
class DaySlots:
    """A doctor's day: every slot, with the doctor and, where it was asked for, the department."""

    date: date
    doctor: SlotDoctor
    department: DepartmentBrief | None
    slots: list[Slot]


def _clinic_now() -> datetime:
    return clock.local(clock.now())


def bookable_days() -> list[date]:
    """Return the days that can be booked now."""
    return calendar.bookable_days(clock.today(), settings.current().booking)


def last_day() -> date:
    """Return the last day that can be booked now."""
    return calendar.last_day(clock.today(), settings.current().booking)


def check_day(on: date, field: str) -> None:
    """Refuse a day that can't be booked: before today, or beyond the horizon (``InvalidInput`` on ``field``)."""
    if on < clock.today():
        raise InvalidInput.of({field: [N_("This day has passed.")]})
    if on > last_day():
        raise InvalidInput.of({field: [too_far()]})


def too_far() -> Text:
    """Return what is said of a day beyond the days that can be booked."""
    return Text(
        N_("Visits can be booked up to %(days)d days ahead."), {"days": settings.current().booking.horizon_days}
    )


def soonest_for(actor: Actor | None) -> datetime | None:
    """Return when a slot that ``actor`` books may start at the soonest, None for at any time: people who work here may."""
    hours = settings.current().booking.lead_hours
    if not hours or not (actor is None or actor.patient_id is not None):
        return None
    return clock.local(clock.now() + timedelta(hours=hours))


def too_soon(field: str) -> Conflict:
    """Return the refusal of a slot that starts sooner than patients may book."""
    hours = settings.current().booking.lead_hours
    message = N_(
        "Visits can be booked until %(hours)d hours before they start. Please choose another time, or call us."
    )
    return Conflict(message, code=str(calendar.SlotStatus.TOO_SOON), field=field, params={"hours": hours})


def _own_appointments_of(actor: Actor | None, patient_id: int | None = None) -> int | None:
    """Return the patient whose own appointments stand in the way: the actor, or ``patient_id`` for who books for
    anybody.

    Nobody else learns when a patient is busy.
    """
    if actor is None:
        return None
    found = reach(actor, Action.BOOK)
    match found:
        case None:
            return None
        case Reach.OWN:
            return actor.patient_id
        case Reach.ANY:
            return actor.patient_id if patient_id is None else patient_id
        case other:
            assert_never(other)


class InTheWay(TypedDict):
    """What the calendar's functions are told of one doctor: what is booked, by the patient who asks too, what closes days,
    and between which days and moments can be booked."""

    taken: Taken
    own: Taken
    away: AbsencesOfDay
    soonest: datetime | None
    last: date


@dataclass(frozen=True)
class Occupied:
    """What stands in the way of bookings: each doctor's appointments, hours and leave, and for whoever asks their own
    appointments and how soon they may book."""

    taken: dict[int, set[tuple[date, time]]]
    own: set[tuple[date, time]]
    attendance: dict[int, Attendance]
    soonest: datetime | None
    last: date

    def of(self, doctor_id: int) -> InTheWay:
        """Return what the calendar's functions are told of one doctor."""
        return {
            "taken": self.taken.get(doctor_id, set()),
            "own": self.own,
            "away": self.attendance[doctor_id].of_day,
            "soonest": self.soonest,
            "last": self.last,
        }


_patient, _doctor = (bindparam(name, type_=Integer) for name in ("patient", "doctor"))
_first, _last, _day = (bindparam(name, type_=Date) for name in ("first", "last", "day"))
_taken = select(
    Appointment.appointment_time,
    Appointment.appointment_date,
    Appointment.doctor_id,
    Appointment.patient_id,
).where(STANDS)


def _held(where: ColumnElement[bool]) -> AnySelect:
    return built_once(holds.held(SlotHold.appointment_time, SlotHold.appointment_date, SlotHold.doctor_id, where=where))


#: What is booked with some doctors, or held, and booked by one patient (0 for nobody).
_TAKEN = built_once(
    _taken.where(
        or_(among(Appointment.doctor_id, id_list("doctors")), Appointment.patient_id == _patient),
        Appointment.appointment_date.between(_first, _last),
    )
).union_all(
    _held(and_(among(SlotHold.doctor_id, id_list("doctors")), SlotHold.appointment_date.between(_first, _last)))
)
#: What is booked with one doctor and by one patient on a day, or held, and the rooms that a booking may get then. The doctor and the
#: day are compared as such, so that PostgreSQL plans it once: of a list and a span it can't know how long they are.
_TAKEN_WITH_ROOMS = beside_rooms_of_day(
    built_once(
        _taken.where(
            or_(Appointment.doctor_id == _doctor, Appointment.patient_id == _patient),
            Appointment.appointment_date == _day,
        )
    ),
    _held(and_(SlotHold.doctor_id == _doctor, SlotHold.appointment_date == _day)),
)


def _occupied(
    doctor_ids: Collection[int],
    days: Collection[date],
    *,
    actor: Actor | None = None,
    patient_id: int | None = None,
    moving: int | None = None,
) -> Occupied:
    """Read appointments, hours and leave of these days, in one select each; ``patient_id`` is whose appointments stand in the
    way too, ``moving`` an appointment for which slots may be held."""
    presence = attendance(doctor_ids, min(days), max(days))
    return read_occupied(presence, days, actor=actor, patient_id=patient_id, moving=moving)


def read_occupied(
    presence: dict[int, Attendance],
    days: Collection[date],
    *,
    actor: Actor | None = None,
    patient_id: int | None = None,
    moving: int | None = None,
) -> Occupied:
    """Return what stands in the way with the doctors of ``presence``, which was read for these days, in one select."""
    wanted = {"doctors": list(presence), "patient": patient_id or 0, "first": min(days), "last": max(days)}
    rows = session().execute(_TAKEN, wanted | holds.held_values(moving))
    return _occupied_by(rows, patient_id, presence, soonest_for(actor))


def occupied_besides(
    present: Moment, doctor_ids: Collection[int], days: Collection[date], *, actor: Actor, patient_id: int, moving: int
) -> Occupied:
    """Return what stands in the way of a patient's appointment ``moving``: not that it is at ``present`` itself, nor what is
    held for it."""
    occupied = _occupied(doctor_ids, days, actor=actor, patient_id=patient_id, moving=moving)
    occupied.own.discard(present)
    return occupied


def _occupied_by(
    rows: Iterable[AnyRow], patient_id: int | None, presence: dict[int, Attendance], soonest: datetime | None
) -> Occupied:
    taken: dict[int, set[tuple[date, time]]] = defaultdict(set)
    own = set()
    for at, day, doctor, patient, *_ in rows:
        moment = (day, at)
        taken[doctor].add(moment)
        if patient == patient_id:
            own.add(moment)
    return Occupied(taken, own, presence, soonest, last_day())


def day_slots(
    *, doctor_id: int, on: date, department_id: int | None = None, actor: Actor | None = None, lang: str = "en"
) -> DaySlots:
    """Return all slots of a doctor's day with the reason why one can't be booked (API, ``available-slots/``).

    For a signed-in patient their own appointments stand in the way too. ``InvalidInput`` on ``date`` outside the
    bookable days, on ``doctor_id`` if the doctor is not of ``department_id``; ``NotFound`` for an unknown or inactive
    doctor or department.
    """
    check_day(on, "date")
    doctor, presence = bookable_doctor_on(doctor_id, on, lang)
    if doctor is None:
        raise NotFound(N_("We can't find this doctor."), code="doctor_not_found")
    if department_id is not None:
        unknown = NotFound(N_("We can't find this department."), code="department_not_found")
        check_department(doctor, department_id, unknown=unknown)
    patient_id = _own_appointments_of(actor)
    wanted = {
        "doctor": doctor.id,
        "patient": patient_id or 0,
        **holds.held_values(),
        **room_values(doctor.room_id, doctor.department["id"], on),
    }
    rows = session().execute(_TAKEN_WITH_ROOMS, wanted).all()
    rooms = rooms_in(rows)
    booked = (row for row in rows if row.doctor_id is not None)
    occupied = _occupied_by(booked, patient_id, {doctor.id: presence}, soonest_for(actor))

    def room(at: time) -> str | None:
        found = free_at(rooms, at, presence.room_at(Moment(on, at)) if presence.names_rooms else None)
        return None if found is None else found.number

    return DaySlots(
        on,
        {"id": doctor.id, "full_name": doctor.full_name, "specialization": doctor.specialization},
        brief(doctor.department) if department_id is not None else None,
        calendar.day_slots(on, now=_clinic_now(), room=room, **occupied.of(doctor.id)),
    )


def free_days(doctor_id: int, *, actor: Actor | None = None) -> list[FreeDay]:
    """Return every bookable day with the number of times that are free with a doctor."""
    days = bookable_days()
    occupied = _occupied([doctor_id], days, actor=actor, patient_id=_own_appointments_of(actor))
    return calendar.free_days(days, now=_clinic_now(), **occupied.of(doctor_id))


def next_free(doctor_ids: Collection[int], *, count: int = 1) -> dict[int, list[Moment]]:
    """Return the next ``count`` free times of each doctor, in one select for all of them."""
    if not doctor_ids:
        return {}
    days, now = bookable_days(), _clinic_now()
    occupied = _occupied(doctor_ids, days)
    return {
        doctor_id: calendar.soonest(calendar.free_moments(days, now=now, **occupied.of(doctor_id)), count)
        for doctor_id in doctor_ids
    }


def next_days(doctor_ids: Collection[int], *, days: int, times: int) -> dict[int, list[DayAhead]]:
    """Return the first ``times`` free times of each doctor on each of the next ``days`` days, in one select for all.

    A day on which nobody of them has a free time is left out: the clinic may be closed.
    """
    if not doctor_ids:
        return {}
    near = _near(days)
    return _days_ahead(_occupied(doctor_ids, near), doctor_ids, near, days, times)


def _near(days: int) -> list[date]:
    """Return the next days, as far as so many that are open may lie apart."""
    return bookable_days()[: days * 3]


def _days_ahead(
    occupied: Occupied, doctor_ids: Collection[int], near: Sequence[date], days: int, times: int
) -> dict[int, list[DayAhead]]:
    now = _clinic_now()
    free = {doctor_id: calendar.free_by_day(near, now=now, **occupied.of(doctor_id)) for doctor_id in doctor_ids}
    shown = [day for day in near if any(of_doctor[day] for of_doctor in free.values())][:days]
    return {
        doctor_id: [DayAhead(day, of_doctor[day][:times]) for day in shown] for doctor_id, of_doctor in free.items()
    }


@dataclass(frozen=True)
class FreeSoon:
    """A doctor's next free time, and the days to come as ``next_days`` has them."""

    next_free: Moment
    days: list[DayAhead]


def free_soonest(doctor_ids: Sequence[int], *, most: int, days: int, times: int) -> dict[int, FreeSoon]:
    """Return ``most`` of these doctors, who are free soonest, in that order; of two who are so at once the first one.

    In one select for all, unless too few of them are free in the days to come.
    """
    if not doctor_ids:
        return {}
    near = _near(days)
    occupied = _occupied(doctor_ids, near)
    first = _first_free(occupied, doctor_ids, near)
    if len(first) < min(most, len(doctor_ids)):
        horizon = bookable_days()
        occupied = _occupied(doctor_ids, horizon)
        first = _first_free(occupied, doctor_ids, horizon)
    soonest = sorted(first, key=first.__getitem__)[:most]
    ahead = _days_ahead(occupied, soonest, near, days, times)
    return {doctor_id: FreeSoon(first[doctor_id], ahead[doctor_id]) for doctor_id in soonest}


def _first_free(occupied: Occupied, doctor_ids: Collection[int], days: Sequence[date]) -> dict[int, Moment]:
    """Return the first free time in ``days`` of each doctor who has one."""
    now = _clinic_now()
    first = {each: next(calendar.free_moments(days, now=now, **occupied.of(each)), None) for each in doctor_ids}
    return {doctor_id: moment for doctor_id, moment in first.items() if moment is not None}


def nearest_free(
    *,
    doctor_id: int,
    on: date,
    at: time,
    actor: Actor | None = None,
    patient_id: int | None = None,
    moving: int | None = None,
    count: int = 3,
) -> list[Moment]:
    """Return the ``count`` free times of a doctor that are nearest to the one asked for, in the order of time.

    ``patient_id`` is whom the office books for, ``moving`` the appointment that is to be moved.
    """
    days, patient_id = bookable_days(), _own_appointments_of(actor, patient_id)
    occupied = _occupied([doctor_id], days, actor=actor, patient_id=patient_id, moving=moving)
    moments = calendar.free_moments(days, now=_clinic_now(), **occupied.of(doctor_id))
    return calendar.nearest(moments, Moment(on, at), count)


@dataclass(frozen=True)
class Board:
    """What the booking page shows of the calendar: each doctor's next free time, one doctor's days and day."""

    next_free: dict[int, Moment | None]
    days: list[FreeDay]
    slots: list[Slot]


def board(
    doctor_ids: Collection[int],
    *,
    doctor_id: int | None = None,
    on: date | None = None,
    actor: Actor | None = None,
    patient_id: int | None = None,
    moving: int | None = None,
) -> Board:
    """Return the next free time of each doctor, the days of one of them and the slots of one day, in one select.

    A patient's own appointments stand in the way, those of ``patient_id`` where the office books for them; slots that are
    held for the appointment ``moving`` don't.
    The slots name no room. Without a doctor there are no days, without a bookable day no slots.
    """
    days = bookable_days()
    if not doctor_ids:
        return Board({}, [], [])
    patient_id = _own_appointments_of(actor, patient_id)
    occupied = _occupied(doctor_ids, days, actor=actor, patient_id=patient_id, moving=moving)
    now = _clinic_now()
    next_times = {each: next(calendar.free_moments(days, now=now, **occupied.of(each)), None) for each in doctor_ids}
    if doctor_id is None:
        return Board(next_times, [], [])
    mine = occupied.of(doctor_id)
    slots = calendar.day_slots(on, now=now, **mine) if on in days else []
    return Board(next_times, calendar.free_days(days, now=now, **mine), slots)
