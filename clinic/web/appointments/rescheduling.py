"""Moving an appointment to another time of its doctor: days, times and the form, the same for patients, doctors and the
office.

A blueprint's view says which template shows it and where the person goes back to; the rest is here:

    @blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
    def reschedule(appointment_id: int) -> ResponseReturnValue:
        return move_appointment(signed_in_actor(), appointment_id, template="admin/reschedule.html", back=_address_of)

and the template, with css/booking.css among its styles, calls the macro of components/rescheduling.html:

    {% call move_choices(move, form, back) %}What the person should know before the appointment is moved.{% endcall %}

The address carries the day and the time that are chosen, so back, reload and a shared link work; while the form is
shown, each choice is a button of it and takes along what is typed. Which times are free
and whether the appointment may be moved is the domain's to say. A press says where the appointment stood on the page:
one that was moved, confirmed or the like meanwhile is shown as it is now, not moved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField

from clinic import scheduling
from clinic.errors import Conflict, DomainError, InvalidInput
from clinic.i18n import N_
from clinic.policy import Actor, not_allowed
from clinic.scheduling import AppointmentRow, Moment, SlotStatus
from clinic.web.appointments.selection import CHANGE, NEXT, Selection, requested
from clinic.web.appointments.slot_picker import (
    Links,
    SlotPicker,
    complaint_of_slot,
    nearest_offers,
    slot_picker,
    spoken,
)
from clinic.web.appointments.transitions import in_words
from clinic.web.kit import date_formatting
from clinic.web.kit.forms import PortalForm, at_most, is_only_shown
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import Done, NotDone, submitted

CHOOSE = N_("Please choose a day and a time.")
#: What the domain calls the choices; what is wrong with them stands at the slot picker, not in the form.
CHOICES = ("new_date", "new_time")


class MoveForm(PortalForm):
    """Why the appointment is moved, which may be left empty, and where it stood on the page."""

    state = HiddenField()
    reason = TextAreaField(lazy_gettext("Why is the visit being moved?"), [at_most(scheduling.REASON_MAX)])


@dataclass(frozen=True)
class Move:
    """What the page shows: the appointment, the slot picker of its doctor, and why it can't be moved if it can't."""

    appointment: AppointmentRow
    picker: SlotPicker
    no_change: str | None = None
    #: Whether no time at all is to be had with the doctor at present.
    closed: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Where the form is sent; what the address asked for stays in it."""
        return _address(self.picker.day, self.picker.time or self.picker.selection.time, self.extra)

    @property
    def spoken(self) -> str:
        """The text of the live region after a choice."""
        return spoken(self.picker.complaints, self._instruction)

    @property
    def _instruction(self) -> str:
        if self.picker.time is None or self.picker.day is None:
            return gettext("Now choose a day and a time.")
        day, time = date_formatting.day_long(self.picker.day), date_formatting.clock_time(self.picker.time)
        return gettext("You've chosen %(day)s, %(time)s. Now move the visit.", day=day, time=time)


def move_appointment(
    actor: Actor,
    appointment_id: int,
    *,
    template: str,
    back: Callable[[AppointmentRow], str],
    extra: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """Show when an appointment can be moved to; move it on POST and go ``back`` to it. A second press finds it moved.

    ``extra`` are further parameters that the page's links carry along.
    """
    appointment = scheduling.appointment(actor, appointment_id)
    selection, form = requested(patient=appointment["patient"]["id"]), MoveForm()
    chosen = selection.moment

    def show(move: Move, status: int = 200) -> ResponseReturnValue:
        if status != 200 and chosen is None and not is_only_shown():
            move = _unchosen(move)
        shown = move.appointment
        return page(template, status=status, move=move, appointment=shown, form=form, back=back(shown), **move.extra)

    def move_of(appointment: AppointmentRow) -> Move:
        return _move(actor, appointment, selection, extra or {})

    if not form.is_submitted() or CHANGE in request.form:
        return show(move_of(appointment))
    if not form.validate() or chosen is None:
        return show(move_of(appointment), 422)
    if chosen == _present(appointment):
        return see_other(back(appointment))
    outcome = _rescheduled(form, actor, appointment_id, chosen)
    if not outcome.done:
        move = move_of(scheduling.appointment(actor, appointment_id))
        return show(_refused(actor, move, outcome.refusal), outcome.status)
    day, time = date_formatting.day_long(chosen.date), date_formatting.clock_time(chosen.time)
    flash(gettext("The visit has been moved to %(day)s, %(time)s.", day=day, time=time), "success")
    return see_other(back(outcome.result))


def _rescheduled(form: MoveForm, actor: Actor, appointment_id: int, to: Moment) -> Done[AppointmentRow] | NotDone:
    """Move the appointment as the form says; what is wrong with the slot is left to the slot picker."""
    reason, state = form.reason.data or "", form.state.data or None
    return submitted(
        form,
        lambda: scheduling.reschedule(
            actor, appointment_id, on=to.date, at=to.time, reason=reason, expected_state=state
        ),
        shown_elsewhere=(Conflict,),
        fields_elsewhere=CHOICES,
    )


def _present(appointment: AppointmentRow) -> Moment:
    """Return when the appointment is now."""
    return Moment(appointment["appointment_date"], appointment["appointment_time"])


def _address(day: dt.date | None, at: dt.time | None, extra: Mapping[str, Any]) -> str:
    """Return this page's address with a day and a time chosen."""
    return url_for(
        str(request.endpoint),
        **(request.view_args or {}),
        **extra,
        day=day.isoformat() if day else None,
        time=f"{at:%H:%M}" if at else None,
    )


def _move(actor: Actor, appointment: AppointmentRow, selection: Selection, extra: Mapping[str, Any]) -> Move:
    """Look up what can be chosen for the appointment, and whether it may be moved at all."""
    doctor_id, present = appointment["doctor"]["id"], _present(appointment)
    no_change = scheduling.possible(actor, appointment).get("reschedule", not_allowed())
    board = scheduling.board(
        [doctor_id],
        doctor_id=doctor_id,
        on=selection.day or present.date,
        actor=actor,
        patient_id=selection.patient,
        moving=appointment["id"],
    )

    def link(day: dt.date, at: dt.time | None) -> str:
        return _address(day, at, extra) + NEXT

    for_other = selection.patient != actor.user_id
    return Move(
        appointment=appointment,
        picker=slot_picker(board, selection, Links(link, link), for_other=for_other, present=present),
        no_change=in_words(no_change, appointment) if no_change else None,
        closed=no_change is not None and no_change.code in scheduling.CLOSED,
        extra=extra,
    )


def _unchosen(move: Move) -> Move:
    """Return the page's state where the form was sent without a day and a time."""
    wrong = next(iter(move.picker.complaints), gettext(CHOOSE))
    return replace(move, picker=move.picker.refused(wrong))


def _refused(actor: Actor, move: Move, refusal: DomainError | None) -> Move:
    """Return the page's state after the domain refused: why, and the nearest free times where others may do."""
    if move.no_change or not isinstance(refusal, Conflict | InvalidInput):
        return move
    if refusal.code == "patient_busy":
        words = complaint_of_slot(SlotStatus.YOURS, move.picker.for_other)
    elif refusal.errors:
        texts = refusal.field_texts(gettext)
        words = " ".join(text for name in CHOICES for text in texts.get(name, []))
    else:
        words = refusal.text(gettext)
    if not words:
        return move
    offers = nearest_offers(actor, move.appointment["doctor"]["id"], move.picker.selection)
    return replace(move, picker=move.picker.refused(words, offers))
