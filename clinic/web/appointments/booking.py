"""Booking: the page on which department, doctor, day and time are chosen, and the one on which they are confirmed.

The addresses carry the choices (decision 5), so back, reload and a shared link work, and a guest signs in only at the
end. What is typed on the review travels in the body of a POST: while it does, the choices are buttons of its form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import scheduling
from clinic.errors import Conflict, Forbidden
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow, AppointmentStatus, Moment
from clinic.web.appointments.booking_choices import BookingPages, Choices, doctors_department, resolve
from clinic.web.appointments.selection import CHANGE, Selection
from clinic.web.appointments.slot_picker import nearest_offers
from clinic.web.kit import preferences
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import NotDone, submitted


@dataclass(frozen=True)
class BookingFlow:
    """A booking flow: its two pages and templates, its form, the page of a booked appointment, and for whom it is.

    The patients' own flow is public; admins have one for each patient.
    """

    pages: BookingPages
    choices_template: str
    review_template: str
    form: type[PortalForm]
    booked: Callable[[int], str]
    patient_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    def choose(self, actor: Actor | None, selection: Selection) -> ResponseReturnValue:
        """Show the choices. A POST brings what is typed along; where that is nothing, it leads to the page itself."""
        if request.method == "POST":
            form = self.form()
            # The place on the page is the one that the button's address names: browsers keep it across a redirect.
            if _typed(form):
                return self._choices_page(actor, selection, form)
            return see_other(self.pages.change(selection, ""))
        if selection.doctor is not None and not selection.department:
            department = doctors_department(selection.doctor, preferences.chosen_language())
            if department:
                return redirect(self.pages.change(replace(selection, department=department), ""))
        return self._choices_page(actor, selection)

    def review(self, actor: Actor | None, selection: Selection) -> ResponseReturnValue:
        """Show what would be booked; without four choices that can be had, lead to where the next one is made."""
        choices = self._resolve(actor, selection)
        return self._review_page(actor, choices) if choices.complete else redirect(self.pages.change(selection))

    def book(self, actor: Actor, selection: Selection) -> ResponseReturnValue:
        """Book what the sent form asks for and lead to the appointment; show the review again where that is refused.

        A form that was sent by the last choice is only shown, with what is typed. ``Forbidden`` for staff where patients
        book for themselves.
        """
        if not scheduling.may_book(actor, patient_id=self.patient_id):
            raise Forbidden(N_("You need a patient's account to book a visit."))
        form = self.form()
        choices = self._resolve(actor, selection)
        if CHANGE in request.form:
            if choices.complete:
                return self._review_page(actor, choices, form)
            return self._choices_page(actor, selection, form)
        doctor_id, chosen = selection.doctor, selection.moment
        if doctor_id is None or chosen is None:
            return self._choices_page(actor, selection, form, status=422)
        outcome = submitted(
            form,
            lambda: scheduling.book(
                actor,
                doctor_id=doctor_id,
                department_id=selection.department or 0,
                on=chosen.date,
                at=chosen.time,
                patient_id=self.patient_id,
                **dict(_typed(form)),
            ),
            shown_elsewhere=(Conflict,),
            rehearsed=False,
        )
        if outcome.done:
            return see_other(self.booked(outcome.result["id"]))
        return self._refused(actor, selection, form, outcome)

    def _resolve(self, actor: Actor | None, selection: Selection) -> Choices:
        return resolve(selection, actor=actor, lang=preferences.chosen_language(), pages=self.pages)

    def _choices_page(
        self, actor: Actor | None, selection: Selection, form: PortalForm | None = None, *, status: int = 200
    ) -> ResponseReturnValue:
        """Answer with the choices as they are selected; what is typed in ``form`` goes along with each."""
        choices = self._resolve(actor, selection)
        return page(
            self.choices_template,
            status=status,
            choices=choices,
            typed=_typed(form) if form else [],
            may_book=scheduling.may_book(actor, patient_id=self.patient_id),
            **self.context,
        )

    def _review_page(
        self,
        actor: Actor | None,
        choices: Choices,
        form: PortalForm | None = None,
        *,
        status: int = 200,
        offers: Sequence[Moment] = (),
    ) -> ResponseReturnValue:
        """Answer with the appointment as it would be booked and the form; ``offers`` are other times, where it can't be
        had."""
        return page(
            self.review_template,
            status=status,
            choices=choices,
            form=form or self.form(formdata=None),
            offers=offers,
            may_book=scheduling.may_book(actor, patient_id=self.patient_id),
            **self.context,
        )

    def _refused(self, actor: Actor, selection: Selection, form: PortalForm, outcome: NotDone) -> ResponseReturnValue:
        """Answer a refused booking; a form that was sent twice leads to the appointment that its first copy booked."""
        booked = outcome.refusal.params.get("booked") if outcome.refusal else None
        if booked is not None:
            flash(gettext("This visit was already booked, so we haven't booked it again."), "info")
            return see_other(self.booked(booked))
        choices = self._resolve(actor, selection)
        if choices.doctor is None:
            return self._choices_page(actor, selection, form, status=outcome.status)
        # Where only what is typed is wrong, the time can still be had; no other time helps who has too many visits.
        taken = isinstance(outcome.refusal, Conflict) and bool(outcome.refusal.errors)
        gone = taken or not choices.complete
        offers = nearest_offers(actor, choices.doctor["id"], selection) if gone else []
        return self._review_page(actor, choices, form, status=outcome.status, offers=offers)


def just_booked(appointment: AppointmentRow) -> bool:
    """Return whether a booking has led to this page (``?booked=1``), as long as the appointment waits for its answer."""
    return request.args.get("booked") == "1" and appointment["status"] == AppointmentStatus.BOOKED


def _typed(form: PortalForm) -> list[tuple[str, str]]:
    """Return the texts that stand in a booking's form, by the names of the form and the domain."""
    return [(each.name, each.data) for each in form if each.name in ("reason", "symptoms", "notes") and each.data]
