"""Any doctor's week and month, for the office."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.policy import Actor
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.doctor_calendar import DoctorCalendar, show_month, show_week
from clinic.web.kit.access import may_open, signed_in_actor
from clinic.web.kit.formatting import doctor_name


def _of(actor: Actor, doctor_id: int) -> DoctorCalendar:
    doctor = directory.one_doctor(actor, doctor_id)
    return DoctorCalendar(
        doctor_id,
        "admin.doctor_week",
        "admin.doctor_month",
        "admin.home",
        "admin.doctor_leave",
        doctor_name(doctor["full_name"]),
        {"doctor_id": doctor_id},
        is_named=True,
        can_book=may_open("admin.desk_book"),
        shown={"doctor": doctor},
    )


@blueprint.get("/doctors/<int:doctor_id>/week")
def doctor_week(doctor_id: int) -> ResponseReturnValue:
    """Show a week of a doctor's."""
    actor = signed_in_actor()
    return show_week(actor, _of(actor, doctor_id), "admin/doctor_week.html")


@blueprint.get("/doctors/<int:doctor_id>/month")
def doctor_month(doctor_id: int) -> ResponseReturnValue:
    """Show a month of a doctor's."""
    actor = signed_in_actor()
    return show_month(actor, _of(actor, doctor_id), "admin/doctor_month.html")
