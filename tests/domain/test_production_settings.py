"""What production refuses to start with: keys that can be guessed, words in clear text, doors without a lock."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from clinic.config import DEVELOPMENT_SECRET, ConfigError, load
from clinic.config.production import BITS_LEAST, estimated_bits
from tests.settings import PRODUCTION

HIDDEN = "hunter2-hunter2"

WEAK = [
    "a" * 32,
    "0" * 64,
    "change-me-" * 5,
    "password" * 5,
    "your-secret-key-goes-here-please-change-it",
    DEVELOPMENT_SECRET + " ",
    "0123456789abcdef" * 4,
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "Correct Horse Battery Staple Correct Horse",
    "Clinic-Production-Secret-Key-2026",
]


@pytest.mark.parametrize("secret", WEAK)
def test_a_key_that_can_be_guessed_is_refused_and_not_shown(secret):
    with pytest.raises(ConfigError) as refusal:
        load(PRODUCTION | {"secret_key": secret, "allow_insecure": "http,mail,database,limits,lifetimes"})
    assert "SECRET_KEY can be guessed" in str(refusal.value)
    assert secret not in str(refusal.value)
    load({"env": "development", "secret_key": secret})


@pytest.mark.parametrize("draw", [secrets.token_hex, secrets.token_urlsafe])
def test_a_key_that_a_program_drew_is_taken(draw):
    assert all(estimated_bits(draw(32)) >= BITS_LEAST for _ in range(300))
    load(PRODUCTION | {"secret_key": draw(32)})


#: Settings that production refuses, what it says, and under which name they are allowed all the same.
INSECURE: list[tuple[dict[str, Any], str, str]] = [
    ({"frontend_url": None}, "FRONTEND_URL must be set in production", "http"),
    ({"frontend_url": "http://clinic.example"}, "FRONTEND_URL begins with http://", "http"),
    ({"public_url": "http://clinic.example"}, "PUBLIC_URL begins with http://", "http"),
    (
        {"mail_url": f"smtp://desk:{HIDDEN}@mail.example:25", "mail_from": "desk@clinic.example"},
        "MAIL_URL sends a password in clear text",
        "mail",
    ),
    ({"database_url": f"postgresql://clinic:{HIDDEN}@db.example/clinic"}, "DATABASE_URL leads to another", "database"),
    (
        {"database_url": f"postgresql://clinic:{HIDDEN}@db.example/clinic?sslmode=disable"},
        "DATABASE_URL leads to another machine in clear text",
        "database",
    ),
    ({"database_url": f"postgresql://clinic:{HIDDEN}@10.1.2.3/c?sslmode=allow"}, "DATABASE_URL leads to", "database"),
    (
        {"database_owner_url": f"postgresql://owner:{HIDDEN}@db.example/clinic?sslmode=prefer"},
        "DATABASE_OWNER_URL leads to another machine in clear text",
        "database",
    ),
    ({"ratelimit_enabled": False}, "RATELIMIT_ENABLED is 0", "limits"),
    ({"jwt_access_token_expires": 86_401}, "JWT_ACCESS_TOKEN_EXPIRES is more than 86400 seconds", "lifetimes"),
    ({"jwt_refresh_token_expires": 10**9}, "JWT_REFRESH_TOKEN_EXPIRES is more than 7776000 seconds", "lifetimes"),
]


@pytest.mark.parametrize(("settings", "said", "name"), INSECURE)
def test_what_is_insecure_is_refused_unless_it_is_allowed_by_its_name(settings, said, name):
    with pytest.raises(ConfigError) as refusal:
        load(PRODUCTION | settings)
    assert said in str(refusal.value)
    assert f"(ALLOW_INSECURE={name} allows it)" in str(refusal.value)
    assert HIDDEN not in str(refusal.value)
    others = ",".join({"http", "mail", "database", "limits", "lifetimes"} - {name})
    with pytest.raises(ConfigError):
        load(PRODUCTION | settings | {"allow_insecure": others})
    load(PRODUCTION | settings | {"allow_insecure": f"{name}, mail"})
    load(PRODUCTION | settings | {"env": "development"})


@pytest.mark.parametrize(
    "settings",
    [
        {"frontend_url": "http://localhost:8000"},
        {"frontend_url": "http://127.0.0.1:8000"},
        {"mail_url": "smtp://mail.example", "mail_from": "desk@clinic.example"},
        {"mail_url": f"smtp://desk:{HIDDEN}@localhost:25", "mail_from": "desk@clinic.example"},
        {"mail_url": f"smtp+starttls://desk:{HIDDEN}@mail.example", "mail_from": "desk@clinic.example"},
        {"database_url": f"postgresql://clinic:{HIDDEN}@postgres:5432/clinic"},
        {"database_url": f"postgresql://clinic:{HIDDEN}@127.0.0.1/clinic"},
        {"database_url": f"postgresql://clinic:{HIDDEN}@/clinic?host=/run/postgresql"},
        {"database_url": f"postgresql://clinic:{HIDDEN}@db.example/clinic?sslmode=verify-full"},
        {"jwt_access_token_expires": 86_400, "jwt_refresh_token_expires": 7_776_000},
    ],
    ids=str,
)
def test_what_nobody_can_read_along_is_taken(settings):
    load(PRODUCTION | settings)


def test_all_that_is_insecure_is_told_at_once():
    with pytest.raises(ConfigError) as refusal:
        load(PRODUCTION | {"secret_key": "a" * 40, "frontend_url": "http://clinic.example", "ratelimit_enabled": False})
    assert len(refusal.value.problems) == 3


# --- the portal's own address -----------------------------------------------------------------------------------------


def test_a_clinic_in_production_is_called_by_its_own_name_alone():
    settings = load(PRODUCTION)
    assert settings.own_address == "https://clinic.example"
    assert settings.known_hosts == {"clinic.example", "localhost", "127.0.0.1", "::1"}
    named = load(
        PRODUCTION | {"frontend_url": "https://app.example/start", "public_url": "https://portal.example:8443"}
    )
    assert named.own_address == "https://portal.example:8443"
    assert named.known_hosts == {"portal.example", "localhost", "127.0.0.1", "::1"}
    more = load(PRODUCTION | {"trusted_hosts": "a.example, b.example"})
    assert more.known_hosts == {"a.example", "b.example", "localhost", "127.0.0.1", "::1"}


def test_a_portal_to_try_is_called_by_any_name():
    settings = load({"env": "development", "frontend_url": "https://clinic.example"})
    assert (settings.own_address, settings.known_hosts) == (None, None)


def test_cookies_go_over_https_alone_unless_http_is_allowed():
    assert load(PRODUCTION).is_secure
    assert not load(PRODUCTION | {"frontend_url": "http://clinic.example", "allow_insecure": "http"}).is_secure
    assert not load({"env": "development"}).is_secure
