"""The bodies of requests, each read whole before the portal is asked, by half of the threads at most.

A thread that waits for a body can't be called back: who sends half of one holds it until they go. Put before the portal
by the server, this keeps the other half of the threads for everybody else, so that reading and ``/healthz`` go on. Only
a reverse proxy that hands bodies on once they are whole keeps all of them (docs/operations.md, "Reverse proxy").
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
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class WholeBodies:
    """Read bodies of at most ``longest`` bytes for the portal, which answers by ``threads``."""

    def __init__(self, portal: WSGIApplication, *, threads: int, longest: int) -> None:
        self._portal = portal
        self._longest = longest
        self._turns = threading.BoundedSemaphore(max(1, threads // 2))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on with its body, or with one that answers 503 to whoever reads it."""
        if not self._is_to_be_read(environ):
            return self._portal(environ, start_response)
        if self._turns.acquire(timeout=TURN_WITHIN):
            try:
                # One byte more than the portal takes, so that it can tell what is too long.
                environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(self._longest + 1))
            finally:
                self._turns.release()
            return self._portal(environ, start_response)
        environ["wsgi.input"] = _Unread()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            # What still comes of the body would be taken for the next request.
            return start_response(status, [*headers, ("Connection", "close")], *rest)

        return self._portal(environ, start)

    def _is_to_be_read(self, environ: WSGIEnvironment) -> bool:
        if environ["REQUEST_METHOD"] in WITHOUT_BODY:
            return False
        if "HTTP_TRANSFER_ENCODING" in environ:
            return True
        # Nothing, or what the portal refuses by its announced length.
        return 0 < int(environ.get("CONTENT_LENGTH") or 0) <= self._longest


class _Unread:
    """The body of a request that didn't get its turn."""

    def read(self, *_: int) -> bytes:
        """Refuse: 503, for the portal to say in the person's language."""
        raise ServiceUnavailable(retry_after=RETRY_AFTER)

    readline = readlines = __iter__ = read
