"""A PostgreSQL server and a standby that follows it, both of a test's own, with the packages of `run.py`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.databases import PostgresServer
from tests.run import postgres_package, start_server, stop_server
from tests.settings import PATIENCE


@dataclass
class Pair:
    """The database, the standby that follows it, and what may happen to that."""

    url: str
    standby_url: str
    _homes: tuple[Path, Path]

    def ask(self, statement: str, *, of_standby: bool = True) -> object:
        """Runs a statement as the servers' owner; answers its first value."""
        url = self.standby_url if of_standby else self.url
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return row and row[0]

    def catch_up(self) -> None:
        """Waits until the standby has all that is committed."""
        written = self.ask("SELECT CAST(pg_current_wal_flush_lsn() AS text)", of_standby=False)
        deadline = time.monotonic() + PATIENCE
        while not self.ask(f"SELECT pg_last_wal_replay_lsn() >= CAST('{written}' AS pg_lsn)"):
            assert time.monotonic() < deadline, "the standby doesn't follow"
            time.sleep(0.02)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Lets the standby take in nothing more for a while."""
        self.ask("SELECT 1 FROM (SELECT pg_wal_replay_pause()) AS done")
        try:
            yield
        finally:
            self.ask("SELECT 1 FROM (SELECT pg_wal_replay_resume()) AS done")

    def lose_standby(self) -> None:
        """Stops the standby for good."""
        stop_server(self._homes[1])


@contextmanager
def pair() -> Iterator[Pair]:
    """Starts both; the database is empty."""
    homes = (Path(tempfile.mkdtemp(prefix="clinic-pg-")), Path(tempfile.mkdtemp(prefix="clinic-pg-")))
    try:
        primary = start_server(homes[0])
        with psycopg.connect(primary, autocommit=True) as connection:
            # What is committed is on its way to the standby, as in life.
            connection.execute("ALTER SYSTEM SET synchronous_commit = on")
            connection.execute("SELECT pg_reload_conf()")
        _copy(homes, primary)
        standby = start_server(homes[1])
        yield Pair(PostgresServer(primary).url_of(), PostgresServer(standby).url_of(), homes)
    finally:
        for home in reversed(homes):
            stop_server(home)


def _copy(homes: tuple[Path, Path], primary: str) -> None:
    """Copies the running server as a standby of it, by PostgreSQL's own tool."""
    tool = Path(postgres_package(homes[1]).__file__).parent / "pginstall" / "bin" / "pg_basebackup"
    data = homes[1] / "data"
    command = [str(tool), "--pgdata", str(data), "--dbname", primary, "--write-recovery-conf", "--checkpoint", "fast"]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    owner = (homes[0] / "data").stat()
    for path in (data, *data.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    # What belongs to the server that was copied.
    for pattern in ("postmaster.pid", ".handle_pids.json", "log", ".s.PGSQL.*"):
        for left in data.glob(pattern):
            left.unlink()
