"""The append-only trail of who saw or changed which person's data or the clinic's own, when.

Written in the transaction of a change, and committed before what was read is handed out: there is no change and no
reading without its entry. The database refuses to change or
delete an entry.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypedDict, Unpack

from sqlalchemy import JSON, CheckConstraint, Index, Insert, String, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import APPEND_ONLY, Base, UtcDateTime, session, transaction
from clinic.id_lists import pairs
from clinic.policy import Actor, Role
from clinic.word_lists import Word, one_of


class AuditAction(StrEnum):
    """What was done with somebody's data, account or the clinic's own entries."""

    RECORD_READ = "record.read"
    RECORD_CREATED = "record.created"
    RECORD_CHANGED = "record.changed"
    REVISIONS_READ = "record.revisions_read"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_SWITCHED = "account.switched"
    DIRECTORY_CHANGED = "directory.changed"
    ACCOUNT_READ = "account.read"
    LEAVE_ENTERED = "leave.entered"
    LEAVE_ENDED = "leave.ended"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - an action's name
    PASSWORD_RESET = "password.reset"  # noqa: S105 - an action's name
    SESSIONS_ENDED = "sessions.ended"
    MAIL_SENT_AGAIN = "mail.sent_again"
    STAFF_NOTES_READ = "staff_notes.read"
    STAFF_NOTES_WRITTEN = "staff_notes.written"
    APPOINTMENT_REOPENED = "appointment.reopened"
    ACCOUNT_INVITED = "account.invited"
    LEAVE_CHANGED = "leave.changed"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"


#: Actions whose subject is a user: an account, or a doctor whose leave it is.
ABOUT_USERS = frozenset(
    action for action in AuditAction if action.partition(".")[0] in {"account", "leave", "password", "sessions"}
)

#: Actions of others that patients are told in their own trail; any other is the office's to see. Whoever adds an action
#: decides here (tests/web): one that is forgotten is hidden.
TOLD_TO_PATIENTS = frozenset(
    {
        AuditAction.RECORD_READ,
        AuditAction.RECORD_CREATED,
        AuditAction.RECORD_CHANGED,
        AuditAction.REVISIONS_READ,
        AuditAction.APPOINTMENT_REOPENED,
        AuditAction.ACCOUNT_READ,
        AuditAction.ACCOUNT_CREATED,
        AuditAction.ACCOUNT_INVITED,
        AuditAction.ACCOUNT_CHANGED,
        AuditAction.ACCOUNT_SWITCHED,
    }
)
#: Actions whose subject is an appointment.
ABOUT_APPOINTMENTS = frozenset(
    {AuditAction.STAFF_NOTES_READ, AuditAction.STAFF_NOTES_WRITTEN, AuditAction.APPOINTMENT_REOPENED}
)
#: Actions whose subject is a medical record.
ABOUT_RECORDS = frozenset(action for action in AuditAction if action.startswith("record."))

#: What stands for a role where the operator of the server acted, by a command.
OPERATOR_ROLE = "operator"


@dataclass(frozen=True)
class SystemActor:
    """Who acts without a sign-in session: the server's operator, or a person by a link that was mailed to them."""

    user_id: int | None
    role: str
    session_id: None = None


OPERATOR = SystemActor(None, OPERATOR_ROLE)


class Details(TypedDict, total=False):
    """What else is noted of an action, by what was done; never what a record or an account says."""

    #: Which fields were changed, the version that a change made, whether something was switched on or off.
    fields: list[str]
    version: int
    active: bool
    #: Of an account its role; of an entry what it is.
    role: str
    kind: str
    #: How many sessions were ended, and whether the one in use was kept.
    ended: int
    kept: bool
    #: Leave by its id, with its days (``YYYY-MM-DD``).
    leave: int
    first_day: str
    last_day: str
    #: Of a backup the moment that its data is of (ISO 8601).
    moment: str


class AuditEvent(Base):
    """One action. It holds ids without foreign keys: it must outlive and never block what it records."""

    __tablename__ = "audit_events"
    __table_args__ = (
        CheckConstraint(one_of("deed", AuditAction), name="deed_known"),
        CheckConstraint(
            f"(actor_id IS NULL) = (actor_role = '{OPERATOR_ROLE}') AND (actor_id IS NOT NULL OR session_id IS NULL)",
            name="actor_or_operator",
        ),
        Index("ix_audit_events_at_id", "at", "id"),
        Index("ix_audit_events_deed_at_id", "deed", "at", "id"),
        Index("ix_audit_events_patient_id_at_id", "patient_id", "at", "id"),
        Index("ix_audit_events_actor_id_id", "actor_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: None for the operator, and no session where nobody had signed in (``SystemActor``).
    actor_id: Mapped[int | None]
    actor_role: Mapped[str] = mapped_column(Word([*Role, OPERATOR_ROLE]))
    session_id: Mapped[int | None]
    action: Mapped[AuditAction] = mapped_column("deed", Word(AuditAction, least=30))
    #: Whose data it was; nobody's where the office changed what the clinic offers.
    patient_id: Mapped[int | None]
    #: 0 of a backup, which is of everything.
    subject_id: Mapped[int]
    request_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[Details] = mapped_column(JSON, default=dict)


#: The id of the request that an action belongs to, set by the deliveries.
request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True)
class Subject:
    """What an action was done with: the id of the record, account or entry, and which patient's it is."""

    subject_id: int
    patient_id: int | None = None

    @classmethod
    def of_user(cls, user_id: int, role: str) -> Self:
        """Return a user as the subject of an action; a patient is whose data it is, too."""
        return cls(user_id, user_id if role == Role.PATIENT else None)


def _write() -> Insert:
    """Return the statement that writes an entry for each of two lists' places, ``subject_id`` and ``patient_id``."""
    table = Base.metadata.tables[AuditEvent.__tablename__]
    of = table.c
    of_each = pairs("subject_id", "patient_id")
    same = [
        of.at, of.actor_id, of.actor_role, of.session_id, of.deed, of.request_id, of.details,
    ]  # fmt: skip
    values = select(
        *(bindparam(each.name, type_=each.type) for each in same), of_each.c.subject_id, of_each.c.patient_id
    )
    return insert(table).from_select([*same, of.subject_id, of.patient_id], values)


_WRITE = _write()


def record(
    actor: Actor | SystemActor, action: AuditAction, subjects: Iterable[Subject], **details: Unpack[Details]
) -> None:
    """Write one entry a subject, in one statement, in the present transaction."""
    found = list(subjects)
    if not found:
        return
    values = {
        "at": clock.now(),
        "actor_id": actor.user_id,
        "actor_role": str(actor.role),
        "session_id": actor.session_id,
        "deed": action,
        "request_id": request_id.get(),
        "details": details,
        "subject_id": [each.subject_id for each in found],
        "patient_id": [each.patient_id for each in found],
    }
    session().execute(_WRITE, values)


def record_reading(actor: Actor, action: AuditAction, subjects: Iterable[Subject]) -> None:
    """Write who has read what, and commit it before anybody is shown it; a reading that found nothing writes nothing."""
    found = list(subjects)
    if found:
        with transaction():
            record(actor, action, found)
