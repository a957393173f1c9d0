"""Read models of what the clinic offers: one narrow select each, made into the API's objects.

Only active departments and services, and doctors who are active and have accepted their invitation, are shown. Texts come in the reader's language.
"""

from typing import TypeVar

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Text, cast, func, select

from clinic.accounts.models import HAS_PASSWORD, User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.directory.revisions import remembered
from clinic.directory.rows import (
    DepartmentBrief,
    DepartmentDetail,
    DepartmentRow,
    DoctorRow,
    DoctorsOfDepartment,
    RoomRow,
    ServiceRow,
)
from clinic.errors import NotFound
from clinic.i18n import N_, localized
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.text.normalization import alphabetical
from clinic.text.word_search import contains, contains_words, unindexed

NO_DEPARTMENT = N_("We can't find this department.")
NO_DOCTOR = N_("We can't find this doctor.")
NO_SERVICE = N_("We can't find this service.")

_services_count = (
    select(func.count(Service.id))
    .where(Service.department_id == Department.id, Service.is_active)
    .correlate(Department)
    .scalar_subquery()
    .label("services_count")
)

#: The columns of a Department object; other read models (appointments) join them with this prefix.
DEPARTMENT_COLUMNS = (
    Department.id.label("department_id"),
    Department.name.label("department_name"),
    Department.icon.label("department_icon"),
    Department.description.label("department_description"),
    Department.translations.label("department_translations"),
    Department.health_examination_fee.label("department_health_examination_fee"),
    Department.is_active.label("department_is_active"),
    Department.created_at.label("department_created_at"),
    Department.updated_at.label("department_updated_at"),
    _services_count,
)

SERVICE_COLUMNS = (
    Service.id.label("service_id"),
    Service.name.label("service_name"),
    Service.description.label("service_description"),
    Service.translations.label("service_translations"),
    Service.price.label("service_price"),
    Service.is_active.label("service_is_active"),
    Service.created_at.label("service_created_at"),
)

ROOM_COLUMNS = (
    Room.id.label("room_id"),
    Room.room_number.label("room_number"),
    Room.floor.label("room_floor"),
    Room.department_id.label("room_department_id"),
    Room.is_active.label("room_is_active"),
    Room.created_at.label("room_created_at"),
)

_DOCTOR_COLUMNS = (
    Doctor.user_id,
    User.full_name,
    User.email,
    User.phone_num,
    Doctor.title,
    Doctor.specialization,
    Doctor.translations,
    Doctor.department_id,
    Department.name.label("department_name"),
    Department.translations.label("department_translations"),
    Department.icon.label("department_icon"),
    Doctor.experience_years,
    Doctor.consultation_fee,
    Doctor.rating,
    Doctor.avatar_url,
    Doctor.total_reviews,
    Doctor.bio,
    Department.health_examination_fee.label("examination_fee"),
    Doctor.languages,
)

#: Which doctors the public sees and books, of ``Doctor`` joined to ``User`` and ``Department``: both switched on, and an
#: invitation accepted, for until the doctor has chosen a password nobody knows whether they will come.
PUBLIC_DOCTOR: tuple[ColumnElement[bool], ...] = (
    User.is_active.is_(True),
    HAS_PASSWORD,
    Department.is_active.is_(True),
)


def department_row(row: AnyRow, lang: str) -> DepartmentRow:
    """Return the API's Department out of a row with ``DEPARTMENT_COLUMNS``."""
    translations = row.department_translations
    return {
        "id": row.department_id,
        "name": localized(row.department_name, translations, "name", lang),
        "icon": row.department_icon,
        "description": localized(row.department_description, translations, "description", lang),
        "health_examination_fee": row.department_health_examination_fee,
        "is_active": row.department_is_active,
        "services_count": row.services_count,
        "created_at": row.department_created_at,
        "updated_at": row.department_updated_at,
    }


def service_row(row: AnyRow, lang: str) -> ServiceRow:
    """Return the API's Service out of a row of ``select_services``, or with its columns."""
    return {
        "id": row.service_id,
        "name": localized(row.service_name, row.service_translations, "name", lang),
        "department_id": row.department_id,
        "department_name": localized(row.department_name, row.department_translations, "name", lang),
        "department_icon": row.department_icon,
        "description": localized(row.service_description, row.service_translations, "description", lang),
        "price": row.service_price,
        "is_active": row.service_is_active,
        "created_at": row.service_created_at,
    }


def room_row(row: AnyRow) -> RoomRow:
    """Return the API's Room out of a row with ``ROOM_COLUMNS``."""
    return {
        "id": row.room_id,
        "room_number": row.room_number,
        "floor": row.room_floor,
        "department": row.room_department_id,
        "is_active": row.room_is_active,
        "created_at": row.room_created_at,
    }


def _doctor_row(row: AnyRow, lang: str) -> DoctorRow:
    return {
        "id": row.user_id,
        "user_id": row.user_id,
        "full_name": row.full_name,
        "email": row.email,
        "phone_num": row.phone_num,
        "title": localized(row.title, row.translations, "title", lang),
        "specialization": localized(row.specialization, row.translations, "specialization", lang),
        "department_id": row.department_id,
        "department_name": localized(row.department_name, row.department_translations, "name", lang),
        "department_icon": row.department_icon,
        "experience_years": row.experience_years,
        "consultation_fee": row.consultation_fee,
        "rating": row.rating,
        "avatar_url": row.avatar_url,
        "total_reviews": row.total_reviews,
        "bio": localized(row.bio, row.translations, "bio", lang),
        "examination_fee": row.examination_fee,
        "languages": row.languages,
    }


@remembered
def departments(*, lang: str, page: PageRequest | Keyset | None = None) -> Page[DepartmentRow]:
    """Return the active departments by name (API, ``departments/``).

    Without ``page`` all of them, by the name in the reader's language.
    """
    found = paginate(
        select(*DEPARTMENT_COLUMNS),
        (Department.name, Department.id),
        page,
        lambda row: department_row(row, lang),
        where=[Department.is_active.is_(True)],
    )
    return found if page else _by_shown_name(found)


Named = TypeVar("Named", DepartmentRow, ServiceRow)


def _by_shown_name(found: Page[Named]) -> Page[Named]:
    return found.with_results(sorted(found.results, key=lambda row: alphabetical(row["name"])))


def _require_department(department_id: int, lang: str) -> DepartmentRow:
    found = (
        session()
        .execute(select(*DEPARTMENT_COLUMNS).where(Department.id == row_id(department_id), Department.is_active))
        .one_or_none()
    )
    if found is None:
        raise NotFound(NO_DEPARTMENT, code="department_not_found")
    return department_row(found, lang)


@remembered
def department(department_id: int, *, lang: str) -> DepartmentDetail:
    """Return an active department with its services and doctors; ``NotFound`` otherwise."""
    found = _require_department(department_id, lang)
    services_here = _services(lang, None, Service.department_id == department_id)
    doctors_here = list_doctors(lang, None, Doctor.department_id == department_id).results
    return {
        **found,
        "services": _by_shown_name(services_here).results,
        "doctors": doctors_here,
        "doctors_count": len(doctors_here),
    }


def brief(department: DepartmentBrief) -> DepartmentBrief:
    """Return a department by name and sign alone."""
    return {"id": department["id"], "name": department["name"], "icon": department["icon"]}


def select_services(*where: ColumnExpressionArgument[bool]) -> AnySelect:
    """Return the select of what ``service_row`` takes: the services that fulfil ``where``, with their department."""
    return (
        select(
            *SERVICE_COLUMNS,
            Department.id.label("department_id"),
            Department.name.label("department_name"),
            Department.translations.label("department_translations"),
            Department.icon.label("department_icon"),
        )
        .join(Department, Department.id == Service.department_id)
        .where(*where)
    )


def _active_services() -> AnySelect:
    return select_services(Service.is_active, Department.is_active)


def _services(lang: str, page: PageRequest | Keyset | None, *where: ColumnElement[bool]) -> Page[ServiceRow]:
    order = (Department.name, Service.name, Service.id)
    return paginate(_active_services(), order, page, lambda row: service_row(row, lang), where=where)


@remembered
def services(
    *, department_id: int | None = None, lang: str, page: PageRequest | Keyset | None = None
) -> Page[ServiceRow]:
    """Return the active services, of one department if asked; ``NotFound`` for an unknown or inactive one."""
    if department_id is None:
        return _services(lang, page)
    _require_department(department_id, lang)
    return _services(lang, page, Service.department_id == department_id)


@remembered
def service(service_id: int, *, lang: str) -> ServiceRow:
    """Return one active service; ``NotFound`` otherwise."""
    found = session().execute(_active_services().where(Service.id == row_id(service_id))).one_or_none()
    if found is None:
        raise NotFound(NO_SERVICE, code="service_not_found")
    return service_row(found, lang)


def _doctor_select() -> AnySelect:
    return (
        select(*_DOCTOR_COLUMNS)
        .join(User, User.id == Doctor.user_id)
        .join(Department, Department.id == Doctor.department_id)
        .where(*PUBLIC_DOCTOR)
    )


def list_doctors(lang: str, page: PageRequest | Keyset | None, *where: ColumnElement[bool]) -> Page[DoctorRow]:
    """Return the active doctors that fulfil ``where``, best rated first; for this package."""
    order = (Doctor.rating.desc(), User.name_key, Doctor.user_id)
    return paginate(_doctor_select(), order, page, lambda row: _doctor_row(row, lang), where=where)


@remembered
def doctors(
    *,
    department_id: int | None = None,
    specialization: str = "",
    search: str = "",
    lang: str,
    page: PageRequest | Keyset | None = None,
) -> Page[DoctorRow]:
    """Return the active doctors, best rated first (API, ``doctors/``).

    ``specialization`` is words of it in any language, ``search`` words of the name (``clinic.text.word_search``).
    ``NotFound`` for an unknown or inactive department.
    """
    where: list[ColumnElement[bool]] = []
    if department_id is not None:
        _require_department(department_id, lang)
        where.append(Doctor.department_id == department_id)
    if specialization.strip():
        where.append(contains_words(Doctor.specialization_key, specialization))
    if search.strip():
        where.append(contains_words(unindexed(User.name_key), search))
    return list_doctors(lang, page, *where)


def speaks(language: str) -> ColumnElement[bool]:
    """Return the condition for doctors who see patients in ``language``, a code; for this package."""
    return contains(cast(Doctor.languages, Text), f'"{language}"')


@remembered
def doctor(doctor_id: int, *, lang: str) -> DoctorRow:
    """Return one active doctor; ``NotFound`` otherwise."""
    found = session().execute(_doctor_select().where(Doctor.user_id == row_id(doctor_id))).one_or_none()
    if found is None:
        raise NotFound(NO_DOCTOR, code="doctor_not_found")
    return _doctor_row(found, lang)


def rooms(
    actor: Actor | None,
    *,
    department_id: int | None = None,
    unassigned: bool = False,
    page: PageRequest | Keyset | None = None,
) -> Page[RoomRow]:
    """Return the active rooms by floor, then number; those of no doctor's own with ``unassigned``."""
    actor = require(actor, Action.SEE_ROOMS)
    where: list[ColumnElement[bool]] = [Room.is_active.is_(True)]
    if department_id is not None:
        _require_department(department_id, actor.language)
        where.append(Room.department_id == department_id)
    if unassigned:
        owned = select(Doctor.room_id).where(Doctor.room_id.is_not(None))
        where.append(Room.id.not_in(owned))
    return paginate(select(*ROOM_COLUMNS), (Room.floor, Room.room_number, Room.id), page, room_row, where=where)


@remembered
def room_of(doctor_id: int) -> RoomRow | None:
    """Return the room of a doctor's own, None where there is none or it is switched off."""
    owned: AnySelect = select(*ROOM_COLUMNS).join(Doctor, Doctor.room_id == Room.id)
    found = session().execute(owned.where(Doctor.user_id == row_id(doctor_id), Room.is_active)).one_or_none()
    return None if found is None else room_row(found)


def license_number(doctor_id: int) -> str:
    """Return the number of a doctor's licence, as it stands on what they sign; ``NotFound`` if there is none."""
    found = session().scalar(select(Doctor.license_number).where(Doctor.user_id == row_id(doctor_id)))
    if found is None:
        raise NotFound(NO_DOCTOR, code="doctor_not_found")
    return found


def doctors_of(actor: Actor | None, department_id: int) -> DoctorsOfDepartment:
    """Return a department ({id, name, icon}) with its active doctors and their count, for a form.

    ``NotFound`` for an unknown or inactive department (API, ``appointments/doctors-by-department/``).
    """
    actor = require(actor, Action.SEE_DOCTORS_OF_DEPARTMENT)
    found = _require_department(department_id, actor.language)
    shown = doctors(department_id=department_id, lang=actor.language).results
    return {"department": brief(found), "doctors": shown, "count": len(shown)}
