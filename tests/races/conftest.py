"""People who act at the very same moment, each with a client of their own, against a real multi-threaded server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import httpx
import psutil
import pytest
from flask import Flask
from sqlalchemy import text

from clinic import clock
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, SignedIn, start_session
from clinic.api.auth import tokens_of
from clinic.db import db, transaction
from tests.databases import Database
from tests.people import Cast
from tests.races.server_process import Process, Start
from tests.servers import LiveServer
from tests.settings import PATIENCE, SETTINGS

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def at_once(deeds: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Do all ``deeds`` at the same moment; answer what came of each, in their order."""
    together, answers = Barrier(len(deeds)), dict[int, httpx.Response]()

    def do(number: int, deed: Callable[[], httpx.Response]) -> None:
        together.wait(PATIENCE)
        answers[number] = deed()

    threads = [Thread(target=do, args=(number, deed)) for number, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == len(deeds), "some got no answer at all"
    return [answers[number] for number in range(len(deeds))]


def meanwhile(app: Flask, deed: Callable[[], None]) -> Thread:
    """Begin ``deed`` on a connection of its own, and wait until it waits for ours."""
    begun = Event()

    def do() -> None:
        with app.app_context():
            begun.set()
            deed()

    thread = Thread(target=do)
    thread.start()
    assert begun.wait(PATIENCE)
    if db.engine.dialect.name == "sqlite":
        time.sleep(0.2)  # SQLite tells nobody who waits to begin
        return thread
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with db.engine.connect() as watcher:
            if watcher.scalar(waiting):
                return thread
        time.sleep(0.02)
    raise AssertionError("it never waited: nothing holds it back")


class Crowd:
    """Signs people in on the server, without the slow check of a password, and gives each a client of their own."""

    def __init__(self, server: LiveServer, stack: ExitStack) -> None:
        self._server = server
        self._stack = stack

    def _sign_in(self, user_id: int, kind: SessionKind) -> SignedIn:
        with transaction() as session:
            return start_session(session.get_one(User, user_id), kind, Origin("race", "127.0.0.1"))

    def _client(self, **options: Any) -> httpx.Client:
        # No certificates are wanted here, and reading them takes long for fifty clients.
        client = httpx.Client(base_url=self._server.url, timeout=PATIENCE, verify=False, **options)  # noqa: S501
        return self._stack.enter_context(client)

    def api(self, user_id: int) -> httpx.Client:
        """A person's API client, with a bearer token."""
        with self._server.app.app_context():
            access = tokens_of(self._sign_in(user_id, SessionKind.API))["access"]
        return self._client(headers={"Authorization": f"Bearer {access}"})

    def browser(self, user_id: int) -> httpx.Client:
        """A person's browser, with the cookie that a sign-in leaves."""
        app = self._server.app
        with app.app_context():
            secret = self._sign_in(user_id, SessionKind.BROWSER).secret
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = signer.dumps({"_user_id": secret, "_fresh": True})
        client = self._client()
        # Under the server's own name, so that what the server sets later takes its place.
        client.cookies.set(app.config["SESSION_COOKIE_NAME"], cookie, domain=client.base_url.host)
        return client


def sending(client: httpx.Client, method: str, address: str, **options: Any) -> Callable[[], httpx.Response]:
    """A request that is ready to be sent."""
    return lambda: client.request(method, address, **options)


def by_api(client: httpx.Client, selection: dict[str, Any]) -> Callable[[], httpx.Response]:
    """The booking of a slot by the API."""
    body = {
        "doctor_id": selection["doctor"],
        "department_id": selection["department"],
        "appointment_date": selection["day"],
        "appointment_time": selection["time"],
        "symptoms": "Palpitations",
    }
    return sending(client, "POST", "/api/v1/appointments/", json=body)


def by_page(client: httpx.Client, selection: dict[str, Any]) -> Callable[[], httpx.Response]:
    """The booking of a slot on the page: the review has been opened, the button is about to be pressed."""
    page = client.get("/book/review", params=selection)
    token = _CSRF.search(page.text)
    assert page.status_code == 200, page.text
    assert token, "the review has no form to press"
    form = {"csrf_token": token[1], "symptoms": "Palpitations", "reason": ""}
    return sending(client, "POST", "/book/review", params=selection, data=form)


@pytest.fixture
def cast(live_cast: Cast) -> Cast:
    """The cast, in the server's database."""
    return live_cast


@pytest.fixture
def crowd(live_server: LiveServer) -> Iterator[Crowd]:
    """Signs people in on the server."""
    with ExitStack() as stack:
        yield Crowd(live_server, stack)


@pytest.fixture
def friday() -> date:
    """A day that can be booked and cancelled: in five days."""
    return clock.today() + timedelta(days=5)


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Start]:
    """Start servers; each is gone afterwards."""
    started: list[Process] = []

    def begin(**settings: Any) -> Process:
        of_tests = {**SETTINGS, "database_url": database.url}
        started.append(Process(tmp_path / f"{len(started)}.log", **(of_tests | settings)))
        return started[-1]

    yield begin
    for each in started:
        family = [psutil.Process(each.process.pid)] if each.process.poll() is None else []
        for member in [child for parent in family for child in parent.children()] + family:
            member.kill()
        each.process.wait()
