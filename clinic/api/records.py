"""The medical record of a visit: read and write, its version as ETag."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from clinic import records
from clinic.api.answers import answer, done, picked
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.schemas import records as schemas
from clinic.policy import Action, Actor

resource = Resource("medical records", __name__, description="What was found and decided at a visit.")

_KEYS = tuple(schemas.MedicalRecord().fields)

ETAG = {"ETag": {"description": "The record's version, for `If-Match`.", "schema": {"type": "string"}}}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that the caller read; if the record has changed since, nothing is written (412).",
    "schema": {"type": "string"},
}

#: A version that no record has.
_NEVER = -1


def record_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as the contract writes it."""
    return picked(row, _KEYS)


def etag(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the header that names a record's version."""
    return {"ETag": f'"{row["version"]}"'}


def expected_version() -> int | None:
    """Return the version that ``If-Match`` asks for: None without the header or for ``*``.

    Versions only go up, so of several tags the newest decides. A tag that is none of ours matches nothing.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    versions = [int(tag) for tag in request.if_match.as_set() if tag.isascii() and tag.isdecimal() and len(tag) < 10]
    return max(versions, default=_NEVER)


@resource.route("/appointments/<id:appointment_id>/medical-record/")
@resource.response(200, schemas.MedicalRecord, headers=ETAG)
@resource.refuses(404)
@signed_in(Action.READ_RECORD)
def medical_record(actor: Actor, appointment_id: int) -> Response:
    """Read the record of a visit: its patient, its doctor, an admin."""
    row = records.record_of(actor, appointment_id)
    return answer(record_body(row), headers=etag(row))


def _write(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    row, created = records.write_record(actor, appointment_id, expected_version=expected_version(), **body)
    message = _("The record is written.") if created else _("The record is updated.")
    return done(message, status=201 if created else 200, headers=etag(row), medical_record=record_body(row))


@resource.route("/appointments/<id:appointment_id>/medical-record/", methods=["POST"])
@resource.response(200, schemas.MedicalRecordSaved, headers=ETAG)
@resource.alt_response(201, schema=schemas.MedicalRecordSaved, headers=ETAG, success=True)
@resource.refuses(404, 409, 412)
@resource.doc(parameters=[IF_MATCH])
@signed_in(Action.WRITE_RECORD)
@resource.arguments(schemas.RecordEntry)
def write_medical_record(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Write the record of a visit: its doctor; creates it, or updates the keys that are sent."""
    return _write(actor, body, appointment_id)


@resource.route("/appointments/<id:appointment_id>/medical-record/", methods=["PUT"])
@resource.response(200, schemas.MedicalRecordSaved, headers=ETAG)
@resource.alt_response(201, schema=schemas.MedicalRecordSaved, headers=ETAG, success=True)
@resource.refuses(404, 409, 412)
@resource.doc(parameters=[IF_MATCH])
@signed_in(Action.WRITE_RECORD)
@resource.arguments(schemas.RecordEntry)
def put_medical_record(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Write the record of a visit: the same by PUT."""
    return _write(actor, body, appointment_id)
