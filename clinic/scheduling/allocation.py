"""Allocating a slot and a room to an appointment: looked up for a clear message, decided by the partial unique
indexes."""

from datetime import date, datetime, time
from typing import assert_never

from sqlalchemy import Date, Integer, and_, bindparam, or_, select
from sqlalchemy.exc import IntegrityError

from clinic import clock
from clinic.db import ClockTime, built_once, session, translate_violation
from clinic.errors import Conflict, DomainError, InvalidInput, Text
from clinic.i18n import N_
from clinic.scheduling import free_rooms, holds, slots
from clinic.scheduling.attendance import Attendance
from clinic.scheduling.bookable_doctors import BookableDoctor
from clinic.scheduling.calendar import OFF_GRID, SLOT_TIMES, Moment, SlotStatus, grid_of, why_unavailable
from clinic.scheduling.calendar_models import SlotHold
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment

#: How often a booking looks for another room when somebody took the one it chose in the same moment.
ATTEMPTS = 8
_SLOT_INDEXES = ("uq_appointments_doctor_slot", "uq_appointments_patient_slot", "uq_appointments_room_slot")


def _slot_taken(field: str) -> Conflict:
    return Conflict(N_("This time has just been taken. Please choose another one."), code="slot_taken", field=field)


def _patient_busy(field: str) -> Conflict:
    return Conflict(N_("This patient already has another visit at this time."), code="patient_busy", field=field)


def check_moment(on: date, at: time, *, date_field: str, time_field: str) -> None:
    """Refuse a moment that nobody could book: outside the days, off the grid, begun."""
    slots.check_day(on, date_field)
    if at not in SLOT_TIMES:
        raise InvalidInput.of({time_field: [Text(OFF_GRID, grid_of(SLOT_TIMES))]})
    match why_unavailable(Moment(on, at), now=clock.local(clock.now()), taken=()):
        case SlotStatus.PAST:
            raise _passed(time_field)
        case (
            SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.AWAY | SlotStatus.CLOSED
            | SlotStatus.OFF_HOURS | SlotStatus.TOO_SOON | SlotStatus.TOO_FAR | None
        ):  # fmt: skip
            # Who else has the time is asked once it is to be given away, and so is what closes it.
            pass
        case new:
            assert_never(new)


def _passed(field: str) -> InvalidInput:
    return InvalidInput.of({field: [N_("This time has passed.")]})


def allocate(
    appointment: Appointment,
    doctor: BookableDoctor,
    presence: Attendance,
    moment: Moment,
    *,
    field: str,
    soonest: datetime | None = None,
) -> None:
    """Give ``appointment`` the doctor's slot and a room, or refuse on ``field``: with ``slot_taken`` or ``patient_busy``, else with
    ``closed``, ``off_hours`` or ``too_soon``.

    Looking first is for the friendly message and the choice of a room; the indexes decide who gets it. A violation undoes
    the savepoint and looks again: whoever won is visible by then. ``presence`` was read with the doctor's row held, and
    ``soonest`` is when the slot may start for who books (``slots.soonest_for``).
    """
    refusal = _slot_taken(field)
    for attempt in range(ATTEMPTS):
        clash = _clash(appointment, doctor.id, moment, field)
        closed = _why_closed(presence, moment, soonest, field) if attempt == 0 else None
        # That nobody can have it comes first, then what is only about this patient.
        if closed is not None and (clash is None or closed.code == refusal.code != clash.code):
            raise closed
        if clash is not None:
            raise clash
        # When others took every room that was tried, the appointment goes without one rather than not at all.
        room_id = _free_room(appointment, doctor, presence, moment) if attempt < ATTEMPTS - 1 else None
        try:
            with session().begin_nested():
                appointment.appointment_date, appointment.appointment_time = moment.date, moment.time
                appointment.doctor_id, appointment.room_id = doctor.id, room_id
                session().add(appointment)
                session().flush()
        except IntegrityError as error:
            if translate_violation(error) not in _SLOT_INDEXES:
                raise
            if translate_violation(error) == "uq_appointments_patient_slot":
                refusal = _patient_busy(field)
        else:
            return
    raise refusal


def _why_closed(presence: Attendance, moment: Moment, soonest: datetime | None, field: str) -> DomainError | None:
    """Return the refusal of a slot that nobody has, but that can't be booked all the same; None if it can."""
    now = clock.local(clock.now())
    reason = why_unavailable(moment, now=now, taken=(), away=presence.of_day, soonest=soonest)
    match reason:
        case None | SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.TOO_FAR:
            return None  # ``check_moment`` has refused what is too far
        case SlotStatus.PAST:
            return _passed(field)
        case SlotStatus.AWAY:
            message, code = N_("The doctor is away at this time. Please choose another one."), "slot_taken"
        case SlotStatus.CLOSED:
            message, code = N_("The clinic is closed at this time. Please choose another one."), str(reason)
        case SlotStatus.OFF_HOURS:
            message, code = N_("The doctor doesn't see patients at this time. Please choose another one."), str(reason)
        case SlotStatus.TOO_SOON:
            return slots.too_soon(field)
        case new:
            assert_never(new)
    return Conflict(message, code=code, field=field)


_at = bindparam("at", type_=ClockTime)
_day = bindparam("day", type_=Date)
_doctor = bindparam("doctor", type_=Integer)
#: Whose appointments stand in the way of another one, which is ``held_for`` or none yet, and whether the slot is held.
_CLASHES = built_once(
    select(Appointment.doctor_id, Appointment.patient_id).where(
        Appointment.appointment_date == _day,
        Appointment.appointment_time == _at,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.id != bindparam("held_for", type_=Integer),
        or_(
            Appointment.doctor_id == _doctor,
            Appointment.patient_id == bindparam("patient", type_=Integer),
        ),
    )
).union_all(
    built_once(
        holds.held(
            SlotHold.doctor_id,
            where=and_(
                SlotHold.doctor_id == _doctor, SlotHold.appointment_date == _day, SlotHold.appointment_time == _at
            ),
        )
    )
)


def _clash(appointment: Appointment, doctor_id: int, moment: Moment, field: str) -> Conflict | None:
    """Return the refusal of a slot that is taken or held, or at whose time the patient is elsewhere; None if it is free."""
    wanted = {
        "day": moment.date, "at": moment.time, "doctor": doctor_id, "patient": appointment.patient_id,
        **holds.held_values(appointment.id),
    }  # fmt: skip
    with session().no_autoflush:
        clashes = session().execute(_CLASHES, wanted).all()
    if any(row.doctor_id == doctor_id for row in clashes):
        return _slot_taken(field)
    return _patient_busy(field) if clashes else None


def _free_room(appointment: Appointment, doctor: BookableDoctor, presence: Attendance, moment: Moment) -> int | None:
    with session().no_autoflush:
        rooms = free_rooms.held_rooms_of_day(
            doctor.room_id, doctor.department["id"], moment.date, for_appointment=appointment.id
        )
    room = free_rooms.free_at(rooms, moment.time, presence.room_at(moment))
    return None if room is None else room.id
