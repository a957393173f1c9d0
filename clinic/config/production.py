"""What a clinic in production must not run with: weak keys, words in clear text, doors without a lock.

Each problem is one sentence that begins with the name of its setting and shows no value. What an operator has reasons for
is allowed by name (ALLOW_INSECURE); keys never are.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from functools import cache
from math import log2
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from clinic.config.fields import DEVELOPMENT_SECRET, SECRET_LEAST, THIS_MACHINE, Insecure, Settings

#: What a key has to be worth, in bits, and how much less one that is may seem to be worth by chance.
BITS_LEAST, BITS_BY_CHANCE = 128, 16
#: A word of a dictionary is worth no more than this, however long it is.
_BITS_OF_WORD = 8
_WORD_LEAST = 4
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azerty")
#: Ways to connect to PostgreSQL in which nobody on the way can read along.
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
ACCESS_MOST, REFRESH_MOST = timedelta(hours=24), timedelta(days=90)


def problems_of(settings: Settings) -> Iterator[str]:
    """Yield what stops production from starting with these settings."""
    yield from _weak_secret(settings.secret_key)
    yield from _mail_to_and_from_nowhere(settings)
    for kind, problem in _insecure(settings):
        if kind not in settings.allow_insecure:
            yield f"{problem} (ALLOW_INSECURE={kind} allows it)"


def allowed(settings: Settings) -> Iterator[str]:
    """Yield what would stop production and is allowed by name."""
    for kind, problem in _insecure(settings):
        if kind in settings.allow_insecure:
            yield f"{problem}; ALLOW_INSECURE allows it"


def _insecure(settings: Settings) -> Iterator[tuple[Insecure, str]]:
    for name, address in (("FRONTEND_URL", settings.frontend_url), ("PUBLIC_URL", settings.public_url)):
        if address is not None and address.startswith("http://") and not _is_here(urlsplit(address).hostname):
            yield Insecure.HTTP, f"{name} begins with http://: passwords and records would be readable on the way"
    if settings.frontend_url is None:
        yield Insecure.HTTP, "FRONTEND_URL must be set in production, to the address that people use, https://"
    if _tells_its_password(settings.mail_url):
        yield (
            Insecure.MAIL,
            "MAIL_URL sends a password in clear text: it should begin with smtps:// or smtp+starttls://",
        )
    for name, url in (
        ("DATABASE_URL", settings.database_url),
        ("DATABASE_OWNER_URL", settings.database_owner_url),
        ("DATABASE_REPLICA_URL", settings.database_replica_url),
    ):
        if url is not None and not _is_private(url):
            yield (
                Insecure.DATABASE,
                f"{name} leads to another machine in clear text: it should say ?sslmode=verify-full",
            )
    if not settings.ratelimit_enabled:
        yield Insecure.LIMITS, "RATELIMIT_ENABLED is 0: passwords could be tried without end"
    for name, seconds, most in (
        ("JWT_ACCESS_TOKEN_EXPIRES", settings.jwt_access_token_expires, ACCESS_MOST),
        ("JWT_REFRESH_TOKEN_EXPIRES", settings.jwt_refresh_token_expires, REFRESH_MOST),
    ):
        if seconds > most.total_seconds():
            yield Insecure.LIFETIMES, f"{name} is more than {most.total_seconds():.0f} seconds"


def _is_here(host: str | None) -> bool:
    """Return whether a host is this machine itself."""
    return host is None or host in THIS_MACHINE or host.endswith(".localhost")


def _tells_its_password(mail_url: str | None) -> bool:
    parts = urlsplit(mail_url or "")
    return parts.scheme == "smtp" and bool(parts.password) and not _is_here(parts.hostname)


def _is_private(database_url: str) -> bool:
    """Return whether nobody on the way can read what goes to a database: it is a file, here, of a private network of
    containers (a name without a dot), or the connection is encrypted."""
    url = make_url(database_url)
    if url.drivername == "sqlite":
        return True
    host = str(url.query.get("host", url.host or ""))
    near = not host or host.startswith("/") or _is_here(host) or not set(".:") & set(host)
    return near or url.query.get("sslmode") in ENCRYPTED


# --- mail -------------------------------------------------------------------------------------------------------------


def _mail_to_and_from_nowhere(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with mail that leaves for patients.

    It must not lead them to their own computer, and must come from an address that is somewhere: servers refuse any
    other, and nobody could answer.
    """
    if settings.mail_url is None:
        return
    if settings.frontend_url is None:
        yield (
            "FRONTEND_URL must be set in production where MAIL_URL is, "
            "to the address that people use: links in mails begin with it"
        )
    leaves = urlsplit(settings.mail_url).scheme != "console"
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2].lower()
    if leaves and f".{domain}".endswith((".localhost", ".localdomain")):
        yield (
            "MAIL_FROM must be set in production where MAIL_URL is, "
            "to an address of the clinic's own: mail servers refuse mail from localhost"
        )


# --- keys -------------------------------------------------------------------------------------------------------------


def _weak_secret(secret: str) -> Iterator[str]:
    if secret == DEVELOPMENT_SECRET:
        yield f"SECRET_KEY must be set in production, to at least {SECRET_LEAST} random characters"
    elif len(secret) < SECRET_LEAST:
        yield f"SECRET_KEY must have at least {SECRET_LEAST} characters in production"
    elif estimated_bits(secret) < BITS_LEAST - BITS_BY_CHANCE:
        yield (
            "SECRET_KEY can be guessed: it must be random, as 'openssl rand -hex 32' makes it, "
            "not made of words, repetitions or rows of keys"
        )


def estimated_bits(secret: str) -> float:
    """Return what a key is worth at most, in bits: what is left of it without words, repetitions and rows.

    What a program drew at random from an alphabet is worth its length times the logarithm of that.
    """
    rest = secret.lower().replace(DEVELOPMENT_SECRET, "")
    rest, words = _without_words(_without_rows(_without_repetitions(rest)))
    # Letters of both cases count as they stand, as far as they are left.
    both_cases = secret.lower() != secret and secret.upper() != secret
    distinct = len(set(rest)) * (2 if both_cases else 1)
    # Of a short text not every letter of its alphabet is in it.
    alphabet = min(_alphabet(secret), distinct * 1.6)
    return words * _BITS_OF_WORD + (len(rest) * log2(alphabet) if alphabet > 1 else 0)


def _alphabet(secret: str) -> int:
    """Return how many characters the smallest alphabet has that a secret may be drawn from."""
    if re.fullmatch(r"[0-9a-f]*|[0-9A-F]*", secret):
        return 10 if secret.isdecimal() else 16
    classes = ((r"[0-9]", 10), (r"[a-z]", 26), (r"[A-Z]", 26), (r"[^0-9a-zA-Z]", 2))
    return sum(size for pattern, size in classes if re.search(pattern, secret))


def _without_repetitions(text: str) -> str:
    return re.sub(r"(.+?)\1{2,}", r"\1", text)


def _without_rows(text: str) -> str:
    """Return a text in which of each row ("abcd", "9876", a row of the keyboard) the first is left."""
    for row in _KEYBOARD:
        text = text.replace(row, row[0])
    left: list[str] = []
    at = 0
    while at < len(text):
        left.append(text[at])
        length = max(_row_length(text, at, 1), _row_length(text, at, -1))
        at += length if length >= _WORD_LEAST else 1
    return "".join(left)


def _row_length(text: str, start: int, step: int) -> int:
    """Return how many characters from ``start`` on follow each other, upwards or downwards."""
    end = start + 1
    while end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
        end += 1
    return end - start


def _without_words(text: str) -> tuple[str, int]:
    """Return what is left of a text without the words in it, the longest first, and how many these were."""
    found = 0
    left: list[str] = []
    at = 0
    while at < len(text):
        end = next((end for end in range(len(text), at + _WORD_LEAST - 1, -1) if text[at:end] in _words()), None)
        if end is None:
            left.append(text[at])
            at += 1
        else:
            found += 1
            at = end
    return "".join(left), found


@cache
def _words() -> frozenset[str]:
    # As many as passwords are weighed by. Loaded by a start in production alone, where they are needed anyway.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - see above

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words if len(word) >= _WORD_LEAST)
