"""A person's own profile, whatever their role: shown, changed, and never written over unseen.

Each role's page (``patient_profile``, ``doctor_profile``, ``admin.profile``) brings its form and template. Which of it
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
from clinic.errors import Conflict, InvalidInput, Stale
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.access import the_actor
from clinic.web.forms import PhoneField, at_most, required
from clinic.web.page import page, see_other
from clinic.web.versioned import VersionedForm


class ProfileForm(VersionedForm):
    """What everybody has. A role's form adds the fields of ``inner``, which stand under ``nested`` in a User."""

    nested: ClassVar[str] = ""
    inner: ClassVar[tuple[str, ...]] = ()
    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    phone_num = PhoneField(lazy_gettext("Phone"), [required()])

    @classmethod
    def filled(cls, stored: Profile) -> dict[str, object]:
        """Return what the fields hold of a stored profile."""
        return {"full_name": stored["full_name"], "phone_num": stored["phone_num"]}

    def changes(self, _before: Profile) -> ProfileChanges:
        """Return what the domain is told."""
        return {"full_name": self.full_name.data or "", "phone_num": self.phone_num.data or ""}

    def offer(self, _actor: Actor, _before: Profile) -> None:
        """Set what can be chosen at present."""


def own_profile(
    form_type: type[ProfileForm], template: str, *, saved: str = N_("Your details are saved.")
) -> ResponseReturnValue:
    """Show the person's own profile; change it on POST. What somebody else saved meanwhile stands beside what was typed."""
    actor = the_actor()
    before = directory.me(actor)
    form = form_type(data=form_type.filled(before) | {"version": str(before["version"])})
    form.offer(actor, before)
    status = 200
    if form.is_submitted():
        status = _save(actor, form, before)
        if status == 200:
            flash(gettext(saved), "success")
            return see_other(url_for(str(request.endpoint)))
    return page(template, status=status, form=form, profile=before)


def _save(actor: Actor, form: ProfileForm, before: Profile) -> int:
    """Save what was typed; return the status of the answer, and let the form say what is wrong."""
    names = {f"{form.nested}.{name}": name for name in form.inner}
    try:
        form.send(lambda: directory.update_me(actor, form.changes(before), expected_version=form.expected_version))
    except InvalidInput as refusal:
        form.refuse(refusal, names)
        return 422
    except Conflict as refusal:
        form.refuse(refusal, names)
        return 409
    except Stale:
        now = directory.me(actor)
        form.set_beside(form.filled(now), now["version"])
        return 412
    return 200
