"""Booking for a patient: the choices and the review of the patients' own booking, with the patient in the address."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import accounts, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor, Role
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.booking import BookingFlow
from clinic.web.appointments.booking_choices import BookingPages
from clinic.web.appointments.selection import requested
from clinic.web.kit.access import may_open, signed_in_actor
from clinic.web.kit.forms import PortalForm, at_most
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import see_other
from clinic.web.kit.unsent_forms import keeps_unsent


class BookForPatientForm(PortalForm):
    """What the patient said, as the office writes it down."""

    symptoms = TextAreaField(lazy_gettext("Symptoms"), [at_most(scheduling.SYMPTOMS_MAX)])
    reason = TextAreaField(lazy_gettext("Reason"), [at_most(scheduling.REASON_MAX)])
    notes = TextAreaField(lazy_gettext("Notes"), [at_most(scheduling.NOTES_MAX)])


PAGES = BookingPages("admin.book", "admin.review_booking")


def _flow(actor: Actor, number: int) -> BookingFlow:
    """Return the booking flow for the patient of this id; ``NotFound`` where there is none."""
    patient = accounts.person(actor, number)
    if patient["role"] != Role.PATIENT:
        raise NotFound(N_("We can't find this patient."))
    return BookingFlow(
        pages=PAGES,
        choices_template="admin/book.html",
        review_template="admin/book_review.html",
        form=BookForPatientForm,
        booked=lambda appointment_id: url_for(".appointment", appointment_id=appointment_id, booked=1),
        patient_id=number,
        context={"patient": patient},
    )


def _patient_first() -> ResponseReturnValue:
    flash(gettext("Choose the patient first, or add a new one. Then book the visit."))
    return see_other(url_for(".patients"))


def _switch_on_first(flow: BookingFlow) -> ResponseReturnValue | None:
    """Lead to the account of a patient for whom nothing can be booked while it is switched off, None if it is on.

    What was typed already is refused with the booking, and stays.
    """
    patient = flow.context["patient"]
    if patient["is_active"] or request.method == "POST":
        return None
    flash(_why_not(patient["full_name"]))
    return see_other(url_for(".user", user_id=patient["id"]))


def _why_not(name: str) -> str:
    """Return that an account is switched off, and who can do something about it."""
    if may_open("admin.user_switch"):
        return gettext("The account of %(name)s is switched off. Switch it on to book a visit.", name=name)
    return gettext(
        "The account of %(name)s is switched off, so you can't book a visit. Ask a colleague who looks after accounts.",
        name=name,
    )


@blueprint.route("/book", methods=["GET", "POST"])
@keeps_unsent(BookForPatientForm)
def book() -> ResponseReturnValue:
    """Show the choices for the patient of the address; without one, the patients. A POST brings along what is typed."""
    actor, number = signed_in_actor(), read_filters("patient").number("patient")
    if number is None:
        return _patient_first()
    flow = _flow(actor, number)
    return _switch_on_first(flow) or flow.choose(actor, requested(patient=number))


@blueprint.route("/book/review", methods=["GET", "POST"])
@keeps_unsent(BookForPatientForm)
def review_booking() -> ResponseReturnValue:
    """Show what would be booked for the patient of the address; book it on POST."""
    actor, number = signed_in_actor(), read_filters("patient").number("patient")
    if number is None:
        return _patient_first()
    flow, selection = _flow(actor, number), requested(patient=number)
    if request.method == "POST":
        return flow.book(actor, selection)
    return _switch_on_first(flow) or flow.review(actor, selection)
