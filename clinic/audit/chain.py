"""The chain of seals: each entry is sealed with a key that the database doesn't have, over the entry and the seal before it.

Whoever can write to the database alone can't change, remove, swap or slip in an entry unnoticed (``verifying``). Entries
are sealed seconds after they are written, by whichever worker is there: nobody who writes one waits for it. Whoever has
the database and the key can write another chain, and an entry that is forged before it is sealed is sealed as any.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select

from clinic import clock
from clinic.audit.actions import AuditAction
from clinic.audit.entries import OPERATOR, AuditEvent, record
from clinic.audit.readings import NOTHING
from clinic.audit.seals import AuditSeal
from clinic.db import session, transaction

#: After so long every transaction that wrote an entry has ended: nothing comes between entries of before.
SETTLES_WITHIN = timedelta(hours=1)
#: What the first seal follows.
FIRST_MAC = "0" * 64
#: The purpose of the keys.
PURPOSE = "audit seals"
#: So long no entry waits while a worker runs.
LATE_AFTER = timedelta(minutes=5)
#: How often the newest seal is written into the log.
ANNOUNCED_EVERY = timedelta(days=1)
#: Entries that ``state`` counts at most.
COUNTED_MOST = 1000

#: What of an entry is sealed, in the order in which it is.
SEALED = (
    AuditEvent.id,
    AuditEvent.at,
    AuditEvent.actor_id,
    AuditEvent.actor_role,
    AuditEvent.session_id,
    AuditEvent.action.label("deed"),
    AuditEvent.patient_id,
    AuditEvent.subject_id,
    AuditEvent.request_id,
    AuditEvent.address,
    AuditEvent.device,
    AuditEvent.details,
)

log = structlog.get_logger("clinic.audit")
_compact = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True)
class Head:
    """The newest seal: whoever has noted it elsewhere notices when the end of the chain is cut off."""

    sequence: int
    mac: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.mac}"


@dataclass(frozen=True)
class ChainState:
    """How far the chain reaches: its newest seal, how many entries wait for theirs (at most ``COUNTED_MOST``), and since
    when the oldest of these does."""

    head: Head | None
    unsealed: int
    unsealed_since: datetime | None

    @property
    def waits(self) -> timedelta:
        """How long the oldest entry without a seal has waited."""
        return timedelta(0) if self.unsealed_since is None else max(timedelta(0), clock.now() - self.unsealed_since)

    @property
    def is_late(self) -> bool:
        """Whether somebody has to look after the workers: one of them seals within seconds."""
        return self.waits >= LATE_AFTER


# --- macs -------------------------------------------------------------------------------------------------------------


def key_id(key: bytes) -> str:
    """Return by what a key is told from others; nothing of the key can be told from it."""
    return hmac.digest(key, b"id", "sha256").hex()[:16]


def mac_of(key: bytes, before: str, sequence: int, sealed_at: datetime, event: Sequence[object]) -> str:
    """Return the seal of an entry, whose values ``event`` has in the order of ``SEALED``."""
    number, at, *rest = event
    written = _compact([before, sequence, _moment(sealed_at), number, _moment(at), *rest])
    return hmac.digest(key, written.encode("ascii"), "sha256").hex()


def _moment(at: object) -> str:
    assert isinstance(at, datetime)  # noqa: S101 - a column of moments
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# --- how far it reaches -----------------------------------------------------------------------------------------------


def last_head() -> Head | None:
    """Return the newest seal, None where nothing is sealed."""
    newest = select(AuditSeal.sequence, AuditSeal.mac).order_by(AuditSeal.sequence.desc()).limit(1)
    found = session().execute(newest).first()
    return None if found is None else Head(found.sequence, found.mac)


def first_sealed() -> datetime | None:
    """Return when sealing began, None where nothing is sealed: what was there before is taken as it was."""
    return session().scalar(select(AuditSeal.sealed_at).order_by(AuditSeal.sequence).limit(1))


def state() -> ChainState:
    """Return how far the chain reaches."""
    greatest = select(func.coalesce(func.max(AuditSeal.event_id), 0)).scalar_subquery()
    waiting = select(AuditEvent.id, AuditEvent.at).where(AuditEvent.id > greatest).order_by(AuditEvent.id)
    some = waiting.limit(COUNTED_MOST).subquery()
    count, since = session().execute(select(func.count(some.c.id), func.min(some.c.at))).one()
    return ChainState(last_head(), count, since)


def announce_head_daily() -> None:
    """Announce the newest seal if that wasn't done within a day."""
    last = select(func.max(AuditEvent.at)).where(AuditEvent.action == AuditAction.HEAD_ANNOUNCED)
    at = session().scalar(last)
    if at is None or clock.now() - at >= ANNOUNCED_EVERY:
        announce_head()


def announce_head() -> Head | None:
    """Write the newest seal into the log, where whoever changes the database doesn't reach; None without one."""
    with transaction():
        head = last_head()
        if head is None:
            return None
        record(OPERATOR, AuditAction.HEAD_ANNOUNCED, [NOTHING], sequence=head.sequence, mac=head.mac)
    log.info("audit head", head=str(head), sequence=head.sequence, mac=head.mac)
    return head
