"""Sealing the entries that have no seal yet, and when that is refused.

Who removes seals from the database must not have their worker seal anew what was edited behind them: what a worker can
tell of that stops it (``SealingRefused``), until somebody has looked.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from clinic import clock, settings
from clinic.audit.actions import AuditAction
from clinic.audit.chain import FIRST_MAC, PURPOSE, SEALED, SETTLES_WITHIN, Head, first_sealed, key_id, last_head, mac_of
from clinic.audit.entries import AuditEvent
from clinic.audit.seals import AuditSeal
from clinic.db import AnyRow, AnySelect, atomic, session

#: Entries that are sealed in one transaction, and how many of these a worker makes before it looks after its mail.
BATCH, BATCHES_A_ROUND = 1000, 10
#: How often a worker looks for entries that were committed after later ones were sealed.
LOOKS_BACK_EVERY = timedelta(minutes=1)
#: More unsealed entries than so many, older than this, are no worker's short absence.
FAR_BACK, FAR_BACK_MOST = timedelta(days=1), 100
#: How often a refusal is said again.
SAID_AGAIN_AFTER = timedelta(minutes=10)

log = structlog.get_logger("clinic.audit")


class SealingRefused(Exception):
    """Seals are gone or aren't ours: to seal now could hide that entries were edited. The text says which."""


class Sealer:
    """Seals for one worker, which remembers its newest seal: nobody who can only change the database changes that."""

    def __init__(self) -> None:
        #: Whether the last round ended before all had their seals.
        self.is_behind = False
        self._head: Head | None = None
        self._looked_back: float | None = None
        self._said: float | None = None

    def forget(self) -> None:
        """Take the database as it is, for another one may be in its place: a backup was restored."""
        self._head = self._looked_back = None

    def seal(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Seal what has no seal yet until ``stopped``; return how many, 0 where it is refused, which the log says.

        A round ends after ``BATCHES_A_ROUND``, ``is_behind`` then: years of entries, after an upgrade, hold up no mail. At
        first and once a minute what was committed late is sealed, too, before everything newer: each entry gets its seal
        among those of its time, also where no worker ran for long.
        """
        now, self.is_behind = time.monotonic(), False
        late = self._looked_back is None or now - self._looked_back >= LOOKS_BACK_EVERY.total_seconds()
        try:
            self._check_head()
            made = _seal(late=late, anyway=False, batches=_Batches(stopped, BATCHES_A_ROUND))
        except SealingRefused as refused:
            if self._said is None or now - self._said >= SAID_AGAIN_AFTER.total_seconds():
                log.error("audit not sealed", why=str(refused))
                self._said = now
            return 0
        self._said, self.is_behind = None, made.are_used_up
        if made.looked_back:
            self._looked_back = now
        if made.sealed or self._head is None:
            self._head = last_head()
        return made.sealed

    def _check_head(self) -> None:
        if self._head is not None and _mac_at(self._head.sequence) != self._head.mac:
            raise SealingRefused(f"seal {self._head}, which this worker has seen, is gone or another one")


def seal(*, late: bool = False, anyway: bool = False) -> int:
    """Seal all entries that have no seal yet, in batches of a transaction each, and return how many.

    ``late`` looks for those too that a transaction has committed after later ones were sealed. Two workers may seal at
    once: of a batch that both have in hand one is taken back. ``SealingRefused`` where seals are gone, unless it is to be
    done ``anyway``.
    """
    return _seal(late=late, anyway=anyway, batches=_Batches(lambda: False)).sealed


def _seal(*, late: bool, anyway: bool, batches: "_Batches") -> "_Batches":
    last, began = last_head(), first_sealed()
    if last is not None and began is not None and not anyway:
        _check_key(last)
        _check_far_back(began)
    if not anyway:
        _check_announced()
    try:
        # First what came late, then what is behind all that has a seal.
        batches.looked_back = late and batches.seal_all(_between(settled_event(), _greatest()))
        if batches.looked_back or not late:
            batches.seal_all(_behind_all())
    except IntegrityError:
        log.info("another worker seals the audit")
    _note_late(batches, began)
    return batches


@dataclass
class _Batches:
    """Batches of seals, ``most`` of them at most, and none more once ``stopped``."""

    stopped: Callable[[], bool]
    most: int | None = None
    made: int = 0
    sealed: int = 0
    looked_back: bool = False
    #: How many entries had waited for long when they were sealed, and since when the oldest of them.
    late: int = 0
    waited_since: datetime | None = None

    @property
    def are_used_up(self) -> bool:
        """Whether no further one may be made."""
        return self.made == self.most

    def seal_all(self, unsealed: AnySelect) -> bool:
        """Seal what a select finds, and return whether nothing of it is left."""
        while not self.are_used_up and not self.stopped():
            found = self._seal_batch(unsealed)
            self.sealed += len(found)
            if len(found) < BATCH:
                return True
            self.made += 1
        return False

    @atomic
    def _seal_batch(self, unsealed: AnySelect) -> Sequence[AnyRow]:
        last = last_head()
        found = session().execute(unsealed.limit(BATCH)).all()
        if not found:
            return found
        key, at = settings.current().audit_keys.derive(PURPOSE), clock.now()
        sequence, before, seals = (last.sequence, last.mac, []) if last else (0, FIRST_MAC, [])
        name = key_id(key)
        for event in found:
            sequence += 1
            before = mac_of(key, before, sequence, at, event)
            seals.append({"sequence": sequence, "event_id": event.id, "sealed_at": at, "key_id": name, "mac": before})
        session().execute(insert(AuditSeal), seals)
        self._count_late([event.at for event in found if event.at < at - SETTLES_WITHIN])
        return found

    def _count_late(self, moments: Sequence[datetime]) -> None:
        if moments:
            self.late += len(moments)
            self.waited_since = min(moments if self.waited_since is None else [self.waited_since, *moments])


def _note_late(batches: _Batches, began: datetime | None) -> None:
    """Let the log say that entries waited for long: no worker ran, or somebody had removed their seals. What was there when
    sealing began has waited for that."""
    if batches.waited_since is not None and began is not None and clock.now() > began + SETTLES_WITHIN:
        log.warning("audit sealed late", count=batches.late, since=batches.waited_since.isoformat())


_ENTRIES = select(*SEALED).order_by(AuditEvent.id)


def _behind_all() -> AnySelect:
    """Return the select of the entries behind every sealed one."""
    return _ENTRIES.where(AuditEvent.id > select(func.coalesce(func.max(AuditSeal.event_id), 0)).scalar_subquery())


def _between(settled: int, greatest: int) -> AnySelect:
    """Return the select of the entries without a seal between the one that is ``settled`` and the last that has one."""
    has_seal = select(AuditSeal.sequence).where(AuditSeal.event_id == AuditEvent.id).exists()
    return _ENTRIES.where(AuditEvent.id > settled, AuditEvent.id < greatest, ~has_seal)


def _greatest() -> int:
    return session().scalar(select(func.max(AuditSeal.event_id))) or 0


def settled_event() -> int:
    """Return the number of an entry before which none is sealed any more.

    When the newest seal was made, its worker had looked back within the last minute, so what was sealed an hour and some
    minutes before that is settled: every transaction of then had ended. For how long no worker ran doesn't matter.
    """
    newest = session().scalar(select(AuditSeal.sealed_at).order_by(AuditSeal.sequence.desc()).limit(1))
    if newest is None:
        return 0
    before = AuditSeal.sealed_at < newest - SETTLES_WITHIN - 5 * LOOKS_BACK_EVERY
    return session().scalar(select(AuditSeal.event_id).where(before).order_by(AuditSeal.sequence.desc()).limit(1)) or 0


# --- refusals ---------------------------------------------------------------------------------------------------------


def _mac_at(sequence: int) -> str | None:
    return session().scalar(select(AuditSeal.mac).where(AuditSeal.sequence == sequence))


def _check_key(last: Head) -> None:
    """Refuse a key after which another one has sealed: keys only go forward, so that who finds an older one can't use it."""
    name = key_id(settings.current().audit_keys.derive(PURPOSE))
    newest = session().scalar(select(AuditSeal.key_id).where(AuditSeal.sequence == last.sequence))
    if newest == name:
        return
    if newest not in {key_id(key) for key in settings.current().audit_keys.all(PURPOSE)}:
        raise SealingRefused(f"seal {last.sequence} was made with another key, which belongs into AUDIT_KEY_FALLBACKS")
    if session().scalar(select(AuditSeal.sequence).where(AuditSeal.key_id == name).limit(1)) is not None:
        raise SealingRefused("AUDIT_KEY was given up for another key before, and can't come back")


def _check_announced() -> None:
    announced = (
        select(AuditEvent.details)
        .where(AuditEvent.action == AuditAction.HEAD_ANNOUNCED)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(1)
    )
    details = session().scalar(announced)
    if details is not None and _mac_at(details["sequence"]) != details["mac"]:
        raise SealingRefused(f"seal {details['sequence']}, which was announced, is gone or another one")


def _check_far_back(began: datetime) -> None:
    """Refuse where much of long ago has no seal, unless it was there when sealing began: that gets its seals now."""
    until = clock.now() - FAR_BACK
    if began >= until:
        return
    old = select(AuditEvent.id).where(AuditEvent.id > _greatest(), AuditEvent.at < until, AuditEvent.at >= began)
    if len(session().scalars(old.limit(FAR_BACK_MOST + 1)).all()) > FAR_BACK_MOST:
        raise SealingRefused(f"more than {FAR_BACK_MOST} entries of more than {FAR_BACK.days} day ago have no seal")
