"""Writing medical records: by the appointment's doctor, and every version is kept."""

from typing import Literal, Unpack

from sqlalchemy import select

from clinic import audit, clock, settings
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, session
from clinic.errors import ExpectedVersion, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor
from clinic.records import vitals
from clinic.records.models import DIAGNOSIS_MAX, TEXT_MAX, MedicalRecord, RecordRevision
from clinic.records.rows import RecordFields, RecordRow
from clinic.records.service import CONTENT, select_records, shape_record
from clinic.scheduling import AppointmentStatus
from clinic.scheduling.for_domains import Transition, load_appointment, why_not
from clinic.scheduling.models import Appointment
from clinic.text.validation import ValidationErrors

STALE = N_("Somebody else changed this record after you opened it.")
_TEXTS: tuple[Literal["prescription", "treatment_plan", "notes"], ...] = ("prescription", "treatment_plan", "notes")


@atomic
def write_record(
    actor: Actor | None,
    appointment_id: int,
    *,
    expected_version: ExpectedVersion = None,
    **fields: Unpack[RecordFields],
) -> tuple[RecordRow, bool]:
    """Write the record of an appointment (its doctor only) and return it, and whether it is new.

    Only the keys that are given change. ``InvalidInput`` on them; ``Conflict`` ``invalid_transition`` before the
    appointment is confirmed; ``Stale`` if ``expected_version`` is no longer the record's version, and nothing changes.
    """
    actor, appointment = load_appointment(actor, Action.WRITE_RECORD, appointment_id)
    _refuse_unless_open(appointment)
    record = session().scalar(
        select(MedicalRecord)
        .where(MedicalRecord.appointment_id == appointment.id)
        .execution_options(populate_existing=True)
    )
    check_version(expected_version, record.version if record else 0, STALE)
    values = _checked(fields, appointment, creating=record is None)
    created = record is None
    if record is None:
        record = MedicalRecord(appointment_id=appointment.id, created_by_id=actor.doctor_id, version=1, **values)
        session().add(record)
        _keep(record, actor, appointment, AuditAction.RECORD_CREATED)
    elif any(getattr(record, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(record, name, value)
        record.version += 1
        _keep(record, actor, appointment, AuditAction.RECORD_CHANGED)
    else:
        # Nothing changes, but the whole record is answered.
        audit.record(actor, AuditAction.RECORD_READ, [Subject(record.id, appointment.patient_id)])
    return shape_record(session().execute(select_records().where(MedicalRecord.id == record.id)).one()), created


def _refuse_unless_open(appointment: Appointment) -> None:
    """Refuse a record before the appointment is confirmed and after it is cancelled."""
    refusal = why_not(
        Transition.WRITE_RECORD,
        AppointmentStatus(appointment.status),
        starts_at=clock.starts_at(appointment.appointment_date, appointment.appointment_time),
        now=clock.now(),
        rules=settings.current().booking,
    )
    if refusal is not None:
        raise refusal


def _checked(fields: RecordFields, appointment: Appointment, *, creating: bool) -> dict[str, object]:
    """Return the columns to set, or refuse every field at fault."""
    errors = ValidationErrors()
    values: dict[str, object] = {}
    if creating or "diagnosis" in fields:
        values["diagnosis"] = errors.text("diagnosis", fields.get("diagnosis"), most=DIAGNOSIS_MAX, required=True)
    for name in _TEXTS:
        if name in fields:
            values[name] = errors.text(name, fields[name], most=TEXT_MAX) or None
    if "follow_up_date" in fields:
        follow_up = values["follow_up_date"] = fields["follow_up_date"]
        if follow_up is not None and follow_up < appointment.appointment_date:
            errors.add("follow_up_date", N_("A follow-up can't be before the visit."))
    if "vital_signs" in fields:
        values["vital_signs"] = vitals.checked(errors, fields["vital_signs"])
    errors.raise_if_any()
    return values


def _keep(record: MedicalRecord, actor: Actor, appointment: Appointment, action: AuditAction) -> None:
    """Write the record, keep this version of it for ever, and write down who made it."""
    session().flush()
    content = {name: getattr(record, name) for name in CONTENT}
    session().add(
        RecordRevision(
            record_id=record.id,
            version=record.version,
            by_user_id=actor.user_id,
            by_name=actor.full_name,
            **content,
        )
    )
    session().flush()
    audit.record(actor, action, [Subject(record.id, appointment.patient_id)], version=record.version)
