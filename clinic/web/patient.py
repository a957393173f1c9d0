"""A patient's own pages: one visit, cancelling and moving it, and the records.

The first page is ``dashboard``'s, the list of visits ``agenda``'s; the own details are ``patient_profile``'s, who looked at
them ``trail``'s, changing what was told in advance ``telling``'s.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import directory, records, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Role
from clinic.scheduling import AppointmentRow, Status
from clinic.web import agenda, dashboard, patient_profile, plot, telling, trail, vital_signs
from clinic.web.access import chosen_language, keep_to, the_actor
from clinic.web.cancelling import CancelForm, cancel_visit, cancelling
from clinic.web.choice import booking_address, doctors_department
from clinic.web.forms import at_most
from clinic.web.kept import typed_in
from clinic.web.moving import MoveForm, move_visit
from clinic.web.page import page
from clinic.web.paging import at_start
from clinic.web.patient_profile import age_today, own_birthday
from clinic.web.progress import why_not
from clinic.web.record_list import record_list

blueprint = Blueprint("patient", __name__, url_prefix="/patient")
keep_to(blueprint, Role.PATIENT)
patient_profile.add_to(blueprint)
trail.add_to(blueprint)
telling.add_to(blueprint)
agenda.add_to(blueprint)
dashboard.add_to(blueprint)

PAGE_SIZE = 10
#: What of a record's vital signs a dose may depend on.
DOSED_BY = ("weight",)
#: Of how many records the vital signs are drawn.
MOST_MEASURED = 30


class CancelOwnForm(CancelForm):
    """Why the patient can't come; may be left empty."""

    reason = TextAreaField(lazy_gettext("Why can't you come?"), [at_most(scheduling.REASON_MAX)])


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one visit: its slip, what was said, what happened, and whether it can be cancelled."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    return page(
        "patient/appointment.html",
        visit=visit,
        person=actor,
        notes=scheduling.notes_of(actor, appointment_id),
        history=scheduling.history(actor, appointment_id),
        booked=request.args.get("booked") == "1" and visit["status"] == "booked",
        born=own_birthday(actor),
        written=records.is_written(actor, appointment_id),
        no_move=why_not(actor, visit, "reschedule"),
        no_edit=scheduling.why_no_edit(actor, Status(visit["status"])),
        book_again=_book_again(visit) if visit["status"] in (Status.CANCELLED, Status.COMPLETED) else None,
        **cancelling(actor, visit),
    )


def _book_again(visit: AppointmentRow) -> str | None:
    """Return where the same doctor is booked again, at the first day with a free time; None if they can't be booked."""
    doctor_id = visit["doctor"]["id"]
    department = doctors_department(doctor_id, chosen_language())
    times = scheduling.next_free([doctor_id])[doctor_id] if department else []
    return booking_address(department, doctor_id, times[0].date) if times else None


@blueprint.get("/appointments/<int:appointment_id>/visit.ics")
def calendar_file(appointment_id: int) -> ResponseReturnValue:
    """Answer the visit as an entry for the person's own calendar."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    response = Response(scheduling.calendar_file(actor, appointment_id), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f"attachment; filename=visit-{visit['appointment_date']}.ics"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
@typed_in(CancelOwnForm)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Ask whether the visit should be cancelled; cancel it on POST."""
    return cancel_visit(
        the_actor(),
        appointment_id,
        CancelOwnForm(),
        template="patient/cancel.html",
        back=_address_of,
        said=lambda _visit: gettext("Your visit is cancelled. Others can now book its time."),
    )


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
@typed_in(MoveForm)
def reschedule(appointment_id: int) -> ResponseReturnValue:
    """Show when the visit can be moved to; move it on POST."""
    return move_visit(the_actor(), appointment_id, template="patient/reschedule.html", back=_address_of)


def _address_of(visit: AppointmentRow) -> str:
    return url_for(".appointment", appointment_id=visit["id"])


@blueprint.get("/appointments/<int:appointment_id>/record")
def record(appointment_id: int) -> ResponseReturnValue:
    """Show what the doctor found at a visit, or that nothing is written yet."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    found: records.RecordRow | None
    try:
        found = records.record_of(actor, appointment_id)
    except NotFound:
        found = None
    vitals = vital_signs.shown(found and found["vital_signs"], known_only=True)
    follow_up = next(iter(records.follow_ups_of(actor, appointment_ids=[appointment_id])), None)
    return page(
        "patient/record.html",
        visit=visit,
        record=found,
        vitals=vitals,
        follow_up=follow_up,
        born=own_birthday(actor),
    )


@blueprint.get("/appointments/<int:appointment_id>/prescription")
def prescription(appointment_id: int) -> ResponseReturnValue:
    """Show the prescription as a sheet that can be taken to a pharmacy."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    found = records.record_of(actor, appointment_id)
    if not found["prescription"]:
        raise NotFound(N_("Nothing was prescribed at this visit."))
    signs = found["vital_signs"] or {}
    return page(
        "patient/prescription.html",
        visit=visit,
        record=found,
        # A record that is changed later makes another sheet.
        number=f"{visit['id']}/{found['version']}",
        patient=directory.me(actor)["patient_profile"],
        licence=directory.license_number(visit["doctor"]["id"]),
        measured=vital_signs.shown({key: signs[key] for key in DOSED_BY if key in signs}).lines,
    )


@blueprint.get("/records", endpoint="records")
def my_records() -> ResponseReturnValue:
    """List the records, newest visit first; the first page draws the vital signs of the latest ones."""
    actor = the_actor()
    listed = record_list(actor, MOST_MEASURED if at_start() else PAGE_SIZE)
    born, trends = own_birthday(actor), None
    if at_start():
        measured = ((row["visit"]["date"], row["vital_signs"]) for row in listed.found.results)
        trends = plot.vital_trends(measured, age=age_today(born))
    shown = listed.found.first(PAGE_SIZE)
    follow_ups = records.follow_ups_of(actor, appointment_ids=[row["appointment_id"] for row in shown.results])
    return page(
        "patient/records.html",
        fragments={"record-list"},
        list=replace(listed, found=shown),
        follow_ups={each.appointment_id: each for each in follow_ups},
        trends=trends,
        person=actor,
        born=born,
    )
