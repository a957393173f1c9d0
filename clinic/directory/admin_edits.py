"""The office writes what the clinic offers: departments, services, rooms and doctors.

Each entry has a version, so that two people who edit it at once don't write over each other unseen.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from clinic import audit
from clinic.accounts import for_domains as accounts
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, flush, row_id, session
from clinic.directory.models import (
    BIO_MAX,
    DESCRIPTION_MAX,
    ICON_MAX,
    LICENSE_MAX,
    MOST_FLOOR,
    MOST_MONEY,
    MOST_YEARS,
    NAME_MAX,
    NO_ENTRY,
    ROOM_NUMBER_MAX,
    SPOKEN_LANGUAGES,
    TITLE_MAX,
    VIETNAMESE,
    Department,
    Doctor,
    Room,
    Service,
)
from clinic.directory.new_doctors import hold_for_new_doctor
from clinic.directory.rows import DepartmentValues, DoctorValues, RoomValues, ServiceValues
from clinic.errors import ExpectedVersion, InvalidInput, NotFound, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, require, require_recent
from clinic.text.validation import ValidationErrors

STALE = N_("Somebody else changed this entry after you opened it.")
_TAKEN = {
    "uq_departments_name": ("name", N_("There's already a department with this name.")),
    "uq_rooms_room_number": ("room_number", N_("There's already a room with this number.")),
    "uq_doctors_license_number": ("license_number", N_("Another doctor has this licence number.")),
    "uq_doctors_room_id": ("room_id", N_("This room belongs to another doctor.")),
}


def _money(errors: ValidationErrors, field: str, value: Decimal | None) -> Decimal:
    if value is None:
        errors.add(field, N_("Please enter an amount."))
    elif not value.is_finite() or value < 0 or value > MOST_MONEY:
        errors.add(field, N_("Please enter an amount of 0 or more."))
    else:
        return value
    return Decimal(0)


def _number(errors: ValidationErrors, field: str, value: int | None, most: int) -> int:
    if value is None or not 0 <= value <= most:
        errors.add(field, N_("Please enter a number from 0 to %(most)d."), most=most)
        return 0
    return value


def _texts(
    errors: ValidationErrors, row: Any, values: Mapping[str, Any], limits: Mapping[str, tuple[int, bool]]
) -> None:
    """Set the bilingual texts of ``row``: ``name`` in English, ``name_vi`` in Vietnamese."""
    present = (row.translations or {}).get(VIETNAMESE, {})
    vietnamese = dict(present)
    for name, (most, required) in limits.items():
        setattr(row, name, errors.text(name, values.get(name), most=most, required=required))
        translated = errors.text(f"{name}_{VIETNAMESE}", values.get(f"{name}_{VIETNAMESE}"), most=most)
        vietnamese.pop(name, None)
        if translated:
            vietnamese[name] = translated
    # A language without a text and one that isn't there are the same: neither is a change of the other.
    if vietnamese != present or row.translations is None:
        others = {code: texts for code, texts in (row.translations or {}).items() if code != VIETNAMESE}
        row.translations = {**others, VIETNAMESE: vietnamese} if vietnamese else others


def _department_of(errors: ValidationErrors, department_id: int | None, *, required: bool) -> int | None:
    if department_id is None:
        if required:
            errors.add("department_id", N_("Please choose a department."))
        return None
    known = select(Department.id).where(Department.id == row_id(department_id))
    if session().execute(known).first() is None:
        errors.add("department_id", N_("We can't find this department."))
        return None
    return department_id


def _save(actor: Actor, row: Any, versioned: Any, errors: ValidationErrors, kind: str) -> int:
    """Write ``row``, count a new version of ``versioned`` (which carries its version) and tell the audit.

    Where nothing changes, nothing is written.
    """
    errors.raise_if_any()
    is_new = row not in session()
    session().add(row)
    if not is_new and not session().is_modified(row):
        return _id_of(row)
    if not is_new:
        versioned.version += 1
    flush({name: InvalidInput.of({field: [message]}) for name, (field, message) in _TAKEN.items()})
    audit.record(actor, AuditAction.DIRECTORY_CHANGED, [Subject(_id_of(row))], kind=kind)
    return _id_of(row)


def _id_of(row: Any) -> int:
    return int(getattr(row, "id", None) or row.user_id)


def _locked(kind: type[Any], entry_id: int) -> Any:
    found = session().get(kind, row_id(entry_id), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(NO_ENTRY)
    return found


def _to_change(kind: type[Any], entry_id: int | None, expected_version: ExpectedVersion) -> Any:
    """Return the entry, locked, or a new one without ``entry_id``; ``Stale`` if it is no longer that version."""
    if entry_id is None:
        return kind()
    row = _locked(kind, entry_id)
    check_version(expected_version, row.version, STALE)
    return row


@atomic
def save_department(
    actor: Actor | None,
    values: DepartmentValues,
    *,
    department_id: int | None = None,
    expected_version: ExpectedVersion = None,
) -> int:
    """Create or change a department and return its id.

    ``values``: name, name_vi, icon, description, description_vi, health_examination_fee (VND). ``InvalidInput`` on
    each field at fault; ``Stale`` if it was changed since ``expected_version``.
    """
    actor = require(actor, Action.MANAGE_DIRECTORY)
    row = _to_change(Department, department_id, expected_version)
    errors = ValidationErrors()
    with session().no_autoflush:
        _texts(errors, row, values, {"name": (NAME_MAX, True), "description": (DESCRIPTION_MAX, False)})
        row.icon = errors.text("icon", values.get("icon"), most=ICON_MAX) or "stethoscope"
        row.health_examination_fee = _money(errors, "health_examination_fee", values.get("health_examination_fee"))
    return _save(actor, row, row, errors, "department")


@atomic
def save_service(
    actor: Actor | None,
    values: ServiceValues,
    *,
    service_id: int | None = None,
    expected_version: ExpectedVersion = None,
) -> int:
    """Create or change a service and return its id, as ``save_department`` does.

    ``values``: department_id, name, name_vi, description, description_vi, price (VND).
    """
    actor = require(actor, Action.MANAGE_DIRECTORY)
    row = _to_change(Service, service_id, expected_version)
    errors = ValidationErrors()
    with session().no_autoflush:
        _texts(errors, row, values, {"name": (NAME_MAX, True), "description": (DESCRIPTION_MAX, False)})
        row.department_id = _department_of(errors, values.get("department_id"), required=True)
        row.price = _money(errors, "price", values.get("price"))
    return _save(actor, row, row, errors, "service")


@atomic
def save_room(
    actor: Actor | None,
    values: RoomValues,
    *,
    room_id: int | None = None,
    expected_version: ExpectedVersion = None,
) -> int:
    """Create or change a room and return its id, as ``save_department`` does.

    ``values``: room_number, floor, department_id (or None).
    """
    actor = require(actor, Action.MANAGE_DIRECTORY)
    row = _to_change(Room, room_id, expected_version)
    errors = ValidationErrors()
    with session().no_autoflush:
        row.room_number = errors.text("room_number", values.get("room_number"), most=ROOM_NUMBER_MAX, required=True)
        row.floor = _number(errors, "floor", values.get("floor"), MOST_FLOOR)
        row.department_id = _department_of(errors, values.get("department_id"), required=False)
    return _save(actor, row, row, errors, "room")


def _set_doctor(row: Doctor, values: DoctorValues, errors: ValidationErrors) -> None:
    _texts(
        errors,
        row,
        values,
        {"title": (TITLE_MAX, False), "specialization": (NAME_MAX, False), "bio": (BIO_MAX, False)},
    )
    row.license_number = errors.text("license_number", values.get("license_number"), most=LICENSE_MAX, required=True)
    row.experience_years = _number(errors, "experience_years", values.get("experience_years"), MOST_YEARS)
    row.consultation_fee = _money(errors, "consultation_fee", values.get("consultation_fee"))
    if "languages" in values:
        row.languages = _languages(errors, values["languages"])
    department_id = _department_of(errors, values.get("department_id"), required=True)
    if department_id is not None:
        row.department_id = department_id
    row.room_id = _room_of(errors, values.get("room_id"), row.room_id)


def _languages(errors: ValidationErrors, codes: Collection[str]) -> list[str]:
    """Return the languages of these codes in the order in which they are offered."""
    if not set(codes) <= set(SPOKEN_LANGUAGES):
        errors.add("languages", N_("Please choose from these languages."))
    return [code for code in SPOKEN_LANGUAGES if code in codes]


def _room_of(errors: ValidationErrors, room_id: int | None, present: int | None) -> int | None:
    """Return the room if it may be a doctor's own; the present one may stay though it is switched off."""
    if room_id is None or room_id == present:
        return room_id
    known = select(Room.id).where(Room.id == row_id(room_id), Room.is_active)
    if session().execute(known).first() is None:
        errors.add("room_id", N_("Please choose one of the clinic's rooms."))
        return None
    return room_id


def write_doctor(actor: Actor, doctor_id: int, values: DoctorValues, expected_version: ExpectedVersion) -> int:
    """Change a doctor's entry in the present transaction (``scheduling`` asks about appointments before)."""
    row = _locked(Doctor, doctor_id)
    # The doctor's own page and the API hold the profile by the same version.
    user = accounts.locked_person(doctor_id)
    check_version(expected_version, user.version, accounts.STALE_PROFILE)
    errors = ValidationErrors()
    with session().no_autoflush:
        _set_doctor(row, values, errors)
    return _save(actor, row, user, errors, "doctor")


@atomic
def invite_doctor(
    actor: Actor | None,
    *,
    email: str,
    full_name: str,
    phone_num: str,
    language: str = "en",
    values: DoctorValues,
) -> int:
    """Invite a doctor by mail and return the new account's id.

    ``values``: department_id, room_id (or None), license_number, title, specialization, bio (each with ``_vi``),
    experience_years, consultation_fee, languages (codes). ``InvalidInput`` on every field at fault.
    """
    actor = require_recent(require(require(actor, Action.MANAGE_DIRECTORY), Action.MANAGE_ACCOUNTS))
    hold_for_new_doctor()
    row, errors = Doctor(), ValidationErrors()
    with session().no_autoflush:
        _set_doctor(row, values, errors)
    user = accounts.add_invited(
        actor,
        email=email,
        full_name=full_name,
        phone_num=phone_num,
        role=Role.DOCTOR,
        language=language,
        errors=errors,
    )
    row.user_id = user.id
    _save(actor, row, user, errors, "doctor")
    accounts.send_invitation(user, actor)
    return user.id
