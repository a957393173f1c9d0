"""Medical records."""

from marshmallow import fields

from clinic.api.schemas.fields import Answer, Body, Day, Id, JsonObject, Paged, Text, list_of
from clinic.records import BLOOD_PRESSURE, DIAGNOSIS_MAX, TEXT_MAX, VITALS

_MEASURES = ", ".join(f"`{sign.key}` ({sign.unit})" for sign in VITALS.values())


class MedicalRecord(Answer):
    """What was found and decided at an appointment. ``appointment`` and ``appointment_id`` are the same number."""

    id = fields.Integer()
    appointment = fields.Integer()
    appointment_id = fields.Integer()
    diagnosis = fields.String()
    prescription = fields.String(allow_none=True)
    treatment_plan = fields.String(allow_none=True)
    notes = fields.String(allow_none=True)
    follow_up_date = fields.Date(allow_none=True)
    vital_signs = fields.Dict(allow_none=True)
    created_by = fields.Integer(allow_none=True)
    created_by_name = fields.String(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class MedicalRecordSaved(Answer):
    """A record was written."""

    success = fields.Boolean()
    message = fields.String()
    medical_record = fields.Nested(MedicalRecord)


class RecordEntry(Body):
    """What the doctor writes; keys that are left out stay as they are. A new record needs a diagnosis."""

    all_at_once = True
    diagnosis = Text(DIAGNOSIS_MAX)
    prescription = Text(TEXT_MAX)
    treatment_plan = Text(TEXT_MAX)
    notes = Text(TEXT_MAX)
    follow_up_date = Day()
    vital_signs = JsonObject(
        metadata={
            "description": f"`{BLOOD_PRESSURE}` as 120/80, {_MEASURES}; other keys are kept.",
            "example": {BLOOD_PRESSURE: "120/80", "temperature": 36.6, "heart_rate": 72},
        }
    )


MedicalRecordList = list_of(MedicalRecord)


class RecordFilter(Paged):
    """Which records."""

    appointment_id = Id()
    patient_id = Id()
    doctor_id = Id()
    date_from = Day(metadata={"description": "The first day of the visits."})
    date_to = Day(metadata={"description": "The last day of the visits."})
