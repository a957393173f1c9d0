"""Booking an appointment: who for, with which doctor, at which moment; the second try of one request books nothing.

The partial unique indexes have the last word on who gets a slot.
"""

from datetime import date, time
from typing import assert_never

from sqlalchemy import Integer, bindparam, select

from clinic.accounts.models import Patient, User
from clinic.db import atomic, built_once, holding, row_id, session
from clinic.directory.models import Department, Doctor
from clinic.errors import Conflict, InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, Reach, granted, require
from clinic.scheduling import idempotency
from clinic.scheduling.allocation import allocate, check_moment
from clinic.scheduling.attendance import Attendance
from clinic.scheduling.bookable_doctors import BookableDoctor, bookable_doctor_on, check_department
from clinic.scheduling.booking_limits import refuse_too_many
from clinic.scheduling.calendar import Moment
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.scheduling.models import NOTES_MAX, REASON_MAX, SYMPTOMS_MAX, Appointment, EventType
from clinic.scheduling.notes import keep_notes
from clinic.scheduling.notifications import BOOKED, write_to_patient
from clinic.scheduling.queries import row_of
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.service import record_event
from clinic.scheduling.slots import soonest_for
from clinic.text.validation import ValidationErrors


@atomic
def book(
    actor: Actor | None,
    *,
    doctor_id: int,
    department_id: int,
    on: date,
    at: time,
    symptoms: str | None = "",
    reason: str | None = "",
    notes: str | None = "",
    patient_id: int | None = None,
    idempotency_key: str | None = None,
) -> AppointmentRow:
    """Book an appointment and return it (API, ``POST appointments/``).

    A patient books for themselves, whatever ``patient_id`` says, an admin for ``patient_id``. A repeat under the same ``idempotency_key`` books
    nothing and returns the appointment that the first one booked. ``InvalidInput`` on ``doctor_id``,
    ``department_id``, ``appointment_date``, ``appointment_time``, ``patient_id`` and the texts; ``Conflict``
    ``slot_taken``, ``patient_busy``, ``closed``, ``off_hours`` or ``too_soon`` on ``appointment_time``, or ``too_many_visits``, with the id of the patient's
    appointment in ``params["booked"]`` where this very appointment is booked already.
    """
    actor = require(actor, Action.BOOK)
    texts_given = _checked_texts(symptoms=symptoms, reason=reason, notes=notes)
    for_patient = _booked_for(actor, patient_id)
    request = {"doctor": doctor_id, "department": department_id, "on": on, "at": at, "for": for_patient, **texts_given}
    claimed = None if idempotency_key is None else idempotency.claim(actor, idempotency_key, request)
    if isinstance(claimed, int):
        return row_of(claimed, actor)
    # Held before they are read: whoever switches one off or enters leave waits for this booking, or it sees that.
    _hold(department_id, for_patient, doctor_id)
    doctor, presence = _require_doctor(doctor_id, department_id, on)
    check_moment(on, at, date_field="appointment_date", time_field="appointment_time")
    try:
        refuse_too_many(actor, for_patient, doctor_id)
        appointment = _new_appointment(actor, for_patient, doctor, presence, Moment(on, at), texts_given)
    except Conflict as refusal:
        if booked := _same_appointment(for_patient, doctor_id, Moment(on, at)):
            raise Conflict(
                refusal.message, code=refusal.code, field=refusal.field, params={**refusal.params, "booked": booked}
            ) from refusal
        raise
    if isinstance(claimed, idempotency.IdempotencyKey):
        claimed.appointment_id = appointment.id
        session().flush()
    return write_to_patient(appointment, BOOKED, actor)


def _same_appointment(patient_id: int, doctor_id: int, moment: Moment) -> int | None:
    """Return the id of the patient's open appointment to this doctor at this moment, None if there is none."""
    with session().no_autoflush:
        return session().scalar(
            select(Appointment.id).where(
                Appointment.patient_id == patient_id,
                Appointment.doctor_id == doctor_id,
                Appointment.appointment_date == moment.date,
                Appointment.appointment_time == moment.time,
                Appointment.status.in_(OPEN),
            )
        )


def _checked_texts(**texts: str | None) -> dict[str, str | None]:
    """Return the texts given with a booking, normalized; ``InvalidInput`` on each text that is too long."""
    limits = {"symptoms": SYMPTOMS_MAX, "reason": REASON_MAX, "notes": NOTES_MAX}
    errors = ValidationErrors()
    texts_given = {name: errors.text(name, texts[name], most=most) or None for name, most in limits.items()}
    errors.raise_if_any()
    return texts_given


def _new_appointment(
    actor: Actor,
    patient_id: int,
    doctor: BookableDoctor,
    presence: Attendance,
    moment: Moment,
    texts_given: dict[str, str | None],
) -> Appointment:
    """Write the appointment with the first line of its history."""
    appointment = Appointment(
        patient_id=patient_id,
        doctor_id=doctor.id,
        department_id=doctor.department["id"],
        status=AppointmentStatus.BOOKED,
        examination_fee=doctor.department["health_examination_fee"],
        estimated_fee=doctor.department["health_examination_fee"],
        **texts_given,
    )
    allocate(appointment, doctor, presence, moment, field="appointment_time", soonest=soonest_for(actor))
    if appointment.notes:
        keep_notes(appointment, actor)
    record_event(appointment, actor, EventType.CREATED, from_status=None)
    return appointment


#: All that a booking holds, in the order in which others take these rows (``row_locks``).
_HELD = built_once(
    holding(
        select(User.id)
        .join(Doctor, Doctor.user_id == bindparam("doctor", type_=Integer))
        .join(Department, Department.id == bindparam("department", type_=Integer))
        .where(User.id == bindparam("patient", type_=Integer), User.is_active)
    )
)


def _hold(department_id: int, patient_id: int, doctor_id: int) -> None:
    """Keep department, patient's account and doctor from being switched off, and leave from being entered, until this
    transaction ends.

    ``InvalidInput`` if the account is off already; a department or doctor that is off is ``_require_doctor``'s refusal.
    """
    wanted = {"department": row_id(department_id), "patient": patient_id, "doctor": row_id(doctor_id)}
    if session().execute(_HELD, wanted).first() is not None:
        return
    # One of them isn't there, and the others are not held: nothing will be booked, and this only tells why.
    account = select(User.id).where(User.id == patient_id, User.is_active)
    if session().execute(holding(account)).first() is None:
        raise _no_patient()


def _booked_for(actor: Actor, patient_id: int | None) -> int:
    """Return the patient for whom ``actor`` books: themselves, or whom they name if they may book for anybody."""
    match granted(actor, Action.BOOK):
        case Reach.OWN:
            return actor.patient_id or _require_patient(None)
        case Reach.ANY:
            return _require_patient(actor.patient_id if patient_id is None else patient_id)
        case other:
            assert_never(other)


def _require_patient(patient_id: int | None) -> int:
    if patient_id is not None:
        known = (
            select(Patient.user_id)
            .join(User, User.id == Patient.user_id)
            .where(Patient.user_id == row_id(patient_id), User.is_active)
        )
        if session().execute(known).first() is not None:
            return patient_id
    raise _no_patient()


def _no_patient() -> InvalidInput:
    return InvalidInput.of({"patient_id": [N_("Please choose a patient of the clinic.")]})


def _require_doctor(doctor_id: int, department_id: int, on: date) -> tuple[BookableDoctor, Attendance]:
    doctor, presence = bookable_doctor_on(doctor_id, on)
    if doctor is None:
        raise InvalidInput.of({"doctor_id": [N_("We can't find this doctor.")]})
    unknown = InvalidInput.of({"department_id": [N_("We can't find this department.")]})
    check_department(doctor, department_id, unknown=unknown)
    return doctor, presence
