"""Signing in and out, registering, and the choice of language and colours."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, HiddenField, PasswordField, StringField

from clinic import accounts, scheduling
from clinic.errors import DomainError, Forbidden, NotFound, Unauthenticated
from clinic.limits import limit_registration
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow, Moment
from clinic.text import emails
from clinic.text.emails import EMAIL_MAX
from clinic.web.account.patient_fields import address_field, birthday_field, gender_field
from clinic.web.appointments.booking_choices import Choices, booked_by
from clinic.web.appointments.selection import CHANGE, parse
from clinic.web.kit import access
from clinic.web.kit.access import from_any_page_of_ours, public
from clinic.web.kit.forms import PhoneField, PortalForm, at_most, new_password_field, required, say_least
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import LANGUAGE_COOKIE, chosen_language, keep_preferences, remember
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import UnsentForm, keeps_unsent
from clinic.web.public.home import blueprint


class SignInForm(PortalForm):
    """E-mail and password; ``unsent_form`` carries, sealed, what was typed before the session ended."""

    email = EmailField(lazy_gettext("E-mail"), [required(), at_most(EMAIL_MAX)])
    password = PasswordField(lazy_gettext("Password"), [required(), at_most(accounts.PASSWORD_MAX)])
    unsent_form = HiddenField()


class RegisterForm(PortalForm):
    """What the clinic needs to know of a new patient."""

    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    email = EmailField(lazy_gettext("E-mail"), [required(), at_most(EMAIL_MAX)])
    phone_num = PhoneField(lazy_gettext("Phone"), [required()])
    date_of_birth = birthday_field()
    gender = gender_field()
    address = address_field()
    password = new_password_field(lazy_gettext("Password"))


@blueprint.route("/login", methods=["GET", "POST"])
@public
@keeps_unsent(SignInForm)
def sign_in() -> ResponseReturnValue:
    """Sign in; the address's ``next`` is where the person was going, ``unsent_form`` what they had typed there."""
    actor = access.current_actor()
    next_url = request.args.get("next")
    form = SignInForm()
    unsent = UnsentForm.opened(form.unsent_form.data) if form.is_submitted() and form.unsent_form.data else None
    if actor is not None and _is_signed_in(actor, form):
        return _arrive(actor, next_url, unsent, carried=bool(form.unsent_form.data))
    outcome = submitted(form, lambda: _signed_in(form), also=(Unauthenticated, Forbidden), rehearsed=False)
    if not outcome.done:
        return sign_in_page(form, outcome.status)
    if actor is not None:
        accounts.sign_out(actor)
    signed_in = outcome.result
    access.begin(signed_in)
    response = current_app.make_response(
        _arrive(signed_in.actor, next_url, unsent, carried=bool(form.unsent_form.data))
    )
    if request.cookies.get(LANGUAGE_COOKIE) is None:
        remember(response, LANGUAGE_COOKIE, signed_in.actor.language)
    return response


def _is_signed_in(actor: Actor, form: SignInForm | RegisterForm) -> bool:
    """Return whether an entrance leads ``actor`` on: it was only opened, or sent with their own e-mail (pressed twice,
    loaded anew). Any other e-mail is somebody else's, who signs in here instead.
    """
    return not form.is_submitted() or emails.canonical(form.email.data or "") == actor.email


def _signed_in(form: SignInForm) -> accounts.SignedIn:
    return accounts.sign_in(
        email=form.email.data or "",
        password=form.password.data or "",
        kind=accounts.SessionKind.BROWSER,
        origin=access.origin(),
    )


def _arrive(actor: Actor, next_url: str | None, unsent: UnsentForm | None, *, carried: bool) -> ResponseReturnValue:
    """Redirect after signing in; show the unsent form first if it is the person's own."""
    if unsent is not None and unsent.user_id == actor.user_id:
        return resend_page(unsent)
    if unsent is not None:
        flash(gettext("What was typed here before belongs to another account. It wasn't sent, and we don't show it."))
    elif carried:
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
        booking=_booking(unsent.address, moment),
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


def sign_in_page(
    form: SignInForm | None = None,
    status: int = 422,
    *,
    notice: str = "",
    sealed: str | None = None,
    next_url: str | None = None,
) -> Response:
    """Show the sign-in form; ``notice`` says why it is shown in the place of another page, ``sealed`` what it
    carries."""
    if form is None:
        form = SignInForm(formdata=None, data={"unsent_form": sealed or ""})
    next_url = access.safe_next(next_url or request.args.get("next"))
    if not notice and access.session_ended():
        notice = gettext("You were signed out. Sign in to carry on where you left off.")
    return page(
        "public/sign_in.html", status=status, form=form, next_url=next_url, booking=_booking(next_url), notice=notice
    )


def _booking(next_url: str | None, moment: Moment | None = None) -> Choices | None:
    """Return the appointment that somebody is about to book, if that is where they are going."""
    return booked_by(next_url, actor=access.current_actor(), lang=chosen_language(), moment=moment)


@blueprint.route("/register", methods=["GET", "POST"])
@limit_registration
@public
@keeps_unsent(RegisterForm)
def register() -> ResponseReturnValue:
    """Register as a patient and be signed in at once."""
    actor = access.current_actor()
    next_url = request.args.get("next")
    form = RegisterForm()
    say_least(form.password, accounts.least_characters())
    if actor is not None and _is_signed_in(actor, form):
        return redirect(access.after_sign_in(actor, next_url))
    outcome = submitted(form, lambda: _new_patient(form))
    if not outcome.done:
        return _register_page(form, outcome.status, taken=_hide_taken(form, outcome.refusal))
    if actor is not None:
        accounts.sign_out(actor)
    access.begin(outcome.result)
    person = outcome.result.actor
    if _booking(next_url):
        notice = gettext("Your account is ready. One step left: this time isn't yours until you confirm.")
    else:
        notice = gettext("Welcome, %(name)s. Your account is ready.", name=person.full_name)
    flash(notice, "success")
    return see_other(access.after_sign_in(person, next_url))


def _new_patient(form: RegisterForm) -> accounts.SignedIn:
    return accounts.register_patient(
        email=form.email.data or "",
        password=form.password.data or "",
        password_confirm=form.password.data or "",
        full_name=form.full_name.data or "",
        phone_num=form.phone_num.data or "",
        date_of_birth=form.date_of_birth.data,
        gender=form.gender.data,
        address=form.address.data or "",
        language=chosen_language(),
        kind=accounts.SessionKind.BROWSER,
        origin=access.origin(),
    )


def _hide_taken(form: RegisterForm, refusal: DomainError | None) -> bool:
    """Return whether the e-mail is refused as another account's, and let the form not say so.

    Whoever asks can still find out, since a free e-mail is signed in at once; how often is limited (docs/security.md).
    """
    texts = refusal.errors.get("email", []) if refusal else []
    taken = any(text.message == accounts.EMAIL_TAKEN for text in texts)
    if taken:
        form.email.errors = [gettext("We can't create an account with this e-mail.")]
    return taken


def _register_page(form: RegisterForm, status: int, *, taken: bool) -> ResponseReturnValue:
    next_url = access.safe_next(request.args.get("next"))
    return page(
        "public/register.html", status=status, form=form, next_url=next_url, taken=taken, booking=_booking(next_url)
    )


@blueprint.post("/logout")
@public
@from_any_page_of_ours
def sign_out() -> ResponseReturnValue:
    """End the session here and in the clinic's list of sessions; signing out twice is harmless."""
    actor = access.current_actor()
    if actor is not None:
        accounts.sign_out(actor)
        access.end()
        flash(gettext("You're signed out."), "success")
    return see_other(url_for("public.home"))


@blueprint.post("/preferences")
@public
@from_any_page_of_ours
def preferences() -> ResponseReturnValue:
    """Keep the chosen language or colours in a cookie and go back to the page before."""
    response = current_app.make_response(see_other(access.page_before() or url_for("public.home")))
    keep_preferences(response, access.current_actor(), request.form.get("language"), request.form.get("theme"))
    return response
