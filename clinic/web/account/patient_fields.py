"""What the clinic asks of every patient, wherever it asks: at registration, on their profile and on admins' forms.

Each is made where it stands on its form: a form's fields, and so the list of what is wrong, have the page's order, which
fields inherited from one class would not keep.
"""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from clinic import accounts
from clinic.web.kit.date_of_birth import BirthdayField, DateGiven
from clinic.web.kit.forms import PhoneField, at_most, required

GENDERS = [
    SelectChoice("", lazy_gettext("Please choose")),
    SelectChoice("female", lazy_gettext("Female")),
    SelectChoice("male", lazy_gettext("Male")),
    SelectChoice("other", lazy_gettext("Other")),
]


def birthday_field() -> BirthdayField:
    """Return the field for the date of birth."""
    hint = lazy_gettext("For example, 31 5 1990.")
    return BirthdayField(lazy_gettext("Date of birth"), [DateGiven()], description=hint)


def gender_field() -> SelectField:
    """Return the field for the gender; the domain judges what is chosen."""
    needed = required(lazy_gettext("Please choose one."))
    return SelectField(lazy_gettext("Gender"), [needed], choices=GENDERS, validate_choice=False)


def address_field() -> StringField:
    """Return the field for where the patient lives; may be left empty."""
    return StringField(lazy_gettext("Address"), [at_most(accounts.ADDRESS_MAX)])


def insurance_field() -> StringField:
    """Return the field for the insurance number; may be left empty."""
    return StringField(lazy_gettext("Insurance number"), [at_most(accounts.INSURANCE_MAX)])


def emergency_contact_field() -> StringField:
    """Return the field for whom the clinic calls in an emergency; may be left empty."""
    return StringField(lazy_gettext("Emergency contact"), [at_most(accounts.NAME_MAX)])


def emergency_phone_field() -> PhoneField:
    """Return the field for that person's phone; may be left empty."""
    return PhoneField(lazy_gettext("Their phone"))
