"""A doctor's extra hours: what is entered, entering more, taking them back.

``enter_extra_hours`` and ``take_back`` serve the doctor's own pages (``web/doctor/extra_hours.py``) and the office's
(``web/admin/extra_hours.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from clinic import clock, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.appointments.leave_form import time_chosen
from clinic.web.appointments.left_without_time import say_saved, without_time
from clinic.web.kit.forms import DayField, PortalForm, required, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted


def _hour(label: Any, at: int) -> SelectField:
    hours = [SelectChoice(f"{each:%H:%M}", f"{each:%H:%M}") for each in scheduling.HOURS]
    return SelectField(label, choices=hours, default=hours[at].value)


class ExtraHoursForm(PortalForm):
    """Hours of one day."""

    day = DayField(lazy_gettext("Day"), [required()])
    from_time = _hour(lazy_gettext("From"), 0)
    to_time = _hour(lazy_gettext("Until"), -1)

    @property
    def entry(self) -> dict[str, Any]:
        """What was typed, as the domain takes it."""
        return {
            "day": self.day.data,
            "from_time": time_chosen(self.from_time.data),
            "to_time": time_chosen(self.to_time.data),
        }


@dataclass(frozen=True)
class ExtraHoursPage:
    """Where a doctor's extra hours are shown: ``address`` has the list and the form, ``template`` is its page."""

    doctor_id: int
    address: str
    template: str
    shown: Mapping[str, Any] = field(default_factory=dict)


def enter_extra_hours(actor: Actor, place: ExtraHoursPage) -> ResponseReturnValue:
    """Show coming extra hours and the form; enter more on POST. A second press finds them entered."""
    form = ExtraHoursForm()
    outcome = submitted(form, lambda: scheduling.add_extra_hours(actor, place.doctor_id, **form.entry), rehearsed=False)
    if outcome.done:
        flash(gettext("The extra hours are added. Those times can be booked now."), "success")
        return see_other(place.address)
    return page(
        place.template,
        status=outcome.status,
        form=form,
        extra_hours=scheduling.extra_hours(actor, place.doctor_id),
        today=clock.today(),
        address=place.address,
        **place.shown,
    )


def take_back(actor: Actor, place: ExtraHoursPage, extra_hours_id: int) -> ResponseReturnValue:
    """Ask whether extra hours should be taken back; take them back on POST, with the number of visits that was shown. A
    second press finds them gone."""
    present = scheduling.extra_hours(actor, place.doctor_id)
    found = next((row for row in present if row["id"] == extra_hours_id), None)
    form = PortalForm()
    if found is None and form.is_submitted():
        flash(gettext("These hours aren't on the list any more."))
        return see_other(place.address)
    if found is None:
        raise NotFound(N_("We can't find these hours."))
    expected_count = whole(request.form.get("expected_count")) or 0
    outcome = submitted(
        form, lambda: scheduling.remove_extra_hours(actor, extra_hours_id, expected_count=expected_count)
    )
    if outcome.done:
        say_saved(gettext("The hours are removed."), outcome.result.appointments)
        return see_other(place.address)
    return page(
        place.template,
        status=outcome.status,
        form=form,
        hours=found,
        affected=without_time(actor, outcome.refusal),
        address=place.address,
        **place.shown,
    )
