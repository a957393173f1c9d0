"""What production refuses to start with: keys that can be guessed, words in clear text, doors without a lock."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from random import Random
from string import ascii_letters, digits
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.config import DEVELOPMENT_SECRET, ConfigError, load
from clinic.config.key_strength import is_weak
from tests.settings import PRODUCTION, STRONG_SECRET

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
    "change-me-please-this-is-a-secret-key-for-the-clinic-2026!",
    "PhongKhamSenHoChiMinh2026BacSiNguyen",
    "matkhaucuaphongkhamsenrathaykhongaibiet",
    "ThisIsTheVerySecretKeyOfOurClinicInHanoi!",
    "Tr0ub4dor&3Tr0ub4dor&3Tr0ub4dor&3xy",
    "p4ssw0rd-cl1n1c-2026-s3cr3t-k3y-f0r-us",
    "deadbeefcafebabedeadbeefcafebabe",
    "0901234567-0912345678-0987654321-1990",
]


@pytest.mark.parametrize("secret", WEAK)
def test_a_key_that_can_be_guessed_is_refused_and_not_shown(secret):
    with pytest.raises(ConfigError) as refusal:
        load(PRODUCTION | {"secret_key": secret, "allow_insecure": "http,mail,database,limits,lifetimes"})
    assert "SECRET_KEY can be guessed" in str(refusal.value)
    assert secret not in str(refusal.value)
    load({"env": "development", "secret_key": secret})


@pytest.mark.parametrize("name", ["secret_key_fallbacks", "audit_key", "audit_key_fallbacks"])
@pytest.mark.parametrize("weak", [DEVELOPMENT_SECRET, "a" * 40, "Clinic-Production-Secret-Key-2025"])
def test_every_key_is_weighed(name, weak):
    value = weak if name == "audit_key" else f"{STRONG_SECRET[::-1]},{weak}"
    with pytest.raises(ConfigError) as refusal:
        load(PRODUCTION | {name: value})
    (problem,) = refusal.value.problems
    assert problem.startswith(f"{name.upper()} can be guessed: it must be random, as 'openssl rand -hex 32' makes it")
    load(PRODUCTION | {name: STRONG_SECRET[::-1]})
    load({"env": "development", name: value})


def test_an_older_key_is_as_long_as_any():
    with pytest.raises(ConfigError, match="SECRET_KEY_FALLBACKS must have at least 32 characters"):
        load(PRODUCTION | {"secret_key_fallbacks": STRONG_SECRET[:31]})


#: How programs draw keys: `openssl rand`, Python's secrets, Django's, uuidgen.
DRAWN: dict[str, Callable[[Random], str]] = {
    "openssl rand -hex 16": lambda draw: draw.randbytes(16).hex(),
    "openssl rand -hex 32": lambda draw: draw.randbytes(32).hex(),
    "in capitals": lambda draw: draw.randbytes(32).hex().upper(),
    "openssl rand -base64 32": lambda draw: b64encode(draw.randbytes(32)).decode(),
    "openssl rand -base64 24": lambda draw: b64encode(draw.randbytes(24)).decode(),
    "secrets.token_urlsafe": lambda draw: urlsafe_b64encode(draw.randbytes(32)).rstrip(b"=").decode(),
    "get_random_secret_key": lambda draw: "".join(
        draw.choice("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)") for _ in range(50)
    ),
    "letters and digits": lambda draw: "".join(draw.choice(ascii_letters + digits) for _ in range(32)),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
@given(seed=st.integers(0, 2**64))
def test_a_key_that_a_program_drew_is_taken(draw, seed):
    assert not is_weak(draw(Random(seed)), DEVELOPMENT_SECRET)  # noqa: S311 - the same again for a seed


WORDS = ["clinic", "secret", "key", "for", "the", "my", "is", "phong", "kham", "bac", "si", "Nguyen", "hanoi", "please"]


@given(
    words=st.lists(st.sampled_from(WORDS), min_size=4, max_size=11),
    between=st.sampled_from(["", "-", "_", ".", " "]),
    style=st.sampled_from([str, str.title, str.upper, str.capitalize]),
    end=st.sampled_from(["", "!", "2026", "-2026!", "1234567890"]),
)
def test_a_key_of_words_is_refused_however_they_are_joined(words, between, style, end):
    assert is_weak(between.join(style(word) for word in words) + end)


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
        {
            "database_url": f"postgresql://clinic:{HIDDEN}@127.0.0.1/clinic",
            "database_owner_url": f"postgresql://owner:{HIDDEN}@db.example/clinic?sslmode=prefer",
        },
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
