"""Another e-mail for an account: it waits for the new address, and the old one may take it back.

Nothing changes until the new address has confirmed it by its link; then all sessions and links of the account end. The
address before is told when it is requested and when it happens, with a link that keeps it: for ``VETO_LASTS``, also after
the change. Whoever took over an account, or sits in the office, gets nobody's account unseen by this.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from clinic import audit, clock, mail, settings
from clinic.accounts.account_letters import StaffChange
from clinic.accounts.email_change_models import EmailChange, EmailChangeEnd
from clinic.accounts.email_confirmation import new_confirm_link, note_confirmed
from clinic.accounts.email_letters import (
    CONFIRM_NEW_EMAIL,
    EMAIL_CHANGED,
    EMAIL_IN_USE,
    EMAIL_REQUESTED,
    EMAIL_UNDONE,
    EmailChangeFacts,
    EmailLinkFacts,
    EmailRequestFacts,
    EmailUndoneFacts,
    NoFacts,
)
from clinic.accounts.identity import note_confirmed_request, tell_of_request
from clinic.accounts.known_devices import forget_devices_of
from clinic.accounts.models import OFFICE_OPENS, User
from clinic.accounts.notices import notify, tell_admins
from clinic.accounts.password_resets import (
    LINK_LASTS,
    dead_link,
    end_links_of,
    nobodys_password,
    void_password,
)
from clinic.accounts.second_factor.checking import has_second_factor
from clinic.accounts.second_factor.removing import end_factors_since, had_factor_since
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.service import EMAIL_TAKEN, checked_email, flush_user, is_free, locked_person
from clinic.accounts.sessions import end_sessions_of
from clinic.accounts.uids import uid_of, user_id_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import atomic, session, transaction
from clinic.errors import Conflict, Forbidden, InvalidInput
from clinic.i18n import N_
from clinic.mail import LinkPurpose, MailedLink
from clinic.policy import (
    EDITING_ACCOUNTS,
    Action,
    Actor,
    Role,
    editing_accounts_of,
    require,
    require_one_of,
    require_recent,
)
from clinic.text.validation import ValidationErrors

#: How long the address before may take a change back, from the request on.
VETO_LASTS = timedelta(days=7)
#: Who takes an account over may have added a second step first: what was added so long before the change ends with it.
FACTORS_DOUBTED_FOR = timedelta(days=7)
NOTHING_PENDING = N_("No change of the e-mail is waiting.")


@dataclass(frozen=True)
class EmailLink:
    """What a link to confirm an e-mail would do: make ``email`` an account's, in place of another one (``changes``)."""

    user_id: int
    email: str
    changes: bool
    #: Whether it is good only for whoever is signed in to the account.
    only_signed_in: bool


# --- requesting -------------------------------------------------------------------------------------------------------


@atomic
def request_email_change(actor: Actor | None, email: str) -> str:
    """Request another e-mail for the actor's own account and return it as it is kept; nothing changes until it is confirmed.

    ``InvalidInput`` on ``email`` for what is none, the present one, or another account's; where the clinic tells nobody
    which e-mails have an account, that one is told instead. ``ProofRequired`` without a recent proof, ``TooManyTries`` after
    too many links.
    """
    user = locked_person(require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT)).user_id)
    errors = ValidationErrors()
    hides = settings.current().accounts.hides_unknown_emails
    address = checked_email(errors, email, own=user.id, may_be_taken=hides) or ""
    if address == user.email and not errors.by_field:
        errors.add("email", N_("This is your e-mail already."))
    errors.raise_if_any()
    request_change(actor, user, address)
    return address


def request_change(actor: Actor | None, user: User, address: str) -> None:
    """Let an e-mail wait to become that of a user, who is locked, in the present transaction; in place of one that waits.

    What is requested already stays as it is.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    waiting = _waiting(user.id)
    if waiting is not None and waiting.new_email == address and _is_good(waiting.confirm_link_id):
        return
    if waiting is not None:
        _end(waiting, EmailChangeEnd.REPLACED if _is_good(waiting.confirm_link_id) else EmailChangeEnd.EXPIRED)
        session().flush()
    by_office, at = actor.user_id != user.id, clock.now()
    change = EmailChange(
        user_id=user.id,
        old_email=user.email,
        new_email=address,
        requested_by_id=actor.user_id,
        requested_at=at,
        vetoable_until=at + VETO_LASTS,
    )
    session().add(change)
    session().flush()
    if by_office and user.role != Role.PATIENT:
        end_links_of(user.id)
        tell_admins(actor, user, StaffChange.EMAIL_REQUESTED)
    elif by_office:
        tell_of_request(actor, user)
    _mail_confirm_link(user, change)
    veto = mail.new_link(user.id, LinkPurpose.VETO_EMAIL, lasts=VETO_LASTS)
    change.veto_link_id = veto.id
    facts = EmailRequestFacts(uid_of(user.id), veto.expires_at, at, by_office)
    notify(user, EMAIL_REQUESTED, facts, key=str(change.id), link_id=veto.id)
    _audit(actor, AuditAction.EMAIL_CHANGE_REQUESTED, user, change)


def _mail_confirm_link(user: User, change: EmailChange) -> None:
    """Mail a new link to the address that is to confirm a change; the one before is dead."""
    _end_link(change.confirm_link_id)
    link = new_confirm_link(user.id)
    change.confirm_link_id = link.id
    if not is_free(change.new_email, own=user.id):
        mail.queue(EMAIL_IN_USE, NoFacts(), to=change.new_email, language=user.language)
        return
    facts = EmailLinkFacts(uid_of(user.id), link.expires_at)
    mail.queue(CONFIRM_NEW_EMAIL, facts, to=change.new_email, language=user.language, link_id=link.id)


@atomic
def resend_email_change(actor: Actor | None) -> str:
    """Mail the link that confirms the actor's new e-mail again, and return the address.

    ``Conflict`` where none waits; ``TooManyTries`` after too many links.
    """
    user = locked_person(require(actor, Action.CHANGE_OWN_ACCOUNT).user_id)
    change = _waiting(user.id)
    if change is None:
        raise _nothing_pending()
    _mail_confirm_link(user, change)
    return change.new_email


@atomic
def withdraw_email_change(actor: Actor | None, user_id: int | None = None) -> None:
    """Let a change of the e-mail wait no longer: the actor's own, or (the office) that of an account.

    ``Conflict`` where none waits.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    if user_id is not None:
        require_one_of(actor, EDITING_ACCOUNTS)
    user = locked_person(user_id or actor.user_id)
    if user_id is not None:
        require(actor, editing_accounts_of(Role(user.role)))
    change = _waiting(user.id)
    if change is None:
        raise _nothing_pending()
    _end(change, EmailChangeEnd.TAKEN_BACK)
    _audit(actor, AuditAction.EMAIL_CHANGE_UNDONE, user, change)


def _nothing_pending() -> Conflict:
    return Conflict(NOTHING_PENDING, code="invalid_transition")


# --- confirming -------------------------------------------------------------------------------------------------------


def confirmation_by(uid: str, token: str) -> EmailLink | None:
    """Return what a link to confirm an e-mail would do; None for one that is dead."""
    user = session().get(User, user_id_of(uid), populate_existing=True)
    link = None if user is None else _confirm_link(user, token)
    if user is None or link is None:
        return None
    change = _change_of(link)
    own = change is None or change.requested_by_id == user.id
    return EmailLink(user.id, (change and change.new_email) or user.email or "", change is not None, own)


@atomic
def confirm_email(actor: Actor | None, *, uid: str, token: str) -> bool:
    """Confirm an e-mail by the link that was mailed to it; return whether it became an account's in place of another one.

    ``InvalidInput`` on ``token`` for a dead link, or where another account has the e-mail by now. ``Forbidden``
    ``sign_in_to_confirm`` for whoever isn't signed in to the account, unless the office requested the change.
    """
    user = session().get(User, user_id_of(uid), populate_existing=True, with_for_update=True)
    link = None if user is None else _confirm_link(user, token)
    if user is None or link is None:
        raise dead_link()
    change = _change_of(link)
    if (change is None or change.requested_by_id == user.id) and (actor is None or actor.user_id != user.id):
        raise Forbidden(N_("Please sign in to the account that this link is for."), code="sign_in_to_confirm")
    if change is None:
        note_confirmed(user, link)
        return False
    _apply(user, link, change)
    return True


def _apply(user: User, link: MailedLink, change: EmailChange) -> None:
    if not is_free(change.new_email, own=user.id):
        raise InvalidInput(EMAIL_TAKEN, errors={"token": [EMAIL_TAKEN]})
    at = clock.now()
    mail.use_link(link)
    change.confirmed_at = at
    change.ended_at, change.ended_because = at, EmailChangeEnd.CONFIRMED
    _set_email(user, change.new_email)
    if change.requested_by_id is not None and change.requested_by_id != user.id:
        note_confirmed_request(user, change.requested_by_id)
    _audit(SystemActor(user.id, str(user.role)), AuditAction.EMAIL_CONFIRMED, user, change)
    notify(user, EMAIL_CHANGED, EmailChangeFacts(at), key=str(change.id))
    veto = mail.found_link(change.veto_link_id)
    if veto is not None:
        facts = EmailChangeFacts(at, uid_of(user.id), veto.expires_at)
        mail.queue(EMAIL_CHANGED, facts, to=change.old_email, language=user.language, link_id=veto.id)
    if user.role != Role.PATIENT:
        tell_admins(None, user, StaffChange.EMAIL_CONFIRMED)


def _set_email(user: User, address: str) -> None:
    """Give an account an e-mail that its person has just confirmed; everything that the one before opened ends."""
    user.email = address
    user.email_confirmed_at = clock.now()
    user.version += 1
    flush_user()
    end_links_of(user.id)
    forget_tickets_of(user.id)
    forget_devices_of(user.id)
    end_sessions_of(user.id, "email_changed")


# --- taking back ------------------------------------------------------------------------------------------------------


def veto_by(uid: str, token: str) -> int | None:
    """Return whose e-mail a link keeps; None for one that is dead."""
    link = mail.open_link(user_id_of(uid), token, LinkPurpose.VETO_EMAIL)
    return None if link is None else link.user_id


def keep_email(*, uid: str, token: str) -> bool:
    """Keep the e-mail that an account had before a change, or has before one that waits, by the link mailed to it; return
    whether a link to choose a new password is mailed.

    Who asked for the change may have the password, so it opens nothing any more: all sessions, links, and what was added
    to the sign-in since end, and a link to choose a new password goes to the address that is kept. Where the account had a
    second step and has none then, the office opens it instead: a mailbox alone must not. ``InvalidInput`` on ``token`` for
    a dead link.
    """
    if veto_by(uid, token) is None:
        raise dead_link()
    nobodys = nobodys_password()
    with transaction():
        return _keep(uid, token, nobodys)


def _keep(uid: str, token: str, nobodys_hash: str) -> bool:
    user = session().get(User, user_id_of(uid), populate_existing=True, with_for_update=True)
    link = None if user is None else mail.open_link(user.id, token, LinkPurpose.VETO_EMAIL)
    change = None if link is None else session().scalar(select(EmailChange).where(EmailChange.veto_link_id == link.id))
    if user is None or link is None or change is None or change.old_email is None:
        raise dead_link()
    had_happened = change.confirmed_at is not None
    _undo_since(user.id, change)
    mail.use_link(link)
    had_factor = had_factor_since(user.id, change.requested_at)
    since = change.requested_at - FACTORS_DOUBTED_FOR
    factors_ended = end_factors_since(user, since, "email_undone")
    void_password(user, OFFICE_OPENS if had_factor and not has_second_factor(user.id) else nobodys_hash)
    before = user.email
    _set_email(user, change.old_email)
    _audit(SystemActor(user.id, str(user.role)), AuditAction.EMAIL_CHANGE_UNDONE, user, change)
    _tell_undone(user, change, before if had_happened else None, since if factors_ended else None)
    return user.is_active and user.password_hash != OFFICE_OPENS


def _undo_since(user_id: int, change: EmailChange) -> None:
    """Take back a change and all that came after it, which whoever made it may have requested."""
    since = select(EmailChange).where(EmailChange.user_id == user_id, EmailChange.id >= change.id)
    for each in session().scalars(since):
        _end(each, EmailChangeEnd.TAKEN_BACK)
    session().flush()


def _tell_undone(user: User, change: EmailChange, other: str | None, factors_ended_since: datetime | None) -> None:
    at = clock.now()
    if user.is_active and user.password_hash == OFFICE_OPENS:
        facts = EmailUndoneFacts(at, factors_ended_since=factors_ended_since, office_opens_to=str(user.role))
        notify(user, EMAIL_UNDONE, facts, key=str(change.id))
    elif user.is_active:
        link = mail.new_link(user.id, LinkPurpose.PASSWORD, lasts=LINK_LASTS)
        facts = EmailUndoneFacts(at, uid_of(user.id), link.expires_at, factors_ended_since=factors_ended_since)
        notify(user, EMAIL_UNDONE, facts, key=str(change.id), link_id=link.id)
    # The person may have lost the mailbox that they had before to somebody else.
    mail.queue(EMAIL_UNDONE, EmailUndoneFacts(at), to=other, language=user.language)
    tell_admins(None, user, StaffChange.EMAIL_UNDONE)


# --- rows -------------------------------------------------------------------------------------------------------------


def _waiting(user_id: int) -> EmailChange | None:
    return session().scalar(
        select(EmailChange)
        .where(EmailChange.user_id == user_id, EmailChange.ended_at.is_(None), EmailChange.confirmed_at.is_(None))
        .execution_options(populate_existing=True)
    )


def _confirm_link(user: User, token: str) -> MailedLink | None:
    return mail.open_link(user.id, token, LinkPurpose.CONFIRM_EMAIL) if user.is_active else None


def _change_of(link: MailedLink) -> EmailChange | None:
    return session().scalar(select(EmailChange).where(EmailChange.confirm_link_id == link.id))


def _is_good(link_id: int | None) -> bool:
    link = mail.found_link(link_id)
    return link is not None and link.is_good


def _end(change: EmailChange, because: EmailChangeEnd) -> None:
    """End a change with its links, but for one that brings the address before back."""
    change.ended_at, change.ended_because = clock.now(), because
    _end_link(change.confirm_link_id)
    _end_link(change.veto_link_id)


def _end_link(link_id: int | None) -> None:
    link = mail.found_link(link_id)
    if link is not None and link.ended_at is None:
        link.ended_at = clock.now()


def _audit(actor: Actor | SystemActor, action: AuditAction, user: User, change: EmailChange) -> None:
    audit.record(
        actor,
        action,
        [Subject.of_user(user.id, user.role)],
        old_digest=audit.email_digest(change.old_email or ""),
        new_digest=audit.email_digest(change.new_email),
    )
