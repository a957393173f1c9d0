"""Signing in and out, registering, and the choice of language and colours."""

from __future__ import annotations

from flask import Response, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, HiddenField, PasswordField, StringField

from clinic import accounts, settings
from clinic.errors import DomainError, Forbidden, Unauthenticated
from clinic.limits import limit_registration, limit_sign_ins
from clinic.policy import Actor
from clinic.text import emails
from clinic.text.emails import EMAIL_MAX
from clinic.web.account.patient_fields import address_field, birthday_field, gender_field
from clinic.web.kit import access
from clinic.web.kit.access import from_any_page_of_ours, public
from clinic.web.kit.forms import PhoneField, PortalForm, at_most, new_password_field, required, say_least
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import chosen_language, keep_preferences
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.arriving import arrive, booking_of, entered, resend_page
from clinic.web.public.home import blueprint
from clinic.web.public.second_factor import next_step

__all__ = ["resend_page", "sign_in_page"]

#: Where the session keeps to where somebody was going who has registered and is to look into their mail.
_REGISTER_NEXT = "register_next"


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
@limit_sign_ins
@public
@keeps_unsent(SignInForm)
def sign_in() -> ResponseReturnValue:
    """Sign in; the address's ``next`` is where the person was going, ``unsent_form`` what they had typed there."""
    actor = access.current_actor()
    next_url = request.args.get("next")
    form = SignInForm()
    if actor is not None and _is_signed_in(actor, form):
        return arrive(actor, next_url, form.unsent_form.data)
    outcome = submitted(form, lambda: _signed_in(form), also=(Unauthenticated, Forbidden), rehearsed=False)
    if outcome.done:
        return entered(outcome.result, next_url, form.unsent_form.data)
    if isinstance(outcome.refusal, accounts.SecondStepRequired):
        return next_step(outcome.refusal, next_url, form.unsent_form.data)
    return sign_in_page(form, outcome.status)


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
        "public/sign_in.html", status=status, form=form, next_url=next_url, booking=booking_of(next_url), notice=notice
    )


@blueprint.route("/register", methods=["GET", "POST"])
@limit_registration
@public
@keeps_unsent(RegisterForm)
def register() -> ResponseReturnValue:
    """Register as a patient and be signed in at once; where unknown e-mails are hidden, a mail tells how to go on."""
    actor = access.current_actor()
    next_url = request.args.get("next")
    form = RegisterForm()
    say_least(form.password, accounts.least_characters())
    if actor is not None and _is_signed_in(actor, form):
        return redirect(access.after_sign_in(actor, next_url))
    if settings.current().accounts.hides_unknown_emails:
        return _request_account(form, next_url)
    outcome = submitted(form, lambda: _new_patient(form))
    if not outcome.done:
        return _register_page(form, outcome.status, taken=_hide_taken(form, outcome.refusal))
    if actor is not None:
        accounts.sign_out(actor)
    access.begin(outcome.result)
    person = outcome.result.actor
    if booking_of(next_url):
        notice = gettext("Your account is ready. One step left: this time isn't yours until you confirm.")
    else:
        notice = gettext("Welcome, %(name)s. Your account is ready.", name=person.full_name)
    flash(notice, "success")
    return see_other(access.after_sign_in(person, next_url))


def _new_patient(form: RegisterForm) -> accounts.SignedIn:
    kind = accounts.SessionKind.BROWSER
    return accounts.register_patient(**_registration(form), kind=kind, origin=access.origin())


def _registration(form: RegisterForm) -> accounts.Registration:
    return {
        "email": form.email.data or "",
        "password": form.password.data or "",
        "password_confirm": form.password.data or "",
        "full_name": form.full_name.data or "",
        "phone_num": form.phone_num.data or "",
        "date_of_birth": form.date_of_birth.data,
        "gender": form.gender.data,
        "address": form.address.data or "",
        "language": chosen_language(),
    }


def _request_account(form: RegisterForm, next_url: str | None) -> ResponseReturnValue:
    """Register without saying whether the e-mail had an account: whoever reads what goes to it is told there.

    Where the person was going stays in their browser.
    """
    outcome = submitted(form, lambda: accounts.request_account(**_registration(form)))
    if not outcome.done:
        return _register_page(form, outcome.status, taken=False)
    session[_REGISTER_NEXT] = access.safe_next(next_url)
    return see_other(url_for(".register_sent"))


@blueprint.get("/register/sent")
@public
def register_sent() -> ResponseReturnValue:
    """Say that a mail tells how to go on; the same for every e-mail."""
    return page("public/register_sent.html", next_url=access.safe_next(session.get(_REGISTER_NEXT)))


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
        "public/register.html", status=status, form=form, next_url=next_url, taken=taken, booking=booking_of(next_url)
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
