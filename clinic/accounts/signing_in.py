"""Signing in: by the password, and where somebody set up a second step, by a code or a passkey too.

Between the two the person holds a ticket (``second_factor.tickets``), which says that the password was right.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from clinic import audit, events
from clinic.accounts import passwords, sign_in_limits
from clinic.accounts.known_devices import start_known_session
from clinic.accounts.models import SessionKind, User
from clinic.accounts.second_factor import checking, own_passkeys, totp
from clinic.accounts.second_factor.checking import Method, SecondStep
from clinic.accounts.second_factor.own_factors import Pending, add_to, is_needed_by, locked
from clinic.accounts.second_factor.own_passkeys import PendingPasskey
from clinic.accounts.second_factor.tickets import (
    SET_UP_LASTS,
    TICKET_LASTS,
    challenge_of,
    count_try,
    holder_of,
    issue_ticket,
    ticket_invalid,
    use_ticket,
)
from clinic.accounts.second_factor.totp import TotpOffer
from clinic.accounts.second_factor.webauthn_checks import PasskeyAnswer, RelyingParty
from clinic.accounts.service import user_by_email
from clinic.accounts.sessions import Origin, SignedIn
from clinic.accounts.sign_in_limits import Attempt
from clinic.accounts.sign_in_models import TicketPurpose
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import session, transaction
from clinic.errors import DomainError, Forbidden, InvalidInput, Unauthenticated
from clinic.events import Event
from clinic.i18n import N_, known_language
from clinic.policy import Role

T = TypeVar("T")

#: Why a try was refused, as the audit has it.
_WRONG_CODE, _WRONG_PASSKEY = "wrong_code", "wrong_passkey"
SECOND_FACTOR_REQUIRED, NOT_SET_UP = "second_factor_required", "second_factor_not_set_up"


class SecondStepRequired(Unauthenticated):
    """The password was right, and there is one more step: a code or a passkey, or setting the second step up where it is missing.

    ``extra`` has the ticket to go on with, by what, and for how many seconds.
    """

    @property
    def ticket(self) -> str:
        """The ticket to go on with."""
        return str(self.extra["ticket"])


@dataclass(frozen=True)
class SetUp:
    """Somebody who is signed in since they set their second step up, and their recovery codes."""

    signed_in: SignedIn
    recovery_codes: list[str]


def sign_in(*, email: str, password: str, kind: SessionKind, origin: Origin, language: str | None = None) -> SignedIn:
    """Check e-mail and password and start a session.

    ``Unauthenticated`` ``invalid_credentials``, the same and as slow for an unknown e-mail; ``Forbidden``
    ``account_disabled`` for the right password of an account that was switched off (API, ``auth/login/``).
    ``SecondStepRequired`` where a code has to follow (``finish_sign_in``), or a second step has to be set up
    (``finish_set_up``); for a program the latter is ``Forbidden``, since that is done on pages. ``TooManyTries`` where it
    was tried too often (``sign_in_limits``).
    """
    with _told():
        found = _signed_in(email, password, kind, origin, language)
        if isinstance(found, DomainError):  # raised only after the commit: what it says is a ticket that is stored
            raise found
        return found


@contextmanager
def _counted(email: str, user: User | None, origin: Origin) -> Iterator[Attempt]:
    """Count a try to sign in and let it be checked; where it is refused, that is counted as wrong and noted in one transaction.

    It has as much to write whether an account has the e-mail or not: nobody learns that from how long it takes.
    """
    subject = audit.NOTHING if user is None else Subject.of_user(user.id, user.role)
    with sign_in_limits.counted(email, user.id if user else None, origin) as attempt:
        try:
            yield attempt
        except (Unauthenticated, Forbidden) as refusal:
            with audit.unless_busy(reason=refusal.code), transaction():
                attempt.failed()
                audit.record_refused_sign_in(email=email, subject=subject, reason=refusal.code)
            raise


def _begin(user: User, kind: SessionKind, origin: Origin, *, by: str = "") -> SignedIn:
    """Start a session in the present transaction, and let the audit note it; ``by`` what the second step was taken with."""
    signed_in = start_known_session(user, kind, origin, with_factor=bool(by))
    details: audit.Details = {"kind": by} if by else {}
    audit.record_sign_in(
        AuditAction.SIGN_IN_SUCCEEDED,
        email=user.email or "",
        subject=Subject.of_user(user.id, user.role),
        actor=signed_in.actor,
        **details,
    )
    return signed_in


@contextmanager
def _told() -> Iterator[None]:
    """Tell those who watch the portal how a sign-in came out."""
    try:
        yield
    except DomainError as refusal:
        events.tell(Event.SIGN_IN, refusal.code)
        raise
    events.tell(Event.SIGN_IN, "succeeded")


def _signed_in(
    email: str, password: str, kind: SessionKind, origin: Origin, language: str | None
) -> SignedIn | DomainError:
    user = user_by_email(email)
    with _counted(email, user, origin) as attempt:
        if not passwords.matches(user.password_hash if user else None, password) or user is None:
            raise _wrong_password()
        user_id, checked_hash = user.id, user.password_hash
        with transaction() as current:
            # Held until the session is written, so that a reset or a switch-off that comes meanwhile ends it too. Whoever
            # will write the language holds it alone: two who share a row and then write to it wait for each other.
            lock = {"read": True} if language is None else {"key_share": True}
            user = current.get_one(User, user_id, populate_existing=True, with_for_update=lock)
            if user.password_hash != checked_hash:
                raise _wrong_password()
            _check_active(user)
            if language is not None:
                user.language = known_language(language)
            attempt.succeeded()
            found = _after_password(user, kind, origin)
            if isinstance(found, DomainError):  # who has a stolen password gets so far: it must leave a trace
                audit.record_refused_sign_in(
                    email=email, subject=Subject.of_user(user.id, user.role), reason=found.code
                )
            return found


def _wrong_password() -> Unauthenticated:
    return Unauthenticated(N_("The e-mail or password isn't right."), code="invalid_credentials")


def _after_password(user: User, kind: SessionKind, origin: Origin) -> SignedIn | DomainError:
    """Start the session of whoever has shown their password, or return what has to come before."""
    if checking.has_second_factor(user.id):
        return _one_more_step(user, origin)
    if is_needed_by(Role(user.role)):
        return _not_set_up(user, kind, origin)
    return _begin(user, kind, origin)


def _check_active(user: User) -> None:
    if not user.is_active:
        raise Forbidden(N_("This account has been switched off."), code="account_disabled")


def _one_more_step(user: User, origin: Origin) -> SecondStepRequired:
    methods = checking.methods_of(user.id)
    extra = {
        "ticket": issue_ticket(user, TicketPurpose.SECOND_FACTOR, origin),
        "methods": list(methods),
        "expires_in": int(TICKET_LASTS.total_seconds()),
    }
    message = N_("One more step: please enter the code from your app.")
    if Method.TOTP not in methods:
        message = N_("One more step: please enter one of your recovery codes.")
    if Method.TOTP not in methods and Method.PASSKEY in methods:
        message = N_(
            "One more step: please enter one of your recovery codes. Your passkey works on the portal's pages."
        )
    return SecondStepRequired(message, code=SECOND_FACTOR_REQUIRED, extra=extra)


def _not_set_up(user: User, kind: SessionKind, origin: Origin) -> DomainError:
    message = N_("Your account needs a second step. Please set it up by signing in on the portal's pages first.")
    if kind is SessionKind.API:
        return Forbidden(message, code=NOT_SET_UP)
    ticket = issue_ticket(user, TicketPurpose.SET_UP, origin, SET_UP_LASTS)
    return SecondStepRequired(message, code=NOT_SET_UP, extra={"ticket": ticket})


def ticket_is_good(ticket: str, purpose: TicketPurpose) -> bool:
    """Return whether a ticket may still be used for this."""
    return holder_of(ticket, purpose) is not None


def finish_sign_in(*, ticket: str, code: str, kind: SessionKind, origin: Origin) -> SignedIn:
    """Take the second step of a sign-in and start the session.

    ``InvalidInput`` on ``code`` for a wrong one, also one that was used before; ``Unauthenticated`` ``ticket_invalid``
    once the ticket is used, over, or had five wrong codes; ``Forbidden`` where the account was switched off meanwhile;
    ``TooManyTries`` where the account had too many wrong codes (API, ``auth/second-factor/``).
    """
    typed = checking.check_typed(code)

    def take(user: User) -> SignedIn | None:
        method = checking.take(user, typed)
        return None if method is None else _begin(user, kind, origin, by=method)

    with _told():
        return _with_ticket(ticket, TicketPurpose.SECOND_FACTOR, origin, take)


def second_step_by_ticket(ticket: str, relying_party: RelyingParty) -> SecondStep:
    """Return what whoever holds a ticket may take the second step with: no ``methods`` for one that isn't good any more."""
    user_id = holder_of(ticket, TicketPurpose.SECOND_FACTOR)
    if user_id is None:
        return SecondStep(())
    return checking.second_step(user_id, relying_party, lambda: challenge_of(ticket, TicketPurpose.SECOND_FACTOR))


def finish_sign_in_by_passkey(*, ticket: str, answer: PasskeyAnswer, kind: SessionKind, origin: Origin) -> SignedIn:
    """Take the second step of a sign-in by a passkey (refusals as ``finish_sign_in``, on ``passkey``)."""

    def take(user: User) -> SignedIn | None:
        method = checking.take_passkey(user, answer, challenge_of(ticket, TicketPurpose.SECOND_FACTOR))
        return None if method is None else _begin(user, kind, origin, by=method)

    with _told():
        return _with_ticket(ticket, TicketPurpose.SECOND_FACTOR, origin, take, by_passkey=True)


def _holder(ticket: str, purpose: TicketPurpose) -> User:
    user_id = holder_of(ticket, purpose)
    if user_id is None:
        raise ticket_invalid()
    return session().get_one(User, user_id)


def offer_by_ticket(ticket: str, sealed: str | None = None) -> TotpOffer:
    """Return a secret for the app of whoever has to set up a second step: what was ``sealed`` before, else a new one.

    ``Unauthenticated`` ``ticket_invalid`` for a ticket that isn't good any more.
    """
    user = _holder(ticket, TicketPurpose.SET_UP)
    return (totp.opened_offer(user, sealed) if sealed else None) or totp.offer(user)


def passkey_options_by_ticket(ticket: str, relying_party: RelyingParty) -> str:
    """Return what the browser of whoever has to set up a second step is asked to make a passkey (refusals as above)."""
    user, challenge = _holder(ticket, TicketPurpose.SET_UP), challenge_of(ticket, TicketPurpose.SET_UP)
    if challenge is None:
        raise ticket_invalid()
    return own_passkeys.options_for(user, relying_party, challenge)


def finish_set_up(*, ticket: str, pending: Pending | PendingPasskey, kind: SessionKind, origin: Origin) -> SetUp:
    """Set the second step up that the clinic wants, and start the session (refusals as ``finish_sign_in``)."""
    by_passkey = isinstance(pending, PendingPasskey)
    if isinstance(pending, PendingPasskey):
        own_passkeys.check_pending(pending)
    else:
        checking.check_typed(pending.code)

    def take(user: User) -> SetUp | None:
        if checking.has_second_factor(user.id):  # set up since the ticket was given: the password alone replaces none
            raise ticket_invalid()
        try:
            codes = _add(user, pending, ticket)
        except InvalidInput as refusal:
            if not {"code", "passkey"} & refusal.errors.keys():
                raise
            return None
        return SetUp(_begin(user, kind, origin, by=Method.PASSKEY if by_passkey else Method.TOTP), codes)

    with _told():
        return _with_ticket(ticket, TicketPurpose.SET_UP, origin, take, by_passkey=by_passkey)


def _add(user: User, pending: Pending | PendingPasskey, ticket: str) -> list[str]:
    by = SystemActor(user.id, str(user.role))
    if isinstance(pending, PendingPasskey):
        return own_passkeys.add_to(user, pending, challenge_of(ticket, TicketPurpose.SET_UP), by=by)
    return add_to(user, pending, by=by)


def _with_ticket(
    ticket: str,
    purpose: TicketPurpose,
    origin: Origin,
    take: Callable[[User], T | None],
    *,
    by_passkey: bool = False,
) -> T:
    """Count a try with a ticket and let ``take`` look at what was given; None is a wrong code, which stays counted."""
    user_id = holder_of(ticket, purpose)
    if user_id is None:
        raise ticket_invalid()
    with sign_in_limits.counted_code(user_id, origin) as attempt:
        with transaction():
            # The user is locked first, as by whoever sets a new password or switches the account off.
            user = locked(user_id)
            count_try(ticket, purpose)
            _check_active(user)
            taken = take(user)
            if taken is None:
                _note_wrong(user, _WRONG_PASSKEY if by_passkey else _WRONG_CODE)
            else:
                use_ticket(ticket, purpose)
                attempt.succeeded()
        if taken is None:
            raise checking.wrong_passkey() if by_passkey else checking.wrong_code()
        return taken


def _note_wrong(user: User, reason: str) -> None:
    subject = Subject.of_user(user.id, user.role)
    audit.record_sign_in(AuditAction.SIGN_IN_REFUSED, email=user.email or "", subject=subject, reason=reason)
