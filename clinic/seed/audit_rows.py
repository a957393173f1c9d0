"""The demo's audit trail: what was written and read of whom, and whose leave was entered, in the order of time."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from clinic import clock
from clinic.audit import AuditAction, Subject
from clinic.policy import Purpose, Role
from clinic.seed.layout import Placed
from clinic.seed.numbering import ADMIN_ID, DOCTOR_IDS, PATIENT_IDS

Row = dict[str, Any]
_SEED = 812
#: How often the office opens a record on the day after the visit; each of Ana's, so that her trail has something to show.
_OPENED_BY_OFFICE = 0.06
_TOLD = "ana"
#: What the office reads records for, the usual ones more often.
_PURPOSES = (
    *[Purpose.PATIENT_REQUEST] * 4,
    *[Purpose.BILLING] * 4,
    Purpose.CORRECTION,
    Purpose.COMPLAINT,
    Purpose.QUALITY,
)


def entry(at: datetime, who: tuple[int, Role], action: AuditAction, subject: Subject, **details: Any) -> Row:
    """Return one audit entry as the commands write it; no session was signed in for it, so its id is 0."""
    return {
        "at": at,
        "actor_id": who[0],
        "actor_role": str(who[1]),
        "session_id": 0,
        "deed": action,
        "patient_id": subject.patient_id,
        "subject_id": subject.subject_id,
        "request_id": "seed",
        "details": details,
    }


def numbered(entries: list[Row]) -> list[Row]:
    """Return entries with their ids, in the order of time."""
    ordered = sorted(entries, key=lambda row: (row["at"], row["deed"] == AuditAction.RECORD_READ, row["subject_id"]))
    return [{"id": number, **row} for number, row in enumerate(ordered, 1)]


def readings(appointments: list[Placed], records: list[Row], now: datetime) -> Iterator[Row]:
    """Yield who opened the records: doctors before they see a patient again, the office now and then, saying what for."""
    random = Random(_SEED)
    before: dict[tuple[str, str], Row] = {}
    record_of = {record["appointment_id"]: record for record in records}
    in_time = sorted(enumerate(appointments, 1), key=lambda item: item[1].starts_at)
    for row_id, appointment in in_time:
        record = record_of.get(row_id)
        if record is None:
            continue
        plan = appointment.plan
        patient_id, doctor = PATIENT_IDS[plan.patient], (DOCTOR_IDS[plan.doctor], Role.DOCTOR)
        if last := before.get((plan.patient, plan.doctor)):
            at = appointment.starts_at + timedelta(minutes=2)
            yield entry(at, doctor, AuditAction.RECORD_READ, Subject(last["id"], patient_id))
        before[plan.patient, plan.doctor] = record
        opened = random.random() < _OPENED_BY_OFFICE or plan.patient == _TOLD
        at = clock.starts_at(appointment.on + timedelta(days=1), time(9, random.randint(0, 59)))
        if opened and at <= now:
            subject, purpose = Subject(record["id"], patient_id), str(random.choice(_PURPOSES))
            yield entry(at, (ADMIN_ID, Role.ADMIN), AuditAction.RECORD_READ, subject, purpose=purpose)
