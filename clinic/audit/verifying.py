"""Verifying the chain of seals: whether every entry of the audit is there, in its place, and as it was written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from clinic import clock, settings
from clinic.audit.actions import AuditAction
from clinic.audit.chain import FIRST_MAC, PURPOSE, SEALED, SETTLES_WITHIN, Head, first_sealed, key_id, mac_of
from clinic.audit.entries import AuditEvent
from clinic.audit.event_patients import AuditEventPatient
from clinic.audit.sealing import settled_event
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
    #: An older key made a seal after a newer one did, or the newest of all.
    OLDER_KEY = "older key"
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
    #: When the first seal was made: what was there before is taken as it was.
    began: datetime | None = None
    #: How many entries got their seal long after they were written, and the first of them.
    late: int = 0
    first_late: int = 0
    #: The seal of the entry with the fault: what comes behind it can be verified by itself.
    at_seal: int = 0


def heads_in(text: str) -> list[Head]:
    """Return the heads that stand in a text, such as the log's lines, as ``SEQUENCE:MAC``."""
    return [Head(int(found[1]), found[2]) for found in _HEAD.finditer(text)]


def verify(heads: Iterable[Head] = (), *, since: int = 1) -> Verdict:
    """Return whether the chain holds from the seal ``since`` on, and has the ``heads`` that were noted
    of there or behind, and those that entries announce."""
    began = first_sealed()
    noted = [*_announced(began), *((head.sequence, head.mac) for head in heads)]
    chain = _Chain(_keys(), dict(noted), began=began or clock.now())
    before = _seal_before(since)
    if before is not None:
        chain.before, chain.sequence = before.mac, before.sequence
    for row, patients in _seals(since):
        if fault := chain.follow(row, patients):
            return chain.verdict(fault, _number(fault, chain, row), row.sequence)
    if any(number > chain.sequence for number in chain.heads):
        return chain.verdict(Fault.CUT_OFF, chain.sequence)
    if put_in := _never_sealed(0 if before is None else before.event_id):
        return chain.verdict(Fault.PUT_IN, put_in)
    if chain.last is not None and chain.last.key_id != next(iter(chain.keys)):
        return chain.verdict(Fault.OLDER_KEY, chain.sequence)
    return chain.verdict()


@dataclass
class _Chain:
    """As far as it was followed."""

    #: By their ids, the one in use first.
    keys: Mapping[str, bytes]
    heads: Mapping[int, str]
    #: When the first seal was made.
    began: datetime
    sequence: int = 0
    before: str = FIRST_MAC
    last: AnyRow | None = None
    sealed: int = 0
    #: The newest moment at which an entry in order was there.
    newest: datetime | None = None
    #: Keys that made no seal any more once another one did.
    given_up: set[str] = field(default_factory=set)
    late: int = 0
    first_late: int = 0

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
        if self._is_given_up(row.key_id):
            return Fault.OLDER_KEY
        if self.heads.get(row.sequence, mac) != mac:
            return Fault.CUT_OFF
        self.sequence, self.before, self.last = row.sequence, mac, row
        self.sealed += 1
        if row.details.get("patients", []) != patients:
            return Fault.OTHER_PATIENTS
        return Fault.PUT_IN if self._was_put_in(row) else None

    def _is_given_up(self, name: str) -> bool:
        if self.last is not None and self.last.key_id != name:
            self.given_up.add(self.last.key_id)
        return name in self.given_up

    def _was_put_in(self, row: AnyRow) -> bool:
        """Return whether an entry came long after those of its time. What was there when sealing began is as it is.

        That an entry was there at its own moment is believed of none that was sealed before that: a clock was ahead.
        """
        newest = self.newest
        there = min(row.at, row.sealed_at)
        self.newest = there if newest is None else max(newest, there)
        if row.sealed_at <= self.began + SETTLES_WITHIN:
            return False
        if row.at < row.sealed_at - SETTLES_WITHIN:
            self.late, self.first_late = self.late + 1, self.first_late or row.event_id
        return newest is not None and row.at < newest - SETTLES_WITHIN

    def verdict(self, fault: Fault | None = None, number: int = 0, at_seal: int = 0) -> Verdict:
        """Return what was found so far."""
        head = None if self.last is None else Head(self.last.sequence, self.last.mac)
        began = None if self.last is None else self.began
        return Verdict(self.sealed, _count_unsealed(), head, fault, number, began, self.late, self.first_late, at_seal)


def _number(fault: Fault, chain: _Chain, row: AnyRow) -> int:
    """Return the number that a fault tells: of the entry, of its seal, or of the last seal that is there."""
    if fault in (Fault.CUT_OFF, Fault.SEAL_MISSING):
        return chain.sequence
    number: int = row.sequence if fault is Fault.OLDER_KEY else row.event_id
    return number


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


def _seal_before(since: int) -> AnyRow | None:
    found = select(AuditSeal.sequence, AuditSeal.mac, AuditSeal.event_id).where(AuditSeal.sequence == since - 1)
    return session().execute(found).first()


def _announced(began: datetime | None) -> Iterator[tuple[int, str]]:
    """Yield the heads that stand in entries. Those from before the chain began were of another one."""
    if began is None:
        return
    announced = select(AuditEvent.details).where(
        AuditEvent.action == AuditAction.HEAD_ANNOUNCED, AuditEvent.at >= began
    )
    for details in session().scalars(announced.order_by(AuditEvent.at, AuditEvent.id)):
        yield details["sequence"], details["mac"]


def _never_sealed(after: int) -> int | None:
    """Return the number of an entry that has no seal where later ones have had theirs for long."""
    has_seal = select(AuditSeal.sequence).where(AuditSeal.event_id == AuditEvent.id).exists()
    found = select(AuditEvent.id).where(AuditEvent.id > after, AuditEvent.id < settled_event(), ~has_seal)
    return session().scalar(found.order_by(AuditEvent.id).limit(1))


def _count_unsealed() -> int:
    greatest = select(func.coalesce(func.max(AuditSeal.event_id), 0)).scalar_subquery()
    return session().scalars(select(func.count(AuditEvent.id)).where(AuditEvent.id > greatest)).one()
