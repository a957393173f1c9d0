"""Where the database is away, or of another version: commands, start, readiness and answers say so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from clinic import cli
from clinic.db import db
from clinic.operations import migrations, system
from clinic.operations.database_errors import UNREACHABLE, UNREADABLE_FILE
from clinic.operations.readiness import known_revisions
from tests.house.test_upgrade import BEFORE, application, stamp
from tests.servers import ROOT
from tests.settings import PATIENCE, SETTINGS, as_environment

HEAD = known_revisions()[0]
AWAY = "postgresql://clinic:hidden-word@127.0.0.1:1/clinic"
ADMIN = ("create-admin", "--email", "a@clinic.example", "--full-name", "Lan", "--phone", "0901234567")
COMMANDS = [
    ("db", "upgrade"), ("db", "downgrade"), ("db", "current"), ("outbox",), ("outbox", "--retry"),
    ("activate", "a@clinic.example"), ("deactivate", "a@clinic.example"), ("seed",),
    ("reset-factor", "a@clinic.example"),
    (*ADMIN, "--password", "an office of its own"), ("backup", "-"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("away", ["server", "folder"])
def test_commands_say_in_one_sentence_that_the_database_is_away(
    build_app: Callable[..., Flask], tmp_path: Path, words: tuple[str, ...], away: str
) -> None:
    app = build_app(database_url=AWAY if away == "server" else f"sqlite:///{tmp_path}/gone/clinic.db")
    if away == "folder":
        (tmp_path / "gone").rmdir()
    cli.install(app)
    # As the command `flask` opens it for each of them.
    with app.app_context():
        ended = app.test_cli_runner().invoke(args=words)
    assert (ended.exit_code, ended.output) == (1, f"Error: {UNREACHABLE if away == 'server' else UNREADABLE_FILE}\n")


def test_that_it_is_not_migrated_is_said_too(blank) -> None:
    with blank("unmigrated"):
        cli.install(application())
        ended = application().test_cli_runner().invoke(args=["outbox"])
        assert ended.exit_code == 1
        assert "run 'flask --app wsgi db upgrade' first" in ended.output
        assert ended.output.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://clinic@127.0.0.1/clinic", "DATABASE_URL must begin with sqlite:// or postgresql://"),
        ("sqlite:///{}/a_file/clinic.db", "DATABASE_URL names the folder {}/a_file, which can't be made"),
    ],
)
def test_a_wrong_address_is_said_by_the_real_command(tmp_path: Path, url: str, said: str) -> None:
    (tmp_path / "a_file").write_text("")
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env=as_environment({**SETTINGS, "database_url": url.format(tmp_path)}) | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    assert said.format(tmp_path) in ended.stderr
    assert ended.stderr.count("\n") == 1


# --- version and database ---------------------------------------------------------------------------------------------


def test_both_directions_of_a_misfit_are_told(blank) -> None:
    with blank("guard") as engine:
        client = application().test_client()
        problem = client.get("/readyz").get_json()["problem"]
        assert "has no tables yet: run 'flask --app wsgi db upgrade'" in problem
        migrations.upgrade(engine)
        assert client.get("/readyz").get_json() == {"status": "ok"}
        stamp(engine, BEFORE)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert f"at revision {BEFORE}, older than this version" in answer.get_json()["problem"]
        stamp(engine, "9999")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.get_json()["problem"].startswith("The database is at revision 9999, which this version")
        assert "it is older than the database" in answer.get_json()["problem"]


def test_a_server_that_begins_on_another_revision_says_so(blank, capsys: pytest.CaptureFixture[str]) -> None:
    with blank("begins") as engine:
        migrations.upgrade(engine)
        system.log_start(application())
        assert "doesn't fit" not in "".join(capsys.readouterr())
        stamp(engine, "9999")
        assert not system.database_state().fits
        system.log_start(application())
        logged = "".join(capsys.readouterr())
        assert "the database doesn't fit" in logged
        assert "older than the database" in logged


def test_a_server_that_begins_on_an_empty_database_says_so(blank, capsys: pytest.CaptureFixture[str]) -> None:
    with blank("begins_empty"):
        found = system.database_state()
        assert (found.revision, found.outbox_bytes) == (None, None)
        system.log_start(application())
        assert "away" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(("revision", "status"), [(HEAD, 500), ("9999", 503), (BEFORE, 503)])
@pytest.mark.parametrize("change", ["departments RENAME COLUMN name TO called", "departments RENAME TO wards"])
def test_a_name_that_is_wrong_is_a_fault_where_version_and_database_fit(
    new_database: Any,
    build_app: Any,
    engine_name: str,
    capsys: pytest.CaptureFixture[str],
    change: str,
    revision: str,
    status: int,
) -> None:
    database = new_database(engine_name)
    app = build_app(database_url=database.url)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {change}"))
        stamp(db.engine, revision)
    answer = app.test_client().get("/api/v1/departments/")
    assert answer.status_code == status
    logged = "".join(capsys.readouterr())
    assert ("unexpected" in logged, "/directory/" in logged) == ((True, True) if status == 500 else (False, False))
    with app.app_context():
        db.engine.dispose()
    database.drop()


@pytest.mark.parametrize(("revision", "status"), [(HEAD, 500), ("9999", 503), (BEFORE, 503)])
def test_what_another_version_of_the_database_refuses_is_no_fault_of_the_request(
    new_database: Any, build_app: Any, engine_name: str, revision: str, status: int
) -> None:
    """A version that goes on while the database is ahead of it: its statements may be refused."""
    app = build_app(database_url=new_database(engine_name).url)
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        with engine.begin() as connection:
            connection.execute(text("CREATE UNIQUE INDEX of_another_version ON users (role)"))
        stamp(engine, revision)
    client = app.test_client()
    answers = [client.post("/api/v1/auth/register/", json=person(number)) for number in range(2)]
    assert [each.status_code for each in answers] == [201, status], answers[1].get_data(as_text=True)
    assert answers[1].headers.get("Retry-After") == ("60" if status == 503 else None)


def person(number: int) -> dict[str, str]:
    """A patient who registers."""
    return {
        "email": f"new{number}@example.com", "password": "a long word of mine", "password_confirm": "a long word of mine",
        "full_name": f"Lan {number}", "phone_num": f"090123456{number}", "role": "patient", "date_of_birth": "1990-05-17",
        "gender": "female", "address": "",
    }  # fmt: skip
