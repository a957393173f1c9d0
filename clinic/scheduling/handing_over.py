"""Handing an appointment over to another doctor: the office does, the appointment's doctor proposes it.

What was agreed stays: the time unless another one is given, the examination fee, and a service within its department. The
record, if one was begun, stays with the appointment, and each of its versions with its author (docs/decisions/0036).
"""

from datetime import date, time
from decimal import Decimal

from sqlalchemy import select

from clinic import audit
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, row_id, session
from clinic.directory.models import Service
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.scheduling import lifecycle, settling
from clinic.scheduling.allocation import allocate, check_moment
from clinic.scheduling.attendance import Attendance
from clinic.scheduling.bookable_doctors import BookableDoctor, bookable_doctor, bookable_doctor_on
from clinic.scheduling.calendar import Moment
from clinic.scheduling.calendar_models import SettlingOutcome
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.models import REASON_MAX, Appointment, EventType
from clinic.scheduling.notifications import HANDED_OVER, present_slot, write_to_patient
from clinic.scheduling.queries import row_of
from clinic.scheduling.row_locks import hold_doctors
from clinic.scheduling.rows import AppointmentRow, EventDetails
from clinic.scheduling.service import check_change, load_appointment, record_event, slot_of
from clinic.scheduling.slots import soonest_for
from clinic.text.validation import ValidationErrors

_SAME_DOCTOR = N_("The visit is already with this doctor.")
_NO_DOCTOR = N_("We can't find this doctor.")


@atomic
def hand_over(
    actor: Actor | None,
    appointment_id: int,
    *,
    doctor_id: int,
    on: date | None = None,
    at: time | None = None,
    reason: str | None = "",
    expected_state: str | None = None,
) -> AppointmentRow:
    """Give an open appointment to another doctor of any department (the office) and return it, with a room anew.

    At its own day and time unless others are given; then it waits for confirmation again, as after a move. The agreed
    examination fee stays; a service and its price are dropped if the department is another one, and the history and the
    patient's letter say so. Where it waited to be settled, it is.

    The slot rules are those of ``book`` for the new doctor: ``InvalidInput`` on ``doctor_id``, ``new_date``, ``new_time`` and
    ``reason``; ``Conflict`` ``slot_taken``, ``patient_busy``, ``closed`` or ``off_hours`` on ``doctor_id`` at the same time,
    on ``new_time`` at another; ``Stale`` if it isn't in ``expected_state``. Who hands several over in one transaction holds
    their doctors first (``hold_doctors``).
    """
    actor, why = require(actor, Action.HAND_OVER), _checked(reason)
    actor, appointment = load_appointment(actor, Action.HAND_OVER, appointment_id)
    status = check_change(actor, appointment, Transition.HAND_OVER, expected_state)
    to = Moment(on or appointment.appointment_date, at or appointment.appointment_time)
    doctors = hold_doctors(actor, {appointment.doctor_id, row_id(doctor_id)})
    doctor, presence = _require_doctor(appointment, doctor_id, to)
    earlier, earlier_doctor = present_slot(appointment), doctors[appointment.doctor_id]
    details = _details(appointment, earlier_doctor, doctor, to)
    _give(actor, appointment, doctor, presence, to)
    if dropped := _follow_department(appointment, doctor):
        details["dropped_service"] = dropped
    _write_down(actor, appointment, status, {**details, "reason": why})
    return write_to_patient(
        appointment,
        HANDED_OVER,
        actor,
        reason=why,
        earlier=earlier,
        earlier_doctor=(details["from"]["doctor_id"], earlier_doctor),
        service_dropped=dropped is not None,
    )


def _checked(reason: str | None) -> str | None:
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX) or None
    errors.raise_if_any()
    return why


def _require_doctor(appointment: Appointment, doctor_id: int, to: Moment) -> tuple[BookableDoctor, Attendance]:
    """Return the doctor who is to have an appointment, with when they see patients; refuse what nobody could book."""
    if doctor_id == appointment.doctor_id:
        raise InvalidInput.of({"doctor_id": [_SAME_DOCTOR]})
    doctor, presence = bookable_doctor_on(doctor_id, to.date)
    if doctor is None:
        raise InvalidInput.of({"doctor_id": [_NO_DOCTOR]})
    # That it stays when it is needs no look at the days that are booked now: it was booked when there were more of them.
    if to != Moment(appointment.appointment_date, appointment.appointment_time):
        check_moment(to.date, to.time, date_field="new_date", time_field="new_time")
    return doctor, presence


def _details(appointment: Appointment, earlier_doctor: str, doctor: BookableDoctor, to: Moment) -> EventDetails:
    """Return from whom to whom an appointment goes, and when it is, as its history keeps it."""
    before = slot_of(Moment(appointment.appointment_date, appointment.appointment_time))
    return {
        "from": {**before, "doctor_id": appointment.doctor_id, "doctor": earlier_doctor},
        "to": {**slot_of(to), "doctor_id": doctor.id, "doctor": doctor.full_name},
    }


def _give(actor: Actor, appointment: Appointment, doctor: BookableDoctor, presence: Attendance, to: Moment) -> None:
    """Give an appointment a slot of the doctor; at another time than before it waits for confirmation again."""
    before = Moment(appointment.appointment_date, appointment.appointment_time)
    is_moved = to != before
    allocate(
        appointment,
        doctor,
        presence,
        to,
        field="new_time" if is_moved else "doctor_id",
        soonest=soonest_for(actor),
    )
    if is_moved:
        appointment.rescheduled_from = slot_of(before)
        appointment.status = lifecycle.status_after(Transition.RESCHEDULE, AppointmentStatus(appointment.status))
    appointment.version += 1


def _follow_department(appointment: Appointment, doctor: BookableDoctor) -> str | None:
    """Let an appointment be the doctor's department's, and return the name of the service that it loses by that, if any."""
    if appointment.department_id == doctor.department["id"]:
        return None
    name = None
    if appointment.service_id is not None:
        name = session().scalar(select(Service.name).where(Service.id == appointment.service_id))
    appointment.department_id = doctor.department["id"]
    appointment.service_id, appointment.service_fee = None, None
    fee: Decimal = appointment.examination_fee
    appointment.estimated_fee = fee
    return name


def _write_down(actor: Actor, appointment: Appointment, before: AppointmentStatus, details: EventDetails) -> None:
    session().flush()
    record_event(appointment, actor, EventType.HANDED_OVER, from_status=before, **details)
    audit.record(
        actor,
        AuditAction.APPOINTMENT_HANDED_OVER,
        [Subject(appointment.id, appointment.patient_id)],
        doctors=[details["from"]["doctor_id"], details["to"]["doctor_id"]],
    )
    settling.note_outcome(actor, appointment.id, SettlingOutcome.HANDED_OVER)


@atomic
def propose_doctor(
    actor: Actor | None, appointment_id: int, *, doctor_id: int | None = None, reason: str | None = ""
) -> AppointmentRow:
    """Ask the office to give an open appointment to another doctor (its doctor), and return it as it stays meanwhile.

    It waits to be settled, or goes on waiting for what it waits for, with the proposal; a second proposal is none. ``InvalidInput`` on ``doctor_id``, whom the doctor may name, and on
    ``reason``, which the office and then the patient read.
    """
    actor, why = require(actor, Action.PROPOSE_DOCTOR), _checked(reason)
    actor, appointment = load_appointment(actor, Action.PROPOSE_DOCTOR, appointment_id)
    check_change(actor, appointment, Transition.HAND_OVER, None)
    if doctor_id == appointment.doctor_id:
        raise InvalidInput.of({"doctor_id": [_SAME_DOCTOR]})
    if doctor_id is not None and bookable_doctor(doctor_id) is None:
        raise InvalidInput.of({"doctor_id": [_NO_DOCTOR]})
    hold_doctors(actor, [appointment.doctor_id])
    settling.propose(actor, appointment.id, doctor_id, why)
    return row_of(appointment.id, actor)
