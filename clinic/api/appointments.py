"""Appointments: list, book, read, edit, cancel, move, hand over, confirm, complete, assign a service."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, request
from flask_babel import gettext as _
from marshmallow import INCLUDE

from clinic import records, scheduling
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.records import record_body
from clinic.api.responses import answer, done, listed, nothing, picked
from clinic.api.schemas import appointments as schemas
from clinic.api.schemas.fields import page_of, speakable
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, can
from clinic.records import RecordRow
from clinic.scheduling import AppointmentChanges, AppointmentRow

resource = Resource("appointments", __name__, description="Visits: book, read, edit, cancel, move, confirm, complete.")

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "A word of the caller's own for this booking, kept for "
    f"{scheduling.IDEMPOTENCY_KEPT_HOURS} hours. Sent again with the same body, it is "
    "answered with the first booking and books nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": scheduling.IDEMPOTENCY_KEY_MAX, "pattern": "^[ -~]+$"},
}

_KEYS = tuple(name for name in schemas.Appointment().fields if name != "medical_record")


def appointment_bodies(actor: Actor, rows: Sequence[AppointmentRow]) -> list[dict[str, object]]:
    """Return appointments as the API writes them, each with its record; the records are read once for all."""
    by_appointment = records.records_for(actor, [row["id"] for row in rows])
    return [appointment_body(row, by_appointment.get(row["id"])) for row in rows]


def appointment_body(row: AppointmentRow, record: RecordRow | None) -> dict[str, object]:
    """Return one appointment with its record."""
    return {**picked(row, _KEYS), "medical_record": None if record is None else record_body(record)}


def _by_header(refusal: InvalidInput) -> InvalidInput:
    """Return a refusal with the idempotency key named as the header that it came in."""
    names = {"idempotency_key": str(IDEMPOTENCY_KEY["name"])}
    refusal.errors = {names.get(name, name): texts for name, texts in refusal.errors.items()}
    return refusal


def _done(actor: Actor, row: AppointmentRow, message: str, status: int = 200, **more: Any) -> Response:
    """Answer that something was done to an appointment."""
    return done(message, status=status, appointment=appointment_bodies(actor, [row])[0], **more)


@resource.route("/appointments/")
@resource.response(200, schemas.AppointmentList)
@resource.refuses(404)
@signed_in(Action.SEE_APPOINTMENT, reads_records=True)
@resource.arguments(schemas.AppointmentPageFilter, location="query")
def appointments(actor: Actor, query: dict[str, Any]) -> Response:
    """List appointments: a patient's own, a doctor's own, all for an admin; the newest day first."""
    return _listed(actor, query)


def _listed(actor: Actor, query: dict[str, Any]) -> Response:
    page = scheduling.appointments(actor, page=page_of(query), **query)
    return listed(page.with_results(appointment_bodies(actor, page.results)))


@resource.route("/patient/appointments/")
@resource.response(200, schemas.AppointmentList)
@resource.refuses(404)
@signed_in(Action.SEE_APPOINTMENT, only=Role.PATIENT, reads_records=True)
@resource.arguments(schemas.AppointmentPageFilter, location="query")
def patient_appointments(actor: Actor, query: dict[str, Any]) -> Response:
    """List a patient's own appointments: the same for that role alone."""
    return _listed(actor, query)


@resource.route("/doctor/appointments/")
@resource.response(200, schemas.AppointmentList)
@resource.refuses(404)
@signed_in(Action.SEE_APPOINTMENT, only=Role.DOCTOR, reads_records=True)
@resource.arguments(schemas.AppointmentPageFilter, location="query")
def doctor_appointments(actor: Actor, query: dict[str, Any]) -> Response:
    """List a doctor's own appointments: the same for that role alone."""
    return _listed(actor, query)


@resource.route("/appointments/my-appointments/")
@resource.response(200, schemas.Appointment(many=True))
@resource.refuses(404)
@signed_in(Action.SEE_APPOINTMENT, reads_records=True)
@resource.arguments(schemas.AppointmentFilter, location="query")
def my_appointments(actor: Actor, query: dict[str, Any]) -> Response:
    """List the same appointments all at once."""
    return answer(appointment_bodies(actor, scheduling.appointments(actor, page=None, **query).results))


@resource.route("/appointments/", methods=["POST"])
@resource.response(201, schemas.AppointmentDone)
@resource.refuses(409)
@resource.reads(IDEMPOTENCY_KEY)
@signed_in(Action.BOOK, reads_records=True)
@resource.arguments(schemas.Booking)
def book(actor: Actor, body: dict[str, Any]) -> Response:
    """Book an appointment: a patient for themselves, an admin for a patient."""
    on, at = body.pop("appointment_date"), body.pop("appointment_time")
    key = request.headers.get("Idempotency-Key")
    try:
        row = scheduling.book(actor, on=on, at=at, idempotency_key=key, **body)
    except InvalidInput as refusal:
        raise _by_header(refusal) from None
    # A visit that has only just been booked has no record to look for; one that was booked by an earlier request may.
    booked = appointment_body(row, None) if key is None else appointment_bodies(actor, [row])[0]
    return done(_("Your visit is booked."), status=201, appointment=booked)


@resource.route("/appointments/<id:appointment_id>/")
@resource.response(200, schemas.Appointment)
@resource.refuses(400, 404)
@signed_in(Action.SEE_APPOINTMENT, reads_records=True)
def appointment(actor: Actor, appointment_id: int) -> Response:
    """Read an appointment with its medical record."""
    return answer(appointment_bodies(actor, [scheduling.appointment(actor, appointment_id)])[0])


@resource.also(
    "/appointments/<id:appointment_id>/",
    methods=["PUT"],
    name="put_appointment",
    summary="Edit what is said of an appointment: the same by PUT, what is left out stays.",
)
@resource.route("/appointments/<id:appointment_id>/", methods=["PATCH"])
@resource.response(200, schemas.Appointment)
@resource.refuses(404, 409)
@signed_in(Action.EDIT, reads_records=True)
@resource.arguments(schemas.Edit, unknown=INCLUDE)
def edit_appointment(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Edit what is said of an appointment.

    Its patient edits `symptoms` and `reason`, its doctor `notes`, an admin these and `room_id`.
    """
    # Keys that nobody may edit are in it too: they are the domain's to refuse, by name.
    changes = cast(AppointmentChanges, {speakable(name): body[name] for name in body})
    row = scheduling.edit_appointment(actor, appointment_id, changes)
    return answer(appointment_bodies(actor, [row])[0])


@resource.route("/appointments/<id:appointment_id>/", methods=["DELETE"])
@resource.response(204)
@resource.refuses(404, 409)
@signed_in(Action.CANCEL)
def delete_appointment(actor: Actor, appointment_id: int) -> Response:
    """Cancel an appointment without a reason; nothing is ever erased."""
    scheduling.cancel(actor, appointment_id)
    return nothing()


@resource.route("/appointments/<id:appointment_id>/cancel/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(404, 409)
@signed_in(Action.CANCEL, reads_records=True)
@resource.arguments(schemas.Cancellation, required=False)
def cancel(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Cancel an appointment; patient and doctor until the clinic's notice before its start."""
    row = scheduling.cancel(actor, appointment_id, body.get("reason", ""))
    return _done(actor, row, _("The visit is cancelled."))


@resource.also(
    "/appointments/<id:appointment_id>/reschedule/",
    methods=["PUT"],
    name="put_reschedule",
    summary="Move an appointment to another slot of its doctor: the same by PUT.",
)
@resource.route("/appointments/<id:appointment_id>/reschedule/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(404, 409)
@signed_in(Action.RESCHEDULE, reads_records=True)
@resource.arguments(schemas.Move)
def reschedule(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Move an appointment to another slot of its doctor."""
    row = scheduling.reschedule(
        actor, appointment_id, on=body["new_date"], at=body["new_time"], reason=body.get("reason", "")
    )
    return _done(actor, row, _("The visit has a new time."))


@resource.route("/appointments/<id:appointment_id>/hand-over/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.alt_response(202, schema=schemas.AppointmentDone, description="Proposed; it stays as it is meanwhile.")
@resource.refuses(404, 409)
@signed_in(Action.HAND_OVER, Action.PROPOSE_DOCTOR, reads_records=True)
@resource.arguments(schemas.HandOver)
def hand_over(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Give an appointment to another doctor, at its own time unless another one is given: an admin.

    Its own doctor proposes it (202): an admin then decides on doctor and time, so that a day or time with it is a 400.
    """
    doctor_id, reason = body["doctor_id"], body.get("reason", "")
    if can(actor, Action.HAND_OVER):
        row = scheduling.hand_over(
            actor,
            appointment_id,
            doctor_id=doctor_id,
            on=body.get("new_date"),
            at=body.get("new_time"),
            reason=reason,
        )
        return _done(actor, row, _("The visit is handed over."))
    if unwanted := [name for name in ("new_date", "new_time") if body.get(name) is not None]:
        raise InvalidInput.of({name: [N_("This can't be changed here.")] for name in unwanted})
    row = scheduling.propose_doctor(actor, appointment_id, doctor_id=doctor_id, reason=reason)
    return _done(actor, row, _("Your proposal is with reception. The visit stays as it is for now."), status=202)


@resource.route("/appointments/<id:appointment_id>/confirm/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(404, 409)
@signed_in(Action.CONFIRM, reads_records=True)
@resource.arguments(schemas.Nothing, required=False)
def confirm(actor: Actor, _body: dict[str, Any], appointment_id: int) -> Response:
    """Confirm a booked appointment: its doctor or an admin."""
    return _done(actor, scheduling.confirm(actor, appointment_id), _("The visit is confirmed."))


@resource.route("/appointments/<id:appointment_id>/complete/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(404, 409)
@signed_in(Action.COMPLETE, reads_records=True)
@resource.arguments(schemas.Nothing, required=False)
def complete(actor: Actor, _body: dict[str, Any], appointment_id: int) -> Response:
    """Complete a confirmed appointment: its doctor or an admin."""
    return _done(actor, scheduling.complete(actor, appointment_id), _("The visit is completed."))


@resource.route("/appointments/<id:appointment_id>/reopen/", methods=["POST"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(404, 409)
@signed_in(Action.REOPEN, reads_records=True)
@resource.arguments(schemas.Reopening)
def reopen(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Reopen a completed appointment, which is confirmed again: an admin, who says why; its record stays."""
    row = scheduling.reopen(actor, appointment_id, body["reason"])
    return _done(actor, row, _("The visit is open again."))


@resource.route("/appointments/<id:appointment_id>/update-status/", methods=["PATCH"])
@resource.response(200, schemas.AppointmentDone)
@resource.refuses(403, 404, 409)
@signed_in(*(change.action for change in scheduling.STATUS_CHANGES.values()), reads_records=True)
@resource.arguments(schemas.StatusChange)
def update_status(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Confirm, complete or cancel an appointment by the name of the status.

    The rules of each apply; a patient may only cancel.
    """
    row = scheduling.update_status(actor, appointment_id, body["status"])
    return _done(actor, row, _("The visit has a new status."))


@resource.route("/appointments/<id:appointment_id>/assign-service/", methods=["POST"])
@resource.response(200, schemas.ServiceAssigned)
@resource.refuses(404, 409)
@signed_in(Action.ASSIGN_SERVICE, reads_records=True)
@resource.arguments(schemas.ServiceChoice)
def assign_service(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Assign a service of the appointment's department: its doctor; the fee is then examination plus service."""
    row = scheduling.assign_service(actor, appointment_id, body["service_id"])
    return _done(actor, row, _("The service has been added."), fee_breakdown=scheduling.fee_breakdown(row))
