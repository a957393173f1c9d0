"""The bodies of requests, each read whole before the portal is asked, within a time and by half of the threads at most.

A thread that waits for a body can't be called back: who sends half of one would hold it until they go. Put before the
portal by the server, this keeps the other half of the threads for everybody else, so that reading and ``/healthz`` go
on, and hangs up on whoever takes too long. Only a reverse proxy that hands bodies on once they are whole keeps all threads free
(docs/operations.md, "Reverse proxy"). Half of a body never reaches the portal. Bodies of requests that only read mean
nothing, and nobody waits for them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import structlog
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestTimeout, ServiceUnavailable

from clinic.operations import connections

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds that a request waits for its turn to read: whole bodies are read in a few milliseconds.
TURN_WITHIN = 0.2
#: Seconds after which somebody who didn't get a turn may try again.
RETRY_AFTER = 5
#: Seconds between two looks at whether a body takes too long.
LOOK_EVERY = 1.0
#: Methods whose bodies nobody reads.
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Request:
    """A request that a thread is at, and whether the portal works on it: its body is there, or it has none."""

    address: str
    began: float
    is_at_work: bool = False


class WholeBodies:
    """Read bodies of at most ``longest`` bytes for the portal, each ``within`` seconds; it answers by ``threads``."""

    def __init__(self, portal: WSGIApplication, *, threads: int, longest: int, within: float) -> None:
        self._portal = portal
        self._longest = longest
        self._within = within
        self._turns = threading.BoundedSemaphore(max(1, threads // 2))
        #: By thread: each is at one request at a time.
        self._requests: dict[int, _Request] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with its body, with none, or with one that refuses whoever reads it."""
        thread = threading.get_ident()
        request = self._requests[thread] = _Request(environ.get("REMOTE_ADDR", ""), time.monotonic())
        try:
            return self._answer(request, environ, start_response)
        finally:
            del self._requests[thread]

    def _answer(self, request: _Request, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _has_body(environ):
            request.is_at_work = True
            return self._portal(environ, start_response)
        if environ["REQUEST_METHOD"] in WITHOUT_BODY:
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            request.is_at_work = True
            return self._portal(environ, _closing(start_response))
        if _length(environ) > self._longest:
            # The portal refuses it by its announced length.
            return self._portal(environ, start_response)
        environ["wsgi.input"] = body = self._read(request, environ)
        request.is_at_work = isinstance(body, BytesIO)
        return self._portal(environ, start_response if isinstance(body, BytesIO) else _closing(start_response))

    def _read(self, request: _Request, environ: WSGIEnvironment) -> BytesIO | _Refused:
        """Return a body once it is there, or what refuses one that nobody could wait for, or that ended too early."""
        if not self._turns.acquire(timeout=TURN_WITHIN):
            return _Refused(ServiceUnavailable(retry_after=RETRY_AFTER))
        try:
            # One byte more than the portal takes, so that it can tell what is too long.
            body = environ["wsgi.input"].read(self._longest + 1)
        finally:
            self._turns.release()
        is_late = time.monotonic() - request.began >= self._within
        # The server hands on what has come when a connection ends; where it came in chunks nobody knows how much it should be.
        if len(body) < _length(environ) or (is_late and not _length(environ)):
            return _Refused(RequestTimeout() if is_late else ClientDisconnected())
        return BytesIO(body)

    def too_slow(self) -> set[str]:
        """Return the addresses whose bodies take too long, without those for which the portal is at work.

        On the connection of either nothing was sent meanwhile, as whoever is worked for may have waited for a thread, so that
        they can't be told apart.
        """
        now = time.monotonic()
        requests = self._requests.copy().values()
        overdue = {each.address for each in requests if not each.is_at_work and now - each.began >= self._within}
        return overdue - {each.address for each in requests if each.is_at_work}

    def hang_up_on_slow(self, port: int, idle: float) -> None:
        """From now on close the connections to ``port`` whose bodies take too long; ``idle`` seconds one may wait for a
        request."""

        def look() -> None:
            while True:
                time.sleep(LOOK_EVERY)
                try:
                    if addresses := self.too_slow():
                        connections.close_silent(addresses, port, idle + self._within)
                except Exception:
                    log.exception("slow bodies not looked for")

        if connections.KNOWN:
            threading.Thread(target=look, name="bodies", daemon=True).start()


def _length(environ: WSGIEnvironment) -> int:
    """Return the announced length of a body; 0 where it comes in chunks, or not at all."""
    return int(environ.get("CONTENT_LENGTH") or 0)


def _has_body(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or _length(environ) > 0


def _closing(start_response: StartResponse) -> StartResponse:
    """Return what starts an answer and ends the connection: what still comes of the body would be taken for the next
    request."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *rest)

    return start


class _Refused:
    """The body of a request that isn't there: the reason, for the portal to say in the person's language."""

    def __init__(self, reason: HTTPException) -> None:
        self._reason = reason

    def read(self, *_: int) -> bytes:
        """Refuse."""
        raise self._reason

    readline = readlines = __iter__ = read
