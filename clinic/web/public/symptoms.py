"""Which department suits what somebody feels, and whom to call if it may be an emergency.

Open to guests. The answer is the domain's; what is typed here stands in no address, no log and no database, and is shown
to nobody but who typed it.
"""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import TextAreaField

from clinic import directory, scheduling
from clinic.limits import limit_symptoms
from clinic.policy import Action, Actor, can
from clinic.web.appointments.booking_choices import booking_address
from clinic.web.appointments.selection import NEXT
from clinic.web.kit.access import changes_nothing, current_actor, public
from clinic.web.kit.forms import at_most, required
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint
from clinic.web.public.search_form import AskingForm


class SymptomsForm(AskingForm):
    """What the person feels, in their own words."""

    symptoms = TextAreaField(lazy_gettext("Your symptoms"), [required(), at_most(directory.SYMPTOMS_MAX)])


@blueprint.route("/suggest-department", methods=["GET", "POST"])
@public
@changes_nothing
@limit_symptoms
@keeps_unsent(SymptomsForm)
def suggest_department() -> ResponseReturnValue:
    """Ask for symptoms; answer on POST with a department, or with whom to call.

    No command, but a POST all the same: what somebody feels doesn't belong into an address, where histories and logs
    keep it.
    """
    actor = current_actor()
    form = SymptomsForm()
    back = _booking(actor)
    outcome = submitted(
        form, lambda: directory.suggest_department(form.symptoms.data or "", lang=chosen_language()), rehearsed=False
    )
    if not outcome.done:
        return page("public/suggest_department.html", status=outcome.status, form=form, back=back)
    found, may_book = outcome.result, scheduling.may_book(actor, patient_id=_patient(actor))
    book = _booking(actor, found.primary_department["id"]) if may_book else None
    return page("public/suggest_department.html", form=form, found=found, back=back, book=book)


def _patient(actor: Actor | None) -> int | None:
    """Return whom the office books for."""
    return read_filters("patient").number("patient") if can(actor, Action.BOOK, own=False) else None


def _booking(actor: Actor | None, department_id: int | None = None) -> str:
    """Return where the person came from: the booking page; the office's with the patient whom it books for."""
    patient = _patient(actor)
    if patient is not None:
        return url_for("admin.book", patient=patient, department=department_id, _anchor=NEXT.removeprefix("#"))
    return booking_address(department_id)
