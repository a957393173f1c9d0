"""Bodies of requests that come slowly, not at all, or whole: what the portal is given of them, and what is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import RequestTimeout
from werkzeug.test import Client

from clinic.operations import bodies
from clinic.operations.bodies import BodiesInTime


class Line:
    """What comes over a line: pieces, and then nothing for as long as ``cut`` isn't called."""

    def __init__(self, *pieces: bytes, ends: bool) -> None:
        self._pieces, self._over = b"".join(pieces), threading.Event()
        if ends:
            self._over.set()

    def read(self, size: int) -> bytes:
        """As the server reads: all of it, or nothing until it is over."""
        self._over.wait()
        return self._pieces[:size]

    def cut(self) -> None:
        """The client goes."""
        self._over.set()


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for ten seconds."""
    monkeypatch.setattr(bodies, "WITHIN", 0.2)
    monkeypatch.setattr(bodies, "WITHIN_AMONG_MANY", 0.1)


@contextmanager
def line(*pieces: bytes, ends: bool = True) -> Iterator[Line]:
    """A line that is cut in the end."""
    of_a_client = Line(*pieces, ends=ends)
    yield of_a_client
    of_a_client.cut()


def sign_in(app: Flask, stream: Line, length: int) -> Any:
    """Post a body to the API's sign-in, through what the server puts before the portal."""
    front = BodiesInTime(app, threads=2, longest=app.config["MAX_CONTENT_LENGTH"] + 1)
    return Client(front, app.response_class).post(
        "/api/v1/auth/login/",
        content_type="application/json",
        environ_overrides={"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(length)},
    )


def test_a_whole_body_reaches_the_portal(app: Flask) -> None:
    body = b'{"email": "nobody@clinic.example", "password": "wrong"}'
    with line(body) as whole:
        answer = sign_in(app, whole, len(body))
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")
    assert "Connection" not in answer.headers


def test_half_a_body_is_given_up_and_its_connection_ends(app: Flask) -> None:
    with line(b"{", ends=False) as half:
        answer = sign_in(app, half, 100)
    assert (answer.status_code, answer.json["code"]) == (408, "timeout")
    assert answer.headers["Connection"] == "close"


def test_while_many_are_waited_for_another_is_not_for_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WITHIN", 60.0)
    front = BodiesInTime(lambda environ, _start: [environ["wsgi.input"].read()], threads=2, longest=9)

    def post(stream: Line) -> Iterable[bytes]:
        return front({"CONTENT_LENGTH": "9", "wsgi.input": stream}, lambda *_: lambda _: None)

    with line(ends=False) as first, line(ends=False) as second:
        patient = threading.Thread(target=post, args=(first,))
        patient.start()
        patient.join(1)
        with pytest.raises(RequestTimeout):
            post(second)
        assert patient.is_alive(), "the first one has its time"
        first.cut()
        patient.join()


def test_what_breaks_while_a_body_is_read_is_told() -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise ConnectionResetError

    front = BodiesInTime(lambda environ, _start: [environ["wsgi.input"].read()], threads=2, longest=9)
    with pytest.raises(ConnectionResetError):
        front({"CONTENT_LENGTH": "9", "wsgi.input": Broken()}, lambda *_: lambda _: None)


def test_a_body_is_read_in_every_way_and_once() -> None:
    seen: list[object] = []

    def portal(environ: Any, _start: Any) -> list[bytes]:
        body = environ["wsgi.input"]
        seen.extend([body.read(2), body.readline(), body.readlines(), list(body), body.read()])
        return []

    with line(b"a\nb\nc\nd") as whole:
        BodiesInTime(portal, threads=2, longest=6)(
            {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": whole}, lambda *_: lambda _: None
        )
    assert seen == [b"a\n", b"b\n", [b"c\n"], [], b""], "not more than the longest"


def test_a_request_without_a_body_is_passed_on_as_it_is() -> None:
    given = {"wsgi.input": object(), "CONTENT_LENGTH": "0"}
    BodiesInTime(lambda environ, _start: [] if environ is given else [b"another"], threads=2, longest=9)(
        given, lambda *_: lambda _: None
    )
    assert not isinstance(given["wsgi.input"], bodies._Body)
