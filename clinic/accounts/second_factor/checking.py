"""By what somebody takes the second step, and whether what they typed or signed is theirs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select

from clinic import audit
from clinic.accounts.factor_models import Passkey, TotpFactor
from clinic.accounts.models import User
from clinic.accounts.second_factor import passkeys, recovery_codes, totp, webauthn_checks
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.second_factor.webauthn_checks import PasskeyAnswer, RelyingParty
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import session
from clinic.errors import InvalidInput
from clinic.i18n import N_

#: Characters of what is typed that are looked at; more is no code.
CODE_MAX = 40
WRONG_CODE = N_("That code isn't right, or was used already.")
NO_CODE = N_("Please fill this in.")
WRONG_PASSKEY = N_("That passkey didn't work here. Please try again, or use another way.")
_BLANKS = re.compile(r"[\s\-\u2010-\u2015]+")


class Method(StrEnum):
    """By what somebody takes the second step."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True)
class SecondStep:
    """What somebody may take the second step with, and what their browser is asked for a passkey ("" without one)."""

    methods: tuple[str, ...]
    passkey_options: str = ""


_LIVING = TotpFactor.ended_at.is_(None) & TotpFactor.confirmed_at.is_not(None)
_LIVING_PASSKEY = Passkey.ended_at.is_(None)
#: Beside the columns of ``User``: since when they have an app or else a passkey as their second step, NULL for neither.
SECOND_FACTOR_SINCE = func.coalesce(
    select(func.min(TotpFactor.confirmed_at)).where(TotpFactor.user_id == User.id, _LIVING).scalar_subquery(),
    select(func.min(Passkey.created_at)).where(Passkey.user_id == User.id, _LIVING_PASSKEY).scalar_subquery(),
).label("second_factor_since")


def has_second_factor(user_id: int) -> bool:
    """Return whether a user set up a second step; a passkey that isn't taken any more is one, too."""
    apps = select(TotpFactor.id).where(TotpFactor.user_id == user_id, _LIVING)
    others = select(Passkey.id).where(Passkey.user_id == user_id, _LIVING_PASSKEY)
    return session().execute(apps.union_all(others)).first() is not None


def methods_of(user_id: int) -> tuple[str, ...]:
    """Return what a user who has a second step may take it with."""
    return _methods(user_id, passkeys.usable_passkeys(user_id))


def second_step(user_id: int, relying_party: RelyingParty, challenge: Callable[[], str | None]) -> SecondStep:
    """Return what a user's second step is taken with; where they have a passkey, a browser is to sign the ``challenge``."""
    usable = passkeys.usable_passkeys(user_id)
    to_sign = challenge() if usable else None
    options = webauthn_checks.request_options(relying_party, to_sign, passkeys.known(usable)) if to_sign else ""
    return SecondStep(_methods(user_id, usable), options)


def _methods(user_id: int, usable: Sequence[Passkey]) -> tuple[str, ...]:
    apps = [Method.TOTP] if totp.living_totp(user_id) else []
    signed = [Method.PASSKEY] if usable else []
    return tuple(str(method) for method in (*apps, *signed, Method.RECOVERY_CODE))


def wrong_code() -> InvalidInput:
    """Build the refusal of a code that isn't right."""
    return InvalidInput.of({"code": [WRONG_CODE]})


def wrong_passkey() -> InvalidInput:
    """Build the refusal of a passkey that isn't good here."""
    return InvalidInput.of({"passkey": [WRONG_PASSKEY]})


def check_typed(typed: str) -> str:
    """Return a code without blanks and dashes; ``InvalidInput`` on ``code`` where nothing was typed."""
    code = _BLANKS.sub("", typed[:CODE_MAX])
    if not code:
        raise InvalidInput.of({"code": [NO_CODE]})
    return code


def take(user: User, code: str) -> Method | None:
    """Take a code of a user, who is locked, in the present transaction; return what it was, None for a wrong one."""
    if len(code) == totp.DIGITS:
        factor = totp.living_totp(user.id)
        return Method.TOTP if factor is not None and totp.take_code(factor, code) else None
    if len(code) != recovery_codes.LENGTH:
        return None
    used = recovery_codes.use_code(user.id, code)
    if used is None:
        return None
    by = SystemActor(user.id, str(user.role))
    audit.record(by, AuditAction.RECOVERY_CODE_USED, [Subject.of_user(user.id, user.role)])
    tell(user, FactorChange.CODE_USED, used, recovery_codes.codes_left(user.id))
    return Method.RECOVERY_CODE


def take_passkey(user: User, answer: PasskeyAnswer, challenge: str | None) -> Method | None:
    """Take a passkey of a user, who is locked, in the present transaction; None for one that isn't good here."""
    return Method.PASSKEY if challenge is not None and passkeys.use_passkey(user, answer, challenge) else None
