"""Traces by OpenTelemetry, for whoever has an extra installed and names a collector (OTEL_EXPORTER_OTLP_ENDPOINT).

Loaded only then. Everything that the instrumentations collect is left out before it leaves, but for a list of what may
(``span_redaction``).
"""

import os
from collections.abc import Sequence

from flask import Flask
from opentelemetry.context import Context, get_current
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, Status

from clinic.db import db
from clinic.operations.span_redaction import allowed, name_of
from clinic.version import VERSION

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


class Deaf(TextMapPropagator):
    """Takes no trace over from a client, and hands none on."""

    def extract(self, carrier: object, context: Context | None = None, getter: object = None) -> Context:
        """Return the context without anything of the carrier's."""
        return get_current() if context is None else context

    def inject(self, carrier: object, context: Context | None = None, setter: object = None) -> None:
        """Add nothing."""

    @property
    def fields(self) -> set[str]:
        """The headers that are set: none."""
        return set()


def _redacted(span: ReadableSpan) -> ReadableSpan:
    """Return a span with nothing of a person in it: what may leave is a list."""
    return ReadableSpan(
        name=name_of(span.name, span.attributes),
        context=_bare(span.get_span_context()),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=allowed(span.attributes),
        events=[Event(each.name, allowed(each.attributes), each.timestamp) for each in span.events],
        links=(),
        kind=span.kind,
        # Its description would be the message of an error.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: SpanContext | None) -> SpanContext | None:
    """Return a span's ids without its trace state, which a client may have written."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def install(app: Flask, exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace what ``app`` answers and the statements of its databases, which are open already.

    The exporter and all else is set by OpenTelemetry's own variables (OTEL_TRACES_SAMPLER and the like). What a client says of a
    trace is believed only where OTEL_PROPAGATORS is set: else anybody could have their requests traced.
    """
    if not os.environ.get("OTEL_PROPAGATORS"):
        set_global_textmap(Deaf())
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "clinic-portal"}
    provider = TracerProvider(resource=Resource.create({**named, SERVICE_VERSION: VERSION}))
    provider.add_span_processor(BatchSpanProcessor(Discreet(exporter or OTLPSpanExporter())))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider, excluded_urls=QUIET)
    with app.app_context():
        engines = list(db.engines.values())
    # It names the versions of SQLAlchemy that it was tried with, and knows no newer one.
    SQLAlchemyInstrumentor().instrument(engines=engines, tracer_provider=provider, skip_dep_check=True)
    return provider
