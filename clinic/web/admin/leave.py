"""Any doctor's leave, entered and taken back by the office: a doctor who is ill phones."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.policy import Actor
from clinic.scheduling import SettlingCause
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.leave_form import LeaveForm, LeavePage, enter_leave, take_back
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.unsent_forms import keeps_unsent


def _place(actor: Actor, doctor_id: int, template: str) -> LeavePage:
    doctor = directory.one_doctor(actor, doctor_id)
    return LeavePage(
        doctor_id,
        url_for("admin.doctor_leave", doctor_id=doctor_id),
        template,
        lambda leave_id: url_for("admin.settling", cause=SettlingCause.LEAVE, of=leave_id, doctor=doctor_id),
        {"doctor": doctor},
    )


@blueprint.route("/doctors/<int:doctor_id>/leave", methods=["GET", "POST"])
@keeps_unsent(LeaveForm)
def doctor_leave(doctor_id: int) -> ResponseReturnValue:
    """Show and enter a doctor's leave."""
    actor = signed_in_actor()
    return enter_leave(actor, _place(actor, doctor_id, "admin/leave.html"))


@blueprint.route("/doctors/<int:doctor_id>/leave/<int:leave_id>/end", methods=["GET", "POST"])
def doctor_leave_end(doctor_id: int, leave_id: int) -> ResponseReturnValue:
    """Take a doctor's leave back."""
    actor = signed_in_actor()
    return take_back(actor, _place(actor, doctor_id, "admin/end_leave.html"), leave_id)
