"""Sign-in sessions: one row for every browser and API client that is signed in.

Cookies and tokens share the table, so that all of them can be ended at once and the end holds from the very next
request, on every process. Ending sessions of one's own (``own_sessions`` too) asks for no permission: whoever is signed
in can always sign out.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnExpressionArgument, Integer, String, bindparam, func, literal, select, update

from clinic import audit, clock, settings
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import SessionKind, SignInSession, User
from clinic.accounts.session_lifetimes import Ends, ends_after_use, lifetime_of
from clinic.audit import DEVICE_MAX, AuditAction, Subject
from clinic.db import AnySelect, UtcDateTime, affected, atomic, built_once, session, transaction
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Actor, Duty, Role
from clinic.text.ip_addresses import IP_ADDRESS_MAX, household


@dataclass(frozen=True)
class Origin:
    """Where a sign-in came from: what the client calls itself, its network address, and what a browser is known by."""

    device: str = ""
    address: str = ""
    browser: str = field(default="", repr=False)


@dataclass(frozen=True)
class SignedIn:
    """A session's person and its proof: the browser cookie's value, or the id of the refresh token that is good now."""

    actor: Actor
    secret: str
    #: The moment at which it began. Ids may come again once a backup was restored, this doesn't.
    began: str
    #: What an API client's tokens carry besides: random, so that nobody makes one who only knows the key that signs them.
    key: str = ""
    #: What a browser keeps so that the person is known by it (``known_devices``).
    browser: str = ""


#: Letters of a secret's digest.
_MARK_LENGTH = 16


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def new_secret() -> str:
    """Return a secret that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def named_device(origin: Origin) -> str:
    """Return what a client calls itself as it is kept."""
    return "".join(letter for letter in origin.device if letter.isprintable())[:DEVICE_MAX]


def start_session(user: User, kind: SessionKind, origin: Origin, *, with_factor: bool = False) -> SignedIn:
    """Add a session for ``user`` in the present transaction; ``with_factor``: they showed a second factor."""
    at = clock.now()
    lifetime = lifetime_of(Role(user.role), kind)
    ends = ends_after_use(lifetime, at, at, None)
    row = SignInSession(
        user_id=user.id,
        kind=kind,
        device=named_device(origin),
        address=origin.address[:IP_ADDRESS_MAX],
        network=household(origin.address),
        created_at=at,
        last_used_at=at,
        expires_at=ends.at,
        ends_at=ends.at_most,
        proven_at=at,
        factor_at=at if with_factor else None,
    )
    secret, key = _give_secrets(row)
    session().add(row)
    session().flush()
    return signed_in_as(row, user, secret, key)


def _give_secrets(row: SignInSession) -> tuple[str, str]:
    """Let a session have a new proof of its kind and no other; return it, and the key of an API client's tokens."""
    secret, key = new_secret(), ""
    if SessionKind(row.kind) is SessionKind.BROWSER:
        row.secret_digest = digest_of(secret)
    else:
        key = new_secret()
        row.refresh_id, row.previous_refresh_id, row.access_digest = secret, None, digest_of(key)
    return secret, key


def renew(session_id: int, *, proven: bool = False) -> SignedIn:
    """Give a living session another secret in the place of its present one, in the present transaction.

    Whoever copied the old one has nothing any more. The session stays the same: its id, which forms name, its beginning
    and its last end. ``proven``: its person has just shown that it is them.
    """
    row = session().get_one(SignInSession, session_id, populate_existing=True, with_for_update=True)
    secret, key = _give_secrets(row)
    if proven:
        row.proven_at = clock.now()
    session().flush()
    return signed_in_as(row, session().get_one(User, row.user_id), secret, key)


class ActorColumns(Protocol):
    """What is read of a user to know them as somebody who acts."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def language(self) -> str: ...
    @property
    def duties(self) -> Sequence[str]: ...
    @property
    def email_confirmed_at(self) -> datetime | None: ...
    @property
    def identity_seen_at(self) -> datetime | None: ...
    @property
    def invited_by_id(self) -> int | None: ...


def actor_from(
    user: ActorColumns,
    session_id: int,
    *,
    began: datetime,
    proven_at: datetime | None,
    ends: Ends,
    unread_notices: int = 0,
) -> Actor:
    """Return who acts: the columns of a user, as one of their sessions knows them. The only place that makes one."""
    return Actor(
        user_id=user.id,
        role=Role(user.role),
        full_name=user.full_name,
        email=user.email or "",
        session_id=session_id,
        language=user.language,
        duties=frozenset(Duty(duty) for duty in user.duties),
        proven_at=proven_at,
        is_confirmed=_is_confirmed(user),
        session_began=began,
        session_ends_at=ends.at,
        session_ends_at_most=ends.at_most,
        unread_notices=unread_notices,
    )


def _is_confirmed(user: ActorColumns) -> bool:
    """Return whether it is known whose an account is: by its e-mail, unless somebody entered that who may have entered
    their own (``identity.note_new_email``), or by an ID that was seen since."""
    by_email = user.email_confirmed_at is not None and user.invited_by_id is None
    return by_email or user.identity_seen_at is not None


def signed_in_as(row: SignInSession, user: User, secret: str, key: str) -> SignedIn:
    """Return a session as its client is told of it, ``secret`` being its proof."""
    lifetime = lifetime_of(Role(user.role), SessionKind(row.kind))
    ends = ends_after_use(lifetime, row.last_used_at, row.created_at, row.ends_at)
    actor = actor_from(user, row.id, began=row.created_at, proven_at=row.proven_at, ends=ends)
    return SignedIn(actor, secret, row.created_at.isoformat(), key)


_LIVE = (
    select(
        User.id,
        User.role,
        User.full_name,
        User.email,
        User.language,
        User.duties,
        User.email_confirmed_at,
        User.identity_seen_at,
        User.invited_by_id,
        SignInSession.id.label("session_id"),
        SignInSession.kind,
        SignInSession.created_at,
        SignInSession.last_used_at,
        SignInSession.ends_at,
        SignInSession.proven_at,
        SignInSession.factor_at,
        SignInSession.access_digest,
    )
    .join(SignInSession, SignInSession.user_id == User.id)
    .where(
        User.is_active,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now", type_=UtcDateTime),
    )
)
_UNREAD = (
    select(func.count())
    .where(Notice.user_id == User.id, Notice.read_at.is_(None))
    .correlate(User)
    .scalar_subquery()
    .label("unread_notices")
)
_OF_BROWSER = built_once(
    _LIVE.add_columns(_UNREAD).where(SignInSession.secret_digest == bindparam("digest", type_=String))
)
_OF_API = built_once(
    _LIVE.add_columns(literal(0).label("unread_notices")).where(
        SignInSession.id == bindparam("session", type_=Integer),
        User.id == bindparam("user", type_=Integer),
        SignInSession.kind == SessionKind.API,
    )
)


def actor_of_browser(secret: str, *, in_use: bool = True) -> Actor | None:
    """Return who the browser with this cookie is; None if the session ended, ran out or never was.

    What a page asks for by itself, with nobody before it perhaps, isn't use of the session (``in_use``).
    """
    row = _found(_OF_BROWSER, {"digest": digest_of(secret)})
    return None if row is None else _actor(row, in_use=in_use)


def actor_of_access(session_id: int, user_id: int, began: str, key: str) -> Actor | None:
    """Return who the API client of this session is; None if the session ended, ran out or never was.

    ``began`` and ``key`` are what ``SignedIn`` said: another moment is that of another session, and another key that of a
    token that isn't ours, or is no longer good.
    """
    row = _found(_OF_API, {"session": session_id, "user": user_id})
    if row is None or row.created_at.isoformat() != began:
        return None
    return _actor(row) if is_key_of(row.access_digest, key) else None


def is_key_of(digest: str | None, key: str) -> bool:
    """Return whether ``key`` is what an API client's tokens have to carry."""
    return digest is not None and hmac.compare_digest(digest, digest_of(key))


def _found(proof: AnySelect, values: dict[str, object]) -> Any | None:
    return session().execute(proof, {**values, "now": clock.now()}).one_or_none()


def _actor(row: Any, *, in_use: bool = True) -> Actor | None:
    """Return who acts in a session, and note that it is ``in_use``; None where it is over by the settings of now."""
    at, role, kind = clock.now(), Role(row.role), SessionKind(row.kind)
    if lacks_factor(role, row.factor_at):
        return None
    lifetime = lifetime_of(role, kind)
    ends = ends_after_use(lifetime, row.last_used_at, row.created_at, row.ends_at)
    if at >= (ends.at_most if kind is SessionKind.API else ends.at):
        return None
    if in_use and at - row.last_used_at > lifetime.touch_every:
        ends = ends_after_use(lifetime, at, row.created_at, row.ends_at)
        _touch(row.session_id, kind, ends)
    return actor_from(
        row,
        row.session_id,
        began=row.created_at,
        proven_at=row.proven_at,
        ends=ends,
        unread_notices=row.unread_notices,
    )


def lacks_factor(role: Role, factor_at: datetime | None) -> bool:
    """Return whether a session is none by the settings of now: it began without the second step that the clinic wants."""
    return factor_at is None and role is not Role.PATIENT and settings.current().accounts.staff_need_second_factor


def _touch(session_id: int, kind: SessionKind, ends: Ends) -> None:
    """Note that the session was used just now; a browser's then lasts longer."""
    values: dict[str, object] = {"last_used_at": clock.now()}
    if kind is SessionKind.BROWSER:
        values["expires_at"] = ends.at
    with transaction() as current:
        current.execute(update(SignInSession).where(SignInSession.id == session_id).values(values))


@atomic
def end_session(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions; ``InvalidInput`` on ``refresh`` if it is not theirs."""
    owner = session().scalar(select(SignInSession.user_id).where(SignInSession.id == session_id))
    if owner != actor.user_id:
        raise InvalidInput.of({"refresh": [N_("This refresh token isn't yours.")]})
    end_one(actor, session_id)


@atomic
def sign_out(actor: Actor) -> None:
    """End the session that the actor is using."""
    end_one(actor, actor.session_id)


def end_one(actor: Actor, session_id: int) -> bool:
    """End one session of the actor's in the present transaction; return whether there was a living one."""
    which = (SignInSession.id == session_id) & (SignInSession.user_id == actor.user_id)
    if end("signed_out", which) == 0:
        return False
    audit.record(actor, AuditAction.SESSION_ENDED, [Subject.of_user(actor.user_id, actor.role)])
    return True


def hold_sessions_of(user_id: int) -> None:
    """Let nobody else end or renew several sessions of a user until the present transaction ends.

    Two devices that sign out each other would wait for each other's rows otherwise.
    """
    session().execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


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


def session_mark(actor: Actor) -> str:
    """Return what tells a session from another that gets its id once a backup was restored; it may be shown.

    It is made of the session's beginning, and stays the same when its secret is renewed.
    """
    return _mark_of(actor.session_began) if actor.session_began else ""


def _mark_of(began: datetime) -> str:
    return digest_of(began.isoformat())[:_MARK_LENGTH]


def user_of_session(session_id: int, mark: str) -> int | None:
    """Return whose browser's session this is or was, also after its end; None if there never was one with this ``mark``."""
    found = session().execute(
        select(SignInSession.user_id, SignInSession.created_at).where(
            SignInSession.id == session_id, SignInSession.kind == SessionKind.BROWSER
        )
    )
    row = found.one_or_none()
    if row is None or _mark_of(row.created_at) != mark:
        return None
    user_id: int = row.user_id
    return user_id


def end(because: str, which: ColumnExpressionArgument[bool]) -> int:
    """End the living ones of these sessions in the present transaction; return how many there were."""
    living = update(SignInSession).where(which, SignInSession.ended_at.is_(None))
    return affected(living.values(ended_at=clock.now(), ended_because=because))
