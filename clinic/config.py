"""Settings: read from the environment once, typed, checked, and refused with one clear sentence.

Secrets may stand in files instead (``clinic.secret_files``). Only ``app`` and ``server`` read this, and wsgi.py its refusal; everything else is told what it needs.
"""

import os
import tomllib
from collections.abc import Iterator, Sequence
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import EmailStr, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from clinic import secret_files
from clinic.contact import (
    Contact,
    EmergencyNumber,
    Phone,
    PlainWords,
    WebAddress,
    checked_coordinates,
    parse_contact,
)

ROOT = Path(__file__).resolve().parent.parent
#: Good enough to try the portal, never for a clinic: production refuses it.
DEVELOPMENT_SECRET = "development-secret-never-use-it-in-production"  # noqa: S105 - that is its point
SECRET_LEAST = 32
METRICS_TOKEN_LEAST = 16
#: How the demo clinic is reached. Invented, so only a portal that is tried out shows it.
DEMO_CLINIC_FILE = ROOT / "examples" / "clinic.toml"
#: The driver of PostgreSQL, as SQLAlchemy names it.
POSTGRESQL = "postgresql+psycopg"
MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls", "console")


#: Marks a setting that holds a secret, so that a file may hold its value (``clinic.secret_files``).
SECRET = "secret"  # noqa: S105 - a mark


class ConfigError(Exception):
    """The environment can't be used; the message is one sentence for the operator and never holds a secret."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"The settings can't be used: {'; '.join(problems)}.")
        #: Everything that is wrong, each beginning with the name of its setting.
        self.problems = tuple(problems)


class Env(StrEnum):
    """Where the portal runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TESTING = "testing"


class Settings(BaseSettings):
    """Every setting of the portal, named as its environment variable (README, "Settings")."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore", env_ignore_empty=True)

    database_url: Annotated[str, SECRET] = f"sqlite:///{ROOT / 'instance' / 'clinic.db'}"
    database_prepared_statements: bool = True
    database_replica_url: Annotated[str | None, SECRET] = None
    database_replica_lag: int = Field(default=60, ge=1, le=86_400)
    redis_url: Annotated[str | None, SECRET] = None
    secret_key: Annotated[str, SECRET] = DEVELOPMENT_SECRET
    env: Env = Field(default=Env.DEVELOPMENT, validation_alias="CLINIC_ENV")
    frontend_url: str | None = None
    cors_allowed_origins: Annotated[list[str], NoDecode] = []
    clinic_timezone: str = "Asia/Ho_Chi_Minh"
    clinic_name: str = "Sen Clinic"
    clinic_file: Path | None = None
    clinic_phone: Phone | None = None
    clinic_email: EmailStr | None = None
    clinic_address: PlainWords | None = None
    clinic_hours: PlainWords | None = None
    clinic_map_url: WebAddress | None = None
    clinic_coordinates: str | None = None
    emergency_number: EmergencyNumber | None = None
    maintenance_file: Path = ROOT / "instance" / "maintenance.json"
    mail_url: Annotated[str | None, SECRET] = None
    mail_from: str = "clinic@localhost"
    ratelimit_enabled: bool = True
    hide_unknown_emails: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=8, ge=1, le=64)
    body_within: int = Field(default=20, ge=1, le=600)
    ready_within: int = Field(default=120, ge=1, le=3600)
    stop_within: int = Field(default=8, ge=1, le=600)
    drain_seconds: int = Field(default=0, ge=0, le=60)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    metrics_token: Annotated[str | None, SECRET] = Field(default=None, min_length=METRICS_TOKEN_LEAST)
    otel_exporter_otlp_endpoint: str | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    jwt_access_token_expires: int = Field(default=3600, ge=1)
    jwt_refresh_token_expires: int = Field(default=604800, ge=1)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        url = _database(value)
        if url.drivername == "sqlite":
            return value
        if url.drivername != POSTGRESQL:
            raise ValueError("must begin with sqlite:// or postgresql://")
        return url.render_as_string(hide_password=False)

    @field_validator("database_replica_url")
    @classmethod
    def _known_replica(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = _database(value)
        if url.drivername != POSTGRESQL:
            raise ValueError("must begin with postgresql://")
        return url.render_as_string(hide_password=False)

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if _parts(value).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must begin with redis://, rediss:// or unix://")
        if not _has_good_port(value):
            raise ValueError("must name a server like redis://:password@host:6379/0")
        return value

    @field_validator("frontend_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        return None if value is None else _origin_or_address(value)

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _collector(cls, value: str | None) -> str | None:
        if value is not None and not _has_opentelemetry():
            raise ValueError("wants OpenTelemetry, which isn't installed: pip install -r requirements/otel.lock")
        return None if value is None else _origin_or_address(value)

    @field_validator("cors_allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        return [_origin_or_address(part.strip()) for part in parts if part.strip()]

    @field_validator("clinic_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not a time zone like Asia/Ho_Chi_Minh") from None
        return value

    @field_validator("clinic_name")
    @classmethod
    def _some_name(cls, value: str) -> str:
        if not value.strip() or len(value) > 100 or not value.isprintable():
            raise ValueError("must be a name of 1 to 100 characters")
        return value.strip()

    @field_validator("clinic_coordinates")
    @classmethod
    def _some_place(cls, value: str | None) -> str | None:
        if value is not None:
            checked_coordinates(value)
        return value

    @field_validator("maintenance_file")
    @classmethod
    def _a_file(cls, value: Path) -> Path:
        # From the portal's own folder, so that the server and the command mean the same file wherever they are started.
        file = ROOT / value
        if file.is_dir():
            raise ValueError("must name a file, not a folder: the portal is closed while there is something")
        return file

    @field_validator("mail_url")
    @classmethod
    def _known_mail(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _parts(value)
        if parts.scheme not in MAIL_SCHEMES:
            raise ValueError("must begin with smtp://, smtps://, smtp+starttls:// or console://")
        if parts.scheme != "console" and not (parts.hostname and _has_good_port(value)):
            raise ValueError("must name a host like smtp://user:password@mail.example:587")
        return value

    @field_validator("mail_from")
    @classmethod
    def _some_sender(cls, value: str) -> str:
        address = parseaddr(value)[1]
        try:
            # The sender is named to servers of which some know no other letters; a domain is written "xn--..." then.
            whole = Address(addr_spec=address).domain and address.isascii() and value.isprintable()
        except (ValueError, HeaderParseError, IndexError):
            whole = False
        if not whole:
            raise ValueError("must be an address like clinic@example.com or Sen Clinic <clinic@example.com>")
        return value

    @cached_property
    def contact(self) -> Contact:
        """How people reach the clinic: CLINIC_FILE, the environment before it; ``ConfigError`` if it can't be used.

        A portal that is tried out (``development``) has the demo clinic's where no file is named.
        """
        file = self.clinic_file or (DEMO_CLINIC_FILE if self.env is Env.DEVELOPMENT else None)
        data = {} if file is None else _toml(ROOT / file)
        place = (None, None) if self.clinic_coordinates is None else checked_coordinates(self.clinic_coordinates)
        environment = {
            "phone": self.clinic_phone,
            "email": self.clinic_email,
            "address": self.clinic_address,
            "hours": self.clinic_hours,
            "map_url": self.clinic_map_url,
            "latitude": place[0],
            "longitude": place[1],
            "emergency_number": self.emergency_number,
        }
        try:
            return parse_contact(data | {name: value for name, value in environment.items() if value is not None})
        except ValueError as error:
            raise ConfigError([f"CLINIC_FILE says {error}"]) from None

    @property
    def counts_metrics(self) -> bool:
        """Whether somebody may read metrics, so that they are counted."""
        return self.metrics_port is not None or self.metrics_token is not None

    @property
    def public_url(self) -> str:
        """The address that links in mails begin with."""
        return self.frontend_url or f"http://localhost:{self.port}"


def _toml(file: Path) -> dict[str, Any]:
    """Return what a TOML file holds; ``ConfigError`` where it can't be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"CLINIC_FILE can't be read ({error.strerror})"]) from None
    except ValueError as error:
        raise ConfigError([f"CLINIC_FILE is no TOML file ({error})"]) from None


def _has_opentelemetry() -> bool:
    try:
        return all(map(find_spec, ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.instrumentation.flask")))
    except ModuleNotFoundError:
        return False


def _database(value: str) -> URL:
    """Return the URL of a database, PostgreSQL's with the one driver; ``ValueError`` where it is none."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):  # whose words repeat a part of it, perhaps the password
        raise ValueError("is not a database URL like postgresql://user:password@host/name") from None
    return url.set(drivername=POSTGRESQL) if url.drivername in {"postgresql", "postgres"} else url


def _parts(value: str) -> SplitResult:
    """Return the parts of an address; a ``ValueError`` that repeats nothing of it, for there may be a password in it."""
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError("is not an address") from None


def _has_good_port(value: str) -> bool:
    try:
        return _parts(value).port != 0
    except ValueError:
        return False


def _origin_or_address(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("must be a web address like https://clinic.example")
    return value.rstrip("/")


_NAMES = {"env": "CLINIC_ENV"}
#: The variables of the settings that a file may hold, each with its field.
SECRETS = {name.upper(): name for name, field in Settings.model_fields.items() if SECRET in field.metadata}


def load(overrides: dict[str, Any] | None = None) -> Settings:
    """Return the settings of the environment, ``overrides`` (by field name) before it.

    ``ConfigError`` names everything that is wrong with them.
    """
    given = {_NAMES.get(name, name): value for name, value in (overrides or {}).items()}
    in_files = secret_files.read((name for name, field in SECRETS.items() if field not in given), os.environ, ROOT)
    problems = list(in_files.problems.values())
    try:
        settings = Settings(**{SECRETS[name]: value for name, value in in_files.values.items()} | given)
    except ValidationError as error:
        raise ConfigError([*problems, *_problems(error)]) from None
    problems.extend(_problems_of_contact(settings))
    if settings.database_replica_url is not None and not settings.database_url.startswith(POSTGRESQL):
        problems.append("DATABASE_REPLICA_URL is for PostgreSQL, and DATABASE_URL isn't")
    if settings.env is Env.PRODUCTION:
        if "SECRET_KEY" not in in_files.problems:
            problems.extend(_weak_secret(settings.secret_key))
        problems.extend(_mail_to_and_from_nowhere(settings))
    if problems:
        raise ConfigError(problems)
    return settings


def secrets_in_files() -> list[str]:
    """Return the names of the settings whose values come from files."""
    return [name for name in SECRETS if os.environ.get(name + secret_files.SUFFIX)]


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else "settings"
        text = problem["msg"].removeprefix("Value error, ")
        yield f"{_NAMES.get(name, name).upper()} {text[0].lower()}{text[1:]}"


def _problems_of_contact(settings: Settings) -> Sequence[str]:
    """Read how people reach the clinic now, so that a wrong file stops the start."""
    try:
        _ = settings.contact
    except ConfigError as error:
        return error.problems
    return ()


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


def _weak_secret(secret: str) -> Iterator[str]:
    if secret == DEVELOPMENT_SECRET:
        yield f"SECRET_KEY must be set in production, to at least {SECRET_LEAST} random characters"
    elif len(secret) < SECRET_LEAST:
        yield f"SECRET_KEY must have at least {SECRET_LEAST} characters in production"
