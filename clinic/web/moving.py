"""Moving a visit to another time of its doctor: days, times and the form, the same for patients, doctors and the office.

A blueprint's view says which template shows it and where the person goes back to; the rest is here:

    @blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
    def reschedule(appointment_id: int) -> ResponseReturnValue:
        return move_visit(the_actor(), appointment_id, template="admin/reschedule.html", back=_address_of_visit)

and the template, with css/booking.css among its styles, calls the macro of components/moving.html:

    {% call move_choices(move, form, back) %}What the person should know before the visit is moved.{% endcall %}

The address carries the day and the time that are chosen, so back, reload and a shared link work; while the form is
shown, each choice is a button of it and takes along what is typed. Which times are free
and whether the visit may be moved is the domain's to say. A press says where the visit stood on the page: one that was
moved, confirmed or the like meanwhile is shown as it is now, not moved.
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
from clinic.scheduling import AppointmentRow, FreeDay, Moment, Slot, Why
from clinic.web import filters
from clinic.web.choice import CHANGE, MESSAGES, NEXT, Wish, complaint, parse, parse_moment
from clinic.web.forms import PortalForm, at_most
from clinic.web.page import page, see_other
from clinic.web.progress import in_words
from clinic.web.submitting import submitted

CHOOSE = N_("Please choose a day and a time.")
#: The person who moves a visit isn't always the one whose visit it is.
BUSY = N_("The patient has another visit at the time you chose. Please choose another.")


class MoveForm(PortalForm):
    """Why the visit is moved, which may be left empty, and where it stood on the page."""

    state = HiddenField()
    reason = TextAreaField(lazy_gettext("Why is the visit being moved?"), [at_most(scheduling.REASON_MAX)])


@dataclass(frozen=True)
class Move:
    """What the page shows: the visit, the days and times, what is chosen, and what was wrong with a choice."""

    visit: AppointmentRow
    days: list[FreeDay]
    slots: list[Slot]
    day: dt.date | None
    time: dt.time | None
    wished: dt.time | None = None
    message: str = ""
    offers: list[Moment] = field(default_factory=list)
    no_change: str | None = None
    #: Whether no time at all is to be had with the doctor at present.
    closed: bool = False
    kept: Mapping[str, Any] = field(default_factory=dict)

    def link(self, day: dt.date | None = None, at: dt.time | None = None) -> str:
        """Return this page's address with a day and a time chosen."""
        return url_for(
            str(request.endpoint),
            **(request.view_args or {}),
            **self.kept,
            day=day.isoformat() if day else None,
            time=f"{at:%H:%M}" if at else None,
        )

    def day_link(self, on: dt.date) -> str:
        """Return where choosing a day leads."""
        return self.link(on, self.time if on == self.day else None) + NEXT

    def time_link(self, at: dt.time) -> str:
        """Return where choosing a time leads."""
        return self.link(self.day, at) + NEXT

    @property
    def action(self) -> str:
        """Where the form is sent; what the address asked for stays in it."""
        return self.link(self.day, self.time or self.wished)

    @property
    def present(self) -> Moment:
        """When the visit is now."""
        return Moment(self.visit["appointment_date"], self.visit["appointment_time"])

    @property
    def spoken(self) -> str:
        """What a screen reader is told after a choice."""
        if self.message:
            return self.message
        if self.time is None or self.day is None:
            return gettext("Now choose a day and a time.")
        return gettext(
            "You've chosen %(day)s, %(time)s. Now move the visit.",
            day=filters.day_long(self.day),
            time=filters.clock_time(self.time),
        )


def move_visit(
    actor: Actor,
    appointment_id: int,
    *,
    template: str,
    back: Callable[[AppointmentRow], str],
    kept: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """Show when a visit can be moved to; move it on POST and go ``back`` to it. A second press finds it moved.

    ``kept`` are further parameters that the page's links carry along.
    """
    visit = scheduling.appointment(actor, appointment_id)
    show = _Shower(actor, template, back, kept or {})
    wish = _wish()
    form = MoveForm()
    on, at = wish.day, wish.time
    if not form.is_submitted() or CHANGE in request.form:
        return show(visit, wish, form, 200)
    if not form.validate() or on is None or at is None:
        return show(visit, wish, form, 422)
    if Moment(on, at) == Moment(visit["appointment_date"], visit["appointment_time"]):
        return see_other(back(visit))
    reason, state = form.reason.data or "", form.state.data or None
    outcome = submitted(
        form,
        lambda: scheduling.reschedule(actor, appointment_id, on=on, at=at, reason=reason, expected_state=state),
        shown_elsewhere=(Conflict, InvalidInput),
    )
    if not outcome.done:
        return show(scheduling.appointment(actor, appointment_id), wish, form, outcome.status, outcome.refusal)
    day, time = filters.day_long(on), filters.clock_time(at)
    flash(gettext("The visit has been moved to %(day)s, %(time)s.", day=day, time=time), "success")
    return see_other(back(outcome.result))


def _wish() -> Wish:
    """Return the day and the time of the address, or those of the offer that was pressed."""
    wish = parse({name: request.args.get(name, "") for name in ("day", "time")})
    offered = parse_moment(request.form.get("instead", ""))
    return wish if offered is None else Wish(day=offered.date, time=offered.time)


@dataclass(frozen=True)
class _Shower:
    """Answers with the page of one request."""

    actor: Actor
    template: str
    back: Callable[[AppointmentRow], str]
    kept: Mapping[str, Any]

    def __call__(
        self, visit: AppointmentRow, wish: Wish, form: MoveForm, status: int, refusal: DomainError | None = None
    ) -> ResponseReturnValue:
        move = self._move(visit, wish)
        if isinstance(refusal, Conflict | InvalidInput):
            move = self._refused(move, wish, refusal)
        elif status != 200 and not (wish.day and wish.time):
            move = replace(move, message=move.message or gettext(CHOOSE))
        return page(self.template, status=status, move=move, visit=visit, form=form, back=self.back(visit), **self.kept)

    def _move(self, visit: AppointmentRow, wish: Wish) -> Move:
        doctor_id = visit["doctor"]["id"]
        no_change = scheduling.possible(self.actor, visit).get("reschedule", not_allowed())
        wanted = wish.day or visit["appointment_date"]
        board = scheduling.board(
            [doctor_id], doctor_id=doctor_id, on=wanted, actor=self.actor, patient_id=visit["patient"]["id"]
        )
        day = wanted if board.slots else None
        chosen = next((slot for slot in board.slots if slot.time == wish.time), None)
        return Move(
            visit=visit,
            days=board.days,
            slots=board.slots,
            day=day,
            time=chosen.time if chosen and chosen.available else None,
            wished=wish.time,
            message=_complaint(wish, day, chosen, visit, self.actor),
            no_change=in_words(no_change, visit) if no_change else None,
            closed=no_change is not None and no_change.code in scheduling.CLOSED,
            kept=self.kept,
        )

    def _refused(self, move: Move, wish: Wish, refusal: DomainError) -> Move:
        """Return the page's state after the domain refused: why, and the nearest free times where others may do."""
        if wish.day is None or wish.time is None or move.no_change:
            return move
        near = scheduling.nearest_free(
            doctor_id=move.visit["doctor"]["id"],
            on=wish.day,
            at=wish.time,
            actor=self.actor,
            patient_id=move.visit["patient"]["id"],
            count=4,
        )
        said = BUSY if refusal.code == "patient_busy" else None
        texts = [text for texts in refusal.field_texts(gettext).values() for text in texts] or [refusal.text(gettext)]
        return replace(
            move,
            time=None,
            message=gettext(said) if said else " ".join(texts),
            offers=[each for each in near if each != Moment(wish.day, wish.time)][:3],
        )


def _complaint(wish: Wish, day: dt.date | None, chosen: Slot | None, visit: AppointmentRow, actor: Actor) -> str:
    """Return what is wrong with the choice that the address carries, "" if nothing."""
    if "day" in wish.bad or (wish.day and day is None):
        return gettext(MESSAGES["day"])
    if "time" in wish.bad or (wish.time and day and chosen is None):
        return gettext(MESSAGES["time"])
    if chosen is None or chosen.reason is None:
        return ""
    if (day, chosen.time) == (visit["appointment_date"], visit["appointment_time"]):
        return gettext("The visit is already at this time.")
    return gettext(complaint(Why(chosen.reason), for_other=visit["patient"]["id"] != actor.user_id))
