"""A doctor's own patients, with their appointments to this doctor and the records of these."""

from typing import Any

from flask import Response

from clinic import records
from clinic.api.appointments import appointment_body
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.records import record_body
from clinic.api.responses import listed, picked
from clinic.api.schemas import patients as schemas
from clinic.api.schemas.fields import page_of
from clinic.policy import Action, Actor
from clinic.records import PatientWithRecords

resource = Resource("patients", __name__, description="A doctor's own patients.")

_KEYS = tuple(schemas.OwnPatient().fields)


def _body(row: PatientWithRecords) -> dict[str, object]:
    written = {record["appointment_id"]: record for record in row["medical_records"]}
    return {
        **picked(row, _KEYS),
        "appointments": [
            appointment_body(appointment, written.get(appointment["id"])) for appointment in row["appointments"]
        ],
        "medical_records": [record_body(record) for record in row["medical_records"]],
    }


def _listed(actor: Actor, query: dict[str, Any]) -> Response:
    return listed(records.my_patients(actor, page=page_of(query), **query), _body)


@resource.route("/patients/")
@resource.response(200, schemas.OwnPatientList)
@resource.refuses(404)
@signed_in(Action.SEE_PATIENTS, reads_records=True)
@resource.arguments(schemas.PatientFilter, location="query")
def patients(actor: Actor, query: dict[str, Any]) -> Response:
    """List a doctor's own patients by name, each with their appointments and records."""
    return _listed(actor, query)


@resource.route("/appointments/my-patients/")
@resource.response(200, schemas.OwnPatientList)
@resource.refuses(404)
@signed_in(Action.SEE_PATIENTS, reads_records=True)
@resource.arguments(schemas.PatientFilter, location="query")
def my_patients(actor: Actor, query: dict[str, Any]) -> Response:
    """List a doctor's own patients: the same at another path."""
    return _listed(actor, query)
