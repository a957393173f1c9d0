"""Readings that somebody should look at: many patients in an hour, at night, of people who may be the reader's own; and who
opened an account with records that they may not read.

None of them is a fault by itself. They are found by what the audit has of the last days, and shown to whoever answers for
privacy.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from statistics import median

from sqlalchemy import Integer, String, Subquery, case, cast, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from clinic import clock
from clinic.accounts.models import Patient, User
from clinic.audit import AuditAction, AuditEvent, AuditEventPatient
from clinic.db import AnyRow, UtcDateTime, session
from clinic.id_lists import among
from clinic.policy import Action, Actor, Role, require
from clinic.records.models import MedicalRecord
from clinic.scheduling.models import Appointment

#: What counts as reading something of a patient.
READINGS = (
    AuditAction.RECORD_READ,
    AuditAction.REVISIONS_READ,
    AuditAction.STAFF_NOTES_READ,
    AuditAction.ACCOUNT_READ,
    AuditAction.APPOINTMENTS_READ,
    AuditAction.PEOPLE_SEARCHED,
)
LOOKED_BACK_DAYS = 30
#: Patients within an hour that are many for anybody; and for somebody, so many times as many as in their usual hour, from
#: so many on.
MANY, TIMES_USUAL, NOT_MANY = 30, 3, 10
#: The same where lists count, too: a day's visits are opened in one page, again and again.
MANY_LISTED, NOT_MANY_LISTED = 300, 100
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
    MANY_LISTED = "many listed"
    NIGHT = "night"
    OWN_SURNAME = "own surname"
    OWN_PHONE = "own phone"
    OPENED = "opened"


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
    #: Whether the patient stood in lists only, and nothing was opened.
    only_listed: bool = False


def unusual_readings(actor: Actor | None) -> list[UnusualReading]:
    """Return what stands out of the last days, of each kind the newest first, and whoever was opened before those who stood
    in lists only."""
    require(actor, Action.SEE_AUDIT_TRAIL)
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    # Plus 0, or PostgreSQL walks the entries by number from the oldest one on until it meets the first of these days.
    first = session().scalar(select(func.min(AuditEvent.id + 0)).where(AuditEvent.at >= since))
    readings = _readings(since, first or 0)
    found = [*_by_hour(_hours(readings)), *_of_their_own(_pairs(readings)), *_opened(since)]
    newest_first = sorted(found, key=lambda each: (not each.only_listed, each.at), reverse=True)
    shown: list[UnusualReading] = []
    for why in Unusual:
        shown += [each for each in newest_first if each.why is why][:SHOWN_MOST]
    return shown


def _readings(since: datetime, first: int) -> Subquery:
    """Return a row for each patient that somebody of the clinic was shown, ``listed`` 1 where it was among others.

    Entries of that time are numbered from ``first`` on: of lists nothing older is looked at.
    """
    who = (AuditEvent.actor_id, AuditEvent.actor_role, AuditEvent.at)
    by_staff = (
        AuditEvent.at >= since,
        AuditEvent.action.in_(READINGS),
        AuditEvent.actor_role.in_([Role.DOCTOR, Role.ADMIN]),
    )
    alone = select(*who, AuditEvent.patient_id, literal_column("0", Integer).label("listed")).where(
        *by_staff, AuditEvent.patient_id.is_not(None)
    )
    among_others = (
        select(*who, AuditEventPatient.patient_id, literal_column("1", Integer).label("listed"))
        .join(AuditEventPatient, AuditEventPatient.event_id == AuditEvent.id)
        .where(*by_staff, AuditEventPatient.event_id >= first)
    )
    return union_all(alone, among_others).subquery("readings")


# --- by hour ----------------------------------------------------------------------------------------------------------


def _hours(readings: Subquery) -> Sequence[AnyRow]:
    """Return how many patients each person of the clinic was shown in each hour, and how many of them they ``opened``."""
    read = readings.c
    hour = func.substr(cast(read.at, String), 1, len(_HOUR))
    by_hour = (
        select(
            read.actor_id,
            read.actor_role,
            User.full_name,
            func.min(read.at, type_=UtcDateTime).label("at"),
            func.count(read.patient_id.distinct()).label("patients"),
            func.count(case((read.listed == 0, read.patient_id)).distinct()).label("opened"),
        )
        .join(User, User.id == read.actor_id)
        .group_by(read.actor_id, read.actor_role, User.full_name, hour)
    )
    return session().execute(by_hour).all()


def _by_hour(hours: Sequence[AnyRow]) -> Iterable[UnusualReading]:
    opened, shown = _usual(hours, "opened"), _usual(hours, "patients")
    for row in hours:
        if _is_much(row.opened, MANY, NOT_MANY, opened[row.actor_id]):
            yield _of_hour(Unusual.MANY, row, row.opened, opened[row.actor_id])
        if _is_much(row.patients, MANY_LISTED, NOT_MANY_LISTED, shown[row.actor_id]):
            yield _of_hour(Unusual.MANY_LISTED, row, row.patients, shown[row.actor_id])
        local = clock.local(row.at).time()
        if local >= NIGHT_BEGINS or local < NIGHT_ENDS:
            yield _of_hour(Unusual.NIGHT, row, row.patients)


def _usual(hours: Sequence[AnyRow], which: str) -> Mapping[int, float]:
    """Return of each person the median of the hours in which there were any."""
    of_each: Mapping[int, list[int]] = defaultdict(list)
    for row in hours:
        of_each[row.actor_id] += [row._mapping[which]] if row._mapping[which] else []
    return {reader: float(median(counts or [0])) for reader, counts in of_each.items()}


def _is_much(number: int, many: int, not_many: int, usual: float) -> bool:
    return number > many or number > max(not_many, TIMES_USUAL * usual)


def _of_hour(why: Unusual, row: AnyRow, patients: int, usual: float | None = None) -> UnusualReading:
    return UnusualReading(why, row.actor_id, row.full_name, row.actor_role, row.at, patients, usual=usual)


# --- by whom accounts were opened -------------------------------------------------------------------------------------


def _opened(since: datetime) -> Iterable[UnusualReading]:
    """Return who gave an account an e-mail, or invited its person again, that has records which they may not read."""
    whose, by = aliased(User, name="opened_patient"), aliased(User, name="opened_by")
    has_records = (
        select(MedicalRecord.id)
        .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
        .where(Appointment.patient_id == whose.id)
    )
    opened = (
        select(
            by.id.label("actor_id"),
            by.role.label("actor_role"),
            by.full_name,
            whose.id.label("patient_id"),
            whose.full_name.label("patient_name"),
            whose.invited_at.label("at"),
            literal(False).label("only_listed"),
        )
        .join(by, by.id == whose.invited_by_id)
        .where(whose.invited_at >= since, has_records.exists())
    )
    return [_of_patient(Unusual.OPENED, row, row.full_name, row.patient_name) for row in session().execute(opened)]


# --- whose ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Person:
    """A reader or a patient as far as one may be the other's own."""

    name: str
    surnames: set[str]
    phone: str | None
    #: Of a patient also whom to call in an emergency.
    phones: tuple[str | None, ...]


def _pairs(readings: Subquery) -> Sequence[AnyRow]:
    """Return who was shown which patient: a row of few columns, of which there may be a hundred thousand."""
    read = readings.c
    pairs = select(
        read.actor_id,
        read.actor_role,
        read.patient_id,
        func.max(read.at, type_=UtcDateTime).label("at"),
        func.min(read.listed).label("only_listed"),
    ).group_by(read.actor_id, read.actor_role, read.patient_id)
    return session().execute(pairs).all()


def _people(ids: Collection[int]) -> Mapping[int, _Person]:
    """Return people by their ids, each looked at once however often they stand in pairs."""
    people = (
        select(User.id, User.full_name, User.name_key, User.phone_num, Patient.emergency_contact_phone)
        .outerjoin(Patient, Patient.user_id == User.id)
        .where(among(User.id, ids))
    )
    return {
        row.id: _Person(row.full_name, _surnames(row.name_key), row.phone_num, tuple(row[3:]))
        for row in session().execute(people)
    }


def _of_their_own(pairs: Sequence[AnyRow]) -> Iterable[UnusualReading]:
    readers, patients = (_people({row[of] for row in pairs}) for of in (0, 2))
    known = [row for row in pairs if row.actor_id in readers and row.patient_id in patients]
    surnames: Mapping[int, Counter[str]] = defaultdict(Counter)
    for row in known:
        surnames[row.actor_id].update(patients[row.patient_id].surnames)
    rare = {reader: max(1, counted.total() // (2 * RARE)) for reader, counted in surnames.items()}
    for row in known:
        reader, patient = readers[row.actor_id], patients[row.patient_id]
        if reader.phone and reader.phone in patient.phones:
            yield _of_patient(Unusual.OWN_PHONE, row, reader.name, patient.name)
        elif any(surnames[row.actor_id][name] <= rare[row.actor_id] for name in reader.surnames & patient.surnames):
            yield _of_patient(Unusual.OWN_SURNAME, row, reader.name, patient.name)


def _surnames(name_key: str) -> set[str]:
    """Return the words of a name that may be the surname: the last one, in Vietnamese the first."""
    words = [word for word in name_key.split() if word not in _TITLES]
    return {words[0], words[-1]} if len(words) > 1 else set()


#: What stands before a doctor's name.
_TITLES = frozenset({"dr", "dr.", "bs", "bs.", "prof", "prof."})


def _of_patient(why: Unusual, row: AnyRow, reader: str, patient: str) -> UnusualReading:
    return UnusualReading(
        why, row.actor_id, reader, row.actor_role, row.at, 1, row.patient_id, patient,
        only_listed=bool(row.only_listed),
    )  # fmt: skip
