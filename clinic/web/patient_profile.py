"""A patient's own details: name, phone, what the clinic asks at registration, insurance, and whom to call."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import accounts, clock, directory
from clinic.policy import Actor
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


def own_birthday(actor: Actor) -> date:
    """Return the day on which the patient was born."""
    born: date = directory.me(actor)["patient_profile"]["date_of_birth"]
    return born


def age_today(born: date) -> int:
    """Return the age in years of somebody who was ``born`` on that day."""
    return accounts.age_on(born, clock.today())


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
