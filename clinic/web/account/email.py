"""A person's own e-mail: another one, which waits until it is confirmed, and the link that confirms the present one."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField

from clinic import accounts, directory
from clinic.errors import TooManyTries
from clinic.text import emails
from clinic.text.emails import EMAIL_MAX
from clinic.web.account.settings import EndForm, blueprint
from clinic.web.kit.access import require_proof, signed_in_actor
from clinic.web.kit.forms import PortalForm, an_email, at_most, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import NotDone, submitted
from clinic.web.kit.unsent_forms import keeps_unsent

#: What too many mails are refused with: shown in the form, with what was typed.
TOO_MANY = (TooManyTries,)


class EmailForm(PortalForm):
    """The e-mail that the account is to have."""

    email = EmailField(lazy_gettext("New e-mail"), [required(), at_most(EMAIL_MAX), an_email])


@blueprint.route("/email", methods=["GET", "POST"])
@keeps_unsent(EmailForm)
def email() -> ResponseReturnValue:
    """Show the person's e-mail and the one that waits; request another one on POST."""
    require_proof()
    form = EmailForm()
    outcome = submitted(
        form, lambda: accounts.request_email_change(signed_in_actor(), form.email.data or ""), also=TOO_MANY
    )
    if not outcome.done:
        return _email_page(form, outcome)
    return _written_to(outcome.result)


def _email_page(form: EmailForm, outcome: NotDone) -> Response:
    return page(
        "account/email.html",
        status=_status(outcome),
        form=form,
        me=directory.me(signed_in_actor()),
        veto_days=accounts.VETO_LASTS.days,
    )


def _status(outcome: NotDone) -> int:
    return 429 if isinstance(outcome.refusal, TooManyTries) else outcome.status


def _written_to(address: str) -> ResponseReturnValue:
    text = gettext("We've written to %(mail)s. Nothing changes until you confirm it there.", mail=emails.shown(address))
    flash(text, "success")
    return see_other(url_for(".email"))


@blueprint.post("/email/again")
def email_again() -> ResponseReturnValue:
    """Mail the link to the e-mail that waits once more."""
    form = EmailForm(formdata=None)
    press = EndForm()
    outcome = submitted(press, lambda: accounts.resend_email_change(signed_in_actor()), also=TOO_MANY)
    if outcome.done:
        return _written_to(outcome.result)
    form.form_errors = press.form_errors
    return _email_page(form, outcome)


@blueprint.post("/email/withdraw")
def email_withdraw() -> ResponseReturnValue:
    """Let the e-mail that waits wait no longer."""
    form = EmailForm(formdata=None)
    press = EndForm()
    outcome = submitted(press, lambda: accounts.withdraw_email_change(signed_in_actor()))
    if outcome.done:
        flash(gettext("Your e-mail stays as it is."), "success")
        return see_other(url_for(".email"))
    form.form_errors = press.form_errors
    return _email_page(form, outcome)


@blueprint.route("/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """Say how it becomes known whose the account is; mail the link that confirms its e-mail on POST."""
    form = EndForm()
    outcome = submitted(form, lambda: accounts.resend_confirmation(signed_in_actor()), also=TOO_MANY)
    if not outcome.done:
        return confirm_page(_status(outcome), form)
    address = emails.shown(signed_in_actor().email)
    flash(gettext("We've written to %(mail)s. Open the link in that e-mail.", mail=address), "success")
    return see_other(url_for(".confirm"))


def confirm_page(status: int = 403, form: EndForm | None = None) -> Response:
    """Answer the same in place of a page that shows records."""
    return page(
        "account/confirm.html",
        status=status,
        form=form or EndForm(formdata=None),
        me=directory.me(signed_in_actor()),
        link_hours=accounts.CONFIRM_LASTS // timedelta(hours=1),
    )
