"""The chain of seals: each entry is sealed with a key that the database doesn't have, over the entry and the seal before it.

Whoever can write to the database alone can't change, remove, swap or slip in an entry unnoticed (``verifying``). Entries
are sealed seconds after they are written, by whichever worker is there: nobody who writes one waits for it. Whoever has
the database and the key can write another chain, and an entry that is forged before it is sealed is sealed as any.
"""

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from clinic import clock, settings
from clinic.audit.actions import AuditAction
from clinic.audit.entries import OPERATOR, AuditEvent, record
from clinic.audit.readings import NOTHING
from clinic.audit.seals import AuditSeal
from clinic.db import AnyRow, AnySelect, atomic, session, transaction

#: Entries that are sealed in one transaction.
BATCH = 1000
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


# --- sealing ----------------------------------------------------------------------------------------------------------


def seal(*, late: bool = False, stopped: Callable[[], bool] = lambda: False) -> int:
    """Seal the entries that have no seal yet, in batches of a transaction each until ``stopped``, and return how many.

    ``late`` looks for those too that a transaction has committed after later ones were sealed. Two workers may seal at
    once: of a batch that both have in hand one is taken back.
    """
    sealed = 0
    try:
        while not stopped() and (found := _seal_batch(_settled() if late else None)):
            sealed += found
    except IntegrityError:
        log.info("another worker seals the audit")
    return sealed


@atomic
def _seal_batch(settled: int | None) -> int:
    last = _last_seal()
    found = session().execute(_unsealed(settled).limit(BATCH)).all()
    if not found:
        return 0
    key, at = settings.current().audit_keys.derive(PURPOSE), clock.now()
    sequence, before, seals = (last.sequence, last.mac, []) if last else (0, FIRST_MAC, [])
    name = key_id(key)
    for event in found:
        sequence += 1
        before = mac_of(key, before, sequence, at, event)
        seals.append({"sequence": sequence, "event_id": event.id, "sealed_at": at, "key_id": name, "mac": before})
    session().execute(insert(AuditSeal), seals)
    return len(seals)


def _last_seal() -> AnyRow | None:
    newest = select(AuditSeal.sequence, AuditSeal.mac).order_by(AuditSeal.sequence.desc()).limit(1)
    return session().execute(newest).first()


def _unsealed(settled: int | None) -> AnySelect:
    """Return the select of entries without a seal: those behind every sealed one, or all behind the one that is settled."""
    entries = select(*SEALED).order_by(AuditEvent.id)
    if settled is None:
        return entries.where(AuditEvent.id > _greatest())
    has_seal = select(AuditSeal.sequence).where(AuditSeal.event_id == AuditEvent.id).exists()
    return entries.where(AuditEvent.id > settled, ~has_seal)


def _greatest() -> int:
    return session().scalar(select(func.max(AuditSeal.event_id))) or 0


def _settled() -> int:
    """Return the number of an entry behind which a late one may come."""
    before = (
        select(AuditSeal.event_id)
        .where(AuditSeal.sealed_at < clock.now() - SETTLES_WITHIN)
        .order_by(AuditSeal.sealed_at.desc(), AuditSeal.sequence.desc())
        .limit(1)
    )
    return session().scalar(before) or 0


# --- how far it reaches -----------------------------------------------------------------------------------------------


def state() -> ChainState:
    """Return how far the chain reaches."""
    last = _last_seal()
    greatest = select(func.coalesce(func.max(AuditSeal.event_id), 0)).scalar_subquery()
    waiting = select(AuditEvent.id, AuditEvent.at).where(AuditEvent.id > greatest).order_by(AuditEvent.id)
    some = waiting.limit(COUNTED_MOST).subquery()
    count, since = session().execute(select(func.count(some.c.id), func.min(some.c.at))).one()
    return ChainState(Head(last.sequence, last.mac) if last else None, count, since)


def announce_head_daily() -> None:
    """Announce the newest seal if that wasn't done within a day."""
    last = select(func.max(AuditEvent.at)).where(AuditEvent.action == AuditAction.HEAD_ANNOUNCED)
    at = session().scalar(last)
    if at is None or clock.now() - at >= ANNOUNCED_EVERY:
        announce_head()


def announce_head() -> Head | None:
    """Write the newest seal into the log, where whoever changes the database doesn't reach; None without one."""
    with transaction():
        last = _last_seal()
        if last is None:
            return None
        head = Head(last.sequence, last.mac)
        record(OPERATOR, AuditAction.HEAD_ANNOUNCED, [NOTHING], sequence=head.sequence, mac=head.mac)
    log.info("audit head", head=str(head), sequence=head.sequence, mac=head.mac)
    return head
