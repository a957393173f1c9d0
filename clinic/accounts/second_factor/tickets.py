"""Tickets: what somebody holds between two requests of one sign-in, good for minutes, once, and with its secret only.

Each has a challenge, which is what a passkey signs. Within a session there is no secret to hold: a ticket of its own waits
there with a challenge, for adding a passkey or for showing by one that it is still oneself.

A try is counted before what was typed is looked at, so forty at once are no more tries than forty in a row; how many an
account has with all its tickets is ``sign_in_limits``'s.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update

from clinic import clock
from clinic.accounts.models import User
from clinic.accounts.sessions import Origin, digest_of, new_secret
from clinic.accounts.sign_in_models import SignInTicket, TicketPurpose
from clinic.audit import DEVICE_MAX
from clinic.db import affected, session, transaction
from clinic.errors import Unauthenticated
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.text.ip_addresses import IP_ADDRESS_MAX

TICKET_LASTS = timedelta(minutes=5)
SET_UP_LASTS = timedelta(minutes=15)
#: So long a challenge waits in a session, and so long at least it is still good when a page is shown with it.
CHALLENGE_LASTS, CHALLENGE_LEFT = timedelta(minutes=15), timedelta(minutes=5)
#: Wrong codes that end a ticket.
MOST_TRIES = 5
TICKET_INVALID = N_("That took too long. Please sign in again.")


def ticket_invalid() -> Unauthenticated:
    """Build the refusal of a ticket that is over, used, or none of ours."""
    return Unauthenticated(TICKET_INVALID, code="ticket_invalid")


def issue_ticket(user: User, purpose: TicketPurpose, origin: Origin, lasts: timedelta = TICKET_LASTS) -> str:
    """Make a ticket for somebody who has just shown their password, in the present transaction; return its secret."""
    secret, at = new_secret(), clock.now()
    session().add(
        SignInTicket(
            user_id=user.id,
            purpose=purpose,
            digest=digest_of(secret),
            challenge=new_challenge(),
            address=origin.address[:IP_ADDRESS_MAX],
            device=origin.device[:DEVICE_MAX],
            created_at=at,
            expires_at=at + lasts,
        )
    )
    session().flush()
    return secret


def new_challenge() -> str:
    """Return what nobody has signed before: 32 random bytes in base64url."""
    return new_secret()


def challenge_of(secret: str, purpose: TicketPurpose) -> str | None:
    """Return what a passkey has to sign for a ticket that may still be used; None for any other."""
    found: str | None = session().scalar(select(SignInTicket.challenge).where(_living(secret, purpose)))
    return found


def challenge_in_session(actor: Actor, purpose: TicketPurpose) -> str:
    """Return what a passkey has to sign in the actor's session: what waits there and lasts long enough, else a new one."""
    waiting, at = _in_session(actor, purpose), clock.now()
    lasting = _newest(waiting & (SignInTicket.expires_at > at + CHALLENGE_LEFT))
    found: str | None = session().scalar(lasting)
    if found is not None:
        return found
    challenge = new_challenge()
    with transaction() as current:
        # Of two pages that are opened at once, the second waits and shows what the first one made.
        current.get_one(User, actor.user_id, populate_existing=True, with_for_update={"key_share": True})
        found = current.scalar(lasting)
        if found is not None:
            return found
        current.execute(update(SignInTicket).where(waiting).values(ended_at=at))
        current.add(
            SignInTicket(
                user_id=actor.user_id,
                session_id=actor.session_id,
                purpose=purpose,
                digest=digest_of(new_secret()),
                challenge=challenge,
                created_at=at,
                expires_at=at + CHALLENGE_LASTS,
            )
        )
    return challenge


def use_challenge(actor: Actor, purpose: TicketPurpose) -> str | None:
    """Use up what a passkey has to sign in the actor's session, in the present transaction; None where nothing waits."""
    waiting = _in_session(actor, purpose)
    found: str | None = session().scalar(_newest(waiting))
    used = update(SignInTicket).where(waiting, SignInTicket.challenge == found).values(ended_at=clock.now())
    return found if found is not None and affected(used) == 1 else None


def was_issued_before(challenge: str, moment: datetime) -> bool:
    """Return whether what a passkey was to sign was given out before a moment."""
    earlier = (SignInTicket.challenge == challenge) & (SignInTicket.created_at < moment)
    return session().execute(select(SignInTicket.id).where(earlier)).first() is not None


def holder_of(secret: str, purpose: TicketPurpose) -> int | None:
    """Return whose a ticket is that may still be used; None for any other."""
    found: int | None = session().scalar(select(SignInTicket.user_id).where(_living(secret, purpose)))
    return found


def count_try(secret: str, purpose: TicketPurpose) -> None:
    """Count a try with a ticket in the present transaction; ``ticket_invalid`` where it has had too many or is over."""
    counted = update(SignInTicket).where(_living(secret, purpose)).values(tries=SignInTicket.tries + 1)
    if affected(counted) == 0:
        raise ticket_invalid()


def use_ticket(secret: str, purpose: TicketPurpose) -> None:
    """Use a ticket up in the present transaction, in which the caller has counted the try and so found it living."""
    own = (SignInTicket.digest == digest_of(secret)) & (SignInTicket.purpose == purpose)
    session().execute(update(SignInTicket).where(own, SignInTicket.ended_at.is_(None)).values(ended_at=clock.now()))


def forget_tickets_of(user_id: int) -> None:
    """Take every ticket of a user away in the present transaction: what they were given for is no longer so."""
    session().execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))


def _newest(which: ColumnElement[bool]) -> Select[str | None]:
    return select(SignInTicket.challenge).where(which).order_by(SignInTicket.id.desc()).limit(1)


def _living(secret: str, purpose: TicketPurpose) -> ColumnElement[bool]:
    return (
        (SignInTicket.digest == digest_of(secret))
        & (SignInTicket.purpose == purpose)
        & SignInTicket.ended_at.is_(None)
        & (SignInTicket.expires_at > clock.now())
        & (SignInTicket.tries < MOST_TRIES)
    )


def _in_session(actor: Actor, purpose: TicketPurpose) -> ColumnElement[bool]:
    return (
        (SignInTicket.session_id == actor.session_id)
        & (SignInTicket.user_id == actor.user_id)
        & (SignInTicket.purpose == purpose)
        & SignInTicket.ended_at.is_(None)
        & (SignInTicket.expires_at > clock.now())
    )
