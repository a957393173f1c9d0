"""The second step of signing in: a code or a passkey, or setting it up where the clinic wants it.

The ticket that says that the password was right is in the browser's cookie, never on a page.
"""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.accounts import TicketPurpose
from clinic.errors import Forbidden
from clinic.limits import limit_sign_ins
from clinic.web.account.devices import device_name
from clinic.web.kit import access, guard
from clinic.web.kit.access import public
from clinic.web.kit.code_forms import CodeForm, PasskeyForm, SetUpForm, grouped, picture_of, relying_party
from clinic.web.kit.held_tickets import held, hold
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.arriving import entered
from clinic.web.public.home import blueprint


def next_step(step: accounts.SecondStepRequired, next_url: str | None, sealed: str | None) -> ResponseReturnValue:
    """Send somebody whose password was right to the step that is left; what they had typed goes along."""
    hold(step.ticket)
    sets_up = step.code == accounts.NOT_SET_UP
    if not sealed:
        return see_other(url_for(".set_up_factor" if sets_up else ".second_factor", next=access.safe_next(next_url)))
    if sets_up:
        return _set_up_page(SetUpForm(formdata=None, data={"unsent_form": sealed}), step.ticket, 200)
    return _code_page(CodeForm(formdata=None, data={"unsent_form": sealed}), step.ticket, 200)


@blueprint.route("/login/second-factor", methods=["GET", "POST"])
@limit_sign_ins
@public
@keeps_unsent(CodeForm)
def second_factor() -> ResponseReturnValue:
    """Take the second step by a code of the app, a passkey, or a recovery code."""
    form = CodeForm()
    ticket = held(TicketPurpose.SECOND_FACTOR)
    if ticket is None:
        return _start_again(form)
    outcome = submitted(form, lambda: _finished(ticket, form), also=(Forbidden,), rehearsed=False)
    if not outcome.done:
        return _code_page(form, ticket, outcome.status)
    return entered(outcome.result, request.args.get("next"), form.unsent_form.data)


def _finished(ticket: str, form: CodeForm) -> accounts.SignedIn:
    kind, origin, answer = accounts.SessionKind.BROWSER, access.origin(), form.answer()
    if answer is not None:
        return accounts.finish_sign_in_by_passkey(ticket=ticket, answer=answer, kind=kind, origin=origin)
    return accounts.finish_sign_in(ticket=ticket, code=form.code.data or "", kind=kind, origin=origin)


def _code_page(form: CodeForm, ticket: str, status: int) -> Response:
    step = accounts.second_step_by_ticket(ticket, relying_party())
    form.ask_for(step)
    next_url = access.safe_next(request.args.get("next"))
    return page("public/second_factor.html", status=status, form=form, step=step, next_url=next_url)


def _start_again(form: CodeForm | SetUpForm | PasskeyForm) -> ResponseReturnValue:
    """Send somebody back to the password whose ticket is over; what they had typed before goes along."""
    next_url, message = access.safe_next(request.args.get("next")), gettext("That took too long. Please sign in again.")
    sealed = form.unsent_form.data if form.is_submitted() else None
    if sealed:
        return guard.entrance().sign_in_page(notice=message, sealed=sealed, next_url=next_url)
    flash(message)
    return see_other(url_for(".sign_in", next=next_url))


@blueprint.route("/login/set-up-factor", methods=["GET", "POST"])
@limit_sign_ins
@public
@keeps_unsent(SetUpForm)
def set_up_factor() -> ResponseReturnValue:
    """Set up the second step that the clinic wants of everybody who works here, and be signed in by it."""
    form = PasskeyForm() if "passkey" in request.form else SetUpForm()
    ticket = held(TicketPurpose.SET_UP)
    if ticket is None:
        return _start_again(form)
    outcome = submitted(
        form,
        lambda: accounts.finish_set_up(
            ticket=ticket, pending=form.pending(), kind=accounts.SessionKind.BROWSER, origin=access.origin()
        ),
        also=(Forbidden,),
        rehearsed=False,
    )
    if not outcome.done:
        return _set_up_page(form, ticket, outcome.status)
    entered(outcome.result.signed_in, None, None)
    return page(
        "account/recovery_codes_shown.html",
        codes=outcome.result.recovery_codes,
        leads_to=access.after_sign_in(outcome.result.signed_in.actor, request.args.get("next")),
        sealed=form.unsent_form.data,
    )


def _set_up_page(sent: SetUpForm | PasskeyForm, ticket: str, status: int) -> Response:
    """Show both ways to set it up, whichever was tried; what was typed before a session ended is carried by both."""
    carried = {"unsent_form": sent.unsent_form.data}
    form = sent if isinstance(sent, SetUpForm) else SetUpForm(formdata=None, data=carried)
    passkey = sent if isinstance(sent, PasskeyForm) else PasskeyForm(formdata=None, data=carried)
    offer = accounts.offer_by_ticket(ticket, form.offer.data)
    form.offer.data, passkey.passkey.data = offer.sealed, ""
    if passkey.name.data is None:
        passkey.name.data = device_name(request.user_agent.string)
    return page(
        "public/set_up_factor.html",
        status=status,
        form=form,
        passkey=passkey,
        options=accounts.passkey_options_by_ticket(ticket, relying_party()),
        picture=picture_of(offer),
        secret=grouped(offer.secret),
        next_url=access.safe_next(request.args.get("next")),
    )
