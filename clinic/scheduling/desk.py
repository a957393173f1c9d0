"""What a doctor reads beside a visit: who the patient is, their earlier visits, the services it may get and their fees.

Read models, scoped by the actor like all others; who may not see the visit learns nothing of the patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from clinic import clock
from clinic.accounts.models import Patient
from clinic.db import row_id, session
from clinic.directory.models import Department, Service
from clinic.directory.service import SERVICE_COLUMNS, service_row
from clinic.errors import NotFound
from clinic.i18n import localized
from clinic.policy import Action, Actor, require
from clinic.scheduling.lifecycle import Status
from clinic.scheduling.models import Appointment
from clinic.scheduling.reading import NO_APPOINTMENT, scope


@dataclass(frozen=True)
class Background:
    """The patient of a visit, and their visits to the same doctor before it: the latest ones, and how many in all."""

    gender: str
    date_of_birth: date
    age: int
    earlier: list[dict[str, Any]]
    earlier_count: int


def background(actor: Actor | None, appointment_id: int, *, most: int = 5) -> Background:
    """Return who the patient of a visit is, with up to ``most`` earlier visits to its doctor, the latest first.

    Cancelled visits don't count. ``NotFound`` if the visit is not the actor's.
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
            .where(Appointment.id == row_id(appointment_id), *scope(actor))
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    earlier, count = _before(found, most, actor.language)
    return Background(found.gender, found.date_of_birth, age_on(found.date_of_birth, clock.today()), earlier, count)


def _before(visit: Any, most: int, lang: str) -> tuple[list[dict[str, Any]], int]:
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
                Appointment.patient_id == visit.patient_id,
                Appointment.doctor_id == visit.doctor_id,
                Appointment.status != Status.CANCELLED,
                or_(
                    Appointment.appointment_date < visit.appointment_date,
                    and_(
                        Appointment.appointment_date == visit.appointment_date,
                        Appointment.appointment_time < visit.appointment_time,
                    ),
                ),
            )
            .order_by(Appointment.appointment_date.desc(), Appointment.appointment_time.desc())
            .limit(most)
        )
        .all()
    )
    names = ("id", "appointment_date", "appointment_time", "status", "reason")
    earlier = [
        {name: getattr(row, name) for name in names}
        | {"service": localized(row.service_name, row.service_translations, "name", lang)}
        for row in rows
    ]
    return earlier, rows[0].in_all if rows else 0


def age_on(born: date, on: date) -> int:
    """Return how many birthdays somebody has had by the day ``on``.

    >>> age_on(date(2000, 2, 29), date(2026, 2, 28)), age_on(date(2000, 2, 29), date(2026, 3, 1))
    (25, 26)
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def offered_services(actor: Actor | None, visit: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the services that the visit ``visit`` (an Appointment row) may get, by name, each with its ``total_fee``.

    These are the active ones of the visit's department; the total is its examination fee plus the price (contract,
    ``.../assign-service/``).
    """
    actor = require(actor, Action.ASSIGN_SERVICE)
    offered: Any = (
        select(
            *SERVICE_COLUMNS,
            Department.id.label("department_id"),
            Department.name.label("department_name"),
            Department.translations.label("department_translations"),
            Department.icon.label("department_icon"),
            Department.health_examination_fee,
        )
        .join(Department, Department.id == Service.department_id)
        .where(Service.is_active, Department.id == visit["department"]["id"])
        .order_by(Service.name, Service.id)
    )
    return [
        service_row(row, actor.language)
        | {
            "health_examination_fee": row.health_examination_fee,
            "total_fee": row.health_examination_fee + row.service_price,
        }
        for row in session().execute(offered)
    ]
