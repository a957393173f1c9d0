"""What the office sees of what the clinic offers: departments, services, rooms and doctors, active or not.

Writing them is ``admin_edits``'; switching one off asks which appointments depend on it, so it is ``scheduling``'s.
"""

from typing import Any

from sqlalchemy import ColumnElement, select

from clinic.accounts.for_domains import BY_NAME, matching
from clinic.accounts.models import HAS_PASSWORD, User
from clinic.db import Order, ReadModel, RowType, row_id, session
from clinic.directory.models import NO_ENTRY, VIETNAMESE, Department, Doctor, Room, Service
from clinic.directory.rows import DepartmentEntry, DoctorEntry, RoomEntry, ServiceEntry
from clinic.errors import NotFound
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.text.normalization import like_pattern


def _page(
    rows: ReadModel[RowType],
    order: Order,
    active: bool | None,
    column: Any,
    page: PageRequest | Keyset | None,
    *where: ColumnElement[bool],
) -> Page[RowType]:
    switched = [] if active is None else [column.is_(active)]
    return paginate(rows.select, order, page, rows.shape, where=[*where, *switched])


def _containing(column: Any, search: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.ilike(like_pattern(search.strip()), escape="/")
    return found


def _of(column: Any, department_id: int | None) -> list[ColumnElement[bool]]:
    return [] if department_id is None else [column == row_id(department_id)]


def _named(kind: type[Department | Service], search: str) -> ColumnElement[bool]:
    """Return the condition for entries whose English or Vietnamese name holds ``search``."""
    return _containing(kind.name, search) | _containing(kind.translations[(VIETNAMESE, "name")].as_string(), search)


_DEPARTMENTS = ReadModel(
    DepartmentEntry,
    select(
        Department.id,
        Department.name,
        Department.icon,
        Department.description,
        Department.translations,
        Department.health_examination_fee,
        Department.is_active,
        Department.version,
    ),
)


def all_departments(
    actor: Actor | None, *, search: str = "", active: bool | None = None, page: PageRequest | Keyset | None = None
) -> Page[DepartmentEntry]:
    """Return the departments by name, inactive ones too."""
    require(actor, Action.SEE_DIRECTORY_LISTS)
    order = (Department.name, Department.id)
    return _page(_DEPARTMENTS, order, active, Department.is_active, page, _named(Department, search))


_SERVICES = ReadModel(
    ServiceEntry,
    select(
        Service.id,
        Service.name,
        Service.description,
        Service.translations,
        Service.price,
        Service.is_active,
        Service.version,
        Service.department_id,
        Department.name.label("department_name"),
    ).join(Department, Department.id == Service.department_id),
)


def all_services(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page[ServiceEntry]:
    """Return the services by department and name, inactive ones too."""
    require(actor, Action.SEE_DIRECTORY_LISTS)
    order = (Department.name, Service.name, Service.id)
    where = (_named(Service, search), *_of(Service.department_id, department_id))
    return _page(_SERVICES, order, active, Service.is_active, page, *where)


_ROOMS = ReadModel(
    RoomEntry,
    (
        select(
            Room.id,
            Room.room_number,
            Room.floor,
            Room.is_active,
            Room.version,
            Room.department_id,
            Department.name.label("department_name"),
            Doctor.user_id.label("doctor_id"),
            User.full_name.label("doctor_name"),
        )
        .outerjoin(Department, Department.id == Room.department_id)
        .outerjoin(Doctor, Doctor.room_id == Room.id)
        .outerjoin(User, User.id == Doctor.user_id)
    ),
)


def all_rooms(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page[RoomEntry]:
    """Return the rooms by floor and number, inactive ones too, each with the doctor whose own it is."""
    require(actor, Action.SEE_DIRECTORY_LISTS)
    order = (Room.floor, Room.room_number, Room.id)
    where = (_containing(Room.room_number, search), *_of(Room.department_id, department_id))
    return _page(_ROOMS, order, active, Room.is_active, page, *where)


def all_doctors(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page[DoctorEntry]:
    """Return the doctors by name, those whose account is off too."""
    require(actor, Action.SEE_DIRECTORY_LISTS)
    where = (*([matching(search)] if search.strip() else []), *_of(Doctor.department_id, department_id))
    return _page(_DOCTORS, BY_NAME, active, User.is_active, page, *where)


_DOCTORS = ReadModel(
    DoctorEntry,
    (
        select(
            User.id,
            User.full_name,
            User.email,
            User.phone_num,
            User.is_active,
            HAS_PASSWORD.label("has_password"),
            Doctor.department_id,
            Department.name.label("department_name"),
            Doctor.room_id,
            Room.room_number,
            Doctor.title,
            Doctor.specialization,
            Doctor.bio,
            Doctor.translations,
            Doctor.license_number,
            Doctor.experience_years,
            Doctor.consultation_fee,
            Doctor.languages,
            User.version,
        )
        .join(Doctor, Doctor.user_id == User.id)
        .join(Department, Department.id == Doctor.department_id)
        .outerjoin(Room, Room.id == Doctor.room_id)
    ),
)


def _one(actor: Actor | None, rows: ReadModel[RowType], key: Any, entry_id: int) -> RowType:
    require(actor, Action.SEE_DIRECTORY_LISTS)
    found = session().execute(rows.select.where(key == row_id(entry_id))).one_or_none()
    if found is None:
        raise NotFound(NO_ENTRY)
    return rows.shape(found)


def one_department(actor: Actor | None, department_id: int) -> DepartmentEntry:
    """Return one department as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _DEPARTMENTS, Department.id, department_id)


def one_service(actor: Actor | None, service_id: int) -> ServiceEntry:
    """Return one service as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _SERVICES, Service.id, service_id)


def one_room(actor: Actor | None, room_id: int) -> RoomEntry:
    """Return one room as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _ROOMS, Room.id, room_id)


def one_doctor(actor: Actor | None, doctor_id: int) -> DoctorEntry:
    """Return one doctor as the office sees them; ``NotFound`` if there is none."""
    return _one(actor, _DOCTORS, Doctor.user_id, doctor_id)
