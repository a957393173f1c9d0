"""Changing what is written about an appointment: by its patient, its doctor and the office, each with a form of their
own.

A blueprint's view says which form and template, where the person goes back to and what is said afterwards:

    return edit_appointment(signed_in_actor(), appointment_id, NotesForm, template="doctor/notes.html", back=..., success_message=...)

Who may write what is the domain's to say. Nobody's words are written over unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash
from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.policy import Actor
from clinic.scheduling import AppointmentChanges, AppointmentRow
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.versioned import VersionedForm


class EditedAppointment(AppointmentRow):
    """An appointment with the clinic's part of its notes."""

    clinic_notes: str


class AppointmentForm(VersionedForm):
    """Some of what is written about an appointment, with the version that was read."""

    @classmethod
    def filled(cls, appointment: EditedAppointment) -> dict[str, object]:
        """Return what the fields hold of an appointment; of its notes the clinic's part."""
        return {**appointment, "notes": appointment["clinic_notes"]}

    def changes(self) -> AppointmentChanges:
        """Return the changes for the domain."""
        raise NotImplementedError

    def offer(self, _actor: Actor, _appointment: EditedAppointment) -> None:
        """Set what can be chosen at present."""


def edit_appointment(
    actor: Actor,
    appointment_id: int,
    form_type: type[AppointmentForm],
    *,
    template: str,
    back: Callable[[AppointmentRow], str],
    success_message: str,
    notification_note: Callable[[AppointmentRow, AppointmentRow], str] = lambda _before, _after: "",
    more: Callable[[AppointmentRow], Mapping[str, Any]] = lambda _appointment: {},
) -> ResponseReturnValue:
    """Show what is written about an appointment; change it on POST. What somebody else saved meanwhile stands beside
    what was typed.

    ``notification_note`` words from the appointment before and after how the patient learns of it, "" if that needs no
    word; ``more`` returns further values of the template.
    """
    before = _appointment(actor, appointment_id)
    form = form_type(data=form_type.filled(before))
    outcome = submitted(
        form,
        lambda: scheduling.edit_appointment(
            actor, appointment_id, form.changes(), expected_version=form.expected_version, clinics_notes_only=True
        ),
    )
    # Somebody else may have changed it meanwhile.
    appointment = _appointment(actor, appointment_id) if form.is_submitted() else before
    if not outcome.done:
        form.offer(actor, appointment)
        form.set_beside(form.filled(appointment))
    if outcome.done or form.saved_already:
        flash(f"{success_message} {notification_note(before, appointment)}".rstrip(), "success")
        return see_other(back(appointment))
    return page(
        template, status=outcome.status, appointment=appointment, form=form, back=back(appointment), **more(appointment)
    )


def _appointment(actor: Actor, appointment_id: int) -> EditedAppointment:
    """Return an appointment with the clinic's part of its notes."""
    appointment = scheduling.appointment(actor, appointment_id)
    return {**appointment, "clinic_notes": scheduling.notes_of(actor, appointment_id).clinic_text}
