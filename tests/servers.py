"""The portal as a real server: granian in a process of its own, many threads, on a migrated database of its own.

`live_server` runs once on SQLite and once on PostgreSQL; the processes are started once per test process and their
databases emptied before each test. `start_server` starts one with other settings. What a server has logged during a
test is shown when the test fails.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.databases import Database
from tests.people import Cast
from tests.settings import PATIENCE, SETTINGS, as_environment

ROOT = Path(__file__).resolve().parent.parent
#: What a server process keeps of the environment; everything else it is told.
KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_CONFIG",
)  # fmt: skip
Build = Callable[..., Flask]


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveServer:
    """One server's process tree and the database that it serves.

    ``url`` is where it answers, ``engine`` and ``database_url`` tell its database, ``app`` is an application of this
    process on the same database, to prepare and inspect what the server works on.
    """

    def __init__(self, database: Database, build: Build, log: Path, settings: dict[str, Any], threads: int) -> None:
        self.database = database
        self.engine = database.engine
        self.database_url = database.url
        self.app = build(database_url=database.url)
        self.settings = {**SETTINGS, **settings, "database_url": database.url}
        self._threads = threads
        self._log = log
        self._seen = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Starts the process and waits until /healthz answers."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "clinic.server"]
        of_server = {
            "host": "127.0.0.1",
            "port": port,
            "threads": self._threads,
            "frontend_url": "http://localhost:8000",
        }
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= as_environment(of_server | self.settings)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.fail(f"The server did not come up. Its log:\n{self.log()}", pytrace=False)
            time.sleep(0.05)

    def _answers(self, port: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Ends the process and its children, politely first."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
        self._process = None

    def mark(self) -> None:
        """Lets ``log`` begin here."""
        self._seen = self._log.stat().st_size if self._log.exists() else 0

    def log(self) -> str:
        """What the server has logged since ``mark``."""
        if not self._log.exists():
            return ""
        return self._log.read_bytes()[self._seen :].decode("utf-8", "replace")


class Servers:
    """Starts servers and ends them all."""

    def __init__(self, databases: Callable[[str], Database], build: Build, folder: Path) -> None:
        self._databases = databases
        self._build = build
        self._folder = folder
        self._running: list[LiveServer] = []
        self._by_engine: dict[str, LiveServer] = {}

    def start(self, engine: str, *, threads: int = 8, **settings: Any) -> LiveServer:
        """Starts a server on a new database of ``engine``."""
        log = self._folder / f"server-{len(self._running)}.log"
        server = LiveServer(self._databases(engine), self._build, log, settings, threads)
        self._running.append(server)
        server.start()
        return server

    def shared(self, engine: str, *, with_cast: bool) -> LiveServer:
        """The server on ``engine`` that the tests of this process share, its database empty or with the cast alone."""
        if engine not in self._by_engine:
            self._by_engine[engine] = self.start(engine)
        server = self._by_engine[engine]
        server.database.reset(with_cast=with_cast)
        server.mark()
        return server

    def stop_all(self) -> None:
        """Ends every server and drops its database."""
        with ExitStack() as stack:
            for server in self._running:
                stack.callback(server.database.drop)
                stack.callback(server.stop)
        self._running.clear()
        self._by_engine.clear()


@pytest.fixture(scope="session")
def servers(new_database, build_app, tmp_path_factory) -> Iterator[Servers]:
    """Starts real servers; ends them with the test process."""
    servers = Servers(new_database, build_app, tmp_path_factory.mktemp("servers"))
    yield servers
    servers.stop_all()


@pytest.fixture
def live_server(servers: Servers, engine_name: str, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """A real server on a migrated database, empty but for the cast if the test takes `live_cast`; once on SQLite and
    once on PostgreSQL.

    `live_server.url`, `.engine`, `.database_url`, `.log()`; make what the test needs inside
    `with live_server.app.app_context():`.
    """
    server = servers.shared(engine_name, with_cast="live_cast" in request.fixturenames)
    yield server
    show_log(server, request)


@pytest.fixture
def live_cast(live_server: LiveServer) -> Cast:
    """The cast, in the database of the running server."""
    return Cast(**live_server.database.cast)


@pytest.fixture
def start_server(
    new_database, build_app, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., LiveServer]]:
    """Starts a server of the test's own: `start_server(threads=8, ratelimit_enabled=True, ...)`, any settings' field."""
    own = Servers(new_database, build_app, tmp_path)
    started: list[LiveServer] = []

    def start(**settings: Any) -> LiveServer:
        started.append(own.start(engine_name, **settings))
        return started[-1]

    yield start
    for server in started:
        show_log(server, request)
    own.stop_all()


def show_log(server: LiveServer, request: pytest.FixtureRequest) -> None:
    """Adds the server's log to the report of a failed test."""
    text = server.log().strip()
    if text:
        request.node.add_report_section("teardown", f"log of the {server.engine} server", text)


@pytest.fixture
def run_worker(database: Database) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `flask worker` on the test's database in a process of its own: `run_worker(mail_url, "--once")`."""
    with ExitStack() as stack:

        def start(mail_url: str | None, *options: str, **more: Any) -> subprocess.Popen[str]:
            settings = {**SETTINGS, "database_url": database.url, "mail_url": mail_url, **more}
            process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "worker", *options],
                cwd=ROOT,
                env=os.environ | as_environment(settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start
