"""The entries of the audit: their table, and how they are written."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self, TypedDict, Unpack

from sqlalchemy import JSON, CheckConstraint, Index, Insert, String, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.audit.actions import AuditAction
from clinic.db import APPEND_ONLY, Base, UtcDateTime, session, transaction, write_at_once
from clinic.id_lists import pairs
from clinic.policy import Actor, Role
from clinic.text.ip_addresses import IP_ADDRESS_MAX
from clinic.word_lists import Word, one_of

#: What stands for a role where the operator of the server acted, by a command; and where nobody had signed in yet.
OPERATOR_ROLE = "operator"
GUEST_ROLE = "guest"
#: The reason of the one entry that stands for all further refusals of a session.
MORE_REFUSALS = "more"

#: Characters of what is noted of a browser or program.
DEVICE_MAX = 200


@dataclass(frozen=True)
class SystemActor:
    """Who acts without a sign-in session: the server's operator, a person by a link that was mailed to them, or
    whoever tries to sign in."""

    user_id: int | None
    role: str
    session_id: None = None


OPERATOR = SystemActor(None, OPERATOR_ROLE)
GUEST = SystemActor(None, GUEST_ROLE)


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
    #: Of extra hours their id, day and times (``HH:MM``); of a closure its name.
    extra_hours: int
    day: str
    from_time: str
    to_time: str
    name: str
    #: Of how many stretches a week is since it was set; how many coming appointments a change left without time.
    stretches: int
    appointment_count: int
    #: Of an appointment that was handed over, its doctor before and after.
    doctors: list[int]
    #: Of a backup the moment that its data is of (ISO 8601).
    moment: str
    #: Why something was refused; how somebody proved who they are.
    reason: str
    #: Of an e-mail that was tried, and of those before and after a change, only digests (``keys``).
    email_digest: str
    old_digest: str
    new_digest: str
    #: Which duties somebody has now, and had before.
    duties: list[str]
    before: list[str]
    #: What was refused: the page or operation.
    endpoint: str
    #: Which appointments were read at once, and whose they were or which patients a list showed, where it was more than
    #: one: each of these has a row by which the entry is found (``AuditEventPatient``).
    ids: list[int]
    patients: list[int]
    #: How many people were found, and a digest of what was searched for.
    found: int
    query_digest: str
    #: By what a list was narrowed: names of filters, never what was typed.
    filters: list[str]
    #: Of the clinic's own settings each that was changed, with what held before and what does since.
    changes: dict[str, list[str | int | bool | list[str] | None]]
    #: What a record was read for.
    purpose: str
    #: How many rows were removed, by table; the newest seal that was announced.
    removed: dict[str, int]
    sequence: int
    mac: str


class AuditEvent(Base):
    """One action. It holds ids without foreign keys: it must outlive and never block what it records."""

    __tablename__ = "audit_events"
    __table_args__ = (
        CheckConstraint(one_of("deed", AuditAction), name="deed_known"),
        CheckConstraint(
            f"(actor_id IS NULL) = ({one_of('actor_role', (OPERATOR_ROLE, GUEST_ROLE))})"
            " AND (actor_id IS NOT NULL OR session_id IS NULL)",
            name="actor_or_operator",
        ),
        Index("ix_audit_events_at_id", "at", "id"),
        Index("ix_audit_events_deed_at_id", "deed", "at", "id"),
        Index("ix_audit_events_patient_id_at_id", "patient_id", "at", "id"),
        Index("ix_audit_events_actor_id_id", "actor_id", "id"),
        {"info": {**APPEND_ONLY["info"], "names": ("patients",)}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: None for the operator and for guests, and no session where nobody had signed in (``SystemActor``).
    actor_id: Mapped[int | None]
    actor_role: Mapped[str] = mapped_column(Word([*Role, OPERATOR_ROLE, GUEST_ROLE]))
    session_id: Mapped[int | None]
    action: Mapped[AuditAction] = mapped_column("deed", Word(AuditAction, least=30))
    #: Whose data it was; nobody's where the office changed what the clinic offers.
    patient_id: Mapped[int | None]
    #: 0 of a backup, which is of everything.
    subject_id: Mapped[int]
    request_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[Details] = mapped_column(JSON, default=dict)
    #: From where, and by which browser or program where no session tells that.
    address: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="", server_default="")
    device: Mapped[str] = mapped_column(String(DEVICE_MAX), default="", server_default="")


class RequestOrigin(NamedTuple):
    """From where a request came: its network address, and what its browser or program calls itself."""

    address: str = ""
    device: str = ""


#: The id of the request that an action belongs to, and from where it came, set by the deliveries.
request_id: ContextVar[str] = ContextVar("request_id", default="")
origin: ContextVar[RequestOrigin] = ContextVar("origin", default=RequestOrigin())  # noqa: B039 - it can't be changed


@dataclass(frozen=True)
class Subject:
    """What an action was done with: the id of the record, account or entry, and which patient's it is."""

    subject_id: int
    patient_id: int | None = None

    @classmethod
    def of_user(cls, user_id: int, role: str) -> Self:
        """Return a user as the subject of an action; a patient is whose data it is, too."""
        return cls(user_id, user_id if role == Role.PATIENT else None)


@dataclass(frozen=True)
class Entries:
    """What one person did with each of some subjects."""

    actor: Actor | SystemActor
    action: AuditAction
    subjects: list[Subject]
    details: Details = field(default_factory=Details)


def _write() -> Insert:
    """Return the statement that writes an entry for each of two lists' places, ``subject_id`` and ``patient_id``."""
    table = Base.metadata.tables[AuditEvent.__tablename__]
    of = table.c
    of_each = pairs("subject_id", "patient_id")
    same = [
        of.at, of.actor_id, of.actor_role, of.session_id, of.deed, of.request_id, of.details, of.address,
        of.device,
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
    entries = Entries(actor, action, list(subjects), details)
    if entries.subjects:
        session().execute(_WRITE, _values(entries))


def record_at_once(entries: Iterable[Entries]) -> None:
    """Write entries of several actions in a transaction of their own, which is over when this returns."""
    values = [_values(each) for each in entries if each.subjects]
    if len(values) == 1:
        write_at_once(_WRITE, values[0])
    elif values:
        with transaction() as current:
            current.execute(_WRITE, values)


def _values(entries: Entries) -> dict[str, object]:
    actor, found = entries.actor, entries.subjects
    address, device = origin.get()
    return {
        "at": clock.now(),
        "actor_id": actor.user_id,
        "actor_role": str(actor.role),
        "session_id": actor.session_id,
        "deed": entries.action,
        "request_id": request_id.get(),
        "address": address[:IP_ADDRESS_MAX],
        # Of whoever is signed in the session tells it.
        "device": _plain(device) if actor.session_id is None else "",
        "details": entries.details,
        "subject_id": [each.subject_id for each in found],
        "patient_id": [each.patient_id for each in found],
    }


def _plain(device: str) -> str:
    return "".join(letter for letter in device if letter.isprintable())[:DEVICE_MAX]
