"""Read models of appointments: what lists and pages show, scoped by the actor, one narrow select each."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import cache

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, case, or_, select
from sqlalchemy.orm import aliased

from clinic import audit, clock
from clinic.accounts.models import User
from clinic.audit import Subject
from clinic.db import AnyRow, AnySelect, Order, ReadModel, built_once, row_id, session
from clinic.directory.for_domains import (
    DEPARTMENT_COLUMNS,
    ROOM_COLUMNS,
    SERVICE_COLUMNS,
    department_row,
    room_row,
    service_row,
)
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.errors import NotFound
from clinic.i18n import N_, localized
from clinic.id_lists import among
from clinic.policy import Action, Actor, Role, can, owner_is_known, require
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.scheduling.models import Appointment, AppointmentEvent, EventType
from clinic.scheduling.rows import AppointmentRow, EventRow, FeeBreakdown
from clinic.scheduling.scope import limited_as, scope, scope_of

NO_APPOINTMENT = N_("We can't find this visit.")
#: The order of lists for programs: the newest day first, then by time (API, ``appointments/``).
NEWEST_DAY_FIRST = (Appointment.appointment_date.desc(), Appointment.appointment_time, Appointment.id)

_patient_user = aliased(User, name="patient_user")
_doctor_user = aliased(User, name="doctor_user")


@cache
def appointment_rows() -> AnySelect:
    """Return the select of what an Appointment row is made of."""
    return (
        select(
            Appointment.id,
            Appointment.patient_id,
            _patient_user.full_name.label("patient_name"),
            _patient_user.email.label("patient_email"),
            _patient_user.phone_num.label("patient_phone"),
            Appointment.doctor_id,
            _doctor_user.full_name.label("doctor_name"),
            Doctor.title.label("doctor_title"),
            Doctor.specialization.label("doctor_specialization"),
            Doctor.translations.label("doctor_translations"),
            Doctor.rating.label("doctor_rating"),
            Doctor.avatar_url.label("doctor_avatar_url"),
            *DEPARTMENT_COLUMNS,
            *SERVICE_COLUMNS,
            *ROOM_COLUMNS,
            Appointment.appointment_date,
            Appointment.appointment_time,
            Appointment.status,
            Appointment.symptoms,
            Appointment.reason,
            Appointment.notes,
            Appointment.examination_fee,
            Appointment.estimated_fee,
            Appointment.service_fee,
            Appointment.cancellation_reason,
            Appointment.cancelled_at,
            Appointment.rescheduled_from,
            Appointment.version,
            Appointment.created_at,
            Appointment.updated_at,
        )
        .join(_patient_user, _patient_user.id == Appointment.patient_id)
        .join(_doctor_user, _doctor_user.id == Appointment.doctor_id)
        .join(Doctor, Doctor.user_id == Appointment.doctor_id)
        .join(Department, Department.id == Appointment.department_id)
        .outerjoin(Service, Service.id == Appointment.service_id)
        .outerjoin(Room, Room.id == Appointment.room_id)
    )


def shaped(row: AnyRow, lang: str) -> AppointmentRow:
    """Return the API's Appointment (its record aside) with the moment it starts and its version."""
    translations = row.doctor_translations
    return {
        "id": row.id,
        "patient": {
            "id": row.patient_id,
            "full_name": row.patient_name,
            "email": row.patient_email,
            "phone_num": row.patient_phone,
        },
        "doctor": {
            "id": row.doctor_id,
            "full_name": row.doctor_name,
            "specialization": localized(row.doctor_specialization, translations, "specialization", lang),
            "title": localized(row.doctor_title, translations, "title", lang),
            "rating": float(row.doctor_rating),
            "avatar_url": row.doctor_avatar_url,
        },
        "department": department_row(row, lang),
        "service": None if row.service_id is None else service_row(row, lang),
        "appointment_date": row.appointment_date,
        "appointment_time": row.appointment_time,
        "room": None if row.room_id is None else room_row(row),
        "status": row.status,
        "symptoms": row.symptoms,
        "reason": row.reason,
        "notes": row.notes,
        "estimated_fee": row.estimated_fee,
        "examination_fee": row.examination_fee,
        "service_fee": row.service_fee,
        "cancellation_reason": row.cancellation_reason,
        "cancelled_at": row.cancelled_at,
        "rescheduled_from": row.rescheduled_from,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "starts_at": clock.starts_at(row.appointment_date, row.appointment_time),
        "version": row.version,
    }


def shown_to(actor: Actor, row: AnyRow) -> AppointmentRow:
    """Return an appointment as ``actor`` is shown it.

    While it isn't known whose the account is, without what the clinic found out or wrote: the service and what it costs,
    and the notes. When, where, with whom and what was said in advance stay: most often the account's own person said so.
    """
    shown = shaped(row, actor.language)
    if owner_is_known(actor):
        return shown
    return {**shown, "service": None, "service_fee": None, "estimated_fee": row.examination_fee, "notes": None}


def noted(actor: Actor, rows: list[AppointmentRow]) -> list[AppointmentRow]:
    """Return the appointments that ``actor`` is shown, and let the audit note them."""
    audit.record_appointments(actor, [Subject(row["id"], row["patient"]["id"]) for row in rows])
    return rows


#: The condition for appointments from today on, whenever the statement that holds it is executed.
FROM_TODAY = Appointment.appointment_date >= bindparam("today", type_=Date, callable_=clock.today)


def upcoming() -> list[ColumnElement[bool]]:
    """Return the conditions for what is called upcoming: booked or confirmed, from today on."""
    return [Appointment.status.in_(OPEN), FROM_TODAY]


def not_begun() -> list[ColumnElement[bool]]:
    """Return the conditions for the upcoming appointments that have not begun yet."""
    now = clock.local(clock.now())
    later_today = and_(Appointment.appointment_date == now.date(), Appointment.appointment_time > now.time())
    return [Appointment.status.in_(OPEN), or_(Appointment.appointment_date > now.date(), later_today)]


def rows_where(conditions: Collection[ColumnElement[bool]], order: Order, lang: str, most: int) -> list[AppointmentRow]:
    """Return the first ``most`` appointments for whoever is already known to be allowed to see them."""
    query = appointment_rows().where(*conditions).order_by(*order).limit(most)
    return [shaped(row, lang) for row in session().execute(query)]


def row_of(appointment_id: int, actor: Actor) -> AppointmentRow:
    """Return an appointment for an actor who is already known to be allowed to see it."""
    return shown_to(actor, session().execute(_one(None), {"appointment": appointment_id}).one())


@cache
def _one(limited: Role | None) -> AnySelect:
    return built_once(
        appointment_rows().where(Appointment.id == bindparam("appointment", type_=Integer), *scope_of(limited))
    )


def appointment(actor: Actor | None, appointment_id: int) -> AppointmentRow:
    """Return one appointment; ``NotFound`` if there is none or it is not the actor's (API,
    ``appointments/{id}/``)."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    query = _one(limited_as(actor, Action.SEE_APPOINTMENT))
    found = session().execute(query, {"appointment": row_id(appointment_id), "actor": actor.user_id}).one_or_none()
    if found is None:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    return noted(actor, [shown_to(actor, found)])[0]


def between(actor: Actor | None, first: date, last: date, *, doctor_id: int | None = None) -> list[AppointmentRow]:
    """Return the actor's appointments from ``first`` to ``last`` that are not cancelled, by day and time.

    ``doctor_id`` leaves only those of one doctor.
    """
    actor = require(actor, Action.SEE_APPOINTMENT)
    rows = (
        appointment_rows()
        .where(
            Appointment.appointment_date.between(first, last),
            Appointment.status != AppointmentStatus.CANCELLED,
            *scope(actor, Action.SEE_APPOINTMENT),
            *([] if doctor_id is None else [Appointment.doctor_id == doctor_id]),
        )
        .order_by(Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
    )
    return noted(actor, [shown_to(actor, row) for row in session().execute(rows)])


def day_of(actor: Actor | None, on: date) -> list[AppointmentRow]:
    """Return the appointments of one day that the actor may see, by time; the cancelled ones last."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    cancelled_last = case((Appointment.status == AppointmentStatus.CANCELLED, 1), else_=0)
    rows = (
        appointment_rows()
        .where(Appointment.appointment_date == on, *scope(actor, Action.SEE_APPOINTMENT))
        .order_by(cancelled_last, Appointment.appointment_time, _doctor_user.name_key, Appointment.id)
    )
    return noted(actor, [shown_to(actor, row) for row in session().execute(rows)])


def appointments_of_patients(actor: Actor | None, patient_ids: Collection[int]) -> list[AppointmentRow]:
    """Return the appointments of these patients that the actor may see, newest day first, then by time."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if not patient_ids:
        return []
    rows = (
        appointment_rows()
        .where(among(Appointment.patient_id, patient_ids), *scope(actor, Action.SEE_APPOINTMENT))
        .order_by(*NEWEST_DAY_FIRST)
    )
    return noted(actor, [shown_to(actor, row) for row in session().execute(rows)])


def appointments_by_id(actor: Actor | None, ids: Collection[int], *, most: int = 20) -> list[AppointmentRow]:
    """Return the first ``most`` of these appointments that the actor may see, soonest first."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if not ids:
        return []
    order = (Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
    of_ids = [among(Appointment.id, ids), *scope(actor, Action.SEE_APPOINTMENT)]
    return noted(actor, rows_where(of_ids, order, actor.language, most))


def next_appointment(actor: Actor | None) -> AppointmentRow | None:
    """Return the actor's next appointment that has not begun, None without one."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    rows = (
        appointment_rows()
        .where(
            *not_begun(),
            *scope(actor, Action.SEE_APPOINTMENT),
        )
        .order_by(Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
        .limit(1)
    )
    found = session().execute(rows).first()
    return None if found is None else noted(actor, [shown_to(actor, found)])[0]


_EVENTS = ReadModel(
    EventRow,
    select(
        AppointmentEvent.at,
        AppointmentEvent.what,
        AppointmentEvent.by_user_id,
        User.full_name.label("by_name"),
        AppointmentEvent.by_role,
        AppointmentEvent.from_status,
        AppointmentEvent.to_status,
        AppointmentEvent.details,
    )
    .join(User, User.id == AppointmentEvent.by_user_id)
    .join(Appointment, Appointment.id == AppointmentEvent.appointment_id)
    .order_by(AppointmentEvent.id),
)


def history(actor: Actor | None, appointment_id: int) -> list[EventRow]:
    """Return what happened to an appointment, oldest first.

    Why it was reopened is left out for whoever may not read that: it tells of a mistake or of work to be done.
    """
    actor = require(actor, Action.SEE_APPOINTMENT)
    theirs = _EVENTS.select.where(
        AppointmentEvent.appointment_id == row_id(appointment_id), *scope(actor, Action.SEE_APPOINTMENT)
    )
    rows = session().execute(theirs).all()
    if not rows:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    audit.record_appointments(actor, [Subject(appointment_id)])
    events = [_EVENTS.shape(row) for row in rows]
    if not owner_is_known(actor):
        events = [event for event in events if event["what"] != EventType.SERVICE_ASSIGNED]
        for event in events:
            event["details"].pop("dropped_service", None)
    reopenings = [event for event in events if event["what"] == EventType.REOPENED]
    if reopenings and not _is_reached(actor, Action.READ_REOPENING_REASON, appointment_id):
        for event in reopenings:
            event["details"].pop("reason", None)
    return events


def _is_reached(actor: Actor, action: Action, appointment_id: int) -> bool:
    """Return whether ``actor`` may do ``action`` to an appointment."""
    if not can(actor, action):
        return False
    found = select(Appointment.id).where(Appointment.id == row_id(appointment_id), *scope(actor, action))
    return session().execute(found).first() is not None


def fee_breakdown(row: AppointmentRow) -> FeeBreakdown:
    """Return how an appointment's fee is made up: examination, service and total (API,
    ``.../assign-service/``)."""
    return {
        "health_examination_fee": row["examination_fee"],
        "service_fee": row["service_fee"] or Decimal(0),
        "total_fee": row["estimated_fee"],
    }
