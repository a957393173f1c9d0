"""The booking page: department, doctor, day and time on one page, each choice a link, the review in the slip.

The address carries the choices, so back, reload and a shared link work, and a guest signs in only at the end. Under
review the choices are buttons of the form, so that what is typed comes along when one is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import scheduling
from clinic.errors import Conflict, DomainError, InvalidInput
from clinic.i18n import N_
from clinic.paging import Keyset
from clinic.policy import Action, Actor, Reach, reach
from clinic.scheduling import Moment
from clinic.web import access
from clinic.web.access import public
from clinic.web.choice import CHANGE, Wish, doctors_department, parse, parse_moment, resolve
from clinic.web.forms import PortalForm, at_most
from clinic.web.guard import to_sign_in
from clinic.web.kept import typed_in
from clinic.web.page import page, see_other
from clinic.web.public import blueprint

#: What a screen reader is told after each choice, by the number of the next one.
SPOKEN = {
    1: N_("Now choose a department."),
    2: N_("Now choose a doctor."),
    3: N_("Now choose a day."),
    4: N_("Now choose a time."),
    5: N_("All four choices are made. Now review and confirm."),
}


#: What is told in advance, by the names of the form and the domain.
SAID = ("symptoms", "reason", "notes")


class BookForm(PortalForm):
    """What the patient may tell the doctor in advance."""

    symptoms = TextAreaField(lazy_gettext("What troubles you?"), [at_most(scheduling.SYMPTOMS_MAX)])
    reason = TextAreaField(lazy_gettext("What is the visit for?"), [at_most(scheduling.REASON_MAX)])
    notes = TextAreaField(lazy_gettext("Anything else the doctor should know?"), [at_most(scheduling.NOTES_MAX)])


@dataclass(frozen=True)
class Desk:
    """Where visits are booked: the page that shows the choices, its form, where a booked visit is seen, and for whom.

    The patients' own desk is the booking page; the office has one for each patient.
    """

    template: str
    form: type[PortalForm]
    booked: Callable[[int], str]
    patient_id: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    def with_department(self, wish: Wish) -> str:
        """Return the query with the department of a doctor who was named alone, "" where nothing is missing."""
        if wish.doctor is None or wish.department:
            return ""
        department = doctors_department(wish.doctor, access.chosen_language())
        return wish.query(department=department) if department else ""

    def show(
        self,
        actor: Actor | None,
        wish: Wish,
        form: PortalForm | None = None,
        *,
        status: int = 200,
        offers: list[Moment] | None = None,
    ) -> ResponseReturnValue:
        """Answer with the page: the choices as the wish has them, and the form where they are complete."""
        choices = resolve(wish, actor=actor, lang=access.chosen_language())
        if choices.doctor is None:
            offers = None
        return page(
            self.template,
            status=status,
            choices=choices,
            form=form or self.form(formdata=None),
            offers=offers,
            review=(wish.review and choices.complete) or bool(offers) or request.method == "POST",
            may_book=actor is None or self.patient_id is not None or reach(actor, Action.BOOK) is Reach.OWN,
            spoken=" ".join([*map(gettext, choices.messages), gettext(SPOKEN[choices.step])]),
            spoken_next=gettext(SPOKEN[choices.step]),
            **self.context,
        )

    def book(self, actor: Actor, wish: Wish) -> ResponseReturnValue:
        """Book what the sent form asks for and lead to the visit; show the page again where that is refused.

        A form that was sent by one of the choices is only shown again, with that choice and what is typed.
        """
        form = self.form()
        wish = _with_offered_time(wish)
        if CHANGE in request.form:
            return self.show(actor, wish, form)
        if not form.validate():
            return self.show(actor, wish, form, status=422)
        if wish.doctor is None or wish.day is None or wish.time is None:
            return self.show(actor, wish, form, status=422)
        try:
            visit = scheduling.book(
                actor,
                doctor_id=wish.doctor,
                department_id=wish.department or 0,
                on=wish.day,
                at=wish.time,
                patient_id=self.patient_id,
                **{name: form[name].data or "" for name in SAID},
            )
        except (Conflict, InvalidInput) as refusal:
            return self._refused(actor, wish, form, refusal)
        return see_other(self.booked(visit["id"]))

    def _refused(self, actor: Actor, wish: Wish, form: PortalForm, refusal: DomainError) -> ResponseReturnValue:
        """Answer a refused booking; a form that was sent twice leads to the visit that its first copy booked."""
        if isinstance(refusal, Conflict):
            visit = self._same_visit(actor, wish)
            if visit is not None:
                return see_other(self.booked(visit["id"]))
            return self.show(actor, wish, form, status=409, offers=_offers(actor, wish))
        form.refuse(refusal)
        return self.show(actor, wish, form, status=422, offers=_offers(actor, wish))

    def _same_visit(self, actor: Actor, wish: Wish) -> dict[str, Any] | None:
        day = scheduling.appointments(
            actor,
            status=scheduling.UPCOMING,
            date_from=wish.day,
            date_to=wish.day,
            patient_id=self.patient_id,
            page=Keyset(len(scheduling.SLOT_TIMES)),
        )
        same = (wish.doctor, wish.time)
        return next((row for row in day.results if (row["doctor"]["id"], row["appointment_time"]) == same), None)


def _with_offered_time(wish: Wish) -> Wish:
    """Return the wish with the time of the pressed offer, if one of the nearest free times was pressed."""
    offered = parse_moment(request.form.get("instead", ""))
    if offered is None:
        return wish
    return Wish(wish.department, wish.doctor, offered.date, offered.time, review=True, patient=wish.patient)


def _offers(actor: Actor, wish: Wish) -> list[Moment]:
    if wish.doctor is None or wish.day is None or wish.time is None:
        return []
    return scheduling.nearest_free(
        doctor_id=wish.doctor, on=wish.day, at=wish.time, actor=actor, patient_id=wish.patient
    )


def _own_desk() -> Desk:
    return Desk(
        template="public/book.html",
        form=BookForm,
        booked=lambda visit_id: url_for("patient.appointment", appointment_id=visit_id, booked=1),
    )


@blueprint.route("/book", methods=["GET", "POST"])
@public
@typed_in(BookForm)
def book() -> ResponseReturnValue:
    """Show the choices and, with ``review=1``, the form that books; book on POST."""
    wish = parse(request.args)
    actor, desk = access.current_actor(), _own_desk()
    if request.method == "POST" or (wish.review and actor is None):
        return desk.book(access.the_actor(), wish) if actor else to_sign_in()
    elsewhere = desk.with_department(wish)
    return redirect(url_for("public.book") + elsewhere) if elsewhere else desk.show(actor, wish)
