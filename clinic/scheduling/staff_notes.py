"""What an appointment's doctor and the office write for each other; the patient never sees it.

Every version is kept, and reading and writing leave entries in the audit trail, as with medical records.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic import audit
from clinic.accounts.models import User
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, row_id, session
from clinic.errors import ExpectedVersion, NotFound, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.scheduling.models import STAFF_NOTES_MAX, Appointment, StaffNoteRevision
from clinic.scheduling.queries import NO_APPOINTMENT
from clinic.scheduling.scope import scope
from clinic.scheduling.service import load_appointment
from clinic.text.validation import ValidationErrors

STALE = N_("Somebody else changed the notes for colleagues after you opened them.")


@dataclass(frozen=True)
class StaffNote:
    """A version of the notes for colleagues on an appointment, and who wrote it."""

    version: int
    text: str
    at: datetime
    by_name: str
    by_role: str


def staff_notes(actor: Actor | None, appointment_id: int) -> list[StaffNote]:
    """Return every version of the notes for colleagues on an appointment, newest first, and write down who read them.

    None where nothing was written. ``NotFound`` if the appointment is not the actor's.
    """
    actor = require(actor, Action.READ_STAFF_NOTES)
    rows = (
        session()
        .execute(
            select(
                Appointment.patient_id,
                StaffNoteRevision.version,
                StaffNoteRevision.text,
                StaffNoteRevision.at,
                User.full_name.label("by_name"),
                StaffNoteRevision.by_role,
            )
            .outerjoin(StaffNoteRevision, StaffNoteRevision.appointment_id == Appointment.id)
            .outerjoin(User, User.id == StaffNoteRevision.by_user_id)
            .where(Appointment.id == row_id(appointment_id), *scope(actor, Action.READ_STAFF_NOTES))
            .order_by(StaffNoteRevision.version.desc())
        )
        .all()
    )
    if not rows:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    if rows[0].version is None:
        return []
    audit.record_reading(actor, AuditAction.STAFF_NOTES_READ, [Subject(appointment_id, rows[0].patient_id)])
    return [StaffNote(row.version, row.text, row.at, row.by_name, row.by_role) for row in rows]


@atomic
def write_staff_notes(
    actor: Actor | None, appointment_id: int, text: str | None, *, expected_version: ExpectedVersion = None
) -> StaffNote | None:
    """Write the notes for colleagues on an appointment (its doctor, an admin) and return them; None where there are
    none still.

    ``InvalidInput`` on ``staff_notes``; ``Stale`` if ``expected_version`` (0 for none) is no longer the latest. The same
    text again makes no new version.
    """
    actor, appointment = load_appointment(actor, Action.WRITE_STAFF_NOTES, appointment_id)
    latest = session().scalar(
        select(StaffNoteRevision)
        .where(StaffNoteRevision.appointment_id == appointment.id)
        .order_by(StaffNoteRevision.version.desc())
        .limit(1)
    )
    check_version(expected_version, latest.version if latest else 0, STALE)
    errors = ValidationErrors()
    tidy = errors.text("staff_notes", text, most=STAFF_NOTES_MAX)
    errors.raise_if_any()
    if tidy != (latest.text if latest else ""):
        latest = _keep(actor, appointment, tidy, latest.version + 1 if latest else 1)
    if latest is None:
        return None
    name = session().scalar(select(User.full_name).where(User.id == latest.by_user_id)) or ""
    return StaffNote(latest.version, latest.text, latest.at, name, latest.by_role)


def _keep(actor: Actor, appointment: Appointment, text: str, version: int) -> StaffNoteRevision:
    """Write a new version, and write down who did."""
    new = StaffNoteRevision(
        appointment_id=appointment.id, version=version, by_user_id=actor.user_id, by_role=str(actor.role), text=text
    )
    session().add(new)
    session().flush()
    audit.record(
        actor, AuditAction.STAFF_NOTES_WRITTEN, [Subject(appointment.id, appointment.patient_id)], version=version
    )
    return new
