"""Keys by purpose: from one secret a key of its own for each use of it, and older secrets that are still read.

What is made with a key of one purpose means nothing under that of another, so a form's token can't pass for a sign-in.
Knows no environment: ``clinic.settings`` hands out the keys of the application.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: What every purpose begins with, so that no other program with the same secret has the same keys.
_PREFIX = "clinic: "
_LENGTH = 32


@dataclass(frozen=True)
class Keyring:
    """A secret that is used, and older ones with which nothing is made any more and everything is still read."""

    primary: str = field(repr=False)
    fallbacks: tuple[str, ...] = field(default=(), repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return the key for ``purpose``, 32 bytes, with which new things are made."""
        return _derived(self.primary, purpose)

    def all(self, purpose: str) -> tuple[bytes, ...]:
        """Return every key that is good for reading what ``purpose`` says, the one in use first."""
        return tuple(_derived(secret, purpose) for secret in _once((self.primary, *self.fallbacks)))

    def fernet(self, purpose: str) -> MultiFernet:
        """Return what seals texts for ``purpose`` with the key in use, and opens those of every key."""
        return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in self.all(purpose)])


def id_of(key: bytes) -> str:
    """Return by what a key is named beside what it made, 16 hexadecimal digits; it says nothing of the key."""
    return hmac.new(key, b"id", hashlib.sha256).hexdigest()[:16]


def _once(secrets: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(secrets)


@lru_cache(maxsize=256)
def _derived(secret: str, purpose: str) -> bytes:
    """Return the key that HKDF with SHA-256 (RFC 5869) makes of a secret for a purpose."""
    raw = secret.encode("utf-8", "surrogateescape")
    return HKDF(SHA256(), _LENGTH, salt=None, info=(_PREFIX + purpose).encode()).derive(raw)
