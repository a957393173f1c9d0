"""`flask db upgrade | downgrade`: each revision in a transaction of its own, named as it runs, and tried again while others
hold the tables; what goes wrong ends in one sentence that says where the database stands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Barrier, Thread, Timer

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import Engine, create_engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from clinic.cli import upgrade as commands
from clinic.db import Base
from clinic.operations import migrations, readiness
from clinic.operations.database_errors import ENDED, is_held, sentence
from clinic.operations.migrations import MigrationError
from clinic.operations.readiness import known_revisions, migration_config, present_revision, why_unfit
from tests.settings import PATIENCE

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")

#: 0019 makes a table, so one of that name in its way makes it fail.
BEFORE, FAILING = "0018", "0019"
IN_THE_WAY = "CREATE TABLE mail_workers (host integer)"
HEAD = known_revisions()[0]

PATIENT_OF_NO_USER = {"user_id": 77, "date_of_birth": date(1990, 5, 17), "gender": "female"}

Run = Callable[..., tuple[int, list[str]]]


def application() -> Flask:
    """The application whose context is open."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@contextmanager
def held(engine: Engine) -> Iterator[Callable[[], None]]:
    """Write without an end, as an open session does; yields the release."""
    with engine.connect() as other:
        other.execution_options(begins_writing=True)
        other.execute(text("UPDATE users SET is_active = is_active"))
        yield other.rollback


def intents() -> dict[str, str]:
    """What each revision is for, the first one first."""
    scripts = ScriptDirectory.from_config(migration_config())
    return {each.revision: each.doc for each in reversed(list(scripts.walk_revisions()))}


# --- what is said -----------------------------------------------------------------------------------------------------


def test_each_revision_is_named_as_it_runs(blank, run_command: Run) -> None:
    with blank("named"):
        status, lines = run_command(commands.upgrade)
        assert status == 0
        assert lines[:-1] == [f"Running {revision}: {intent}" for revision, intent in intents().items()]
        assert lines[-1] == f"The database is at {HEAD} now."
        assert run_command(commands.upgrade) == (0, [f"The database is already at {HEAD}."])
        newest = list(intents())[-2:]
        assert run_command(commands.downgrade, "-2") == (
            0,
            [f"Taking back {each}: {intents()[each]}" for each in reversed(newest)]
            + [f"The database is at {list(intents())[-3]} now."],
        )


@pytest.mark.parametrize("target", ["nowhere", "+99"])
def test_a_revision_that_is_not_there_is_told(blank, run_command: Run, target: str) -> None:
    with blank("nowhere") as engine:
        said = f"Error: There is no revision {target} above base, where the database is."
        assert run_command(commands.upgrade, target) == (1, [said])
        assert run_command(commands.downgrade) == (0, ["The database is already at base."])
        assert present_revision(engine) is None


def test_up_is_not_taken_for_down(blank, run_command: Run) -> None:
    with blank("other_way") as engine:
        migrations.upgrade(engine, BEFORE)
        for target in ("0010", "base"):
            said = f"Error: {target} is below {BEFORE}, where the database is: use 'db downgrade'."
            assert run_command(commands.upgrade, target) == (1, [said])
        for target, revision in (("0020", "0020"), ("head", HEAD)):
            said = f"Error: {revision} is above {BEFORE}, where the database is: use 'db upgrade'."
            assert run_command(commands.downgrade, target) == (1, [said])
        for each in (commands.upgrade, commands.downgrade):
            assert run_command(each, BEFORE) == (0, [f"The database is already at {BEFORE}."])
        assert present_revision(engine) == BEFORE


def test_statements_are_printed_whole_or_not_at_all(blank, run_command: Run) -> None:
    with blank("printed") as engine:
        status, lines = run_command(commands.upgrade, "--sql", "0024:0025")
        assert (status, any("UPDATE alembic_version" in line for line in lines)) == (0, True)
        said = "Error: A revision of base:head looks at the database before it changes it, so its statements can't be printed."
        assert run_command(commands.upgrade, "--sql", "base:head") == (1, [said])
        status, lines = run_command(commands.upgrade, "--sql")
        assert (status, lines[-1]) == (2, "Error: --sql wants FROM:TO, for example 0024:0025.")
        assert run_command(commands.upgrade, "--sql", "0024:nowhere")[0] == 1
        assert present_revision(engine) is None


def test_a_database_of_a_newer_version_is_left_alone(blank, run_command: Run) -> None:
    with blank("newer") as engine:
        migrations.upgrade(engine)
        stamp(engine, "9999")
        for each in (commands.upgrade, commands.downgrade):
            status, lines = run_command(each)
            assert (status, lines) == (1, [f"Error: {why_unfit('9999')}"])


def stamp(engine: Engine, revision: str) -> None:
    """Let the database say that it is at a revision."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


# --- a transaction for each -------------------------------------------------------------------------------------------


def test_a_revision_that_fails_leaves_those_before_it(blank, run_command: Run) -> None:
    with blank("fails") as engine:
        migrations.upgrade(engine, "0016")
        with engine.begin() as connection:
            connection.execute(text(IN_THE_WAY))
        status, lines = run_command(commands.upgrade)
        assert (status, len(lines)) == (1, 4), lines
        assert lines[-1].startswith(f"Error: Revision {FAILING} can't be run: the database refuses: ")
        assert f" The database is at {BEFORE}. " in lines[-1]
        assert present_revision(engine) == BEFORE
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE mail_workers"))
        assert run_command(commands.upgrade)[1][0] == f"Running {FAILING}: {intents()[FAILING]}"
        assert present_revision(engine) == HEAD


FAULTY = """
revision, down_revision = "9001", "{head}"


def upgrade():
    from alembic import op

    op.execute("CREATE TABLE half_made (n integer)")
    raise KeyError("a fault")


def downgrade():
    raise NotImplementedError
"""


@pytest.fixture
def further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Adds a revision after the newest one."""
    folder = tmp_path / "migrations"
    shutil.copytree(readiness.MIGRATIONS, folder)
    monkeypatch.setattr(readiness, "MIGRATIONS", folder)

    def add(source: str) -> None:
        (folder / "versions" / "9001_further.py").write_text('"""Something further."""\n' + source.format(head=HEAD))
        known_revisions.cache_clear()

    yield add
    monkeypatch.undo()
    known_revisions.cache_clear()


def test_a_fault_of_a_revision_names_its_line_and_leaves_nothing(
    blank, run_command: Run, further: Callable[[str], None]
) -> None:
    further(FAULTY)
    with blank("fault") as engine:
        migrations.upgrade(engine, HEAD)
        status, lines = run_command(commands.upgrade)
        assert (status, lines[0], len(lines)) == (1, "Running 9001: Something further.", 2)
        said = "Error: Revision 9001 can't be run: KeyError: 'a fault' (9001_further.py, line 10)."
        assert lines[1].startswith(f"{said} The database is at {HEAD}.")
        assert "half_made" not in inspect(engine).get_table_names()


INDEXING = """
revision, down_revision = "9001", "{head}"

from clinic import online_indexes


def upgrade():
    online_indexes.create_index("ix_further", "users", ["phone_num", "id"])


def downgrade():
    online_indexes.drop_index("ix_further", "users")
"""


def test_an_index_is_made_while_people_write(blank, further: Callable[[str], None]) -> None:
    """Also where an earlier try has left half of it, and the way back."""
    further(INDEXING)
    with blank("indexed") as engine:
        migrations.upgrade(engine, HEAD)
        told: list[str] = []
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                connection.execute(text("CREATE INDEX ix_further ON users (id)"))
        migrations.run(engine, migrations.steps_up(engine), tell=told.append)
        assert told == ["Running 9001: Something further."]
        columns = {each["name"]: each["column_names"] for each in inspect(engine).get_indexes("users")}
        assert columns["ix_further"] == ["phone_num", "id"]
        assert present_revision(engine) == "9001"
        migrations.downgrade(engine)
        assert "ix_further" not in {each["name"] for each in inspect(engine).get_indexes("users")}
        # In a transaction of somebody else's, as a restore is, it is an index as any other.
        with engine.begin() as connection:
            config = migration_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.rollback()
        assert present_revision(engine) == HEAD


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_no_limit_of_the_role_ends_an_index(blank, further: Callable[[str], None]) -> None:
    """It waits for a report that is older, for longer than the role's statements may take."""
    further(INDEXING)
    with blank("unlimited") as engine:
        migrations.upgrade(engine, HEAD)
        limited = create_engine(engine.url.update_query_dict({"options": "-c statement_timeout=300"}))
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as report:
            report.execute(text("SELECT count(*) FROM users"))
            end = Timer(2, report.rollback)
            end.start()
            told: list[str] = []
            migrations.run(limited, migrations.steps_up(limited), tell=told.append)
            end.join()
        assert told == ["Running 9001: Something further."]
        limited.dispose()
        assert present_revision(engine) == "9001"


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_statement_that_took_too_long_is_not_held_by_anybody(blank) -> None:
    with blank("slow") as engine, engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 50"))
        with pytest.raises(DBAPIError) as error:
            connection.execute(text("SELECT pg_sleep(5)"))
        assert not is_held(error.value)
        assert sentence(error.value) == ENDED
        connection.rollback()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nothing_is_left_without_what_it_refers_to(blank, run_command: Run) -> None:
    with blank("orphans") as engine:
        migrations.upgrade(engine, BEFORE)
        with migrations.connected(engine) as connection:
            connection.execute(insert(Base.metadata.tables["patients"]), [PATIENT_OF_NO_USER])
            connection.commit()
        status, lines = run_command(commands.upgrade)
        assert status == 1
        assert "left rows without what they refer to" in lines[-1]
        assert present_revision(engine) == BEFORE
        assert "mail_workers" not in inspect(engine).get_table_names()


# --- others hold the tables -------------------------------------------------------------------------------------------


def test_only_the_revision_that_waited_is_tried_again(blank) -> None:
    with blank("waits") as engine:
        migrations.upgrade(engine, "0017")
        told: list[str] = []
        with held(engine) as release:

            def tell(line: str) -> None:
                told.append(line)
                if "trying again" in line:
                    release()

            migrations.run(engine, migrations.steps_up(engine, "+2"), tell=tell)
        assert present_revision(engine) == "0019"
        assert told == [
            f"Running 0018: {intents()['0018']}",
            "  Somebody holds the tables: trying again in 0.5 s.",
            f"Running 0019: {intents()['0019']}",
        ]


def test_whoever_never_lets_go_is_told_of(blank, run_command: Run) -> None:
    with blank("forever") as engine:
        migrations.upgrade(engine, BEFORE)
        with held(engine):
            status, lines = run_command(commands.upgrade, "--wait", "1.5")
        assert (status, len(lines)) == (1, 3), lines
        assert lines[-1].startswith(
            f"Error: Revision {FAILING} can't be run: somebody has held the tables for 1.5 seconds"
        )
        assert f"The database is at {BEFORE}. Let a backup or report end" in lines[-1]
        assert ("the oldest transaction is process " in lines[-1]) is (engine.dialect.name == "postgresql")
        assert present_revision(engine) == BEFORE


def test_readers_wait_for_a_try_and_not_for_all_of_them(blank) -> None:
    """While a revision waits for the next try it holds nothing."""
    with blank("between") as engine:
        migrations.upgrade(engine, BEFORE)
        seen = []

        def tell(line: str) -> None:
            if "trying again" in line:
                with engine.connect() as reader:
                    seen.append(reader.scalar(text("SELECT count(*) FROM users")))

        with held(engine), pytest.raises(MigrationError):
            migrations.run(engine, migrations.steps_up(engine), patience=2, tell=tell)
        assert set(seen) == {0}


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_deadlock_is_a_reason_to_try_again(blank) -> None:
    with blank("deadlock") as engine:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE a (n integer)"))
            connection.execute(text("CREATE TABLE b (n integer)"))
        both, ended = Barrier(2), []

        def lock(first: str, second: str) -> None:
            with engine.connect() as connection:
                connection.execute(text(f"LOCK TABLE {first}"))
                both.wait(PATIENCE)
                try:
                    connection.execute(text(f"LOCK TABLE {second}"))
                except DBAPIError as error:
                    ended.append(error)

        threads = [Thread(target=lock, args=order) for order in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert [is_held(error) for error in ended] == [True]
