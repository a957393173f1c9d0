"""Sealed texts: what a page carries through the browser for the server alone, unreadable and unchangeable on the way.

Fernet (AES-128-CBC with HMAC-SHA256 and the time of sealing) under keys of its own (``clinic.keys``).
"""

from __future__ import annotations

from datetime import timedelta

from cryptography.fernet import InvalidToken

from clinic import clock, settings

#: What the key is for.
_PURPOSE = "sealed texts of pages"


def seal(text: bytes) -> str:
    """Return ``text`` sealed, as a word of letters, digits, ``-``, ``_`` and ``=``."""
    return settings.current().keys.fernet(_PURPOSE).encrypt_at_time(text, _seconds()).decode("ascii")


def unseal(sealed: str, *, within: timedelta) -> bytes | None:
    """Return what was sealed; None if it was changed, sealed under another key, or longer ago than ``within``."""
    fernet = settings.current().keys.fernet(_PURPOSE)
    try:
        return fernet.decrypt_at_time(sealed.encode("utf-8"), int(within.total_seconds()), _seconds())
    except InvalidToken:
        return None


def _seconds() -> int:
    return int(clock.now().timestamp())
