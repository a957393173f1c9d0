"""Readings that somebody should look at: many patients in an hour, at night, of people who may be the reader's own.

None of them is a fault by itself. They are found by what the audit has of the last days, and shown to whoever answers for
privacy.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from statistics import median

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import aliased

from clinic import clock
from clinic.accounts.models import Patient, User
from clinic.audit import AuditAction, AuditEvent
from clinic.db import AnyRow, session
from clinic.policy import Action, Actor, Role, require

#: What counts as reading something of a patient.
READINGS = (
    AuditAction.RECORD_READ,
    AuditAction.REVISIONS_READ,
    AuditAction.STAFF_NOTES_READ,
    AuditAction.ACCOUNT_READ,
    AuditAction.APPOINTMENTS_READ,
)
LOOKED_BACK_DAYS = 30
#: Patients within an hour that are many for anybody; and for somebody, so many times as many as in their usual hour, from
#: so many on.
MANY, TIMES_USUAL, NOT_MANY = 30, 3, 10
#: From when until when nobody usually works, in clinic time.
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
#: A surname says something where at most one in so many of the patients that somebody read has it: half a country may
#: have the same.
RARE = 20
#: Lines that are shown of each kind.
SHOWN_MOST = 50

_HOUR = "2026-03-02 09"


class Unusual(StrEnum):
    """Why a reading is shown."""

    MANY = "many"
    NIGHT = "night"
    OWN_SURNAME = "own surname"
    OWN_PHONE = "own phone"


@dataclass(frozen=True)
class UnusualReading:
    """Readings of one person within an hour, or of one patient; ``patients`` is how many there were."""

    why: Unusual
    reader_id: int
    reader_name: str
    reader_role: str
    at: datetime
    patients: int
    patient_id: int | None = None
    patient_name: str | None = None
    #: Of somebody who read many, in how many patients an hour they usually do.
    usual: float | None = None


def unusual_readings(actor: Actor | None) -> list[UnusualReading]:
    """Return what stands out of the last days, the newest first of each kind."""
    require(actor, Action.SEE_AUDIT_TRAIL)
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    found = [*_by_hour(_hours(since)), *_of_their_own(_pairs(since))]
    newest_first = sorted(found, key=lambda each: each.at, reverse=True)
    shown: list[UnusualReading] = []
    for why in Unusual:
        shown += [each for each in newest_first if each.why is why][:SHOWN_MOST]
    return shown


# --- by hour ----------------------------------------------------------------------------------------------------------


def _hours(since: datetime) -> Sequence[AnyRow]:
    """Return how many patients each person of the clinic read in each hour."""
    hour = func.substr(cast(AuditEvent.at, String), 1, len(_HOUR))
    read = (
        select(
            AuditEvent.actor_id,
            AuditEvent.actor_role,
            User.full_name,
            func.min(AuditEvent.at).label("at"),
            func.count(AuditEvent.patient_id.distinct()).label("patients"),
        )
        .join(User, User.id == AuditEvent.actor_id)
        .where(*_by_staff(since))
        .group_by(AuditEvent.actor_id, AuditEvent.actor_role, User.full_name, hour)
    )
    return session().execute(read).all()


def _by_staff(since: datetime) -> Iterable[ColumnElement[bool]]:
    return (
        AuditEvent.at >= since,
        AuditEvent.action.in_(READINGS),
        AuditEvent.actor_role.in_([Role.DOCTOR, Role.ADMIN]),
        AuditEvent.patient_id.is_not(None),
    )


def _by_hour(hours: Sequence[AnyRow]) -> Iterable[UnusualReading]:
    of_each: Mapping[int, list[int]] = defaultdict(list)
    for row in hours:
        of_each[row.actor_id].append(row.patients)
    for row in hours:
        usual = float(median(of_each[row.actor_id]))
        if row.patients > MANY or row.patients > max(NOT_MANY, TIMES_USUAL * usual):
            yield _of_hour(Unusual.MANY, row, usual)
        local = clock.local(row.at).time()
        if local >= NIGHT_BEGINS or local < NIGHT_ENDS:
            yield _of_hour(Unusual.NIGHT, row)


def _of_hour(why: Unusual, row: AnyRow, usual: float | None = None) -> UnusualReading:
    return UnusualReading(why, row.actor_id, row.full_name, row.actor_role, row.at, row.patients, usual=usual)


# --- whose ------------------------------------------------------------------------------------------------------------


def _pairs(since: datetime) -> Sequence[AnyRow]:
    """Return who read which patient, with what may be the same of both."""
    whose = aliased(User, name="read_patient")
    same_phone = or_(whose.phone_num == User.phone_num, Patient.emergency_contact_phone == User.phone_num)
    read = (
        select(
            AuditEvent.actor_id,
            AuditEvent.actor_role,
            User.full_name,
            User.name_key,
            AuditEvent.patient_id,
            whose.full_name.label("patient_name"),
            whose.name_key.label("patient_key"),
            func.max(AuditEvent.at).label("at"),
            same_phone.label("same_phone"),
        )
        .join(User, User.id == AuditEvent.actor_id)
        .join(whose, whose.id == AuditEvent.patient_id)
        .join(Patient, Patient.user_id == whose.id)
        .where(*_by_staff(since))
        .group_by(
            AuditEvent.actor_id, AuditEvent.actor_role, User.full_name, User.name_key, User.phone_num,
            AuditEvent.patient_id, whose.full_name, whose.name_key, whose.phone_num, Patient.emergency_contact_phone,
        )
    )  # fmt: skip
    return session().execute(read).all()


def _of_their_own(pairs: Sequence[AnyRow]) -> Iterable[UnusualReading]:
    surnames: Mapping[int, Counter[str]] = defaultdict(Counter)
    for row in pairs:
        surnames[row.actor_id].update(_surnames(row.patient_key))
    for row in pairs:
        counted = surnames[row.actor_id]
        most = max(1, counted.total() // (2 * RARE))
        if row.same_phone:
            yield _of_patient(Unusual.OWN_PHONE, row)
        elif any(counted[name] <= most for name in _surnames(row.name_key) & _surnames(row.patient_key)):
            yield _of_patient(Unusual.OWN_SURNAME, row)


def _surnames(name_key: str) -> set[str]:
    """Return the words of a name that may be the surname: the last one, in Vietnamese the first."""
    words = [word for word in name_key.split() if word not in _TITLES]
    return {words[0], words[-1]} if len(words) > 1 else set()


#: What stands before a doctor's name.
_TITLES = frozenset({"dr", "dr.", "bs", "bs.", "prof", "prof."})


def _of_patient(why: Unusual, row: AnyRow) -> UnusualReading:
    return UnusualReading(why, row.actor_id, row.full_name, row.actor_role, row.at, 1, row.patient_id, row.patient_name)
