"""The operator's commands for backups: what they say, pipes, folders, and what makes no sense."""

from __future__ import annotations

import io
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from clinic import cli, clock, scheduling
from clinic.cli.backups import cleaning_up_when_stopped
from clinic.db import Base, session
from clinic.operations import maintenance


@pytest.fixture
def run_command(app: Flask, app_context: None) -> Callable[..., Any]:
    """Runs a command of the operator's."""
    return lambda command, *words, **more: app.test_cli_runner().invoke(command, [str(word) for word in words], **more)


def test_the_commands_say_what_they_did(run_command, app, tmp_path):
    file = tmp_path / "copy.zip"
    made = run_command(cli.backup, file)
    assert (made.exit_code, file.exists()) == (0, True)
    assert f"rows in {len(Base.metadata.tables)} tables (" in made.output
    assert "is whole: " in run_command(cli.backup, "--verify", file).output
    refused = run_command(cli.restore, file)
    assert (refused.exit_code, refused.output) == (
        1, "Error: The database has data: restore into an empty one, or say --replace to lose what it holds.\n",
    )  # fmt: skip
    app.config["MAINTENANCE_FILE"] = tmp_path / "closed.json"
    maintenance.begin(tmp_path / "closed.json")
    restored = run_command(cli.restore, "--replace", file)
    assert restored.exit_code == 0
    assert "Restored " in restored.output
    assert "still closed" in restored.output


def test_a_backup_goes_through_a_pipe(run_command, database, tmp_path):
    made = run_command(cli.backup, "-")
    assert made.exit_code == 0
    database.reset()
    assert run_command(cli.restore, "-", input=io.BytesIO(made.stdout_bytes)).exit_code == 0
    assert session().scalar(text("SELECT count(*) FROM users")) == 5
    cut = run_command(cli.restore, "-", input=io.BytesIO(made.stdout_bytes[:-9]))
    assert (cut.exit_code, cut.output.startswith("Error: standard input is damaged")) == (1, True)


def test_a_folder_gets_a_dated_file(run_command, tmp_path):
    for _ in range(2):
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        made = run_command(cli.backup, "--folder", tmp_path, "--keep", 3)
        assert made.exit_code == 0
        [file] = tmp_path.iterdir()
        assert str(file) in made.output


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a.zip", "--folder", "."),
        ("a.zip", "--keep", "3"),
        ("--verify",),
        ("-", "--verify"),
        ("--folder", ".", "--keep", "0"),
    ],
)
def test_words_that_make_no_sense_are_refused(run_command, words):
    refused = run_command(cli.backup, *words)
    assert (refused.exit_code, "Usage:" in refused.output) == (2, True)


def test_a_command_that_is_stopped_leaves_nothing(tmp_path):
    def stopped() -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path):
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, cleaning_up_when_stopped():
        stopped()
    assert (ended.value.code, list(tmp_path.iterdir())) == (143, [])
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_mail_that_waited_is_told_of(run_command, app, database, cast, tmp_path):
    scheduling.book(
        cast.actor("ana"), doctor_id=cast.chen, department_id=cast.cardiology,
        on=clock.today() + timedelta(days=3), at=scheduling.SLOT_TIMES[0],
    )  # fmt: skip
    run_command(cli.backup, tmp_path / "copy.zip")
    database.reset()
    assert "1 mails waited then." in run_command(cli.restore, tmp_path / "copy.zip").output
