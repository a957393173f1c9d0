"""What patients are mailed about their visits, each mail with the visit as a calendar entry.

Nothing is mailed about a visit that has begun: who was there, or wasn't, knows more than a mail that comes afterwards.
"""

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import func, select

from clinic import clock, mail
from clinic.accounts.models import User
from clinic.db import session
from clinic.directory.models import Room
from clinic.policy import Action, Actor, require
from clinic.scheduling.calendar_entry import calendar_entry
from clinic.scheduling.models import Appointment, AppointmentEvent
from clinic.scheduling.queries import appointment, row_of
from clinic.scheduling.rows import AppointmentRow, RoomOfSlot


@dataclass(frozen=True)
class PriorSlot:
    """When and where a visit was to be before it was changed; ``room`` has ``room_number`` and ``floor``."""

    date: date
    time: time
    room_id: int | None
    room: RoomOfSlot | None

    @classmethod
    def of(cls, visit: Appointment) -> "PriorSlot":
        """Return when and where ``visit`` is to be at present."""
        room = select(Room.room_number, Room.floor).where(Room.id == visit.room_id)
        found = None if visit.room_id is None else session().execute(room).one_or_none()
        place: RoomOfSlot | None = None if found is None else {"room_number": found.room_number, "floor": found.floor}
        return cls(visit.appointment_date, visit.appointment_time, visit.room_id, place)


def is_mailed(visit: AppointmentRow) -> bool:
    """Tell whether a change of the visit (an Appointment row) made now is mailed to its patient."""
    return visit["patient"]["email"] is not None and not has_begun(visit)


def has_begun(visit: AppointmentRow) -> bool:
    """Tell whether the visit (an Appointment row) has begun or should have."""
    return visit["starts_at"] <= clock.now()


def write_to_patient(visit: Appointment, kind: str, actor: Actor, **context: object) -> None:
    """Queue the mail ``visit_<kind>`` to the patient in their language; ``by`` is who acted, None for the patient."""
    session().flush()
    language = session().scalars(select(User.language).where(User.id == visit.patient_id)).one()
    shown = row_of(visit.id, language)
    if not is_mailed(shown):
        return
    by = None if actor.user_id == visit.patient_id else actor.full_name
    address = shown["patient"]["email"]
    changes = _changes_of(visit.id)
    mail.queue(
        f"visit_{kind}",
        to=address,
        language=language,
        context={"visit": shown, "by": by, **context},
        calendar=lambda: calendar_entry(shown, language, sequence=changes, invited=address),
    )


def calendar_file(actor: Actor | None, appointment_id: int) -> bytes:
    """Return one of the actor's visits as an entry for their own calendar; ``NotFound`` if it is not theirs."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    visit = appointment(actor, appointment_id)
    return calendar_entry(visit, actor.language, sequence=_changes_of(visit["id"]))


def _changes_of(appointment_id: int) -> int:
    """Return how often the visit was changed since it was booked, by its history: each change adds one line there."""
    lines = select(func.count()).where(AppointmentEvent.appointment_id == appointment_id)
    return max(0, session().scalars(lines).one() - 1)
