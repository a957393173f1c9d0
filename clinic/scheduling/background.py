"""What a doctor reads beside an appointment: who the patient is, their earlier appointments, the services it may get
and their fees.

Read models, scoped by the actor like all others; who may not see the appointment learns nothing of the patient.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from clinic import audit
from clinic.accounts.models import Patient
from clinic.audit import Subject
from clinic.db import AnyRow, row_id, session
from clinic.directory.for_domains import select_services, service_row
from clinic.directory.models import Department, Service
from clinic.errors import NotFound
from clinic.i18n import localized
from clinic.policy import Action, Actor, require
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import NO_APPOINTMENT
from clinic.scheduling.rows import AppointmentRow, EarlierAppointment, OfferedService
from clinic.scheduling.scope import may, scope


@dataclass(frozen=True)
class Background:
    """The patient of an appointment, and their appointments to the same doctor before it: the latest ones, and how many
    in all."""

    gender: str
    date_of_birth: date
    earlier: list[EarlierAppointment]
    earlier_count: int


def background(actor: Actor | None, appointment_id: int, *, most: int = 5) -> Background:
    """Return who the patient of an appointment is, with up to ``most`` earlier appointments to its doctor, the latest
    first.

    Cancelled appointments don't count. ``NotFound`` if the appointment is not the actor's.
    """
    actor = require(actor, Action.SEE_APPOINTMENT)
    found = (
        session()
        .execute(
            select(
                Appointment.patient_id,
                Appointment.doctor_id,
                Appointment.appointment_date,
                Appointment.appointment_time,
                Patient.gender,
                Patient.date_of_birth,
            )
            .join(Patient, Patient.user_id == Appointment.patient_id)
            .where(Appointment.id == row_id(appointment_id), *scope(actor, Action.SEE_APPOINTMENT))
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    earlier, count = _before(actor, found, most)
    read = [appointment_id, *(each["id"] for each in earlier)]
    audit.record_appointments(actor, [Subject(each, found.patient_id) for each in read])
    return Background(found.gender, found.date_of_birth, earlier, count)


def _before(actor: Actor, appointment: AnyRow, most: int) -> tuple[list[EarlierAppointment], int]:
    rows = (
        session()
        .execute(
            select(
                Appointment.id,
                Appointment.appointment_date,
                Appointment.appointment_time,
                Appointment.status,
                Appointment.reason,
                Service.name.label("service_name"),
                Service.translations.label("service_translations"),
                func.count().over().label("in_all"),
            )
            .outerjoin(Service, Service.id == Appointment.service_id)
            .where(
                *scope(actor, Action.SEE_APPOINTMENT),
                Appointment.patient_id == appointment.patient_id,
                Appointment.doctor_id == appointment.doctor_id,
                Appointment.status != AppointmentStatus.CANCELLED,
                or_(
                    Appointment.appointment_date < appointment.appointment_date,
                    and_(
                        Appointment.appointment_date == appointment.appointment_date,
                        Appointment.appointment_time < appointment.appointment_time,
                    ),
                ),
            )
            .order_by(Appointment.appointment_date.desc(), Appointment.appointment_time.desc())
            .limit(most)
        )
        .all()
    )
    earlier: list[EarlierAppointment] = [
        {
            "id": row.id,
            "appointment_date": row.appointment_date,
            "appointment_time": row.appointment_time,
            "status": row.status,
            "reason": row.reason,
            "service": localized(row.service_name, row.service_translations, "name", actor.language),
        }
        for row in rows
    ]
    return earlier, rows[0].in_all if rows else 0


def offered_services(actor: Actor | None, appointment: AppointmentRow) -> list[OfferedService]:
    """Return the services that the appointment ``appointment`` (an Appointment row) may get, by name, each with its
    ``total_fee``.

    These are the active ones of the appointment's department; the total is the examination fee that was agreed plus the
    price (API, ``.../assign-service/``). ``NotFound`` if the appointment is not the actor's.
    """
    actor = require(actor, Action.ASSIGN_SERVICE)
    if not may(
        actor, Action.ASSIGN_SERVICE, patient_id=appointment["patient"]["id"], doctor_id=appointment["doctor"]["id"]
    ):
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    here = Department.id == appointment["department"]["id"]
    offered = select_services(Service.is_active, here).order_by(Service.name, Service.id)
    return [
        {
            **service_row(row, actor.language),
            "health_examination_fee": appointment["examination_fee"],
            "total_fee": appointment["examination_fee"] + row.service_price,
        }
        for row in session().execute(offered)
    ]
