"""A production start that can't serve stops with one clear sentence; so does any start on settings that can't be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clinic.config import DEVELOPMENT_SECRET
from clinic.operations.database_errors import UNREACHABLE
from clinic.operations.readiness import why_unfit
from tests.settings import PATIENCE, PRODUCTION, STRONG_SECRET, as_environment

ROOT = Path(__file__).resolve().parents[2]
#: What production needs besides a key.
ADDRESS = {"frontend_url": "https://clinic.example"}
#: What is loaded by the first who needs it: migrations, calendar entries, codes to scan, passkeys.
SELDOM = ("alembic", "icalendar", "segno", "webauthn", "cbor2", "OpenSSL")


def start(settings: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Loads `wsgi:app` as a server does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=os.environ | as_environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({}, "SECRET_KEY must be set in production", id="no secret"),
        pytest.param({"secret_key": DEVELOPMENT_SECRET}, "SECRET_KEY must be set in production", id="default secret"),
        pytest.param({"secret_key": "short"}, "SECRET_KEY must have at least 32 characters", id="short secret"),
        pytest.param(
            {"secret_key": STRONG_SECRET, "database_url": "postgresql://clinic:hidden-word@127.0.0.1:1/clinic"},
            UNREACHABLE,
            id="database away",
        ),
        pytest.param({"secret_key": STRONG_SECRET, "frontend_url": None}, "FRONTEND_URL must be set", id="no address"),
        pytest.param(
            {"secret_key": STRONG_SECRET, "mail_url": "smtp://mail.example"},
            "MAIL_FROM must be set",
            id="no sender",
        ),
        pytest.param({"secret_key": STRONG_SECRET, "clinic_timezone": "Mars/Base"}, "CLINIC_TIMEZONE", id="time zone"),
    ],
)
def test_a_start_that_cannot_serve_says_so_in_one_sentence(settings, said, tmp_path):
    ended = start({"env": "production", "database_url": f"sqlite:///{tmp_path}/clinic.db", **ADDRESS, **settings})
    assert ended.returncode != 0
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert "hidden-word" not in ended.stderr


def test_an_unmigrated_database_stops_a_production_start(tmp_path):
    ended = start(PRODUCTION | {"database_url": f"sqlite:///{tmp_path}/clinic.db"})
    assert (ended.returncode, ended.stderr.strip()) == (1, why_unfit(None))


MAIL = {"mail_url": "smtp://mail.example", "mail_from": "desk@clinic.example"}


def test_a_migrated_database_serves(database):
    ended = start(PRODUCTION | MAIL | {"database_url": database.url})
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_production_start_that_will_send_no_mail_warns_once(database):
    ended = start(PRODUCTION | {"database_url": database.url})
    assert ended.returncode == 0
    told = json.loads(ended.stderr)
    assert (told["level"], told["event"]) == (
        "warning", "MAIL_URL is not set: mail stays queued until it is",
    )  # fmt: skip
    assert (told["mail_from"], told["links_to"]) == ("clinic@localhost", "https://clinic.example")


def test_what_only_some_want_is_not_loaded(database, tmp_path):
    """Metrics and traces are for whoever asks for them: they cost memory, and each request something. Nor does a server load
    what it rarely does, or another database's driver.
    """
    # In the place of the extra, which isn't installed here.
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").touch()
    unwanted = ["opentelemetry", "prometheus_client", *SELDOM, *(["psycopg"] if database.engine == "sqlite" else [])]
    code = f"import sys, wsgi; print([name for name in {unwanted} if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": str(tmp_path)}
        | as_environment({"env": "testing", "database_url": database.url}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stdout.strip() == "[]"
