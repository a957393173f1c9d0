"""Showing again that it is oneself, before something that does lasting harm in the wrong hands."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, PasswordField

from clinic import accounts
from clinic.errors import Unauthenticated
from clinic.web.account.settings import blueprint
from clinic.web.kit import access, guard
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.code_forms import code_field
from clinic.web.kit.forms import PortalForm, at_most, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import UnsentForm


class _ProofForm(PortalForm):
    """``unsent_form`` carries, sealed, what was typed before the question came."""

    sealable = False
    unsent_form = HiddenField()


class PasswordProofForm(_ProofForm):
    """Who has no second step shows the password."""

    password = PasswordField(lazy_gettext("Password"), [required(), at_most(accounts.PASSWORD_MAX)])


class CodeProofForm(_ProofForm):
    """Who has a second step shows a code of it."""

    code = code_field(lazy_gettext("Code"), lazy_gettext("From your app, or one of your recovery codes."))


@blueprint.route("/prove", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    """Ask for the password or a code; lead on to ``next``, or to what was typed."""
    actor = signed_in_actor()
    by_code = accounts.proves_by_code(actor)
    form = CodeProofForm() if by_code else PasswordProofForm()
    next_url = access.safe_next(request.args.get("next"))
    typed = {"code" if by_code else "password": (form.code if by_code else form.password).data or ""}
    try:
        outcome = submitted(form, lambda: accounts.prove(actor, **typed), rehearsed=False)
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


def proof_page(sealed: str | None, next_url: str | None) -> Response:
    """Answer the question in the place of a form that was sent; ``sealed`` is what it carries."""
    actor = signed_in_actor()
    form = CodeProofForm if accounts.proves_by_code(actor) else PasswordProofForm
    return _question(form(formdata=None, data={"unsent_form": sealed or ""}), 422, next_url)


def _question(form: PasswordProofForm | CodeProofForm, status: int, next_url: str | None) -> Response:
    return page("account/prove.html", status=status, form=form, next_url=next_url)
