"""Readings: what somebody was shown of other people. They are committed before anything is shown.

While a request is answered its readings are gathered and written in one transaction (``gathering``); without a request
each is written at once. What is read in a rehearsal is shown to nobody.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Unpack

from clinic import settings
from clinic.audit.actions import AuditAction
from clinic.audit.entries import Details, Entries, Subject, record_at_once
from clinic.db import is_rehearsing
from clinic.policy import Actor
from clinic.text.normalization import folded

#: Ids that one entry names at most; what was read beyond has entries of its own.
IDS_MOST = 200
#: Characters of a digest.
DIGEST_LENGTH = 32


_gathered: ContextVar[list[Entries] | None] = ContextVar("gathered_readings", default=None)


@contextmanager
def gathering() -> Iterator[None]:
    """Gather what is read in here and write it at the end, also where it ends by an exception."""
    readings: list[Entries] = []
    token = _gathered.set(readings)
    try:
        yield
    finally:
        _gathered.reset(token)
        if readings:
            _write(readings)


def record_reading(actor: Actor, action: AuditAction, subjects: Iterable[Subject], **details: Unpack[Details]) -> None:
    """Write who has read what; a reading that found nothing writes nothing."""
    found = list(subjects)
    if found:
        _note(Entries(actor, action, found, details))


def record_appointments(actor: Actor, appointments: Sequence[Subject]) -> None:
    """Write which appointments somebody of the clinic was shown: one entry for all of a request. Patients' own aren't noted."""
    if appointments and actor.patient_id is None:
        _note(Entries(actor, AuditAction.APPOINTMENTS_READ, list(appointments)))


def record_search(actor: Actor, searched: str, found: int, patients: Iterable[int] = ()) -> None:
    """Write that somebody looked for people, how many were ``found``, which ``patients`` of these were shown, and a digest
    of what was searched for."""
    details = Details(found=found, patients=list(patients))
    if searched.strip():
        details["query_digest"] = digest("audit searches", folded(searched))
    _note(Entries(actor, AuditAction.PEOPLE_SEARCHED, [NOTHING], details))


def digest(purpose: str, text: str) -> str:
    """Return what stands for a text in the audit: equal texts have the same, and nobody can tell the text from it."""
    return hmac.new(settings.current().keys.derive(purpose), text.encode(errors="replace"), "sha256").hexdigest()[
        :DIGEST_LENGTH
    ]


#: The subject of what is about nobody in particular.
NOTHING = Subject(0)


def _note(reading: Entries) -> None:
    if is_rehearsing():
        return
    gathered = _gathered.get()
    if gathered is None:
        _write([reading])
    else:
        gathered.append(reading)


def _write(readings: Iterable[Entries]) -> None:
    record_at_once(_merged(readings))


def _merged(readings: Iterable[Entries]) -> Iterator[Entries]:
    """Return the readings of a request with the fewest entries and statements that tell the same."""
    merged: dict[object, Entries] = {}
    for each in readings:
        is_search = each.action is AuditAction.PEOPLE_SEARCHED
        same = each.details.get("query_digest") if is_search else str(each.details)
        key = (each.actor.session_id, each.action, same)
        before = merged.get(key)
        if before is None:
            merged[key] = Entries(each.actor, each.action, list(each.subjects), each.details.copy())
        elif is_search:
            before.details["found"] = before.details.get("found", 0) + each.details.get("found", 0)
            before.details["patients"] = [*before.details.get("patients", []), *each.details.get("patients", [])]
        else:
            before.subjects.extend(each.subjects)
    for each in merged.values():
        if each.action is AuditAction.APPOINTMENTS_READ:
            yield from _lists_of_appointments(each)
        elif each.action is AuditAction.PEOPLE_SEARCHED:
            yield _list_of_people(each)
        else:
            yield each


def _lists_of_appointments(reading: Entries) -> Iterator[Entries]:
    # Where one of two readings of an appointment names the patient, that one tells more.
    found = {each.subject_id: each for each in sorted(reading.subjects, key=lambda each: each.patient_id or 0)}
    if len(found) == 1:
        yield Entries(reading.actor, reading.action, list(found.values()))
        return
    ids = sorted(found)
    for first in range(0, len(ids), IDS_MOST):
        some = ids[first : first + IDS_MOST]
        whose = {found[each].patient_id for each in some}
        yield _about(Entries(reading.actor, reading.action, [], Details(ids=some)), whose)


def _list_of_people(reading: Entries) -> Entries:
    details = reading.details.copy()
    return _about(Entries(reading.actor, reading.action, [], details), details.pop("patients", []))


def _about(reading: Entries, patients: Iterable[int | None]) -> Entries:
    """Return a reading with the patients that it is about: as the entry's own where that is one, else in its details."""
    named = sorted({each for each in patients if each is not None})
    if len(named) > 1:
        reading.details["patients"] = named
    reading.subjects.append(Subject(0, named[0] if len(named) == 1 else None))
    return reading
