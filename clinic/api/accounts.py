"""Registration, sign-in, tokens."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import accounts, directory, settings
from clinic.accounts import SessionKind, SignedIn
from clinic.api.auth import REFRESH, origin, read_token, signed_in, tokens_of
from clinic.api.blueprint import Resource
from clinic.api.language import chosen_language
from clinic.api.profile import user_body
from clinic.api.responses import answer, done
from clinic.api.schemas import accounts as schemas
from clinic.errors import InvalidInput, Unauthenticated
from clinic.i18n import N_
from clinic.limits import limit_registration, limit_sign_ins
from clinic.policy import Actor

resource = Resource("accounts", __name__, description="Registration, sign-in, tokens.")


def welcome(entered: SignedIn, message: str, status: int = 200) -> Response:
    """Answer a registration or sign-in: who it is, and their tokens."""
    user = directory.me(entered.actor.with_language(chosen_language()))
    return done(message, status=status, user=user_body(user), tokens=tokens_of(entered))


@resource.route("/auth/register/", methods=["POST"])
@resource.response(201, schemas.Welcome)
@resource.alt_response(202, schema=schemas.Done, success=True)
@resource.limited(limit_registration)
@resource.arguments(schemas.Registration)
def register(body: dict[str, Any]) -> Response:
    """Register as a patient.

    Where the clinic hides which e-mails have an account (`HIDE_UNKNOWN_EMAILS`), every e-mail is answered 202 without tokens,
    and a mail to it says how to go on.
    """
    registration: Any = {**body, "language": chosen_language()}
    if settings.current().accounts.hides_unknown_emails:
        accounts.request_account(**registration)
        return done(_("Check your e-mail: it says how to go on."), status=202)
    entered = accounts.register_patient(**registration, kind=SessionKind.API, origin=origin())
    return welcome(entered, _("Welcome. Your account has been created."), 201)


def _sign_in(body: dict[str, Any]) -> SignedIn:
    return accounts.sign_in(**body, kind=SessionKind.API, origin=origin())


@resource.route("/auth/login/", methods=["POST"])
@resource.response(200, schemas.Welcome)
@resource.refuses(401, 403)
@resource.limited(limit_sign_ins)
@resource.arguments(schemas.Credentials)
def login(body: dict[str, Any]) -> Response:
    """Sign in.

    Where the account has a second step, 401 `second_factor_required` comes with a `ticket` for `auth/second-factor/`.
    """
    return welcome(_sign_in(body), _("You're signed in."))


@resource.route("/token/", methods=["POST"])
@resource.response(200, schemas.Tokens)
@resource.refuses(401, 403)
@resource.limited(limit_sign_ins)
@resource.arguments(schemas.Credentials)
def obtain_tokens(body: dict[str, Any]) -> Response:
    """Get a pair of tokens for an e-mail and its password."""
    return answer(tokens_of(_sign_in(body)))


@resource.route("/token/refresh/", methods=["POST"])
@resource.response(200, schemas.Tokens)
@resource.refuses(401)
@resource.arguments(schemas.RefreshToken)
def refresh_tokens(body: dict[str, Any]) -> Response:
    """Exchange a refresh token for a new pair.

    The one presented is dead afterwards; presented again it ends the session, except within 10 seconds.
    """
    claims = read_token(body["refresh"], REFRESH)
    return answer(tokens_of(accounts.rotate_refresh(claims.session_id, claims.user_id, claims.jti, claims.key)))


@resource.route("/auth/logout/", methods=["POST"])
@resource.response(200, schemas.Done)
@signed_in()
@resource.arguments(schemas.Departure)
def logout(actor: Actor, body: dict[str, Any]) -> Response:
    """End the session that a refresh token belongs to, its access token included."""
    try:
        claims = read_token(body["refresh"], REFRESH, allow_expired=True)
    except Unauthenticated:
        raise InvalidInput.of({"refresh": [N_("This refresh token isn't yours.")]}) from None
    accounts.end_session(actor, claims.session_id)
    return done(_("You're signed out."))


@resource.route("/auth/logout-all/", methods=["POST"])
@resource.response(200, schemas.Done)
@signed_in()
def logout_all(actor: Actor) -> Response:
    """End every session of the caller: all tokens and all browsers."""
    accounts.end_all_sessions(actor)
    return done(_("You're signed out everywhere."))
