"""Where somebody goes who has just signed in: on to where they were going, or to what they had typed before."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts, scheduling
from clinic.errors import Forbidden, NotFound
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow, Moment
from clinic.web.appointments.booking_choices import Choices, booked_by
from clinic.web.appointments.selection import CHANGE, parse
from clinic.web.kit import access
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import LANGUAGE_COOKIE, chosen_language, remember
from clinic.web.kit.unsent_forms import UnsentForm


def entered(signed_in: accounts.SignedIn, next_url: str | None, sealed: str | None) -> Response:
    """Begin the session that somebody signed in to, in the place of any other of this browser, and let them go on."""
    before = access.current_actor()
    if before is not None:
        accounts.sign_out(before)
    access.begin(signed_in)
    response = current_app.make_response(arrive(signed_in.actor, next_url, sealed))
    if request.cookies.get(LANGUAGE_COOKIE) is None:
        remember(response, LANGUAGE_COOKIE, signed_in.actor.language)
    return response


def arrive(actor: Actor, next_url: str | None, sealed: str | None) -> ResponseReturnValue:
    """Redirect after signing in; show the unsent form first if it is the person's own."""
    unsent = UnsentForm.opened(sealed) if sealed else None
    if unsent is not None and unsent.user_id == actor.user_id:
        return resend_page(unsent)
    if unsent is not None:
        flash(gettext("What was typed here before belongs to another account. It wasn't sent, and we don't show it."))
    elif sealed:
        flash(gettext("We couldn't keep what you typed. Please type it again."), "error")
    return see_other(access.after_sign_in(actor, next_url))


def resend_page(unsent: UnsentForm, title: str = "") -> Response:
    """Show in short what its owner had typed and for which appointment, with the button that sends the same form
    again."""
    moment = _chosen_moment(unsent)
    return page(
        "public/send_again.html",
        unsent=unsent,
        title=title or gettext("You're signed in again"),
        booking=booking_of(unsent.address, moment),
        moment=moment,
        only_chooses=any(name == CHANGE for name, _ in unsent.fields),
        appointment=_appointment_of(unsent),
    )


def _chosen_moment(unsent: UnsentForm) -> Moment | None:
    """Return the time that was chosen: one of those offered instead, else the one of the address; None for neither."""
    return parse(dict(parse_qsl(urlsplit(unsent.address).query)), dict(unsent.fields)).moment


def _appointment_of(unsent: UnsentForm) -> AppointmentRow | None:
    """Return the appointment that an unsent form is about, None if it is about none."""
    appointment_id = unsent.view_args().get("appointment_id")
    try:
        return scheduling.appointment(access.signed_in_actor(), appointment_id) if appointment_id else None
    except (Forbidden, NotFound):
        return None


def booking_of(next_url: str | None, moment: Moment | None = None) -> Choices | None:
    """Return the appointment that somebody is about to book, if that is where they are going."""
    return booked_by(next_url, actor=access.current_actor(), lang=chosen_language(), moment=moment)
