"""What patients are mailed about their appointments, each mail with the appointment as a calendar entry.

Nothing is mailed about an appointment that has begun: who was there, or wasn't, knows more than a mail that comes
afterwards.
"""

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import Integer, bindparam, func, select

from clinic import clock, mail
from clinic.accounts.models import User
from clinic.db import AnyRow, built_once, session
from clinic.directory.models import Room
from clinic.mail import letters
from clinic.policy import Action, Actor, require
from clinic.scheduling.models import Appointment, AppointmentEvent
from clinic.scheduling.queries import appointment, appointment_rows, shaped
from clinic.scheduling.rows import AppointmentRow, RoomOfSlot


@dataclass(frozen=True)
class PriorSlot:
    """When and where an appointment was to be before it was changed; ``room`` has ``room_number`` and ``floor``."""

    date: date
    time: time
    room_id: int | None
    room: RoomOfSlot | None

    @classmethod
    def of(cls, appointment: Appointment) -> "PriorSlot":
        """Return when and where ``appointment`` is to be at present."""
        room = select(Room.room_number, Room.floor).where(Room.id == appointment.room_id)
        found = None if appointment.room_id is None else session().execute(room).one_or_none()
        place: RoomOfSlot | None = None if found is None else {"room_number": found.room_number, "floor": found.floor}
        return cls(appointment.appointment_date, appointment.appointment_time, appointment.room_id, place)


def is_mailed(appointment: AppointmentRow) -> bool:
    """Return whether a change of the appointment (an Appointment row) made now is mailed to its patient."""
    return appointment["patient"]["email"] is not None and not has_begun(appointment)


def has_begun(appointment: AppointmentRow) -> bool:
    """Return whether the appointment (an Appointment row) has begun or should have."""
    return appointment["starts_at"] <= clock.now()


#: An appointment with what a letter about it needs besides: the patient's language, and how often it was changed.
_LETTER = built_once(
    appointment_rows()
    .add_columns(
        select(User.language)
        .where(User.id == Appointment.patient_id)
        .correlate(Appointment)
        .scalar_subquery()
        .label("language"),
        select(func.count())
        .where(AppointmentEvent.appointment_id == Appointment.id)
        .correlate(Appointment)
        .scalar_subquery()
        .label("events"),
    )
    .where(Appointment.id == bindparam("appointment", type_=Integer))
)


def write_to_patient(appointment: Appointment, kind: str, actor: Actor, **context: object) -> AppointmentRow:
    """Queue the mail ``visit_<kind>`` to the patient in their language, and return the appointment in the actor's.

    ``by`` in the mail is who acted, None for the patient.
    """
    session().flush()
    row = session().execute(_LETTER, {"appointment": appointment.id}).one()
    _queue(row, kind, actor, **context)
    return shaped(row, actor.language)


def _queue(row: AnyRow, kind: str, actor: Actor, **context: object) -> None:
    language: str = row.language
    shown = shaped(row, language)
    if not is_mailed(shown):
        return
    by = None if actor.user_id == shown["patient"]["id"] else _name_of(actor, language)
    address = shown["patient"]["email"]
    changes = max(0, row.events - 1)
    mail.queue(
        f"visit_{kind}",
        to=address,
        language=language,
        context={"appointment": shown, "by": by, **context},
        calendar=lambda: _calendar_entry(shown, language, sequence=changes, invited=address),
    )


def _calendar_entry(row: AppointmentRow, language: str, *, sequence: int, invited: str | None = None) -> bytes:
    # Most server processes never write one, and what writes it is large.
    from clinic.scheduling.calendar_entry import calendar_entry  # noqa: PLC0415 - see above

    return calendar_entry(row, language, sequence=sequence, invited=invited)


def _name_of(actor: Actor, language: str) -> str:
    return actor.full_name if actor.doctor_id is None else letters.doctor_in(language, actor.full_name)


def calendar_file(actor: Actor | None, appointment_id: int) -> bytes:
    """Return one of the actor's appointments as an entry for their own calendar; ``NotFound`` if it is not theirs."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    found = appointment(actor, appointment_id)
    return _calendar_entry(found, actor.language, sequence=_changes_of(found["id"]))


def _changes_of(appointment_id: int) -> int:
    """Return how often the appointment was changed since it was booked, by its history: each change adds one line
    there."""
    lines = select(func.count()).where(AppointmentEvent.appointment_id == appointment_id)
    return max(0, session().scalars(lines).one() - 1)
