"""How a mailed link names its user: ``uid``, as in the original."""

import base64
import binascii

from clinic.db import row_id


def uid_of(user_id: int) -> str:
    """Return a user's id as a link writes it (base64url of its digits)."""
    return base64.urlsafe_b64encode(str(user_id).encode()).decode().rstrip("=")


def user_id_of(uid: str) -> int:
    """Return the id that a link names, 0 for none."""
    try:
        digits = base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return 0
    return row_id(int(digits)) if digits.isdecimal() and len(digits) < 12 else 0
