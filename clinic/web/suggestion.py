"""Which department suits what somebody feels. The answer is the domain's; nothing that is typed here is kept."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import TextAreaField

from clinic import directory
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, Reach, reach
from clinic.web.access import the_actor
from clinic.web.asked import asked
from clinic.web.forms import PortalForm, at_most, required
from clinic.web.kept import typed_in
from clinic.web.page import page
from clinic.web.public import blueprint

#: How soon somebody should be seen, in words.
URGENCY = {
    "low": N_("Nothing here sounds urgent. Choose a day that suits you."),
    "medium": N_("Better not wait: choose one of the next days."),
    "high": N_("This may be an emergency. Call 115 or come at once, without an appointment."),
}


class SymptomsForm(PortalForm):
    """What the person feels, in their own words."""

    symptoms = TextAreaField(lazy_gettext("What troubles you?"), [required(), at_most(directory.SYMPTOMS_MAX)])


@blueprint.route("/suggest-department", methods=["GET", "POST"])
@typed_in(SymptomsForm)
def suggest_department() -> ResponseReturnValue:
    """Ask what troubles the person; answer with a department on POST.

    No command, but a POST all the same: what somebody feels doesn't belong into an address, where histories and logs
    keep it.
    """
    actor = the_actor()
    form = SymptomsForm()
    if not form.is_submitted():
        return page("public/suggest_department.html", form=form, back=_booking(actor))
    if not form.validate():
        return page("public/suggest_department.html", status=422, form=form, back=_booking(actor))
    try:
        found = directory.suggest_department(actor, form.symptoms.data or "")
    except InvalidInput as refusal:
        form.refuse(refusal)
        return page("public/suggest_department.html", status=422, form=form, back=_booking(actor))
    return page(
        "public/suggest_department.html",
        form=form,
        found=found,
        urgency=URGENCY[found["urgency"]],
        back=_booking(actor),
        book=_booking(actor, found["primary_department"]["id"]) if _may_book(actor) else None,
    )


def _may_book(actor: Actor) -> bool:
    """Tell whether booking goes on from here: for oneself, or for the patient whom the office has chosen."""
    return reach(actor, Action.BOOK) is Reach.OWN or _patient(actor) is not None


def _patient(actor: Actor) -> int | None:
    """Return whom the office books for."""
    return asked("patient").number("patient") if reach(actor, Action.RUN_OFFICE) else None


def _booking(actor: Actor, department_id: int | None = None) -> str:
    """Return where the person came from: the booking page; the office's with the patient whom it books for."""
    patient = _patient(actor)
    if patient is not None:
        return url_for("admin.book", patient=patient, department=department_id)
    return url_for("public.book", department=department_id)
