"""The actor's own profile: the user, with the part that their role adds (API, ``user/me/``)."""

from collections.abc import Mapping
from typing import Literal, assert_never, cast

from sqlalchemy import select

from clinic import audit
from clinic.accounts import for_domains as accounts
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, changed_columns, flush, row_id, session
from clinic.directory.models import BIO_MAX, NAME_MAX, TITLE_MAX, Department, Doctor, Room
from clinic.directory.rows import DoctorChanges, DoctorProfile, Profile, ProfileChanges
from clinic.errors import Conflict, ExpectedVersion
from clinic.i18n import N_, localized
from clinic.policy import Action, Actor, Role, require
from clinic.text.validation import ValidationErrors

ROOM_TAKEN = N_("This room belongs to another doctor.")
PATIENT_PROFILE: Literal["patient_profile"] = "patient_profile"
DOCTOR_PROFILE: Literal["doctor_profile"] = "doctor_profile"
_LIMITS: Mapping[Literal["title", "specialization", "bio"], int] = {
    "title": TITLE_MAX,
    "specialization": NAME_MAX,
    "bio": BIO_MAX,
}
DOCTOR_FIELDS = ("room", "title", "specialization", "bio")


def _own_fields(role: Role) -> list[str]:
    """Return what a role adds to everybody's fields, dotted."""
    match role:
        case Role.PATIENT:
            return [f"{PATIENT_PROFILE}.{name}" for name in accounts.PATIENT_FIELDS]
        case Role.DOCTOR:
            return [f"{DOCTOR_PROFILE}.{name}" for name in DOCTOR_FIELDS]
        case Role.ADMIN:
            return []
        case other:
            assert_never(other)


#: What each role may change of itself; nested fields are dotted.
EDITABLE: Mapping[Role, frozenset[str]] = {
    role: frozenset([*accounts.ACCOUNT_FIELDS, *_own_fields(role)]) for role in Role
}


def me(actor: Actor | None) -> Profile:
    """Return the API's User of the actor, with the profile of their role (an admin has none), and its version."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    shown = cast(Profile, accounts.account(actor))
    match actor.role:
        case Role.PATIENT:
            shown[PATIENT_PROFILE] = accounts.patient_profile(actor)
        case Role.DOCTOR:
            shown[DOCTOR_PROFILE] = _doctor_profile(actor)
        case Role.ADMIN:
            pass
        case other:
            assert_never(other)
    return shown


def _doctor_profile(actor: Actor) -> DoctorProfile:
    found = session().execute(
        select(
            Doctor.department_id,
            Department.name.label("department_name"),
            Department.translations.label("department_translations"),
            Doctor.room_id,
            Doctor.title,
            Doctor.specialization,
            Doctor.bio,
            Doctor.license_number,
            Doctor.experience_years,
            Doctor.consultation_fee,
            Doctor.rating,
            Doctor.total_reviews,
            Doctor.avatar_url,
        )
        .join(Department, Department.id == Doctor.department_id)
        .where(Doctor.user_id == actor.user_id)
    )
    row = found.one()
    return {
        "department_id": row.department_id,
        "department_name": localized(row.department_name, row.department_translations, "name", actor.language),
        "room_id": row.room_id,
        # What the doctor edits comes as it is stored, not translated.
        "title": row.title,
        "specialization": row.specialization,
        "bio": row.bio,
        "license_number": row.license_number,
        "experience_years": row.experience_years,
        "consultation_fee": row.consultation_fee,
        "rating": row.rating,
        "total_reviews": row.total_reviews,
        "avatar_url": row.avatar_url,
    }


@atomic
def update_me(actor: Actor | None, changes: ProfileChanges, *, expected_version: ExpectedVersion = None) -> Profile:
    """Change what is given of the actor's own profile and return it whole.

    ``changes`` holds ``full_name``, ``phone_num`` and, nested, the profile of the role; only what ``EDITABLE`` names
    may be in it. ``InvalidInput`` on each field at fault, ``Conflict`` ``room_taken`` on ``doctor_profile.room``,
    ``Stale`` if ``expected_version`` is no longer the profile's version. What changes nothing makes no new version.
    """
    actor = require(actor, Action.CHANGE_OWN_ACCOUNT)
    user = accounts.lock_account(actor, expected_version)
    errors = ValidationErrors()
    _refuse_others(changes, EDITABLE[actor.role], errors)
    with session().no_autoflush:
        accounts.change_account(user, changes, errors)
        match actor.role:
            case Role.PATIENT:
                theirs = changes.get(PATIENT_PROFILE) or {}
                accounts.change_patient(actor.user_id, theirs, errors, f"{PATIENT_PROFILE}.")
            case Role.DOCTOR:
                _change_doctor(actor, changes.get(DOCTOR_PROFILE) or {}, errors)
            case Role.ADMIN:
                pass
            case other:
                assert_never(other)
    errors.raise_if_any()
    if fields := _changed_fields(actor.role):
        accounts.changed(user)
        # Somebody may have taken the room a moment earlier.
        flush({"uq_doctors_room_id": _room_taken()})
        audit.record(actor, AuditAction.ACCOUNT_CHANGED, [Subject.of_user(user.id, user.role)], fields=fields)
    return me(actor)


def _changed_fields(role: Role) -> list[str]:
    """Return by name what the present transaction changed of a profile, as ``EDITABLE`` calls it without its part."""
    columns = {name for row in session().dirty for name in changed_columns(row)}
    editable = {path.rpartition(".")[2] for path in EDITABLE[role]}
    return sorted(name for name in editable if (f"{name}_id" if name == "room" else name) in columns)


def _refuse_others(changes: Mapping[str, object], editable: frozenset[str], errors: ValidationErrors) -> None:
    for name, value in changes.items():
        inner = [f"{name}.{key}" for key in value] if isinstance(value, Mapping) else [name]
        for path in inner:
            if path not in editable:
                errors.add(path, N_("This can't be changed here."))


def _change_doctor(actor: Actor, changes: DoctorChanges, errors: ValidationErrors) -> None:
    doctor = session().get_one(Doctor, actor.user_id, populate_existing=True, with_for_update=True)
    for name, most in _LIMITS.items():
        if name not in changes:
            continue
        text = errors.text(f"{DOCTOR_PROFILE}.{name}", changes[name], most=most)
        if text != getattr(doctor, name):
            setattr(doctor, name, text)
            # What stood in other languages translated the old text.
            doctor.translations = {
                language: rest
                for language, texts in (doctor.translations or {}).items()
                if (rest := {key: value for key, value in texts.items() if key != name})
            }
    if "room" in changes:
        doctor.room_id = _checked_room(actor, changes["room"], errors)


def _checked_room(actor: Actor, room_id: int | None, errors: ValidationErrors) -> int | None:
    if room_id is None:
        return None
    field = f"{DOCTOR_PROFILE}.room"
    known = select(Room.id).where(Room.id == row_id(room_id), Room.is_active)
    if session().execute(known).first() is None:
        errors.add(field, N_("Please choose one of the clinic's rooms."))
        return None
    taken = select(Doctor.user_id).where(Doctor.room_id == room_id, Doctor.user_id != actor.user_id)
    if session().execute(taken).first() is not None:
        if not errors.by_field:
            raise _room_taken()
        errors.add(field, ROOM_TAKEN)
    return room_id


def _room_taken() -> Conflict:
    return Conflict(ROOM_TAKEN, code="room_taken", field=f"{DOCTOR_PROFILE}.room")
