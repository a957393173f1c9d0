"""The bodies of requests, each read whole within a time: a client that sends half of one holds no thread for ever.

Put before the portal by the server. A reverse proxy that hands bodies on only once they are whole does this better, for
no thread waits at all then (docs/operations.md, "Reverse proxy"); this is for whoever has none, or one that doesn't.
Knows no page and no resource.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import RequestTimeout

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Seconds that a body may take, and that one may take while many are waited for.
WITHIN, WITHIN_AMONG_MANY = 10.0, 0.5


class BodiesInTime:
    """Let the portal read bodies of at most ``longest`` bytes in time; ``threads`` answer requests."""

    def __init__(self, portal: WSGIApplication, *, threads: int, longest: int) -> None:
        self._portal = portal
        self._longest = longest
        #: How many may wait without hurry: half of the threads stay free for everybody else.
        self._patient = threading.BoundedSemaphore(max(1, threads // 2))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on."""
        if environ.get("CONTENT_LENGTH") in {None, "", "0"} and "HTTP_TRANSFER_ENCODING" not in environ:
            return self._portal(environ, start_response)
        body = environ["wsgi.input"] = _Body(environ["wsgi.input"], self._longest, self._patient)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            # What still comes of the body would be taken for the next request.
            return start_response(status, [*headers, ("Connection", "close")] if body.late else headers, *rest)

        return self._portal(environ, start)


class _Body:
    """A request's body, read by a thread of its own the first time that somebody asks for it.

    The server's own reading can't be told to stop. A late one goes on in its thread until the client has gone, and
    whoever waited for it is free.
    """

    def __init__(self, stream: Any, longest: int, patient: threading.BoundedSemaphore) -> None:
        self._stream, self._longest, self._patient = stream, longest, patient
        self._whole: BytesIO | None = None
        self._broken: Exception | None = None
        self.late = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; 408 where the body doesn't come in time."""
        return self._buffer().read(size)

    def readline(self, size: int = -1) -> bytes:
        """Return the next line; 408 where the body doesn't come in time."""
        return self._buffer().readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Return the lines that are left; 408 where the body doesn't come in time."""
        return self._buffer().readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        """Return the lines that are left; 408 where the body doesn't come in time."""
        return iter(self._buffer())

    def _buffer(self) -> BytesIO:
        if self._whole is None and not self.late:
            self._wait()
        if self._whole is None:
            raise self._broken or RequestTimeout()
        return self._whole

    def _wait(self) -> None:
        reader = threading.Thread(target=self._read_all, name="body", daemon=True)
        reader.start()
        reader.join(WITHIN_AMONG_MANY)
        if reader.is_alive() and self._patient.acquire(blocking=False):
            try:
                reader.join(WITHIN - WITHIN_AMONG_MANY)
            finally:
                self._patient.release()
        self.late = self._whole is None

    def _read_all(self) -> None:
        try:
            self._whole = BytesIO(self._stream.read(self._longest))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            self._broken = error
