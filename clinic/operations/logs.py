"""Structured logs: one line a request with its id, whose it is and from where, JSON in production.

Never a query string, a body, a name or an e-mail (docs/security.md).
"""

import logging
import logging.config
import re
import secrets
import sys
import time
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, request

from clinic import audit
from clinic.operations import log_format
from clinic.policy import Actor

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/healthz", "/readyz", "/metrics")

log = structlog.get_logger("clinic.request")


def install(app: Flask, *, json: bool) -> None:
    """Configure structlog and write one line a request."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *log_format.processors(json=json),
            log_format.renderer(json=json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if app.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    if json:
        # What libraries warn of stands among our lines.
        root = {"handlers": ["console"], "level": "WARNING"}
        logging.config.dictConfig(
            {"version": 1, "disable_existing_loggers": False, "root": root, **log_format.handlers(json=json)}
        )
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.began = time.perf_counter()
    audit.request_id.set(g.request_id)
    audit.origin.set(audit.RequestOrigin(request.remote_addr or "", request.user_agent.string))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if request.path not in _QUIET and "began" in g:
        log.log(
            _level(response.status_code),
            "request",
            method=request.method,
            endpoint=request.endpoint,
            path=shown_path(),
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
            address=request.remote_addr,
            **_given_id(),
            **_who(),
        )
    return response


def _given_id() -> dict[str, str]:
    """Return the id that a client gave its request, if it can be one: it is the client's word and enters nothing else."""
    given = request.headers.get("X-Request-Id", "")
    return {"client_request_id": given} if _GOOD_ID.fullmatch(given) else {}


def _level(status: int) -> int:
    """Return how loud a line is: a fault of ours, what the operator may want to look at, what is usual."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return logging.WARNING
    return logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO


def note_actor(actor: Actor) -> None:
    """Let the line of the present request say whose it is, by id and role."""
    g.logged_actor = actor


def noted_actor() -> Actor | None:
    """Return who is signed in, as far as the present request has looked."""
    actor: Actor | None = g.get("logged_actor")
    return actor


def _who() -> dict[str, object]:
    actor = noted_actor()
    return {} if actor is None else {"user_id": actor.user_id, "role": str(actor.role)}


def shown_path() -> str:
    """Return the request's path as it may be written down: of an address that holds a token, only its pattern."""
    rule = request.url_rule
    if rule is not None:
        return rule.rule if "token" in rule.arguments else request.path
    # No page of ours: what stands behind the first part may be a mistyped link with a token.
    first = request.path.split("/")[1]
    return request.path if first in ("api", "static") else f"/{first[:40]}/..."
