"""Whether a code that was typed is somebody's: one of their app, or a recovery code."""

import re
from enum import StrEnum

from sqlalchemy import func, select

from clinic import audit
from clinic.accounts.factor_models import TotpFactor
from clinic.accounts.models import User
from clinic.accounts.second_factor import recovery_codes, totp
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import session
from clinic.errors import InvalidInput
from clinic.i18n import N_

#: Characters of what is typed that are looked at; more is no code.
CODE_MAX = 40
WRONG_CODE = N_("That code isn't right, or was used already.")
NO_CODE = N_("Please fill this in.")
_BLANKS = re.compile(r"[\s\-\u2010-\u2015]+")


class Method(StrEnum):
    """By what somebody takes the second step."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"


#: What whoever has a second factor may take the second step with.
METHODS = tuple(str(method) for method in Method)


_LIVING = TotpFactor.ended_at.is_(None) & TotpFactor.confirmed_at.is_not(None)
#: Beside the columns of ``User``: since when they have a second step, NULL for none.
SECOND_FACTOR_SINCE = (
    select(func.min(TotpFactor.confirmed_at)).where(TotpFactor.user_id == User.id, _LIVING).scalar_subquery()
).label("second_factor_since")


def has_second_factor(user_id: int) -> bool:
    """Return whether a user set up a second step."""
    found = select(TotpFactor.id).where(TotpFactor.user_id == user_id, _LIVING)
    return session().execute(found).first() is not None


def wrong_code() -> InvalidInput:
    """Build the refusal of a code that isn't right."""
    return InvalidInput.of({"code": [WRONG_CODE]})


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
