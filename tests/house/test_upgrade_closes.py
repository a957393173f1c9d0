"""`flask db upgrade --maintenance`: the portal is closed meanwhile, and who opens it when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import text

from clinic.cli import upgrade as commands
from clinic.operations import maintenance, migrations, system
from clinic.operations.readiness import known_revisions, present_revision
from tests.house.test_upgrade import BEFORE, IN_THE_WAY, Run, application, stamp

HEAD = known_revisions()[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is being answered who would want time for it."""
    monkeypatch.setattr(commands, "GRACE_SECONDS", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What closes the portal, where `run_command` has it."""
    return tmp_path / "closed.json"


def come_up(file: Path) -> bool:
    """Start the portal with one process; whether that opens it."""
    return maintenance.end_after_upgrade(file, {system.serving_revision(application())})


def test_it_is_closed_until_the_version_that_fits_starts(blank, run_command: Run, file: Path) -> None:
    with blank("closed") as engine:
        migrations.upgrade(engine, BEFORE)
        status, lines = run_command(commands.upgrade, "--maintenance")
        assert (status, lines[0]) == (0, "The portal is closed for maintenance.")
        assert maintenance.present(file) == maintenance.Maintenance(opens_at=HEAD)
        stamp(engine, BEFORE)
        come_up(file)
        assert maintenance.present(file), "the database doesn't fit, though the version does"
        stamp(engine, HEAD)
        come_up(file)
        assert maintenance.present(file) is None
        assert run_command(commands.upgrade, "--maintenance") == (0, [f"The database is already at {HEAD}."])
        assert maintenance.present(file) is None


def test_an_older_version_does_not_open_it(blank, run_command: Run, file: Path) -> None:
    with blank("older"):
        maintenance.begin(file, opens_at="9999")
        run_command(commands.upgrade)
        come_up(file)
        assert maintenance.present(file) == maintenance.Maintenance(opens_at="9999")


def test_it_is_opened_again_where_nothing_was_changed(blank, run_command: Run, file: Path) -> None:
    with blank("reopened") as engine:
        migrations.upgrade(engine, BEFORE)
        with engine.begin() as connection:
            connection.execute(text(IN_THE_WAY))
        status, lines = run_command(commands.upgrade, "--maintenance")
        assert (status, lines[2]) == (1, "Nothing was changed: the portal is open again.")
        assert maintenance.present(file) is None


def test_it_stays_closed_where_something_was_changed(blank, run_command: Run, file: Path) -> None:
    """At the second try nothing is changed either, but the first has changed something."""
    with blank("stays") as engine:
        migrations.upgrade(engine, "0017")
        with engine.begin() as connection:
            connection.execute(text(IN_THE_WAY))
        for _ in range(2):
            status, lines = run_command(commands.upgrade, "--maintenance")
            assert (status, lines[-2]) == (1, "The portal stays closed.")
            assert maintenance.present(file) == maintenance.Maintenance(opens_at=HEAD)
        assert present_revision(engine) == BEFORE


def test_what_the_operator_closed_only_the_operator_opens(blank, run_command: Run, file: Path) -> None:
    with blank("by_hand") as engine:
        migrations.upgrade(engine, BEFORE)
        maintenance.begin(file, note="We move.")
        status, lines = run_command(commands.upgrade, "--maintenance")
        assert (status, lines[0]) == (0, "The portal is closed already, and stays so until 'maintenance off'.")
        come_up(file)
        assert maintenance.present(file) == maintenance.Maintenance(note="We move.")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_portal_that_can_not_be_closed_is_not_upgraded(blank, tmp_path: Path) -> None:
    with blank("unclosed") as engine:
        (tmp_path / "a_file").write_text("")
        current_app.config["MAINTENANCE_FILE"] = tmp_path / "a_file" / "closed.json"
        ended = current_app.test_cli_runner().invoke(commands.upgrade, ["--maintenance"])
        assert (ended.exit_code, "see MAINTENANCE_FILE" in ended.output) == (1, True)
        assert present_revision(engine) is None


def test_the_file_says_at_which_revision_and_older_files_are_read(file: Path) -> None:
    maintenance.begin(file, opens_at="0042")
    assert json.loads(file.read_text()) == {"until": None, "note": "", "opens_at": "0042"}
    file.write_text('{"until": null, "note": "x"}')
    assert maintenance.present(file) == maintenance.Maintenance(note="x")


def test_it_stays_closed_while_a_process_is_of_another_version(file: Path) -> None:
    maintenance.begin(file, opens_at="0042")
    for serving in ({"0042", "0041"}, {"0042", ""}, {""}, set()):
        assert not maintenance.end_after_upgrade(file, serving)
    assert maintenance.end_after_upgrade(file, {"0042"})
    assert not maintenance.end_after_upgrade(file, {"0042"}), "it is open"
