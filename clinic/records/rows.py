"""What the front door of records hands out and takes: the keys of each row and what they hold. Knows no table."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TypedDict

from clinic.audit import Details
from clinic.scheduling.rows import AppointmentRow, PatientRow

#: What was measured, by the key of the sign: numbers or texts; keys that the clinic doesn't know hold any JSON.
VitalSigns = Mapping[str, object]


class RecordFields(TypedDict, total=False):
    """What a doctor writes; a missing key leaves what stands."""

    diagnosis: str | None
    prescription: str | None
    treatment_plan: str | None
    notes: str | None
    follow_up_date: date | None
    vital_signs: VitalSigns | None


class RecordContent(TypedDict):
    """What was found and decided at an appointment."""

    diagnosis: str
    prescription: str | None
    treatment_plan: str | None
    notes: str | None
    follow_up_date: date | None
    vital_signs: VitalSigns | None


class RecordRow(RecordContent):
    """A medical record. ``appointment`` and ``appointment_id`` are the same number; ``version`` is for forms and ETags."""

    id: int
    appointment: int
    appointment_id: int
    created_by: int | None
    created_by_name: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class EarlierRecord(RecordRow):
    """A record of an earlier appointment, with its day."""

    visit_date: date


class RecordedAppointment(TypedDict):
    """The appointment that a record is of."""

    date: date
    time: time
    doctor_name: str
    patient_name: str
    appointment_id: int


class ListedRecord(RecordRow):
    """A record in a list, with its appointment."""

    visit: RecordedAppointment


class RevisionRow(RecordContent):
    """A version of a record, complete, and who made it."""

    version: int
    at: datetime
    by_name: str


class DoctorOfRecords(TypedDict):
    """A doctor who wrote records; ``is_active`` is false of one who left."""

    id: int
    full_name: str
    is_active: bool


class PatientWithRecords(PatientRow):
    """A doctor's own patient with their appointments and the records of these."""

    appointments: list[AppointmentRow]
    medical_records: list[RecordRow]


class AuditRow(TypedDict):
    """An entry of the audit: who saw or changed what; which ``details`` there are depends on the ``action``."""

    id: int
    at: datetime
    action: str
    actor_id: int | None
    actor_role: str
    actor_name: str | None
    patient_id: int | None
    patient_name: str | None
    subject_id: int
    subject_name: str | None
    appointment_id: int | None
    request_id: str
    details: Details


class AuditedAppointment(TypedDict):
    """The appointment whose record somebody read or changed."""

    appointment_id: int
    date: date


class OwnAuditRow(AuditRow):
    """An entry of the audit as the patient whose data it was sees it; ``department`` is the name of the doctor's."""

    visit: AuditedAppointment | None
    department: str | None
