"""A SQLite database into a backup and out of it, by SQLite's own online copy: readers and writers go on meanwhile.

A SQLite file brings statements along (triggers, views, expressions). Of a backup only the rows are taken, into a database that
our own migrations have made beside it; that one is then copied into the place of the old one.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine

from clinic.accounts.for_domains import end_all_proofs
from clinic.operations.backups.archive import CHUNK, Archive, ArchiveWriter, BackupError, Contents, Table
from clinic.operations.backups.tables import (
    REVISIONS,
    check_columns,
    check_same_columns,
    is_ours,
    is_set_aside,
    only_ours,
)
from clinic.operations.database_errors import MIGRATE_FIRST
from clinic.triggers import refusal

#: Makes the tables of a revision in the transaction of a connection.
Migrate = Callable[[Connection, str], None]

MEMBER = "clinic.db"
#: Seconds to wait for somebody who holds the database.
_PATIENCE = 60


def copy_out(engine: Engine, archive: ArchiveWriter, folder: Path) -> Contents:
    """Copy the database into a file in ``folder``, check that, and write it to ``archive``."""
    copy = folder / MEMBER
    with engine.connect() as connection, closing(sqlite3.connect(copy)) as into:
        # The file is thrown away where anything goes wrong, so it need not reach the disk.
        into.execute("PRAGMA synchronous = OFF")
        _copy(cast(sqlite3.Connection, connection.connection.driver_connection), into)
        # One file without a log beside it, for whoever opens it by hand.
        into.execute("PRAGMA journal_mode = DELETE")
    contents = checked(copy)
    with archive.member(MEMBER) as member, copy.open("rb") as source:
        while chunk := source.read(CHUNK):
            member.write(chunk)
    copy.unlink()
    return contents


def copy_in(
    engine: Engine,
    archive: Archive,
    folder: Path,
    *,
    migrate: Migrate,
    refuse_to_lose: Callable[[Connection], None],
) -> None:
    """Put the rows of the backup in the place of the database, in one transaction, with every sign-in of then ended.

    ``migrate`` makes the tables of a revision, in ``folder``; ``refuse_to_lose`` is asked once nobody can write any more.
    """
    copy, own = folder / MEMBER, folder / "restored.db"
    archive.extract(MEMBER, copy)
    _compare(checked(copy), archive)
    with made_at(own) as connection:
        migrate(connection, archive.manifest.revision)
    _take_rows(copy, own, list(only_ours(archive.manifest.tables)), archive.manifest.revision)
    _compare(checked(own), archive)
    with made_at(own) as connection:
        end_all_proofs(connection, "restored")
    with closing(sqlite3.connect(f"{own.as_uri()}?immutable=1", uri=True)) as source, engine.connect() as connection:
        into = cast(sqlite3.Connection, connection.connection.driver_connection)

        def refuse() -> None:
            # What the database holds is read beside the copy, which is committed at its end.
            with engine.connect() as reader:
                refuse_to_lose(reader)

        _copy(source, into, once_held=refuse)
        _compare(_contents(into), archive)


@contextmanager
def made_at(path: Path) -> Iterator[Connection]:
    """Open a transaction on a file that is thrown away where anything goes wrong, so it need not reach the disk."""
    url = URL.create("sqlite", database=str(path))
    with create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None}).connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        connection.exec_driver_sql("BEGIN")
        yield connection
        connection.commit()


# --- rows of a file that may hold anything ----------------------------------------------------------------------------


def _take_rows(copy: Path, own: Path, tables: list[str], revision: str) -> None:
    """Fill our tables in ``own`` with the rows of ``copy``, whose own statements are never run."""
    with closing(sqlite3.connect(own.as_uri(), uri=True, isolation_level=None)) as into:
        _distrust(into)
        into.execute("PRAGMA synchronous = OFF")
        into.execute("ATTACH ? AS backup", [f"{copy.as_uri()}?immutable=1"])
        into.execute("BEGIN")
        # Ours count, note and refuse what is written one by one: rows that come back have been through that.
        triggers = into.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _statement in triggers:
            into.execute(f'DROP TRIGGER main."{name}"')
        for table in tables:
            _table_in(into, table, revision)
        for _name, statement in triggers:
            into.execute(statement)
        _rebuild_full_text(into)
        into.execute("COMMIT")


def _distrust(database: sqlite3.Connection) -> None:
    """Let expressions in a schema call nothing that does more than to compute."""
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")


def _table_in(into: sqlite3.Connection, table: str, revision: str) -> None:
    """Take the rows of one of our tables; one that was set aside is made, and keeps its rows."""
    ours, theirs = (_columns(into, table, schema) for schema in ("main", "backup"))
    columns = _list(theirs)
    if is_set_aside(table):
        check_columns(table, theirs)
        into.execute(f'CREATE TABLE main."{table}" AS SELECT {columns} FROM backup."{table}"')  # noqa: S608 - checked names
        for action in ("UPDATE", "DELETE"):
            for statement in refusal("sqlite", table, action):
                into.execute(statement)
        return
    check_same_columns(table, theirs, ours, revision)
    # Migrations may have written rows of their own; the backup's are the only ones.
    into.execute(f'DELETE FROM main."{table}"')  # noqa: S608 - a name of ours
    into.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM backup."{table}"')  # noqa: S608 - our names


def _rebuild_full_text(into: sqlite3.Connection) -> None:
    """Fill the tables that only repeat what stands in others, for search."""
    query = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    for (name,) in into.execute(query).fetchall():
        into.execute(f"""INSERT INTO main."{name}" ("{name}") VALUES ('rebuild')""")  # noqa: S608 - a name of ours


def _list(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


# --- what a database holds --------------------------------------------------------------------------------------------


def checked(path: Path) -> Contents:
    """Return what a file holds; ``BackupError`` where SQLite finds it broken."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as file:
        _distrust(file)
        (state,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        if state != "ok":
            raise BackupError(f"The database is damaged, so it isn't copied: {' '.join(str(state).split())}.")
        if broken := file.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(
                f"The database is damaged: a row of {broken[0]} refers to a row of {broken[2]} that isn't there."
            )
        return _contents(file)


def _contents(database: sqlite3.Connection) -> Contents:
    names = _table_names(database)
    if REVISIONS not in names:
        raise BackupError(f"The database is empty: {MIGRATE_FIRST}.")
    revisions = database.execute("SELECT version_num FROM alembic_version").fetchall()
    tables = {
        name: Table(rows=database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - our own tables
        for name in names
        if is_ours(name)
    }
    return Contents(revision=revisions[0][0] if revisions else "", tables=tables)


def columns_in(archive: Archive, folder: Path) -> dict[str, list[str]]:
    """Return the columns of each of our tables in a backup, which is unpacked into ``folder`` for that."""
    copy = folder / MEMBER
    archive.extract(MEMBER, copy)
    found = columns_of(copy)
    copy.unlink()
    return found


def columns_of(path: Path) -> dict[str, list[str]]:
    """Return the columns of each of our tables in a file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as file:
        _distrust(file)
        return {name: _columns(file, name) for name in _table_names(file) if is_ours(name)}


def _columns(database: sqlite3.Connection, table: str, schema: str = "main") -> list[str]:
    return [name for (name,) in database.execute("SELECT name FROM pragma_table_info(?, ?)", [table, schema])]


def _table_names(database: sqlite3.Connection) -> list[str]:
    # No virtual table: those repeat what stands in others, and in a strange file they may be anything.
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY name"
    return [name for (name,) in database.execute(query).fetchall()]


def _compare(found: Contents, archive: Archive) -> None:
    manifest = archive.manifest
    if (found.revision, found.tables) != (manifest.revision, only_ours(manifest.tables)):
        raise BackupError("The copy isn't what its manifest says.")


def _copy(source: sqlite3.Connection, into: sqlite3.Connection, *, once_held: Callable[[], None] | None = None) -> None:
    """Copy a database within one transaction of either, so whatever is seen is whole.

    ``once_held`` is called when nobody else can write to ``into`` any more; what it raises leaves that as it was. Nobody may
    write to ``source`` then.
    """
    # The first page takes the lock; where nothing is asked all of them go in one step.
    source.backup(into, pages=1 if once_held else -1, progress=_progress(once_held))


def _progress(once_held: Callable[[], None] | None) -> Callable[[int, int, int], None]:
    """Return what SQLite calls after each step; it tries again and again while somebody holds the database."""
    until = time.monotonic() + _PATIENCE
    waiting = once_held

    def stepped(status: int, _remaining: int, _total: int) -> None:
        nonlocal waiting
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > until:
                raise BackupError(
                    f"Somebody holds the database for more than {_PATIENCE} seconds: stop the portal and the worker."
                )
        elif waiting is not None:
            call, waiting = waiting, None
            call()

    return stepped
