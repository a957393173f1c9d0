"""How often somebody may try to sign in or to show that it is still them: each try is a row, written before it is checked.

So many tries at once are counted as many one after the other, in every process and after a restart. The setting
``AccountRules.limits_tries`` switches all of it.
"""

import hashlib
import hmac
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, func, select, update

from clinic import clock, settings
from clinic.accounts.known_devices import known_device, known_networks
from clinic.accounts.models import SignInSession, User
from clinic.accounts.notices import notify
from clinic.accounts.sessions import Origin, end
from clinic.accounts.sign_in_letters import SIGN_IN_LIMITED, LimitedFacts
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.accounts.uids import uid_of
from clinic.db import session, transaction
from clinic.errors import Forbidden, TooManyTries, Unauthenticated
from clinic.i18n import N_
from clinic.mail import LinkPurpose, end_links, new_link
from clinic.policy import Actor
from clinic.text import emails, ip_addresses

T = TypeVar("T")


@dataclass(frozen=True)
class Limit:
    """So many tries within a time, which moves along with the clock."""

    most: int
    within: timedelta


#: Of one account from one network, so that no stranger keeps a person from their own account.
BY_ACCOUNT = Limit(10, timedelta(minutes=15))
#: Of one account from all networks in which it hasn't been signed in lately (NIST SP 800-63B: at most 100 in a row).
BY_ACCOUNT_ELSEWHERE = Limit(100, timedelta(hours=24))
#: From one address or household to any account, and from a larger IPv6 network (``ip_addresses.site``).
BY_NETWORK = Limit(50, timedelta(minutes=15))
BY_SITE = Limit(500, timedelta(minutes=15))
#: People mistype: so many tries of one account count as one where those of a whole network are counted.
HONEST_TRIES = 3
#: Within so long after somebody was kept out an account's person isn't told again.
TOLD_ONCE_IN = timedelta(hours=24)
#: How long the link is good by which they say that it was themselves.
OWN_LINK_LASTS = timedelta(hours=24)

#: How many wrong answers in a row end the session that asks for a proof, and how long each of them counts.
MOST_WRONG_PROOFS = 5
PROOFS_COUNT_FOR = timedelta(minutes=15)

#: What counts as wrong: what was, and what is being checked or was cut off meanwhile.
_WRONG = (AttemptOutcome.PENDING, AttemptOutcome.FAILED)


def _key_of(kind: str, name: str) -> str:
    """Return what stands for an account in the rows: nobody learns from them who tried."""
    key = settings.current().keys.derive("sign-in attempts")
    return hmac.new(key, f"{kind} {name}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


# --- signing in -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """A try to sign in that is counted as wrong until it is said to be right; without ``id`` one that isn't counted."""

    id: int | None
    account_key: str
    network: str
    #: The browser that the account's person is known by, None for any other.
    device_id: int | None = None

    def failed(self) -> None:
        """Note that the password was wrong, or the account is off."""
        if self.id is not None:
            with transaction():
                _mark(self.id, AttemptOutcome.FAILED)

    def succeeded(self) -> None:
        """Note that the password was right, in the present transaction, and give back the person's mistakes in this network."""
        if self.id is None:
            return
        _mark(self.id, AttemptOutcome.SUCCEEDED)
        own = SignInAttempt.network == self.network
        if self.device_id is not None:
            own |= SignInAttempt.device_id == self.device_id
        session().execute(
            delete(SignInAttempt).where(
                SignInAttempt.account_key == self.account_key,
                own,
                SignInAttempt.outcome == AttemptOutcome.FAILED,
            )
        )


@contextmanager
def counted(email: str, user_id: int | None, origin: Origin) -> Iterator[Attempt]:
    """Count a try to sign in (``begin``) and let it be checked; it was wrong where that is refused."""
    attempt = begin(email, user_id, origin)
    try:
        yield attempt
    except (Unauthenticated, Forbidden):
        attempt.failed()
        raise


def begin(email: str, user_id: int | None, origin: Origin) -> Attempt:
    """Count a try to sign in, in a transaction of its own, before the password is looked at.

    ``user_id`` is the account that has the e-mail. ``TooManyTries`` with the seconds until the next try is let through; a
    try that was refused so doesn't count.
    """
    key = _key_of("account", emails.canonical(email.replace("\x00", "")))
    network = ip_addresses.household(origin.address)
    if not settings.current().accounts.limits_tries:
        return Attempt(None, key, network)
    device_id = known_device(user_id, origin)
    attempt_id = _begin(key, network, device_id)
    attempt = Attempt(attempt_id, key, network, device_id)
    of_account = _wait_of_device(attempt) if device_id is not None else _wait_of_account(attempt, user_id)
    seconds = of_account if device_id is not None else max(of_account, _wait_of_networks(attempt))
    if seconds:
        _refuse(attempt_id, key, user_id if of_account and device_id is None else None)
        raise TooManyTries(seconds)
    return attempt


def _refuse(attempt_id: int, account_key: str, user_id: int | None) -> None:
    """Note that a try was refused; tell the account's person, if it is given, the first time within ``TOLD_ONCE_IN``."""
    with transaction() as current:
        _mark(attempt_id, AttemptOutcome.LIMITED)
        lately = select(SignInAttempt.id).where(
            SignInAttempt.account_key == account_key,
            SignInAttempt.at > clock.now() - TOLD_ONCE_IN,
            SignInAttempt.outcome == AttemptOutcome.LIMITED,
            SignInAttempt.id != attempt_id,
        )
        if user_id is not None and current.execute(lately.limit(1)).first() is None:
            _tell(current.get_one(User, user_id), key=str(attempt_id))


def _tell(user: User, key: str) -> None:
    if not user.is_active or user.email is None:
        return
    end_links(user.id, LinkPurpose.OWN_SIGN_IN)
    link = new_link(user.id, LinkPurpose.OWN_SIGN_IN, lasts=OWN_LINK_LASTS)
    facts = LimitedFacts(user.full_name, clock.now(), uid_of(user.id), link.expires_at)
    notify(user, SIGN_IN_LIMITED, facts, key=key, link_id=link.id)


def _others(attempt: Attempt, limit: Limit, *which: ColumnElement[bool]) -> list[tuple[datetime, str, str]]:
    """Return moment, account and network of the tries that count beside this one, the oldest first."""
    found = session().execute(
        select(SignInAttempt.at, SignInAttempt.account_key, SignInAttempt.network)
        .where(
            SignInAttempt.at > clock.now() - limit.within,
            SignInAttempt.outcome.in_(_WRONG),
            SignInAttempt.id != attempt.id,
            *which,
        )
        .order_by(SignInAttempt.at, SignInAttempt.id)
    )
    return [(row.at, row.account_key, row.network) for row in found]


def _wait_of_device(attempt: Attempt) -> int:
    """Return how many seconds a browser has to wait by which the person is known: nobody else's tries count there."""
    own = _others(attempt, BY_ACCOUNT, SignInAttempt.device_id == attempt.device_id)
    return _wait([at for at, _, _ in own], BY_ACCOUNT)


def _wait_of_account(attempt: Attempt, user_id: int | None) -> int:
    """Return how many seconds the account has to wait; strangers elsewhere count only for strangers."""
    of_account = SignInAttempt.account_key == attempt.account_key
    here = [at for at, _, _ in _others(attempt, BY_ACCOUNT, of_account, SignInAttempt.network == attempt.network)]
    known = known_networks(user_id)
    if attempt.network in known:
        return _wait(here, BY_ACCOUNT)
    elsewhere = [at for at, _, network in _others(attempt, BY_ACCOUNT_ELSEWHERE, of_account) if network not in known]
    return max(_wait(here, BY_ACCOUNT), _wait(elsewhere, BY_ACCOUNT_ELSEWHERE))


def _wait_of_networks(attempt: Attempt) -> int:
    here = _others(attempt, BY_NETWORK, SignInAttempt.network == attempt.network)
    return max(_wait_of_crowd([(at, key) for at, key, _ in here], BY_NETWORK), _wait_of_site(attempt))


def _wait_of_site(attempt: Attempt) -> int:
    site = ip_addresses.site(attempt.network)
    if site is None:
        return 0
    alike = SignInAttempt.network.startswith(ip_addresses.beginning_of_site(site), autoescape=True)
    found = _others(attempt, BY_SITE, alike)
    return _wait_of_crowd([(at, key) for at, key, network in found if ip_addresses.site(network) == site], BY_SITE)


def _wait(moments: Sequence[datetime], limit: Limit) -> int:
    """Return the seconds until fewer than ``limit.most`` of these tries, the oldest first, count; 0 where it is so now."""
    if len(moments) < limit.most:
        return 0
    return _seconds_until(moments[len(moments) - limit.most] + limit.within)


def _wait_of_crowd(tries: Sequence[tuple[datetime, str]], limit: Limit) -> int:
    """Return the same for tries of many accounts, of which each counts once as long as it may be an honest mistake."""
    left, end_at = Counter(key for _, key in tries), None
    for at, key in tries:
        if sum(max(1, count - HONEST_TRIES + 1) for count in left.values() if count) < limit.most:
            break
        left[key] -= 1
        end_at = at + limit.within
    return 0 if end_at is None else _seconds_until(end_at)


def _seconds_until(moment: datetime) -> int:
    return max(1, math.ceil((moment - clock.now()).total_seconds()))


# --- showing that it is still them ------------------------------------------------------------------------------------


def try_proof(actor: Actor, check: Callable[[], T]) -> T:
    """Return what ``check`` makes of a proof that it is still the actor, false or None where it is wrong; count by session.

    ``Unauthenticated`` ``session_ended`` after ``MOST_WRONG_PROOFS`` wrong ones in a row: the session is over then, since
    whoever uses it may have found or stolen it. What is guessed in one session ends no other: its owner changes the
    password in theirs meanwhile. Call it outside of a transaction; a rehearsal counts, too.
    """
    if not settings.current().accounts.limits_tries:
        return check()
    key = _key_of("proof", f"{actor.user_id} {actor.session_id}")
    attempt_id = _begin(key)
    if _wrong_in_a_row(key) > MOST_WRONG_PROOFS:
        raise _ended(actor, attempt_id)
    if shown := check():
        _succeed(attempt_id, key)
        return shown
    if _wrong_in_a_row(key) >= MOST_WRONG_PROOFS:
        raise _ended(actor, attempt_id)
    with transaction(rehearsed_too=True):
        _mark(attempt_id, AttemptOutcome.FAILED)
    return shown


def _begin(account_key: str, network: str = "", device_id: int | None = None) -> int:
    attempt = SignInAttempt(account_key=account_key, network=network, device_id=device_id)
    with transaction(rehearsed_too=True) as current:
        current.add(attempt)
        current.flush()
        return attempt.id


def _wrong_in_a_row(account_key: str) -> int:
    """Return how many wrong tries count at present; a right one has removed those before it."""
    counted = select(func.count()).where(
        SignInAttempt.account_key == account_key,
        SignInAttempt.at > clock.now() - PROOFS_COUNT_FOR,
        SignInAttempt.outcome.in_(_WRONG),
    )
    return session().scalar(counted) or 0


def _mark(attempt_id: int, outcome: AttemptOutcome) -> None:
    session().execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(outcome=outcome))


def _succeed(attempt_id: int, account_key: str) -> None:
    with transaction(rehearsed_too=True) as current:
        _mark(attempt_id, AttemptOutcome.SUCCEEDED)
        current.execute(
            delete(SignInAttempt).where(
                SignInAttempt.account_key == account_key, SignInAttempt.outcome == AttemptOutcome.FAILED
            )
        )


def _ended(actor: Actor, attempt_id: int) -> Unauthenticated:
    """End the actor's session, and return what is said of it."""
    with transaction(rehearsed_too=True):
        _mark(attempt_id, AttemptOutcome.FAILED)
        end("wrong_proofs", SignInSession.id == actor.session_id)
    return Unauthenticated(
        N_("That was wrong %(most)d times, so we've signed you out. Please sign in again."),
        code="session_ended",
        params={"most": MOST_WRONG_PROOFS},
    )
