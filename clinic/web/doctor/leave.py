"""A doctor's own leave."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from clinic.policy import Actor
from clinic.web.appointments.leave_form import LeaveForm, LeavePage, enter_leave, take_back
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.unsent_forms import keeps_unsent


def _own(actor: Actor, template: str) -> LeavePage:
    # The office settles them; what the doctor may do themselves stands on the page of their leave.
    address = url_for("doctor.leave")
    return LeavePage(actor.user_id, address, template, lambda _leave_id: address)


@keeps_unsent(LeaveForm)
def leave() -> ResponseReturnValue:
    """Show and enter a doctor's own leave."""
    actor = signed_in_actor()
    return enter_leave(actor, _own(actor, "doctor/leave.html"))


def end_leave(leave_id: int) -> ResponseReturnValue:
    """Take a doctor's own leave back."""
    actor = signed_in_actor()
    return take_back(actor, _own(actor, "doctor/end_leave.html"), leave_id)


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the doctor's."""
    blueprint.add_url_rule("/leave", view_func=leave, methods=["GET", "POST"])
    blueprint.add_url_rule("/leave/<int:leave_id>/end", view_func=end_leave, methods=["GET", "POST"])
