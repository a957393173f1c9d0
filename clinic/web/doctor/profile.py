"""What a doctor changes of the own profile: name, phone, room, and what patients read about them."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from clinic import directory
from clinic.directory import DoctorChanges, Profile, ProfileChanges, RoomRow
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.account.profile import ProfileForm, own_profile
from clinic.web.kit.forms import at_most, one_kind_of_line_break, whole
from clinic.web.kit.unsent_forms import keeps_unsent

NO_ROOM = ""


class DoctorProfileForm(ProfileForm):
    """A doctor's fields."""

    nested = "doctor_profile"
    inner = ("title", "specialization", "bio", "room")
    room = SelectField(lazy_gettext("Room"), validate_choice=False)
    title = StringField(lazy_gettext("Title"), [at_most(directory.TITLE_MAX)])
    specialization = StringField(lazy_gettext("Specialisation"), [at_most(directory.NAME_MAX)])
    bio = TextAreaField(lazy_gettext("About you"), [at_most(directory.BIO_MAX)], filters=[one_kind_of_line_break])

    @classmethod
    def filled(cls, stored: Profile) -> dict[str, object]:
        """Return what the fields hold of a stored profile; the room by its id."""
        within = stored["doctor_profile"]
        return {
            **super().filled(stored),
            "title": within["title"],
            "specialization": within["specialization"],
            "bio": within["bio"],
            "room": NO_ROOM if within["room_id"] is None else str(within["room_id"]),
        }

    def changes(self, before: Profile) -> ProfileChanges:
        """Return the changes for the domain; a room only if it is another one than ``before``."""
        own: DoctorChanges = {
            "title": self.title.data or "",
            "specialization": self.specialization.data or "",
            "bio": self.bio.data or "",
        }
        chosen = self.room.data or NO_ROOM
        if chosen != self.filled(before)["room"]:
            own["room"] = None if chosen == NO_ROOM else whole(chosen) or 0
        changed = super().changes(before)
        changed["doctor_profile"] = own
        return changed

    def offer(self, actor: Actor, before: Profile) -> None:
        """Set the rooms to choose from."""
        self.room.choices = [SelectChoice(value, label) for value, label in _rooms(actor, before)]


@keeps_unsent(DoctorProfileForm)
def profile() -> ResponseReturnValue:
    """Show the profile; change it on POST."""
    return own_profile(DoctorProfileForm, "doctor/profile.html", saved=N_("Your profile is saved."))


def _rooms(actor: Actor, before: Profile) -> list[tuple[str, str]]:
    """Return the rooms to choose from: none, the doctor's own, and those that are nobody's."""
    own = before["doctor_profile"]["room_id"]
    free = {row["id"] for row in directory.rooms(actor, unassigned=True).results}
    choices = [
        (str(row["id"]), _room_name(row))
        for row in directory.rooms(actor).results
        if row["id"] in free or row["id"] == own
    ]
    if own is not None and str(own) not in dict(choices):
        choices.append((str(own), gettext("your current room, no longer in use")))
    return [(NO_ROOM, gettext("No room of my own")), *choices]


def _room_name(room: RoomRow) -> str:
    return gettext("Floor %(floor)s, room %(number)s", floor=room["floor"], number=room["room_number"])


def add_to(blueprint: Blueprint) -> None:
    """Add the profile to the doctor's pages."""
    blueprint.add_url_rule("/profile", view_func=profile, methods=["GET", "POST"])
