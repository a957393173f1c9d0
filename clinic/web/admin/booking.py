"""Booking for a patient: the choices of the public booking page, with the patient in the address."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import accounts, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Role
from clinic.web.access import the_actor
from clinic.web.admin.office import blueprint
from clinic.web.asked import asked
from clinic.web.booking import Desk
from clinic.web.choice import parse
from clinic.web.forms import PortalForm, at_most
from clinic.web.kept import typed_in
from clinic.web.page import see_other


class BookForPatientForm(PortalForm):
    """What the patient said, as the office writes it down."""

    symptoms = TextAreaField(lazy_gettext("Symptoms"), [at_most(scheduling.SYMPTOMS_MAX)])
    reason = TextAreaField(lazy_gettext("Reason"), [at_most(scheduling.REASON_MAX)])
    notes = TextAreaField(lazy_gettext("Notes"), [at_most(scheduling.NOTES_MAX)])


@blueprint.route("/book", methods=["GET", "POST"])
@typed_in(BookForPatientForm)
def book() -> ResponseReturnValue:
    """Show the choices for the patient of the address; book on POST. Without one, the patients."""
    actor = the_actor()
    number = asked("patient").number("patient")
    if number is None:
        flash(gettext("Please choose the patient first, or make a new one; then book."))
        return see_other(url_for(".patients"))
    patient = accounts.person(actor, number)
    if patient["role"] != Role.PATIENT:
        raise NotFound(N_("There is no such patient."))
    desk = Desk(
        template="admin/book.html",
        form=BookForPatientForm,
        booked=lambda visit_id: url_for(".appointment", appointment_id=visit_id, booked=1),
        patient_id=number,
        context={"patient": patient},
    )
    wish = replace(parse(request.args), patient=number)
    if request.method == "POST":
        return desk.book(actor, wish)
    elsewhere = desk.with_department(wish)
    return redirect(url_for(".book") + elsewhere) if elsewhere else desk.show(actor, wish)
