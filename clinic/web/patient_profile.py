"""A patient's own details: name, phone, what the clinic asks at registration, insurance, and whom to call.

Which of it may be changed and what is right is the domain's; what was typed stays when somebody else saved meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, HiddenField, SelectField, StringField, TelField

from clinic import accounts, directory
from clinic.errors import InvalidInput, Stale
from clinic.policy import Actor
from clinic.web import filters
from clinic.web.access import the_actor
from clinic.web.entrance import GENDERS
from clinic.web.forms import PortalForm, at_most, required
from clinic.web.page import page, see_other

Profile = Mapping[str, Any]

OWN = ("full_name", "phone_num")
NESTED = "patient_profile"
PATIENTS = ("date_of_birth", "gender", "address", "insurance_id", "emergency_contact", "emergency_contact_phone")
#: What the version field stands for where it can't be read: no profile has it.
UNREADABLE = 0


class ProfileForm(PortalForm):
    """The fields; ``version`` is the version of the profile that was read."""

    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    phone_num = TelField(lazy_gettext("Phone"), [required()])
    date_of_birth = DateField(
        lazy_gettext("Date of birth"), [required(lazy_gettext("Please give a date, such as 1990-05-31."))]
    )
    gender = SelectField(
        lazy_gettext("Gender"),
        [required(lazy_gettext("Please choose one."))],
        choices=GENDERS,
        validate_choice=False,
    )
    address = StringField(lazy_gettext("Address"), [at_most(accounts.ADDRESS_MAX)])
    insurance_id = StringField(lazy_gettext("Insurance number"), [at_most(accounts.INSURANCE_MAX)])
    emergency_contact = StringField(lazy_gettext("Whom we call in an emergency"), [at_most(accounts.NAME_MAX)])
    emergency_contact_phone = TelField(lazy_gettext("Their phone"))
    version = HiddenField()

    @property
    def expected_version(self) -> int:
        """The version that the changes were made to."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else UNREADABLE

    @property
    def changes(self) -> dict[str, Any]:
        """What the domain is told."""
        nested = {name: self[name].data for name in PATIENTS}
        return {**{name: self[name].data or "" for name in OWN}, NESTED: nested}


def _fields(stored: Profile) -> dict[str, Any]:
    """Return what the fields hold for a stored profile."""
    nested = stored[NESTED]
    return {
        **{name: stored[name] for name in OWN},
        **{name: nested[name] for name in PATIENTS},
        "version": str(stored["version"]),
    }


def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    actor = the_actor()
    form = ProfileForm()
    if not form.is_submitted():
        return _page(ProfileForm(data=_fields(directory.me(actor))), 200)
    if not form.validate():
        return _page(form, 422)
    try:
        directory.update_me(actor, form.changes, expected_version=form.expected_version)
    except InvalidInput as refusal:
        form.refuse(refusal, {f"{NESTED}.{name}": name for name in PATIENTS})
        return _page(form, 422)
    except Stale:
        return _stale_page(actor, form)
    flash(gettext("Your details are saved."), "success")
    return see_other(url_for(".profile"))


def _page(form: ProfileForm, status: int, **more: Any) -> ResponseReturnValue:
    return page("patient/profile.html", status=status, form=form, **{"stale": False, "theirs": {}, **more})


def _stale_page(actor: Actor, form: ProfileForm) -> ResponseReturnValue:
    """Show what was typed beside what was saved meanwhile; the next sending writes over exactly that."""
    stored = _fields(directory.me(actor))
    theirs = {name: _said(name, stored[name]) for name in (*OWN, *PATIENTS) if not _same(form[name].data, stored[name])}
    form.version.data = stored["version"]
    return _page(form, 412, stale=True, theirs=theirs)


def _same(typed: Any, stored: Any) -> bool:
    if isinstance(typed, str):
        typed = typed.strip()
    return (typed or None) == (stored or None)


def _said(name: str, value: Any) -> str:
    """Return a stored value in words."""
    if not value:
        return gettext("nothing")
    if name == "gender":
        return next((str(choice.label) for choice in GENDERS if choice.value == value), str(value))
    return filters.day_plain(value) if isinstance(value, date) else str(value)


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
