"""How the database is brought from one revision to another, also while people use it (docs/decisions/0026).

Each revision has a transaction of its own, which waits for ``LOCK_SECONDS`` until nobody writes and for any table that it alters,
or lets go of all of them and is tried again later; what was done before stays. Knows no HTTP.
"""

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Column, Connection, Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from clinic.db import Base
from clinic.operations import database_errors, readiness
from clinic.operations.readiness import (
    known_revisions,
    migration_config,
    present_revision,
    why_unfit,
)

#: Seconds that a revision waits for a table in one try. Others wait behind it, so it is short; and it is half of
#: PostgreSQL's ``deadlock_timeout``, after which one of two who wait for each other is ended: it gives up before a page is.
LOCK_SECONDS = 0.5
#: Seconds for which a revision is tried again, and those between two tries, of which the last is repeated.
PATIENCE_SECONDS = 120
PAUSES = (0.5, 1, 2, 5)

HEAD, BASE = "head", "base"

Tell = Callable[[str], None]


class _WritersHeld(Exception):
    """Somebody wrote for as long as a revision waited for that to end."""


class MigrationError(Exception):
    """A revision can't be run or taken back; the message says why, where the database stands and what to do."""


@dataclass(frozen=True)
class Step:
    """One revision that is to be run, or taken back."""

    revision: str
    #: The first line of its docstring.
    intent: str
    is_back: bool
    #: Where the database stands before and afterwards; None is without tables.
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """The step as the operator reads it."""
        return f"{'Taking back' if self.is_back else 'Running'} {self.revision}: {self.intent}"


def steps_up(engine: Engine, target: str = HEAD) -> list[Step]:
    """Return what brings the database to ``target``: a revision, ``head``, or ``+1``."""
    return _steps(engine, target, is_back=False)


def steps_down(engine: Engine, target: str = "-1") -> list[Step]:
    """Return what takes the database back to ``target``: a revision, ``base``, or ``-1``."""
    return _steps(engine, target, is_back=True)


def run(
    engine: Engine, steps: Iterable[Step], *, patience: float = PATIENCE_SECONDS, tell: Tell = lambda _: None
) -> None:
    """Run ``steps``, telling each; ``MigrationError`` at the first that fails, those before it stay done."""
    for step in steps:
        tell(str(step))
        try:
            _run_patiently(engine, step, patience, tell)
        except Exception as error:
            raise MigrationError(_why(engine, step, error, patience)) from error


def upgrade(engine: Engine, target: str = HEAD) -> None:
    """Bring the database to ``target``."""
    run(engine, steps_up(engine, target))


def downgrade(engine: Engine, target: str = "-1") -> None:
    """Take the database back to ``target``."""
    run(engine, steps_down(engine, target))


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """Yield a connection for migrations: on SQLite with foreign keys off, and whose transactions write from their begin."""
    with engine.connect().execution_options(begins_writing=True) as connection:
        if engine.dialect.name == "sqlite":
            # Batch mode drops and makes tables again: with foreign keys on it would take the children along. The pragma does
            # nothing inside a transaction, so it goes to the driver before one begins; nobody else gets this connection.
            driver = cast("Any", connection.connection.driver_connection)
            connection.detach()
            driver.execute("PRAGMA foreign_keys = OFF")
            driver.execute(f"PRAGMA busy_timeout = {int(LOCK_SECONDS * 1000)}")
        yield connection


# --- which steps ------------------------------------------------------------------------------------------------------


def _steps(engine: Engine, target: str, *, is_back: bool) -> list[Step]:
    try:
        present = present_revision(engine)
    except SQLAlchemyError as error:
        raise MigrationError(database_errors.sentence(error)) from error
    if present is not None and present not in known_revisions():
        raise MigrationError(why_unfit(present) or "")
    if is_back and present is None:
        return []
    scripts = ScriptDirectory.from_config(migration_config())
    try:
        _refuse_other_way(scripts, target, present, is_back=is_back)
        if is_back:
            found = list(scripts.iterate_revisions(present, target, select_for_downgrade=True))
        else:
            found = list(scripts.iterate_revisions(target, present, implicit_base=True))[::-1]
    except (CommandError, RevisionError) as error:
        reached = "below" if is_back else "above"
        raise MigrationError(
            f"There is no revision {target} {reached} {present or BASE}, where the database is."
        ) from error
    steps = []
    for script in found:
        below = cast("str | None", script.down_revision)
        before, after = (script.revision, below) if is_back else (below, script.revision)
        steps.append(Step(script.revision, script.doc, is_back, before, after))
    return steps


def _refuse_other_way(scripts: ScriptDirectory, target: str, present: str | None, *, is_back: bool) -> None:
    """Raise ``MigrationError`` where ``target`` lies the other way: nothing would be done, and that taken for success."""
    if target[:1] in {"+", "-"}:
        return
    # Nothing is returned for the base, which the library's types don't say.
    script = cast("Script | None", scripts.get_revision(target))
    wanted = None if script is None else script.revision
    # A number each, and each follows the one before.
    if (wanted or "") > (present or "") if is_back else (wanted or "") < (present or ""):
        where, right = ("above", "upgrade") if is_back else ("below", "downgrade")
        raise MigrationError(f"{wanted or BASE} is {where} {present or BASE}, where the database is: use 'db {right}'.")


# --- one step ---------------------------------------------------------------------------------------------------------


def _run_patiently(engine: Engine, step: Step, patience: float, tell: Tell) -> None:
    """Run a step; where somebody holds the tables, again and again for ``patience`` seconds."""
    until = time.monotonic() + patience
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        try:
            _run(engine, step)
        except (SQLAlchemyError, _WritersHeld) as error:
            if not _is_held(error) or time.monotonic() + pause > until:
                raise
            tell(f"  Somebody holds the tables: trying again in {pause:g} s.")
            time.sleep(pause)
        else:
            return


def _run(engine: Engine, step: Step) -> None:
    """Run a step in a transaction of its own."""
    with connected(engine) as connection:
        if engine.dialect.name == "postgresql":
            # At the begin of the step's transaction, which Alembic begins and ends.
            event.listen(connection, "begin", _hold_writers, once=True)
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if step.is_back else command.upgrade)(config, step.after or BASE)


def _hold_writers(connection: Connection) -> None:
    """Wait until nobody writes, and let nobody begin to; whoever reads goes on until a table of theirs is altered.

    A step that took one table after the other would meet who holds the next and waits for this one. Tables that others refer
    to come first, as commands take them. Whatever can't be had within ``LOCK_SECONDS`` is given up.
    """
    limit = f"'{int(LOCK_SECONDS * 1000)}ms'"
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {limit}")
    present = connection.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'")
    ).all()
    quoted = connection.dialect.identifier_preparer.quote
    tables = [quoted(table.name) for table in Base.metadata.sorted_tables if table.name in present]
    if tables:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
        try:
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        except SQLAlchemyError as error:
            # Of this statement alone the end of its time says that somebody is in the way.
            if database_errors.is_ended(error):
                raise _WritersHeld from error
            raise
    # What is done with them takes as long as it takes.
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


# --- what is said of a failure ----------------------------------------------------------------------------------------


def _why(engine: Engine, step: Step, error: Exception, patience: float) -> str:
    """Return what failed, where the database stands now and what to do."""
    done = "taken back" if step.is_back else "run"
    stands, holder = _look(engine)
    if _is_held(error):
        reason = f"somebody has held the tables for {patience:g} seconds{holder}"
        advice = (
            "Let a backup or report end, then run the command again, with --maintenance where many people are served."
        )
    elif isinstance(error, SQLAlchemyError):
        reason = database_errors.sentence(error).rstrip(".")
        reason = reason[0].lower() + reason[1:]
        advice = "Mend that and run the command again: it goes on from there."
    else:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}{_line(error)}"
        advice = "Tell the portal's developers; the version that fits the database can be started meanwhile."
    return f"Revision {step.revision} can't be {done}: {reason}. {stands} {advice}"


def _is_held(error: Exception) -> bool:
    return isinstance(error, _WritersHeld) or database_errors.is_held(error)


def _look(engine: Engine) -> tuple[str, str]:
    """Return where the database stands, and who has held something in it for the longest."""
    try:
        stands = f"The database is at {present_revision(engine) or 'no revision, without tables'}."
        if engine.dialect.name == "sqlite":
            return stands, ""
        with engine.connect() as connection:
            longest = connection.execute(text(_LONGEST), {"least": LOCK_SECONDS}).first()
    except SQLAlchemyError:
        return "Where the database stands is told by 'flask --app wsgi check' once it can be reached.", ""
    if longest is None:
        return stands, ""
    name = f" ({longest.application_name})" if longest.application_name else ""
    return stands, f", the oldest transaction is process {longest.pid}{name}, {longest.seconds} seconds old"


_LONGEST = """
SELECT pid, application_name, extract(epoch FROM now() - xact_start)::int AS seconds FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND now() - xact_start > make_interval(secs => :least) ORDER BY xact_start LIMIT 1"""


def _line(error: Exception) -> str:
    """Return the place in the migration at which an error was raised."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.parent == readiness.MIGRATIONS / "versions":
            return f" ({file.name}, line {frame.lineno})"
    return ""


#: In the names of SQLite's tables of trigrams, which aren't tables as SQLAlchemy knows them.
_FULL_TEXT = "_trigrams"


def comparable(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Tell Alembic what it can compare: all but our indexes over expressions, which SQLite reflects wrongly, and what only
    one of the databases has."""
    if kind == "table" and reflected and _FULL_TEXT in (name or ""):
        return False
    table = Base.metadata.tables.get(item.table.name) if kind == "index" else None
    ours = {str(index.name): index for index in table.indexes} if table is not None else {}
    index = ours.get(name or "")
    return index is None or (
        all(isinstance(part, Column) for part in index.expressions) and not index.dialect_options["postgresql"]["using"]
    )
