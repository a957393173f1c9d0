"""Rooms for appointments: which a booking may get, which are in use, and keeping one from being switched off."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time

from sqlalchemy import case, or_, select

from clinic.db import holding, row_id, session
from clinic.directory.models import Doctor, Room
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment


def rooms_in_order(own_room_id: int | None, department_id: int) -> list[tuple[int, str]]:
    """Return (id, number) of the active rooms that a booking may get, best first.

    The doctor's own, then those of the department by floor and number, rooms that are no doctor's own first
    (API, ``POST appointments/``).
    """
    others = select(Doctor.room_id).where(Doctor.room_id.is_not(None))
    rank = case((Room.id == (own_room_id or 0), 0), (Room.id.in_(others), 2), else_=1)
    rows = session().execute(
        select(Room.id, Room.room_number)
        .where(Room.is_active, or_(Room.id == (own_room_id or 0), Room.department_id == department_id))
        .order_by(rank, Room.floor, Room.room_number, Room.id)
    )
    return [(row.id, row.room_number) for row in rows]


def hold_room(room_id: int) -> bool:
    """Keep a room from being switched off until the present transaction ends; False if it is off already.

    Nothing is flushed: an appointment that is to get the room may stand half-made in the session.
    """
    active = select(Room.id).where(Room.id == row_id(room_id), Room.is_active)
    with session().no_autoflush:
        return session().execute(holding(active)).first() is not None


def rooms_taken(room_ids: Iterable[int], on: date) -> dict[time, set[int]]:
    """Return which of the rooms are in use on a day, by time."""
    rows = session().execute(
        select(Appointment.room_id, Appointment.appointment_time).where(
            Appointment.room_id.in_(list(room_ids)),
            Appointment.appointment_date == on,
            Appointment.status != AppointmentStatus.CANCELLED,
        )
    )
    taken: dict[time, set[int]] = defaultdict(set)
    for row in rows:
        taken[row.appointment_time].add(row.room_id)
    return taken
