"""What was found and decided at an appointment: medical records, their versions, vital signs.

service.py       reading a record, its versions     writing.py  writing it     record_lists.py  lists of records
access.py        who is shown records at all
follow_ups.py    who should come again     own_patients.py  a doctor's patients with their records
vitals.py        vital signs     variation.py  when some of them say no more than one
audit_trail.py   who read and changed what, for the office and for the patient     unusual_readings.py  what stands out of it

This is the front door: everything that deliveries may call.
"""

from clinic.records.access import is_reader
from clinic.records.audit_trail import audit_trail, chain_state, own_access_log
from clinic.records.follow_ups import FollowUp, FollowUpState, LaterAppointment, follow_up_state, follow_ups_of
from clinic.records.models import DIAGNOSIS_MAX, TEXT_MAX
from clinic.records.own_patients import my_patients
from clinic.records.record_lists import doctors_of_records, my_records
from clinic.records.rows import (
    AuditedAppointment,
    AuditRow,
    DoctorOfRecords,
    EarlierRecord,
    ListedRecord,
    OwnAuditRow,
    PatientWithRecords,
    RecordContent,
    RecordedAppointment,
    RecordFields,
    RecordRow,
    RevisionRow,
    VitalSigns,
)
from clinic.records.service import (
    appointment_of,
    is_written,
    record,
    record_of,
    records_before,
    records_for,
    revisions,
)
from clinic.records.unusual_readings import LOOKED_BACK_DAYS, Unusual, UnusualReading, unusual_readings
from clinic.records.variation import is_steady
from clinic.records.vitals import (
    BLOOD_PRESSURE,
    NORMAL_PRESSURE,
    VITALS,
    NormalRange,
    VitalSign,
    bmi,
    normal_ranges,
    number,
    pressure,
    without_unit,
)
from clinic.records.writing import write_record

__all__ = [
    "BLOOD_PRESSURE",
    "DIAGNOSIS_MAX",
    "LOOKED_BACK_DAYS",
    "NORMAL_PRESSURE",
    "TEXT_MAX",
    "VITALS",
    "AuditRow",
    "AuditedAppointment",
    "DoctorOfRecords",
    "EarlierRecord",
    "FollowUp",
    "FollowUpState",
    "LaterAppointment",
    "ListedRecord",
    "NormalRange",
    "OwnAuditRow",
    "PatientWithRecords",
    "RecordContent",
    "RecordFields",
    "RecordRow",
    "RecordedAppointment",
    "RevisionRow",
    "Unusual",
    "UnusualReading",
    "VitalSign",
    "VitalSigns",
    "appointment_of",
    "audit_trail",
    "bmi",
    "chain_state",
    "doctors_of_records",
    "follow_up_state",
    "follow_ups_of",
    "is_reader",
    "is_steady",
    "is_written",
    "my_patients",
    "my_records",
    "normal_ranges",
    "number",
    "own_access_log",
    "pressure",
    "record",
    "record_of",
    "records_before",
    "records_for",
    "revisions",
    "unusual_readings",
    "without_unit",
    "write_record",
]
