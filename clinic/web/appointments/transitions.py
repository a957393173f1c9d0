"""What can be done with an appointment now, for every role; confirming, completing and reopening it, for its doctor and
the office.

A blueprint's view says where the person goes back to, and how the appointment is shown where it can't be done:

    return confirm_appointment(signed_in_actor(), appointment_id, back=address_of, show=_appointment_page)

Whether it can be done is the domain's to say. A press says where the appointment stood on the page that was pressed
(``appointment_state``): what has changed meanwhile is shown, not acted on. Completing can't be taken back by whoever
does it, so it asks first as long as there is a doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Flask, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField

from clinic import records, scheduling
from clinic.errors import DomainError
from clinic.policy import Actor, not_allowed
from clinic.scheduling import AppointmentRow, AppointmentStatus
from clinic.web.appointments import history
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.access import safe_next
from clinic.web.kit.forms import PortalForm, at_most, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted

Back = Callable[[AppointmentRow], str]


class StepForm(PortalForm):
    """A press: where the appointment stood on the page, whether the person was asked and is ``sure``, and the list of
    appointments that they pressed on and go ``back`` to."""

    state = HiddenField()
    sure = HiddenField()
    back = HiddenField()


class ReopenForm(StepForm):
    """Why a completed appointment is reopened."""

    reason = TextAreaField(
        lazy_gettext("Why is the visit being reopened?"), [required(), at_most(scheduling.REASON_MAX)]
    )


class Show(Protocol):
    """Answers an appointment's page, with a refusal in words."""

    def __call__(self, actor: Actor, appointment: AppointmentRow, *, refusal: str, status: int) -> ResponseReturnValue:
        """Answer the page."""


def why_not(actor: Actor, appointment: AppointmentRow, change: str) -> str | None:
    """Return in words why ``change`` of ``appointment`` is not possible now, None if it is."""
    refusal = scheduling.possible(actor, appointment).get(change, not_allowed())
    return why_refused(actor, appointment, change, refusal) if refusal else None


def why_refused(actor: Actor, appointment: AppointmentRow, change: str, refusal: DomainError) -> str:
    """Return in words why ``change`` was refused to ``actor``; a doctor learns who can still cancel late."""
    words = in_words(refusal, appointment)
    if change == "cancel" and refusal.code == "too_late" and actor.doctor_id is not None:
        words += " " + gettext("Reception can still cancel it.")
    return words


def in_words(refusal: DomainError, appointment: AppointmentRow) -> str:
    """Return why something is not possible with ``appointment``; a doctor who sees nobody at present is called by
    name."""
    if refusal.code == "doctor_unavailable":
        name = formatting.doctor_name(appointment["doctor"]["full_name"])
        return gettext("%(doctor)s isn't seeing patients at the moment.", doctor=name)
    return refusal.text(gettext)


def confirm_appointment(actor: Actor, appointment_id: int, *, back: Back, show: Show) -> ResponseReturnValue:
    """Confirm a booked appointment, and say how the patient learns of it."""

    def success_message(appointment: AppointmentRow) -> str:
        return f"{gettext('The visit is confirmed.')} {formatting.notification_note(appointment)}"

    return _once(actor, appointment_id, scheduling.confirm, AppointmentStatus.CONFIRMED, success_message, back, show)


def doubts(appointment: AppointmentRow, *, written: bool) -> list[str]:
    """Return in words why an appointment may not be over yet; ``written`` tells whether it has a record."""
    found = []
    if not scheduling.has_begun(appointment):
        day, at = (
            date_formatting.day_long(appointment["appointment_date"]),
            date_formatting.clock_time(appointment["appointment_time"]),
        )
        found.append(gettext("It hasn't started yet. It's on %(day)s at %(time)s.", day=day, time=at))
    if not written:
        found.append(gettext("Nothing has been written in the record yet."))
    return found


def complete_appointment(
    actor: Actor, appointment_id: int, *, template: str, back: Back, show: Show, extra: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Ask whether a confirmed appointment is over, and say why that is asked; complete it on POST.

    A press that wasn't asked is asked now, if there is a doubt. ``extra`` are further values of the template.
    """
    appointment, form = scheduling.appointment(actor, appointment_id), StepForm()
    why = doubts(appointment, written=records.is_written(actor, appointment_id))
    if form.is_submitted():
        if why and not form.sure.data and appointment["status"] == AppointmentStatus.CONFIRMED:
            return see_other(request.full_path.rstrip("?"))
        done = gettext("The visit is completed.")
        return _once(
            actor,
            appointment_id,
            scheduling.complete,
            AppointmentStatus.COMPLETED,
            lambda _appointment: done,
            back,
            show,
        )
    no_complete = why_not(actor, appointment, "complete")
    return page(
        template, appointment=appointment, doubts=why, no_complete=no_complete, back=back(appointment), **(extra or {})
    )


def _once(
    actor: Actor,
    appointment_id: int,
    command: Callable[..., AppointmentRow],
    target: AppointmentStatus,
    success_message: Callable[[AppointmentRow], str],
    back: Back,
    show: Show,
) -> ResponseReturnValue:
    """Do ``command``; a second press finds it done, any other refusal shows the appointment as it stands, with why not.

    Where somebody else did it meanwhile, that is said.
    """
    form = StepForm()
    outcome = submitted(form, lambda: command(actor, appointment_id, expected_state=form.state.data or None))
    if outcome.done:
        appointment = outcome.result
        flash(success_message(appointment), "success")
    else:
        appointment = scheduling.appointment(actor, appointment_id)
        if appointment["status"] != target:
            return show(actor, appointment, refusal=" ".join(form.form_errors), status=outcome.status)
        last = scheduling.history(actor, appointment_id)[-1]
        if last["by_user_id"] != actor.user_id:
            flash(history.describe_event(last, actor), "info")
    return see_other(safe_next(form.back.data) or back(appointment))


def reopen_appointment(
    actor: Actor, appointment_id: int, form: ReopenForm, *, template: str, back: Back
) -> ResponseReturnValue:
    """Ask why a completed appointment should be reopened; reopen it on POST. A second press finds it open already."""
    appointment = scheduling.appointment(actor, appointment_id)
    reason, state = form.reason.data or "", form.state.data or None
    outcome = submitted(form, lambda: scheduling.reopen(actor, appointment_id, reason, expected_state=state))
    if outcome.done:
        flash(gettext("The visit is open again."), "success")
        return see_other(back(appointment))
    if outcome.refused:  # somebody else may have changed it in the same moment
        appointment = scheduling.appointment(actor, appointment_id)
        if appointment["status"] == AppointmentStatus.CONFIRMED:
            return see_other(back(appointment))
    no_reopen = why_not(actor, appointment, "reopen")
    return page(
        template, status=outcome.status, appointment=appointment, form=form, no_reopen=no_reopen, back=back(appointment)
    )


def install(app: Flask) -> None:
    """Tell the templates where an appointment stands, for the presses of a page."""
    app.jinja_env.filters["appointment_state"] = scheduling.state_of
