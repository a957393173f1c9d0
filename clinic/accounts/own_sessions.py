"""A person's own sessions: the list of devices, and signing out one, the others or all."""

from sqlalchemy import select

from clinic import audit, clock
from clinic.accounts.known_devices import forget_devices_of
from clinic.accounts.models import SignInSession
from clinic.accounts.rows import SessionRow
from clinic.accounts.sessions import SignedIn, end_one, end_sessions_of, hold_sessions_of, renew
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, row_id, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, require, signed_in


def my_sessions(actor: Actor | None) -> list[SessionRow]:
    """Return where the actor is signed in, last used first: id, kind, device, address, times, and which is this one."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    rows = session().execute(
        select(
            SignInSession.id,
            SignInSession.kind,
            SignInSession.device,
            SignInSession.address,
            SignInSession.created_at,
            SignInSession.last_used_at,
        )
        .where(
            SignInSession.user_id == actor.user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
        )
        .order_by(SignInSession.last_used_at.desc(), SignInSession.id.desc())
    )
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "device": row.device,
            "address": row.address,
            "created_at": row.created_at,
            "last_used_at": row.last_used_at,
            "is_this_one": row.id == actor.session_id,
        }
        for row in rows
    ]


@atomic
def end_my_session(actor: Actor | None, session_id: int) -> None:
    """End one of the actor's own sessions; ``NotFound`` if there is none of that id."""
    actor = signed_in(actor)
    if not end_one(actor, row_id(session_id)):
        raise NotFound(N_("We can't find this session."))


@atomic
def end_all_sessions(actor: Actor) -> int:
    """End every session of the actor, browsers and API clients; return how many there were."""
    hold_sessions_of(actor.user_id)
    return _end_own(actor, keep=None)


@atomic
def end_other_sessions(actor: Actor | None) -> SignedIn:
    """End every session of the actor but the one in use, which gets another secret: its own may have been copied."""
    actor = signed_in(actor)
    hold_sessions_of(actor.user_id)
    _end_own(actor, keep=actor.session_id)
    return renew(actor.session_id)


def _end_own(actor: Actor, *, keep: int | None) -> int:
    forget_devices_of(actor.user_id)
    ended = end_sessions_of(actor.user_id, "signed_out_everywhere", keep=keep)
    subject = Subject.of_user(actor.user_id, actor.role)
    audit.record(actor, AuditAction.SESSIONS_ENDED, [subject], ended=ended, kept=keep is not None)
    return ended
