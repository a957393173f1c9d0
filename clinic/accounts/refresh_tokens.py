"""Refresh tokens: each is exchanged once for the next one; an older one that comes again ends its session."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from clinic import clock, settings
from clinic.accounts.models import SessionKind, SignInSession, User
from clinic.accounts.sessions import SignedIn
from clinic.db import atomic, session
from clinic.errors import Unauthenticated
from clinic.i18n import N_
from clinic.policy import Actor, Role

#: The last rotated token is still good for so long: a client that retried, two tabs (API, ``token/refresh/``).
RETRY_WITHIN = timedelta(seconds=10)


def rotate_refresh(session_id: int, user_id: int, refresh_id: str) -> SignedIn:
    """Exchange the refresh token ``refresh_id`` for the next one.

    The last rotated token gets the present one again for ten seconds. An older one is reuse: it ends the session
    (``Unauthenticated`` ``token_reused``). Of a dead session or account: ``token_invalid``.
    """
    answer = _rotate(session_id, user_id, refresh_id)
    if answer is None:  # said only after the end of the session was committed
        raise Unauthenticated(
            N_("This refresh token has already been used, so we've ended its session. Please sign in again."),
            code="token_reused",
        )
    return answer


@atomic
def _rotate(session_id: int, user_id: int, refresh_id: str) -> SignedIn | None:
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
    if signed_in.ended_at is not None or signed_in.expires_at <= at or not user.is_active:
        raise _invalid_token()
    if refresh_id == signed_in.refresh_id:
        signed_in.previous_refresh_id, signed_in.refresh_id = refresh_id, secrets.token_urlsafe(32)
        signed_in.rotated_at = signed_in.last_used_at = at
        signed_in.expires_at = at + settings.current().refresh_lasts
    elif not (
        refresh_id == signed_in.previous_refresh_id
        and signed_in.rotated_at is not None
        and at - signed_in.rotated_at <= RETRY_WITHIN
    ):
        signed_in.ended_at, signed_in.ended_because = at, "token_reused"
        return None
    actor = Actor(user.id, Role(user.role), user.full_name, user.email or "", signed_in.id, user.language)
    assert signed_in.refresh_id is not None  # noqa: S101 - the table's check says so for this kind
    return SignedIn(actor, signed_in.refresh_id, signed_in.created_at.isoformat())


def _invalid_token() -> Unauthenticated:
    return Unauthenticated(N_("This token is no longer valid. Please sign in again."), code="token_invalid")
