"""The rows of tries to sign in, or to show that it is still them: each is written before what was typed is looked at.

So many tries at once are counted as many one after the other, in every process and after a restart.
"""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import ColumnElement, update

from clinic import clock, settings
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.db import session, transaction

#: What counts as wrong: what was, and what is being checked or was cut off meanwhile.
WRONG = (AttemptOutcome.PENDING, AttemptOutcome.FAILED)


def key_of(kind: str, name: str) -> str:
    """Return what stands for an account in the rows: nobody learns from them who tried."""
    key = settings.current().keys.derive("sign-in attempts")
    return hmac.new(key, f"{kind} {name}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def begin(account_key: str, network: str = "", device_id: int | None = None) -> int:
    """Write a try in a transaction of its own, also within a rehearsal; return its id."""
    attempt = SignInAttempt(account_key=account_key, network=network, device_id=device_id)
    with transaction(rehearsed_too=True) as current:
        current.add(attempt)
        current.flush()
        return attempt.id


def mark(attempt_id: int, outcome: AttemptOutcome) -> None:
    """Write how a try went, in the present transaction."""
    session().execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(outcome=outcome))


def is_since(time: timedelta) -> ColumnElement[bool]:
    """Return which tries were made within a time; one that a clock noted which was ahead doesn't count until then."""
    now = clock.now()
    return (SignInAttempt.at > now - time) & (SignInAttempt.at <= now + clock.CLOCKS_DIFFER)
