"""The work list: appointments that wait to be settled, with what whoever settles them has to know."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from clinic import clock, mail
from clinic.accounts import age_on
from clinic.accounts.models import Patient, User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.policy import Action, Actor, require
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle
from clinic.scheduling.models import Appointment
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


@dataclass(frozen=True)
class SettledVisit:
    """An appointment that waited to be settled, as it is now: what became of it, and when its patient was told."""

    appointment: AppointmentRow
    outcome: SettlingOutcome
    settled_at: datetime
    told_at: datetime | None


#: How many settled appointments are shown, the latest first.
_SETTLED_SHOWN = 100
_Earlier = aliased(VisitToSettle, name="earlier")
_AskedFor = aliased(User, name="asked_for")


@cache
def _waiting() -> AnySelect:
    """Return the select of appointments that wait; whoever's time has come meanwhile needs no settling any more."""
    declined = exists().where(
        _Earlier.appointment_id == VisitToSettle.appointment_id, _Earlier.outcome == SettlingOutcome.DECLINED
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
            declined.label("declined"),
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
) -> list[SettledVisit]:
    """Return the appointments that the actor may see and that were settled, the latest first: those of one leave, closure or
    other change, else those of today."""
    actor = require(actor, Action.SEE_VISITS_TO_SETTLE)
    wanted: list[ColumnElement[bool]] = [
        VisitToSettle.settled_at.is_not(None),
        *scope(actor, Action.SEE_VISITS_TO_SETTLE),
    ]
    if cause is None:
        wanted.append(VisitToSettle.settled_at >= clock.starts_at(clock.today(), time.min))
    else:
        wanted.append(VisitToSettle.cause == cause)
        if cause_id is not None:
            wanted.append(VisitToSettle.cause_id == row_id(cause_id))
    rows = session().execute(_settled().where(*wanted)).all()
    found = [
        SettledVisit(shown_to(actor, row), SettlingOutcome(row.outcome), row.settled_at, row.told_at) for row in rows
    ]
    noted(actor, [each.appointment for each in found])
    return found


@cache
def _settled() -> AnySelect:
    return (
        appointment_rows()
        .add_columns(VisitToSettle.outcome, VisitToSettle.settled_at, VisitToSettle.told_at)
        .join(VisitToSettle, VisitToSettle.appointment_id == Appointment.id)
        .order_by(VisitToSettle.settled_at.desc(), VisitToSettle.id.desc())
        .limit(_SETTLED_SHOWN)
    )


def count_to_settle(actor: Actor | None, *, doctor_id: int | None = None) -> int:
    """Return how many appointments ``visits_to_settle`` has for the actor, of one doctor where ``doctor_id`` is given."""
    actor = require(actor, Action.SEE_VISITS_TO_SETTLE)
    of_doctor = [] if doctor_id is None else [Appointment.doctor_id == row_id(doctor_id)]
    waiting = (
        select(func.count())
        .select_from(VisitToSettle)
        .join(Appointment, Appointment.id == VisitToSettle.appointment_id)
        .where(VisitToSettle.settled_at.is_(None), *not_begun(), *scope(actor, Action.SEE_VISITS_TO_SETTLE), *of_doctor)
    )
    return session().scalars(waiting).one()


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
    if row.declined:
        return ToCall.DECLINED
    if row.patient_email is None:
        return ToCall.NO_EMAIL
    return ToCall.NOT_DELIVERED if row.patient_email in undelivered else None
