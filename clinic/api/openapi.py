"""The API about itself: its index and its OpenAPI document, as JSON and YAML, and the pages that show it.

The document is made once for an application, from the operations as they are registered.
"""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, make_response, render_template, url_for
from marshmallow import fields

from clinic import settings
from clinic.api.blueprint import Resource
from clinic.api.operation_docs import describe
from clinic.api.responses import answer, at_public_address
from clinic.api.schemas.fields import Answer, Choice, Query
from clinic.i18n import LANGUAGES

resource = Resource("about", __name__, description="The API about itself.")

VERSION = "1.0.0"
DESCRIPTION = f"""Everything that patients, doctors and the office do here, for programs.

Sign in at `auth/login/` and send the access token as `Authorization: Bearer <access>`. Bodies are JSON. A path may be
written without its closing slash. An empty string for an optional value means null. Texts come in the language of
`Accept-Language` ({", ".join(LANGUAGES)}). Every error has the shape of the schema `Error`; 429 and 503 say in `Retry-After` how many
seconds to wait. Only the public directory may be cached.
"""
EXTENSION = "clinic-api"
_LINKS = {
    "departments": "api_directory.departments",
    "services": "api_directory.services",
    "doctors": "api_directory.doctors",
    "rooms": "api_directory.rooms",
    "available_slots": "api_slots.available_slots",
    "appointments": "api_appointments.appointments",
    "me": "api_profile.me",
    "register": "api_accounts.register",
    "login": "api_accounts.login",
    "schema": "api_about.schema",
    "docs": "api_about.docs",
    "redoc": "api_about.redoc",
    "medical_records": "api_medical records.medical_records",
    "patients": "api_patients.patients",
    "clinic": "api_clinic.clinic",
    "slots": "api_slots.slots",
    "opening_hours": "api_hours.opening_hours",
    "closures": "api_hours.closures",
    "leave": "api_leave.leave",
    "visits_to_settle": "api_leave.visits_to_settle",
}


class Index(Answer):
    """What the API is and where its parts are."""

    name = fields.String()
    version = fields.String()
    links = fields.Dict(keys=fields.String(), values=fields.Url())


#: Where the office's pages are. The original's client leads its admins to the API's address for them.
OFFICE = "/admin/"


@resource.route("/admin/")
@resource.response(303, description="The office's pages are elsewhere.")
def office() -> Response:
    """Find the office's pages."""
    return Response(status=303, headers={"Location": OFFICE})


class SchemaFormat(Query):
    """How the document is written."""

    format = Choice("json", "yaml")


@resource.route("/")
@resource.response(200, Index)
def index() -> Response:
    """Read what the API is and where its parts are."""
    links = {name: at_public_address(url_for(endpoint, _external=True)) for name, endpoint in _LINKS.items()}
    return answer({"name": settings.current().clinic_name, "version": VERSION, "links": links})


_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")


def _scalar(value: object) -> str:
    """Return a value without parts in JSON's notation, which is YAML's too, surrogate pairs apart."""
    return _PAIR.sub(lambda pair: f"\\U{ord(json.loads(chr(34) + pair[0] + chr(34))):08x}", json.dumps(value))


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """Yield a JSON value as lines of YAML: blocks for what has parts, JSON's own notation for the rest."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _yaml_entry(f"{indent}{_scalar(str(key))}:", inner, indent)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _yaml_entry(f"{indent}-", inner, indent)
    else:
        yield f"{indent}{_scalar(value)}"


def _yaml_entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield start
        yield from yaml_lines(value, f"{indent}  ")
    else:
        yield f"{start} {_scalar(value)}"


def document() -> dict[str, Any]:
    """Return the OpenAPI document of this application."""
    api = current_app.extensions[EXTENSION]
    # A copy in JSON's own terms: keys are texts, and nothing of the registry is written into.
    made: dict[str, Any] = json.loads(json.dumps(api.document(current_app)))
    made["info"]["title"] = f"{settings.current().clinic_name} API"
    return describe(made)


@resource.route("/schema/")
@resource.response(200, {"type": "object"}, description="OpenAPI 3.1; as YAML with `format=yaml`.")
@resource.arguments(SchemaFormat, location="query")
def schema(query: dict[str, Any]) -> Response:
    """Read this document."""
    if query.get("format") == "yaml":
        return Response("\n".join(yaml_lines(document())) + "\n", mimetype="application/yaml")
    return answer(document())


HTML = {"type": "string"}
#: Two style sheets that ReDoc 2.5.4 writes without its nonce (one is empty), by their digests.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)


@resource.route("/docs/")
@resource.response(200, HTML, content_type="text/html", description="Swagger UI.")
def docs() -> Response:
    """Read the documentation in Swagger UI."""
    return make_response(render_template("api/docs.html", schema_url=url_for("api_about.schema")))


@resource.route("/redoc/")
@resource.response(200, HTML, content_type="text/html", description="ReDoc.")
def redoc() -> Response:
    """Read the documentation in ReDoc."""
    # ReDoc writes its styles into the page, so this page alone lets styles with its nonce through.
    nonce = secrets.token_urlsafe(16)
    page = make_response(render_template("api/redoc.html", schema_url=url_for("api_about.schema"), nonce=nonce))
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}' {REDOC_STYLES}; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page
