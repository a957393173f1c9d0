"""The shapes of settings: each a type that refuses, in words that go on from a variable's name, what can't be used.

Knows no setting by name.
"""

from collections.abc import Callable
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from clinic.contact import checked_coordinates
from clinic.i18n import checked_languages

ROOT = Path(__file__).resolve().parent.parent.parent
#: The driver of PostgreSQL, as SQLAlchemy names it.
POSTGRESQL = "postgresql+psycopg"
MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls", "console")


def _split(value: str) -> SplitResult:
    """Return the parts of an address; a ``ValueError`` that repeats nothing of it, for there may be a password in it."""
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError("is not an address") from None


def _has_good_port(value: str) -> bool:
    try:
        return _split(value).port != 0
    except ValueError:
        return False


def _url(value: str) -> URL:
    """Return the URL of a database, PostgreSQL's with the one driver; ``ValueError`` where it is none."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):  # whose words repeat a part of it, perhaps the password
        raise ValueError("is not a database URL like postgresql://user:password@host/name") from None
    return url.set(drivername=POSTGRESQL) if url.drivername in {"postgresql", "postgres"} else url


def _database(value: str) -> str:
    url = _url(value)
    if url.drivername == "sqlite":
        return value
    if url.drivername != POSTGRESQL:
        raise ValueError("must begin with sqlite:// or postgresql://")
    return url.render_as_string(hide_password=False)


def _postgresql(value: str) -> str:
    url = _url(value)
    if url.drivername != POSTGRESQL:
        raise ValueError("must begin with postgresql://")
    return url.render_as_string(hide_password=False)


def _redis(value: str) -> str:
    if _split(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    if not _has_good_port(value):
        raise ValueError("must name a server like redis://:password@host:6379/0")
    return value


def _web_address(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("must be a web address like https://clinic.example")
    return value.rstrip("/")


def _origin(value: str) -> str:
    address = _web_address(value)
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be a web address without a path, like https://clinic.example")
    return address


def _collector(value: str) -> str:
    if not _has_opentelemetry():
        raise ValueError("wants OpenTelemetry, which isn't installed: pip install -r requirements/otel.lock")
    return _web_address(value)


def _has_opentelemetry() -> bool:
    try:
        return all(map(find_spec, ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.instrumentation.flask")))
    except ModuleNotFoundError:
        return False


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone like Asia/Ho_Chi_Minh") from None
    return value


def _coordinates(value: str) -> str:
    checked_coordinates(value)
    return value


def _mail_server(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in MAIL_SCHEMES:
        raise ValueError("must begin with smtp://, smtps://, smtp+starttls:// or console://")
    if parts.scheme != "console" and not (parts.hostname and _has_good_port(value)):
        raise ValueError("must name a host like smtp://user:password@mail.example:587")
    return value


def _sender(value: str) -> str:
    address = parseaddr(value)[1]
    try:
        # The sender is named to servers of which some know no other letters; a domain is written "xn--..." then.
        whole = Address(addr_spec=address).domain and address.isascii() and value.isprintable()
    except (ValueError, HeaderParseError, IndexError):
        whole = False
    if not whole:
        raise ValueError("must be an address like clinic@example.com or Sen Clinic <clinic@example.com>")
    return value


def _file(value: Path) -> Path:
    """Return a file by its full path; ``ValueError`` for a folder."""
    # From the portal's own folder, so that the server and the command mean the same file wherever they are started.
    file = ROOT / value
    if file.is_dir():
        raise ValueError("must name a file, not a folder: the portal is closed while there is something")
    return file


def parts(value: Any) -> Any:
    """Return the parts of a text with commas, without blanks around them; anything else as it is."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _host(value: str) -> str:
    """Return the name or address of a host, without brackets, as browsers write it; ``ValueError`` where it is none."""
    try:
        parts = urlsplit(f"//{value}")
        name = (parts.hostname or "").encode("ascii" if ":" in (parts.hostname or "") else "idna").decode()
        is_bare = name != "" and parts.netloc == value and parts.port is None and not set("@*") & set(value)
    except ValueError:
        name, is_bare = "", False
    if not is_bare:
        raise ValueError("must be names of hosts like clinic.example, without a port, separated by commas")
    return name


def _each(check: Callable[[str], str]) -> AfterValidator:
    """Check every part of a list."""
    return AfterValidator(lambda values: [check(value) for value in values])


DatabaseUrl = Annotated[str, AfterValidator(_database)]
PostgresqlUrl = Annotated[str, AfterValidator(_postgresql)]
RedisUrl = Annotated[str, AfterValidator(_redis)]
WebUrl = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
CollectorUrl = Annotated[str, AfterValidator(_collector)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Coordinates = Annotated[str, AfterValidator(_coordinates)]
MailUrl = Annotated[str, AfterValidator(_mail_server)]
Sender = Annotated[str, AfterValidator(_sender)]
FileOfPortal = Annotated[Path, AfterValidator(_file)]
# Lists, which an environment variable holds as one text with commas.
WebUrls = Annotated[list[str], NoDecode, BeforeValidator(parts), _each(_web_address)]
Hosts = Annotated[list[str], NoDecode, BeforeValidator(parts), _each(_host)]
Keys = Annotated[tuple[str, ...], NoDecode, BeforeValidator(parts)]
Languages = Annotated[tuple[str, ...], NoDecode, BeforeValidator(parts), AfterValidator(checked_languages)]
