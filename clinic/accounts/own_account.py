"""A person's own account: what they see of it and what they may change, whatever their role.

A doctor's part of the profile belongs to ``directory``; what stands here is the user's and the patient's.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import bindparam, select

from clinic import clock
from clinic.accounts.email_change_models import EmailChange
from clinic.accounts.models import (
    ADDRESS_MAX,
    GENDERS,
    INSURANCE_MAX,
    NAME_MAX,
    Patient,
    User,
)
from clinic.accounts.rows import AccountChanges, AccountRow, PatientChanges, PatientProfile
from clinic.accounts.service import check_birth, check_phone
from clinic.db import ReadModel, UtcDateTime, changed_columns, session
from clinic.errors import ExpectedVersion, check_version
from clinic.i18n import N_
from clinic.mail import MailedLink
from clinic.policy import Action, Actor, require
from clinic.text.validation import ValidationErrors

STALE = N_("Somebody changed this profile after you opened it.")
#: What everybody may change of their user, and a patient of their profile (API, ``user/me/``).
ACCOUNT_FIELDS = ("full_name", "phone_num")
PATIENT_FIELDS = (
    "date_of_birth",
    "gender",
    "address",
    "insurance_id",
    "emergency_contact",
    "emergency_contact_phone",
)
_LIMITS: Mapping[Literal["address", "insurance_id", "emergency_contact"], int] = {
    "address": ADDRESS_MAX,
    "insurance_id": INSURANCE_MAX,
    "emergency_contact": NAME_MAX,
}


#: What everybody sees of their own account, and the office of all.
ACCOUNT_COLUMNS = (
    User.id,
    User.email,
    User.full_name,
    User.phone_num,
    User.role,
    User.is_active,
    User.created_at,
    User.updated_at,
    User.version,
)
#: The e-mail that waits to become an account's; of the moment ``now``.
PENDING_EMAIL = (
    select(EmailChange.new_email)
    .join(MailedLink, MailedLink.id == EmailChange.confirm_link_id)
    .where(
        EmailChange.user_id == User.id,
        EmailChange.ended_at.is_(None),
        MailedLink.ended_at.is_(None),
        MailedLink.expires_at > bindparam("now", type_=UtcDateTime),
    )
    .correlate(User)
    .scalar_subquery()
    .label("pending_email")
)
_ACCOUNTS = ReadModel(
    AccountRow,
    select(
        *ACCOUNT_COLUMNS,
        User.email_confirmed_at.is_not(None).label("email_confirmed"),
        PENDING_EMAIL,
        User.identity_seen_at.is_not(None).label("identity_seen"),
    ),
)
_PATIENTS = ReadModel(PatientProfile, select(*(getattr(Patient, name) for name in PATIENT_FIELDS)))


def account(actor: Actor | None) -> AccountRow:
    """Return the columns of the actor's own user that the API shows, and its version."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    own = _ACCOUNTS.select.where(User.id == actor.user_id)
    return _ACCOUNTS.shape(session().execute(own, {"now": clock.now()}).one())


def patient_profile(actor: Actor) -> PatientProfile:
    """Return what the API calls ``patient_profile`` of a patient."""
    return _PATIENTS.shape(session().execute(_PATIENTS.select.where(Patient.user_id == actor.user_id)).one())


def lock_account(actor: Actor, expected_version: ExpectedVersion) -> User:
    """Return the actor's user, locked for a change of the profile; ``Stale`` if it is no longer that version."""
    user = (
        session()
        .scalars(
            select(User).where(User.id == actor.user_id).with_for_update().execution_options(populate_existing=True)
        )
        .one()
    )
    check_version(expected_version, user.version, STALE)
    return user


def change_account(user: User, changes: AccountChanges, errors: ValidationErrors) -> None:
    """Set ``full_name`` and ``phone_num`` where given, noting what is wrong, in the present transaction."""
    if "full_name" in changes:
        user.full_name = errors.text("full_name", changes["full_name"], most=NAME_MAX, required=True, line=True)
    if "phone_num" in changes:
        user.phone_num = check_phone(errors, changes["phone_num"])


def change_patient(user_id: int, changes: PatientChanges, errors: ValidationErrors, prefix: str = "") -> set[str]:
    """Set what is given of a patient's profile and return which fields changed; faults are named ``<prefix><field>``."""
    values = checked_patient(changes, errors, prefix)
    if not values or errors.by_field:
        return set()
    patient = session().get_one(Patient, user_id, populate_existing=True)
    for name, value in values.items():
        setattr(patient, name, value)
    return changed_columns(patient) & set(PATIENT_FIELDS)


def checked_patient(changes: PatientChanges, errors: ValidationErrors, prefix: str = "") -> dict[str, object]:
    """Return what is given of a patient's profile as it is stored, noting what is wrong."""
    values: dict[str, object] = {}
    for name, most in _LIMITS.items():
        if name in changes:
            values[name] = errors.text(f"{prefix}{name}", changes[name], most=most) or None
    if "date_of_birth" in changes:
        values["date_of_birth"] = check_birth(errors, changes["date_of_birth"], field=f"{prefix}date_of_birth")
    if "gender" in changes:
        if changes["gender"] not in GENDERS:
            errors.add(f"{prefix}gender", N_("Please choose one of the answers."))
        values["gender"] = changes["gender"]
    if "emergency_contact_phone" in changes:
        field = f"{prefix}emergency_contact_phone"
        phone = check_phone(errors, changes["emergency_contact_phone"], field=field, required=False)
        values["emergency_contact_phone"] = phone or None
    return values


def changed(user: User) -> None:
    """Note that the profile has a new version."""
    user.version += 1
    user.updated_at = clock.now()
