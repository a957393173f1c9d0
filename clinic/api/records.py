"""Medical records: of an appointment or by their own ids; read, list and write, their versions as ETags."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import records
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.responses import answer, done, listed, picked
from clinic.api.schemas import records as schemas
from clinic.api.schemas.fields import page_of
from clinic.api.versions import ETAG, IF_MATCH, etag, expected_version
from clinic.policy import Action, Actor
from clinic.records import RecordFields, RecordRow

resource = Resource("medical records", __name__, description="What was found and decided at a visit.")

_KEYS = tuple(schemas.MedicalRecord().fields)


def record_body(row: RecordRow) -> dict[str, object]:
    """Return a record as the API writes it."""
    return picked(row, _KEYS)


@resource.route("/appointments/<id:appointment_id>/medical-record/")
@resource.response(200, schemas.MedicalRecord, headers=ETAG)
@resource.refuses(400, 403, 404)
@signed_in(Action.READ_RECORD, reads_records=True)
def medical_record(actor: Actor, appointment_id: int) -> Response:
    """Read the record of an appointment: its patient, its doctor, an admin."""
    row = records.record_of(actor, appointment_id)
    return answer(record_body(row), headers=etag(row))


def _write(actor: Actor, body: RecordFields, appointment_id: int) -> Response:
    row, created = records.write_record(actor, appointment_id, expected_version=expected_version(), **body)
    message = _("The record has been saved.") if created else _("The record has been updated.")
    return done(message, status=201 if created else 200, headers=etag(row), medical_record=record_body(row))


@resource.also(
    "/appointments/<id:appointment_id>/medical-record/",
    methods=["PUT"],
    name="put_medical_record",
    summary="Write the record of an appointment: the same by PUT.",
)
@resource.route("/appointments/<id:appointment_id>/medical-record/", methods=["POST"])
@resource.response(200, schemas.MedicalRecordSaved, headers=ETAG)
@resource.alt_response(201, schema=schemas.MedicalRecordSaved, headers=ETAG, success=True)
@resource.refuses(404, 409, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.WRITE_RECORD, reads_records=True)
@resource.arguments(schemas.RecordEntry)
def write_medical_record(actor: Actor, body: RecordFields, appointment_id: int) -> Response:
    """Write the record of an appointment: its doctor; creates it, or updates the keys that are sent."""
    return _write(actor, body, appointment_id)


@resource.also(
    "/appointments/my-medical-records/", name="my_medical_records", summary="List records: the same at another path."
)
@resource.route("/medical-records/")
@resource.response(200, schemas.MedicalRecordList)
@resource.refuses(400, 403, 404)
@signed_in(Action.READ_RECORD, reads_records=True)
@resource.arguments(schemas.RecordFilter, location="query")
def medical_records(actor: Actor, query: dict[str, Any]) -> Response:
    """List records: a patient's own, those of a doctor's own appointments, all for an admin.

    The newest appointment comes first.
    """
    return listed(records.my_records(actor, page=page_of(query), **query), record_body)


@resource.route("/medical-records/<id:record_id>/")
@resource.response(200, schemas.MedicalRecord, headers=ETAG)
@resource.refuses(400, 403, 404)
@signed_in(Action.READ_RECORD, reads_records=True)
def record(actor: Actor, record_id: int) -> Response:
    """Read a record by its own id."""
    row = records.record(actor, record_id)
    return answer(record_body(row), headers=etag(row))


@resource.route("/medical-records/<id:record_id>/", methods=["PUT"])
@resource.response(200, schemas.MedicalRecordSaved, headers=ETAG)
@resource.refuses(404, 409, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.WRITE_RECORD, reads_records=True)
@resource.arguments(schemas.RecordEntry)
def put_record(actor: Actor, body: RecordFields, record_id: int) -> Response:
    """Update a record by its own id: its doctor; the keys that are sent."""
    return _write(actor, body, records.appointment_of(actor, Action.WRITE_RECORD, record_id))
