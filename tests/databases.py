"""The real databases that tests run on, SQLite files and databases of a PostgreSQL server: copies of a template that has
every migration, and the cast at hand. `run.py` makes the templates and the server.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

#: The ids of the cast and of where they work, by the names of `people.Cast`.
Ids = dict[str, int]
#: Longer than any test waits, on a busy machine too: whoever runs into it has locked itself out.
LOCKED_FOR = 60
#: Where a PostgreSQL database keeps the rows of the cast and how it is emptied, out of the portal's sight.
KEPT = "clinic_test"


class Database(Protocol):
    """A migrated database of a test's own."""

    engine: str
    url: str
    cast: Ids

    def reset(self, *, with_cast: bool = False) -> None:
        """Empties it again but for the cast, if that is wanted; also while a server is connected to it."""

    def drop(self) -> None:
        """Removes it."""

    def away(self) -> AbstractContextManager[None]:
        """Takes it from everybody for a while: SQLite lets nobody write, PostgreSQL nobody in."""


@dataclass(frozen=True)
class SqliteTemplate:
    """A migrated file, and one with the cast in it."""

    empty: Path
    with_cast: Path
    cast: Ids


class SqliteDatabase:
    """A copy of a template's file."""

    engine = "sqlite"

    def __init__(self, template: SqliteTemplate, path: Path) -> None:
        self._template = template
        self._path = path
        self.cast = template.cast
        self.url = f"sqlite:///{path}"
        shutil.copyfile(template.empty, path)

    def reset(self, *, with_cast: bool = False) -> None:
        """Writes the template over it by SQLite's own backup, so that open connections see one clean change."""
        source = self._template.with_cast if with_cast else self._template.empty
        with (
            closing(sqlite3.connect(source)) as template,
            closing(sqlite3.connect(self._path, timeout=LOCKED_FOR)) as here,
        ):
            here.execute("PRAGMA synchronous = OFF")
            template.backup(here)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Holds the write lock."""
        # Taken and given back by whichever threads the test has.
        with closing(sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def drop(self) -> None:
        """Removes the file and what SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)


@dataclass(frozen=True)
class PostgresTemplate:
    """A migrated database without a row; `PostgresServer.keep_rows` has kept those of the cast."""

    server: PostgresServer
    name: str
    cast: Ids


class PostgresDatabase:
    """A copy of a template's database."""

    engine = "postgresql"

    def __init__(self, template: PostgresTemplate, name: str) -> None:
        self._server = template.server
        self._name = name
        self.cast = template.cast
        self.url = self._server.url_of(name)
        self._server.create(name, template.name)
        self._connection = psycopg.connect(self._server.dsn_of(name), autocommit=True)
        self._connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(f"{LOCKED_FOR}s")))

    def reset(self, *, with_cast: bool = False) -> None:
        """Empties it by the function that its template keeps: some eighty times cheaper than a new copy."""
        self._connection.execute(f"SELECT {KEPT}.reset(%s)", [with_cast])

    @contextmanager
    def away(self) -> Iterator[None]:
        """Lets nobody connect and ends every connection but the one that empties it."""
        self._server.open(self._name, False)
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [self._name],
        )
        try:
            yield
        finally:
            self._server.open(self._name, True)

    def drop(self) -> None:
        """Drops the database, whoever is still connected."""
        self._connection.close()
        self._server.drop(self._name)


class PostgresServer:
    """A PostgreSQL server that databases can be created on."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")

    def url_of(self, name: str | None = None) -> str:
        """The SQLAlchemy URL of a database on this server."""
        url = self._url if name is None else self._url.set(database=name)
        return url.render_as_string(hide_password=False)

    def dsn_of(self, name: str | None = None) -> str:
        """The same for psycopg and libpq."""
        return self.url_of(name).replace("postgresql+psycopg:", "postgresql:", 1)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn_of(), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, name: str, template: str | None = None) -> None:
        """Creates a database, empty or as a copy of ``template``."""
        source = sql.SQL("TEMPLATE {}").format(sql.Identifier(template or "template0"))
        self._run(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), source))

    def keep_rows(self, name: str) -> None:
        """Keeps a database's rows beside its tables, and the function that empties these or puts the rows back."""
        with psycopg.connect(self.dsn_of(name), autocommit=True) as connection:
            keep_rows(connection)

    def open(self, name: str, allowed: bool) -> None:
        """Lets connections to a database in or not."""
        self._run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(allowed)))

    def drop(self, name: str) -> None:
        """Drops a database and cuts off whoever is connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self, prefix: str) -> None:
        """Drops every database whose name begins with ``prefix``."""
        with psycopg.connect(self.dsn_of(), autocommit=True) as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
            ).fetchall()
        for (name,) in names:
            self.drop(name)


# --- how a PostgreSQL database is emptied -----------------------------------------------------------------------------


def keep_rows(connection: psycopg.Connection[Any]) -> None:
    """Keep a copy of all rows and write the function `reset(with_rows)`; leave the tables empty.

    Deleting from eighteen small tables costs half a millisecond, where TRUNCATE makes each of them a new file. Histories
    refuse to lose a row by triggers, which their owner may set aside while nobody else writes. That leaves them free to
    refuse TRUNCATE as well, and to heed no `session_replication_role`.
    """
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
    tables = _tables(connection)
    empty = [_emptied(connection, table) for table in tables]
    refill = [_refilled(connection, table) for table in reversed(tables) if _holds_rows(connection, table)]
    numbers = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    restart = [sql.SQL("PERFORM setval({}, 1, false);").format(sql.Literal(f"public.{name}")) for name, _ in numbers]
    go_on = [
        sql.SQL("PERFORM setval({}, {});").format(sql.Literal(f"public.{name}"), sql.Literal(last))
        for name, last in numbers
        if last is not None
    ]
    body = sql.SQL("BEGIN {} IF with_rows THEN {} END IF; END").format(
        sql.SQL(" ").join([*empty, *restart]), sql.SQL(" ").join([*refill, *go_on])
    )
    connection.execute(
        sql.SQL("CREATE FUNCTION {}.reset(with_rows boolean) RETURNS void LANGUAGE plpgsql AS {}").format(
            sql.Identifier(KEPT), sql.Literal(body.as_string(connection))
        )
    )
    connection.execute(f"SELECT {KEPT}.reset(false)")


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    """The portal's tables, those that point at others before these."""
    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    ).fetchall()
    pointing = connection.execute(
        "SELECT f.relname, t.relname FROM pg_constraint JOIN pg_class f ON f.oid = conrelid"
        " JOIN pg_class t ON t.oid = confrelid WHERE contype = 'f' AND conrelid <> confrelid"
    ).fetchall()
    order = TopologicalSorter({name: set[str]() for (name,) in sorted(names)})
    for source, target in pointing:
        order.add(target, source)
    return list(order.static_order())


def _holds_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    return connection.execute(_in("SELECT FROM {public}", table)).fetchone() is not None


def _emptied(connection: psycopg.Connection[Any], table: str) -> sql.Composed:
    """The statements that delete all rows; where triggers would refuse it, without them."""
    triggers = connection.execute(
        "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
        [f"public.{table}"],
    ).fetchall()
    if not triggers:
        return _in("DELETE FROM {public};", table)
    again: dict[str, LiteralString] = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}
    on = [sql.SQL(f"{again[state]} TRIGGER {{}}").format(sql.Identifier(name)) for name, state in triggers]
    return _in(
        "IF EXISTS (SELECT FROM {public}) THEN ALTER TABLE {public} DISABLE TRIGGER USER; DELETE FROM {public};"
        " ALTER TABLE {public} {on}; END IF;",
        table,
        on=sql.SQL(", ").join(on),
    )


def _refilled(connection: psycopg.Connection[Any], table: str) -> sql.Composed:
    """Keep a table's rows, and answer the statement that puts them back."""
    connection.execute(_in("CREATE TABLE {kept} AS TABLE {public}", table))
    columns = connection.execute(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [f"public.{table}"],
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
    return _in("INSERT INTO {public} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {kept};", table, names=names)


def _in(statement: LiteralString, table: str, **more: sql.Composable) -> sql.Composed:
    """A statement about a table of the portal and what is kept of it."""
    return sql.SQL(statement).format(public=sql.Identifier("public", table), kept=sql.Identifier(KEPT, table), **more)
