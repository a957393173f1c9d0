"""What a patient tells the doctor in advance, changed after the booking, as long as the visit is open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import scheduling
from clinic.errors import Conflict, InvalidInput, Stale
from clinic.web.access import the_actor
from clinic.web.forms import at_most
from clinic.web.kept import typed_in
from clinic.web.page import page, see_other
from clinic.web.versioned import VersionedForm

Visit = dict[str, Any]
NAMES = ("symptoms", "reason")


class TellForm(VersionedForm):
    """The two texts that are the patient's own, with the version that was read; both may be empty."""

    symptoms = TextAreaField(lazy_gettext("What troubles you?"), [at_most(scheduling.SYMPTOMS_MAX)])
    reason = TextAreaField(lazy_gettext("What is the visit for?"), [at_most(scheduling.REASON_MAX)])


@typed_in(TellForm)
def edit(appointment_id: int) -> ResponseReturnValue:
    """Show what was told; keep what is told now on POST."""
    actor = the_actor()
    visit = scheduling.appointment(actor, appointment_id)
    form = TellForm(data=visit)
    if not form.is_submitted():
        return _page(visit, form, 200)
    if not form.validate():
        return _page(visit, form, 422)
    try:
        told = {name: form[name].data or "" for name in NAMES}
        scheduling.edit_appointment(actor, appointment_id, told, expected_version=form.expected_version)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(visit, form, 422)
    except Conflict as refusal:
        form.refuse(refusal)
        return _page(scheduling.appointment(actor, appointment_id), form, 409)
    except Stale:
        visit = scheduling.appointment(actor, appointment_id)
        form.set_beside(visit, visit["version"])
        return _page(visit, form, 412)
    flash(gettext("What you wrote is saved. The doctor reads it before the visit."), "success")
    return see_other(url_for("patient.appointment", appointment_id=appointment_id))


def _page(visit: Visit, form: TellForm, status: int) -> ResponseReturnValue:
    refusal = scheduling.why_no_edit(the_actor(), visit["status"])
    return page(
        "patient/edit.html",
        status=status,
        visit=visit,
        form=form,
        no_change=refusal.text(gettext) if refusal else None,
        back=url_for("patient.appointment", appointment_id=visit["id"]),
    )


def add_to(blueprint: Blueprint) -> None:
    """Add this page to the patient's."""
    blueprint.add_url_rule("/appointments/<int:appointment_id>/edit", view_func=edit, methods=["GET", "POST"])
