"""Reading medical records, for those who may: every reading is audited. ``writing`` writes them."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from clinic import audit
from clinic.accounts.models import User
from clinic.audit import AuditAction, Subject
from clinic.db import AnyRow, AnySelect, ReadModel, atomic, row_id, session
from clinic.directory import doctor as known_doctor
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, Role, can, require, signed_in
from clinic.records.models import MedicalRecord, RecordRevision
from clinic.records.rows import (
    DoctorOfRecords,
    EarlierRecord,
    ListedRecord,
    RecordContent,
    RecordedAppointment,
    RecordRow,
    RevisionRow,
)
from clinic.scheduling.for_domains import NEWEST_DAY_FIRST, scope
from clinic.scheduling.models import Appointment

NO_RECORD = N_("This visit has no record yet.")
_author = aliased(User, name="author")
_doctor_user = aliased(User, name="record_doctor")
_patient_user = aliased(User, name="record_patient")
#: What a version of a record keeps.
CONTENT = ("diagnosis", "prescription", "treatment_plan", "notes", "follow_up_date", "vital_signs")


def select_records(*more: SQLCoreOperations[object]) -> AnySelect:
    """Return the select of records, with the columns ``more`` of what is joined to it."""
    return (
        select(
            MedicalRecord.id,
            MedicalRecord.appointment_id,
            *(getattr(MedicalRecord, name) for name in CONTENT),
            MedicalRecord.created_by_id,
            _author.full_name.label("created_by_name"),
            MedicalRecord.created_at,
            MedicalRecord.updated_at,
            MedicalRecord.version,
            Appointment.patient_id,
            *more,
        )
        .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
        .outerjoin(_author, _author.id == MedicalRecord.created_by_id)
    )


def _content(row: AnyRow) -> RecordContent:
    """Return what was found and decided, of a record or of a version of one."""
    return {
        "diagnosis": row.diagnosis,
        "prescription": row.prescription,
        "treatment_plan": row.treatment_plan,
        "notes": row.notes,
        "follow_up_date": row.follow_up_date,
        "vital_signs": row.vital_signs,
    }


def shape_record(row: AnyRow) -> RecordRow:
    """Return the API's MedicalRecord with its version."""
    return {
        "id": row.id,
        "appointment": row.appointment_id,
        "appointment_id": row.appointment_id,
        **_content(row),
        "created_by": row.created_by_id,
        "created_by_name": row.created_by_name,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


@atomic
def record_of(actor: Actor | None, appointment_id: int) -> RecordRow:
    """Return the record of an appointment, and write down who read it.

    ``NotFound`` where there is none or the appointment is not the actor's (API, ``.../medical-record/``).
    """
    actor = require(actor, Action.READ_RECORD)
    found = (
        session()
        .execute(
            select_records().where(
                MedicalRecord.appointment_id == row_id(appointment_id), *scope(actor, Action.READ_RECORD)
            )
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound(NO_RECORD, code="record_not_found")
    audit.record(actor, AuditAction.RECORD_READ, [Subject(found.id, found.patient_id)])
    return shape_record(found)


@atomic
def records_for(actor: Actor | None, appointment_ids: Collection[int]) -> dict[int, RecordRow]:
    """Return the records of those appointments that the actor may read, by appointment, and write down who read them.

    It adds to appointments that are shown anyway, so there are none for a role that may read no record.
    """
    actor = signed_in(actor)
    if not appointment_ids or not can(actor, Action.READ_RECORD):
        return {}
    those = MedicalRecord.appointment_id.in_(appointment_ids)
    rows = session().execute(select_records().where(those, *scope(actor, Action.READ_RECORD))).all()
    audit.record(actor, AuditAction.RECORD_READ, [Subject(row.id, row.patient_id) for row in rows])
    return {row.appointment_id: shape_record(row) for row in rows}


@atomic
def record(actor: Actor | None, record_id: int) -> RecordRow:
    """Return a record by its own id, and write down who read it; ``NotFound`` if there is none for the actor."""
    actor = require(actor, Action.READ_RECORD)
    return record_of(actor, appointment_of(actor, Action.READ_RECORD, record_id))


@atomic
def records_before(actor: Actor | None, appointment_id: int, *, most: int = 5) -> list[EarlierRecord]:
    """Return the records of the same patient and doctor of up to ``most`` earlier appointments, the latest first.

    Each with its ``visit_date``. Who may not see the appointment reads none; the readings are written down.
    """
    actor = require(actor, Action.READ_RECORD)
    this = aliased(Appointment, name="this_visit")
    rows = (
        session()
        .execute(
            select_records(Appointment.appointment_date)
            .join(this, (this.patient_id == Appointment.patient_id) & (this.doctor_id == Appointment.doctor_id))
            .where(
                this.id == row_id(appointment_id),
                tuple_(Appointment.appointment_date, Appointment.appointment_time)
                < tuple_(this.appointment_date, this.appointment_time),
                *scope(actor, Action.READ_RECORD),
            )
            .order_by(*NEWEST_DAY_FIRST)
            .limit(most)
        )
        .all()
    )
    audit.record(actor, AuditAction.RECORD_READ, [Subject(row.id, row.patient_id) for row in rows])
    return [{**shape_record(row), "visit_date": row.appointment_date} for row in rows]


def is_written(actor: Actor | None, appointment_id: int) -> bool:
    """Return whether there is a record of an appointment that the actor may read. It is not read for it.

    There is none for a role that may read no record.
    """
    actor = signed_in(actor)
    if not can(actor, Action.READ_RECORD):
        return False
    written = (
        select(MedicalRecord.id)
        .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
        .where(MedicalRecord.appointment_id == row_id(appointment_id), *scope(actor, Action.READ_RECORD))
    )
    return session().scalar(written) is not None


def appointment_of(actor: Actor | None, action: Action, record_id: int) -> int:
    """Return the id of the appointment that a record is of; ``NotFound`` if the actor may not do ``action`` to it."""
    actor = require(actor, action)
    found = session().scalar(
        select(MedicalRecord.appointment_id)
        .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
        .where(MedicalRecord.id == row_id(record_id), *scope(actor, action))
    )
    if found is None:
        raise NotFound(N_("We can't find this record."), code="record_not_found")
    return found


@atomic
def my_records(
    actor: Actor | None,
    *,
    appointment_id: int | None = None,
    patient_id: int | None = None,
    doctor_id: int | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    include_inactive: bool = False,
    page: PageRequest | Keyset | None = None,
) -> Page[ListedRecord]:
    """Return the records that the actor may read, newest visit first, each with its ``visit``; audited.

    Filters by visit, patient, doctor and day of the visit (API, ``medical-records/``); an unknown or inactive
    doctor is ``NotFound``, unless ``include_inactive``.
    """
    actor = require(actor, Action.READ_RECORD)
    if doctor_id is not None and not include_inactive:
        known_doctor(doctor_id, lang=actor.language)
    wanted = {
        Appointment.id: appointment_id,
        Appointment.patient_id: patient_id,
        Appointment.doctor_id: doctor_id,
    }
    conditions = [
        *scope(actor, Action.READ_RECORD),
        *(column == row_id(value) for column, value in wanted.items() if value is not None),
        *([] if date_from is None else [Appointment.appointment_date >= date_from]),
        *([] if date_to is None else [Appointment.appointment_date <= date_to]),
    ]
    rows = (
        select_records(
            Appointment.appointment_date,
            Appointment.appointment_time,
            _doctor_user.full_name.label("doctor_name"),
            _patient_user.full_name.label("patient_name"),
        )
        .join(_doctor_user, _doctor_user.id == Appointment.doctor_id)
        .join(_patient_user, _patient_user.id == Appointment.patient_id)
    )
    written = select(Appointment.id).join(MedicalRecord, MedicalRecord.appointment_id == Appointment.id)
    read: list[Subject] = []

    def shape(row: AnyRow) -> ListedRecord:
        read.append(Subject(row.id, row.patient_id))
        return _shape_listed(row)

    found = paginate(rows, NEWEST_DAY_FIRST, page, shape, where=conditions, within=written)
    audit.record(actor, AuditAction.RECORD_READ, read)
    return found


def _shape_listed(row: AnyRow) -> ListedRecord:
    """Return a record with the appointment that it is of."""
    appointment: RecordedAppointment = {
        "date": row.appointment_date,
        "time": row.appointment_time,
        "doctor_name": row.doctor_name,
        "patient_name": row.patient_name,
        "appointment_id": row.appointment_id,
    }
    return {**shape_record(row), "visit": appointment}


_DOCTORS = ReadModel(DoctorOfRecords, select(User.id, User.full_name, User.is_active))


def doctors_of_records(actor: Actor | None) -> list[DoctorOfRecords]:
    """Return the doctors of the records that the actor may read, by name, those who left too: id, full_name, is_active.

    No record is read for it.
    """
    actor = require(actor, Action.READ_RECORD)
    written = (
        select(Appointment.id)
        .join(MedicalRecord, MedicalRecord.appointment_id == Appointment.id)
        .where(Appointment.doctor_id == User.id, *scope(actor, Action.READ_RECORD))
    )
    named = _DOCTORS.select.where(User.role == Role.DOCTOR, written.exists()).order_by(User.name_key, User.id)
    return [_DOCTORS.shape(row) for row in session().execute(named)]


@atomic
def revisions(actor: Actor | None, appointment_id: int) -> list[RevisionRow]:
    """Return every version of an appointment's record, newest first, and write down who read them."""
    actor = require(actor, Action.READ_REVISIONS)
    rows = (
        session()
        .execute(
            select(
                RecordRevision.record_id,
                RecordRevision.version,
                RecordRevision.at,
                RecordRevision.by_name,
                *(getattr(RecordRevision, name) for name in CONTENT),
                Appointment.patient_id,
            )
            .join(MedicalRecord, MedicalRecord.id == RecordRevision.record_id)
            .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
            .where(MedicalRecord.appointment_id == row_id(appointment_id), *scope(actor, Action.READ_REVISIONS))
            .order_by(RecordRevision.version.desc())
        )
        .all()
    )
    if not rows:
        raise NotFound(NO_RECORD, code="record_not_found")
    audit.record(actor, AuditAction.REVISIONS_READ, [Subject(rows[0].record_id, rows[0].patient_id)])
    return [{"version": row.version, "at": row.at, "by_name": row.by_name, **_content(row)} for row in rows]
