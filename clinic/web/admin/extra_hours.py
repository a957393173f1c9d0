"""Any doctor's extra hours, entered and taken back by reception."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.policy import Actor
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.extra_hours_form import ExtraHoursForm, ExtraHoursPage, enter_extra_hours, take_back
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.unsent_forms import keeps_unsent


def _place(actor: Actor, doctor_id: int, template: str) -> ExtraHoursPage:
    doctor = directory.one_doctor(actor, doctor_id)
    address = url_for("admin.doctor_extra_hours", doctor_id=doctor_id)
    return ExtraHoursPage(doctor_id, address, template, {"doctor": doctor})


@blueprint.route("/doctors/<int:doctor_id>/extra-hours", methods=["GET", "POST"])
@keeps_unsent(ExtraHoursForm)
def doctor_extra_hours(doctor_id: int) -> ResponseReturnValue:
    """Show and enter a doctor's extra hours."""
    actor = signed_in_actor()
    return enter_extra_hours(actor, _place(actor, doctor_id, "admin/extra_hours.html"))


@blueprint.route("/doctors/<int:doctor_id>/extra-hours/<int:extra_hours_id>/end", methods=["GET", "POST"])
def doctor_extra_hours_end(doctor_id: int, extra_hours_id: int) -> ResponseReturnValue:
    """Take a doctor's extra hours back."""
    actor = signed_in_actor()
    return take_back(actor, _place(actor, doctor_id, "admin/end_extra_hours.html"), extra_hours_id)
