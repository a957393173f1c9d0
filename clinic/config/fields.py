"""Every setting: its type, its default and what is derived from several of them.

Knows how a value looks (``shapes``), not where it comes from (``loading``).
"""

import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, EmailStr, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from clinic.config import shapes
from clinic.contact import (
    ClinicName,
    Contact,
    EmergencyNumber,
    Phone,
    PlainWords,
    WebAddress,
    checked_coordinates,
    parse_contact,
)
from clinic.i18n import LANGUAGES
from clinic.settings import HORIZON_LEAST, HORIZON_MOST, LEAD_MOST, NOTICE_MOST

ROOT = shapes.ROOT
#: Good enough to try the portal, never for a clinic: production refuses it.
DEVELOPMENT_SECRET = "development-secret-never-use-it-in-production"  # noqa: S105 - that is its point
SECRET_LEAST = 32
METRICS_TOKEN_LEAST = 16
#: How the demo clinic is reached. Invented, so only a portal that is tried out shows it.
DEMO_CLINIC_FILE = ROOT / "examples" / "clinic.toml"
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


class SecondFactor(StrEnum):
    """Whether somebody who works here needs a second factor to sign in."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class Insecure(StrEnum):
    """What production refuses unless ALLOW_INSECURE names it."""

    #: FRONTEND_URL without HTTPS.
    HTTP = "http"
    #: A password that goes to a mail server in clear text.
    MAIL = "mail"
    #: A connection to a database elsewhere in clear text.
    DATABASE = "database"
    #: RATELIMIT_ENABLED=0.
    LIMITS = "limits"
    #: Tokens that are good for very long.
    LIFETIMES = "lifetimes"


#: By these names only this machine reaches itself: for checks of health.
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
#: The defaults of production where they differ from those of the fields, which are development's and the tests'.
PRODUCTION_DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "staff_second_factor": SecondFactor.REQUIRED,
        "records_need_proof": True,
        "strict_passwords": True,
        "hide_unknown_emails": True,
        "most_mails_per_day": 20,
        "most_open_appointments": 8,
        "most_open_per_doctor": 3,
        "most_bookings_per_day": 12,
    }
)


class Settings(BaseSettings):
    """Every setting of the portal, named as its environment variable (README, "Settings")."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore", env_ignore_empty=True)

    database_url: Annotated[shapes.DatabaseUrl, SECRET] = f"sqlite:///{ROOT / 'instance' / 'clinic.db'}"
    database_owner_url: Annotated[shapes.DatabaseUrl | None, SECRET] = None
    database_prepared_statements: bool = True
    database_replica_url: Annotated[shapes.PostgresqlUrl | None, SECRET] = None
    database_replica_lag: int = Field(default=60, ge=1, le=86_400)
    redis_url: Annotated[shapes.RedisUrl | None, SECRET] = None
    secret_key: Annotated[str, SECRET] = DEVELOPMENT_SECRET
    secret_key_fallbacks: Annotated[shapes.Keys, SECRET] = ()
    audit_key: Annotated[str | None, SECRET] = Field(default=None, min_length=SECRET_LEAST)
    audit_key_fallbacks: Annotated[shapes.Keys, SECRET] = ()
    env: Env = Field(default=Env.DEVELOPMENT, validation_alias="CLINIC_ENV")
    allow_insecure: Annotated[frozenset[Insecure], NoDecode, BeforeValidator(shapes.parts)] = frozenset()
    frontend_url: shapes.WebUrl | None = None
    public_url: shapes.Origin | None = None
    trusted_hosts: shapes.Hosts = []
    cors_allowed_origins: shapes.WebUrls = []
    clinic_timezone: shapes.ZoneName = "Asia/Ho_Chi_Minh"
    clinic_name: ClinicName = "Sen Clinic"
    clinic_file: Path | None = None
    clinic_phone: Phone | None = None
    clinic_email: EmailStr | None = None
    clinic_address: PlainWords | None = None
    clinic_letterhead: PlainWords | None = None
    clinic_hours: PlainWords | None = None
    clinic_map_url: WebAddress | None = None
    clinic_coordinates: shapes.Coordinates | None = None
    emergency_number: EmergencyNumber | None = None
    clinic_languages: shapes.Languages = tuple(LANGUAGES)
    demo_banner: bool = False
    security_contact: EmailStr | None = None
    maintenance_file: shapes.FileOfPortal = ROOT / "instance" / "maintenance.json"
    mail_url: Annotated[shapes.MailUrl | None, SECRET] = None
    mail_from: shapes.Sender = "clinic@localhost"
    most_mails_per_day: int = Field(default=0, ge=0, le=1000)
    ratelimit_enabled: bool = True
    staff_second_factor: SecondFactor = SecondFactor.OPTIONAL
    records_need_proof: bool = False
    hide_unknown_emails: bool = False
    strict_passwords: bool = False
    booking_horizon_days: int = Field(default=30, ge=HORIZON_LEAST, le=HORIZON_MOST)
    change_notice_hours: int = Field(default=24, ge=0, le=NOTICE_MOST)
    most_open_appointments: int = Field(default=0, ge=0, le=1000, validation_alias="MOST_OPEN_VISITS")
    most_open_per_doctor: int = Field(default=0, ge=0, le=1000, validation_alias="MOST_OPEN_VISITS_PER_DOCTOR")
    booking_lead_hours: int = Field(default=0, ge=0, le=LEAD_MOST)
    most_bookings_per_day: int = Field(default=0, ge=0, le=1000)
    staff_idle_minutes: int = Field(default=30, ge=5, le=7 * 24 * 60)
    staff_session_hours: int = Field(default=12, ge=1, le=30 * 24)
    patient_idle_hours: int = Field(default=24, ge=1, le=365 * 24)
    patient_session_days: int = Field(default=30, ge=1, le=365)
    api_session_days: int = Field(default=30, ge=1, le=365)
    proof_minutes: int = Field(default=5, ge=1, le=60)
    keep_sessions_days: int = Field(default=90, ge=1, le=3650)
    keep_attempts_days: int = Field(default=30, ge=1, le=3650)
    keep_mail_text_days: int = Field(default=30, ge=1, le=3650)
    keep_mail_days: int = Field(default=365, ge=1, le=3650)
    keep_links_days: int = Field(default=90, ge=1, le=3650)
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
    otel_exporter_otlp_endpoint: shapes.CollectorUrl | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    jwt_access_token_expires: int = Field(default=3600, ge=1)
    jwt_refresh_token_expires: int = Field(default=604800, ge=1)

    @model_validator(mode="after")
    def _defaults_of_production(self) -> Self:
        if self.env is Env.PRODUCTION:
            for name in PRODUCTION_DEFAULTS.keys() - self.model_fields_set:
                setattr(self, name, PRODUCTION_DEFAULTS[name])
        return self

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
            "letterhead": self.clinic_letterhead,
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
    def is_secure(self) -> bool:
        """Whether the portal is served over HTTPS alone, so that its cookies go nowhere else."""
        return self.env is Env.PRODUCTION and Insecure.HTTP not in self.allow_insecure

    @property
    def known_hosts(self) -> frozenset[str] | None:
        """The names by which the portal may be called, this machine's own among them; None for any.

        In production that of its address, where no others are set.
        """
        if self.trusted_hosts:
            return frozenset(self.trusted_hosts) | THIS_MACHINE
        host = urlsplit(self.own_address or "").hostname
        return THIS_MACHINE | {host} if self.env is Env.PRODUCTION and host else None

    @property
    def own_address(self) -> str | None:
        """The one address that the portal has, without a path; None where it is that of each request.

        In production that of FRONTEND_URL, where no other is set.
        """
        if self.public_url is not None or self.env is not Env.PRODUCTION or self.frontend_url is None:
            return self.public_url
        parts = urlsplit(self.frontend_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def mail_origin(self) -> str:
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
