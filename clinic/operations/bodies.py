"""The bodies of requests, each read whole before the portal is asked, by half of the threads at most.

A thread that waits for a body can't be called back: who sends half of one holds it until they go. Put before the portal
by the server, this keeps the other half of the threads for everybody else, so that reading and ``/healthz`` go on. Only
a reverse proxy that hands bodies on once they are whole keeps all of them (docs/operations.md, "Reverse proxy"). Bodies
of requests that only read mean nothing, and nobody waits for them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import ServiceUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds that a request waits for its turn to read: whole bodies are read in a few milliseconds.
TURN_WITHIN = 0.2
#: Seconds after which somebody who didn't get a turn may try again.
RETRY_AFTER = 5
#: Methods whose bodies nobody reads.
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WholeBodies:
    """Read bodies of at most ``longest`` bytes for the portal, which answers by ``threads``."""

    def __init__(self, portal: WSGIApplication, *, threads: int, longest: int) -> None:
        self._portal = portal
        self._longest = longest
        self._turns = threading.BoundedSemaphore(max(1, threads // 2))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with its body, with none, or with one that answers 503 to whoever reads it."""
        if not _has_body(environ):
            return self._portal(environ, start_response)
        if environ["REQUEST_METHOD"] in WITHOUT_BODY:
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            return self._portal(environ, _closing(start_response))
        if _length(environ) > self._longest:
            # The portal refuses it by its announced length.
            return self._portal(environ, start_response)
        if self._turns.acquire(timeout=TURN_WITHIN):
            try:
                # One byte more than the portal takes, so that it can tell what is too long.
                environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(self._longest + 1))
            finally:
                self._turns.release()
            return self._portal(environ, start_response)
        environ["wsgi.input"] = _Unread()
        return self._portal(environ, _closing(start_response))


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


class _Unread:
    """The body of a request that didn't get its turn."""

    def read(self, *_: int) -> bytes:
        """Refuse: 503, for the portal to say in the person's language."""
        raise ServiceUnavailable(retry_after=RETRY_AFTER)

    readline = readlines = __iter__ = read
