"""The commands on booked appointments: confirm, complete, reopen, cancel, move, assign a service.

Each in the same order: load what the actor may reach, require, decide (lifecycle, calendar), write, add to the
history, queue mail. The partial unique indexes have the last word on who gets a slot.
"""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Unpack, assert_never

from sqlalchemy import insert, select

from clinic import audit, clock, events, settings
from clinic.audit import AuditAction, Subject
from clinic.db import Base, atomic, holding, row_id, session
from clinic.directory.models import Service
from clinic.errors import Conflict, InvalidInput, NotFound, Stale
from clinic.events import Event
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.scheduling import lifecycle, settling
from clinic.scheduling.allocation import allocate, check_moment
from clinic.scheduling.bookable_doctors import bookable_doctor_on, closed_refusal
from clinic.scheduling.booking_limits import refuse_too_many
from clinic.scheduling.calendar import Moment
from clinic.scheduling.calendar_models import SettlingOutcome
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.models import REASON_MAX, Appointment, AppointmentEvent, EventType
from clinic.scheduling.notes import keep_notes, with_move
from clinic.scheduling.notifications import (
    CANCELLED,
    CONFIRMED,
    RESCHEDULED,
    AppointmentLetter,
    present_slot,
    write_to_patient,
)
from clinic.scheduling.obstacles import standing
from clinic.scheduling.permitted_changes import action_of
from clinic.scheduling.queries import NO_APPOINTMENT, row_of
from clinic.scheduling.row_locks import hold_doctors
from clinic.scheduling.rows import AppointmentRow, EventDetails, EventSlot
from clinic.scheduling.scope import may_do
from clinic.scheduling.slots import soonest_for
from clinic.text.validation import ValidationErrors

CHANGED = N_("This visit has changed since you opened the page. Here's how it is now.")


def load_appointment(actor: Actor | None, action: Action, appointment_id: int) -> tuple[Actor, Appointment]:
    """Return an appointment, locked, that the actor may do ``action`` to; the role is judged before the id."""
    actor, appointment, _waits = _load(actor, action, appointment_id)
    return actor, appointment


def _load(actor: Actor | None, action: Action, appointment_id: int) -> tuple[Actor, Appointment, bool]:
    """Return the same, and whether the appointment waits to be settled.

    Its number never changes, so rows that name it are written meanwhile: by leave, which holds the doctor's row that a move
    waits for, of what it leaves to be settled.
    """
    actor = require(actor, action)
    row = (
        session()
        .execute(
            select(Appointment, settling.WAITS)
            .where(Appointment.id == row_id(appointment_id))
            .with_for_update(key_share=True, of=Appointment)
            .execution_options(populate_existing=True)
        )
        .one_or_none()
    )
    if row is None or not may_do(actor, action, row[0]):
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    return actor, row[0], row[1]


_EVENT = insert(Base.metadata.tables[AppointmentEvent.__tablename__])


def record_event(
    appointment: Appointment,
    actor: Actor,
    what: EventType,
    *,
    from_status: AppointmentStatus | None,
    **details: Unpack[EventDetails],
) -> None:
    """Add one line to an appointment's history."""
    line = {
        "appointment_id": appointment.id,
        "by_user_id": actor.user_id,
        "by_role": str(actor.role),
        "what": what,
        "from_status": None if from_status is None else str(from_status),
        "to_status": str(appointment.status),
        "details": details,
    }
    session().execute(_EVENT, line)
    events.tell_on_commit(Event.APPOINTMENT, what)


def check_change(
    actor: Actor, appointment: Appointment, change: Transition, expected_state: str | None
) -> AppointmentStatus:
    """Return the status of an appointment, which ``change`` may be made to now; raise why it can't be otherwise.

    ``Stale`` if it can, but the appointment no longer stands where ``expected_state`` (``lifecycle.state_of``) says.
    """
    status = AppointmentStatus(appointment.status)
    starts_at = clock.starts_at(appointment.appointment_date, appointment.appointment_time)
    refusal = lifecycle.why_not(
        change,
        status,
        starts_at=starts_at,
        now=clock.now(),
        rules=settings.current().booking,
        may_be_late=may_do(actor, Action.CANCEL_LATE, appointment),
    )
    if refusal is not None:
        raise refusal
    if expected_state is not None and expected_state != lifecycle.state_of(status, starts_at, appointment.doctor_id):
        raise Stale(CHANGED)
    return status


Effect = Callable[[Appointment], EventDetails]


def _outcome_of(change: Transition) -> SettlingOutcome | None:
    """Return what becomes of an appointment that waits to be settled by a change; None if it goes on waiting."""
    match change:
        case Transition.RESCHEDULE:
            return SettlingOutcome.MOVED
        case Transition.HAND_OVER:
            return SettlingOutcome.HANDED_OVER
        case Transition.CANCEL:
            return SettlingOutcome.CANCELLED
        case Transition.COMPLETE:
            return SettlingOutcome.GONE
        case Transition.CONFIRM | Transition.REOPEN | Transition.ASSIGN_SERVICE | Transition.WRITE_RECORD:
            return None
        case new:
            assert_never(new)


def _change(
    actor: Actor | None,
    appointment_id: int,
    change: Transition,
    what: EventType,
    effect: Effect = lambda _appointment: {},
    letter: AppointmentLetter | None = None,
    expected_state: str | None = None,
    unless_waiting: bool = False,
) -> AppointmentRow:
    """Do one change of the life cycle: lock, require, decide (``check_change``), apply ``effect`` (it answers the history's
    details). ``unless_waiting`` to be settled, which is ``Conflict`` then."""
    actor, appointment, waits = _load(actor, action_of(change), appointment_id)
    before = check_change(actor, appointment, change, expected_state)
    if unless_waiting and waits:
        raise Conflict(N_("This visit has to be settled first."))
    earlier = present_slot(appointment) if change == Transition.RESCHEDULE else None
    details = effect(appointment)
    appointment.status = lifecycle.status_after(change, before)
    session().flush()
    record_event(appointment, actor, what, from_status=before, **details)
    # A move has held its doctor since: what has let it wait meanwhile is seen only now.
    if (waits or change == Transition.RESCHEDULE) and (outcome := _outcome_of(change)):
        settling.note_outcome(actor, appointment.id, outcome)
    if change == Transition.REOPEN:  # its time may have been closed while it was completed
        hold_doctors(actor, [appointment.doctor_id])
        settling.decide(actor, {}, standing(Appointment.id == appointment.id))
    session().flush()
    if letter is None:
        return row_of(appointment.id, actor)
    return write_to_patient(appointment, letter, actor, reason=details.get("reason"), earlier=earlier)


@atomic
def confirm(
    actor: Actor | None, appointment_id: int, *, expected_state: str | None = None, unless_waiting: bool = False
) -> AppointmentRow:
    """Confirm a booked appointment (its doctor, an admin) and return it; ``Stale`` if it isn't in
    ``expected_state``, ``Conflict`` if it waits to be settled and isn't to be confirmed then (``unless_waiting``)."""
    return _change(
        actor,
        appointment_id,
        Transition.CONFIRM,
        EventType.CONFIRMED,
        letter=CONFIRMED,
        expected_state=expected_state,
        unless_waiting=unless_waiting,
    )


@atomic
def complete(actor: Actor | None, appointment_id: int, *, expected_state: str | None = None) -> AppointmentRow:
    """Complete a confirmed appointment (its doctor, an admin), whatever the clock says, and return it.

    ``Stale`` if it isn't in ``expected_state``.
    """
    return _change(actor, appointment_id, Transition.COMPLETE, EventType.COMPLETED, expected_state=expected_state)


@atomic
def reopen(
    actor: Actor | None, appointment_id: int, reason: str | None, *, expected_state: str | None = None
) -> AppointmentRow:
    """Take back that an appointment was completed (an admin) and return it: it is confirmed again, its record stays.

    Where it is still to come and can't stay as it is, it waits to be settled. The audit records who did it and when, the
    appointment's history also the ``reason``, without which it is ``InvalidInput``. ``Stale`` if the appointment isn't in ``expected_state``.
    """
    actor = require(actor, Action.REOPEN)
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX, required=True)
    errors.raise_if_any()

    def effect(appointment: Appointment) -> EventDetails:
        audit.record(actor, AuditAction.APPOINTMENT_REOPENED, [Subject(appointment.id, appointment.patient_id)])
        return {"reason": why}

    return _change(actor, appointment_id, Transition.REOPEN, EventType.REOPENED, effect, expected_state=expected_state)


@atomic
def cancel(
    actor: Actor | None, appointment_id: int, reason: str | None = "", *, expected_state: str | None = None
) -> AppointmentRow:
    """Cancel an appointment and return it; its slot is free again.

    Patient and doctor do so at least the clinic's notice before its start (``Conflict`` ``too_late``), an admin at any time.
    ``Stale`` if it isn't in ``expected_state``.
    """
    require(actor, Action.CANCEL)
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX) or None
    errors.raise_if_any()

    def effect(appointment: Appointment) -> EventDetails:
        appointment.cancellation_reason, appointment.cancelled_at = why, clock.now()
        return {"reason": why}

    return _change(
        actor,
        appointment_id,
        Transition.CANCEL,
        EventType.CANCELLED,
        effect,
        letter=CANCELLED,
        expected_state=expected_state,
    )


@atomic
def reschedule(
    actor: Actor | None,
    appointment_id: int,
    *,
    on: date,
    at: time,
    reason: str | None = "",
    expected_state: str | None = None,
) -> AppointmentRow:
    """Move an appointment to another slot of its doctor and return it; it waits for confirmation again.

    The slot rules are those of ``book``, reported on ``new_date`` and ``new_time``; the very same slot is
    ``InvalidInput`` on ``new_time`` (API, ``.../reschedule/``). ``Conflict`` ``too_many_visits`` where the patient has booked
    or moved too often that day, ``Stale`` if the appointment isn't in
    ``expected_state``.
    """
    mover = require(actor, Action.RESCHEDULE)
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX) or None
    errors.raise_if_any()

    def effect(appointment: Appointment) -> EventDetails:
        came_from = _move(mover, appointment, Moment(on, at))
        if why:
            appointment.notes = with_move(appointment.notes, why)
            keep_notes(appointment, mover, is_move=True)
        return {"from": came_from, "to": slot_of(Moment(on, at)), "reason": why}

    return _change(
        actor,
        appointment_id,
        Transition.RESCHEDULE,
        EventType.RESCHEDULED,
        effect,
        letter=RESCHEDULED,
        expected_state=expected_state,
    )


def _move(mover: Actor, appointment: Appointment, to: Moment) -> EventSlot:
    """Give an appointment another slot of its doctor, and return where it came from."""
    before = Moment(appointment.appointment_date, appointment.appointment_time)
    if before == to:
        raise InvalidInput.of({"new_time": [N_("The visit is already at this time.")]})
    check_moment(to.date, to.time, date_field="new_date", time_field="new_time")
    refuse_too_many(mover, appointment.patient_id, appointment.doctor_id, moves=True)
    hold_doctors(mover, [appointment.doctor_id])
    doctor, presence = bookable_doctor_on(appointment.doctor_id, to.date)
    if doctor is None:
        raise InvalidInput.of({"new_date": [closed_refusal(appointment.doctor_id).message]})
    allocate(appointment, doctor, presence, to, field="new_time", soonest=soonest_for(mover))
    appointment.rescheduled_from = slot_of(before)
    appointment.version += 1
    return slot_of(before)


def slot_of(moment: Moment) -> EventSlot:
    """Return a moment as histories keep it."""
    return {"date": moment.date.isoformat(), "time": f"{moment.time:%H:%M}"}


@atomic
def assign_service(actor: Actor | None, appointment_id: int, service_id: int) -> AppointmentRow:
    """Assign a service to an appointment (its doctor) and return it; the fee is then the agreed examination fee plus
    the price.

    ``InvalidInput`` on ``service_id`` for a service that is unknown, inactive or of another department.
    """

    def effect(appointment: Appointment) -> EventDetails:
        offered = select(Service.name, Service.price).where(
            Service.id == row_id(service_id),
            Service.is_active,
            Service.department_id == appointment.department_id,
        )
        # Held: whoever switches it off or changes its price waits for this, or this sees what they did.
        found = session().execute(holding(offered)).one_or_none()
        if found is None:
            raise InvalidInput.of({"service_id": [N_("Please choose a service from the visit's department.")]})
        fee: Decimal = appointment.examination_fee + found.price
        appointment.service_id, appointment.service_fee, appointment.estimated_fee = service_id, found.price, fee
        return {"service": found.name, "service_id": service_id, "fee": f"{fee:.2f}"}

    return _change(actor, appointment_id, Transition.ASSIGN_SERVICE, EventType.SERVICE_ASSIGNED, effect)
