"""Accounts, sign-in and tokens."""

from marshmallow import fields

from clinic.accounts import ADDRESS_MAX, EMAIL_MAX, GENDERS, NAME_MAX, PASSWORD_MAX, PHONE_PATTERN
from clinic.api.schemas.fields import Answer, Body, Choice, Day, Text, money
from clinic.policy import Role

PASSWORD = {"format": "password"}


class Registration(Body):
    """A new patient."""

    email = Text(EMAIL_MAX, required=True, metadata={"format": "email"})
    password = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))
    password_confirm = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))
    full_name = Text(NAME_MAX, required=True)
    phone_num = Text(required=True, metadata={"pattern": f"^{PHONE_PATTERN}$"})
    role = Text(metadata={"description": 'Must be "patient".', "enum": ["patient"]})
    date_of_birth = Day(required=True)
    gender = Choice(*GENDERS, required=True)
    address = Text(ADDRESS_MAX)


class Credentials(Body):
    """An e-mail and its password."""

    email = Text(required=True)
    password = Text(required=True, metadata=dict(PASSWORD))


class RefreshToken(Body):
    """A refresh token."""

    refresh = Text(required=True)


class Tokens(Answer):
    """A pair of tokens: ``access`` for the ``Authorization`` header, ``refresh`` for the next pair."""

    access = fields.String()
    refresh = fields.String()


class PatientProfile(Answer):
    """What a patient adds to their account."""

    date_of_birth = fields.Date()
    gender = fields.String(metadata={"enum": list(GENDERS)})
    address = fields.String(allow_none=True)
    insurance_id = fields.String(allow_none=True)
    emergency_contact = fields.String(allow_none=True)
    emergency_contact_phone = fields.String(allow_none=True)


class DoctorProfile(Answer):
    """What the clinic tells of a doctor, and what only the doctor sees of it."""

    department_id = fields.Integer()
    department_name = fields.String()
    room_id = fields.Integer(allow_none=True)
    title = fields.String(allow_none=True)
    specialization = fields.String(allow_none=True)
    bio = fields.String(allow_none=True)
    license_number = fields.String()
    experience_years = fields.Integer()
    consultation_fee = money()
    rating = money()
    total_reviews = fields.Integer()
    avatar_url = fields.String(allow_none=True)


class User(Answer):
    """A person with a sign-in; with the profile of their role, an admin with none."""

    id = fields.Integer()
    email = fields.String()
    full_name = fields.String()
    phone_num = fields.String()
    role = fields.String(metadata={"enum": [str(role) for role in Role]})
    is_active = fields.Boolean()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    patient_profile = fields.Nested(PatientProfile, metadata={"optional": True})
    doctor_profile = fields.Nested(DoctorProfile, metadata={"optional": True})


class Welcome(Answer):
    """Somebody has registered or signed in."""

    success = fields.Boolean()
    message = fields.String()
    user = fields.Nested(User)
    tokens = fields.Nested(Tokens)


class Done(Answer):
    """An action succeeded."""

    success = fields.Boolean()
    message = fields.String()
