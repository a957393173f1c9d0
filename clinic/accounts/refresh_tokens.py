"""Refresh tokens: each is exchanged once for the next one; an older one that comes again ends its session."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import select

from clinic import audit, clock, settings
from clinic.accounts.account_letters import TOKEN_REUSED, TokenReuseFacts
from clinic.accounts.models import SessionKind, SignInSession, User
from clinic.accounts.notices import notify
from clinic.accounts.session_lifetimes import ends_after_use, lifetime_of
from clinic.accounts.sessions import SignedIn, digest_of, is_key_of, lacks_factor, new_secret, signed_in_as
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import atomic, session
from clinic.errors import Unauthenticated
from clinic.i18n import N_
from clinic.policy import Role

#: The last rotated token is still good for so long: a client that retried, two tabs (API, ``token/refresh/``).
RETRY_WITHIN = timedelta(seconds=10)
#: What the first keys of sessions are made for that began before there were keys.
_FIRST_KEYS = "first keys of API sessions"


def rotate_refresh(session_id: int, user_id: int, refresh_id: str, key: str) -> SignedIn:
    """Exchange the refresh token ``refresh_id``, which carries ``key``, for the next one.

    The last rotated token gets the present one again for ten seconds. An older one is reuse: it ends the session
    (``Unauthenticated`` ``token_reused``). Of a dead session or account, or with another key: ``token_invalid``. A token
    of before there were keys carries none; its session gets one.
    """
    answer = _rotate(session_id, user_id, refresh_id, key or _first_key(refresh_id))
    if answer is None:  # said only after the end of the session was committed
        raise Unauthenticated(
            N_("This refresh token has already been used, so we've ended its session. Please sign in again."),
            code="token_reused",
        )
    return answer


@atomic
def _rotate(session_id: int, user_id: int, refresh_id: str, key: str) -> SignedIn | None:
    at = clock.now()
    row = (
        session()
        .execute(
            select(SignInSession, User)
            .join(User, User.id == SignInSession.user_id)
            .where(SignInSession.id == session_id, User.id == user_id, SignInSession.kind == SessionKind.API)
            .with_for_update(of=SignInSession)
        )
        .one_or_none()
    )
    if row is None:
        raise _invalid_token()
    signed_in, user = row
    if signed_in.ended_because == "token_reused":
        return None
    if not _is_good(signed_in, user, key, at):
        raise _invalid_token()
    if signed_in.access_digest is None:
        signed_in.access_digest = digest_of(key)
    if refresh_id == signed_in.refresh_id:
        signed_in.previous_refresh_id, signed_in.refresh_id = refresh_id, new_secret()
        signed_in.rotated_at = signed_in.last_used_at = at
        lifetime = lifetime_of(Role(user.role), SessionKind.API)
        signed_in.expires_at = ends_after_use(lifetime, at, signed_in.created_at, signed_in.ends_at).at
    elif not (
        refresh_id == signed_in.previous_refresh_id
        and signed_in.rotated_at is not None
        and at - signed_in.rotated_at <= RETRY_WITHIN
    ):
        signed_in.ended_at, signed_in.ended_because = at, "token_reused"
        subject = Subject.of_user(user.id, user.role)
        audit.record(SystemActor(user.id, user.role), AuditAction.TOKEN_REUSED, [subject])
        began = signed_in.created_at.isoformat()
        notify(user, TOKEN_REUSED, TokenReuseFacts(user.full_name, at), key=f"{session_id} {began}")
        return None
    assert signed_in.refresh_id is not None  # noqa: S101 - the table's check says so for this kind
    return signed_in_as(signed_in, user, signed_in.refresh_id, key)


def _first_key(refresh_id: str) -> str:
    """Return the key that a session gets by a token without one: the same again for a client that retries."""
    return hmac.new(settings.current().keys.derive(_FIRST_KEYS), refresh_id.encode(), hashlib.sha256).hexdigest()


def _is_good(signed_in: SignInSession, user: User, key: str, at: datetime) -> bool:
    """Return whether a session lives and ``key`` is its own."""
    over = signed_in.ended_at is not None or signed_in.expires_at <= at or not user.is_active
    over = over or lacks_factor(Role(user.role), signed_in.factor_at)
    return not over and (signed_in.access_digest is None or is_key_of(signed_in.access_digest, key))


def _invalid_token() -> Unauthenticated:
    return Unauthenticated(N_("This token is no longer valid. Please sign in again."), code="token_invalid")
