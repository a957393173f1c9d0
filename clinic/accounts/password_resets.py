"""New passwords: by a mailed link when the old one is forgotten, or by the old one.

A link names the user (``uid``) and a token, is good for ``LINK_LASTS``, once, and dead after any change of the password
(API, ``auth/reset-password/``). Its mail leaves after the commit, as all mail does, and the token is made then.
"""

from datetime import timedelta

from sqlalchemy import select, update

from clinic import audit, clock, mail
from clinic.accounts import passwords, proof_limits
from clinic.accounts.account_letters import PASSWORD_CHANGED, PASSWORD_RESET, LinkFacts, PasswordChangeFacts
from clinic.accounts.email_change_models import EmailChange
from clinic.accounts.known_devices import forget_devices_of
from clinic.accounts.models import NO_PASSWORD, OFFICE_OPENS, PasswordReset, User
from clinic.accounts.notices import notify
from clinic.accounts.passwords import Owner
from clinic.accounts.second_factor.checking import has_second_factor
from clinic.accounts.second_factor.own_factors import is_needed_by
from clinic.accounts.second_factor.tickets import SET_UP_LASTS, forget_tickets_of, issue_ticket
from clinic.accounts.service import user_by_email
from clinic.accounts.sessions import Origin, SignedIn, digest_of, end_sessions_of, new_secret, renew, session_is_live
from clinic.accounts.sign_in_models import TicketPurpose
from clinic.accounts.uids import uid_of, user_id_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import MAX_ID, atomic, session, transaction
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import DEFAULT_LANGUAGE, N_
from clinic.mail import LinkPurpose
from clinic.policy import Action, Actor, Role, require, require_recent
from clinic.text.validation import ValidationErrors

LINK_LASTS = timedelta(hours=24)
#: No link goes to another e-mail of somebody who works here before it is so old.
STAFF_WAITS = timedelta(hours=72)
#: By which links a password is chosen.
_CHOOSING = (LinkPurpose.PASSWORD, LinkPurpose.INVITATION)
UNKNOWN_EMAIL = N_("There's no account with this e-mail.")
DEAD_LINK = N_("This link has expired. Please ask for a new one.")
WRONG_PASSWORD = N_("This isn't your current password.")
NOT_SAME = N_("The passwords don't match.")


def forgot_password(email: str) -> None:
    """Queue a mail with a link to choose a new password, in the person's language.

    ``NotFound`` for an e-mail that no active account has; whether that is told is the delivery's setting. It is as
    much work as a mail, so the time doesn't tell it either. Nothing is sent to an e-mail that somebody who works here has
    had for less than ``STAFF_WAITS``, nor of an account that the office opens (``void_password``).
    """
    if not _queue_link(email):  # said only after the commit, which takes its time, too
        raise NotFound(UNKNOWN_EMAIL)


@atomic
def _queue_link(email: str) -> bool:
    user = _locked_by_email(email)
    known = user is not None and user.is_active
    if user is None or not known or user.password_hash == OFFICE_OPENS or _is_new_to_staff(user):
        nobodys = LinkFacts(mail.NOBODY, uid_of(MAX_ID), clock.now() + LINK_LASTS)
        mail.queue_and_discard(PASSWORD_RESET, nobodys, language=DEFAULT_LANGUAGE)
        return known
    mail_link_to(user)
    return True


def mail_link_to(user: User) -> None:
    """Queue the mail with a link to choose a password, in the present transaction."""
    link = mail.new_link(user.id, LinkPurpose.PASSWORD, lasts=LINK_LASTS)
    facts = LinkFacts(user.full_name, uid_of(user.id), link.expires_at)
    mail.queue(PASSWORD_RESET, facts, to=user.email, language=user.language, link_id=link.id)


def _locked_by_email(email: str) -> User | None:
    """Return who has this e-mail, locked: a link that is made while the e-mail changes would open the account to the old
    address."""
    found = user_by_email(email)
    address, number = (None, MAX_ID) if found is None else (found.email, found.id)
    # Looked up for nobody too: how long it takes tells nobody who has an account.
    user = session().get(User, number, populate_existing=True, with_for_update=True)
    return user if user is not None and user.email == address else None


def _is_new_to_staff(user: User) -> bool:
    """Return whether somebody who works here has had this e-mail for so short a time that whoever had the one before may
    not have seen it."""
    if user.role == Role.PATIENT:
        return False
    since = clock.now() - STAFF_WAITS
    changed = select(EmailChange.id).where(
        EmailChange.user_id == user.id, EmailChange.new_email == user.email, EmailChange.confirmed_at > since
    )
    return session().execute(changed).first() is not None


def _user_of_link(uid: str, token: str) -> User | None:
    """Return whose link this is, if it is good and the account is on."""
    user = session().get(User, user_id_of(uid), populate_existing=True)
    if user is None or not user.is_active:
        return None
    is_good = mail.open_link(user.id, token, *_CHOOSING) is not None or _is_of_before(user.id, token)
    return user if is_good else None


def _is_of_before(user_id: int, token: str) -> bool:
    """Return whether a good link that a version before ``clinic.mail.links`` has mailed has this token."""
    found = select(PasswordReset.id).where(
        PasswordReset.token_digest == digest_of(token),
        PasswordReset.user_id == user_id,
        PasswordReset.ended_at.is_(None),
        PasswordReset.expires_at > clock.now(),
    )
    return session().execute(found).first() is not None


def end_links_of(user_id: int) -> None:
    """End every link to choose a password or to confirm an e-mail that was mailed to a user, in the present transaction.

    What lets the old address take back a change of the e-mail stays: it is good against whoever has the account now.
    """
    mail.end_links(user_id, *_CHOOSING, LinkPurpose.CONFIRM_EMAIL)
    session().execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def reset_link_is_good(uid: str, token: str) -> bool:
    """Return whether a link may still be used."""
    return _user_of_link(uid, token) is not None


def is_first_password(uid: str, token: str) -> bool:
    """Return whether the person of a good link was invited and has no password of their own yet."""
    user = _user_of_link(uid, token)
    return user is not None and user.password_hash == NO_PASSWORD


def least_characters(actor: Actor | None = None, *, uid: str = "", token: str = "") -> int:
    """Return how many characters a new password needs: one's own, by a link, or, without either, at the registration."""
    by_link = _user_of_link(uid, token) if uid else None
    user = session().get_one(User, actor.user_id) if actor else by_link
    return (Owner(Role.PATIENT, "", "") if user is None else _owner(user)).least


def reset_password(
    *, uid: str, token: str, new_password: str, confirm_password: str, origin: Origin | None = None
) -> str | None:
    """Choose a new password by a link; ends every session of the user and every link, and confirms by mail.

    The e-mail that the link went to is confirmed by it. Returned is a ticket for the browser at ``origin`` to set up the
    second step at once (``signing_in.finish_set_up``), where somebody was invited who needs one; None otherwise.

    ``InvalidInput`` on ``token`` for a dead link, on ``new_password`` and ``confirm_password`` otherwise.
    """
    user = _user_of_link(uid, token)
    if user is None:
        raise dead_link()
    _check(ValidationErrors(), new_password, confirm_password, user)
    hashed = passwords.hash_password(new_password)
    user_id = user.id
    with transaction():
        # The user is locked first and the link looked at again: of two uses at once, one finds its link dead.
        user = _locked(user_id)
        if _user_of_link(uid, token) is None:
            raise dead_link()
        # Whoever has the link reads what goes to the address: one that went to the address before is dead.
        user.email_confirmed_at = user.email_confirmed_at or clock.now()
        by_link = SystemActor(user_id, str(user.role))
        is_first = user.password_hash == NO_PASSWORD
        _set_password(user_id, hashed, by=by_link, action=AuditAction.PASSWORD_RESET)
        if origin is None or not is_first or not is_needed_by(Role(user.role)):
            return None
        return issue_ticket(user, TicketPurpose.SET_UP, origin, SET_UP_LASTS)


def change_password(
    actor: Actor | None, *, old_password: str, new_password: str, confirm_password: str
) -> SignedIn | None:
    """Choose a new password by the old one; ends every other session of the user, and confirms by mail.

    The session in use gets another secret, which is returned: its own may have been copied with the old password. None
    where nothing is left to be done: the form was sent before, and the new password is the present one.
    ``InvalidInput`` on ``old_password``, ``new_password`` or ``confirm_password``; ``Unauthenticated`` where the old one
    was wrong too often (``proof_limits.try_proof``). The old password is the proof that it is them; whoever has a
    second step shows it besides (``ProofRequired``).
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    if has_second_factor(actor.user_id):
        require_recent(actor)
    stored = session().get_one(User, actor.user_id).password_hash
    errors = ValidationErrors()
    shown = proof_limits.try_proof(actor, lambda: _which_matches(stored, old_password, new_password))
    if shown == new_password != old_password:
        return None
    if shown is None:
        errors.add("old_password", WRONG_PASSWORD)
    _check(errors, new_password, confirm_password, session().get_one(User, actor.user_id))
    hashed = passwords.hash_password(new_password)
    with transaction():
        # Who knows an old password must not win against a reset that came meanwhile.
        present = _locked(actor.user_id).password_hash
        if present != stored or not session_is_live(actor):
            if session_is_live(actor) and passwords.matches(present, new_password):
                return None
            raise InvalidInput.of({"old_password": [WRONG_PASSWORD]})
        _set_password(
            actor.user_id, hashed, by=actor, action=AuditAction.PASSWORD_CHANGED, keep_session=actor.session_id
        )
        return renew(actor.session_id)


def _which_matches(stored: str, *tried: str) -> str | None:
    """Return the first of the passwords that is the stored one, None if none is."""
    return next((password for password in tried if passwords.matches(stored, password)), None)


def _locked(user_id: int) -> User:
    """Return a user, locked until the present transaction ends."""
    return session().get_one(User, user_id, populate_existing=True, with_for_update=True)


def _check(errors: ValidationErrors, password: str, again: str, user: User) -> None:
    """Refuse what is wrong with a new password, together with what ``errors`` holds already."""
    if password != again:
        errors.add("confirm_password", NOT_SAME)
    passwords.check_password(errors, password, _owner(user), field="new_password")
    errors.raise_if_any()


def _owner(user: User) -> Owner:
    """Return whose new password is weighed."""
    return Owner(
        Role(user.role),
        user.email or "",
        user.full_name,
        user.phone_num,
        user.patient.date_of_birth if user.patient else None,
        has_second_factor(user.id),
    )


def dead_link() -> InvalidInput:
    """Build the refusal of a link that is over, used, or none of ours."""
    return InvalidInput(DEAD_LINK, errors={"token": [DEAD_LINK]})


def _set_password(
    user_id: int, hashed: str, *, by: Actor | SystemActor, action: AuditAction, keep_session: int | None = None
) -> None:
    """Write the new password, end what the old one opened, tell the person and the audit.

    The only place that gives an account another password that somebody knows: whoever has one to give calls it.
    """
    user = session().get_one(User, user_id, populate_existing=True)
    _write_password(user, hashed)
    end_links_of(user_id)
    forget_tickets_of(user_id)
    forget_devices_of(user_id)
    end_sessions_of(user_id, "password_changed", keep=keep_session)
    at = clock.now()
    notify(user, PASSWORD_CHANGED, PasswordChangeFacts(user.full_name, at), key=at.isoformat())
    audit.record(by, action, [Subject.of_user(user.id, user.role)])


def _write_password(user: User, hashed: str) -> None:
    user.password_hash = hashed


def nobodys_password() -> str:
    """Return the hash of a password that nobody knows. It takes long on purpose: call it before the transaction."""
    return passwords.hash_password(new_secret())


def void_password(user: User, nobodys_hash: str) -> None:
    """Let a user's password open nothing any more, in the present transaction: whoever may know it isn't them.

    The caller ends what it opened, and mails a link to choose another one. With ``OFFICE_OPENS`` for a hash no mail brings
    one before the office has seen them (``invitations.invite_again``).
    """
    _write_password(user, nobodys_hash)
