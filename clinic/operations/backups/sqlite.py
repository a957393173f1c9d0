"""A SQLite database into a backup and out of it, by SQLite's own online copy: readers and writers go on meanwhile."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from clinic.operations.backups.archive import CHUNK, Archive, ArchiveWriter, BackupError, Contents, Table

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


def copy_in(engine: Engine, archive: Archive, folder: Path) -> None:
    """Put the backup in the place of the database, in one transaction; the copy of it is checked first and afterwards."""
    copy = folder / MEMBER
    archive.extract(MEMBER, copy)
    _compare(checked(copy), archive)
    with closing(sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)) as source, engine.connect() as connection:
        into = cast(sqlite3.Connection, connection.connection.driver_connection)
        _copy(source, into)
        _compare(_contents(into), archive)
    copy.unlink()


def checked(path: Path) -> Contents:
    """Return what a file holds; ``BackupError`` where SQLite finds it broken."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as file:
        (state,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        if state != "ok":
            raise BackupError(f"The database is damaged, so it isn't copied: {' '.join(str(state).split())}.")
        if broken := file.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError(
                f"The database is damaged: a row of {broken[0]} refers to a row of {broken[2]} that isn't there."
            )
        return _contents(file)


def _contents(database: sqlite3.Connection) -> Contents:
    # Not the tables in which an index of words keeps itself: it is copied with the file, and made of what the others hold.
    query = (
        "SELECT name FROM pragma_table_list"
        " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    names = [name for (name,) in database.execute(query).fetchall()]
    if "alembic_version" not in names:
        raise BackupError("The database is empty: run 'flask --app wsgi db upgrade' first.")
    revisions = database.execute("SELECT version_num FROM alembic_version").fetchall()
    tables = {
        name: Table(rows=database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - our own tables
        for name in names
        if name != "alembic_version"
    }
    return Contents(revision=revisions[0][0] if revisions else "", tables=tables)


def _compare(found: Contents, archive: Archive) -> None:
    manifest = archive.manifest
    if (found.revision, found.tables) != (manifest.revision, manifest.tables):
        raise BackupError("The copy isn't what its manifest says.")


def _copy(source: sqlite3.Connection, into: sqlite3.Connection) -> None:
    """Copy a database in one step: within one transaction of either, so whatever is seen is whole."""
    source.backup(into, progress=_impatient())


def _impatient() -> Callable[[int, int, int], None]:
    """Return what SQLite calls after each try; it asks again and again while somebody holds the database."""
    until = time.monotonic() + _PATIENCE

    def tried(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise BackupError(
                f"Somebody holds the database for more than {_PATIENCE} seconds: stop the portal and the worker."
            )

    return tried
