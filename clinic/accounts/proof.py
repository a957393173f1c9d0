"""Showing again, while signed in, that it is still oneself: by a code or passkey where a second step is set up, else by
the password.

What needs it asks ``policy.require_recent``. Wrong tries are counted by session (``proof_limits.try_proof``); too many in
a row end it, for whoever sits there may not be its person.
"""

from clinic import audit
from clinic.accounts import passwords, proof_limits
from clinic.accounts.models import User
from clinic.accounts.password_resets import WRONG_PASSWORD
from clinic.accounts.second_factor import checking
from clinic.accounts.second_factor.own_factors import locked, note_factor
from clinic.accounts.second_factor.tickets import challenge_in_session, use_challenge
from clinic.accounts.second_factor.webauthn_checks import PasskeyAnswer, RelyingParty
from clinic.accounts.sessions import SignedIn, renew, session_is_live
from clinic.accounts.sign_in_models import TicketPurpose
from clinic.audit import AuditAction, Subject
from clinic.db import session, transaction
from clinic.errors import InvalidInput, Unauthenticated
from clinic.i18n import N_
from clinic.policy import Action, Actor, require, signed_in

#: The field of a proof by password, and what the audit calls it.
PASSWORD = "password"  # noqa: S105 - the field's name
SIGNED_OUT = N_(
    "That passkey may have been copied. To be safe, we signed you out everywhere. Please sign in another way."
)


def proves_by_code(actor: Actor | None) -> bool:
    """Return whether the actor shows who they are by a code; by the password otherwise."""
    return checking.has_second_factor(require(actor, Action.SEE_OWN_ACCOUNT).user_id)


def my_second_step(actor: Actor | None, relying_party: RelyingParty) -> checking.SecondStep:
    """Return what the actor shows by that it is still them: no ``methods`` where that is the password."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    if not checking.has_second_factor(actor.user_id):
        return checking.SecondStep(())
    return checking.second_step(actor.user_id, relying_party, lambda: challenge_in_session(actor, TicketPurpose.PROOF))


def prove(actor: Actor | None, *, password: str = "", code: str = "") -> SignedIn:
    """Note that the actor has just shown who they are; their session gets another secret, which is returned.

    ``InvalidInput`` on ``password`` or ``code``, whichever is theirs to give. The fifth wrong one in a row ends the
    session: ``Unauthenticated`` ``session_ended``.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    if proves_by_code(actor):
        typed = checking.check_typed(code)
        proven = proof_limits.try_proof(actor, lambda: _by_code(actor, typed))
        refusal = checking.wrong_code()
    elif not password:
        raise InvalidInput.of({PASSWORD: [checking.NO_CODE]})
    else:
        proven = proof_limits.try_proof(actor, lambda: _by_password(actor, password))
        refusal = InvalidInput.of({PASSWORD: [WRONG_PASSWORD]})
    if proven is None:
        raise refusal
    return proven


def prove_by_passkey(actor: Actor | None, answer: PasskeyAnswer) -> SignedIn:
    """The same by a passkey: ``InvalidInput`` on ``passkey`` for one that isn't good here, or came too late.

    ``Unauthenticated`` ``session_ended`` for one that may have been copied, which ends all sessions of its account.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    proven = proof_limits.try_proof(actor, lambda: _by_passkey(actor, answer))
    if proven is None and not session_is_live(actor):
        raise Unauthenticated(SIGNED_OUT, code="session_ended")
    if proven is None:
        raise checking.wrong_passkey()
    return proven


def _by_passkey(actor: Actor, answer: PasskeyAnswer) -> SignedIn | None:
    with transaction():
        user = _held(actor)
        return _by_factor(actor, checking.take_passkey(user, answer, use_challenge(actor, TicketPurpose.PROOF)))


def _by_code(actor: Actor, typed: str) -> SignedIn | None:
    with transaction():
        return _by_factor(actor, checking.take(_held(actor), typed))


def _by_factor(actor: Actor, method: checking.Method | None) -> SignedIn | None:
    if method is None:
        _note_refused(actor)
        return None
    note_factor(actor.session_id)
    return _proven(actor, method)


def _by_password(actor: Actor, password: str) -> SignedIn | None:
    # Hashing takes long on purpose: it is done before the transaction, which would keep other writers waiting.
    checked_hash = session().get_one(User, actor.user_id).password_hash
    is_right = passwords.matches(checked_hash, password)
    with transaction():
        user = _held(actor)
        # Whoever has set up a second step meanwhile proves by that; a password that was changed is no proof any more.
        if not is_right or user.password_hash != checked_hash or checking.has_second_factor(user.id):
            _note_refused(actor)
            return None
        return _proven(actor, PASSWORD)


def _held(actor: Actor) -> User:
    """Return the actor's user, locked; ``Unauthenticated`` where the session has ended meanwhile."""
    user = locked(actor.user_id)
    signed_in(actor if session_is_live(actor) else None)
    return user


def _note_refused(actor: Actor) -> None:
    audit.record(actor, AuditAction.PROOF_REFUSED, [Subject.of_user(actor.user_id, actor.role)])


def _proven(actor: Actor, method: str) -> SignedIn:
    audit.record(actor, AuditAction.PROOF_GIVEN, [Subject.of_user(actor.user_id, actor.role)], reason=str(method))
    return renew(actor.session_id, proven=True)
