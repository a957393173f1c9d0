"""A doctor's own patients: whoever has or had an appointment to them. Nobody else is found, and no record is read."""

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from clinic import audit, clock
from clinic.accounts import age_on
from clinic.accounts.for_domains import BY_NAME, matching
from clinic.accounts.models import Patient, User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.rows import PatientRow
from clinic.scheduling.scope import scope

NO_PATIENT = N_("We can't find this patient.")


def _not_cancelled(actor: Actor) -> list[ColumnElement[bool]]:
    return [*scope(actor, Action.SEE_PATIENTS), Appointment.status != AppointmentStatus.CANCELLED]


def _own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the people who have or had one of the actor's appointments."""
    return User.id.in_(select(Appointment.patient_id).where(*_not_cancelled(actor)))


def _patient_rows(actor: Actor) -> AnySelect:
    """Return the select of patients; what it tells of their appointments to the doctor is looked up for each that is
    shown."""
    theirs = [*_not_cancelled(actor), Appointment.patient_id == User.id]
    now = clock.local(clock.now())
    over = or_(
        Appointment.status == AppointmentStatus.COMPLETED,
        Appointment.appointment_date < now.date(),
        and_(Appointment.appointment_date == now.date(), Appointment.appointment_time <= now.time()),
    )
    day = Appointment.appointment_date
    return select(
        User.id,
        User.full_name,
        User.email,
        User.phone_num,
        Patient.date_of_birth,
        Patient.gender,
        select(func.count(Appointment.id)).where(*theirs).scalar_subquery().label("appointment_count"),
        select(func.max(day)).where(*theirs).scalar_subquery().label("last_appointment"),
        select(func.max(day)).where(*theirs, over).scalar_subquery().label("last_visit"),
        select(func.min(day)).where(*theirs, not_(over)).scalar_subquery().label("next_visit"),
    ).join(Patient, Patient.user_id == User.id)


def _patient_row(row: AnyRow) -> PatientRow:
    return {
        "id": row.id,
        "patient_id": row.id,
        "full_name": row.full_name,
        "email": row.email,
        "phone_num": row.phone_num,
        "date_of_birth": row.date_of_birth,
        "gender": row.gender,
        "age": age_on(row.date_of_birth, clock.today()),
        "appointment_count": row.appointment_count,
        "last_appointment": row.last_appointment,
        "last_visit": row.last_visit,
        "next_visit": row.next_visit,
    }


def own_patients(
    actor: Actor | None, *, search: str = "", page: PageRequest | Keyset | None = None
) -> Page[PatientRow]:
    """Return whoever has or had an appointment to the doctor, by name; cancelled appointments don't count. No record is
    read.

    Each with the days of the last appointment that has begun or is completed and of the next one; ``last_appointment``
    is the API's, the latest of all.

    ``search`` asks for them as in ``people_search``.
    """
    actor = require(actor, Action.SEE_PATIENTS)
    where = [_own(actor)]
    if search.strip():
        where.append(matching(search))
    found = paginate(_patient_rows(actor), BY_NAME, page, _patient_row, where=where, within=select(User.id))
    audit.record_search(actor, search, found.count, [row["id"] for row in found.results])
    return found


def own_patient(actor: Actor | None, patient_id: int) -> PatientRow:
    """Return one of the doctor's own patients; ``NotFound`` for anybody else."""
    actor = require(actor, Action.SEE_PATIENTS)
    rows = _patient_rows(actor).where(User.id == row_id(patient_id), _own(actor))
    found = session().execute(rows).one_or_none()
    if found is None:
        raise NotFound(NO_PATIENT, code="patient_not_found")
    return _patient_row(found)


def appointments_to_others(actor: Actor | None, patient_id: int) -> int:
    """Return how many appointments one of the doctor's own patients has or had to other doctors of the clinic.

    The number alone: which doctors, when and why is theirs to know. ``NotFound`` for anybody else's patient.
    """
    actor = require(actor, Action.SEE_PATIENTS)
    others = (
        select(func.count(Appointment.id))
        .where(
            Appointment.patient_id == User.id,
            not_(and_(true(), *scope(actor, Action.SEE_PATIENTS))),
            Appointment.status != AppointmentStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    found = session().execute(select(others).where(User.id == row_id(patient_id), _own(actor))).scalar()
    if found is None:
        raise NotFound(NO_PATIENT, code="patient_not_found")
    return int(found)
