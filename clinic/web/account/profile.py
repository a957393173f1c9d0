"""A person's own profile, whatever their role: shown, changed, and never written over unseen.

Each role's page (``patient/profile.py``, ``doctor/profile.py``, ``admin/profile.py``) brings its form and template. Which of it
may be changed and what is right is the domain's.
"""

from __future__ import annotations

from typing import ClassVar

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField

from clinic import accounts, directory
from clinic.directory import Profile, ProfileChanges
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import PhoneField, at_most, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.versioned import VersionedForm


class ProfileForm(VersionedForm):
    """What everybody has. A role's form adds the fields of ``inner``, which stand under ``nested`` in a User."""

    nested: ClassVar[str] = ""
    inner: ClassVar[tuple[str, ...]] = ()
    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    phone_num = PhoneField(lazy_gettext("Phone"), [required()])

    @classmethod
    def filled(cls, stored: Profile) -> dict[str, object]:
        """Return what the fields hold of a stored profile, with its version."""
        return {name: stored[name] for name in ("full_name", "phone_num", "version")}

    def changes(self, _before: Profile) -> ProfileChanges:
        """Return the changes for the domain."""
        return {"full_name": self.full_name.data or "", "phone_num": self.phone_num.data or ""}

    def offer(self, _actor: Actor, _before: Profile) -> None:
        """Set what can be chosen at present."""


def own_profile(
    form_type: type[ProfileForm], template: str, *, saved: str = N_("Your details are saved.")
) -> ResponseReturnValue:
    """Show the person's own profile; change it on POST. What somebody else saved meanwhile stands beside what was typed."""
    actor = signed_in_actor()
    before = directory.me(actor)
    form = form_type(data=form_type.filled(before))
    form.offer(actor, before)
    outcome = submitted(
        form,
        lambda: directory.update_me(actor, form.changes(before), expected_version=form.expected_version),
        names={f"{form.nested}.{name}": name for name in form.inner},
    )
    if form.stale:
        form.set_beside(form.filled(directory.me(actor)))
    if outcome.done or form.saved_already:
        flash(gettext(saved), "success")
        return see_other(url_for(str(request.endpoint)))
    return page(template, status=outcome.status, form=form, profile=before)
