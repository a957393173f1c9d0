"""The office's work on what the clinic offers: departments, services, rooms and doctors, active or not.

Switching one off asks which visits hang on it, so it is ``scheduling``'s.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic import audit
from clinic.accounts import office as accounts
from clinic.accounts.models import User
from clinic.audit import Deed, Subject
from clinic.db import AnySelect, atomic, row_id, session, translate_violation
from clinic.directory.models import (
    BIO_MAX,
    ICON_MAX,
    LICENSE_MAX,
    NAME_MAX,
    ROOM_NUMBER_MAX,
    TITLE_MAX,
    Department,
    Doctor,
    Room,
    Service,
)
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, Role, require
from clinic.texts import Faults, like_pattern

DESCRIPTION_MAX = 2000
MOST_MONEY = Decimal("9999999999.99")
MOST_FLOOR = 200
MOST_YEARS = 80
#: The Vietnamese of a text is typed into the field of this name.
VIETNAMESE = "vi"
_TAKEN = {
    "uq_departments_name": ("name", N_("There is a department of this name.")),
    "uq_rooms_room_number": ("room_number", N_("There is a room of this number.")),
    "uq_doctors_license_number": ("license_number", N_("Another doctor has this licence number.")),
    "uq_doctors_room_id": ("room_id", N_("This room is another doctor's.")),
}


def _page(
    rows: AnySelect, order: Any, active: bool | None, column: Any, page: PageRequest | Keyset | None, *where: Any
) -> Page:
    switched = [] if active is None else [column.is_(active)]
    return paginate(rows, order, page, lambda row: dict(row._mapping), where=[*where, *switched])


def _containing(column: Any, search: str) -> Any:
    return column.ilike(like_pattern(search.strip()), escape="/")


def _of(column: Any, department_id: int | None) -> list[Any]:
    return [] if department_id is None else [column == row_id(department_id)]


def _named(kind: Any, search: str) -> Any:
    """Return the condition for entries whose English or Vietnamese name holds ``search``."""
    return _containing(kind.name, search) | _containing(kind.translations[(VIETNAMESE, "name")].as_string(), search)


def _department_rows() -> AnySelect:
    return select(
        Department.id,
        Department.name,
        Department.icon,
        Department.description,
        Department.translations,
        Department.health_examination_fee,
        Department.is_active,
    )


def all_departments(
    actor: Actor | None, *, search: str = "", active: bool | None = None, page: PageRequest | Keyset | None = None
) -> Page:
    """Return the departments by name, inactive ones too."""
    require(actor, Action.RUN_OFFICE)
    order = (Department.name, Department.id)
    return _page(_department_rows(), order, active, Department.is_active, page, _named(Department, search))


def _service_rows() -> AnySelect:
    return select(
        Service.id,
        Service.name,
        Service.description,
        Service.translations,
        Service.price,
        Service.is_active,
        Service.department_id,
        Department.name.label("department_name"),
    ).join(Department, Department.id == Service.department_id)


def all_services(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page:
    """Return the services by department and name, inactive ones too."""
    require(actor, Action.RUN_OFFICE)
    order = (Department.name, Service.name, Service.id)
    where = (_named(Service, search), *_of(Service.department_id, department_id))
    return _page(_service_rows(), order, active, Service.is_active, page, *where)


def _room_rows() -> AnySelect:
    return (
        select(
            Room.id,
            Room.room_number,
            Room.floor,
            Room.is_active,
            Room.department_id,
            Department.name.label("department_name"),
            Doctor.user_id.label("doctor_id"),
            User.full_name.label("doctor_name"),
        )
        .outerjoin(Department, Department.id == Room.department_id)
        .outerjoin(Doctor, Doctor.room_id == Room.id)
        .outerjoin(User, User.id == Doctor.user_id)
    )


def all_rooms(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page:
    """Return the rooms by floor and number, inactive ones too, each with the doctor whose own it is."""
    require(actor, Action.RUN_OFFICE)
    order = (Room.floor, Room.room_number, Room.id)
    where = (_containing(Room.room_number, search), *_of(Room.department_id, department_id))
    return _page(_room_rows(), order, active, Room.is_active, page, *where)


def all_doctors(
    actor: Actor | None,
    *,
    search: str = "",
    department_id: int | None = None,
    active: bool | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page:
    """Return the doctors by name, those whose account is off too."""
    require(actor, Action.RUN_OFFICE)
    where = (accounts.matching(search), *_of(Doctor.department_id, department_id))
    return _page(_doctor_rows(), accounts.BY_NAME, active, User.is_active, page, *where)


def _doctor_rows() -> AnySelect:
    return (
        select(
            User.id,
            User.full_name,
            User.email,
            User.phone_num,
            User.is_active,
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
        )
        .join(Doctor, Doctor.user_id == User.id)
        .join(Department, Department.id == Doctor.department_id)
        .outerjoin(Room, Room.id == Doctor.room_id)
    )


def _one(actor: Actor | None, rows: AnySelect, key: Any, entry_id: int) -> dict[str, Any]:
    require(actor, Action.RUN_OFFICE)
    found = session().execute(rows.where(key == row_id(entry_id))).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such entry."))
    return dict(found._mapping)


def one_department(actor: Actor | None, department_id: int) -> dict[str, Any]:
    """Return one department as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _department_rows(), Department.id, department_id)


def one_service(actor: Actor | None, service_id: int) -> dict[str, Any]:
    """Return one service as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _service_rows(), Service.id, service_id)


def one_room(actor: Actor | None, room_id: int) -> dict[str, Any]:
    """Return one room as the office sees it; ``NotFound`` if there is none."""
    return _one(actor, _room_rows(), Room.id, room_id)


def one_doctor(actor: Actor | None, doctor_id: int) -> dict[str, Any]:
    """Return one doctor as the office sees them; ``NotFound`` if there is none."""
    return _one(actor, _doctor_rows(), Doctor.user_id, doctor_id)


# --- writing ----------------------------------------------------------------------------------------------------------


def _money(faults: Faults, field: str, value: Decimal | None) -> Decimal:
    if value is None:
        faults.add(field, N_("Please enter an amount."))
    elif not value.is_finite() or value < 0 or value > MOST_MONEY:
        faults.add(field, N_("Please enter an amount of 0 or more."))
    else:
        return value
    return Decimal(0)


def _number(faults: Faults, field: str, value: int | None, most: int) -> int:
    if value is None or not 0 <= value <= most:
        faults.add(field, N_("Please enter a number from 0 to %(most)d."), most=most)
        return 0
    return value


def _texts(faults: Faults, row: Any, values: Mapping[str, Any], limits: Mapping[str, tuple[int, bool]]) -> None:
    """Set the bilingual texts of ``row``: ``name`` in English, ``name_vi`` in Vietnamese."""
    vietnamese = dict((row.translations or {}).get(VIETNAMESE, {}))
    for name, (most, required) in limits.items():
        setattr(row, name, faults.text(name, values.get(name), most=most, required=required))
        told = faults.text(f"{name}_{VIETNAMESE}", values.get(f"{name}_{VIETNAMESE}"), most=most)
        vietnamese.pop(name, None)
        if told:
            vietnamese[name] = told
    row.translations = {**(row.translations or {}), VIETNAMESE: vietnamese}


def _department_of(faults: Faults, department_id: int | None, *, required: bool) -> int | None:
    if department_id is None:
        if required:
            faults.add("department_id", N_("Please choose a department."))
        return None
    known = select(Department.id).where(Department.id == row_id(department_id))
    if session().execute(known).first() is None:
        faults.add("department_id", N_("There is no such department."))
        return None
    return department_id


def _save(actor: Actor, row: Any, faults: Faults, kind: str) -> int:
    faults.refuse()
    session().add(row)
    try:
        session().flush()
    except IntegrityError as error:
        taken = _TAKEN.get(translate_violation(error) or "")
        if taken is None:
            raise
        raise InvalidInput.of({taken[0]: [taken[1]]}) from error
    number = int(getattr(row, "id", None) or row.user_id)
    audit.record(actor, Deed.DIRECTORY_CHANGED, [Subject(number)], kind=kind)
    return number


def _locked(kind: type[Any], entry_id: int) -> Any:
    found = session().get(kind, row_id(entry_id), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(N_("There is no such entry."))
    return found


@atomic
def save_department(actor: Actor | None, values: Mapping[str, Any], *, department_id: int | None = None) -> int:
    """Create or change a department and return its id.

    ``values``: name, name_vi, icon, description, description_vi, health_examination_fee (VND). ``InvalidInput`` on
    each field at fault.
    """
    actor = require(actor, Action.RUN_OFFICE)
    row = Department() if department_id is None else _locked(Department, department_id)
    faults = Faults()
    with session().no_autoflush:
        _texts(faults, row, values, {"name": (NAME_MAX, True), "description": (DESCRIPTION_MAX, False)})
        row.icon = faults.text("icon", values.get("icon"), most=ICON_MAX) or "stethoscope"
        row.health_examination_fee = _money(faults, "health_examination_fee", values.get("health_examination_fee"))
    return _save(actor, row, faults, "department")


@atomic
def save_service(actor: Actor | None, values: Mapping[str, Any], *, service_id: int | None = None) -> int:
    """Create or change a service and return its id.

    ``values``: department_id, name, name_vi, description, description_vi, price (VND).
    """
    actor = require(actor, Action.RUN_OFFICE)
    row = Service() if service_id is None else _locked(Service, service_id)
    faults = Faults()
    with session().no_autoflush:
        _texts(faults, row, values, {"name": (NAME_MAX, True), "description": (DESCRIPTION_MAX, False)})
        row.department_id = _department_of(faults, values.get("department_id"), required=True)
        row.price = _money(faults, "price", values.get("price"))
    return _save(actor, row, faults, "service")


@atomic
def save_room(actor: Actor | None, values: Mapping[str, Any], *, room_id: int | None = None) -> int:
    """Create or change a room and return its id. ``values``: room_number, floor, department_id (or None)."""
    actor = require(actor, Action.RUN_OFFICE)
    row = Room() if room_id is None else _locked(Room, room_id)
    faults = Faults()
    with session().no_autoflush:
        row.room_number = faults.text("room_number", values.get("room_number"), most=ROOM_NUMBER_MAX, required=True)
        row.floor = _number(faults, "floor", values.get("floor"), MOST_FLOOR)
        row.department_id = _department_of(faults, values.get("department_id"), required=False)
    return _save(actor, row, faults, "room")


def _set_doctor(row: Doctor, values: Mapping[str, Any], faults: Faults) -> None:
    _texts(
        faults,
        row,
        values,
        {"title": (TITLE_MAX, False), "specialization": (NAME_MAX, False), "bio": (BIO_MAX, False)},
    )
    row.license_number = faults.text("license_number", values.get("license_number"), most=LICENSE_MAX, required=True)
    row.experience_years = _number(faults, "experience_years", values.get("experience_years"), MOST_YEARS)
    row.consultation_fee = _money(faults, "consultation_fee", values.get("consultation_fee"))
    department_id = _department_of(faults, values.get("department_id"), required=True)
    if department_id is not None:
        row.department_id = department_id
    row.room_id = _room_of(faults, values.get("room_id"), row.room_id)


def _room_of(faults: Faults, room_id: int | None, present: int | None) -> int | None:
    """Return the room if it may be a doctor's own; the present one may stay though it is switched off."""
    if room_id is None or room_id == present:
        return room_id
    known = select(Room.id).where(Room.id == row_id(room_id), Room.is_active)
    if session().execute(known).first() is None:
        faults.add("room_id", N_("Please choose one of the clinic's rooms."))
        return None
    return room_id


def write_doctor(actor: Actor, doctor_id: int, values: Mapping[str, Any]) -> int:
    """Change a doctor's entry in the present transaction (``scheduling`` asks about visits before)."""
    row = _locked(Doctor, doctor_id)
    # The doctor's own page and the API hold the profile by this version.
    accounts.locked_person(doctor_id).version += 1
    faults = Faults()
    with session().no_autoflush:
        _set_doctor(row, values, faults)
    return _save(actor, row, faults, "doctor")


@atomic
def invite_doctor(
    actor: Actor | None,
    *,
    email: str,
    full_name: str,
    phone_num: str,
    language: str = "en",
    values: Mapping[str, Any],
) -> int:
    """Invite a doctor by mail and return the new account's id.

    ``values``: department_id, room_id (or None), license_number, title, specialization, bio (each with ``_vi``),
    experience_years, consultation_fee. ``InvalidInput`` on every field at fault.
    """
    actor = require(actor, Action.RUN_OFFICE)
    row, faults = Doctor(), Faults()
    with session().no_autoflush:
        _set_doctor(row, values, faults)
    user = accounts.add_invited(
        actor,
        email=email,
        full_name=full_name,
        phone_num=phone_num,
        role=Role.DOCTOR,
        language=language,
        faults=faults,
    )
    row.user_id = user.id
    _save(actor, row, faults, "doctor")
    accounts.send_invitation(user, actor.full_name)
    return user.id
