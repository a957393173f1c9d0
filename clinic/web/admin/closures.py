"""Days, or hours of a day, on which the clinic is closed: present and coming ones, entering more, taking them back."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, StringField
from wtforms.validators import Optional

from clinic import clock, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.scheduling import CLOSURE_NAME_MAX, ClosureRow
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.leave_form import hour_or_whole_day, time_chosen
from clinic.web.appointments.left_without_time import say_saved, shown_count, without_time
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import DayField, PortalForm, at_most, required, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent


class ClosureForm(PortalForm):
    """Days, or hours of one day, and what people are told why. ``expected_count`` is how many visits the person was shown that
    lose their time."""

    expected_count = HiddenField(default="0")
    first_day = DayField(lazy_gettext("First day"), [required()])
    last_day = DayField(lazy_gettext("Last day"), [Optional()])
    from_time = hour_or_whole_day(lazy_gettext("From"))
    to_time = hour_or_whole_day(lazy_gettext("Until"))
    name = StringField(lazy_gettext("Reason in English"), [required(), at_most(CLOSURE_NAME_MAX)])
    name_vi = StringField(lazy_gettext("Reason in Vietnamese"), [at_most(CLOSURE_NAME_MAX)])

    @property
    def entry(self) -> dict[str, Any]:
        """What was typed, as the domain takes it."""
        return {
            "first_day": self.first_day.data,
            "last_day": self.last_day.data,
            "from_time": time_chosen(self.from_time.data),
            "to_time": time_chosen(self.to_time.data),
            "name": self.name.data or "",
            "name_vi": self.name_vi.data or "",
            "expected_count": whole(self.expected_count.data) or 0,
        }


@blueprint.route("/closures", methods=["GET", "POST"])
@keeps_unsent(ClosureForm)
def closures() -> ResponseReturnValue:
    """List present and coming closures above the form; close the clinic on POST. A second press finds it closed."""
    actor, form = signed_in_actor(), ClosureForm()
    outcome = submitted(
        form, lambda: scheduling.add_closure(actor, **form.entry), rehearsed=form.first_day.data is not None
    )
    if outcome.done:
        say_saved(gettext("The closure is added. Those times can't be booked any more."), outcome.result.appointments)
        return see_other(url_for(".closures"))
    affected = without_time(actor, outcome.refusal)
    form.expected_count.data = shown_count(affected)
    return page(
        "admin/closures.html",
        status=outcome.status,
        form=form,
        closures=scheduling.closures(lang=chosen_language()),
        affected=affected,
        today=clock.today(),
    )


def _one(closure_id: int) -> ClosureRow | None:
    present = scheduling.closures(lang=chosen_language())
    return next((row for row in present if row["id"] == closure_id), None)


@blueprint.route("/closures/<int:closure_id>/remove", methods=["GET", "POST"])
def closure_remove(closure_id: int) -> ResponseReturnValue:
    """Ask whether a closure should be taken back; take it back on POST. A second press finds it gone."""
    actor, found, form = signed_in_actor(), _one(closure_id), PortalForm()
    if found is None and form.is_submitted():
        flash(gettext("This closure isn't on the list any more."))
        return see_other(url_for(".closures"))
    if found is None:
        raise NotFound(N_("We can't find this closure."))
    outcome = submitted(form, lambda: scheduling.remove_closure(actor, closure_id))
    if outcome.done:
        flash(gettext("The closure is removed. Those times can be booked again."), "success")
        return see_other(url_for(".closures"))
    return page("admin/closure_remove.html", status=outcome.status, closure=found, form=form)
