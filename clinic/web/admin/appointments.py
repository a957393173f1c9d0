"""All appointments: the list, one appointment with its history, and what the office does with it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import directory, records, scheduling
from clinic.errors import NotFound
from clinic.paging import Page
from clinic.policy import Action, Actor, can
from clinic.scheduling import AppointmentChanges, AppointmentRow
from clinic.web.admin.catalogue import display_name
from clinic.web.admin.form_fields import AdminForm, EntryField
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.appointments.booking import just_booked
from clinic.web.appointments.cancelling import CancelForm, cancel_appointment
from clinic.web.appointments.editing import AppointmentForm, EditedAppointment, edit_appointment
from clinic.web.appointments.handing_over import HandOverForm, hand_over_appointment
from clinic.web.appointments.rescheduling import MoveForm, move_appointment
from clinic.web.appointments.staff_notes import StaffNotesForm, write_staff_notes
from clinic.web.appointments.transitions import (
    ReopenForm,
    complete_appointment,
    confirm_appointment,
    doubts,
    reopen_appointment,
)
from clinic.web.kit import formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import at_most
from clinic.web.kit.list_filters import ListFilters, read_filters, status_choices
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.unsent_forms import keeps_unsent


class EditForm(AppointmentForm, AdminForm):
    """What the office may correct of an appointment, with the version that was read."""

    lines = (("room_id",), ("symptoms", "reason"), ("notes",))
    room_id = EntryField(lazy_gettext("Room"))
    symptoms = TextAreaField(lazy_gettext("Symptoms"), [at_most(scheduling.SYMPTOMS_MAX)])
    reason = TextAreaField(lazy_gettext("Reason"), [at_most(scheduling.REASON_MAX)])
    notes = TextAreaField(
        lazy_gettext("Notes from the clinic"),
        [at_most(scheduling.NOTES_STORED_MAX)],
        description=lazy_gettext("The patient can read this."),
    )

    @classmethod
    def filled(cls, appointment: EditedAppointment) -> dict[str, object]:
        """Return what the fields hold of an appointment."""
        return {**super().filled(appointment), "room_id": appointment["room"]["id"] if appointment["room"] else None}

    def changes(self) -> AppointmentChanges:
        """Return the changes for the domain: every field."""
        return {
            "room_id": self.room_id.data,
            "symptoms": self.symptoms.data,
            "reason": self.reason.data,
            "notes": self.notes.data,
        }

    def offer(self, actor: Actor, appointment: EditedAppointment) -> None:
        """Offer the rooms: those switched on, the appointment's own, and the one that was chosen."""
        room_ids = (self.filled(appointment)["room_id"], self.room_id.data)
        rooms = directory.all_rooms(actor).results
        self.room_id.offer(
            (row["id"], display_name(row), row["is_active"])
            for row in rooms
            if row["is_active"] or row["id"] in room_ids
        )


# --- the list and an appointment
# ---------------------------------------------------------------------------------------------


@blueprint.get("/appointments")
def appointments() -> ResponseReturnValue:
    """List the appointments: what is coming soonest first, then what is past, latest first."""
    actor, lang = signed_in_actor(), chosen_language()
    filters = read_filters("search", "status", "first", "last", "department", "doctor", "patient")
    found, unknown = _found(actor, filters)
    return page(
        "admin/appointments.html",
        fragments={"visit-list"},
        filters=filters,
        found=found,
        unknown=unknown,
        statuses=status_choices(staff=True),
        departments=[(row["id"], row["name"], True) for row in directory.departments(lang=lang).results],
        doctors=[(row["id"], row["full_name"]) for row in directory.all_doctors(actor, active=True).results],
    )


def _found(actor: Actor, filters: ListFilters) -> tuple[Page[AppointmentRow], str]:
    """Return the appointments asked for; without an unknown doctor, department or patient, and its refusal in words."""
    common: dict[str, Any] = {
        "status": filters.status,
        "date_from": filters.day("first"),
        "date_to": filters.day("last"),
        "search": filters.text("search"),
        "page": requested_rows(PAGE_SIZE),
    }
    try:
        return scheduling.appointments(
            actor,
            doctor_id=filters.number("doctor"),
            department_id=filters.number("department"),
            patient_id=filters.number("patient"),
            **common,
        ), ""
    except NotFound as refusal:
        if refusal.code == "invalid_page":
            raise
        return scheduling.appointments(actor, **common), refusal.text(gettext)


@blueprint.get("/appointments/<int:appointment_id>")
def appointment(appointment_id: int) -> ResponseReturnValue:
    """Show one appointment with its history."""
    actor = signed_in_actor()
    return _appointment_page(actor, scheduling.appointment(actor, appointment_id))


def _appointment_page(
    actor: Actor, appointment: AppointmentRow, *, refusal: str | None = None, status: int = 200
) -> ResponseReturnValue:
    possible = scheduling.possible(actor, appointment)
    return page(
        "admin/appointment.html",
        status=status,
        appointment=appointment,
        person=actor,
        history=scheduling.history(actor, appointment["id"]),
        notes=scheduling.notes_of(actor, appointment["id"]),
        staff_notes=scheduling.staff_notes(actor, appointment["id"]) if can(actor, Action.READ_STAFF_NOTES) else None,
        able={name for name, no in possible.items() if no is None},
        doubts=doubts(appointment, written=records.is_written(actor, appointment["id"])),
        refusal=refusal,
        booked=just_booked(appointment),
    )


def address_of(appointment: AppointmentRow) -> str:
    """Return where the office sees an appointment."""
    return url_for("admin.appointment", appointment_id=appointment["id"])


# --- what is done with it ---------------------------------------------------------------------------------------------


@blueprint.post("/appointments/<int:appointment_id>/confirm")
def confirm(appointment_id: int) -> ResponseReturnValue:
    """Confirm a booked appointment."""
    return confirm_appointment(signed_in_actor(), appointment_id, back=address_of, show=_appointment_page)


@blueprint.route("/appointments/<int:appointment_id>/complete", methods=["GET", "POST"])
def complete(appointment_id: int) -> ResponseReturnValue:
    """Ask whether a confirmed appointment is over; complete it on POST."""
    return complete_appointment(
        signed_in_actor(), appointment_id, template="admin/complete.html", back=address_of, show=_appointment_page
    )


@blueprint.route("/appointments/<int:appointment_id>/reopen", methods=["GET", "POST"])
@keeps_unsent(ReopenForm)
def reopen(appointment_id: int) -> ResponseReturnValue:
    """Ask why a completed appointment should be reopened; reopen it on POST."""
    return reopen_appointment(
        signed_in_actor(), appointment_id, ReopenForm(), template="admin/reopen.html", back=address_of
    )


@blueprint.route("/appointments/<int:appointment_id>/cancel", methods=["GET", "POST"])
@keeps_unsent(CancelForm)
def cancel(appointment_id: int) -> ResponseReturnValue:
    """Ask whether the appointment should be cancelled; cancel it on POST, late too."""
    return cancel_appointment(
        signed_in_actor(), appointment_id, CancelForm(), template="admin/cancel.html", back=address_of
    )


@blueprint.route("/appointments/<int:appointment_id>/edit", methods=["GET", "POST"])
@keeps_unsent(EditForm)
def edit(appointment_id: int) -> ResponseReturnValue:
    """Show what was said before an appointment, and its room; save it on POST."""
    return edit_appointment(
        signed_in_actor(),
        appointment_id,
        EditForm,
        template="admin/edit.html",
        back=address_of,
        success_message=gettext("Your changes are saved."),
        notification_note=_room_note,
    )


def _room_note(before: AppointmentRow, after: AppointmentRow) -> str:
    """Return how the patient of an appointment to come learns of its new room, "" if it is in the same one."""
    if before["room"] == after["room"] or not scheduling.is_open(after["status"]):
        return ""
    return formatting.notification_note(after)


@blueprint.route("/appointments/<int:appointment_id>/staff-notes", methods=["GET", "POST"])
@keeps_unsent(StaffNotesForm)
def staff_notes(appointment_id: int) -> ResponseReturnValue:
    """Show what doctor and office write for each other; write it on POST."""
    return write_staff_notes(signed_in_actor(), appointment_id, template="admin/staff_notes.html", back=address_of)


@blueprint.route("/appointments/<int:appointment_id>/hand-over", methods=["GET", "POST"])
@keeps_unsent(HandOverForm)
def hand_over(appointment_id: int) -> ResponseReturnValue:
    """Show who could take the appointment over; hand it over on POST."""
    return hand_over_appointment(signed_in_actor(), appointment_id, template="admin/hand_over.html", back=address_of)


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
@keeps_unsent(MoveForm)
def reschedule(appointment_id: int) -> ResponseReturnValue:
    """Show when the appointment can be moved to; move it on POST."""
    return move_appointment(signed_in_actor(), appointment_id, template="admin/reschedule.html", back=address_of)
