"""Lists of medical records, and whose records there are to look for: what is listed is read, and audited."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from clinic.accounts.models import User
from clinic.audit import AuditAction, Subject
from clinic.db import AnyRow, ReadModel, row_id, session
from clinic.directory import doctor as known_doctor
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, Role
from clinic.records.access import note_reading, require_reader
from clinic.records.models import MedicalRecord
from clinic.records.rows import DoctorOfRecords, ListedRecord, RecordedAppointment
from clinic.records.service import select_records, shape_record
from clinic.scheduling.for_domains import NEWEST_DAY_FIRST, scope
from clinic.scheduling.models import Appointment

_doctor_user = aliased(User, name="record_doctor")
_patient_user = aliased(User, name="record_patient")
_LISTED = (
    select_records(
        Appointment.appointment_date,
        Appointment.appointment_time,
        _doctor_user.full_name.label("doctor_name"),
        _patient_user.full_name.label("patient_name"),
    )
    .join(_doctor_user, _doctor_user.id == Appointment.doctor_id)
    .join(_patient_user, _patient_user.id == Appointment.patient_id)
)
_WITH_RECORD = select(Appointment.id).join(MedicalRecord, MedicalRecord.appointment_id == Appointment.id)


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
    actor = require_reader(actor)
    if doctor_id is not None and not include_inactive:
        known_doctor(doctor_id, lang=actor.language)
    ids = {Appointment.id: appointment_id, Appointment.patient_id: patient_id, Appointment.doctor_id: doctor_id}
    conditions = [
        *scope(actor, Action.READ_RECORD),
        *(column == row_id(value) for column, value in ids.items() if value is not None),
        *([] if date_from is None else [Appointment.appointment_date >= date_from]),
        *([] if date_to is None else [Appointment.appointment_date <= date_to]),
    ]
    read: list[Subject] = []

    def shape(row: AnyRow) -> ListedRecord:
        read.append(Subject(row.id, row.patient_id))
        return _shape_listed(row)

    # All the visits to come are looked at before the first record, so they are once and not once more to count.
    found = paginate(_LISTED, NEWEST_DAY_FIRST, page, shape, where=conditions, within=_WITH_RECORD, along=True)
    note_reading(actor, AuditAction.RECORD_READ, read)
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
    actor = require_reader(actor)
    # One for each doctor: PostgreSQL would turn EXISTS into a join of all appointments with all records. The first ones are
    # looked at first: hardly any of those to come has one.
    written = _WITH_RECORD.where(Appointment.doctor_id == User.id, *scope(actor, Action.READ_RECORD))
    has_record = written.order_by(Appointment.appointment_date).limit(1).scalar_subquery().is_not(None)
    named = _DOCTORS.select.where(User.role == Role.DOCTOR, has_record).order_by(User.name_key, User.id)
    return [_DOCTORS.shape(row) for row in session().execute(named)]
