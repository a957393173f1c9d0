"""What patients are mailed about their appointments, each mail with the appointment as a calendar entry.

A letter tells what was done, as it was then, and is written when it leaves (``clinic.mail``).
Nothing is mailed about an appointment that has begun: who was there, or wasn't, knows more than a mail that comes
afterwards.
"""

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Integer, bindparam, func, select

from clinic import clock, mail
from clinic.accounts.models import User
from clinic.db import AnyRow, built_once, session
from clinic.directory.models import Room
from clinic.mail import letters
from clinic.policy import Action, Actor, require
from clinic.scheduling.appointment_facts import AppointmentFacts, RoomFacts, SlotFacts
from clinic.scheduling.models import Appointment, AppointmentEvent
from clinic.scheduling.queries import appointment, appointment_rows, shaped
from clinic.scheduling.rows import AppointmentRow


@dataclass(frozen=True)
class AppointmentChangeFacts:
    """What a letter tells of a change of an appointment."""

    appointment: AppointmentFacts
    #: Who made it, None for the patient.
    by: str | None
    reason: str | None
    #: When and where it was to be before.
    earlier: SlotFacts | None


AppointmentLetter: TypeAlias = mail.LetterKind[AppointmentChangeFacts]


def _entry(facts: AppointmentChangeFacts, language: str, to: str) -> bytes:
    return _calendar_entry(facts.appointment, language, invited=to)


def _calendar_entry(appointment: AppointmentFacts, language: str, *, invited: str | None = None) -> bytes:
    from clinic.scheduling.calendar_entry import calendar_entry  # noqa: PLC0415 - a server rarely has a use for icalendar

    return calendar_entry(appointment, language, invited=invited)


def _kind(name: str) -> AppointmentLetter:
    return mail.register(mail.LetterKind(name, AppointmentChangeFacts, calendar=_entry))


BOOKED = _kind("visit_booked")
CONFIRMED = _kind("visit_confirmed")
RESCHEDULED = _kind("visit_rescheduled")
ROOM_CHANGED = _kind("visit_room_changed")
CANCELLED = _kind("visit_cancelled")


def present_slot(appointment: Appointment) -> SlotFacts:
    """Return when and where an appointment is to be at present, for the letter of a change."""
    room = select(Room.id, Room.room_number, Room.floor).where(Room.id == appointment.room_id)
    found = None if appointment.room_id is None else session().execute(room).one_or_none()
    place = None if found is None else RoomFacts(*found)
    return SlotFacts(appointment.appointment_date, appointment.appointment_time, place)


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


def write_to_patient(
    appointment: Appointment,
    kind: AppointmentLetter,
    actor: Actor,
    *,
    reason: str | None = None,
    earlier: SlotFacts | None = None,
) -> AppointmentRow:
    """Queue a letter to the patient in their language about what the actor has done, and return the appointment in the
    actor's.
    """
    session().flush()
    row = session().execute(_LETTER, {"appointment": appointment.id}).one()
    for_patient = shaped(row, row.language)
    if is_mailed(for_patient):
        facts = AppointmentChangeFacts(
            AppointmentFacts.of(for_patient, changes=max(0, row.events - 1)),
            _by(actor, row),
            reason=reason,
            earlier=earlier,
        )
        mail.queue(kind, facts, to=row.patient_email, language=row.language)
    return for_patient if row.language == actor.language else shaped(row, actor.language)


def _by(actor: Actor, row: AnyRow) -> str | None:
    """Return by whom the patient is told that it was done, in their language; None for themselves."""
    if actor.user_id == row.patient_id:
        return None
    return actor.full_name if actor.doctor_id is None else letters.doctor_in(row.language, actor.full_name)


def calendar_file(actor: Actor | None, appointment_id: int) -> bytes:
    """Return one of the actor's appointments as an entry for their own calendar; ``NotFound`` if it is not theirs."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    found = appointment(actor, appointment_id)
    return _calendar_entry(AppointmentFacts.of(found, changes=_changes_of(found["id"])), actor.language)


def _changes_of(appointment_id: int) -> int:
    """Return how often the appointment was changed since it was booked, by its history: each change adds one line
    there."""
    lines = select(func.count()).where(AppointmentEvent.appointment_id == appointment_id)
    return max(0, session().scalars(lines).one() - 1)
