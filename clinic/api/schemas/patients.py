"""A doctor's own patients."""

from marshmallow import fields

from clinic.accounts import GENDERS
from clinic.api.schemas.appointments import Appointment
from clinic.api.schemas.fields import Answer, Paged, Text, list_of
from clinic.api.schemas.records import MedicalRecord
from clinic.directory import NAME_MAX


class OwnPatient(Answer):
    """A patient of the doctor who asks. ``id`` and ``patient_id`` are the same number."""

    id = fields.Integer()
    patient_id = fields.Integer()
    full_name = fields.String()
    email = fields.String(allow_none=True)
    phone_num = fields.String()
    date_of_birth = fields.Date()
    gender = fields.String(metadata={"enum": list(GENDERS)})
    age = fields.Integer(metadata={"description": "In years."})
    appointment_count = fields.Integer(metadata={"description": "Visits to this doctor, without the cancelled ones."})
    last_appointment = fields.Date()
    appointments = fields.List(fields.Nested(Appointment))
    medical_records = fields.List(fields.Nested(MedicalRecord))


OwnPatientList = list_of(OwnPatient)


class PatientFilter(Paged):
    """Which patients."""

    search = Text(
        NAME_MAX,
        metadata={
            "description": "Words of the name, a date or year of birth, or a part of the phone number or e-mail."
        },
    )
