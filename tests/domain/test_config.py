"""Settings: read from the environment, refused with one clear sentence that never shows a secret."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml

from clinic.config import (
    DEVELOPMENT_SECRET,
    PRODUCTION_DEFAULTS,
    ROOT,
    SECRETS,
    ConfigError,
    Env,
    Settings,
    clinic_settings,
    load,
)
from clinic.keys import Keyring
from clinic.settings import AccountRules, Retention, SessionLimits
from tests.settings import PRODUCTION, STRONG_SECRET, variable

GOOD_SECRET = STRONG_SECRET
HIDDEN = "hunter2-hunter2"


def sentence(refusal: pytest.ExceptionInfo[ConfigError]) -> str:
    """What the operator reads, which is one sentence on one line."""
    said = str(refusal.value)
    assert said.startswith("The settings can't be used: ")
    assert said.endswith(".")
    assert "\n" not in said
    assert "pydantic" not in said
    return said


def test_without_any_setting_it_is_a_clinic_to_try(environment):
    settings = load()
    assert settings.env is Env.DEVELOPMENT
    assert settings.database_url.startswith("sqlite:///")
    assert settings.clinic_timezone == "Asia/Ho_Chi_Minh"
    assert (settings.jwt_access_token_expires, settings.jwt_refresh_token_expires) == (3600, 604800)
    assert settings.mail_origin == "http://localhost:8000"


def test_settings_come_from_the_environment_and_overrides_before_it(environment):
    environment(
        CLINIC_ENV="production",
        SECRET_KEY=GOOD_SECRET,
        ALLOW_INSECURE="http",
        PORT="9000",
        CLINIC_NAME=" Lotus ",
        HIDE_UNKNOWN_EMAILS="1",
    )
    settings = load({"port": 9001})
    assert settings.env is Env.PRODUCTION
    assert settings.clinic_name == "Lotus"
    assert settings.hide_unknown_emails is True
    assert settings.mail_origin == "http://localhost:9001"


def test_the_maintenance_file_is_the_same_wherever_the_portal_is_started(environment, monkeypatch, tmp_path):
    environment(MAINTENANCE_FILE="var/closed.json")
    monkeypatch.chdir(tmp_path)
    assert load().maintenance_file == ROOT / "var" / "closed.json"
    environment(MAINTENANCE_FILE=str(tmp_path / "closed.json"))
    assert load().maintenance_file == tmp_path / "closed.json"


def test_a_folder_is_no_maintenance_file(environment, tmp_path):
    """What can't be read as a file closes the portal: it would be closed for ever."""
    environment(MAINTENANCE_FILE=str(tmp_path))
    with pytest.raises(ConfigError) as refusal:
        load()
    assert "MAINTENANCE_FILE must name a file, not a folder" in sentence(refusal)


def test_an_empty_variable_is_no_setting(environment):
    environment(REDIS_URL="", MAIL_URL="", DATABASE_URL="", PORT="")
    settings = load()
    assert (settings.redis_url, settings.mail_url, settings.port) == (None, None, 8000)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_leads_to_the_same_driver(scheme):
    settings = load({"database_url": f"{scheme}://clinic:p%40ss@db:5433/clinic"})
    assert settings.database_url == "postgresql+psycopg://clinic:p%40ss@db:5433/clinic"


def test_allowed_origins_are_a_list_with_commas(environment):
    environment(CORS_ALLOWED_ORIGINS="https://a.example/, http://localhost:5173 ,", FRONTEND_URL="https://a.example/")
    settings = load()
    assert settings.cors_allowed_origins == ["https://a.example", "http://localhost:5173"]
    assert settings.mail_origin == "https://a.example"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CLINIC_ENV", "prod", "CLINIC_ENV"),
        (
            "DATABASE_URL",
            f"mysql://clinic:{HIDDEN}@db/clinic",
            "DATABASE_URL must begin with sqlite:// or postgresql://",
        ),
        ("DATABASE_URL", f"clinic {HIDDEN}", "DATABASE_URL is not a database URL like"),
        ("DATABASE_REPLICA_URL", f"clinic {HIDDEN}", "DATABASE_REPLICA_URL is not a database URL like"),
        ("DATABASE_REPLICA_URL", "sqlite:///copy.db", "DATABASE_REPLICA_URL must begin with postgresql://"),
        (
            "DATABASE_REPLICA_URL",
            f"postgres://clinic:{HIDDEN}@standby/clinic",
            "DATABASE_REPLICA_URL is for PostgreSQL, and DATABASE_URL isn't",
        ),
        ("DATABASE_REPLICA_LAG", "0", "DATABASE_REPLICA_LAG"),
        ("REDIS_URL", f"http://:{HIDDEN}@cache", "REDIS_URL must begin with redis://, rediss:// or unix://"),
        ("MAIL_URL", f"pop3://clinic:{HIDDEN}@mail", "MAIL_URL must begin with smtp://"),
        ("MAIL_URL", f"smtp://clinic:{HIDDEN}@", "MAIL_URL must name a host"),
        ("MAIL_URL", f"smtp://clinic:{HIDDEN}@mail:port", "MAIL_URL must name a host"),
        ("MAIL_FROM", "Sen Clinic", "MAIL_FROM must be an address"),
        ("MAIL_FROM", "Sen <lễ.tân@clinic.example>", "MAIL_FROM must be an address"),
        ("MAIL_FROM", "a@b.example\nBcc: c@d.example", "MAIL_FROM must be an address"),
        ("CLINIC_PHONE", "call us", "CLINIC_PHONE must be a phone number"),
        ("CLINIC_EMAIL", "reception", "CLINIC_EMAIL value is not a valid email address"),
        ("CLINIC_ADDRESS", " ", "CLINIC_ADDRESS must be a text"),
        ("CLINIC_HOURS", " ", "CLINIC_HOURS must be a text"),
        ("CLINIC_MAP_URL", "javascript:alert(1)", "CLINIC_MAP_URL must be a web address like https://"),
        (
            "CLINIC_COORDINATES",
            "10.7769",
            "CLINIC_COORDINATES must be a latitude and a longitude like 10.7769, 106.7009",
        ),
        ("CLINIC_COORDINATES", "106.7, 10.7", "CLINIC_COORDINATES must be a latitude from -90 to 90"),
        ("CLINIC_COORDINATES", "nan, 10.7", "CLINIC_COORDINATES must be a latitude from -90 to 90"),
        ("EMERGENCY_NUMBER", "help", "EMERGENCY_NUMBER must be a number to dial like 115"),
        ("FRONTEND_URL", "clinic.example", "FRONTEND_URL must be a web address like https://clinic.example"),
        ("FRONTEND_URL", "javascript://x", "FRONTEND_URL must be a web address"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example,*", "CORS_ALLOWED_ORIGINS must be a web address"),
        ("PUBLIC_URL", "https://clinic.example/portal", "PUBLIC_URL must be a web address without a path"),
        ("PUBLIC_URL", f"https://clinic:{HIDDEN}@clinic.example", "PUBLIC_URL must be a web address without a path"),
        ("TRUSTED_HOSTS", "clinic.example,https://clinic.example", "TRUSTED_HOSTS must be names of hosts like"),
        ("TRUSTED_HOSTS", "clinic.example:443", "TRUSTED_HOSTS must be names of hosts like"),
        ("TRUSTED_HOSTS", "*", "TRUSTED_HOSTS must be names of hosts like"),
        ("ALLOW_INSECURE", "http,everything", "ALLOW_INSECURE"),
        ("AUDIT_KEY", HIDDEN, "AUDIT_KEY string should have at least 32 characters"),
        ("DATABASE_OWNER_URL", f"mysql://clinic:{HIDDEN}@db/clinic", "DATABASE_OWNER_URL must begin with sqlite:// or"),
        ("STAFF_SECOND_FACTOR", "yes", "STAFF_SECOND_FACTOR"),
        ("STAFF_IDLE_MINUTES", "0", "STAFF_IDLE_MINUTES"),
        ("MOST_OPEN_VISITS", "-1", "MOST_OPEN_VISITS"),
        ("MOST_OPEN_VISITS_PER_DOCTOR", "many", "MOST_OPEN_VISITS_PER_DOCTOR"),
        ("SECURITY_CONTACT", "reception", "SECURITY_CONTACT value is not a valid email address"),
        ("CLINIC_TIMEZONE", "Saigon/Downtown", "CLINIC_TIMEZONE is not a time zone like Asia/Ho_Chi_Minh"),
        ("CLINIC_TIMEZONE", "../../etc/passwd", "CLINIC_TIMEZONE is not a time zone"),
        ("CLINIC_NAME", " ", "CLINIC_NAME must be a name of 1 to 100 characters"),
        ("CLINIC_NAME", "Sen\nBcc: all", "CLINIC_NAME must be a name"),
        ("PORT", "0", "PORT"),
        ("PORT", "http", "PORT"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://collector:4318",
            "OTEL_EXPORTER_OTLP_ENDPOINT wants OpenTelemetry, which isn't installed: pip install -r requirements/otel.lock",
        ),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES"),
        ("RATELIMIT_ENABLED", "perhaps", "RATELIMIT_ENABLED"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "0", "JWT_ACCESS_TOKEN_EXPIRES"),
        ("JWT_REFRESH_TOKEN_EXPIRES", "1h", "JWT_REFRESH_TOKEN_EXPIRES"),
    ],
)
def test_each_wrong_setting_is_named_and_its_value_never_shown(environment, variable, value, said):
    environment(**{variable: value})
    with pytest.raises(ConfigError) as refusal:
        load()
    assert said in sentence(refusal)
    assert HIDDEN not in str(refusal.value)
    assert HIDDEN not in repr(refusal.value)
    assert refusal.value.__cause__ is None


def test_all_wrong_settings_are_told_at_once(environment):
    environment(PORT="0", CLINIC_NAME=" ")
    with pytest.raises(ConfigError) as refusal:
        load()
    assert "PORT" in sentence(refusal)
    assert "CLINIC_NAME" in sentence(refusal)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "SECRET_KEY must be set in production"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set in production"),
        ({"SECRET_KEY": DEVELOPMENT_SECRET}, "SECRET_KEY must be set in production"),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY must have at least 32 characters"),
    ],
)
def test_production_needs_a_secret_of_its_own(environment, variables, said):
    environment(CLINIC_ENV="production", **variables)
    with pytest.raises(ConfigError) as refusal:
        load()
    assert said in sentence(refusal)
    assert "x" * 31 not in str(refusal.value)


@pytest.mark.parametrize("mail", ["smtp://mail.example", "console://"])
def test_mail_of_production_leads_to_an_address_of_its_own(environment, mail):
    environment(
        CLINIC_ENV="production", SECRET_KEY=GOOD_SECRET, MAIL_URL=mail, MAIL_FROM="Lễ tân <desk@clinic.example>"
    )
    with pytest.raises(ConfigError) as refusal:
        load()
    assert "FRONTEND_URL must be set in production where MAIL_URL is" in sentence(refusal)
    assert load({"frontend_url": "https://clinic.example"}).mail_origin == "https://clinic.example"
    assert load({"env": "development"}).mail_origin == "http://localhost:8000"


@pytest.mark.parametrize(
    "sender", ["", "Sen Clinic <desk@localhost>", "desk@mail.LOCALHOST", "desk@localhost.localdomain"]
)
def test_mail_of_production_comes_from_an_address_of_its_own(environment, sender):
    environment(
        CLINIC_ENV="production", SECRET_KEY=GOOD_SECRET, FRONTEND_URL="https://clinic.example", MAIL_FROM=sender
    )
    with pytest.raises(ConfigError) as refusal:
        load({"mail_url": "smtp://mail.example"})
    assert "MAIL_FROM must be set in production where MAIL_URL is" in sentence(refusal)
    for harmless in ({}, {"mail_url": "console://"}, {"mail_url": "smtp://mail.example", "env": "development"}):
        load(harmless)
    load({"mail_url": "smtp://mail.example", "mail_from": "desk@clinic.example"})


def test_production_starts_with_a_good_secret():
    assert load(PRODUCTION).secret_key == GOOD_SECRET


def test_every_setting_can_be_set_by_a_variable_of_its_name(environment):
    """What the README promises; a new field that can't be set so would be dead."""
    names = {field.validation_alias or name for name, field in Settings.model_fields.items()}
    assert "CLINIC_ENV" in names
    assert all(isinstance(name, str) for name in names)


def test_what_production_lacks_is_told_at_once(environment):
    environment(CLINIC_ENV="production", MAIL_URL="smtp://mail.example", CLINIC_FILE="is/not/there.toml")
    with pytest.raises(ConfigError) as refusal:
        load()
    for named in ("SECRET_KEY must", "FRONTEND_URL must", "MAIL_FROM must", "CLINIC_FILE can't be read"):
        assert named in sentence(refusal)


#: What the container decides for itself, so that ``compose.yaml`` doesn't hand it on: where it listens, and a file of its own.
NOT_IN_COMPOSE = {"HOST", "PORT", "MAINTENANCE_FILE"}
#: What it hands on that is OpenSSL's, not the portal's.
NOT_OURS = {"SSL_CERT_FILE"}


def test_every_setting_is_in_the_table_and_reaches_the_container():
    """What isn't there can't be found by an operator, or is set and does nothing."""
    names = {variable(field) for field in Settings.model_fields}
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(names), "README, Settings"
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    handed_on = compose["x-settings"].keys() | of_some_containers(compose)
    in_files = {f"{name}_FILE" for name in SECRETS}
    reached = {name.removesuffix("_FILE") if name in in_files else name for name in handed_on} - NOT_OURS
    assert reached == names - NOT_IN_COMPOSE, "compose.yaml, x-settings"


def of_some_containers(compose: dict[str, Any]) -> set[str]:
    """The settings that only some containers get, so that the others can't give them away."""
    of_portal = [each for each in compose["services"].values() if each.get("image") == "clinic-portal"]
    return {name for service in of_portal for name in service["environment"]} - compose["x-settings"].keys()


def test_who_serves_people_has_neither_the_key_of_the_chain_nor_the_owner_of_the_tables():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    only = {
        "AUDIT_KEY_FILE": {"worker"},
        "AUDIT_KEY_FALLBACKS_FILE": {"worker"},
        "DATABASE_OWNER_URL_FILE": {"migrate", "backup"},
    }
    found = {
        variable: {name for name, service in compose["services"].items() if variable in service.get("environment", {})}
        for variable in of_some_containers(compose)
    }
    assert found == only


def test_what_production_has_by_default_gives_way_to_what_is_set(environment, monkeypatch):
    monkeypatch.setattr("clinic.config.fields.PRODUCTION_DEFAULTS", {"proof_minutes": 7, "strict_passwords": True})
    production = PRODUCTION
    assert (load().proof_minutes, load().strict_passwords) == (5, False)
    assert (load(production).proof_minutes, load(production).strict_passwords) == (7, True)
    environment(PROOF_MINUTES="5", STRICT_PASSWORDS="0")
    assert (load(production).proof_minutes, load(production).strict_passwords) == (5, False)


def test_records_need_proof_in_production_alone(environment):
    assert (load().records_need_proof, load(PRODUCTION).records_need_proof) == (False, True)
    environment(RECORDS_NEED_PROOF="0")
    assert load(PRODUCTION).records_need_proof is False


def test_what_production_has_by_default_fits_its_setting():
    """A default is not validated; one of another type would come to light in a clinic."""
    load(PRODUCTION | PRODUCTION_DEFAULTS)


def test_the_domain_is_told_what_is_set(environment):
    environment(
        STAFF_IDLE_MINUTES="20", STAFF_SESSION_HOURS="8", PATIENT_IDLE_HOURS="2", PATIENT_SESSION_DAYS="3",
        API_SESSION_DAYS="4", STAFF_SECOND_FACTOR="required", RECORDS_NEED_PROOF="1", HIDE_UNKNOWN_EMAILS="1",
        STRICT_PASSWORDS="1", PROOF_MINUTES="6", RATELIMIT_ENABLED="0", MOST_OPEN_VISITS="8",
        MOST_OPEN_VISITS_PER_DOCTOR="3", MOST_BOOKINGS_PER_DAY="12", MOST_MAILS_PER_DAY="20", KEEP_SESSIONS_DAYS="1",
        KEEP_ATTEMPTS_DAYS="2", KEEP_MAIL_TEXT_DAYS="3", KEEP_MAIL_DAYS="4", KEEP_LINKS_DAYS="5",
        PUBLIC_URL="https://clinic.example/", CLINIC_EMAIL="desk@clinic.example",
    )  # fmt: skip
    told = clinic_settings(load(), lambda _page, _values: "/")
    days = [timedelta(days=number) for number in range(6)]
    assert told.sessions == SessionLimits(
        timedelta(minutes=20), timedelta(hours=8), timedelta(hours=2), days[3], days[4]
    )
    assert told.accounts == AccountRules(
        staff_need_second_factor=True,
        records_need_proof=True,
        hides_unknown_emails=True,
        strict_passwords=True,
        proof_lasts=timedelta(minutes=6),
        limits_tries=False,
    )
    assert (told.booking.most_open, told.booking.most_open_per_doctor, told.booking.most_per_day) == (8, 3, 12)
    assert told.retention == Retention(*days[1:])
    assert (told.most_mails_per_day, told.public_url) == (20, "https://clinic.example")
    assert told.security_contact == "desk@clinic.example"


def test_the_chain_has_a_key_of_its_own_where_one_is_set(environment):
    def audit_keys() -> Keyring:
        return clinic_settings(load(), lambda _page, _values: "/").audit_keys

    environment(SECRET_KEY=GOOD_SECRET, SECRET_KEY_FALLBACKS="older")
    assert audit_keys() == Keyring(GOOD_SECRET, ("older",))
    environment(AUDIT_KEY=f"audit-{GOOD_SECRET}", AUDIT_KEY_FALLBACKS=f"{GOOD_SECRET}, older")
    assert audit_keys() == Keyring(f"audit-{GOOD_SECRET}", (GOOD_SECRET, "older"))


def test_every_setting_is_read_by_somebody():
    """One that nobody reads does nothing, whatever an operator writes."""
    readers = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "clinic").rglob("*.py"))
    unread = {field for field in Settings.model_fields if not re.search(rf"\.{field}\b", readers)}
    assert not unread, "hand it on: clinic/app.py (_clinic_settings or _configure) or clinic/server.py"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("database_url", "postgresql://clinic:Geheim/clinic"),
        ("database_url", "postgresql://clinic:Ge@heim:Geheim@db/clinic"),
        ("database_url", "Geheim"),
        ("database_replica_url", "postgresql://clinic:Geheim/clinic"),
        ("mail_url", "smtp://desk:Geheim"),
        ("mail_url", "smtp://desk:Geheim\u2100@mail.example"),
        ("redis_url", "redis://:Geheim\u2100@host/0"),
        ("redis_url", "redis://default:Geheim/0"),
    ],
)
def test_nothing_of_a_secret_that_is_wrong_is_repeated(setting, value):
    with pytest.raises(ConfigError) as refusal:
        load({setting: value})
    assert setting.upper() in str(refusal.value)
    assert "heim" not in str(refusal.value)
