"""How often somebody may try to show that it is still them, counted by session (``sign_in_attempts``)."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import delete, func, select

from clinic import audit, settings
from clinic.accounts.models import SignInSession
from clinic.accounts.sessions import end
from clinic.accounts.sign_in_attempts import WRONG, begin, is_since, key_of, mark
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.audit import AuditAction, Subject
from clinic.db import session, transaction
from clinic.errors import Unauthenticated
from clinic.i18n import N_
from clinic.policy import Actor

T = TypeVar("T")

#: How many wrong answers in a row end the session that asks for a proof, and how long each of them counts.
MOST_WRONG_PROOFS = 5
PROOFS_COUNT_FOR = timedelta(minutes=15)


def try_proof(actor: Actor, check: Callable[[], T]) -> T:
    """Return what ``check`` makes of a proof that it is still the actor, false or None where it is wrong; count by session.

    ``Unauthenticated`` ``session_ended`` after ``MOST_WRONG_PROOFS`` wrong ones in a row: the session is over then, since
    whoever uses it may have found or stolen it. What is guessed in one session ends no other: its owner changes the
    password in theirs meanwhile. Call it outside of a transaction; a rehearsal counts, too.
    """
    if not settings.current().accounts.limits_tries:
        return check()
    key = key_of("proof", f"{actor.user_id} {actor.session_id}")
    attempt_id = begin(key)
    if _wrong_in_a_row(key) > MOST_WRONG_PROOFS:
        raise _ended(actor, attempt_id)
    if shown := check():
        _succeed(attempt_id, key)
        return shown
    if _wrong_in_a_row(key) >= MOST_WRONG_PROOFS:
        raise _ended(actor, attempt_id)
    with transaction(rehearsed_too=True):
        mark(attempt_id, AttemptOutcome.FAILED)
    return shown


def _wrong_in_a_row(account_key: str) -> int:
    """Return how many wrong tries count at present; a right one has removed those before it."""
    counted = select(func.count()).where(
        SignInAttempt.account_key == account_key,
        is_since(PROOFS_COUNT_FOR),
        SignInAttempt.outcome.in_(WRONG),
    )
    return session().scalar(counted) or 0


def _succeed(attempt_id: int, account_key: str) -> None:
    with transaction(rehearsed_too=True) as current:
        mark(attempt_id, AttemptOutcome.SUCCEEDED)
        current.execute(
            delete(SignInAttempt).where(
                SignInAttempt.account_key == account_key, SignInAttempt.outcome == AttemptOutcome.FAILED
            )
        )


def _ended(actor: Actor, attempt_id: int) -> Unauthenticated:
    """End the actor's session, and return what is said of it."""
    with transaction(rehearsed_too=True):
        mark(attempt_id, AttemptOutcome.FAILED)
        if end("wrong_proofs", SignInSession.id == actor.session_id):
            subject = [Subject.of_user(actor.user_id, actor.role)]
            audit.record(actor, AuditAction.SESSION_ENDED, subject, reason="wrong_proofs")
    return Unauthenticated(
        N_("That was wrong %(most)d times, so we've signed you out. Please sign in again."),
        code="session_ended",
        params={"most": MOST_WRONG_PROOFS},
    )
