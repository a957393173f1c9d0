"""Telling metrics: at ``/metrics`` of the portal to whoever has the token, and on an address of their own."""

import hmac
import socket
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer, choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from clinic.db import db
from clinic.limits import limiter
from clinic.operations.metrics import counting
from clinic.operations.metrics.reading import Processes, State
from clinic.operations.metrics_folder import MetricsFolder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/metrics"
#: Where an application keeps what is told of it (among its ``extensions``).
REGISTRY = "clinic_metrics"
#: Seconds that whoever asks may take to send a request and to read its answer.
PATIENCE = 10


def install(app: Flask, token: str | None) -> None:
    """Count what ``app`` answers, and with a ``token`` tell it at its ``/metrics``; its database is open already."""
    counting.count_requests(app)
    with app.app_context():
        counting.count_connections(db.engine)
        for engine in db.engines.values():
            counting.count_statements(engine)
    app.extensions[REGISTRY] = _registry(app)
    if token is not None:
        app.add_url_rule(PATH, "metrics", limiter.exempt(_only_with(token)))


def _registry(app: Flask) -> CollectorRegistry:
    """Return all that can be read: what every process has counted, how they are, and how the portal stands."""
    folder, counted = MetricsFolder.present(), counting.instruments().registry
    registry = CollectorRegistry()
    if folder is not None:
        MultiProcessCollector(registry, str(folder.path))  # type: ignore[no-untyped-call] # the library has no type here
    if counted is not None:
        registry.register(counted)
    registry.register(Processes(folder))
    registry.register(State(app))
    return registry


def _only_with(token: str) -> Callable[[], Response]:
    wanted = f"Bearer {token}".encode()

    def metrics() -> Response:
        """Tell the metrics of all processes, in the format that is asked for."""
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, wanted):
            return Response("Metrics want their token.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        body = encode(current_app.extensions[REGISTRY])
        return Response(body, headers={"Cache-Control": "no-store"}, content_type=content_type)

    return metrics


class _Server(ThreadingWSGIServer):
    """Takes connections from a socket that several processes listen at."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = listening.getsockname()[:2]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        """Log nothing: somebody asks every few seconds."""


def serve(app: Flask, listening: socket.socket) -> None:
    """Answer at an address of their own, from a thread, whatever the portal's threads are doing."""
    answer = make_wsgi_app(app.extensions[REGISTRY])

    def only_metrics(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [f"Metrics are at {PATH}.\n".encode()]
        answered: Iterable[bytes] = answer(environ, start_response)
        return answered

    server = _Server(listening)
    server.set_app(only_metrics)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
