"""How often somebody may try to sign in, by account, browser and network; each try is a row (``sign_in_attempts``).

The setting ``AccountRules.limits_tries`` switches all of it.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from clinic import audit, clock, settings
from clinic.accounts.known_devices import known_device, known_networks
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.sessions import Origin
from clinic.accounts.sign_in_attempts import WRONG, begin, is_since, key_of, mark
from clinic.accounts.sign_in_letters import SIGN_IN_LIMITED, LimitedFacts
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.accounts.uids import uid_of
from clinic.audit import Subject
from clinic.db import session, transaction
from clinic.errors import Forbidden, InvalidInput, TooManyTries, Unauthenticated
from clinic.i18n import N_
from clinic.mail import LinkPurpose, end_links, new_link
from clinic.text import emails, ip_addresses

#: What helps whoever is kept out of their second step by the tries of others: ``_tell`` mails it.
USE_OUR_LINK = N_("Wasn't it you? The link in the e-mail that we've sent you lets this browser try again at once.")


@dataclass(frozen=True)
class Limit:
    """So many tries within a time, which moves along with the clock."""

    most: int
    within: timedelta


#: Of one account from one network, so that no stranger keeps a person from their own account.
BY_ACCOUNT = Limit(10, timedelta(minutes=15))
#: Codes of one account from one network: of a million a few are right, so many a day is far from enough to guess one.
CODES_BY_ACCOUNT = Limit(50, timedelta(hours=24))
#: Of one account from all networks in which it hasn't been signed in lately (NIST SP 800-63B: at most 100 in a row).
BY_ACCOUNT_ELSEWHERE = Limit(100, timedelta(hours=24))
#: From one address or household to any account, and from a larger IPv6 network (``ip_addresses.site``).
BY_NETWORK = Limit(50, timedelta(minutes=15))
BY_SITE = Limit(500, timedelta(minutes=15))
#: People mistype: so many tries of one account count as one where those of a whole network are counted.
HONEST_TRIES = 3
#: Until it is known whether a try was right it counts as wrong, for those that it keeps out only until they come again so
#: soon; where it isn't known after so long it was cut off, and counts as wrong.
COME_AGAIN_SECONDS = 1
CHECKED_WITHIN = timedelta(minutes=1)
#: Within so long after tries were refused it isn't noted again of the same account, browser or network.
NOTED_ONCE_IN = timedelta(minutes=15)
#: Within so long after somebody was kept out an account's person isn't told again.
TOLD_ONCE_IN = timedelta(hours=24)
#: How long the link is good by which they say that it was themselves.
OWN_LINK_LASTS = timedelta(hours=24)


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
                mark(self.id, AttemptOutcome.FAILED)

    def succeeded(self) -> None:
        """Note that the password was right, in the present transaction, and give back the person's mistakes in this network."""
        if self.id is None:
            return
        mark(self.id, AttemptOutcome.SUCCEEDED)
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


@dataclass(frozen=True)
class _Account:
    """The account that somebody tries to get into: what stands for it, whose it is, and the e-mail that was typed."""

    key: str
    user_id: int | None
    email: str = ""
    #: What is said to whoever is kept out of it, besides how long to wait.
    advice: str = ""


@dataclass(frozen=True)
class _KeptOut:
    """For how long nobody is let through, and what stands for the account, the browser or the network that is kept out."""

    seconds: int
    key: str
    is_account: bool = False


def counted(email: str, user_id: int | None, origin: Origin) -> AbstractContextManager[Attempt]:
    """Count a try to sign in by the password and let it be checked; it was wrong where that is refused.

    ``user_id`` is the account that has the e-mail. ``TooManyTries`` with the seconds until the next try is let through; a
    try that was refused so doesn't count.
    """
    key = key_of("account", emails.canonical(email.replace("\x00", "")))
    return _counted(_Account(key, user_id, email), origin, BY_ACCOUNT)


def counted_code(user_id: int, origin: Origin) -> AbstractContextManager[Attempt]:
    """Count a try of a code that follows the password in the same way, whichever ticket it comes with."""
    account = _Account(key_of("code", str(user_id)), user_id, advice=USE_OUR_LINK)
    return _counted(account, origin, BY_ACCOUNT, CODES_BY_ACCOUNT)


@contextmanager
def _counted(account: _Account, origin: Origin, *here: Limit) -> Iterator[Attempt]:
    attempt = _begun(account, origin, here)
    try:
        yield attempt
    except (Unauthenticated, Forbidden, InvalidInput):
        attempt.failed()
        raise


def _begun(account: _Account, origin: Origin, here: Sequence[Limit]) -> Attempt:
    """Count a try, in a transaction of its own, before what was typed is looked at; ``here``: limits for one network.

    Where too many were wrong already it leaves no row, so that nobody fills the table. Where it is too many only together
    with those that are being checked, these may all be right: it is to come again in a moment, and nobody is alarmed.
    """
    network = ip_addresses.household(origin.address)
    if not settings.current().accounts.limits_tries:
        return Attempt(None, account.key, network)
    attempt = Attempt(None, account.key, network, known_device(account.user_id, origin))
    if kept_out := _kept_out(_Others(attempt, _was_wrong()), account.user_id, here):
        _note(kept_out, account, network)
        raise TooManyTries(kept_out.seconds, advice=account.advice if kept_out.is_account else "")
    attempt_id = begin(account.key, network, attempt.device_id)
    attempt = replace(attempt, id=attempt_id)
    if _kept_out(_Others(attempt, SignInAttempt.outcome.in_(WRONG)), account.user_id, here):
        with transaction(rehearsed_too=True) as current:
            current.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
        raise TooManyTries(COME_AGAIN_SECONDS)
    return attempt


def _note(kept_out: _KeptOut, account: _Account, network: str) -> None:
    """Note that tries are refused, the first time within ``NOTED_ONCE_IN``; tell the person whose account is shut the first
    time within ``TOLD_ONCE_IN``."""
    if _is_within(_last_noted(kept_out.key), NOTED_ONCE_IN):
        return
    with audit.unless_busy(reason=TooManyTries.default_code), transaction() as current:
        # The user is locked, so that of many at once one notes it and tells it.
        user = account.user_id and current.get(User, account.user_id, with_for_update={"key_share": True})
        last = _last_noted(kept_out.key)
        if _is_within(last, NOTED_ONCE_IN):
            return
        noted = SignInAttempt(account_key=kept_out.key, network=network, outcome=AttemptOutcome.LIMITED)
        current.add(noted)
        current.flush()
        about = user if kept_out.is_account else None
        audit.record_refused_sign_in(
            email=account.email or (user.email if user else "") or "",
            subject=Subject.of_user(about.id, about.role) if about else audit.NOTHING,
            reason=TooManyTries.default_code,
            limited=True,
        )
        if about and not _is_within(last, TOLD_ONCE_IN):
            _tell(about, key=str(noted.id))


def _last_noted(key: str) -> datetime | None:
    limited = (SignInAttempt.account_key == key) & (SignInAttempt.outcome == AttemptOutcome.LIMITED)
    return session().scalar(select(func.max(SignInAttempt.at)).where(limited))


def _is_within(moment: datetime | None, time: timedelta) -> bool:
    now = clock.now()
    return moment is not None and now - time < moment <= now + clock.CLOCKS_DIFFER


def _tell(user: User, key: str) -> None:
    if not user.is_active or user.email is None:
        return
    end_links(user.id, LinkPurpose.OWN_SIGN_IN)
    link = new_link(user.id, LinkPurpose.OWN_SIGN_IN, lasts=OWN_LINK_LASTS)
    facts = LimitedFacts(user.full_name, clock.now(), uid_of(user.id), link.expires_at)
    notify(user, SIGN_IN_LIMITED, facts, key=key, link_id=link.id)


def _was_wrong() -> ColumnElement[bool]:
    """Return which tries were wrong for certain, or were cut off before that was known."""
    cut_off = (SignInAttempt.outcome == AttemptOutcome.PENDING) & (SignInAttempt.at <= clock.now() - CHECKED_WITHIN)
    return (SignInAttempt.outcome == AttemptOutcome.FAILED) | cut_off


@dataclass(frozen=True)
class _Others:
    """The tries that count beside one: those of which ``count`` is so."""

    attempt: Attempt
    count: ColumnElement[bool]

    def within(self, limit: Limit, *which: ColumnElement[bool]) -> list[tuple[datetime, str, str]]:
        """Return moment, account and network of those within a limit's time, the oldest first."""
        found = session().execute(
            select(SignInAttempt.at, SignInAttempt.account_key, SignInAttempt.network)
            .where(
                is_since(limit.within),
                self.count,
                SignInAttempt.id != (self.attempt.id or 0),
                *which,
            )
            .order_by(SignInAttempt.at, SignInAttempt.id)
        )
        return [(row.at, row.account_key, row.network) for row in found]


def _kept_out(others: _Others, user_id: int | None, here: Sequence[Limit]) -> _KeptOut | None:
    """Return what keeps a try out, None where it is let through."""
    attempt = others.attempt
    if attempt.device_id is not None:
        seconds = _wait_of_device(others, here)
        return _KeptOut(seconds, key_of("browser", str(attempt.device_id))) if seconds else None
    of_account, of_networks = _wait_of_account(others, user_id, here), _wait_of_networks(others)
    if of_account:
        return _KeptOut(max(of_account, of_networks), attempt.account_key, is_account=True)
    network = ip_addresses.site(attempt.network) or attempt.network
    return _KeptOut(of_networks, key_of("network", network)) if of_networks else None


def _wait_of_device(others: _Others, here: Sequence[Limit]) -> int:
    """Return how many seconds a browser has to wait by which the person is known: nobody else's tries count there."""
    of_device = SignInAttempt.device_id == others.attempt.device_id
    return max(_wait([at for at, _, _ in others.within(limit, of_device)], limit) for limit in here)


def _wait_of_account(others: _Others, user_id: int | None, here: Sequence[Limit]) -> int:
    """Return how many seconds the account has to wait; strangers elsewhere count only for strangers."""
    of_account = SignInAttempt.account_key == others.attempt.account_key
    of_network = (of_account, SignInAttempt.network == others.attempt.network)
    seconds = max(_wait([at for at, _, _ in others.within(limit, *of_network)], limit) for limit in here)
    known = known_networks(user_id)
    if others.attempt.network in known:
        return seconds
    elsewhere = [at for at, _, network in others.within(BY_ACCOUNT_ELSEWHERE, of_account) if network not in known]
    return max(seconds, _wait(elsewhere, BY_ACCOUNT_ELSEWHERE))


def _wait_of_networks(others: _Others) -> int:
    here = others.within(BY_NETWORK, SignInAttempt.network == others.attempt.network)
    return max(_wait_of_crowd([(at, key) for at, key, _ in here], BY_NETWORK), _wait_of_site(others))


def _wait_of_site(others: _Others) -> int:
    site = ip_addresses.site(others.attempt.network)
    if site is None:
        return 0
    alike = SignInAttempt.network.startswith(ip_addresses.beginning_of_site(site), autoescape=True)
    found = others.within(BY_SITE, alike)
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
