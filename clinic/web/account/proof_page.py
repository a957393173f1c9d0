"""Showing again that it is oneself, before something that does lasting harm in the wrong hands."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, PasswordField

from clinic import accounts
from clinic.errors import Unauthenticated
from clinic.policy import Actor
from clinic.web.account.settings import blueprint
from clinic.web.kit import access, guard
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.code_forms import CodeForm, relying_party
from clinic.web.kit.forms import PortalForm, at_most, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import UnsentForm


class PasswordProofForm(PortalForm):
    """Who has no second step shows the password; ``unsent_form`` carries, sealed, what was typed before the question."""

    sealable = False
    password = PasswordField(lazy_gettext("Password"), [required(), at_most(accounts.PASSWORD_MAX)])
    unsent_form = HiddenField()


@blueprint.route("/prove", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    """Ask for the password, or a code or passkey; lead on to ``next``, or to what was typed."""
    actor = signed_in_actor()
    form = CodeForm() if accounts.proves_by_code(actor) else PasswordProofForm()
    next_url = access.safe_next(request.args.get("next"))
    try:
        outcome = submitted(form, lambda: _proven(actor, form), rehearsed=False)
    except Unauthenticated as over:
        access.end()
        flash(over.text(gettext), "error")
        return see_other(url_for("public.sign_in", next=next_url))
    if not outcome.done:
        return _question(form, outcome.status, next_url)
    access.renewed(outcome.result)
    unsent = UnsentForm.opened(form.unsent_form.data) if form.unsent_form.data else None
    if unsent is not None and unsent.user_id == actor.user_id:
        return guard.entrance().resend_page(unsent, gettext("Thank you"))
    if form.unsent_form.data:
        flash(gettext("We couldn't keep what you typed. Please type it again."), "error")
    return see_other(next_url or url_for(".home"))


def _proven(actor: Actor, form: PasswordProofForm | CodeForm) -> accounts.SignedIn:
    if isinstance(form, PasswordProofForm):
        return accounts.prove(actor, password=form.password.data or "")
    answer = form.answer()
    if answer is not None:
        return accounts.prove_by_passkey(actor, answer)
    return accounts.prove(actor, code=form.code.data or "")


def proof_page(sealed: str | None, next_url: str | None) -> Response:
    """Answer the question in the place of a form that was sent; ``sealed`` is what it carries."""
    actor = signed_in_actor()
    form = CodeForm if accounts.proves_by_code(actor) else PasswordProofForm
    return _question(form(formdata=None, data={"unsent_form": sealed or ""}), 422, next_url)


def _question(form: PasswordProofForm | CodeForm, status: int, next_url: str | None) -> Response:
    step = accounts.my_second_step(signed_in_actor(), relying_party())
    if isinstance(form, CodeForm):
        form.ask_for(step)
    return page("account/prove.html", status=status, form=form, step=step, next_url=next_url)
