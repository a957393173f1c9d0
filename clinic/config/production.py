"""What a clinic in production must not run with: weak keys, words in clear text, doors without a lock.

Each problem is one sentence that begins with the name of its setting and shows no value. What an operator has reasons for
is allowed by name (ALLOW_INSECURE); keys never are.
"""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from clinic.config.fields import DEVELOPMENT_SECRET, SECRET_LEAST, THIS_MACHINE, Insecure, Settings
from clinic.config.key_strength import is_weak

#: Ways to connect to PostgreSQL in which nobody on the way can read along.
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
ACCESS_MOST, REFRESH_MOST = timedelta(hours=24), timedelta(days=90)


def problems_of(settings: Settings) -> Iterator[str]:
    """Yield what stops production from starting with these settings."""
    yield from _weak_keys(settings)
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


def _weak_keys(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with keys; older ones are weighed as well, for what they signed and sealed is believed."""
    if settings.secret_key == DEVELOPMENT_SECRET:
        yield f"SECRET_KEY must be set in production, to at least {SECRET_LEAST} random characters"
    else:
        yield from _weak_key("SECRET_KEY", settings.secret_key)
    if settings.audit_key is not None:
        yield from _weak_key("AUDIT_KEY", settings.audit_key)
    for name, keys in (
        ("SECRET_KEY_FALLBACKS", settings.secret_key_fallbacks),
        ("AUDIT_KEY_FALLBACKS", settings.audit_key_fallbacks),
    ):
        # What is said of two of them is said once.
        yield from dict.fromkeys(problem for key in keys for problem in _weak_key(name, key))


def _weak_key(name: str, key: str) -> Iterator[str]:
    if len(key) < SECRET_LEAST:
        yield f"{name} must have at least {SECRET_LEAST} characters in production"
    elif is_weak(key, DEVELOPMENT_SECRET):
        yield (
            f"{name} can be guessed: it must be random, as 'openssl rand -hex 32' makes it, "
            "not made of words, repetitions or rows of keys"
        )
