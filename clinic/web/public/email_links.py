"""What links in mails about an e-mail lead to: confirming it, and undoing its change.

Opening a link changes nothing, since mail programs open links to look at them; pressing the button of the page that it
leads on to (``mailed_links``) does.
"""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.errors import DomainError, Forbidden
from clinic.policy import Role
from clinic.web.kit import access, mailed_links
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint


class LinkForm(PortalForm):
    """Nothing to type: only that the person means it."""


@blueprint.get("/confirm-email/<uid>/<token>")
@public
def confirm_email(uid: str, token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address; say at once where the link is dead."""
    if accounts.confirmation_by(uid, token) is None:
        return _dead("confirm")
    return mailed_links.carry(".confirm_email_now", uid, token, over_sign_in=True)


@blueprint.route("/confirm-email/now", methods=["GET", "POST"])
@public
@keeps_unsent(LinkForm)
def confirm_email_now() -> ResponseReturnValue:
    """Say what the link confirms; confirm it on POST."""
    carried = mailed_links.carried()
    if carried is None:
        return mailed_links.not_carried(_another())
    uid, token = carried.uid, carried.token
    link = accounts.confirmation_by(uid, token)
    if link is None:
        return _dead("confirm")
    actor, form = access.current_actor(), LinkForm()
    outcome = submitted(form, lambda: accounts.confirm_email(actor, uid=uid, token=token), also=(Forbidden,))
    if not outcome.done:
        if _is_dead(outcome.refusal) and accounts.confirmation_by(uid, token) is None:
            return _dead("confirm")
        own = actor is not None and actor.user_id == link.user_id
        return page(
            "public/confirm_email.html",
            status=outcome.status,
            form=form,
            link=link,
            to_sign_in=link.only_signed_in and not own,
        )
    if not link.changes:
        flash(gettext("Your e-mail is confirmed."), "success")
        return see_other(url_for("account.home"))
    _leave(link.user_id)
    flash(gettext("Your new e-mail is confirmed. Sign in with it."), "success")
    return see_other(url_for(".sign_in"))


@blueprint.get("/keep-email/<uid>/<token>")
@public
def keep_email(uid: str, token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address; say at once where the link is dead."""
    if accounts.veto_by(uid, token) is None:
        return _dead("keep")
    return mailed_links.carry(".keep_email_now", uid, token)


@blueprint.route("/keep-email/now", methods=["GET", "POST"])
@public
@keeps_unsent(LinkForm)
def keep_email_now() -> ResponseReturnValue:
    """Say what keeping the e-mail does; keep it on POST."""
    carried = mailed_links.carried()
    if carried is None:
        return mailed_links.not_carried()
    user_id = accounts.veto_by(carried.uid, carried.token)
    if user_id is None:
        return _dead("keep")
    form = LinkForm()
    outcome = submitted(form, lambda: accounts.keep_email(uid=carried.uid, token=carried.token))
    if not outcome.done:
        return _dead("keep") if _is_dead(outcome.refusal) else page("public/keep_email.html", form=form)
    _leave(user_id)
    if outcome.result:
        flash(gettext("Your e-mail stays as it was. We've sent you a link to choose a new password."), "success")
    else:
        flash(gettext("Your e-mail stays as it was. The mail that we've sent you says how to get in again."), "success")
    return see_other(url_for(".sign_in"))


def _is_dead(refusal: DomainError | None) -> bool:
    """Return whether a link was used or ended between the look at it and the press."""
    return refusal is not None and "token" in refusal.errors


def _leave(user_id: int) -> None:
    """Forget in this browser the session of an account whose sessions have ended."""
    actor = access.current_actor()
    if actor is not None and actor.user_id == user_id:
        access.end()


def _dead(purpose: str) -> ResponseReturnValue:
    return page("public/dead_email_link.html", status=410, purpose=purpose, another=_another())


def _another() -> str:
    """Return where another link to confirm an e-mail is asked for: of colleagues only a new e-mail is confirmed."""
    actor = access.current_actor()
    is_staff = actor is not None and actor.role is not Role.PATIENT
    return url_for("account.email" if is_staff else "account.confirm")
