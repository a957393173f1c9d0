"""A doctor's own extra hours."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from clinic.policy import Actor
from clinic.web.appointments.extra_hours_form import ExtraHoursForm, ExtraHoursPage, enter_extra_hours, take_back
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.unsent_forms import keeps_unsent


def _own(actor: Actor, template: str) -> ExtraHoursPage:
    return ExtraHoursPage(actor.user_id, url_for("doctor.extra_hours"), template)


@keeps_unsent(ExtraHoursForm)
def extra_hours() -> ResponseReturnValue:
    """Show and enter a doctor's own extra hours."""
    actor = signed_in_actor()
    return enter_extra_hours(actor, _own(actor, "doctor/extra_hours.html"))


def end_extra_hours(extra_hours_id: int) -> ResponseReturnValue:
    """Take a doctor's own extra hours back."""
    actor = signed_in_actor()
    return take_back(actor, _own(actor, "doctor/end_extra_hours.html"), extra_hours_id)


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the doctor's."""
    blueprint.add_url_rule("/extra-hours", view_func=extra_hours, methods=["GET", "POST"])
    blueprint.add_url_rule("/extra-hours/<int:extra_hours_id>/end", view_func=end_extra_hours, methods=["GET", "POST"])
