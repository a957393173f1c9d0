"""Allocating a slot and a room to an appointment: looked up for a clear message, decided by the partial unique
indexes."""

from datetime import date, time
from typing import assert_never

from sqlalchemy import Date, Integer, bindparam, or_, select
from sqlalchemy.exc import IntegrityError

from clinic import clock
from clinic.db import ClockTime, built_once, session, translate_violation
from clinic.errors import Conflict, InvalidInput, Text
from clinic.i18n import N_
from clinic.scheduling import free_rooms, slots
from clinic.scheduling.absences import Absences
from clinic.scheduling.bookable_doctors import BookableDoctor
from clinic.scheduling.calendar import OFF_GRID, SLOT_TIMES, Moment, SlotStatus, grid_of, why_unavailable
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
            raise InvalidInput.of({time_field: [N_("This time has passed.")]})
        case SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.AWAY | SlotStatus.CLOSED | None:
            # Who else has the time is asked once it is to be given away.
            pass
        case new:
            assert_never(new)


def allocate(appointment: Appointment, doctor: BookableDoctor, away: Absences, moment: Moment, *, field: str) -> None:
    """Give ``appointment`` the slot and a room, or refuse with ``slot_taken`` or ``patient_busy`` on ``field``.

    Looking first is for the friendly message and the choice of a room; the indexes decide. A violation undoes the
    savepoint and looks again: whoever won is visible by then.
    """
    if away.is_away(moment):
        raise Conflict(
            N_("The doctor is away at this time. Please choose another one."), code="slot_taken", field=field
        )
    refusal = _slot_taken(field)
    for attempt in range(ATTEMPTS):
        _refuse_if_taken(appointment, moment, field)
        # When others took every room that was tried, the appointment goes without one rather than not at all.
        room_id = _free_room(doctor, moment) if attempt < ATTEMPTS - 1 else None
        try:
            with session().begin_nested():
                appointment.appointment_date, appointment.appointment_time = moment.date, moment.time
                appointment.room_id = room_id
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


#: Whose appointments stand in the way of another one.
_CLASHES = built_once(
    select(Appointment.doctor_id, Appointment.patient_id).where(
        Appointment.appointment_date == bindparam("day", type_=Date),
        Appointment.appointment_time == bindparam("at", type_=ClockTime),
        Appointment.status != AppointmentStatus.CANCELLED,
        or_(
            Appointment.doctor_id == bindparam("doctor", type_=Integer),
            Appointment.patient_id == bindparam("patient", type_=Integer),
        ),
    )
)


def _refuse_if_taken(appointment: Appointment, moment: Moment, field: str) -> None:
    wanted = {
        "day": moment.date, "at": moment.time, "doctor": appointment.doctor_id, "patient": appointment.patient_id,
    }  # fmt: skip
    with session().no_autoflush:
        clashes = session().execute(_CLASHES, wanted).all()
    if any(row.doctor_id == appointment.doctor_id for row in clashes):
        raise _slot_taken(field)
    if clashes:
        raise _patient_busy(field)


def _free_room(doctor: BookableDoctor, moment: Moment) -> int | None:
    with session().no_autoflush:
        rooms = free_rooms.held_rooms_of_day(doctor.room_id, doctor.department["id"], moment.date)
    return next((room.id for room in rooms if moment.time not in room.taken), None)
