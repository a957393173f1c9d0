"""Showing again, while signed in, that it is still oneself: by a code where a second step is set up, else by the password.

What needs it asks ``policy.require_recent``. Wrong tries are counted by session; too many in a row end it, for whoever
sits there may not be its person.
"""

from sqlalchemy import ColumnElement, delete, select, update

from clinic import audit, clock
from clinic.accounts import passwords
from clinic.accounts.models import SignInSession, User
from clinic.accounts.password_resets import WRONG_PASSWORD
from clinic.accounts.second_factor import checking
from clinic.accounts.second_factor.own_factors import locked, note_factor
from clinic.accounts.sessions import SignedIn, digest_of, end, new_secret, renew, session_is_live
from clinic.accounts.sign_in_models import SignInTicket, TicketPurpose
from clinic.audit import AuditAction, Subject
from clinic.db import session, transaction
from clinic.errors import InvalidInput, Unauthenticated
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.text.validation import ValidationErrors

#: Wrong passwords or codes in a row that end a session.
MOST_TRIES = 5
PASSWORD, CODE = "password", "code"


def proves_by_code(actor: Actor | None) -> bool:
    """Return whether the actor shows who they are by a code; by the password otherwise."""
    return checking.has_second_factor(require(actor, Action.SEE_OWN_ACCOUNT).user_id)


def prove(actor: Actor | None, *, password: str = "", code: str = "") -> SignedIn:
    """Note that the actor has just shown who they are; their session gets another secret, which is returned.

    ``InvalidInput`` on ``password`` or ``code``, whichever is theirs to give. The fifth wrong one in a row ends the
    session: ``Unauthenticated`` ``signed_out``.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    by_code = proves_by_code(actor)
    typed = checking.check_typed(code) if by_code else _password_typed(password)
    # Hashing takes long on purpose: it is done before the transaction, which would keep other writers waiting.
    checked_hash = session().get_one(User, actor.user_id).password_hash
    is_right = not by_code and passwords.matches(checked_hash, typed)
    with transaction():
        user = locked(actor.user_id)
        if not session_is_live(actor):
            raise _signed_out()
        method = checking.take(user, typed) if by_code else PASSWORD
        if method and (by_code or (is_right and user.password_hash == checked_hash)):
            return _proven(actor, method)
        is_over = count_wrong(actor)
    if is_over:
        raise _signed_out()
    raise checking.wrong_code() if by_code else InvalidInput.of({PASSWORD: [WRONG_PASSWORD]})


def _password_typed(password: str) -> str:
    errors = ValidationErrors()
    if not password:
        errors.add(PASSWORD, checking.NO_CODE)
    errors.raise_if_any()
    return password


def _proven(actor: Actor, method: str) -> SignedIn:
    session().execute(delete(SignInTicket).where(_tries_of(actor)))
    if method != PASSWORD:
        note_factor(actor.session_id)
    audit.record(actor, AuditAction.PROOF_GIVEN, [Subject.of_user(actor.user_id, actor.role)], reason=str(method))
    return renew(actor.session_id, proven=True)


def count_wrong(actor: Actor) -> bool:
    """Count a wrong password or code of a session, whose user is locked, in the present transaction.

    Returns whether it was one too many: the session is over then.
    """
    subject = [Subject.of_user(actor.user_id, actor.role)]
    audit.record(actor, AuditAction.PROOF_REFUSED, subject)
    before = session().execute(select(SignInTicket.id, SignInTicket.tries).where(_tries_of(actor))).first()
    if before is None:
        _begin_counting(actor)
        return False
    session().execute(update(SignInTicket).where(SignInTicket.id == before.id).values(tries=before.tries + 1))
    if before.tries + 1 < MOST_TRIES:
        return False
    end("wrong_proofs", SignInSession.id == actor.session_id)
    audit.record(actor, AuditAction.SESSION_ENDED, subject, reason="wrong_proofs")
    return True


def _begin_counting(actor: Actor) -> None:
    at = clock.now()
    session().add(
        SignInTicket(
            user_id=actor.user_id,
            session_id=actor.session_id,
            purpose=TicketPurpose.PROOF,
            digest=digest_of(new_secret()),
            tries=1,
            created_at=at,
            # It opens nothing: it only counts.
            expires_at=at,
        )
    )
    session().flush()


def _tries_of(actor: Actor) -> ColumnElement[bool]:
    return (SignInTicket.session_id == actor.session_id) & (SignInTicket.purpose == TicketPurpose.PROOF)


def _signed_out() -> Unauthenticated:
    return Unauthenticated(
        N_("That was wrong too often, so we've signed you out. Please sign in again."), code="signed_out"
    )
