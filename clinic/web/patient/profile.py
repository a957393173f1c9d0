"""A patient's own details: name, phone, what the clinic asks at registration, insurance, and whom to call."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import accounts, clock, directory
from clinic.directory import Profile, ProfileChanges
from clinic.policy import Actor
from clinic.web.account.patient_fields import (
    address_field,
    birthday_field,
    emergency_contact_field,
    emergency_phone_field,
    gender_field,
    insurance_field,
)
from clinic.web.account.profile import ProfileForm, own_profile
from clinic.web.kit.unsent_forms import keeps_unsent


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

    @classmethod
    def filled(cls, stored: Profile) -> dict[str, object]:
        """Return what the fields hold of a stored profile."""
        return {**super().filled(stored), **stored["patient_profile"]}

    def changes(self, before: Profile) -> ProfileChanges:
        """Return the changes for the domain."""
        changed = super().changes(before)
        changed["patient_profile"] = {
            "date_of_birth": self.date_of_birth.data,
            "gender": self.gender.data,
            "address": self.address.data,
            "insurance_id": self.insurance_id.data,
            "emergency_contact": self.emergency_contact.data,
            "emergency_contact_phone": self.emergency_contact_phone.data,
        }
        return changed


@keeps_unsent(PatientProfileForm)
def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    return own_profile(PatientProfileForm, "patient/profile.html")


def own_birthday(actor: Actor) -> date:
    """Return the day on which the patient was born."""
    return directory.me(actor)["patient_profile"]["date_of_birth"]


def age_today(born: date) -> int:
    """Return the age in years of somebody who was ``born`` on that day."""
    return accounts.age_on(born, clock.today())


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
