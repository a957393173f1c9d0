"""Whether a doctor's own day is another than it was: for a page that stays open and asks every few seconds. It reads no
name, so nothing is noted."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from hashlib import blake2s
from typing import NamedTuple

from sqlalchemy import Date, Integer, bindparam, select

from clinic.db import built_once, session
from clinic.policy import Action, Actor, not_allowed, require
from clinic.scheduling.calendar import Slot
from clinic.scheduling.models import Appointment
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.slots import board


class _Seen(NamedTuple):
    id: int
    at: time
    status: str
    updated_at: datetime


_APPOINTMENTS = built_once(
    select(Appointment.id, Appointment.appointment_time, Appointment.status, Appointment.updated_at).where(
        Appointment.doctor_id == bindparam("doctor", type_=Integer),
        Appointment.appointment_date == bindparam("day", type_=Date),
    )
)


def day_revision(appointments: Iterable[AppointmentRow], slots: Collection[Slot]) -> str:
    """Return a word that is another as soon as these appointments of a doctor's day, or its slots, are."""
    seen = (_Seen(row["id"], row["appointment_time"], row["status"], row["updated_at"]) for row in appointments)
    return _revision(seen, slots)


def own_day_revision(actor: Actor | None, on: date) -> str:
    """Return the ``day_revision`` that a doctor's own day has now."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if actor.doctor_id is None:
        raise not_allowed()
    rows = session().execute(_APPOINTMENTS, {"doctor": actor.doctor_id, "day": on})
    seen = [_Seen(*row) for row in rows]
    return _revision(seen, board([actor.doctor_id], doctor_id=actor.doctor_id, on=on, actor=actor).slots)


def _revision(seen: Iterable[_Seen], slots: Collection[Slot]) -> str:
    known = [
        *((each.id, each.at, str(each.status), each.updated_at.timestamp()) for each in sorted(seen)),
        *((slot.time, slot.reason and str(slot.reason)) for slot in slots),
    ]
    return blake2s(repr(known).encode(), digest_size=12).hexdigest()
