"""A doctor's leave: what is entered, entering more, taking it back. It closes slots at once, which the domain does.

``enter_leave`` and ``take_back`` serve the doctor's own pages (``web/doctor/leave.py``) and the office's (``web/admin/leave.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from clinic import clock, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.scheduling import SettlingCause, WaitingVisit
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import DayField, PortalForm, at_most, one_kind_of_line_break, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted

WHOLE_DAY = ""


def hour_or_whole_day(label: Any) -> SelectField:
    """Return a field with the hours of a day, in which the whole day is chosen at first."""
    hours = [SelectChoice(f"{at:%H:%M}", f"{at:%H:%M}") for at in scheduling.HOURS]
    return SelectField(label, choices=[SelectChoice(WHOLE_DAY, lazy_gettext("whole day")), *hours], default=WHOLE_DAY)


class LeaveForm(PortalForm):
    """Days, or hours of one day."""

    first_day = DayField(lazy_gettext("First day"), [required()])
    last_day = DayField(lazy_gettext("Last day"), [Optional()])
    from_time = hour_or_whole_day(lazy_gettext("From"))
    to_time = hour_or_whole_day(lazy_gettext("Until"))
    reason = TextAreaField(lazy_gettext("Reason"), [at_most(scheduling.REASON_MAX)], filters=[one_kind_of_line_break])

    @property
    def entry(self) -> dict[str, Any]:
        """What is asked for, as the domain takes it."""
        return {
            "first_day": self.first_day.data,
            "last_day": self.last_day.data or self.first_day.data,
            "from_time": time_chosen(self.from_time.data),
            "to_time": time_chosen(self.to_time.data),
            "reason": self.reason.data or "",
        }


def time_chosen(text: str | None) -> time | None:
    """Return the hour that was chosen in such a field; None for the whole day, and for what is no hour."""
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        return None


@dataclass(frozen=True)
class LeavePage:
    """Where a doctor's leave is shown: ``address`` has the list and the form, ``template`` is its page; ``work_list`` is where
    the visits are settled that fall into a leave."""

    doctor_id: int
    address: str
    template: str
    work_list: Callable[[int], str]
    shown: Mapping[str, Any] = field(default_factory=dict)


def _prefilled() -> dict[str, object]:
    """Return the day and the hours that the address asks for: a free time of the week leads here."""
    hours = {name: request.args.get(name, WHOLE_DAY) for name in ("from_time", "to_time")}
    known = {f"{at:%H:%M}" for at in scheduling.HOURS}
    day = day_from(request.args.get("first_day", ""))
    return {"first_day": day, **{name: at for name, at in hours.items() if at in known}}


def enter_leave(actor: Actor, place: LeavePage) -> ResponseReturnValue:
    """Show present and coming leave and the form; enter leave on POST. A second press finds it entered."""
    form = LeaveForm(data=_prefilled())
    outcome = submitted(
        form, lambda: scheduling.take_leave(actor, doctor_id=place.doctor_id, **form.entry), rehearsed=False
    )
    if outcome.done:
        flash(gettext("The leave is added. Those times can't be booked any more."), "success")
        waiting = scheduling.visits_to_settle(actor, cause=SettlingCause.LEAVE, cause_id=outcome.result)
        _warn_of_visits(waiting)
        return see_other(place.work_list(outcome.result) if waiting else place.address)
    present = scheduling.leaves(actor, doctor_id=place.doctor_id)
    in_the_way = outcome.refusal.params if outcome.refusal else {}
    return page(
        place.template,
        status=outcome.status,
        form=form,
        leaves=present,
        waiting=scheduling.visits_to_settle(actor, doctor_id=place.doctor_id),
        overlapping=[row for row in present if row["id"] in in_the_way.get("leaves", ())],
        today=clock.today(),
        address=place.address,
        **place.shown,
    )


def _warn_of_visits(waiting: Sequence[WaitingVisit]) -> None:
    """Say that visits are booked while the doctor is away: nothing is cancelled, so somebody has to look after them."""
    if waiting:
        flash(
            ngettext(
                "%(num)d visit is booked at that time. It stays booked until you move or cancel it.",
                "%(num)d visits are booked at that time. They stay booked until you move or cancel them.",
                len(waiting),
            )
        )


def take_back(actor: Actor, place: LeavePage, leave_id: int) -> ResponseReturnValue:
    """Ask whether leave should be taken back; take it back on POST. A second press finds it gone."""
    present = scheduling.leaves(actor, doctor_id=place.doctor_id)
    found = next((row for row in present if row["id"] == leave_id), None)
    form = PortalForm()
    if found is None and form.is_submitted():
        flash(gettext("This leave isn't on the list any more."))
        return see_other(place.address)
    if found is None:
        raise NotFound(N_("We can't find this leave."))
    outcome = submitted(form, lambda: scheduling.end_leave(actor, leave_id))
    if outcome.done:
        flash(gettext("The leave is removed. Those times can be booked again."), "success")
        return see_other(place.address)
    return page(place.template, status=outcome.status, leave=found, address=place.address, **place.shown)
