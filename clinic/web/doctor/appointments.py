"""A doctor's own pages: the day with its queue and the open appointment, one appointment, and what is done with it.

The record form is in ``record_form.py``; what is shown of an appointment is gathered in ``appointment_view.py``.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField

from clinic import scheduling
from clinic.policy import Actor, Role
from clinic.scheduling import AppointmentChanges, AppointmentRow, AppointmentStatus
from clinic.web.appointments.cancelling import CancelForm, cancel_appointment
from clinic.web.appointments.editing import AppointmentForm, edit_appointment
from clinic.web.appointments.handing_over import ProposalForm, propose_doctor
from clinic.web.appointments.rescheduling import MoveForm, move_appointment
from clinic.web.appointments.staff_notes import StaffNotesForm, write_staff_notes
from clinic.web.appointments.transitions import complete_appointment, confirm_appointment, why_not
from clinic.web.doctor import leave, lists, own_extra_hours, profile, record_form, week
from clinic.web.doctor.appointment_view import appointment_view, back_to, came_from_day
from clinic.web.kit.access import restrict_to, signed_in_actor, unattended
from clinic.web.kit.days import Day, requested_day
from clinic.web.kit.forms import PortalForm, at_most, one_kind_of_line_break, required, whole
from clinic.web.kit.page import page, see_other, wanted_fragment
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent

blueprint = Blueprint("doctor", __name__, url_prefix="/doctor")
restrict_to(blueprint, Role.DOCTOR)
for part in (record_form, week, lists, leave, own_extra_hours, profile):
    part.add_to(blueprint)


class NotesForm(AppointmentForm):
    """What doctor and office note for the patient, with the version that was read."""

    notes = TextAreaField(
        lazy_gettext("Notes for the patient"), [at_most(scheduling.NOTES_STORED_MAX)], filters=[one_kind_of_line_break]
    )

    def changes(self) -> AppointmentChanges:
        """Return the changes for the domain."""
        return {"notes": self.notes.data}


class AssignServiceForm(PortalForm):
    """Which service the appointment gets."""

    service_id = RadioField(
        lazy_gettext("Service"), [required(lazy_gettext("Please choose a service."))], validate_choice=False
    )


# --- the day and an appointment
# --------------------------------------------------------------------------------------------


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the day's queue, and beside it the appointment that the address names, else the next one not finished."""
    actor = signed_in_actor()
    day = requested_day()
    appointments = scheduling.day_of(actor, day.on)
    requested_id = request.args.get("visit", type=int)
    appointment = _opened(appointments, requested_id)
    if requested_id is not None and appointment is None:
        elsewhere = scheduling.appointment(actor, requested_id)
        return redirect(url_for(".home", day=elsewhere["appointment_date"].isoformat(), visit=requested_id))
    return page(
        "doctor/home.html",
        fragments={"day-view"},
        **_queue_of_day(actor, day, appointments, appointment),
        view=appointment_view(actor, appointment) if appointment else None,
        following=_following(appointments, appointment),
        neighbours=_neighbours(appointments, appointment),
        chosen=requested_id is not None,
        from_day=True,
    )


@blueprint.get("/changes")
@unattended
def day_changes() -> ResponseReturnValue:
    """Show the day's queue anew if it isn't any more the one whose revision was ``seen``; 204 while it is.

    ``static/js/day.js`` asks every twenty seconds.
    """
    if wanted_fragment({"queue"}) is None:
        return home()
    actor, day, opened_id = signed_in_actor(), requested_day(), request.args.get("visit", type=int)
    if request.args.get("seen") == scheduling.own_day_revision(actor, day.on):
        return "", 204
    appointments = scheduling.day_of(actor, day.on)
    opened = next((row for row in appointments if row["id"] == opened_id), None)
    context = _queue_of_day(actor, day, appointments, opened)
    return page("doctor/home.html", fragments={"queue"}, **context)


def _queue_of_day(
    actor: Actor, day: Day, appointments: list[AppointmentRow], opened: AppointmentRow | None
) -> dict[str, Any]:
    """Return what the queue of a day is made of, with its revision."""
    slots = scheduling.board([actor.user_id], doctor_id=actor.user_id, on=day.on, actor=actor).slots
    return {
        "day": day,
        "revision": scheduling.day_revision(appointments, slots),
        "queue": _queue(appointments, slots),
        "appointments": appointments,
        "opened_id": opened["id"] if opened else None,
        "upcoming": _opened(appointments, None) if day.is_today else None,
        "waiting": sum(row["status"] == AppointmentStatus.BOOKED for row in appointments),
        "still_open": scheduling.count_still_open(actor) if day.is_today else 0,
        "standing": sum(row["status"] != AppointmentStatus.CANCELLED for row in appointments),
    }


def _neighbours(
    appointments: list[AppointmentRow], appointment: AppointmentRow | None
) -> tuple[AppointmentRow | None, AppointmentRow | None]:
    """Return the appointments of the day before and after the open one; cancelled ones are neither."""
    standing = [row for row in appointments if row["status"] != AppointmentStatus.CANCELLED]
    at = next((number for number, row in enumerate(standing) if appointment and row["id"] == appointment["id"]), None)
    if at is None:
        return None, None
    return standing[at - 1] if at else None, standing[at + 1] if at + 1 < len(standing) else None


def _queue(
    appointments: list[AppointmentRow], slots: list[scheduling.Slot]
) -> list[tuple[AppointmentRow | None, scheduling.Gap | None]]:
    """Return the day's appointments and, each in its place, the gaps between them; the cancelled appointments come
    last."""
    standing = {
        row["appointment_time"]: (row, None) for row in appointments if row["status"] != AppointmentStatus.CANCELLED
    }
    gaps = {gap.start: (None, gap) for gap in scheduling.gaps(slots)}
    by_time = dict(sorted({**gaps, **standing}.items()))
    return [*by_time.values(), *((row, None) for row in appointments if row["status"] == AppointmentStatus.CANCELLED)]


def _opened(appointments: list[AppointmentRow], requested_id: int | None) -> AppointmentRow | None:
    if requested_id is None:
        return next((row for row in appointments if scheduling.is_open(row["status"])), None)
    return next((row for row in appointments if row["id"] == requested_id), None)


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one appointment with its history."""
    actor = signed_in_actor()
    return _appointment_page(actor, scheduling.appointment(actor, appointment_id))


def _following(appointments: list[AppointmentRow], appointment: AppointmentRow | None) -> AppointmentRow | None:
    """Return whom the day leads to after ``appointment``: the first one that waits, if this one is over."""
    if appointment is None or scheduling.is_open(appointment["status"]):
        return None
    return _opened(appointments, None)


def _appointment_page(
    actor: Actor, appointment: AppointmentRow, *, refusal: str | None = None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "doctor/appointment.html",
        status=status,
        view=appointment_view(actor, appointment),
        following=None
        if scheduling.is_open(appointment["status"])
        else _opened(scheduling.day_of(actor, appointment["appointment_date"]), None),
        history=scheduling.history(actor, appointment["id"]),
        person=actor,
        refusal=refusal,
        chosen=False,
        from_day=False,
    )


# --- confirming and completing ----------------------------------------------------------------------------------------


@blueprint.post("/appointments/<int:appointment_id>/confirm")
def confirm(appointment_id: int) -> ResponseReturnValue:
    """Confirm a booked appointment."""
    return confirm_appointment(signed_in_actor(), appointment_id, back=back_to, show=_appointment_page)


@blueprint.route("/appointments/<int:appointment_id>/complete", methods=["GET", "POST"])
def complete(appointment_id: int) -> ResponseReturnValue:
    """Ask whether a confirmed appointment is over; complete it on POST."""
    extra = {"from_day": came_from_day()}
    return complete_appointment(
        signed_in_actor(),
        appointment_id,
        template="doctor/complete.html",
        back=back_to,
        show=_appointment_page,
        extra=extra,
    )


# --- service and cancelling -----------------------------------------------------------------------------------------


@blueprint.route("/appointments/<int:appointment_id>/service", methods=["GET", "POST"])
@keeps_unsent(AssignServiceForm)
def service(appointment_id: int) -> ResponseReturnValue:
    """Choose the service of an appointment, seeing the fee that each makes."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    form = AssignServiceForm(service_id=str(appointment["service"]["id"]) if appointment["service"] else None)
    chosen = whole(form.service_id.data) or 0
    outcome = submitted(form, lambda: scheduling.assign_service(actor, appointment_id, chosen))
    if outcome.done:
        service = outcome.result["service"]
        flash(gettext("The service is chosen: %(service)s.", service=service["name"] if service else ""), "success")
        return see_other(back_to(appointment))
    if outcome.refused:  # somebody else may have changed it in the same moment
        appointment = scheduling.appointment(actor, appointment_id)
    return page(
        "doctor/service.html",
        status=outcome.status,
        appointment=appointment,
        form=form,
        services=scheduling.offered_services(actor, appointment),
        no_change=why_not(actor, appointment, "assign_service"),
        back=back_to(appointment),
        from_day=came_from_day(),
    )


@blueprint.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
@keeps_unsent(CancelForm)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Ask whether the appointment should be cancelled; cancel it on POST."""
    extra = {"from_day": came_from_day()}
    return cancel_appointment(
        signed_in_actor(), appointment_id, CancelForm(), template="doctor/cancel.html", back=back_to, extra=extra
    )


@blueprint.route("/appointments/<int:appointment_id>/notes", methods=["GET", "POST"])
@keeps_unsent(NotesForm)
def notes(appointment_id: int) -> ResponseReturnValue:
    """Show what doctor and office noted for the patient; change it on POST."""
    return edit_appointment(
        signed_in_actor(),
        appointment_id,
        NotesForm,
        template="doctor/notes.html",
        back=back_to,
        success_message=gettext("The notes are saved."),
        more=lambda _appointment: {"from_day": came_from_day()},
    )


@blueprint.route("/appointments/<int:appointment_id>/staff-notes", methods=["GET", "POST"])
@keeps_unsent(StaffNotesForm)
def staff_notes(appointment_id: int) -> ResponseReturnValue:
    """Show what doctor and office write for each other; write it on POST."""
    return write_staff_notes(
        signed_in_actor(), appointment_id, template="doctor/staff_notes.html", back=back_to, from_day=came_from_day()
    )


@blueprint.route("/appointments/<int:appointment_id>/propose", methods=["GET", "POST"])
@keeps_unsent(ProposalForm)
def propose(appointment_id: int) -> ResponseReturnValue:
    """Ask whom the doctor proposes for the appointment; let the office know on POST."""
    return propose_doctor(
        signed_in_actor(),
        appointment_id,
        template="doctor/propose.html",
        back=back_to,
        extra={"from_day": came_from_day()},
    )


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
@keeps_unsent(MoveForm)
def reschedule(appointment_id: int) -> ResponseReturnValue:
    """Show when the appointment can be moved to; move it on POST."""
    extra = {"desk": 1} if came_from_day() else {}
    return move_appointment(
        signed_in_actor(), appointment_id, template="doctor/reschedule.html", back=back_to, extra=extra
    )
