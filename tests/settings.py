"""The settings that the tests run with, and how settings reach a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: Seconds to wait for what will come: only a fault makes them run out, however busy the machine is.
PATIENCE = 180.0

#: What every application and server of the tests is told, as far as a test doesn't tell otherwise.
SETTINGS: dict[str, Any] = {
    "env": "testing",
    "secret_key": "only-for-tests-" + "x" * 32,
    "ratelimit_enabled": False,
    # Tests move the clock: whoever is signed in stays so, where a test doesn't ask when sessions end.
    "staff_idle_minutes": 7 * 24 * 60,
    "staff_session_hours": 30 * 24,
    "patient_idle_hours": 7 * 24,
    "patient_session_days": 30,
    # Pages, mails and sheets as a clinic that can be reached has them.
    "clinic_file": Path(__file__).parent.parent / "examples" / "clinic.toml",
    # So that a developer whose own portal is closed can run the tests.
    "maintenance_file": Path(__file__).with_name("never-closed.json"),
}

#: What a clinic's portal needs to start: a key that a program drew, and where people reach it.
STRONG_SECRET = "5b0e41f7c2d96a83b17f04e9dc3a625814f70b9e6cd2a35f81e94b07d6c3a2f8"
PRODUCTION: dict[str, Any] = {
    "env": "production",
    "secret_key": STRONG_SECRET,
    "frontend_url": "https://clinic.example",
    "ratelimit_enabled": True,
}


def variable(field: str) -> str:
    """The environment variable that sets a field of the settings."""
    from clinic.config import Settings  # noqa: PLC0415 - the rest of the tests' machinery needs no application

    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{Settings.model_config.get('env_prefix', '')}{field}".upper()


def as_environment(settings: dict[str, Any]) -> dict[str, str]:
    """Settings by field name as environment variables; a None is left out."""
    texts = {True: "1", False: "0"}
    return {
        variable(field): texts[value] if isinstance(value, bool) else str(value)
        for field, value in settings.items()
        if value is not None
    }
