"""Who calls: bearer token -> ``Actor``, and the tokens that a sign-in gets.

A token only carries the number of a sign-in session; whether that still lives is asked of ``accounts`` at each request,
so that logout, deactivation and a changed role act at once. Of the headers ``Authorization`` alone is a proof: no
cookie ever authenticates the API.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import jwt
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token

from clinic import accounts, clock, settings
from clinic.accounts import Origin, SignedIn
from clinic.api.language import chosen_language
from clinic.errors import InvalidInput, Unauthenticated
from clinic.i18n import N_
from clinic.keys import Keyring, id_of
from clinic.operations import logs
from clinic.policy import STATED_PURPOSES, Action, Actor, Purpose, Role, not_allowed, require_one_of

View = TypeVar("View", bound=Callable[..., Any])

ACCESS, REFRESH = "access", "refresh"
#: What the key is for that signs tokens, with what it does so, and for whom they are.
_PURPOSE, _ALGORITHM, AUDIENCE = "tokens of the API", "HS256", "clinic-api"
_PURPOSE_HEADER = "X-Purpose-Of-Use"
PURPOSE: dict[str, Any] = {
    "in": "header",
    "name": _PURPOSE_HEADER,
    "description": "What an admin reads medical records for, which the patient is shown; without it, that a program read them.",
    "schema": {"type": "string", "enum": [*map(str, STATED_PURPOSES)]},
}
#: Who made a token, where the portal has no address of its own.
ISSUER = "clinic"


@dataclass(frozen=True)
class Claims:
    """What one of our tokens says: whose it is, of which session, and its own id."""

    user_id: int
    session_id: int
    #: When the session began, and the secret that its tokens carry (``SignedIn.key``); nothing in a token of an older
    #: version of the portal, which is good for refreshing only.
    began: str
    key: str
    jti: str


def missing_token() -> Unauthenticated:
    """Build the refusal of a request without a bearer token."""
    return Unauthenticated(N_("Please sign in to continue."))


def invalid_token() -> Unauthenticated:
    """Build the refusal of a token that is not ours, of the wrong kind, or of an ended session."""
    return Unauthenticated(N_("This sign-in is no longer valid. Please sign in again."), code="token_invalid")


def expired_token() -> Unauthenticated:
    """Build the refusal of a token past its time."""
    return Unauthenticated(N_("This sign-in has expired. Please sign in again."), code="token_expired")


def read_token(encoded: str, kind: str, *, allow_expired: bool = False) -> Claims:
    """Return the claims of a token of ``kind``; ``Unauthenticated`` if it isn't one of ours or is past its time."""
    try:
        claims = _claims(encoded, settings.current().keys)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        # The parts of a token are read before its signature is checked, so they may hold anything.
        raise invalid_token() from None
    # The leeway between clocks is for when a token was made; how long it lasts is a promise, which the library would stretch.
    if not allow_expired and claims["exp"] <= clock.machine_seconds():
        raise expired_token()
    if claims.get("type") != kind or (kind == ACCESS and not _lasts_as_ours(claims)):
        raise invalid_token()
    return Claims(
        user_id=int(claims["sub"]),
        session_id=int(claims["sid"]),
        began=str(claims.get("began", "")),
        key=str(claims.get("key", "")),
        jti=str(claims["jti"]),
    )


def _lasts_as_ours(claims: dict[str, Any]) -> bool:
    """Return whether a token is good for no longer than those that are made now."""
    lasts: int = claims["exp"] - claims["iat"]
    return lasts <= int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"])


@functools.lru_cache(maxsize=2000)
def _claims(encoded: str, keys: Keyring) -> dict[str, Any]:
    """Return what a token says that was signed with one of these keys; whether its time is over is not asked.

    Key and audience say whose it is. ``iss`` is the address at which it was made, which a clinic may change.
    Its signature stays good: a client that shows the token again within the hour isn't made to wait for the same proof.
    """
    named = jwt.get_unverified_header(encoded).get("kid")
    key = next((key for name, key in _known_keys(keys) if name == named), None)
    if key is None:
        raise jwt.InvalidKeyError
    required = ["exp", "iat", "nbf", "sub", "jti", *(["iss", "aud"] if named else [])]
    claims: dict[str, Any] = jwt.decode(
        encoded,
        key,
        algorithms=[_ALGORITHM],
        audience=AUDIENCE if named else None,
        # Machines' clocks are never quite the same: a token may come from one that is ahead.
        leeway=current_app.config["JWT_DECODE_LEEWAY"],
        options={"require": required, "verify_exp": False},
    )
    return claims


def _known_keys(keys: Keyring) -> Iterator[tuple[str | None, str]]:
    """Yield each key that tokens are signed with, by the name that they give it.

    A token of an older version of the portal names none and is signed with another key of the same secret.
    """
    for key in keys.all(_PURPOSE):
        yield id_of(key), key.hex()
    yield None, hmac.new(keys.primary.encode(), b"clinic.api tokens", hashlib.sha256).hexdigest()


def tokens_of(signed_in: SignedIn) -> dict[str, str]:
    """Return the pair of tokens of a sign-in; the refresh token's id is the session's present secret."""
    user = str(signed_in.actor.user_id)
    session = {"sid": signed_in.actor.session_id, "began": signed_in.began, "key": signed_in.key}
    return {
        ACCESS: create_access_token(user, additional_claims=session),
        REFRESH: create_refresh_token(user, additional_claims={**session, "jti": signed_in.secret}),
    }


def _signing_key() -> bytes:
    return settings.current().keys.derive(_PURPOSE)


def origin() -> Origin:
    """Return where this request comes from, as the session list shows it."""
    return Origin(device=request.user_agent.string, address=request.remote_addr or "")


def bearer() -> Actor:
    """Return the person whose access token this request carries, reading the language of the request.

    ``Unauthenticated`` if it is missing, malformed, expired, or of an ended session.
    """
    scheme, _, encoded = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not encoded.strip():
        raise missing_token()
    claims = read_token(encoded.strip(), ACCESS)
    actor = accounts.actor_of_access(claims.session_id, claims.user_id, claims.began, claims.key)
    if actor is None:
        raise invalid_token()
    logs.note_actor(actor)
    return actor.with_language(chosen_language()).for_purpose(Purpose.API)


def _purpose() -> Purpose:
    """Return what the caller reads records for; ``InvalidInput`` for a word that isn't known."""
    stated = request.headers.get(_PURPOSE_HEADER)
    if stated is None:
        return Purpose.API
    if stated not in list(STATED_PURPOSES):
        raise InvalidInput.of({_PURPOSE_HEADER: [N_("Please choose one of the answers.")]})
    return Purpose(stated)


def signed_in(*actions: Action, only: Role | None = None, reads_records: bool = False) -> Callable[[View], View]:
    """Hand the view the caller as its first argument.

    401 without a good token; with ``actions``, 403 for a role that may do none of them (``only``: for every other role),
    before anything else of the request is looked at, so that the answer is the same for any id and body.
    ``reads_records``: the answer holds medical records, so the caller may say what for (``PURPOSE``).
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            actor = bearer()
            if actions:
                require_one_of(actor, actions)
            if only not in {None, actor.role}:
                raise not_allowed()
            if reads_records:
                actor = actor.for_purpose(_purpose())
            return view(actor, *args, **kwargs)

        # Where flask-smorest keeps what it documents of a view.
        vars(run)["_apidoc"] = {
            **getattr(view, "_apidoc", {}),
            "signed_in": actions,
            "headers_of_caller": [PURPOSE] if reads_records else [],
            "roles": None if only is None else {only},
        }
        return cast(View, run)

    return decorate


def _refused(refusal: Callable[[], Unauthenticated]) -> Callable[..., ResponseReturnValue]:
    """Return a loader that answers ``refusal`` as the application answers every refusal of the domain."""

    def load(*_args: object) -> ResponseReturnValue:
        return current_app.handle_user_exception(refusal())

    return load


def install(app: Flask) -> None:
    """Set up token signing; the lifetimes are in ``app.config`` already."""
    with app.app_context():
        issuer = settings.current().public_url or ISSUER
    app.config.update(JWT_TOKEN_LOCATION=["headers"], JWT_ALGORITHM=_ALGORITHM)
    app.config.update(JWT_ENCODE_ISSUER=issuer, JWT_ENCODE_AUDIENCE=AUDIENCE)
    manager = JWTManager(app)
    manager.encode_key_loader(lambda _identity: _signing_key().hex())
    manager.additional_headers_loader(lambda _identity: {"kid": id_of(_signing_key())})
    # ``bearer`` lets none of the extension's errors out; should another view of it ever do, it answers in our shape.
    manager.unauthorized_loader(_refused(missing_token))
    manager.expired_token_loader(_refused(expired_token))
    for loader in (
        manager.invalid_token_loader,
        manager.needs_fresh_token_loader,
        manager.revoked_token_loader,
        manager.token_verification_failed_loader,
        manager.user_lookup_error_loader,
    ):
        loader(_refused(invalid_token))
