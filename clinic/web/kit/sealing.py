"""Sealed texts: what a page carries through the browser for the server alone, unreadable and unchangeable on the way.

Fernet (AES-128-CBC with HMAC-SHA256 and the time of sealing) under a key of its own, derived from SECRET_KEY.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from clinic import clock

#: What the key is for: no other use of SECRET_KEY makes the same one.
_PURPOSE = b"clinic: sealed texts of pages"


def seal(text: bytes) -> str:
    """Return ``text`` sealed, as a word of letters, digits, ``-``, ``_`` and ``=``."""
    return _fernet().encrypt_at_time(text, _seconds()).decode("ascii")


def unseal(sealed: str, *, within: timedelta) -> bytes | None:
    """Return what was sealed; None if it was changed, sealed under another key, or longer ago than ``within``."""
    try:
        return _fernet().decrypt_at_time(sealed.encode("utf-8"), int(within.total_seconds()), _seconds())
    except InvalidToken:
        return None


def _seconds() -> int:
    return int(clock.now().timestamp())


def _fernet() -> Fernet:
    secret = current_app.secret_key
    raw = secret if isinstance(secret, bytes) else str(secret).encode("utf-8")
    return Fernet(urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(raw)))
