"""A doctor's leave: what is entered, entering more, taking it back. It closes slots at once, which the domain does."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from clinic import clock, scheduling
from clinic.errors import Conflict, InvalidInput, NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.access import the_actor
from clinic.web.forms import PortalForm, at_most, required
from clinic.web.page import page, see_other
from clinic.web.recording import DayField, one_kind_of_line_break

Leave = dict[str, Any]
Visit = dict[str, Any]
WHOLE_DAY = ""


def _hour(label: Any) -> SelectField:
    hours = [SelectChoice(f"{at:%H:%M}", f"{at:%H:%M}") for at in scheduling.HOURS]
    return SelectField(label, choices=[SelectChoice(WHOLE_DAY, lazy_gettext("whole day")), *hours], default=WHOLE_DAY)


class LeaveForm(PortalForm):
    """Days, or hours of one day."""

    first_day = DayField(lazy_gettext("First day"), [required()])
    last_day = DayField(lazy_gettext("Last day"), [Optional()])
    from_time = _hour(lazy_gettext("From"))
    to_time = _hour(lazy_gettext("Until"))
    reason = TextAreaField(lazy_gettext("Reason"), [at_most(scheduling.REASON_MAX)], filters=[one_kind_of_line_break])

    @property
    def entry(self) -> dict[str, Any]:
        """What is asked for, as the domain takes it."""
        return {
            "first_day": self.first_day.data,
            "last_day": self.last_day.data or self.first_day.data,
            "from_time": _time(self.from_time.data),
            "to_time": _time(self.to_time.data),
            "reason": self.reason.data or "",
        }


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def leave() -> ResponseReturnValue:
    """Show present and coming leave and the form; enter leave on POST. A second press finds it entered."""
    actor = the_actor()
    form = LeaveForm()
    if not form.is_submitted():
        return _page(actor, form, 200)
    if not form.validate():
        return _page(actor, form, 422)
    if _entered(actor, form.entry):
        return see_other(url_for("doctor.leave"))
    try:
        scheduling.take_leave(actor, **form.entry)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(actor, form, 422)
    except Conflict as refusal:
        form.refuse(refusal)
        return _page(actor, form, 409, _in_the_way(actor, form, refusal))
    flash(gettext("The leave is entered. Its times can't be booked any more."), "success")
    return see_other(url_for("doctor.leave"))


def _entered(actor: Actor, entry: Leave) -> bool:
    days_and_hours = ("first_day", "last_day", "from_time", "to_time")
    wanted = [entry[name] for name in days_and_hours]
    return any([row[name] for name in days_and_hours] == wanted for row in scheduling.leaves(actor))


def _in_the_way(actor: Actor, form: LeaveForm, refusal: Conflict) -> list[Visit]:
    """Return the booked visits over which leave was refused."""
    ids = set(refusal.params.get("visits", ()))
    entry = form.entry
    return [row for row in scheduling.between(actor, entry["first_day"], entry["last_day"]) if row["id"] in ids]


def _page(actor: Actor, form: LeaveForm, status: int, booked: list[Visit] | None = None) -> ResponseReturnValue:
    return page(
        "doctor/leave.html",
        status=status,
        form=form,
        leaves=scheduling.leaves(actor),
        booked=booked or [],
        today=clock.today(),
    )


def end_leave(leave_id: int) -> ResponseReturnValue:
    """Ask whether leave should be taken back; take it back on POST."""
    actor = the_actor()
    found = next((row for row in scheduling.leaves(actor) if row["id"] == leave_id), None)
    if found is None:
        raise NotFound(N_("There is no such leave."))
    form = PortalForm()
    if not form.is_submitted():
        return page("doctor/end_leave.html", leave=found)
    scheduling.end_leave(actor, leave_id)
    flash(gettext("The leave is taken back. Its times can be booked again."), "success")
    return see_other(url_for("doctor.leave"))


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the doctor's."""
    blueprint.add_url_rule("/leave", view_func=leave, methods=["GET", "POST"])
    blueprint.add_url_rule("/leave/<int:leave_id>/end", view_func=end_leave, methods=["GET", "POST"])
