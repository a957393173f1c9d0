"""Codes for whoever has lost the app: ten at a time, each good once, shown once and kept as digests only."""

import base64
import secrets

from sqlalchemy import func, select, update

from clinic import clock
from clinic.accounts.factor_models import RecoveryCode
from clinic.accounts.sessions import digest_of
from clinic.db import affected, session

HOW_MANY = 10
#: 80 bits are 16 letters and digits of base 32.
_BYTES, _GROUP = 10, 4
LENGTH = 16
#: Digits that base 32 doesn't have, for the letters that people read as them on paper.
_MISREAD = str.maketrans("018", "olb")


def make_codes(user_id: int) -> list[str]:
    """Give a user new codes in the present transaction, as they are shown; those before are good no more."""
    end_codes(user_id)
    codes = [base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(HOW_MANY)]
    session().add_all(RecoveryCode(user_id=user_id, digest=digest_of(code)) for code in codes)
    session().flush()
    return ["-".join(code[at : at + _GROUP] for at in range(0, LENGTH, _GROUP)) for code in codes]


def use_code(user_id: int, code: str) -> int | None:
    """Use up a code, written without blanks and dashes, in the present transaction; return its id, None for no good one."""
    good = (RecoveryCode.user_id == user_id) & (RecoveryCode.digest == digest_of(code.lower().translate(_MISREAD)))
    unused = good & RecoveryCode.used_at.is_(None) & RecoveryCode.ended_at.is_(None)
    found: int | None = session().scalar(select(RecoveryCode.id).where(unused))
    if found is None:
        return None
    # Of two that bring the same code at once, one finds it used.
    used = update(RecoveryCode).where(unused, RecoveryCode.id == found).values(used_at=clock.now())
    return found if affected(used) == 1 else None


def codes_left(user_id: int) -> int:
    """Return how many codes a user still has."""
    good = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None) & RecoveryCode.ended_at.is_(None)
    return session().scalar(select(func.count()).select_from(RecoveryCode).where(good)) or 0


def end_codes(user_id: int) -> None:
    """End every code of a user in the present transaction."""
    session().execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None), RecoveryCode.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
