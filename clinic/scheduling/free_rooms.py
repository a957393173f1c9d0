"""Rooms for appointments: which a booking may get, which are in use, and keeping one from being switched off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    bindparam,
    case,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute

from clinic.db import AnyRow, AnySelect, built_once, holding, row_id, session
from clinic.directory.models import Doctor, Room
from clinic.scheduling.models import STANDS, Appointment

_Union = CompoundSelect[*tuple[Any, ...]]


@dataclass(frozen=True)
class DayOfRoom:
    """A room that a booking may get, and at which times of a day it is in use."""

    id: int
    number: str
    taken: frozenset[time]


_others = select(Doctor.room_id).where(Doctor.room_id.is_not(None))
_own = Room.id == bindparam("own_room", type_=Integer)
#: Of the rooms that a booking may get, the doctor's own is the best, one that is no doctor's own is better than one that is.
_PREFERENCE = case((_own, 0), (Room.id.in_(_others), 2), else_=1)


def _rooms_of_day(
    *columns: ColumnElement[Any] | InstrumentedAttribute[Any], in_the_way: ColumnElement[bool] = STANDS
) -> AnySelect:
    """Return the select of ``columns`` of the rooms that a booking may get, a row for each appointment of the day or one."""
    on_day = Appointment.appointment_date == bindparam("day", type_=Date)
    of_day = (Appointment.room_id == Room.id) & on_day & in_the_way
    return (
        select(*columns)
        .select_from(Room)
        .outerjoin(Appointment, of_day)
        .where(Room.is_active, or_(_own, Room.department_id == bindparam("department", type_=Integer)))
    )


_HELD_ROOMS_OF_DAY = built_once(
    _rooms_of_day(
        Room.id,
        Room.room_number,
        Appointment.appointment_time,
        in_the_way=STANDS & (Appointment.id != bindparam("for_appointment", type_=Integer)),
    )
    .order_by(_PREFERENCE, Room.floor, Room.room_number, Room.id)
    .with_for_update(read=True, key_share=True, of=Room)
)


def beside_rooms_of_day(*others: AnySelect) -> _Union:
    """Return the select of the rooms that a booking may get, best first, and of ``others``, in one statement.

    Of a room and of the time of an appointment in it come ``room_id``, ``room_number`` and ``appointment_time``, of ``others``,
    which have the same columns, their own, ``appointment_time`` first; what the others have is None in either.
    """
    rest = list(others[0].selected_columns)[1:]
    order = (_PREFERENCE.label("preference"), Room.floor, Room.room_number, Room.id.label("room_id"))
    rooms = built_once(_rooms_of_day(Appointment.appointment_time, *map(_nothing, rest), *order))
    theirs = [each.with_only_columns(*each.selected_columns, *map(_nothing, order)) for each in others]
    return rooms.union_all(*theirs).order_by(*(each.key for each in order))


def _nothing(column: Any) -> ColumnElement[Any]:
    """Return what stands in the place of a column: SQLite's values are read by the types of the first select."""
    return type_coerce(null(), column.type).label(column.key)


def rooms_in(rows: Iterable[AnyRow]) -> list[DayOfRoom]:
    """Return the rooms of ``beside_rooms_of_day`` with their day, best first.

    The doctor's own, then those of the department by floor and number, rooms that are no doctor's own first
    (API, ``POST appointments/``).
    """
    return _days_of((row.room_id, row.room_number, row.appointment_time) for row in rows if row.room_id is not None)


def held_rooms_of_day(
    own_room_id: int | None, department_id: int, on: date, *, for_appointment: int | None = None
) -> list[DayOfRoom]:
    """Return the rooms that a booking may get, as ``rooms_in``, and keep them from being switched off until the present
    transaction ends. A room that only the appointment itself has is free for it."""
    wanted = {**room_values(own_room_id, department_id, on), "for_appointment": for_appointment or 0}
    return _days_of(session().execute(_HELD_ROOMS_OF_DAY, wanted))


def free_at(rooms: Iterable[DayOfRoom], at: time, wanted_id: int | None) -> DayOfRoom | None:
    """Return the best of ``rooms`` that is free at a time: the one of ``wanted_id`` before all others; None if none is."""
    if wanted_id is not None:
        rooms = sorted(rooms, key=lambda room: room.id != wanted_id)
    return next((room for room in rooms if at not in room.taken), None)


def room_values(own_room_id: int | None, department_id: int, on: date) -> dict[str, object]:
    """Return the values of the parameters: which rooms a booking with a doctor may get on a day."""
    return {"own_room": own_room_id or 0, "department": department_id, "day": on}


def _days_of(rows: Iterable[Iterable[Any]]) -> list[DayOfRoom]:
    taken: dict[tuple[int, str], set[time]] = {}
    for room_id, number, at in rows:
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
