"""Reading medical records, for those who may: every reading is audited. ``writing`` writes them."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from clinic.accounts.models import User
from clinic.audit import AuditAction, Subject
from clinic.db import AnyRow, AnySelect, built_once, row_id, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.id_lists import among, id_list
from clinic.policy import Action, Actor, Role, require, signed_in
from clinic.records.access import is_reader, note_reading, require_reader
from clinic.records.models import MedicalRecord, RecordRevision
from clinic.records.rows import (
    EarlierRecord,
    RecordContent,
    RecordRow,
    RevisionRow,
)
from clinic.scheduling.for_domains import NEWEST_DAY_FIRST, limited_as, scope, scope_of
from clinic.scheduling.models import Appointment

NO_RECORD = N_("This visit has no record yet.")
_author = aliased(User, name="author")
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


def record_of(actor: Actor | None, appointment_id: int) -> RecordRow:
    """Return the record of an appointment, and write down who read it.

    ``NotFound`` where there is none or the appointment is not the actor's (API, ``.../medical-record/``).
    """
    actor = require_reader(actor)
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
    note_reading(actor, AuditAction.RECORD_READ, [Subject(found.id, found.patient_id)])
    return shape_record(found)


@cache
def _records_of(limited: Role | None) -> AnySelect:
    those = among(MedicalRecord.appointment_id, id_list("appointments"))
    return built_once(select_records().where(those, *scope_of(limited)))


def records_for(actor: Actor | None, appointment_ids: Collection[int]) -> dict[int, RecordRow]:
    """Return the records of those appointments that the actor may read, by appointment, and write down who read them.

    It adds to appointments that are shown anyway, so there are none for whoever may read no record.
    """
    actor = signed_in(actor)
    if not appointment_ids or not is_reader(actor):
        return {}
    wanted = {"appointments": list(appointment_ids), "actor": actor.user_id}
    rows = session().execute(_records_of(limited_as(actor, Action.READ_RECORD)), wanted).all()
    note_reading(actor, AuditAction.RECORD_READ, [Subject(row.id, row.patient_id) for row in rows])
    return {row.appointment_id: shape_record(row) for row in rows}


def record(actor: Actor | None, record_id: int) -> RecordRow:
    """Return a record by its own id, and write down who read it; ``NotFound`` if there is none for the actor."""
    actor = require_reader(actor)
    return record_of(actor, appointment_of(actor, Action.READ_RECORD, record_id))


def records_before(actor: Actor | None, appointment_id: int, *, most: int = 5) -> list[EarlierRecord]:
    """Return the records of the same patient and doctor of up to ``most`` earlier appointments, the latest first.

    Each with its ``visit_date``. Who may not see the appointment reads none; the readings are written down.
    """
    actor = require_reader(actor)
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
    note_reading(actor, AuditAction.RECORD_READ, [Subject(row.id, row.patient_id) for row in rows])
    return [{**shape_record(row), "visit_date": row.appointment_date} for row in rows]


def is_written(actor: Actor | None, appointment_id: int) -> bool:
    """Return whether there is a record of an appointment that the actor may read. It is not read for it.

    There is none for whoever may read no record.
    """
    actor = signed_in(actor)
    if not is_reader(actor):
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
    note_reading(actor, AuditAction.REVISIONS_READ, [Subject(rows[0].record_id, rows[0].patient_id)])
    return [{"version": row.version, "at": row.at, "by_name": row.by_name, **_content(row)} for row in rows]
