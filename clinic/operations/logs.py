"""Structured logs: one line a request with its id, JSON in production. Never a query string, a body or a name."""

import logging
import re
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request

from clinic import audit

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/healthz", "/readyz")

log = structlog.get_logger("clinic.request")


def install(app: Flask, *, json: bool) -> None:
    """Configure structlog and write one line a request."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            # Never with local variables, as rich would print them: they hold tokens and what people typed.
            colors=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if json else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if app.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()
    audit.request_id.set(g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if request.path not in _QUIET and "began" in g:
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint,
            path=shown_path(),
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
    return response


def shown_path() -> str:
    """Return the request's path as it may be written down: of an address that holds a token, only its pattern."""
    rule = request.url_rule
    if rule is not None:
        return rule.rule if "token" in rule.arguments else request.path
    # No page of ours: what stands behind the first part may be a mistyped link with a token.
    first = request.path.split("/")[1]
    return request.path if first in ("api", "static") else f"/{first[:40]}/..."
