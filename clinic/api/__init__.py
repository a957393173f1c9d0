"""The REST API under ``/api/v1/``: JSON for programs, grouped by resource (``docs/api.md``).

``auth`` (who calls), ``request_parsing`` and ``responses`` (bodies in and out), ``blueprint`` (what every operation shares),
``schemas`` (shapes), ``paths``, ``cors``, ``language``; the rest is one module a resource. Knows the domains by their
front doors, and no page.
"""

import threading
from typing import Any

from flask import Flask
from flask_smorest import Api

from clinic.api import (
    accounts,
    appointments,
    auth,
    caching,
    clinic,
    cors,
    directory,
    emails,
    hours,
    leave,
    openapi,
    passwords,
    paths,
    patients,
    profile,
    records,
    second_factor,
    slots,
    staff_notes,
)
from clinic.api.blueprint import BEARER
from clinic.api.language import chosen_language
from clinic.api.schemas.errors import Error
from clinic.id_converter import IdConverter

RESOURCES = (
    accounts.resource,
    second_factor.resource,
    passwords.resource,
    emails.resource,
    profile.resource,
    clinic.resource,
    directory.resource,
    slots.resource,
    hours.resource,
    leave.resource,
    appointments.resource,
    records.resource,
    staff_notes.resource,
    patients.resource,
    openapi.resource,
)


class ClinicApi(Api):
    """The registry of operations. Answering errors is ``clinic.http_errors``'s, for this and for pages."""

    ERROR_SCHEMA = Error
    #: Every status that an operation answers is documented by name.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._describing, self._is_described = threading.Lock(), False

    def _register_error_handlers(self) -> None:
        """Leave errors alone: the extension would answer those of pages in JSON too, and drop ``Allow``."""

    def document(self, app: Flask) -> dict[str, Any]:
        """Return the OpenAPI document of the operations, described for the first who asks: most processes nobody asks."""
        with self._describing:
            if not self._is_described:
                for resource in RESOURCES:
                    resource.describe_in(self, app)
                self._is_described = True
        document: dict[str, Any] = self.spec.to_dict()
        return document


def install(app: Flask) -> None:
    """Put the API on ``app``."""
    paths.install(app)
    cors.install(app)
    caching.install(app)
    auth.install(app)
    api = ClinicApi(
        spec_kwargs={
            "title": f"{app.config['CLINIC_NAME']} API",
            "version": openapi.VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": openapi.DESCRIPTION},
        }
    )
    api.init_app(app)
    api.register_converter(IdConverter, lambda _converter: {"type": "integer", "minimum": 1})
    api.spec.components.security_scheme(
        BEARER, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token."}
    )
    for resource in RESOURCES:
        app.register_blueprint(resource)
    app.extensions[openapi.EXTENSION] = api


__all__ = ["chosen_language", "install"]
