"""Codes that an app makes of a shared secret and the time: six digits, new every 30 seconds (RFC 6238)."""

import hmac
import json
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import select, update

from clinic import clock, settings
from clinic.accounts.factor_models import TotpFactor
from clinic.accounts.models import User
from clinic.db import affected, session, transaction

#: What the keys are for that seal the secrets.
_PURPOSE = "second factor"
STEP_SECONDS = 30
DIGITS = 6
#: A code is good one step early and late: clocks differ, and people type slowly.
_TOLERATED_STEPS = 1
#: So long a secret may be on somebody's screen before they type its first code.
OFFER_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class TotpOffer:
    """A new secret for somebody's app, not theirs before they typed a code of it; nothing is stored until then."""

    #: As people type it, and as an app reads it from a picture (``otpauth://``).
    secret: str
    address: str
    #: The same, sealed for its person, for the way through the browser and back.
    sealed: str


def offer(user: User) -> TotpOffer:
    """Return a new secret for ``user``."""
    secret = pyotp.random_base32()
    return _offered(user, secret, _seal(json.dumps([user.id, secret])))


def opened_offer(user: User, sealed: str) -> TotpOffer | None:
    """Return what was offered to ``user``; None for another's, one that was changed, or from too long ago."""
    fernet = settings.current().keys.fernet(_PURPOSE)
    try:
        raw = fernet.decrypt_at_time(sealed.encode("utf-8", "replace"), int(OFFER_LASTS.total_seconds()), _seconds())
    except InvalidToken:
        return None
    user_id, secret = json.loads(raw)
    return _offered(user, secret, sealed) if user_id == user.id else None


def _offered(user: User, secret: str, sealed: str) -> TotpOffer:
    name = user.email or user.full_name
    address = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=name, issuer_name=settings.current().clinic_name
    )
    return TotpOffer(secret, address, sealed)


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the step whose code this is, among those of now and ``after`` the given one; None if it is of none."""
    now = _seconds() // STEP_SECONDS
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    typed, found = code.encode("utf-8", "replace"), None
    for step in range(now - _TOLERATED_STEPS, now + _TOLERATED_STEPS + 1):
        # All are compared, so that the time tells nothing.
        if hmac.compare_digest(generator.at(step * STEP_SECONDS).encode(), typed) and step > after:
            found = step
    return found


def living_totp(user_id: int) -> TotpFactor | None:
    """Return the secret that a user's app makes codes of; None if they have none."""
    return session().scalar(
        select(TotpFactor)
        .where(TotpFactor.user_id == user_id, TotpFactor.ended_at.is_(None), TotpFactor.confirmed_at.is_not(None))
        .execution_options(populate_existing=True)
    )


def add_totp_factor(user_id: int, secret: str, step: int) -> TotpFactor:
    """Let ``secret`` be what a user's codes are made of, in the place of one before, in the present transaction.

    ``step`` is that of the code which proved that their app has it.
    """
    end_totp(user_id, "replaced")
    at = clock.now()
    factor = TotpFactor(user_id=user_id, sealed_secret=_seal(secret), confirmed_at=at, last_step=step, created_at=at)
    session().add(factor)
    session().flush()
    return factor


def take_code(factor: TotpFactor, code: str) -> bool:
    """Return whether ``code`` is one of now that wasn't taken yet, and take it, in the present transaction."""
    secret = secret_of(factor)
    step = None if secret is None else step_of(secret, code, after=factor.last_step)
    if step is None:
        return False
    # Of two that bring the same code at once, one finds it taken.
    unused = (TotpFactor.id == factor.id) & (TotpFactor.last_step < step) & TotpFactor.ended_at.is_(None)
    return affected(update(TotpFactor).where(unused).values(last_step=step)) == 1


def secret_of(factor: TotpFactor) -> str | None:
    """Return the secret itself; None where the key that sealed it is known no more, or it was sealed for somebody else."""
    text = _opened(settings.current().keys.fernet(_PURPOSE), factor)
    if text is None:
        return None
    # For a while it was sealed with whose it is, which the version before can't read (see decision 29).
    owner, _, secret = text.rpartition(" ")
    return secret if owner in ("", str(factor.user_id)) else None


def seal_secrets_anew() -> int:
    """Seal anew, with the key in use, what was sealed with an older key, which may be forgotten then, or together with whose
    it is, so that the version before reads it, too; return how many there were."""
    newest, sealed_anew = replace(settings.current().keys, fallbacks=()).fernet(_PURPOSE), 0
    living = select(TotpFactor).where(TotpFactor.ended_at.is_(None), TotpFactor.confirmed_at.is_not(None))
    for factor in session().scalars(living).all():
        sealed, secret = factor.sealed_secret, secret_of(factor)
        if secret is None or _opened(newest, factor) == secret:
            continue
        unchanged = (TotpFactor.id == factor.id) & (TotpFactor.sealed_secret == sealed)
        anew = _seal(secret)
        with transaction():
            sealed_anew += affected(update(TotpFactor).where(unchanged).values(sealed_secret=anew))
    return sealed_anew


def _opened(keys: MultiFernet, factor: TotpFactor) -> str | None:
    """Return what was sealed; None where none of these keys opens it."""
    try:
        return keys.decrypt(factor.sealed_secret.encode()).decode()
    except InvalidToken:
        return None


def end_totp(user_id: int, because: str) -> int:
    """End the secret of a user's app in the present transaction; return how many there were."""
    living = (TotpFactor.user_id == user_id) & TotpFactor.ended_at.is_(None)
    return affected(update(TotpFactor).where(living).values(ended_at=clock.now(), ended_because=because))


def _seal(text: str) -> str:
    return settings.current().keys.fernet(_PURPOSE).encrypt_at_time(text.encode(), _seconds()).decode("ascii")


def _seconds() -> int:
    return int(clock.now().timestamp())
