"""A patient's own pages: the next visit, all visits, one visit, cancelling it, and the records."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import records, scheduling
from clinic.db import PageRequest
from clinic.errors import Conflict, InvalidInput, NotFound
from clinic.i18n import N_
from clinic.policy import Role
from clinic.web import vital_signs
from clinic.web.access import keep_to, the_actor
from clinic.web.forms import PortalForm, at_most
from clinic.web.moving import move_visit
from clinic.web.page import page, see_other
from clinic.web.public import page_number

blueprint = Blueprint("patient", __name__, url_prefix="/patient")
keep_to(blueprint, Role.PATIENT)

#: More coming visits than one person can have in 31 days of one doctor; the rest is on the list.
MOST_COMING = 20
PAGE_SIZE = 10

#: The filter of the visits' list: value of ``status`` and its name.
FILTERS = {
    "": N_("All"),
    "upcoming": N_("Coming"),
    "completed": N_("Completed"),
    "cancelled": N_("Cancelled"),
}


class CancelForm(PortalForm):
    """Why the patient can't come; may be left empty."""

    reason = TextAreaField(lazy_gettext("Why can't you come?"), [at_most(scheduling.REASON_MAX)])


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the next visit as a slip and the ones after it."""
    actor = the_actor()
    coming = scheduling.appointments(actor, status=scheduling.UPCOMING, page=PageRequest(1, MOST_COMING))
    following = scheduling.next_visit(actor)
    others = sorted(
        (row for row in coming.results if following is None or row["id"] != following["id"]),
        key=lambda row: row["starts_at"],
    )
    return page("patient/home.html", person=actor, visit=following, others=others, count=coming.count)


@blueprint.get("/appointments")
def appointments() -> ResponseReturnValue:
    """List all visits, newest first, by status where the address asks for it."""
    status = request.args.get("status", "")
    if status not in FILTERS:
        status = ""
    found = scheduling.appointments(the_actor(), status=status or None, page=PageRequest(page_number(), PAGE_SIZE))
    return page("patient/appointments.html", fragments={"visit-list"}, found=found, shown=status, filters=FILTERS)


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one visit: its slip, what was said, what happened, and whether it can be cancelled."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    return page(
        "patient/appointment.html",
        visit=visit,
        person=actor,
        history=scheduling.history(actor, appointment_id),
        booked=request.args.get("booked") == "1" and visit["status"] == "booked",
        no_move=_no_move(visit),
        **_cancelling(visit),
    )


def _no_move(visit: dict[str, Any]) -> str | None:
    """Return in words why the visit can't be moved now, None if it can."""
    refusal = scheduling.possible(the_actor(), visit)["reschedule"]
    return refusal.text(gettext) if refusal else None


def _cancelling(visit: dict[str, Any]) -> dict[str, Any]:
    """Return until when the visit can be cancelled and why not now (``no_cancel``; None if it can)."""
    refusal = scheduling.possible(the_actor(), visit)["cancel"]
    return {
        "deadline": scheduling.change_deadline(visit),
        "no_cancel": refusal.text(gettext) if refusal else None,
        "too_late": refusal is not None and refusal.code == "too_late",
    }


@blueprint.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Ask whether the visit should be cancelled; cancel it on POST. A second press finds it cancelled already."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    form = CancelForm()
    if not form.is_submitted():
        return _cancel_page(visit, form, 200)
    if visit["status"] == "cancelled":
        return see_other(url_for(".appointment", appointment_id=appointment_id))
    if not form.validate():
        return _cancel_page(visit, form, 422)
    try:
        scheduling.cancel(actor, appointment_id, reason=form.reason.data or "")
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _cancel_page(visit, form, 422)
    except Conflict as refusal:
        form.refuse(refusal)
        return _cancel_page(scheduling.appointment(actor, appointment_id), form, 409)
    flash(gettext("The visit is cancelled. Its time is free for others."), "success")
    return see_other(url_for(".appointment", appointment_id=appointment_id))


def _cancel_page(visit: dict[str, Any], form: CancelForm, status: int) -> ResponseReturnValue:
    return page("patient/cancel.html", status=status, visit=visit, form=form, **_cancelling(visit))


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
def reschedule(appointment_id: int) -> ResponseReturnValue:
    """Show when the visit can be moved to; move it on POST."""
    return move_visit(the_actor(), appointment_id, template="patient/reschedule.html", back=_address_of)


def _address_of(visit: dict[str, Any]) -> str:
    return url_for(".appointment", appointment_id=visit["id"])


@blueprint.get("/appointments/<int:appointment_id>/record")
def record(appointment_id: int) -> ResponseReturnValue:
    """Show what the doctor found at a visit, or that nothing is written yet."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    try:
        found = records.record_of(actor, appointment_id)
    except NotFound:
        found = None
    return page("patient/record.html", visit=visit, record=found, **_vitals(found))


def _vitals(record: dict[str, Any] | None) -> dict[str, Any]:
    """Return the known vital signs of a record in the clinic's order, and the body mass index."""
    signs = (record or {}).get("vital_signs") or {}
    shown = vital_signs.shown({key: signs[key] for key in vital_signs.KNOWN if key in signs})
    return {"vitals": shown.lines, "bmi": shown.bmi}


@blueprint.get("/records", endpoint="records")
def my_records() -> ResponseReturnValue:
    """List the records, newest visit first."""
    found = records.my_records(the_actor(), page=PageRequest(page_number(), PAGE_SIZE))
    return page("patient/records.html", found=found)
