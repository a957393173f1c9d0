"""What the link in a letter about another time or doctor leads to: there a patient, signed in or not, keeps the visit, chooses
another time, or declines.

Opening the link changes nothing, since mail programs open links to look at them; pressing a button of the page that it
leads on to (``mailed_links``) does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import HiddenField

from clinic import scheduling
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.scheduling import AppointmentRow, Offer
from clinic.web.appointments.rescheduling import MoveForm, move_appointment
from clinic.web.kit import mailed_links
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.mailed_links import CarriedLink
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint

#: What the buttons send.
KEEP, DECLINE = "keep", "decline"


class AnswerForm(PortalForm):
    """Nothing to type: which button was pressed."""

    answer = HiddenField()


@blueprint.get("/visits/answer/<uid>/<token>")
@public
def visit_answer(uid: str, token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address; say at once where the link is dead."""
    if scheduling.offer_by(uid, token, language=chosen_language()) is None:
        return _dead()
    return mailed_links.carry(".visit_answer_now", uid, token)


@blueprint.route("/visits/answer/now", methods=["GET", "POST"])
@public
@keeps_unsent(AnswerForm)
def visit_answer_now() -> ResponseReturnValue:
    """Show where the visit was and is; keep or decline it on POST."""
    carried = mailed_links.carried()
    if carried is None:
        return mailed_links.not_carried()
    offer = _offer(carried)
    if offer is None:
        return _dead()
    form = AnswerForm()
    answer, words = _ANSWERS.get(form.answer.data or "", _NONE)
    outcome = submitted(form, partial(answer, uid=carried.uid, token=carried.token))
    if outcome.done:
        flash(words(), "success")
        return see_other(url_for(".home"))
    if outcome.refusal is not None and "token" in outcome.refusal.errors:
        return _dead()
    return page(
        "public/visit_answer.html",
        status=outcome.status,
        offer=offer,
        before_day=date.fromisoformat(offer.before["date"]),
        form=form,
        link=carried.mark,
    )


def _refuse_unknown(**_link: str) -> None:
    raise InvalidInput(N_("Please choose one of the answers."))


#: What the buttons do, and what is said afterwards.
_ANSWERS: Mapping[str, tuple[Callable[..., None], Callable[[], str]]] = {
    KEEP: (scheduling.keep_offer, lambda: gettext("Thank you. We look forward to seeing you.")),
    DECLINE: (
        scheduling.decline_offer,
        lambda: gettext("Thank you. We'll call you to find another time. Until then your visit isn't cancelled."),
    ),
}


_NONE = (_refuse_unknown, str)


@blueprint.route("/visits/answer/another-time", methods=["GET", "POST"])
@public
@keeps_unsent(MoveForm)
def visit_answer_another_time() -> ResponseReturnValue:
    """Show when else the visit could be with its doctor, by the rules for patients; move it on POST."""
    carried = mailed_links.carried()
    if carried is None:
        return mailed_links.not_carried()
    offer = _offer(carried)
    if offer is None:
        return _dead(MoveForm().reason.data or "")

    def back(appointment: AppointmentRow) -> str:
        same = scheduling.state_of(appointment) == scheduling.state_of(offer.appointment)
        return url_for(".visit_answer_now", link=carried.mark) if same else url_for(".home")

    return move_appointment(
        offer.patient,
        offer.appointment["id"],
        template="public/visit_another_time.html",
        back=back,
        extra={"link": carried.mark},
    )


def _offer(carried: CarriedLink) -> Offer | None:
    return scheduling.offer_by(carried.uid, carried.token, language=chosen_language())


def _dead(written: str = "") -> ResponseReturnValue:
    return page("public/dead_visit_answer.html", status=410, written=written)
