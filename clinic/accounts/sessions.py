"""Sign-in sessions: one row for every browser and API client that is signed in.

Cookies and tokens share the table, so that all of them can be ended at once and the end holds from the very next
request, on every process. Ending sessions of one's own (``own_sessions`` too) asks for no permission: whoever is signed
in can always sign out.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnExpressionArgument, CursorResult, Integer, String, bindparam, select, update

from clinic import clock, settings
from clinic.accounts.models import DEVICE_MAX, SessionKind, SignInSession, User
from clinic.db import AnySelect, UtcDateTime, atomic, built_once, session, transaction
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Actor, Role

#: How long a session lives without being used. An API client's is a setting: that of its refresh token.
BROWSER_IDLE = timedelta(days=7)
#: How exactly "last used" is kept; more exactly would make every page a write.
TOUCH_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Origin:
    """Where a sign-in came from: what the client calls itself, and its network address."""

    device: str = ""
    address: str = ""


@dataclass(frozen=True)
class SignedIn:
    """A session's person and its proof: the browser cookie's value, or the id of the refresh token that is good now."""

    actor: Actor
    secret: str
    #: The moment at which it began. Ids may come again once a backup was restored, this doesn't.
    began: str


#: Letters of a secret's digest.
_MARK_LENGTH = 16


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _lasts(kind: SessionKind) -> timedelta:
    return BROWSER_IDLE if kind is SessionKind.BROWSER else settings.current().refresh_lasts


def start_session(user: User, kind: SessionKind, origin: Origin) -> SignedIn:
    """Add a session for ``user`` in the present transaction."""
    secret, at = secrets.token_urlsafe(32), clock.now()
    row = SignInSession(
        user_id=user.id,
        kind=kind,
        secret_digest=digest_of(secret) if kind is SessionKind.BROWSER else None,
        refresh_id=None if kind is SessionKind.BROWSER else secret,
        device="".join(letter for letter in origin.device if letter.isprintable())[:DEVICE_MAX],
        address=origin.address[:45],
        created_at=at,
        last_used_at=at,
        expires_at=at + _lasts(kind),
    )
    session().add(row)
    session().flush()
    actor = Actor(user.id, Role(user.role), user.full_name, user.email or "", row.id, user.language)
    return SignedIn(actor, secret, at.isoformat())


_LIVE = (
    select(
        User.id.label("user_id"),
        User.role,
        User.full_name,
        User.email,
        User.language,
        SignInSession.id.label("session_id"),
        SignInSession.kind,
        SignInSession.created_at,
        SignInSession.last_used_at,
    )
    .join(SignInSession, SignInSession.user_id == User.id)
    .where(
        User.is_active,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now", type_=UtcDateTime),
    )
)
_OF_BROWSER = built_once(_LIVE.where(SignInSession.secret_digest == bindparam("digest", type_=String)))
_OF_API = built_once(
    _LIVE.where(
        SignInSession.id == bindparam("session", type_=Integer),
        User.id == bindparam("user", type_=Integer),
        SignInSession.kind == SessionKind.API,
    )
)


def actor_of_browser(secret: str) -> Actor | None:
    """Return who the browser with this cookie is; None if the session ended, ran out or never was."""
    return _actor(_OF_BROWSER, {"digest": digest_of(secret)})


def actor_of_access(session_id: int, user_id: int, began: str) -> Actor | None:
    """Return who the API client of this session is; None if the session ended, ran out or never was.

    ``began`` is what ``SignedIn`` said: another moment is that of another session.
    """
    return _actor(_OF_API, {"session": session_id, "user": user_id}, began)


def _actor(proof: AnySelect, values: dict[str, object], began: str | None = None) -> Actor | None:
    at = clock.now()
    row = session().execute(proof, {**values, "now": at}).one_or_none()
    if row is None or began not in {None, row.created_at.isoformat()}:
        return None
    if at - row.last_used_at > TOUCH_EVERY:
        _touch(row.session_id, SessionKind(row.kind))
    return Actor(row.user_id, Role(row.role), row.full_name, row.email, row.session_id, row.language)


def _touch(session_id: int, kind: SessionKind) -> None:
    """Note that the session was used just now; a browser's then lasts longer."""
    at = clock.now()
    values: dict[str, object] = {"last_used_at": at}
    if kind is SessionKind.BROWSER:
        values["expires_at"] = at + BROWSER_IDLE
    with transaction() as current:
        current.execute(update(SignInSession).where(SignInSession.id == session_id).values(values))


@atomic
def end_session(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions; ``InvalidInput`` on ``refresh`` if it is not theirs."""
    owner = session().scalar(select(SignInSession.user_id).where(SignInSession.id == session_id))
    if owner != actor.user_id:
        raise InvalidInput.of({"refresh": [N_("This refresh token isn't yours.")]})
    end("signed_out", SignInSession.id == session_id)


@atomic
def sign_out(actor: Actor) -> None:
    """End the session that the actor is using."""
    end("signed_out", SignInSession.id == actor.session_id)


def end_sessions_of(user_id: int, because: str, *, keep: int | None = None) -> int:
    """End every session of a user but ``keep`` in the present transaction."""
    return end(because, (SignInSession.user_id == user_id) & (SignInSession.id != (keep or 0)))


def session_is_live(actor: Actor) -> bool:
    """Return whether the session that the actor is using still lives, looked up now."""
    found = select(SignInSession.id).where(
        SignInSession.id == actor.session_id,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > clock.now(),
    )
    return session().execute(found).first() is not None


def session_mark(secret: str) -> str:
    """Return what tells a browser's session from another that gets its id once a backup was restored; it may be shown."""
    return digest_of(secret)[:_MARK_LENGTH]


def user_of_session(session_id: int, mark: str) -> int | None:
    """Return whose browser's session this is or was, also after its end; None if there never was one with this ``mark``."""
    found = session().execute(
        select(SignInSession.user_id, SignInSession.secret_digest).where(SignInSession.id == session_id)
    )
    row = found.one_or_none()
    if row is None or row.secret_digest is None or row.secret_digest[:_MARK_LENGTH] != mark:
        return None
    user_id: int = row.user_id
    return user_id


def end(because: str, which: ColumnExpressionArgument[bool]) -> int:
    """End the living ones of these sessions in the present transaction; return how many there were."""
    ended = session().execute(
        update(SignInSession)
        .where(which, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_because=because)
    )
    return cast(CursorResult[Any], ended).rowcount
