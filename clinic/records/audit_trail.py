"""The audit trail as people read it: the office all of it, a patient what concerns their own data."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, select, union
from sqlalchemy.orm import aliased

from clinic import audit, clock
from clinic.accounts.for_domains import look_up, of_people
from clinic.accounts.models import User
from clinic.audit import (
    ABOUT_RECORDS,
    ABOUT_USERS,
    TOLD_TO_PATIENTS,
    AuditAction,
    AuditEvent,
    AuditEventPatient,
    ChainState,
    Subject,
)
from clinic.db import ReadModel, row_id, session
from clinic.directory.models import Department, Doctor
from clinic.errors import InvalidInput
from clinic.i18n import N_, localized
from clinic.id_lists import among, among_found
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.records.models import MedicalRecord
from clinic.records.rows import AuditedAppointment, AuditRow, OwnAuditRow
from clinic.scheduling.models import Appointment

_patient = aliased(User, name="audited_patient")
_subject = aliased(User, name="audited_subject")


_EVENTS = ReadModel(
    AuditRow,
    select(
        AuditEvent.id,
        AuditEvent.at,
        AuditEvent.action,
        AuditEvent.actor_id,
        AuditEvent.actor_role,
        User.full_name.label("actor_name"),
        AuditEvent.patient_id,
        _patient.full_name.label("patient_name"),
        AuditEvent.subject_id,
        _subject.full_name.label("subject_name"),
        MedicalRecord.appointment_id,
        AuditEvent.request_id,
        AuditEvent.details,
    )
    .outerjoin(User, User.id == AuditEvent.actor_id)
    .outerjoin(_patient, _patient.id == AuditEvent.patient_id)
    .outerjoin(MedicalRecord, (MedicalRecord.id == AuditEvent.subject_id) & AuditEvent.action.in_(ABOUT_RECORDS))
    .outerjoin(_subject, (_subject.id == AuditEvent.subject_id) & AuditEvent.action.in_(ABOUT_USERS)),
)


def _moment(on: date) -> datetime:
    """Return when a day begins; days at the edge of the calendar are moved a little inwards."""
    edge = timedelta(days=2)
    return clock.starts_at(min(max(on, date.min + edge), date.max - edge), time(0))


def _about(patient_ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition for entries about one of these patients, alone or in a list."""
    alone = select(AuditEvent.id).where(among(AuditEvent.patient_id, patient_ids))
    among_others = select(AuditEventPatient.event_id).where(among(AuditEventPatient.patient_id, patient_ids))
    return and_(among_found(AuditEvent.id, select(union(alone, among_others).subquery().c.id)))


def _of_patients(search: str) -> ColumnElement[bool]:
    found = look_up(search)
    if found.ids is not None:
        return _about(found.ids)
    # Many are meant: the entries are walked in their order until there is a page.
    others = AuditEventPatient.event_id == AuditEvent.id, of_people(AuditEventPatient.patient_id, found)
    return of_people(AuditEvent.patient_id, found) | exists().where(*others)


def audit_trail(
    actor: Actor | None,
    *,
    action: str | None = None,
    search: str = "",
    whose: str = "",
    patient_id: int | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page[AuditRow]:
    """Return who saw or changed what, newest first.

    ``search`` asks for who did it and ``whose`` for the patient whose data it was, both as in ``people_search``;
    ``patient_id`` is one patient. Lists in which a patient was shown are theirs, too. Entries about a record have its
    ``appointment_id``.
    """
    actor = require(actor, Action.SEE_AUDIT_TRAIL)
    where: list[ColumnElement[bool]] = []
    if action:
        if action not in list(AuditAction):
            raise InvalidInput.of({"action": [N_("Please choose one of the answers.")]})
        where.append(AuditEvent.action == action)
    if search.strip():
        where.append(of_people(AuditEvent.actor_id, search))
    if whose.strip():
        where.append(_of_patients(whose))
    if patient_id is not None:
        where.append(_about([row_id(patient_id)]))
    if date_from is not None:
        where.append(AuditEvent.at >= _moment(date_from))
    if date_to is not None:
        where.append(AuditEvent.at < _moment(min(date_to, date.max - timedelta(days=2)) + timedelta(days=1)))
    filters = {
        "action": action,
        "search": search.strip(),
        "whose": whose.strip(),
        "patient_id": patient_id,
        "date_from": date_from,
        "date_to": date_to,
    }
    narrowed = [name for name, value in filters.items() if value]
    found = _paged(where, page)
    audit.record_reading(actor, AuditAction.AUDIT_READ, [Subject(0, patient_id)], filters=narrowed)
    return found


def chain_state(actor: Actor | None) -> ChainState:
    """Return how far the entries are sealed, for whoever reads them."""
    require(actor, Action.SEE_AUDIT_TRAIL)
    return audit.state()


def own_access_log(actor: Actor | None, *, page: PageRequest | Keyset | None = None) -> Page[OwnAuditRow]:
    """Return who else read or changed the patient's own records and account, the operator too, newest first.

    Only ``TOLD_TO_PATIENTS`` is part of it. Each row also has the ``visit`` whose record it was (appointment_id,
    date; None for an account) and the ``department`` of a doctor (None for others).
    """
    actor = require(actor, Action.SEE_OWN_ACCESS_LOG)
    others = AuditEvent.actor_id.is_(None) | (AuditEvent.actor_id != actor.user_id)
    shown = AuditEvent.action.in_(TOLD_TO_PATIENTS)
    found = _paged([AuditEvent.patient_id == actor.user_id, others, shown], page)
    appointments = _appointments_of({row["subject_id"] for row in found.results if row["action"] in ABOUT_RECORDS})
    departments = _departments_of({row["actor_id"] for row in found.results}, actor.language)
    return found.with_results(
        [
            {
                **row,
                "visit": appointments.get(row["subject_id"]) if row["action"] in ABOUT_RECORDS else None,
                "department": departments.get(row["actor_id"] or 0),
            }
            for row in found.results
        ],
    )


def _appointments_of(record_ids: Collection[int]) -> dict[int, AuditedAppointment]:
    """Return the appointments that records are of, by record."""
    if not record_ids:
        return {}
    rows = session().execute(
        select(MedicalRecord.id, Appointment.id.label("appointment_id"), Appointment.appointment_date)
        .join(Appointment, Appointment.id == MedicalRecord.appointment_id)
        .where(among(MedicalRecord.id, record_ids))
    )
    return {row.id: {"appointment_id": row.appointment_id, "date": row.appointment_date} for row in rows}


def _departments_of(user_ids: Collection[int | None], lang: str) -> dict[int, str]:
    """Return the names of the departments in which those who are doctors work, by user."""
    if not user_ids:
        return {}
    rows = session().execute(
        select(Doctor.user_id, Department.name, Department.translations)
        .join(Department, Department.id == Doctor.department_id)
        .where(among(Doctor.user_id, [each for each in user_ids if each is not None]))
    )
    return {row.user_id: localized(row.name, row.translations, "name", lang) or "" for row in rows}


def _paged(where: list[ColumnElement[bool]], page: PageRequest | Keyset | None) -> Page[AuditRow]:
    newest_first = (AuditEvent.at.desc(), AuditEvent.id.desc())
    return paginate(_EVENTS.select, newest_first, page, _EVENTS.shape, where=where, within=select(AuditEvent.id))
