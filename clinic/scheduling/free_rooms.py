"""Rooms for appointments: which a booking may get, which are in use, and keeping one from being switched off."""

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import Date, Integer, bindparam, case, or_, select

from clinic.db import AnySelect, built_once, holding, row_id, session
from clinic.directory.models import Doctor, Room
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment


@dataclass(frozen=True)
class DayOfRoom:
    """A room that a booking may get, and at which times of a day it is in use."""

    id: int
    number: str
    taken: frozenset[time]


_others = select(Doctor.room_id).where(Doctor.room_id.is_not(None))
_own = Room.id == bindparam("own_room", type_=Integer)
_ROOMS_OF_DAY = (
    select(Room.id, Room.room_number, Appointment.appointment_time)
    .outerjoin(
        Appointment,
        (Appointment.room_id == Room.id)
        & (Appointment.appointment_date == bindparam("day", type_=Date))
        & (Appointment.status != AppointmentStatus.CANCELLED),
    )
    .where(Room.is_active, or_(_own, Room.department_id == bindparam("department", type_=Integer)))
    .order_by(case((_own, 0), (Room.id.in_(_others), 2), else_=1), Room.floor, Room.room_number, Room.id)
)

_SEEN_ROOMS_OF_DAY = built_once(_ROOMS_OF_DAY)
_HELD_ROOMS_OF_DAY = built_once(_ROOMS_OF_DAY.with_for_update(read=True, key_share=True, of=Room))


def rooms_of_day(own_room_id: int | None, department_id: int, on: date) -> list[DayOfRoom]:
    """Return the active rooms that a booking may get, best first, each with its day.

    The doctor's own, then those of the department by floor and number, rooms that are no doctor's own first
    (API, ``POST appointments/``).
    """
    return _read(_SEEN_ROOMS_OF_DAY, own_room_id, department_id, on)


def held_rooms_of_day(own_room_id: int | None, department_id: int, on: date) -> list[DayOfRoom]:
    """Return the same, and keep the rooms from being switched off until the present transaction ends."""
    return _read(_HELD_ROOMS_OF_DAY, own_room_id, department_id, on)


def _read(select_rooms: AnySelect, own_room_id: int | None, department_id: int, on: date) -> list[DayOfRoom]:
    wanted = {"own_room": own_room_id or 0, "department": department_id, "day": on}
    taken: dict[tuple[int, str], set[time]] = {}
    for room_id, number, at in session().execute(select_rooms, wanted).all():
        times = taken.setdefault((room_id, number), set())
        if at is not None:
            times.add(at)
    return [DayOfRoom(*room, frozenset(times)) for room, times in taken.items()]


def hold_room(room_id: int) -> bool:
    """Keep a room from being switched off until the present transaction ends; False if it is off already.

    Nothing is flushed: an appointment that is to get the room may stand half-made in the session.
    """
    active = select(Room.id).where(Room.id == row_id(room_id), Room.is_active)
    with session().no_autoflush:
        return session().execute(holding(active)).first() is not None
