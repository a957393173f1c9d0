"""A patient's own details: name, phone, what the clinic asks at registration, insurance, and whom to call."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import StringField

from clinic import accounts
from clinic.web.forms import PhoneField, at_most
from clinic.web.kept import typed_in
from clinic.web.patient_fields import address_field, birthday_field, gender_field
from clinic.web.profile import ProfileForm, own_profile


class PatientProfileForm(ProfileForm):
    """A patient's fields."""

    nested = "patient_profile"
    inner = ("date_of_birth", "gender", "address", "insurance_id", "emergency_contact", "emergency_contact_phone")
    date_of_birth = birthday_field()
    gender = gender_field()
    address = address_field()
    insurance_id = StringField(lazy_gettext("Insurance number"), [at_most(accounts.INSURANCE_MAX)])
    emergency_contact = StringField(lazy_gettext("Whom we call in an emergency"), [at_most(accounts.NAME_MAX)])
    emergency_contact_phone = PhoneField(lazy_gettext("Their phone"))


@typed_in(PatientProfileForm)
def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    return own_profile(PatientProfileForm, "patient/profile.html")


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
