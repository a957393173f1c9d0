"""A doctor's leave: it closes slots at once, and the appointments that are booked then wait to be settled.

A booking and a leave exclude each other by the doctor's row: the booking holds it shared until it has committed, the
leave locks it alone, so neither overlooks the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select

from clinic import audit, clock
from clinic.audit import AuditAction, Details, Subject
from clinic.db import ReadModel, atomic, row_id, session
from clinic.directory.models import Doctor
from clinic.errors import Conflict, InvalidInput, NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, can, require
from clinic.scheduling.calendar_changes import change_calendar
from clinic.scheduling.calendar_models import SettlingCause
from clinic.scheduling.models import REASON_MAX, DoctorLeave
from clinic.scheduling.rows import LeaveRow
from clinic.scheduling.spans import Span, check_span
from clinic.text.validation import ValidationErrors

NO_LEAVE = N_("We can't find this leave.")
_NO_DOCTOR = N_("We can't find this doctor.")


@dataclass(frozen=True)
class LeaveSpan(Span):
    """When one doctor's leave is."""

    doctor_id: int


def _whose(actor: Actor, doctor_id: int | None) -> int:
    """Return whose leave is meant: the actor's own, or that of ``doctor_id`` for who may enter anybody's.

    ``InvalidInput`` where nobody is named who could be meant, ``NotFound`` where it is a colleague's.
    """
    wanted = actor.doctor_id if doctor_id is None else doctor_id
    if wanted is None:
        raise InvalidInput.of({"doctor_id": [N_("This field is required.")]})
    if not can(actor, Action.TAKE_LEAVE, own=wanted == actor.doctor_id):
        raise NotFound(_NO_DOCTOR)
    return wanted


def _is_known(actor: Actor, doctor_id: int) -> bool:
    if doctor_id == actor.doctor_id:
        return True
    return session().scalar(select(Doctor.user_id).where(Doctor.user_id == row_id(doctor_id))) is not None


_LEAVES = ReadModel(
    LeaveRow,
    select(
        DoctorLeave.id,
        DoctorLeave.first_day,
        DoctorLeave.last_day,
        DoctorLeave.from_time,
        DoctorLeave.to_time,
        DoctorLeave.reason,
    ).order_by(DoctorLeave.first_day, DoctorLeave.from_time, DoctorLeave.id),
)


def leaves(actor: Actor | None, *, doctor_id: int | None = None) -> list[LeaveRow]:
    """Return a doctor's present and coming leave, soonest first."""
    actor = require(actor, Action.TAKE_LEAVE)
    whose = _whose(actor, doctor_id)
    if not _is_known(actor, whose):
        raise NotFound(_NO_DOCTOR)
    coming = _LEAVES.select.where(DoctorLeave.doctor_id == whose, DoctorLeave.last_day >= clock.today())
    return [_LEAVES.shape(row) for row in session().execute(coming)]


@atomic
def take_leave(
    actor: Actor | None,
    *,
    first_day: date,
    last_day: date | None = None,
    from_time: time | None = None,
    to_time: time | None = None,
    reason: str | None = "",
    doctor_id: int | None = None,
) -> int:
    """Enter leave (a doctor their own, an admin anybody's) and return its id; its slots are closed at once.

    Whole days, or hours of one day on the slots' grid. Appointments that are booked then stay as they are and wait to be
    settled. Leave that is entered already for exactly these days and hours is not entered twice: its id is returned, and
    its reason is the one that is given now, if any. ``InvalidInput`` on the fields; ``Conflict`` ``leave_overlaps`` on
    ``first_day`` over other leave that is entered already (no time is closed twice: taking one entry back opens what it
    says), with its ids in ``params["leaves"]``.
    """
    actor = require(actor, Action.TAKE_LEAVE)
    whose = _whose(actor, doctor_id)
    if not _is_known(actor, whose):
        raise InvalidInput.of({"doctor_id": [_NO_DOCTOR]})
    entry = LeaveSpan(first_day, last_day or first_day, from_time, to_time, whose)
    why = _checked(entry, reason)
    row = _row_of(entry, why, actor)
    is_new = True

    def write() -> int:
        nonlocal is_new
        present = _overlapping(entry)
        if same := next((each for each in present if _span(each) == entry), None):
            is_new = False
            _correct_reason(actor, same, why)
            return same.id
        _refuse_overlaps(present)
        session().add(row)
        session().flush()
        return row.id

    change = change_calendar(actor, SettlingCause.LEAVE, write, doctor_id=whose)
    if is_new:
        _write_down(actor, AuditAction.LEAVE_ENTERED, row, change.appointments)
    return change.id


def _row_of(entry: LeaveSpan, why: str | None, actor: Actor) -> DoctorLeave:
    return DoctorLeave(
        doctor_id=entry.doctor_id,
        first_day=entry.first_day,
        last_day=entry.last_day,
        from_time=entry.from_time,
        to_time=entry.to_time,
        reason=why,
        created_by_id=actor.user_id,
    )


def _correct_reason(actor: Actor, row: DoctorLeave, why: str | None) -> None:
    """Give leave another reason, if one is given."""
    if why is not None and why != row.reason:
        row.reason = why
        session().flush()
        _write_down(actor, AuditAction.LEAVE_CHANGED, row)


def _refuse_overlaps(present: Collection[DoctorLeave]) -> None:
    """Refuse leave over other leave that is entered already."""
    if present:
        raise Conflict(
            N_("This overlaps with other leave. Choose other times, or remove that leave first."),
            code="leave_overlaps",
            field="first_day",
            params={"leaves": [row.id for row in present]},
        )


def _write_down(actor: Actor, action: AuditAction, row: DoctorLeave, in_it: Collection[int] | None = None) -> None:
    details = Details(leave=row.id, first_day=row.first_day.isoformat(), last_day=row.last_day.isoformat())
    if in_it is not None:
        details["appointment_count"] = len(in_it)
    audit.record(actor, action, [Subject(row.doctor_id)], **details)


def _checked(entry: LeaveSpan, reason: str | None) -> str | None:
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX) or None
    check_span(errors, entry)
    errors.raise_if_any()
    return why


def _span(row: DoctorLeave) -> LeaveSpan:
    """Return when a leave is."""
    return LeaveSpan(row.first_day, row.last_day, row.from_time, row.to_time, row.doctor_id)


def _overlapping(entry: LeaveSpan) -> list[DoctorLeave]:
    """Return the doctor's leave that falls into the same times."""
    same_days = select(DoctorLeave).where(
        DoctorLeave.doctor_id == entry.doctor_id,
        DoctorLeave.first_day <= entry.last_day,
        DoctorLeave.last_day >= entry.first_day,
    )
    if entry.from_time is not None and entry.to_time is not None:
        same_days = same_days.where(
            DoctorLeave.from_time.is_(None)
            | ((DoctorLeave.from_time < entry.to_time) & (DoctorLeave.to_time > entry.from_time))
        )
    in_order = same_days.order_by(DoctorLeave.first_day, DoctorLeave.from_time, DoctorLeave.id)
    # Locked, so that none of it is taken back meanwhile.
    return list(session().scalars(in_order.with_for_update().execution_options(populate_existing=True)))


@atomic
def end_leave(actor: Actor | None, leave_id: int) -> None:
    """Take a leave back; its slots are open again at once, and appointments that still stand in it are kept.

    ``NotFound`` if there is none of the actor's.
    """
    actor = require(actor, Action.TAKE_LEAVE)
    doctor_id = session().scalar(select(DoctorLeave.doctor_id).where(DoctorLeave.id == row_id(leave_id)))
    if doctor_id is None or not can(actor, Action.TAKE_LEAVE, own=doctor_id == actor.doctor_id):
        raise NotFound(NO_LEAVE)

    def write() -> int:
        row = session().get(DoctorLeave, leave_id, populate_existing=True, with_for_update=True)
        if row is None:
            raise NotFound(NO_LEAVE)  # somebody else has just taken it back
        _write_down(actor, AuditAction.LEAVE_ENDED, row)
        session().delete(row)
        return row.id

    change_calendar(actor, SettlingCause.LEAVE, write, doctor_id=doctor_id)
