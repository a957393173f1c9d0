"""Bodies of requests that come whole, half, or too long: what the portal is given of them, and what is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from clinic.app import BODY_MOST
from clinic.operations.bodies import RETRY_AFTER, WholeBodies

LOGIN = "/api/v1/auth/login/"
BODY = b'{"email": "nobody@clinic.example", "password": "wrong"}'


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
def half_sent(front: WholeBodies, app: Flask, count: int) -> Iterator[None]:
    """Let as many clients send half a body."""
    lines = [Line(b"{", over=False) for _ in range(count)]
    threads = [threading.Thread(target=post, args=(front, app, line)) for line in lines]
    for thread, line in zip(threads, lines, strict=True):
        thread.start()
        line.asked.wait()
    try:
        yield
    finally:
        for thread, line in zip(threads, lines, strict=True):
            line.hang_up()
            thread.join()


def test_a_whole_body_reaches_the_portal(app: Flask) -> None:
    answer = post(WholeBodies(app, threads=2, longest=BODY_MOST), app, Line(BODY, over=True))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid_credentials")
    assert "Connection" not in answer.headers


def test_one_that_comes_in_chunks_too(app: Flask) -> None:
    front = WholeBodies(app, threads=2, longest=BODY_MOST)
    answer = post(front, app, Line(BODY, over=True), HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 401


def test_half_of_the_threads_stay_free_of_half_sent_bodies(app: Flask) -> None:
    front = WholeBodies(app, threads=4, longest=BODY_MOST)
    with half_sent(front, app, 2):
        unread = Line(BODY, over=True)
        refused = post(front, app, unread)
        assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
        assert (refused.headers["Retry-After"], refused.headers["Connection"]) == (str(RETRY_AFTER), "close")
        assert not unread.asked.is_set()
        assert Client(front, app.response_class).get("/healthz").status_code == 200
    assert post(front, app, Line(BODY, over=True)).status_code == 401, "they have gone"


def test_a_page_says_so_to_people(app: Flask) -> None:
    front = WholeBodies(app, threads=2, longest=BODY_MOST)
    with half_sent(front, app, 1):
        refused = post(front, app, Line(BODY, over=True), path="/login")
    assert refused.status_code == 503
    assert "<h1>" in refused.text


def test_what_is_too_long_is_not_read(app: Flask) -> None:
    front, line = WholeBodies(app, threads=2, longest=BODY_MOST), Line(b"", over=False)
    assert post(front, app, line, path="/login", CONTENT_LENGTH=str(BODY_MOST + 1)).status_code == 413
    assert not line.asked.is_set()


def test_what_turns_out_too_long_is_refused(app: Flask) -> None:
    front = WholeBodies(app, threads=2, longest=BODY_MOST)
    line = Line(b"x" * (BODY_MOST + 10), over=True)
    answer = post(front, app, line, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 413
