"""Bodies of requests that come whole, half, or too long: what the portal is given of them, and what is answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from clinic.app import BODY_MOST
from clinic.operations import connections
from clinic.operations.bodies import RETRY_AFTER, WholeBodies

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
        assert connections.close_silent({ADDRESS}, WITHIN) == 0, "somebody else's"
        assert connections.close_silent({theirs}, 60) == 0, "not yet"
        assert connections.close_silent({theirs}, 2 * WITHIN) == 1
        assert [silent.recv(100), silent.recv(100), answered.recv(100)] == [b"half of it", b"", b"half of it"]
        answered.sendall(b"and another")
