"""What is counted as it happens: requests with their time and the database's, connections, and what is told by ``clinic.events``."""

import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask, Response, has_request_context, request, request_finished, request_started, request_tearing_down
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from sqlalchemy import Engine, QueuePool, event

from clinic import events
from clinic.events import Event
from clinic.operations.addresses import is_api
from clinic.operations.metrics_folder import MetricsFolder

#: Seconds; what people wait for is between the second and the seventh.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: What HTTP knows; any other word of a request would be a label of its sender's choice.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: The label of a request that is for no page or operation of ours.
NOWHERE = "none"


class Instruments:
    """Everything that is counted in this process."""

    def __init__(self) -> None:
        # When a counter was made is no news to anybody, and doubles what is told.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library has no type here
        # What is counted in files is collected from them, for all processes.
        self.registry = None if MetricsFolder.present() else CollectorRegistry()
        kept: dict[str, Any] = {"registry": self.registry}
        self.requests = Counter("clinic_requests", "Requests answered.", ["endpoint", "method", "status"], **kept)
        self.durations = Histogram(
            "clinic_request_duration_seconds", "Time to answer a request.", ["endpoint"], buckets=BUCKETS, **kept
        )
        self.in_progress = Gauge(
            "clinic_requests_in_progress", "Requests being answered, by process.", multiprocess_mode="liveall", **kept
        )
        self.statements = Counter(
            "clinic_database_statements", "Statements executed for requests.", ["endpoint"], **kept
        )
        self.database = Counter(
            "clinic_database_seconds", "Time that requests waited for statements.", ["endpoint"], **kept
        )
        self.connections = Gauge(
            "clinic_database_connections_in_use",
            "Connections taken out of the pool.",
            multiprocess_mode="livesum",
            **kept,
        )
        self.appointments = Counter(
            "clinic_appointments", "Appointments booked (created), moved, cancelled, ...", ["event"], **kept
        )
        self.sign_ins = Counter("clinic_sign_ins", "Tries to sign in, by what came of them.", ["result"], **kept)
        self.refusals = Counter("clinic_refusals", "Refusals and errors, by code.", ["code", "delivery"], **kept)


@cache
def instruments() -> Instruments:
    """Return what this process counts with; the same for all applications in it."""
    return Instruments()


@dataclass(slots=True)
class _Work:
    """What a request has cost so far, in seconds of the processor's clock."""

    began: float
    statements: int = 0
    database: float = 0.0
    statement_began: float = 0.0


_work: ContextVar[_Work | None] = ContextVar("metrics_work", default=None)


def _begin(_app: Flask, **_more: object) -> None:
    _work.set(_Work(time.perf_counter()))
    instruments().in_progress.inc()


def _count(_app: Flask, response: Response, **_more: object) -> None:
    work = _work.get()
    if work is None:
        return
    endpoint = request.endpoint or NOWHERE
    _answered(endpoint, _method(), response.status_code).inc()
    duration, statements, database = _costs(endpoint)
    duration.observe(time.perf_counter() - work.began)
    if work.statements:
        statements.inc(work.statements)
        database.inc(work.database)


def _end(_app: Flask, **_more: object) -> None:
    if _work.get() is not None:
        _work.set(None)
        instruments().in_progress.dec()


def _method() -> str:
    return request.method if request.method in METHODS else "other"


# Looking a labelled counter up costs more than counting: few are needed, and each is kept.


@cache
def _answered(endpoint: str, method: str, status: int) -> Counter:
    return instruments().requests.labels(endpoint, method, str(status))


@cache
def _costs(endpoint: str) -> tuple[Histogram, Counter, Counter]:
    found = instruments()
    return found.durations.labels(endpoint), found.statements.labels(endpoint), found.database.labels(endpoint)


def _on_event(happened: Event, detail: str) -> None:
    match happened:
        case Event.APPOINTMENT:
            instruments().appointments.labels(detail).inc()
        case Event.SIGN_IN:
            instruments().sign_ins.labels(detail).inc()
        case Event.REFUSAL:
            instruments().refusals.labels(detail, _delivery()).inc()


def _delivery() -> str:
    return "api" if has_request_context() and is_api() else "pages"


def count_requests(app: Flask) -> None:
    """Count what ``app`` answers, and what happens meanwhile."""
    request_started.connect(_begin, app)
    request_finished.connect(_count, app)
    request_tearing_down.connect(_end, app)
    events.listen(_on_event)


# --- the database -----------------------------------------------------------------------------------------------------


def _begin_statement(*_context: object) -> None:
    work = _work.get()
    if work is not None:
        work.statement_began = time.perf_counter()


def _end_statement(*_context: object) -> None:
    work = _work.get()
    if work is not None:
        work.statements += 1
        work.database += time.perf_counter() - work.statement_began


def count_statements(engine: Engine) -> None:
    """Count the statements of ``engine`` and their time."""
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)


def count_connections(engine: Engine) -> None:
    """Count the connections of ``engine`` that are in use."""
    event.listen(engine, "checkout", lambda *_: _count_connections(engine, 0))
    # The connection that comes back isn't back yet when the pool tells of it.
    event.listen(engine, "checkin", lambda *_: _count_connections(engine, -1))


def _count_connections(engine: Engine, more: int) -> None:
    # Asked of the pool each time: counting ourselves would go wrong for ever with the first connection that breaks.
    if isinstance(engine.pool, QueuePool):
        instruments().connections.set(max(0, engine.pool.checkedout() + more))
