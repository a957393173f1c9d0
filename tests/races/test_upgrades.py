"""`flask db upgrade` while people are served: nobody is ended as a deadlock, nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import Engine, text

from clinic.db import db
from clinic.operations import migrations
from clinic.operations.readiness import known_revisions, present_revision
from tests.databases import Database
from tests.servers import ROOT, LiveServer
from tests.settings import PATIENCE, SETTINGS, as_environment

OLD, HEAD = "0002", known_revisions()[0]
#: As many as a portal of two processes under load.
CLIENTS = 4
#: A slow machine's revision must not count as one that lets people wait for too long.
OPTIONS = "-c deadlock_timeout=3s"
#: Seconds between two of a client's requests.
PAUSE = 0.02
#: What pages read and commands write at any revision.
READ = "SELECT count(*) FROM appointments JOIN users ON users.id = patient_id JOIN departments ON departments.id = department_id"
HOLD = "SELECT id FROM users ORDER BY id LIMIT 1 FOR SHARE"
WRITE = (
    "INSERT INTO audit_events (at, actor_id, actor_role, session_id, deed, subject_id, request_id, details)"
    " VALUES (now(), 1, 'doctor', 1, 'record.read', %s, '', '{}')"
)


class Load:
    """Clients of an older version, at work until stopped: what they were acknowledged, and what went wrong."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = threading.Event()
        self.written: list[int] = []
        self.reads = 0
        self.errors: list[Exception] = []

    def _client(self, number: int) -> None:
        with psycopg.connect(self._address, autocommit=True, options=OPTIONS) as connection:
            turn = 0
            while not self._stop.is_set():
                turn += 1
                subject = number * 1_000_000 + turn
                time.sleep(PAUSE)
                try:
                    connection.execute(READ)
                    with connection.transaction():
                        connection.execute(HOLD)
                        connection.execute(WRITE, [subject])
                except psycopg.Error as error:
                    self.errors.append(error)
                else:
                    self.written.append(subject)
                    self.reads += 1

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Work meanwhile."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(1, CLIENTS + 1)]
        for thread in threads:
            thread.start()
        try:
            wait(lambda: self.reads > CLIENTS)
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(PATIENCE)


def wait(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


def upgrade_command(database: Database, *options: str, **settings: Any) -> subprocess.Popen[str]:
    """Starts the operator's command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", *options],
        cwd=ROOT,
        env=os.environ | as_environment({**SETTINGS, "database_url": database.url, **settings}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def older(engine_name: str, new_database: Any, build_app: Any) -> Iterator[tuple[Database, Engine]]:
    """A database of the cast's clinic at a revision of long ago."""
    database = new_database(engine_name)
    database.reset(with_cast=True)
    app = build_app(database_url=database.url)
    with app.app_context():
        migrations.downgrade(db.engine, OLD)
        yield database, db.engine
        db.engine.dispose()


@pytest.mark.long
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_an_upgrade_under_load_ends_nobody_and_loses_nothing(older: tuple[Database, Engine]) -> None:
    database, engine = older
    load = Load(database.url.replace("postgresql+psycopg:", "postgresql:", 1))
    with load.at_work():
        said, complaints = upgrade_command(database).communicate(timeout=PATIENCE)
        after = load.reads
        wait(lambda: load.reads > after + CLIENTS)
    assert complaints == ""
    assert said.splitlines()[-1] == f"The database is at {HEAD} now."
    assert present_revision(engine) == HEAD
    assert load.errors == [], "nobody who is served is ended for the upgrade's sake"
    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT subject_id FROM audit_events WHERE subject_id > 1000000")).all()
    assert sorted(kept) == sorted(load.written)


@pytest.mark.long
def test_a_closed_portal_is_upgraded_and_the_new_version_opens_it(
    start_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    """What `docker compose up --build` does: the upgrade beside the old server, then the new one in its place."""
    file = tmp_path / "closed.json"
    server = start_server(maintenance_file=file)
    with server.app.app_context():
        migrations.downgrade(db.engine, "0018")
    stop, closed = threading.Event(), threading.Event()
    answers: list[tuple[bool, int, str]] = []

    def read() -> None:
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            while not stop.is_set():
                was_closed = closed.is_set()
                answer = client.get("/api/v1/departments/")
                answers.append((was_closed, answer.status_code, answer.json().get("code", "")))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        upgrade = upgrade_command(server.database, "--maintenance", maintenance_file=file)
        assert upgrade.stdout is not None
        assert upgrade.stdout.readline() == "The portal is closed for maintenance.\n"
        closed.set()
        said, complaints = upgrade.communicate(timeout=PATIENCE)
    finally:
        stop.set()
        for reader in readers:
            reader.join(PATIENCE)
    assert (upgrade.returncode, complaints) == (0, "")
    assert f"Running {HEAD}: " in said
    assert {(status, code) for was_closed, status, code in answers if was_closed} == {(503, "maintenance")}
    assert {status for _, status, _ in answers} <= {200, 503}
    assert file.exists(), "the old version must not serve the new database"
    server.stop()
    server.start()
    wait(lambda: not file.exists())
    assert httpx.get(f"{server.url}/readyz", timeout=PATIENCE).json() == {"status": "ok"}
    assert httpx.get(f"{server.url}/api/v1/departments/", timeout=PATIENCE).status_code == 200
