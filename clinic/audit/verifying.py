"""Verifying the chain of seals: whether every entry of the audit is there, in its place, and as it was written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from clinic import clock, settings
from clinic.audit.chain import FIRST_MAC, PURPOSE, SEALED, SETTLES_WITHIN, Head, key_id, mac_of
from clinic.audit.entries import AuditEvent
from clinic.audit.event_patients import AuditEventPatient
from clinic.audit.seals import AuditSeal
from clinic.db import AnyRow, session
from clinic.id_lists import among

#: Seals that are read at once.
READ_AT_ONCE = 5000
_HEAD = re.compile(r"\b([0-9]{1,10}):([0-9a-f]{64})\b")


class Fault(StrEnum):
    """What is wrong with an entry; of the first one, for what follows is no longer chained to anything."""

    MISSING = "missing"
    SEAL_MISSING = "seal missing"
    CHANGED = "changed"
    PUT_IN = "put in"
    #: The rows by which an entry is found by patient aren't those that it names.
    OTHER_PATIENTS = "other patients"
    UNKNOWN_KEY = "unknown key"
    #: All behind it is gone: a head that was noted is not there, or another one.
    CUT_OFF = "cut off"


@dataclass(frozen=True)
class Verdict:
    """How far the chain holds, and the first ``fault`` with the ``number`` of its entry, or of the last seal that is there."""

    sealed: int
    unsealed: int
    head: Head | None
    fault: Fault | None = None
    number: int = 0


def heads_in(text: str) -> list[Head]:
    """Return the heads that stand in a text, such as the log's lines, as ``SEQUENCE:MAC``."""
    return [Head(int(found[1]), found[2]) for found in _HEAD.finditer(text)]


def verify(heads: Iterable[Head] = (), *, since: int = 1) -> Verdict:
    """Return whether the chain holds from the seal ``since`` on, and has the ``heads`` that were noted
    of there or behind."""
    chain = _Chain(_keys(), {head.sequence: head.mac for head in heads})
    for row, patients in _seals(since):
        if chain.last is None and since > 1:
            chain.before, chain.sequence = _mac_before(since), since - 1
        if fault := chain.follow(row, patients):
            of_seal = fault in (Fault.CUT_OFF, Fault.SEAL_MISSING)
            return chain.verdict(fault, chain.sequence if of_seal else row.event_id)
    if any(number > chain.sequence for number in chain.heads):
        return chain.verdict(Fault.CUT_OFF, chain.sequence)
    if put_in := _never_sealed():
        return chain.verdict(Fault.PUT_IN, put_in)
    return chain.verdict()


@dataclass
class _Chain:
    """As far as it was followed."""

    keys: Mapping[str, bytes]
    heads: Mapping[int, str]
    sequence: int = 0
    before: str = FIRST_MAC
    last: AnyRow | None = None
    sealed: int = 0
    #: When the first seal was made, and the number and moment of the newest entry that stands in order.
    began: datetime = field(default_factory=lambda: _first_sealed() or clock.now())
    newest: tuple[int, datetime] | None = None

    def follow(self, row: AnyRow, patients: Sequence[int]) -> Fault | None:
        """Return what is wrong with the next seal and its entry, which is found by these ``patients``."""
        if row.sequence != self.sequence + 1:
            return Fault.SEAL_MISSING
        if row.id is None:
            return Fault.MISSING
        key = self.keys.get(row.key_id)
        if key is None:
            return Fault.UNKNOWN_KEY
        mac = mac_of(key, self.before, row.sequence, row.sealed_at, row[: len(SEALED)])
        if mac != row.mac:
            return Fault.CHANGED
        if self.heads.get(row.sequence, mac) != mac:
            return Fault.CUT_OFF
        self.sequence, self.before, self.last = row.sequence, mac, row
        self.sealed += 1
        if row.details.get("patients", []) != patients:
            return Fault.OTHER_PATIENTS
        return Fault.PUT_IN if self._was_put_in(row) else None

    def _was_put_in(self, row: AnyRow) -> bool:
        """Return whether an entry came long after those of its time. What was there when sealing began is as it is."""
        newest = self.newest
        if newest is None or (row.id > newest[0] and row.at >= newest[1]):
            self.newest = (row.id, row.at)
        return (
            newest is not None and row.at < newest[1] - SETTLES_WITHIN and row.sealed_at > self.began + SETTLES_WITHIN
        )

    def verdict(self, fault: Fault | None = None, number: int = 0) -> Verdict:
        """Return what was found so far."""
        head = None if self.last is None else Head(self.last.sequence, self.last.mac)
        return Verdict(self.sealed, _count_unsealed(), head, fault, number)


def _keys() -> Mapping[str, bytes]:
    return {key_id(key): key for key in settings.current().audit_keys.all(PURPOSE)}


def _seals(since: int) -> Iterator[tuple[AnyRow, Sequence[int]]]:
    """Yield the seals with their entries by number, and by which patients each is found among several; read in pieces:
    however many there are, few are in memory."""
    read = (
        select(*SEALED, AuditSeal.sequence, AuditSeal.event_id, AuditSeal.sealed_at, AuditSeal.key_id, AuditSeal.mac)
        .select_from(AuditSeal)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.sequence)
        .limit(READ_AT_ONCE)
    )
    after = since - 1
    while rows := session().execute(read.where(AuditSeal.sequence > after)).all():
        found_by = _found_by([row.event_id for row in rows])
        for row in rows:
            yield row, found_by.get(row.event_id, [])
        after = rows[-1].sequence


def _found_by(event_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    named = select(AuditEventPatient.event_id, AuditEventPatient.patient_id)
    ordered = named.order_by(AuditEventPatient.event_id, AuditEventPatient.patient_id)
    found: Mapping[int, list[int]] = defaultdict(list)
    for event_id, patient_id in session().execute(ordered.where(among(AuditEventPatient.event_id, event_ids))):
        found[event_id].append(patient_id)
    return found


def _mac_before(since: int) -> str:
    return session().scalar(select(AuditSeal.mac).where(AuditSeal.sequence == since - 1)) or FIRST_MAC


def _first_sealed() -> datetime | None:
    return session().scalar(select(AuditSeal.sealed_at).order_by(AuditSeal.sequence).limit(1))


def _never_sealed() -> int | None:
    """Return the number of an entry that has no seal where later ones have had theirs for long."""
    settled = select(func.max(AuditSeal.event_id)).where(AuditSeal.sealed_at < clock.now() - SETTLES_WITHIN)
    has_seal = select(AuditSeal.sequence).where(AuditSeal.event_id == AuditEvent.id).exists()
    found = select(AuditEvent.id).where(AuditEvent.id < settled.scalar_subquery(), ~has_seal)
    return session().scalar(found.order_by(AuditEvent.id).limit(1))


def _count_unsealed() -> int:
    greatest = select(func.coalesce(func.max(AuditSeal.event_id), 0)).scalar_subquery()
    return session().scalars(select(func.count(AuditEvent.id)).where(AuditEvent.id > greatest)).one()
