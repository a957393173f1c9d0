"""A patient's appointment: shown, cancelled, moved, as a calendar file. Holds the blueprint of the patient's pages."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import records, scheduling
from clinic.policy import Role
from clinic.scheduling import AppointmentRow, AppointmentStatus
from clinic.web.appointments.booking import just_booked
from clinic.web.appointments.booking_choices import book_again_addresses
from clinic.web.appointments.cancelling import CancelForm, cancel_appointment, cancelling
from clinic.web.appointments.rescheduling import MoveForm, move_appointment
from clinic.web.appointments.transitions import why_not
from clinic.web.kit.access import restrict_to, signed_in_actor
from clinic.web.kit.forms import at_most
from clinic.web.kit.page import page
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.patient import access_log, appointment_list, dashboard, edit_reason, profile
from clinic.web.patient.profile import own_birthday

blueprint = Blueprint("patient", __name__, url_prefix="/patient")
restrict_to(blueprint, Role.PATIENT)
profile.add_to(blueprint)
access_log.add_to(blueprint)
edit_reason.add_to(blueprint)
appointment_list.add_to(blueprint)
dashboard.add_to(blueprint)


class CancelOwnForm(CancelForm):
    """Why the patient can't come; may be left empty."""

    reason = TextAreaField(lazy_gettext("Why can't you come?"), [at_most(scheduling.REASON_MAX)])


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one appointment: when and where, what the patient wrote, its history, and whether it can be cancelled."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    return page(
        "patient/appointment.html",
        appointment=appointment,
        person=actor,
        notes=scheduling.notes_of(actor, appointment_id),
        history=scheduling.history(actor, appointment_id),
        booked=just_booked(appointment),
        born=own_birthday(actor),
        written=records.is_written(actor, appointment_id),
        no_move=why_not(actor, appointment, "reschedule"),
        no_edit=scheduling.why_no_edit(actor, AppointmentStatus(appointment["status"])),
        book_again=None
        if scheduling.is_open(appointment["status"])
        else book_again_addresses([appointment]).get(appointment["doctor"]["id"]),
        **cancelling(actor, appointment),
    )


@blueprint.get("/appointments/<int:appointment_id>/visit.ics")
def calendar_file(appointment_id: int) -> ResponseReturnValue:
    """Answer the appointment as an entry for the person's own calendar."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    response = Response(scheduling.calendar_file(actor, appointment_id), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f"attachment; filename=visit-{appointment['appointment_date']}.ics"
    return response


@blueprint.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
@keeps_unsent(CancelOwnForm)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Ask whether the appointment should be cancelled; cancel it on POST."""
    return cancel_appointment(
        signed_in_actor(),
        appointment_id,
        CancelOwnForm(),
        template="patient/cancel.html",
        back=_address_of,
        success_message=lambda _appointment: gettext("Your visit is cancelled. Others can now book its time."),
    )


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
@keeps_unsent(MoveForm)
def reschedule(appointment_id: int) -> ResponseReturnValue:
    """Show when the appointment can be moved to; move it on POST."""
    return move_appointment(signed_in_actor(), appointment_id, template="patient/reschedule.html", back=_address_of)


def _address_of(appointment: AppointmentRow) -> str:
    return url_for(".appointment", appointment_id=appointment["id"])
