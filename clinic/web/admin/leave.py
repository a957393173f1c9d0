"""Any doctor's leave, entered and taken back by the office: a doctor who is ill phones."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.policy import Actor
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.leave_form import LeaveForm, Place, enter_leave, take_back
from clinic.web.kit.access import the_actor
from clinic.web.kit.unsent_forms import typed_in


def _place(actor: Actor, doctor_id: int, template: str) -> Place:
    doctor = directory.one_doctor(actor, doctor_id)
    return Place(doctor_id, url_for("admin.doctor_leave", doctor_id=doctor_id), template, {"doctor": doctor})


@blueprint.route("/doctors/<int:doctor_id>/leave", methods=["GET", "POST"])
@typed_in(LeaveForm)
def doctor_leave(doctor_id: int) -> ResponseReturnValue:
    """Show and enter a doctor's leave."""
    actor = the_actor()
    return enter_leave(actor, _place(actor, doctor_id, "admin/leave.html"))


@blueprint.route("/doctors/<int:doctor_id>/leave/<int:leave_id>/end", methods=["GET", "POST"])
def doctor_leave_end(doctor_id: int, leave_id: int) -> ResponseReturnValue:
    """Take a doctor's leave back."""
    actor = the_actor()
    return take_back(actor, _place(actor, doctor_id, "admin/end_leave.html"), leave_id)
