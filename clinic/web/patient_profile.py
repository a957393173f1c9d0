"""A patient's own details: name, phone, what the clinic asks at registration, insurance, and whom to call."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic.web.kept import typed_in
from clinic.web.patient_fields import (
    address_field,
    birthday_field,
    emergency_contact_field,
    emergency_phone_field,
    gender_field,
    insurance_field,
)
from clinic.web.profile import ProfileForm, own_profile


class PatientProfileForm(ProfileForm):
    """A patient's fields."""

    nested = "patient_profile"
    inner = ("date_of_birth", "gender", "address", "insurance_id", "emergency_contact", "emergency_contact_phone")
    date_of_birth = birthday_field()
    gender = gender_field()
    address = address_field()
    insurance_id = insurance_field()
    emergency_contact = emergency_contact_field()
    emergency_contact_phone = emergency_phone_field()


@typed_in(PatientProfileForm)
def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    return own_profile(PatientProfileForm, "patient/profile.html")


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
