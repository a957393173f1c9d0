"""Everybody's own account, whatever their role: password, the devices that are signed in, language and colours."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField

from clinic import accounts, directory
from clinic.errors import NotFound
from clinic.i18n import LANGUAGES, N_
from clinic.policy import Actor, Role
from clinic.web.account.devices import Device, device_name, grouped
from clinic.web.kit import access
from clinic.web.kit.access import require_proof, restrict_to, signed_in_actor
from clinic.web.kit.forms import PortalForm, at_most, new_password_field, required, say_least
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent

blueprint = Blueprint("account", __name__, url_prefix="/account")
restrict_to(blueprint, *Role)


class PasswordForm(PortalForm):
    """The current password and the new one."""

    old_password = PasswordField(lazy_gettext("Current password"), [required(), at_most(accounts.PASSWORD_MAX)])
    new_password = new_password_field(lazy_gettext("New password"))


class EndForm(PortalForm):
    """Nothing to type: only that the person means it."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show who is signed in, and lead to what can be changed."""
    return page("account/home.html", me=directory.me(signed_in_actor()), languages=LANGUAGES)


@blueprint.route("/password", methods=["GET", "POST"])
@keeps_unsent(PasswordForm)
def password() -> ResponseReturnValue:
    """Change the password by the present one; every other device is signed out by it. A second press says that it is done."""
    if accounts.proves_by_code(signed_in_actor()):
        require_proof()
    form = PasswordForm()
    say_least(form.new_password, accounts.least_characters(signed_in_actor()))
    old, new = form.old_password.data or "", form.new_password.data or ""
    outcome = submitted(
        form,
        lambda: accounts.change_password(signed_in_actor(), old_password=old, new_password=new, confirm_password=new),
    )
    if not outcome.done:
        return page("account/password.html", status=outcome.status, form=form)
    if outcome.result is None:
        flash(gettext("This is your password already, so there was nothing left to change."))
    else:
        access.renewed(outcome.result)
        flash(gettext("You've changed your password. We've signed you out on your other devices."), "success")
    return see_other(url_for(".home"))


@blueprint.get("/still-here")
def still_here() -> ResponseReturnValue:
    """Note that the person is still here, so that they stay signed in; without HTMX go back to where they were."""
    if request.headers.get("HX-Request") == "true":
        return "", 204
    return see_other(access.page_before() or url_for(".home"))


# --- devices --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """Signing out of something: the page's question, what pressing its button does, and what is said afterwards."""

    question: str
    explanation: str
    button: str
    done: str
    device: Device | None = None


def _devices(actor: Actor) -> list[Device]:
    """Return where the person is signed in, this device first."""
    rows: list[Device] = [{**row, "name": device_name(row["device"])} for row in accounts.my_sessions(actor)]
    return sorted(rows, key=lambda row: not row["is_this_one"])


@blueprint.get("/devices")
def devices() -> ResponseReturnValue:
    """List the devices that are signed in, those that look alike together, and the browsers that the person is known by."""
    found = _devices(signed_in_actor())
    known = [{**row, "name": device_name(row["device"])} for row in accounts.my_known_devices(signed_in_actor())]
    return page("account/devices.html", groups=grouped(found), count=len(found), known=known)


@blueprint.route("/devices/<int:session_id>/end", methods=["GET", "POST"])
def end_device(session_id: int) -> ResponseReturnValue:
    """Ask whether a device should be signed out; do it on POST. A second press finds it signed out."""
    actor = signed_in_actor()
    found = next((row for row in _devices(actor) if row["id"] == session_id), None)
    form = EndForm()
    if found is None and form.is_submitted():
        flash(gettext("This device isn't signed in any more."))
        return see_other(url_for(".devices"))
    if found is None:
        raise NotFound(N_("We can't find this session."))
    outcome = submitted(form, lambda: accounts.end_my_session(actor, session_id))
    return _ended(_of_one(found), gone=found["is_this_one"]) if outcome.done else _ending_page(_of_one(found))


def _of_one(device: Device) -> Ending:
    explanation = N_("Whoever is using it will have to sign in again.")
    if device["is_this_one"]:
        explanation = N_("It's the one you're using now.")
    return Ending(
        question=N_("Sign out this device?"),
        explanation=explanation,
        button=N_("Sign it out"),
        done=N_("The device has been signed out."),
        device=device,
    )


@blueprint.route("/devices/others/end", methods=["GET", "POST"])
def end_others() -> ResponseReturnValue:
    """Ask whether all other devices should be signed out; do it on POST."""
    ending = Ending(
        question=N_("Sign out all other devices?"),
        explanation=N_("Only the one you're using now stays signed in."),
        button=N_("Sign out the others"),
        done=N_("We've signed you out on all other devices."),
    )
    outcome = submitted(EndForm(), lambda: accounts.end_other_sessions(signed_in_actor()))
    if not outcome.done:
        return _ending_page(ending)
    access.renewed(outcome.result)
    return _ended(ending, gone=False)


@blueprint.route("/devices/all/end", methods=["GET", "POST"])
def end_all() -> ResponseReturnValue:
    """Ask whether all devices, this one too, should be signed out; do it on POST."""
    ending = Ending(
        question=N_("Sign out everywhere?"),
        explanation=N_("We'll sign you out on all devices, including the one you're using now."),
        button=N_("Sign out everywhere"),
        done=N_("You're signed out everywhere."),
    )
    outcome = submitted(EndForm(), lambda: accounts.end_all_sessions(signed_in_actor()))
    return _ended(ending, gone=True) if outcome.done else _ending_page(ending)


def _ending_page(ending: Ending) -> ResponseReturnValue:
    return page("account/end.html", ending=ending)


def _ended(ending: Ending, *, gone: bool) -> ResponseReturnValue:
    """Say that it is done: on the list, or on the first page where this browser is signed out itself."""
    if gone:
        access.end()
    flash(gettext(ending.done), "success")
    return see_other(url_for("public.home" if gone else ".devices"))
