"""New passwords: by a mailed link when the old one is forgotten, or by the old one.

A link names the user (``uid``) and a token, is good for ``LINK_LASTS``, once, and dead after any change of the password
(API, ``auth/reset-password/``). Its mail leaves after the commit, as all mail does.
"""

import base64
import binascii
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from clinic import audit, clock, mail
from clinic.accounts import passwords
from clinic.accounts.account_letters import PASSWORD_CHANGED, PASSWORD_RESET, LinkFacts, PasswordChangeFacts
from clinic.accounts.models import PasswordReset, SignInSession, User
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.service import user_by_email
from clinic.accounts.sessions import SignedIn, digest_of, end_sessions_of, renew, session_is_live
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import MAX_ID, atomic, row_id, session, transaction
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import DEFAULT_LANGUAGE, N_
from clinic.policy import Action, Actor, require
from clinic.text.validation import ValidationErrors

LINK_LASTS = timedelta(hours=24)
UNKNOWN_EMAIL = N_("There's no account with this e-mail.")
DEAD_LINK = N_("This link has expired. Please ask for a new one.")
WRONG_PASSWORD = N_("This isn't your current password.")
NOT_SAME = N_("The passwords don't match.")


def uid_of(user_id: int) -> str:
    """Return a user's id as the link writes it (base64url of its digits, as in the original)."""
    return base64.urlsafe_b64encode(str(user_id).encode()).decode().rstrip("=")


def _user_id(uid: str) -> int:
    try:
        digits = base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return 0
    return row_id(int(digits)) if digits.isdecimal() and len(digits) < 12 else 0


def forgot_password(email: str) -> None:
    """Queue a mail with a link to choose a new password, in the person's language.

    ``NotFound`` for an e-mail that no active account has; whether that is told is the delivery's setting. It is as
    much work as a mail, so the time doesn't tell it either.
    """
    if not _queue_link(email):  # said only after the commit, which takes its time, too
        raise NotFound(UNKNOWN_EMAIL)


@atomic
def _queue_link(email: str) -> bool:
    user = user_by_email(email)
    if user is None or not user.is_active:
        link = LinkFacts(mail.NOBODY, uid_of(MAX_ID), secrets.token_urlsafe(32), clock.now() + LINK_LASTS)
        mail.queue_and_discard(PASSWORD_RESET, link, language=DEFAULT_LANGUAGE)
        return False
    link = LinkFacts(user.full_name, uid_of(user.id), *new_link(user, lasts=LINK_LASTS))
    mail.queue(PASSWORD_RESET, link, to=user.email, language=user.language)
    return True


def new_link(user: User, *, lasts: timedelta) -> tuple[str, datetime]:
    """Make a link to choose a password in the present transaction; return its token and until when it is good."""
    token, at = secrets.token_urlsafe(32), clock.now()
    session().add(PasswordReset(user_id=user.id, token_digest=digest_of(token), created_at=at, expires_at=at + lasts))
    return token, at + lasts


def _live(uid: str, token: str) -> PasswordReset | None:
    return session().scalar(
        select(PasswordReset)
        .join(User, User.id == PasswordReset.user_id)
        .where(
            PasswordReset.token_digest == digest_of(token),
            PasswordReset.user_id == _user_id(uid),
            PasswordReset.ended_at.is_(None),
            PasswordReset.expires_at > clock.now(),
            User.is_active,
        )
        .execution_options(populate_existing=True)
    )


def end_links_of(user_id: int) -> None:
    """End every link that was mailed to a user, in the present transaction."""
    session().execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def reset_link_is_good(uid: str, token: str) -> bool:
    """Return whether a link may still be used."""
    return _live(uid, token) is not None


def is_first_password(uid: str, token: str) -> bool:
    """Return whether the person of a good link never signed in: they were invited and have no password of their own."""
    signed_in = select(SignInSession.id).where(SignInSession.user_id == PasswordReset.user_id).exists()
    found = select(PasswordReset.id).where(PasswordReset.token_digest == digest_of(token), ~signed_in)
    return _live(uid, token) is not None and session().execute(found).first() is not None


def reset_password(*, uid: str, token: str, new_password: str, confirm_password: str) -> None:
    """Choose a new password by a link; ends every session of the user and every link, and confirms by mail.

    ``InvalidInput`` on ``token`` for a dead link, on ``new_password`` and ``confirm_password`` otherwise.
    """
    reset = _live(uid, token)
    if reset is None:
        raise _dead_link()
    user = session().get_one(User, reset.user_id)
    _check(ValidationErrors(), new_password, confirm_password, user)
    hashed = passwords.hash_password(new_password)
    user_id = user.id
    with transaction():
        # The user is locked first and the link looked at again: of two uses at once, one finds its link dead.
        _locked(user_id)
        if _live(uid, token) is None:
            raise _dead_link()
        by_link = SystemActor(user_id, str(user.role))
        _set_password(user_id, hashed, by=by_link, action=AuditAction.PASSWORD_RESET)


def change_password(actor: Actor | None, *, old_password: str, new_password: str, confirm_password: str) -> SignedIn:
    """Choose a new password by the old one; ends every other session of the user, and confirms by mail.

    The session in use gets another secret, which is returned: its own may have been copied with the old password.
    ``InvalidInput`` on ``old_password``, ``new_password`` or ``confirm_password``.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    user = session().get_one(User, actor.user_id)
    errors = ValidationErrors()
    if not passwords.matches(user.password_hash, old_password):
        errors.add("old_password", WRONG_PASSWORD)
    _check(errors, new_password, confirm_password, user)
    checked, hashed = user.password_hash, passwords.hash_password(new_password)
    with transaction():
        # Who knows an old password must not win against a reset that came meanwhile.
        if _locked(actor.user_id).password_hash != checked or not session_is_live(actor):
            raise InvalidInput.of({"old_password": [WRONG_PASSWORD]})
        _set_password(
            actor.user_id, hashed, by=actor, action=AuditAction.PASSWORD_CHANGED, keep_session=actor.session_id
        )
        return renew(actor.session_id)


def _locked(user_id: int) -> User:
    """Return a user, locked until the present transaction ends."""
    return session().get_one(User, user_id, populate_existing=True, with_for_update=True)


def _check(errors: ValidationErrors, password: str, again: str, user: User) -> None:
    """Refuse what is wrong with a new password, together with what ``errors`` holds already."""
    passwords.check_password(errors, password, email=user.email or "", full_name=user.full_name, field="new_password")
    if password != again:
        errors.add("confirm_password", NOT_SAME)
    errors.raise_if_any()


def _dead_link() -> InvalidInput:
    return InvalidInput(DEAD_LINK, errors={"token": [DEAD_LINK]})


def _set_password(
    user_id: int, hashed: str, *, by: Actor | SystemActor, action: AuditAction, keep_session: int | None = None
) -> None:
    """Write the new password, end what the old one opened, tell the person and the audit.

    The only place that gives an account another password: whoever has one to give calls it.
    """
    user = session().get_one(User, user_id, populate_existing=True)
    user.password_hash = hashed
    end_links_of(user_id)
    forget_tickets_of(user_id)
    end_sessions_of(user_id, "password_changed", keep=keep_session)
    changed = PasswordChangeFacts(user.full_name, clock.now())
    mail.queue(PASSWORD_CHANGED, changed, to=user.email, language=user.language)
    audit.record(by, action, [Subject.of_user(user.id, user.role)])
