"""The work list: appointments that wait to be settled, with what whoever settles them has to know."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from clinic import clock, mail
from clinic.accounts import age_on
from clinic.accounts.models import Patient, User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.mail import MailedLink
from clinic.policy import Action, Actor, require
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment, AppointmentEvent, EventType
from clinic.scheduling.queries import appointment_rows, not_begun, noted, shown_to
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import scope


class ToCall(StrEnum):
    """Why a patient is to be phoned rather than mailed."""

    NO_EMAIL = "no_email"
    NOT_DELIVERED = "not_delivered"  # mail to their address was given up
    DECLINED = "declined"  # they declined what they were offered


@dataclass(frozen=True)
class WaitingVisit:
    """An appointment that waits to be settled: whose it is, and what took its time away."""

    appointment: AppointmentRow
    age: int
    gender: str
    cause: SettlingCause
    #: The leave, the closure, or the doctor or entry that was changed.
    cause_id: int | None
    opened_at: datetime
    #: What the patient is told why.
    reason: str | None
    to_call: ToCall | None
    #: Whom the appointment's doctor asks to see the patient instead, if anybody.
    proposed_doctor_id: int | None = None
    proposed_doctor: str | None = None

    @property
    def id(self) -> int:
        """The id of the appointment."""
        return self.appointment["id"]


class Answer(StrEnum):
    """What a patient has answered to where their appointment is now."""

    YES = "yes"
    ANOTHER_TIME = "another_time"  # they have moved it themselves since
    NONE_YET = "none_yet"


@dataclass(frozen=True)
class SettledVisit:
    """An appointment that waited to be settled, as it is now: what became of it, when its patient was told, and what they
    answered; None where nobody was asked, or it is cancelled by now."""

    appointment: AppointmentRow
    outcome: SettlingOutcome
    settled_at: datetime
    told_at: datetime | None
    answer: Answer | None


@dataclass(frozen=True)
class SettledVisits:
    """The latest of the appointments that were settled, with how many there are in all and what their patients answered."""

    latest: list[SettledVisit]
    in_all: int = 0
    said_yes: int = 0
    unanswered: int = 0


#: How many settled appointments are shown, the latest first.
_SETTLED_SHOWN = 100
_MOVES = (EventType.RESCHEDULED, EventType.HANDED_OVER)
_Other = aliased(VisitToSettle, name="other")
_AskedFor = aliased(User, name="asked_for")


@cache
def _waiting() -> AnySelect:
    """Return the select of appointments that wait; whoever's time has come meanwhile needs no settling any more."""
    # Only what became of it the last time: whoever declined once, and came to another time, is mailed again.
    last_outcome = (
        select(_Other.outcome)
        .where(_Other.appointment_id == VisitToSettle.appointment_id, _Other.id < VisitToSettle.id)
        .order_by(_Other.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        appointment_rows()
        .add_columns(
            Patient.date_of_birth,
            Patient.gender,
            VisitToSettle.cause,
            VisitToSettle.cause_id,
            VisitToSettle.opened_at,
            VisitToSettle.reason.label("told_why"),
            last_outcome.label("last_outcome"),
            VisitToSettle.proposed_doctor_id,
            _AskedFor.full_name.label("proposed_doctor"),
        )
        .join(Patient, Patient.user_id == Appointment.patient_id)
        .join(VisitToSettle, and_(VisitToSettle.appointment_id == Appointment.id, VisitToSettle.settled_at.is_(None)))
        .outerjoin(_AskedFor, _AskedFor.id == VisitToSettle.proposed_doctor_id)
        .order_by(Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
    )


def visits_to_settle(
    actor: Actor | None,
    *,
    doctor_id: int | None = None,
    cause: SettlingCause | None = None,
    cause_id: int | None = None,
) -> list[WaitingVisit]:
    """Return the appointments to come that wait to be settled and that the actor may see, soonest first.

    ``doctor_id`` leaves those of one doctor, ``cause`` and ``cause_id`` those of one leave, closure or other change.
    """
    actor = require(actor, Action.SEE_VISITS_TO_SETTLE)
    wanted: list[ColumnElement[bool]] = [*not_begun(), *scope(actor, Action.SEE_VISITS_TO_SETTLE)]
    if doctor_id is not None:
        wanted.append(Appointment.doctor_id == row_id(doctor_id))
    if cause is not None:
        wanted.append(VisitToSettle.cause == cause)
    if cause_id is not None:
        wanted.append(VisitToSettle.cause_id == row_id(cause_id))
    rows = session().execute(_waiting().where(*wanted)).all()
    undelivered = mail.given_up_to({row.patient_email for row in rows if row.patient_email})
    found = [_shaped(actor, row, undelivered) for row in rows]
    noted(actor, [each.appointment for each in found])
    return found


def settled_visits(
    actor: Actor | None, *, cause: SettlingCause | None = None, cause_id: int | None = None
) -> SettledVisits:
    """Return the appointments that the actor may see and that were settled, the latest first: those of one leave, closure or
    other change, else those of today. What waits again, as after a patient declined, isn't settled."""
    actor = require(actor, Action.SEE_VISITS_TO_SETTLE)
    wanted: list[ColumnElement[bool]] = [
        VisitToSettle.settled_at.is_not(None),
        ~exists().where(_Other.appointment_id == VisitToSettle.appointment_id, _Other.id > VisitToSettle.id),
        *scope(actor, Action.SEE_VISITS_TO_SETTLE),
    ]
    if cause is None:
        wanted.append(VisitToSettle.settled_at >= clock.starts_at(clock.today(), time.min))
    else:
        wanted.append(VisitToSettle.cause == cause)
        if cause_id is not None:
            wanted.append(VisitToSettle.cause_id == row_id(cause_id))
    rows = session().execute(_settled().where(*wanted)).all()
    found = [_settled_visit(actor, row) for row in rows]
    noted(actor, [each.appointment for each in found])
    return SettledVisits(found, *rows[0][-3:]) if rows else SettledVisits(found)


@cache
def _settled() -> AnySelect:
    answer = _answer()
    return (
        appointment_rows()
        .add_columns(
            VisitToSettle.outcome,
            VisitToSettle.settled_at,
            VisitToSettle.told_at,
            answer.label("answer"),
            func.count().over().label("in_all"),
            *(func.count(case((answer == each, 1))).over().label(each) for each in (Answer.YES, Answer.NONE_YET)),
        )
        .join(VisitToSettle, VisitToSettle.appointment_id == Appointment.id)
        .outerjoin(MailedLink, MailedLink.id == VisitToSettle.link_id)
        .order_by(VisitToSettle.settled_at.desc(), VisitToSettle.id.desc())
        .limit(_SETTLED_SHOWN)
    )


def _answer() -> ColumnElement[str | None]:
    """Return what the patient of an appointment that was settled has answered to the last letter about it."""
    last_mover = (
        select(AppointmentEvent.by_user_id)
        .where(AppointmentEvent.appointment_id == Appointment.id, AppointmentEvent.what.in_(_MOVES))
        .order_by(AppointmentEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    was_moved = VisitToSettle.outcome.in_((SettlingOutcome.MOVED, SettlingOutcome.HANDED_OVER))
    return case(
        (Appointment.status == AppointmentStatus.CANCELLED, None),
        (and_(was_moved, last_mover == Appointment.patient_id), Answer.ANOTHER_TIME),
        (MailedLink.used_at.is_not(None), Answer.YES),
        (MailedLink.id.is_not(None), Answer.NONE_YET),
        else_=None,
    )


def _settled_visit(actor: Actor, row: AnyRow) -> SettledVisit:
    answer = None if row.answer is None else Answer(row.answer)
    return SettledVisit(shown_to(actor, row), SettlingOutcome(row.outcome), row.settled_at, row.told_at, answer)


def waiting_ids(*which: ColumnElement[bool]) -> Select[int]:
    """Return the select of what waits to be settled, by the id of its row: for whoever counts it. What has begun doesn't."""
    return (
        select(VisitToSettle.id)
        .join(Appointment, Appointment.id == VisitToSettle.appointment_id)
        .where(VisitToSettle.settled_at.is_(None), *not_begun(), *which)
    )


def count_to_settle(actor: Actor | None, *, doctor_id: int | None = None) -> int:
    """Return how many appointments ``visits_to_settle`` has for the actor, of one doctor where ``doctor_id`` is given."""
    actor = require(actor, Action.SEE_VISITS_TO_SETTLE)
    of_doctor = [] if doctor_id is None else [Appointment.doctor_id == row_id(doctor_id)]
    waiting = waiting_ids(*scope(actor, Action.SEE_VISITS_TO_SETTLE), *of_doctor)
    return session().scalars(waiting.with_only_columns(func.count())).one()


def _shaped(actor: Actor, row: AnyRow, undelivered: set[str]) -> WaitingVisit:
    return WaitingVisit(
        shown_to(actor, row),
        age_on(row.date_of_birth, clock.today()),
        row.gender,
        SettlingCause(row.cause),
        row.cause_id,
        row.opened_at,
        row.told_why,
        _to_call(row, undelivered),
        row.proposed_doctor_id,
        row.proposed_doctor,
    )


def _to_call(row: AnyRow, undelivered: set[str]) -> ToCall | None:
    if row.last_outcome == SettlingOutcome.DECLINED:
        return ToCall.DECLINED
    if row.patient_email is None:
        return ToCall.NO_EMAIL
    return ToCall.NOT_DELIVERED if row.patient_email in undelivered else None
