"""The app on somebody's phone: it has a secret and makes codes of it by the clinic's clock."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp

from clinic import clock
from clinic.accounts.second_factor import recovery_codes, totp
from clinic.db import transaction


@dataclass(frozen=True)
class Authenticator:
    """An app, and the recovery codes that were shown when it was set up."""

    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps of 30 seconds later."""
        step = int(clock.now().timestamp()) // totp.STEP_SECONDS + steps
        return pyotp.TOTP(self.secret).at(step * totp.STEP_SECONDS)

    def wrong_code(self) -> str:
        """A code that is none of those around now."""
        good = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in good)


def set_up(user_id: int) -> Authenticator:
    """Set up a second step for somebody (needs an application context); no code of it was taken yet."""
    secret = pyotp.random_base32()
    with transaction():
        totp.add_totp_factor(user_id, secret, step=0)
        return Authenticator(secret, recovery_codes.make_codes(user_id))
