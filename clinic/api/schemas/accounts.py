"""Accounts, sign-in and tokens."""

from marshmallow import fields

from clinic.accounts import (
    ADDRESS_MAX,
    GENDERS,
    INSURANCE_MAX,
    NAME_MAX,
    PASSWORD_MAX,
)
from clinic.api.schemas.fields import Answer, Body, Choice, Day, Id, Part, Text, money
from clinic.directory import BIO_MAX, TITLE_MAX
from clinic.directory import NAME_MAX as SPECIALIZATION_MAX
from clinic.policy import Role
from clinic.text.emails import EMAIL_MAX
from clinic.text.phones import TYPED_MOST

PASSWORD = {"format": "password"}
PHONE = {"description": "Ten digits; spaces, dots, dashes and +84 or 0084 for the first 0 are understood."}


class Registration(Body):
    """A new patient."""

    all_at_once = True
    email = Text(EMAIL_MAX, required=True, metadata={"format": "email"})
    password = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))
    password_confirm = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))
    full_name = Text(NAME_MAX, required=True)
    phone_num = Text(TYPED_MOST, required=True, metadata=dict(PHONE))
    role = Text(metadata={"description": 'Must be "patient".', "enum": ["patient"]})
    date_of_birth = Day(required=True)
    gender = Choice(*GENDERS, required=True)
    address = Text(ADDRESS_MAX)


class Credentials(Body):
    """An e-mail and its password."""

    email = Text(required=True)
    password = Text(required=True, metadata=dict(PASSWORD))


class SecondStep(Body):
    """The ticket of a sign-in, and a code of the app or a recovery code."""

    ticket = Text(required=True, metadata=dict(PASSWORD))
    code = Text(required=True)


class Proof(Body):
    """The password, or a code where a second step is set up."""

    password = Text(metadata=dict(PASSWORD))
    code = Text()


class RefreshToken(Body):
    """A refresh token."""

    refresh = Text(required=True)


class Departure(RefreshToken):
    """The refresh token of the session that ends; without one, that is what is said, whatever the media type."""

    body_optional = True


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
    """What the clinic publishes about a doctor, and what only the doctor sees of it."""

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
    email_confirmed = fields.Boolean()
    pending_email = fields.String(allow_none=True)
    identity_seen = fields.Boolean()


class Welcome(Answer):
    """Somebody has registered or signed in."""

    success = fields.Boolean()
    message = fields.String()
    user = fields.Nested(User)
    tokens = fields.Nested(Tokens)


class Proven(Answer):
    """Somebody has shown that it is them."""

    success = fields.Boolean()
    message = fields.String()
    tokens = fields.Nested(Tokens)


class Done(Answer):
    """An action succeeded."""

    success = fields.Boolean()
    message = fields.String()


class PatientChanges(Body):
    """What a patient may change of their profile."""

    date_of_birth = Day()
    gender = Choice(*GENDERS)
    address = Text(ADDRESS_MAX)
    insurance_id = Text(INSURANCE_MAX)
    emergency_contact = Text(NAME_MAX)
    emergency_contact_phone = Text(TYPED_MOST, metadata=dict(PHONE))


class DoctorChanges(Body):
    """What a doctor may change of their profile; ``room`` is the id of a room that is no other doctor's, or null."""

    room = Id()
    title = Text(TITLE_MAX)
    specialization = Text(SPECIALIZATION_MAX)
    bio = Text(BIO_MAX)


class ProfileChanges(Body):
    """What to change of the caller's own account, with the profile of their role.

    Everything else of a User may be sent back as it was read; changed, it is refused.
    """

    all_at_once = True
    full_name = Text(NAME_MAX)
    phone_num = Text(TYPED_MOST, metadata=dict(PHONE))
    patient_profile = Part(PatientChanges)
    doctor_profile = Part(DoctorChanges)


class Forgotten(Body):
    """Whose password is forgotten."""

    email = Text(EMAIL_MAX, required=True, metadata={"format": "email"})


class Link(Body):
    """The two parts of a mailed link."""

    uid = Text(required=True)
    token = Text(required=True)


class NewPassword(Link):
    """A new password, twice, and the link that allows it."""

    all_at_once = True
    new_password = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))
    confirm_password = Text(PASSWORD_MAX, required=True, metadata=dict(PASSWORD))


class EmailChange(Body):
    """The e-mail that the account is to have."""

    email = Text(EMAIL_MAX, required=True, metadata={"format": "email"})


class EmailChangeRequested(Done):
    """The e-mail waits to be confirmed."""

    pending_email = fields.String()


class GoodLink(Done):
    """The link can be used."""

    valid = fields.Boolean(metadata={"const": True})
