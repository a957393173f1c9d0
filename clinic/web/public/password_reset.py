"""A forgotten password: ask for the mail with a link; choose a new one by it. An invitation leads to the same page.

The link's token stands in the mail's address and nowhere else (``mailed_links``): not on the page, not in the logs.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField

from clinic import accounts
from clinic.errors import NotFound
from clinic.limits import limit_forgotten
from clinic.text.emails import EMAIL_MAX
from clinic.web.kit import access, mailed_links
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm, an_email, at_most, new_password_field, required, say_least
from clinic.web.kit.held_tickets import hold
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint


class ForgottenForm(PortalForm):
    """Where the link is to be sent."""

    email = EmailField(lazy_gettext("E-mail"), [required(), at_most(EMAIL_MAX), an_email])


class NewPasswordForm(PortalForm):
    """A new password."""

    new_password = new_password_field(lazy_gettext("New password"))


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@limit_forgotten
@public
@keeps_unsent(ForgottenForm)
def forgot_password() -> ResponseReturnValue:
    """Ask for the mail with a link. An unknown e-mail gets the same answer, so that the page doesn't reveal who has an
    account."""
    form = ForgottenForm()
    outcome = submitted(form, lambda: _send_link(form.email.data or ""), rehearsed=False)
    if outcome.done:
        return see_other(url_for(".forgot_password", sent="1"))
    return page(
        "public/forgot_password.html",
        status=outcome.status,
        form=form,
        sent=request.args.get("sent") == "1",
        link_hours=accounts.LINK_LASTS // timedelta(hours=1),
    )


def _send_link(email: str) -> None:
    with suppress(NotFound):
        accounts.forgot_password(email)


@blueprint.get("/reset-password/<uid>/<token>")
@public
def reset_password(uid: str, token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address; say at once where the link is dead."""
    if not accounts.reset_link_is_good(uid, token):
        return _dead_link()
    return mailed_links.carry(".choose_password", uid, token)


@blueprint.route("/reset-password/choose", methods=["GET", "POST"])
@public
@keeps_unsent(NewPasswordForm)
def choose_password() -> ResponseReturnValue:
    """Say whether the link is good; choose the new password by it on POST."""
    form = NewPasswordForm()
    link = mailed_links.carried()
    if link is None:
        return mailed_links.not_carried(url_for(".forgot_password"))
    if not accounts.reset_link_is_good(link.uid, link.token):
        return _dead_link()
    say_least(form.new_password, accounts.least_characters(uid=link.uid, token=link.token))
    first = accounts.is_first_password(link.uid, link.token)
    password = form.new_password.data or ""
    outcome = submitted(
        form,
        lambda: accounts.reset_password(
            uid=link.uid, token=link.token, new_password=password, confirm_password=password, origin=access.origin()
        ),
    )
    if not outcome.done:
        dead = outcome.refusal is not None and "token" in outcome.refusal.errors
        return _dead_link() if dead else _reset_page(form, first, outcome.status)
    _leave()
    if outcome.result is not None:
        hold(outcome.result)
        flash(gettext("Your password is set. One step is left."), "success")
        return see_other(url_for(".set_up_factor"))
    message = (
        gettext("Your password is set. Sign in with it.")
        if first
        else gettext("Your password has been changed. Please sign in with the new one.")
    )
    flash(message, "success")
    return see_other(url_for(".sign_in"))


def _leave() -> None:
    """End the browser's session: the link may be another person's."""
    actor = access.current_actor()
    if actor is not None:
        accounts.sign_out(actor)
        access.end()


def _dead_link() -> ResponseReturnValue:
    return page("public/reset_password.html", status=410, form=None)


def _reset_page(form: NewPasswordForm, first: bool, status: int) -> ResponseReturnValue:
    return page("public/reset_password.html", status=status, form=form, first=first)
