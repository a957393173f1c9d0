"""What a doctor reads beside an appointment: who the patient is, their earlier appointments, the services it may get
and their fees; and what a doctor reads of the own work: the week, the patients.

Read models, scoped by the actor like all others; who may not see the appointment learns nothing of the patient.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from clinic import clock
from clinic.accounts import age_on
from clinic.accounts.for_domains import BY_NAME, matching
from clinic.accounts.models import Patient, User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.directory.for_domains import select_services, service_row
from clinic.directory.models import Department, Service
from clinic.errors import NotFound
from clinic.i18n import N_, localized
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, not_allowed, require
from clinic.scheduling.calendar import HOURS, SLOT_TIMES
from clinic.scheduling.leave import absences
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import NO_APPOINTMENT, between
from clinic.scheduling.rows import AppointmentRow, EarlierAppointment, OfferedService, PatientRow
from clinic.scheduling.scope import may, scope
from clinic.scheduling.slots import free_days

NO_PATIENT = N_("We can't find this patient.")


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


@dataclass(frozen=True)
class LeaveBlock:
    """Times of a day closed by leave without a gap: until when, and how many slots."""

    end: time
    slots: int


@dataclass(frozen=True)
class DayPlan:
    """A day of a doctor's week: appointments by time, the times closed by leave, and how many are free (None: not
    bookable)."""

    date: date
    appointments: dict[time, AppointmentRow]
    away: frozenset[time]
    free: int | None

    @property
    def leave_blocks(self) -> dict[time, LeaveBlock]:
        """The closed times that follow each other without an appointment, by the time at which each block starts."""
        blocks: dict[time, LeaveBlock] = {}
        start: time | None = None
        for at, end in pairwise(HOURS):
            if at not in self.away or at in self.appointments:
                start = None
                continue
            start = at if start is None else start
            blocks[start] = LeaveBlock(end, blocks[start].slots + 1 if start in blocks else 1)
        return blocks

    @property
    def away_all_day(self) -> bool:
        """Whether leave covers the whole day."""
        return len(self.away) == len(SLOT_TIMES)


def week(actor: Actor | None, first: date, *, days: int = 7) -> list[DayPlan]:
    """Return a doctor's own days from ``first`` on, with the appointments that are not cancelled; nobody else has
    such."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if actor.doctor_id is None:
        raise not_allowed()
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    appointments: dict[date, dict[time, AppointmentRow]] = {on: {} for on in dates}
    for row in between(actor, dates[0], dates[-1], doctor_id=actor.doctor_id):
        appointments[row["appointment_date"]][row["appointment_time"]] = row
    absent = absences([actor.doctor_id], dates[0], dates[-1])[actor.doctor_id]
    free = {each.date: each.free for each in free_days(actor.doctor_id)}
    return [
        DayPlan(
            on,
            appointments[on],
            frozenset(moment.time for moment in absent.slots_away([on])),
            free.get(on),
        )
        for on in dates
    ]


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
    return paginate(_patient_rows(actor), BY_NAME, page, _patient_row, where=where, within=select(User.id))


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
