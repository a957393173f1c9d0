"""Traces by OpenTelemetry, for whoever has an extra installed and names a collector (OTEL_EXPORTER_OTLP_ENDPOINT).

Loaded only then. A span tells of a request its route, status and time, and of a statement its text with placeholders: what
docs/security.md lets logs say of a request, less the address and who asked. Everything else that the instrumentations
collect is left out before it leaves, by a list of what may.
"""

import os
from collections.abc import Mapping, Sequence

from flask import Flask
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status

from clinic.db import db
from clinic.version import VERSION

#: What leaves of a span or event: by the older names of the conventions and by the newer.
TOLD = frozenset(
    {
        *("http.method", "http.request.method", "http.route", "http.scheme", "url.scheme"),
        *("http.status_code", "http.response.status_code", "http.flavor", "network.protocol.version"),
        *(
            "db.system",
            "db.system.name",
            "db.name",
            "db.namespace",
            "db.statement",
            "db.query.text",
            "db.operation.name",
        ),
        *("error.type", "exception.type"),
    }
)
#: Asked every few seconds by machines.
QUIET = "healthz,readyz,metrics"


class Discreet(SpanExporter):
    """Hands spans on without what may name or be typed by a person: addresses, queries, paths, messages of errors."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what may be told of these spans."""
        return self._exporter.export([_redacted(span) for span in spans])

    def shutdown(self) -> None:
        """Send nothing more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return bool(self._exporter.force_flush(timeout_millis))


def _redacted(span: ReadableSpan) -> ReadableSpan:
    """Return a span with nothing of a person in it: what may leave is a list."""
    return ReadableSpan(
        name=_name(span),
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_allowed(span.attributes),
        events=[Event(each.name, _allowed(each.attributes), each.timestamp) for each in span.events],
        links=(),
        kind=span.kind,
        # Its description would be the message of an error.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _name(span: ReadableSpan) -> str:
    """Return the span's name; of a request for no page of ours, which is named by its path, the method alone."""
    is_nowhere = span.kind is SpanKind.SERVER and "http.route" not in (span.attributes or {})
    name: str = span.name
    return name.partition(" ")[0] if is_nowhere else name


def _allowed(attributes: Mapping[str, object] | None) -> dict[str, object]:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}


def install(app: Flask, exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace what ``app`` answers and the statements of its databases, which are open already.

    The exporter and all else is set by OpenTelemetry's own variables (OTEL_TRACES_SAMPLER and the like).
    """
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "clinic-portal"}
    provider = TracerProvider(resource=Resource.create({**named, SERVICE_VERSION: VERSION}))
    provider.add_span_processor(BatchSpanProcessor(Discreet(exporter or OTLPSpanExporter())))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider, excluded_urls=QUIET)
    with app.app_context():
        engines = list(db.engines.values())
    # It names the versions of SQLAlchemy that it was tried with, and knows no newer one.
    SQLAlchemyInstrumentor().instrument(engines=engines, tracer_provider=provider, skip_dep_check=True)
    return provider
