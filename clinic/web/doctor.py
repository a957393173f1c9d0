"""A doctor's own pages: the day with its queue and the open visit."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.policy import Role
from clinic.web.access import keep_to, the_actor
from clinic.web.day import asked_day
from clinic.web.page import page

blueprint = Blueprint("doctor", __name__, url_prefix="/doctor")
keep_to(blueprint, Role.DOCTOR)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the day's queue."""
    day = asked_day()
    return page("doctor/home.html", day=day, visits=scheduling.day_of(the_actor(), day.on))


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one visit."""
    return page("doctor/appointment.html", visit=scheduling.appointment(the_actor(), appointment_id))
