"""Doctors' leave, and the visits that can't stay as they are: what is proposed in their place, and settling them."""

from typing import Any

from flask import Response
from flask_babel import gettext, ngettext
from flask_babel import gettext as _

from clinic import scheduling
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.responses import answer, done, nothing
from clinic.api.schemas import leave as schemas
from clinic.i18n import N_
from clinic.policy import Action, Actor, can
from clinic.scheduling import Choice, Proposals, SettlingCause, WaitingVisit, Way
from clinic.text.validation import ValidationErrors

resource = Resource("leave", __name__, description="Doctors' leave, and the visits that can't stay as they are.")

_NOTHING_PROPOSED = Proposals({}, {})
#: The keys of a choice by those of what it does.
_KEYS = {"new_date": "date", "new_time": "time"}


@resource.route("/leave/")
@resource.response(200, schemas.Leave(many=True))
@resource.refuses(404)
@signed_in(Action.TAKE_LEAVE)
@resource.arguments(schemas.LeaveQuery, location="query")
def leave(actor: Actor, query: dict[str, Any]) -> Response:
    """List a doctor's present and coming leave, soonest first: their own, or any doctor's for admins at reception."""
    return answer(scheduling.leaves(actor, doctor_id=query.get("doctor_id")))


@resource.route("/leave/", methods=["POST"])
@resource.response(201, schemas.LeaveEntered)
@resource.refuses(404, 409)
@signed_in(Action.TAKE_LEAVE)
@resource.arguments(schemas.LeaveEntry)
def enter_leave(actor: Actor, body: dict[str, Any]) -> Response:
    """Enter leave: a doctor their own, admins at reception anybody's. Its times are closed at once.

    Visits that are booked then stay booked and wait to be settled. What is entered already isn't entered twice.
    """
    number = scheduling.take_leave(actor, **body)
    present = scheduling.leaves(actor, doctor_id=body["doctor_id"])
    waiting = scheduling.visits_to_settle(actor, cause=SettlingCause.LEAVE, cause_id=number)
    return done(
        _("The leave is added. Those times can't be booked any more."),
        status=201,
        leave=next(row for row in present if row["id"] == number),
        appointments=[visit.id for visit in waiting],
    )


@resource.route("/leave/<id:leave_id>/", methods=["DELETE"])
@resource.response(204)
@resource.refuses(404)
@signed_in(Action.TAKE_LEAVE)
def end_leave(actor: Actor, leave_id: int) -> Response:
    """Take leave back; visits that still stand in it are kept. A doctor their own, admins at reception anybody's."""
    scheduling.end_leave(actor, leave_id)
    return nothing()


@resource.route("/visits-to-settle/")
@resource.response(200, schemas.VisitToSettle(many=True))
@signed_in(Action.SEE_VISITS_TO_SETTLE)
@resource.arguments(schemas.VisitsToSettleQuery, location="query")
def visits_to_settle(actor: Actor, query: dict[str, Any]) -> Response:
    """List the visits that can't stay as they are, soonest first: a doctor's own, all for admins at reception.

    For these with what is proposed in their place; the first proposal of each is held for it for a while.
    """
    cause = query.pop("cause", None)
    waiting = scheduling.visits_to_settle(actor, cause=None if cause is None else SettlingCause(cause), **query)
    may_settle = can(actor, Action.SETTLE)
    proposals = scheduling.proposals(actor, waiting) if may_settle else _NOTHING_PROPOSED
    return answer([_body(visit, proposals) for visit in waiting])


def _body(visit: WaitingVisit, proposals: Proposals) -> dict[str, object]:
    row = visit.appointment
    return {
        "appointment_id": visit.id,
        "patient": row["patient"],
        "doctor": {key: row["doctor"][key] for key in ("id", "full_name", "specialization")},
        "department_id": row["department"]["id"],
        "appointment_date": row["appointment_date"],
        "appointment_time": row["appointment_time"],
        "status": row["status"],
        "state": scheduling.state_of(row),
        "cause": str(visit.cause),
        "cause_id": visit.cause_id,
        "opened_at": visit.opened_at,
        "to_call": None if visit.to_call is None else str(visit.to_call),
        "proposals": [
            {
                "doctor_id": each.doctor_id,
                "doctor_name": proposals.doctors[each.doctor_id],
                "date": each.moment.date,
                "time": f"{each.moment.time:%H:%M}",
                "kind": str(each.kind),
            }
            for each in proposals.of_visit.get(visit.id, ())
        ],
    }


@resource.route("/visits-to-settle/settle/", methods=["POST"])
@resource.response(200, schemas.Settlement)
@signed_in(Action.SETTLE)
@resource.arguments(schemas.SettlementEntry)
def settle(actor: Actor, body: dict[str, Any]) -> Response:
    """Move, hand over, cancel or keep visits that wait, each on its own, all for one reason; admins at reception.

    Each patient is told once. What was taken meanwhile stands in `choose_again`, what somebody has settled before in
    `already`; the rest is done.
    """
    _check_choices(body["choices"])
    choices = [_choice(each) for each in body["choices"]]
    found = scheduling.settle(actor, choices, reason=body["reason"])
    return done(
        ngettext("%(num)d visit is settled.", "%(num)d visits are settled.", len(found.settled)),
        settled=[row["id"] for row in found.settled],
        already=found.already,
        choose_again=[
            {
                "appointment_id": number,
                "code": refusal.code,
                "message": refusal.text(gettext),
                "errors": {_KEYS.get(name, name): texts for name, texts in refusal.field_texts(gettext).items()},
            }
            for number, refusal in found.choose_again.items()
        ],
    )


def _check_choices(sent: list[dict[str, Any]]) -> None:
    """Refuse ids that no appointment can have, and moves that don't say to whom and when, by the row of each."""
    errors = ValidationErrors()
    for place, choice in enumerate(sent):
        if not choice["appointment_id"]:
            errors.add(f"choices.{place}.appointment_id", N_("We can't find this visit."))
        if choice["way"] == Way.MOVE:
            for name in ("doctor_id", "date", "time"):
                if choice[name] is None:
                    errors.add(f"choices.{place}.{name}", N_("This field is required."))
    errors.raise_if_any()


def _choice(sent: dict[str, Any]) -> Choice:
    return Choice(
        sent["appointment_id"],
        Way(sent["way"]),
        sent["doctor_id"],
        sent["date"],
        sent["time"],
        by_phone=sent["by_phone"],
        expected_state=sent["state"] or None,
    )
