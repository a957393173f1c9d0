"""Bodies of requests that come whole, half, or too long: what the portal is given of them, and what is answered."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from clinic.app import BODY_MOST
from clinic.operations import connections
from clinic.operations.bodies import RETRY_AFTER, WholeBodies
from tests.servers import ROOT
from tests.settings import PATIENCE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Of whoever sends it.
ADDRESS = "192.0.2.1"
#: Seconds in which a body has to come where that isn't so.
WITHIN = 0.2
LOGIN = "/api/v1/auth/login/"
BODY = b'{"email": "nobody@clinic.example", "password": "wrong"}'


def before(app: Flask, threads: int = 2, within: float = 60) -> WholeBodies:
    """What reads bodies for the portal."""
    return WholeBodies(app, threads=threads, longest=BODY_MOST, within=within)


class Line:
    """What comes over a line: all that was sent, once it is over."""

    def __init__(self, sent: bytes, *, over: bool) -> None:
        self._sent, self._over, self.asked = sent, threading.Event(), threading.Event()
        if over:
            self._over.set()

    def read(self, size: int) -> bytes:
        """As the server reads: nothing until it is over."""
        self.asked.set()
        self._over.wait()
        return self._sent[:size]

    def hang_up(self) -> None:
        """The client goes."""
        self._over.set()


def post(front: WholeBodies, app: Flask, line: Line, path: str = LOGIN, **environ: Any) -> TestResponse:
    """Post what comes over a line."""
    given = {"wsgi.input": line, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(BODY)), **environ}
    kind = "application/json" if path == LOGIN else "application/x-www-form-urlencoded"
    return Client(front, app.response_class).post(path, content_type=kind, environ_overrides=given)


@contextmanager
def half_sent(front: WholeBodies, app: Flask, count: int, **environ: Any) -> Iterator[list[TestResponse]]:
    """Let as many clients send half a body; what they are answered once they have gone."""
    lines, answers = [Line(b"{", over=False) for _ in range(count)], []
    threads = [
        threading.Thread(target=lambda line=line: answers.append(post(front, app, line, **environ))) for line in lines
    ]
    for thread, line in zip(threads, lines, strict=True):
        thread.start()
        line.asked.wait()
    try:
        yield answers
    finally:
        for thread, line in zip(threads, lines, strict=True):
            line.hang_up()
            thread.join()


def test_a_whole_body_reaches_the_portal(app: Flask) -> None:
    answer = post(before(app), app, Line(BODY, over=True))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid_credentials")
    assert "Connection" not in answer.headers


def test_one_that_comes_in_chunks_too(app: Flask) -> None:
    front = before(app)
    answer = post(front, app, Line(BODY, over=True), HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 401


def test_half_of_the_threads_stay_free_of_half_sent_bodies(app: Flask) -> None:
    front = before(app, threads=4)
    with half_sent(front, app, 2):
        unread = Line(BODY, over=True)
        refused = post(front, app, unread)
        assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
        assert (refused.headers["Retry-After"], refused.headers["Connection"]) == (str(RETRY_AFTER), "close")
        assert not unread.asked.is_set()
        assert Client(front, app.response_class).get("/healthz").status_code == 200
    assert post(front, app, Line(BODY, over=True)).status_code == 401, "they have gone"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("told", [{"CONTENT_LENGTH": "100"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
def test_nobody_waits_for_what_reading_does_not_need(app: Flask, method: str, told: dict[str, str], kind: str) -> None:
    front, line = before(app), Line(BODY, over=True)
    given = {"wsgi.input": line, "wsgi.input_terminated": True, **told}
    client = Client(front, app.response_class)
    answers = [
        client.open(path, method=method, content_type=kind, environ_overrides=given)
        for path in ("/doctors", "/login", "/healthz", LOGIN, "/nowhere")
    ]
    assert not line.asked.is_set()
    assert {answer.headers["Connection"] for answer in answers} == {"close"}, "the rest of it is no next request"
    assert max(answer.status_code for answer in answers) < 500


def test_reading_keeps_its_connection(app: Flask) -> None:
    front = before(app)
    answer = Client(front, app.response_class).get("/doctors")
    assert (answer.status_code, answer.headers.get("Connection")) == (200, None)


def test_a_page_says_so_to_people(app: Flask) -> None:
    front = before(app)
    with half_sent(front, app, 1):
        refused = post(front, app, Line(BODY, over=True), path="/login")
    assert refused.status_code == 503
    assert "<h1>" in refused.text


def test_what_is_too_long_is_not_read(app: Flask) -> None:
    front, line = before(app), Line(b"", over=False)
    assert post(front, app, line, path="/login", CONTENT_LENGTH=str(BODY_MOST + 1)).status_code == 413
    assert not line.asked.is_set()


def test_what_turns_out_too_long_is_refused(app: Flask) -> None:
    front = before(app)
    line = Line(b"x" * (BODY_MOST + 10), over=True)
    answer = post(front, app, line, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [LOGIN, "/login"])
def test_half_of_a_body_is_not_taken_for_a_whole_one(app: Flask, path: str) -> None:
    """The client went while it sent: the server hands on what has come, be it well-formed."""
    told = {"CONTENT_LENGTH": str(len(BODY) + 1)}
    answer = post(before(app), app, Line(BODY, over=True), path=path, **told)
    assert (answer.status_code, answer.headers["Connection"]) == (400, "close")


@pytest.mark.parametrize("told", [{}, {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}])
def test_one_that_takes_too_long_is_refused(app: Flask, told: dict[str, str]) -> None:
    front = before(app, within=WITHIN)
    with half_sent(front, app, 1, REMOTE_ADDR=ADDRESS, **told) as answers:
        assert front.too_slow() == set()
        time.sleep(2 * WITHIN)
        assert front.too_slow() == {ADDRESS}
    assert front.too_slow() == set()
    assert (answers[0].status_code, answers[0].get_json()["code"]) == (408, "timeout")


def test_nobody_is_too_slow_who_waits_for_the_portal(app: Flask) -> None:
    """What the portal works on as long can't be told from a body that doesn't come, if both are of one address."""
    works, goes_on = threading.Event(), threading.Event()

    def portal(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        works.set()
        goes_on.wait()
        return app(environ, start_response)

    front = WholeBodies(portal, threads=4, longest=BODY_MOST, within=WITHIN)
    reader = threading.Thread(target=Client(front).get, kwargs={"environ_overrides": {"REMOTE_ADDR": ADDRESS}})
    reader.start()
    works.wait()
    # However short it has worked: whoever is worked for may have waited for a thread before.
    with half_sent(front, app, 1, REMOTE_ADDR=ADDRESS), half_sent(front, app, 1, REMOTE_ADDR="192.0.2.7"):
        time.sleep(2 * WITHIN)
        assert front.too_slow() == {"192.0.2.7"}
        goes_on.set()
        reader.join()
        assert front.too_slow() == {ADDRESS, "192.0.2.7"}


def test_of_an_address_the_connections_are_closed_on_which_nothing_was_sent() -> None:
    theirs = "127.0.0.2"
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        where, served = listening.getsockname(), []
        for _ in range(2):
            stack.enter_context(socket.create_connection(where, source_address=(theirs, 0))).sendall(b"half of it")
            served.append(stack.enter_context(listening.accept()[0]))
        silent, answered = served
        time.sleep(3 * WITHIN)
        answered.sendall(b"an answer")
        assert connections.close_silent({ADDRESS}, where[1], WITHIN) == 0, "somebody else's"
        assert connections.close_silent({theirs}, where[1], 60) == 0, "not yet"
        assert connections.close_silent({theirs}, where[1] + 1, 2 * WITHIN) == 0, "not ours"
        assert connections.close_silent({theirs}, where[1], 2 * WITHIN) == 1
        assert [silent.recv(100), silent.recv(100), answered.recv(100)] == [b"half of it", b"", b"half of it"]
        answered.sendall(b"and another")


def test_connections_that_the_portal_made_itself_stay() -> None:
    """The proxy, PostgreSQL and Redis may all be at this machine's one address."""
    with ExitStack() as stack:
        database, portal = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
        made = stack.enter_context(socket.create_connection(database.getsockname()))
        other_end = stack.enter_context(database.accept()[0])
        time.sleep(2 * WITHIN)
        assert connections.close_silent({"127.0.0.1"}, portal.getsockname()[1], WITHIN) == 0
        other_end.sendall(b"rows")
        assert made.recv(10) == b"rows"


#: Another process that writes; says what it got.
WRITE = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0.2)
try:
    other.execute("INSERT INTO rows VALUES ('theirs')")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_looking_for_connections_leaves_the_locks_of_files_alone(tmp_path: Path) -> None:
    """Whoever closes any descriptor of a file drops all locks that the process holds on it."""
    path = tmp_path / "clinic.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as ours:
        ours.execute("PRAGMA journal_mode=WAL")
        ours.execute("CREATE TABLE rows (whose TEXT)")
        ours.execute("BEGIN IMMEDIATE")
        ours.execute("INSERT INTO rows VALUES ('ours')")
        connections.close_silent({ADDRESS}, 1, 0)
        told = subprocess.run([sys.executable, "-c", WRITE, path], capture_output=True, text=True, check=True).stdout
        ours.execute("COMMIT")
    assert told == "database is locked\n"
    with closing(sqlite3.connect(path)) as after:
        assert after.execute("SELECT whose FROM rows").fetchall() == [("ours",)]


#: Hangs up with no descriptor left, and once more with some; says how many connections were closed.
WITHOUT_DESCRIPTORS = """
import os, resource, socket, time
from clinic.operations import connections
listening = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listening.getsockname())
served = listening.accept()[0]
time.sleep(0.1)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
while True:
    try:
        held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        break
print(connections.close_silent({"127.0.0.1"}, listening.getsockname()[1], 0.05))
"""


def test_it_hangs_up_although_no_descriptor_is_left() -> None:
    """Many half-sent bodies use all of them up."""
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT_DESCRIPTORS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "1\n"


def test_an_error_does_not_end_the_looking(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    looked_again = threading.Event()

    def fail(*_: object) -> int:
        looks.append(1)
        if len(looks) > 1:
            looked_again.set()
        raise OSError("nothing can be read")

    monkeypatch.setattr(connections, "close_silent", fail)
    monkeypatch.setattr("clinic.operations.bodies.LOOK_EVERY", 0.01)
    front = before(app, within=0)
    front.hang_up_on_slow(1, idle=0)
    with half_sent(front, app, 1, REMOTE_ADDR=ADDRESS):
        assert looked_again.wait(PATIENCE)
