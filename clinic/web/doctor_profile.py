"""What a doctor changes of the own profile: name, phone, room, and what patients read about them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from clinic import accounts, directory
from clinic.errors import Conflict, InvalidInput, Stale
from clinic.policy import Actor
from clinic.web.access import the_actor
from clinic.web.forms import PortalForm, at_most, required, whole
from clinic.web.kept import typed_in
from clinic.web.page import page, see_other
from clinic.web.recording import UNREADABLE, one_kind_of_line_break

Profile = dict[str, Any]

OWN = ("full_name", "phone_num")
NESTED = "doctor_profile"
TEXTS = ("title", "specialization", "bio")
NO_ROOM = ""


class ProfileForm(PortalForm):
    """The fields; ``version`` is the version that was read."""

    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    phone_num = StringField(lazy_gettext("Phone"), [required()])
    room = SelectField(lazy_gettext("Room"), validate_choice=False)
    title = StringField(lazy_gettext("Title"), [at_most(directory.TITLE_MAX)])
    specialization = StringField(lazy_gettext("Specialization"), [at_most(directory.NAME_MAX)])
    bio = TextAreaField(lazy_gettext("About you"), [at_most(directory.BIO_MAX)], filters=[one_kind_of_line_break])
    version = HiddenField()

    @property
    def expected_version(self) -> int:
        """The version that the changes were made to."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else UNREADABLE

    def changes(self, before: Profile) -> dict[str, Any]:
        """Return what the domain is told; a room only if it is another one than ``before``."""
        nested: dict[str, Any] = {name: self[name].data or "" for name in TEXTS}
        chosen = self.room.data or NO_ROOM
        if chosen != _shown(before)["room"]:
            nested["room"] = None if chosen == NO_ROOM else whole(chosen) or 0
        return {name: self[name].data or "" for name in OWN} | {NESTED: nested}


def _shown(profile: Profile) -> dict[str, str]:
    """Return what the fields hold for a profile."""
    nested = profile[NESTED]
    room = nested["room_id"]
    return {
        **{name: profile[name] or "" for name in OWN},
        **{name: nested[name] or "" for name in TEXTS},
        "room": NO_ROOM if room is None else str(room),
    }


@typed_in(ProfileForm)
def profile() -> ResponseReturnValue:
    """Show the profile; change it on POST. What somebody else saved meanwhile is shown beside what was typed."""
    actor = the_actor()
    before = directory.me(actor)
    form = ProfileForm(data=_shown(before) | {"version": str(before["version"])})
    if not form.is_submitted():
        return _page(actor, before, form, 200)
    if not form.validate():
        return _page(actor, before, form, 422)
    try:
        directory.update_me(actor, form.changes(before), expected_version=form.expected_version)
    except InvalidInput as refusal:
        form.refuse(refusal, _NAMES)
        return _page(actor, before, form, 422)
    except Conflict as refusal:
        form.refuse(refusal, _NAMES)
        return _page(actor, before, form, 409)
    except Stale:
        form.version.data = str(before["version"])
        return _page(actor, before, form, 412, stale=True)
    flash(gettext("Your profile is saved."), "success")
    return see_other(url_for("doctor.profile"))


_NAMES = {f"{NESTED}.{name}": name for name in (*TEXTS, "room")}


def _page(actor: Actor, before: Profile, form: ProfileForm, status: int, *, stale: bool = False) -> ResponseReturnValue:
    names = dict(_rooms(actor, before))
    form.room.choices = [SelectChoice(value, label) for value, label in names.items()]
    saved = _shown(before)
    theirs = {name: text for name, text in saved.items() if text != (form[name].data or "")} if stale else {}
    if "room" in theirs:
        theirs["room"] = str(names.get(theirs["room"], theirs["room"]))
    return page("doctor/profile.html", status=status, form=form, profile=before, stale=stale, theirs=theirs)


def _rooms(actor: Actor, before: Profile) -> list[tuple[str, str]]:
    """Return the rooms to choose from: none, the doctor's own, and those that are nobody's."""
    own = before[NESTED]["room_id"]
    free = {row["id"] for row in directory.rooms(actor, unassigned=True).results}
    choices = [
        (str(row["id"]), _room_name(row))
        for row in directory.rooms(actor).results
        if row["id"] in free or row["id"] == own
    ]
    if own is not None and str(own) not in dict(choices):
        choices.append((str(own), gettext("your present room, out of use")))
    return [(NO_ROOM, gettext("No room of my own")), *choices]


def _room_name(room: dict[str, Any]) -> str:
    if room["floor"] is None:
        return gettext("Room %(number)s", number=room["room_number"])
    return gettext("Floor %(floor)s, room %(number)s", floor=room["floor"], number=room["room_number"])


def add_to(blueprint: Blueprint) -> None:
    """Add the profile to the doctor's pages."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
