"""The work list: visits that can't stay as they are, each with what is proposed in its place, settled one by one or all at
once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext, pgettext
from wtforms import TextAreaField

from clinic import directory, scheduling
from clinic.errors import DomainError, NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.scheduling import (
    Answer,
    AppointmentRow,
    Choice,
    Moment,
    Proposal,
    Proposals,
    SettlingCause,
    SettlingOutcome,
    ToCall,
    WaitingVisit,
    Way,
)
from clinic.web.admin.menu import blueprint
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import PortalForm, at_most, one_kind_of_line_break, whole
from clinic.web.kit.list_filters import ListFilters, read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent

#: The choice of leaving a visit for later.
LATER = "later"
#: Up to so long before or after a visit on its day, a proposal says how long.
_NEAR = timedelta(hours=2)

#: What took a visit's time away, in words, of a visit on the list.
CAUSES = {
    SettlingCause.LEAVE: N_("The doctor is away"),
    SettlingCause.CLOSURE: N_("The clinic is closed"),
    SettlingCause.HOURS: N_("The hours have changed"),
    SettlingCause.SWITCHED_OFF: N_("The doctor, department or room is switched off"),
    SettlingCause.HANDING_OVER: N_("The doctor asks for another doctor"),
}
#: Why somebody is to be phoned.
TO_CALL = {
    ToCall.NO_EMAIL: N_("No e-mail: please phone."),
    ToCall.NOT_DELIVERED: N_("Our e-mail didn't arrive: please phone."),
    ToCall.DECLINED: N_("Declined what we offered: please phone."),
}
#: What became of a visit.
OUTCOMES = {
    SettlingOutcome.MOVED: N_("Moved"),
    SettlingOutcome.HANDED_OVER: N_("Handed over"),
    SettlingOutcome.CANCELLED: N_("Cancelled"),
    SettlingOutcome.KEPT: N_("Kept as booked"),
    SettlingOutcome.DECLINED: N_("Declined"),
    SettlingOutcome.GONE: N_("Its time has come"),
}
#: What the patient answered to it.
ANSWERS = {
    Answer.YES: N_("Said yes"),
    Answer.ANOTHER_TIME: N_("Chose another time"),
    Answer.NONE_YET: N_("No answer yet"),
}


class SettleForm(PortalForm):
    """Why the visits are moved, handed over or cancelled. What is chosen for each stands in a field of its own
    (``_choice_of``)."""

    reason = TextAreaField(
        lazy_gettext("Reason"),
        [at_most(scheduling.REASON_MAX)],
        filters=[one_kind_of_line_break],
        description=lazy_gettext("Everyone whose visit you settle here reads it."),
    )


@dataclass(frozen=True)
class Option:
    """Something that can be chosen for a visit, in words; ``detail`` is a second line."""

    value: str
    words: str
    detail: str = ""


@dataclass(frozen=True)
class ListedVisit:
    """A visit on the list, with what can be chosen for it and what is chosen."""

    waiting: WaitingVisit
    proposed: Sequence[Option]
    others: Sequence[Option]
    chosen: str
    state: str

    @property
    def row(self) -> AppointmentRow:
        """The appointment."""
        return self.waiting.appointment

    @property
    def cause(self) -> str:
        """What took its time away, in words."""
        return gettext(CAUSES[self.waiting.cause])

    @property
    def to_call(self) -> str | None:
        """Why the patient is to be phoned, in words; None if they are mailed."""
        return None if self.waiting.to_call is None else gettext(TO_CALL[self.waiting.to_call])


@dataclass(frozen=True)
class _Narrowed:
    """Which part of the list is shown: of one doctor, or what one cause leaves to be settled."""

    doctor_id: int | None
    cause: SettlingCause | None
    cause_id: int | None

    @classmethod
    def of(cls, filters: ListFilters) -> _Narrowed:
        """Return what the address asks for."""
        cause = filters.one_of("cause", tuple(SettlingCause))
        return cls(filters.number("doctor"), None if cause is None else SettlingCause(cause), filters.number("of"))

    def waiting(self, actor: Actor) -> list[WaitingVisit]:
        """Return the visits that wait."""
        return scheduling.visits_to_settle(
            actor, doctor_id=None if self.cause else self.doctor_id, cause=self.cause, cause_id=self.cause_id
        )

    @property
    def address(self) -> str:
        """Where it is shown."""
        return url_for("admin.settling", cause=self.cause, of=self.cause_id, doctor=self.doctor_id)


@blueprint.route("/settling", methods=["GET", "POST"])
@keeps_unsent(SettleForm)
def settling() -> ResponseReturnValue:
    """Show the visits that wait to be settled; settle those that something is chosen for on POST.

    A second press finds them settled.
    """
    actor, shown = signed_in_actor(), _Narrowed.of(read_filters("doctor", "cause", "of"))
    form = SettleForm()
    outcome = submitted(form, lambda: scheduling.settle(actor, _choices(), reason=form.reason.data), rehearsed=False)
    if outcome.done:
        _tell(actor, outcome.result)
        return see_other(shown.address)
    waiting = shown.waiting(actor)
    proposals = scheduling.proposals(actor, waiting)
    listed = [_listed(visit, proposals) for visit in waiting]
    settled = scheduling.settled_visits(actor, cause=shown.cause, cause_id=shown.cause_id)
    return page(
        "admin/settling.html",
        status=outcome.status,
        form=form,
        to_call=[visit for visit in listed if visit.waiting.to_call],
        to_settle=[visit for visit in listed if not visit.waiting.to_call],
        settled=settled,
        outcomes=OUTCOMES,
        answers=ANSWERS,
        doctor=None if shown.doctor_id is None else directory.one_doctor(actor, shown.doctor_id),
        leave=_leave(actor, shown),
        cause=None if shown.cause is None else CAUSES[shown.cause],
        address=shown.address,
    )


def _leave(actor: Actor, shown: _Narrowed) -> scheduling.LeaveRow | None:
    """Return the leave whose visits are shown, if it isn't over or taken back."""
    if shown.cause is not SettlingCause.LEAVE or shown.doctor_id is None:
        return None
    present = scheduling.leaves(actor, doctor_id=shown.doctor_id)
    return next((row for row in present if row["id"] == shown.cause_id), None)


# --- what can be chosen -----------------------------------------------------------------------------------------------


def _listed(visit: WaitingVisit, proposals: Proposals) -> ListedVisit:
    proposed = [_option(visit, each, proposals.doctors) for each in proposals.of_visit[visit.id]]
    others = [
        Option(str(Way.KEEP), gettext("Keep as booked")),
        Option(str(Way.CANCEL), gettext("Cancel")),
        Option(LATER, pgettext("settling", "Later")),
    ]
    sent = request.form.get(_name(visit.id))
    first = next((each.value for each in proposed), LATER)
    chosen = sent if sent in {each.value for each in (*proposed, *others)} else first
    return ListedVisit(visit, proposed, others, chosen or LATER, scheduling.state_of(visit.appointment))


def _name(appointment_id: int, what: str = "way") -> str:
    """Return the name of the field that says what is chosen for a visit (``way``), or how it stood (``state``)."""
    return f"{what}-{appointment_id}"


def _option(visit: WaitingVisit, proposal: Proposal, doctors: Mapping[int, str]) -> Option:
    moment = proposal.moment
    doctor = formatting.doctor_name(doctors[proposal.doctor_id])
    apart = _apart(Moment(visit.appointment["appointment_date"], visit.appointment["appointment_time"]), proposal)
    return Option(
        f"{proposal.doctor_id} {moment.date.isoformat()} {moment.time:%H:%M}",
        f"{date_formatting.day_near(moment.date)} {moment.time:%H:%M}",
        gettext("%(doctor)s, %(difference)s", doctor=doctor, difference=apart) if apart else doctor,
    )


def _apart(booked: Moment, proposal: Proposal) -> str:
    """Return how far a proposal is from what was booked, in words; "" where the day alone says it."""
    if proposal.moment.time == booked.time:
        return gettext("same time")
    between = _at(proposal.moment) - _at(booked)
    if abs(between) > _NEAR:
        return ""
    minutes = abs(between) // timedelta(minutes=1)
    if between > timedelta():
        return ngettext("%(num)d minute later", "%(num)d minutes later", minutes)
    return ngettext("%(num)d minute earlier", "%(num)d minutes earlier", minutes)


def _at(moment: Moment) -> datetime:
    return datetime.combine(moment.date, moment.time)


# --- what was chosen --------------------------------------------------------------------------------------------------


def _choices() -> list[Choice]:
    """Return what is chosen in the form that was sent: for one visit by phone, or for all that aren't left for later."""
    phoned = whole(request.form.get("phone"))
    wanted = _ids() if phoned is None else [phoned]
    found = (_choice_of(number, by_phone=phoned is not None) for number in wanted)
    return [choice for choice in found if choice is not None]


def _ids() -> Iterable[int]:
    found = (whole(name.removeprefix("way-")) for name in request.form if name.startswith("way-"))
    return [number for number in found if number is not None]


def _choice_of(appointment_id: int, *, by_phone: bool) -> Choice | None:
    """Return what is chosen for a visit; None where it is left for later, or nobody can read it."""
    chosen = request.form.get(_name(appointment_id), LATER)
    state = request.form.get(_name(appointment_id, "state")) or None
    if chosen in (Way.KEEP, Way.CANCEL):
        return Choice(appointment_id, Way(chosen), by_phone=by_phone, expected_state=state)
    doctor_id, on, at = _slot(chosen)
    if doctor_id is None or on is None or at is None:
        return None
    return Choice(appointment_id, Way.MOVE, doctor_id, on, at, by_phone=by_phone, expected_state=state)


def _slot(text: str) -> tuple[int | None, date | None, time | None]:
    doctor, _, rest = text.partition(" ")
    day, _, clock = rest.partition(" ")
    return whole(doctor), day_from(day), next((at for at in scheduling.SLOT_TIMES if f"{at:%H:%M}" == clock), None)


def _tell(actor: Actor, done: scheduling.Settlement) -> None:
    """Say what was settled, and for which visits something else is to be chosen."""
    if done.settled:
        flash(ngettext("%(num)d visit is settled.", "%(num)d visits are settled.", len(done.settled)), "success")
    if done.already:
        flash(
            ngettext(
                "%(num)d visit had been settled already.", "%(num)d visits had been settled already.", len(done.already)
            )
        )
    if not (done.settled or done.already or done.choose_again):
        flash(gettext("Nothing was chosen, so nothing has changed."))
    for number, refusal in done.choose_again.items():
        flash(f"{_named(actor, number)}: {_why(refusal)}", "error")


def _named(actor: Actor, number: int) -> str:
    """Return whose visit this is and when, for a refusal."""
    try:
        visit = scheduling.desk_appointment(actor, number)
    except NotFound:
        return gettext("Visit %(number)s", number=number)
    return f"{visit.patient_name}, {date_formatting.day_near(visit.on)} {visit.at:%H:%M}"


def _why(refusal: DomainError) -> str:
    """Return why a choice is refused: what is wrong with a field of it says more than that something is."""
    texts = (text for found in refusal.field_texts(gettext).values() for text in found)
    return next(texts, refusal.text(gettext))
