"""Cancelling an appointment: a question, then the action, the same for patients, doctors and the office.

A blueprint's view says which template asks, where the person goes back to and what is said afterwards:

    return cancel_appointment(signed_in_actor(), appointment_id, CancelForm(), template="admin/cancel.html", back=address_of)

Whether the appointment may be cancelled, and until when, is the domain's to say. A press says where the appointment
stood on the page: one that was moved meanwhile is shown, not cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.local import LocalProxy
from wtforms import HiddenField, TextAreaField

from clinic import scheduling, settings
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow, AppointmentStatus
from clinic.web.appointments.transitions import why_not
from clinic.web.kit import formatting
from clinic.web.kit.forms import PortalForm, at_most
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted


class CancelForm(PortalForm):
    """Why the appointment is cancelled, which may be left empty, and where it stood on the page."""

    state = HiddenField()
    reason = TextAreaField(lazy_gettext("Why is the visit being cancelled?"), [at_most(scheduling.REASON_MAX)])


def cancelling(actor: Actor, appointment: AppointmentRow) -> dict[str, Any]:
    """Return until when the appointment can be cancelled, in words why not now (``no_cancel``; None if it can), if it
    has begun."""
    return {
        "deadline": scheduling.change_deadline(appointment),
        "no_cancel": why_not(actor, appointment, "cancel"),
        "begun": scheduling.has_begun(appointment),
    }


def cancelled_message(appointment: AppointmentRow) -> str:
    """Return the success message for a doctor or admin."""
    return f"{gettext('The visit is cancelled.')} {formatting.notification_note(appointment)}"


def cancel_appointment(
    actor: Actor,
    appointment_id: int,
    form: CancelForm,
    *,
    template: str,
    back: Callable[[AppointmentRow], str],
    success_message: Callable[[AppointmentRow], str] = cancelled_message,
    extra: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """Ask whether an appointment should be cancelled; cancel it on POST. A second press finds it cancelled already.

    ``success_message`` words what is said afterwards; ``extra`` are further values of the template.
    """
    appointment = scheduling.appointment(actor, appointment_id)
    reason, state = form.reason.data or "", form.state.data or None
    outcome = submitted(form, lambda: scheduling.cancel(actor, appointment_id, reason=reason, expected_state=state))
    if outcome.done:
        flash(success_message(appointment), "success")
        return see_other(back(appointment))
    if outcome.refused:  # somebody else may have changed it in the same moment
        appointment = scheduling.appointment(actor, appointment_id)
        if appointment["status"] == AppointmentStatus.CANCELLED:
            return see_other(back(appointment))
    shown = {**cancelling(actor, appointment), **(extra or {})}
    return page(template, status=outcome.status, appointment=appointment, form=form, back=back(appointment), **shown)


def install(app: Flask) -> None:
    """Tell the templates how far ahead an appointment can be booked, and how long before its start it can be
    cancelled."""
    app.jinja_env.globals.update(booking_rules=LocalProxy(lambda: settings.current().booking))
