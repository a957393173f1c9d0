"""Changing the reason and symptoms after the booking, while the appointment is open."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import scheduling
from clinic.scheduling import AppointmentChanges, AppointmentRow, AppointmentStatus
from clinic.web.appointments.editing import AppointmentForm, edit_appointment
from clinic.web.appointments.reason_fields import reason_field, symptoms_field
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.unsent_forms import keeps_unsent


class EditReasonForm(AppointmentForm):
    """The two texts that are the patient's own, with the version that was read; both may be empty."""

    reason = reason_field()
    symptoms = symptoms_field()

    def changes(self) -> AppointmentChanges:
        """Return both texts, "" for what was left out."""
        return {"reason": self.reason.data or "", "symptoms": self.symptoms.data or ""}


@keeps_unsent(EditReasonForm)
def edit(appointment_id: int) -> ResponseReturnValue:
    """Show the texts; save them on POST."""
    return edit_appointment(
        signed_in_actor(),
        appointment_id,
        EditReasonForm,
        template="patient/edit_reason.html",
        back=lambda appointment: url_for("patient.appointment", appointment_id=appointment["id"]),
        success_message=gettext("We've saved what you wrote. The doctor will read it before the visit."),
        more=_no_change,
    )


def _no_change(appointment: AppointmentRow) -> dict[str, str | None]:
    """Return in words why the texts can't be changed now, None if it can."""
    refusal = scheduling.why_no_edit(signed_in_actor(), AppointmentStatus(appointment["status"]))
    return {"no_change": refusal.text(gettext) if refusal else None}


def add_to(blueprint: Blueprint) -> None:
    """Add this page to the patient's."""
    blueprint.add_url_rule("/appointments/<int:appointment_id>/edit", view_func=edit, methods=["GET", "POST"])
