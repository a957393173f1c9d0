"""Confirming the e-mail that an account has: by a link that is mailed to it, and used by whoever is signed in.

Anybody may register with another person's e-mail. That person gets the link, and must not be able to confirm by it, without
knowing, an account that is somebody else's: so a link that an account's own person asked for is good only together with a
session of that account. Who has the mailbox and not the account chooses a new password by another link, and has both then.
"""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import case, func, select

from clinic import audit, clock, mail
from clinic.accounts.email_letters import CONFIRM_EMAIL, EmailLinkFacts
from clinic.accounts.models import SignInSession, User
from clinic.accounts.uids import uid_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import atomic, session
from clinic.errors import Conflict, TooManyTries
from clinic.i18n import N_
from clinic.mail import LinkPurpose, MailedLink
from clinic.policy import Action, Actor, Role, require

#: How long a link to confirm an e-mail is good.
CONFIRM_LASTS = timedelta(hours=48)
#: How many of them a person gets within so long.
MOST_LINKS = 5
LINKS_WITHIN = timedelta(hours=1)


class Unconfirmed(NamedTuple):
    """Of patients who signed in lately: how many are neither confirmed nor seen by the reception, and how many there are."""

    number: int
    of: int


def new_confirm_link(user_id: int) -> MailedLink:
    """Add a link to confirm an e-mail, whichever it is mailed to, in the present transaction, in which the user is locked.

    ``TooManyTries`` where the person has had ``MOST_LINKS`` of them.
    """
    since = clock.now() - LINKS_WITHIN
    recent = select(func.count(MailedLink.id), func.min(MailedLink.created_at)).where(
        MailedLink.user_id == user_id, MailedLink.purpose == LinkPurpose.CONFIRM_EMAIL, MailedLink.created_at > since
    )
    count, first = session().execute(recent).one()
    if count >= MOST_LINKS:
        raise TooManyTries(int((first - since).total_seconds()) + 1)
    return mail.new_link(user_id, LinkPurpose.CONFIRM_EMAIL, lasts=CONFIRM_LASTS)


def queue_confirmation(user: User) -> None:
    """Queue the mail with the link that confirms the e-mail which an account has, in the present transaction."""
    link = new_confirm_link(user.id)
    facts = EmailLinkFacts(uid_of(user.id), link.expires_at)
    mail.queue(CONFIRM_EMAIL, facts, to=user.email, language=user.language, link_id=link.id)


@atomic
def resend_confirmation(actor: Actor | None) -> None:
    """Mail the actor another link to confirm their e-mail.

    ``Conflict`` ``already_confirmed`` where it is; ``TooManyTries`` after ``MOST_LINKS`` within an hour.
    """
    user_id = require(actor, Action.CHANGE_OWN_ACCOUNT).user_id
    user = session().get_one(User, user_id, populate_existing=True, with_for_update=True)
    if user.email_confirmed_at is not None:
        raise Conflict(N_("Your e-mail is already confirmed."), code="already_confirmed")
    queue_confirmation(user)


def note_confirmed(user: User, link: MailedLink) -> None:
    """Note in the present transaction that whoever has an account reads what goes to its e-mail: they used a link."""
    mail.use_link(link)
    if user.email_confirmed_at is not None:
        return
    user.email_confirmed_at = clock.now()
    audit.record(
        SystemActor(user.id, str(user.role)),
        AuditAction.EMAIL_CONFIRMED,
        [Subject.of_user(user.id, user.role)],
        new_digest=audit.email_digest(user.email or ""),
    )


def count_unconfirmed() -> Unconfirmed:
    """Return how many patients who signed in lately, as far back as sessions are kept, nobody has confirmed (the operator's)."""
    signed_in = select(SignInSession.id).where(SignInSession.user_id == User.id).exists()
    # The e-mail counts as it does for a session (``sessions.actor_from``).
    known = func.coalesce(case((User.invited_by_id.is_(None), User.email_confirmed_at)), User.identity_seen_at)
    patients = select(func.count(), func.count(known)).where(User.role == Role.PATIENT, User.is_active, signed_in)
    everybody, confirmed = session().execute(patients).one()
    return Unconfirmed(everybody - confirmed, everybody)
