"""Booking for oneself: the page of the choices and the one on which they are reviewed, open to guests."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.web.appointments.booking import BookingFlow
from clinic.web.appointments.booking_choices import OWN_PAGES
from clinic.web.appointments.reason_fields import reason_field, symptoms_field
from clinic.web.appointments.selection import requested
from clinic.web.kit import access
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.guard import to_sign_in
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint


class BookForm(PortalForm):
    """What the patient may write to the doctor in advance."""

    reason = reason_field()
    symptoms = symptoms_field()


def _own_flow() -> BookingFlow:
    return BookingFlow(
        pages=OWN_PAGES,
        choices_template="public/book.html",
        review_template="public/review.html",
        form=BookForm,
        booked=lambda appointment_id: url_for("patient.appointment", appointment_id=appointment_id, booked=1),
    )


@blueprint.route("/book", methods=["GET", "POST"])
@public
@keeps_unsent(BookForm)
def book() -> ResponseReturnValue:
    """Show the choices; a POST brings along what is typed."""
    actor = access.current_actor()
    if request.method == "POST" and actor is None:
        return to_sign_in()
    return _own_flow().choose(actor, requested())


@blueprint.route("/book/review", methods=["GET", "POST"])
@public
@keeps_unsent(BookForm)
def review_booking() -> ResponseReturnValue:
    """Show what would be booked, to a guest with the way in; book it on POST."""
    actor, selection = access.current_actor(), requested()
    if request.method == "POST":
        return _own_flow().book(actor, selection) if actor else to_sign_in()
    return _own_flow().review(actor, selection)
