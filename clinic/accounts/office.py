"""The office's work on accounts: find people, correct them, invite doctors and admins by mail.

Switching an account off asks what hangs on it, so it is ``scheduling``'s; this module writes it.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from clinic import audit, clock, mail
from clinic.accounts import passwords
from clinic.accounts.models import NAME_MAX, PasswordReset, Patient, User
from clinic.accounts.profile import STALE
from clinic.accounts.resets import end_links_of, uid_of
from clinic.accounts.service import EMAIL_TAKEN, check_phone, checked_email, new_user
from clinic.accounts.sessions import digest_of, end_sessions_of
from clinic.audit import Deed, Subject
from clinic.db import atomic, row_id, session, translate_violation
from clinic.errors import Conflict, InvalidInput, NotFound, Stale
from clinic.i18n import N_, known_language
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, Role, require
from clinic.texts import Faults, folded, like_pattern

#: Somebody who is invited may be on holiday.
INVITATION_LASTS = timedelta(days=7)
NO_PERSON = N_("There is no such account.")
_SHOWN = (
    User.id,
    User.email,
    User.full_name,
    User.phone_num,
    User.role,
    User.is_active,
    User.language,
    User.created_at,
    User.updated_at,
    User.version,
)
#: The order of lists of people.
BY_NAME = (User.name_key, User.id)


def matching(search: str) -> ColumnElement[bool]:
    """Return the condition for people whose name (accents ignored), e-mail or phone holds ``search``."""
    pattern = like_pattern(folded(search))
    return (
        User.name_key.like(pattern, escape="/")
        | User.email.like(pattern, escape="/")
        | User.phone_num.like(pattern.replace(" ", ""), escape="/")
    )


def people(
    actor: Actor | None,
    *,
    role: str | None = None,
    active: bool | None = None,
    search: str = "",
    page: PageRequest | Keyset | None = None,
) -> Page:
    """Return the clinic's accounts by name; ``search`` is a part of the name, e-mail or phone."""
    require(actor, Action.RUN_OFFICE)
    where = []
    if role:
        if role not in list(Role):
            raise InvalidInput.of({"role": [N_("Please choose one of the answers.")]})
        where.append(User.role == role)
    if active is not None:
        where.append(User.is_active.is_(active))
    if search.strip():
        where.append(matching(search))
    return paginate(select(*_SHOWN), BY_NAME, page, lambda row: dict(row._mapping), where=where)


def person(actor: Actor | None, user_id: int) -> dict[str, Any]:
    """Return one account, a patient's with what ``patients`` adds; ``NotFound`` if there is none."""
    require(actor, Action.RUN_OFFICE)
    found = (
        session()
        .execute(
            select(
                *_SHOWN,
                Patient.date_of_birth,
                Patient.gender,
                Patient.address,
                Patient.insurance_id,
                Patient.emergency_contact,
                Patient.emergency_contact_phone,
            )
            .outerjoin(Patient, Patient.user_id == User.id)
            .where(User.id == row_id(user_id))
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound(NO_PERSON)
    return dict(found._mapping)


def locked_person(user_id: int, *roles: Role) -> User:
    """Return a user, locked, of one of ``roles``; ``NotFound`` otherwise."""
    user = session().scalar(
        select(User).where(User.id == row_id(user_id)).with_for_update().execution_options(populate_existing=True)
    )
    if user is None or (roles and Role(user.role) not in roles):
        raise NotFound(NO_PERSON)
    return user


@atomic
def edit_person(
    actor: Actor | None, user_id: int, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> None:
    """Correct ``full_name``, ``phone_num`` or ``email`` of an account.

    ``InvalidInput`` on each field at fault; ``Stale`` if it was changed since ``expected_version``.
    """
    actor = require(actor, Action.RUN_OFFICE)
    user = locked_person(user_id)
    if expected_version is not None and expected_version != user.version:
        raise Stale(STALE)
    faults = Faults()
    with session().no_autoflush:
        if "full_name" in changes:
            user.full_name = faults.text("full_name", changes["full_name"], most=NAME_MAX, required=True, line=True)
            user.name_key = folded(user.full_name)
        if "phone_num" in changes:
            user.phone_num = check_phone(faults, changes["phone_num"])
        if "email" in changes:
            user.email = checked_email(faults, changes["email"])
    faults.refuse()
    user.version += 1
    _flush()
    if "email" in changes:
        # What was mailed to the old address opens nothing any more.
        end_links_of(user.id)
    audit.record(actor, Deed.ACCOUNT_CHANGED, [_subject(user)], fields=sorted(changes))


def _subject(user: User) -> Subject:
    return Subject(user.id, user.id if user.role == Role.PATIENT else None)


def _flush() -> None:
    try:
        session().flush()
    except IntegrityError as error:
        if translate_violation(error) == "uq_users_email":
            raise InvalidInput.of({"email": [EMAIL_TAKEN]}) from error
        raise


def write_switch(actor: Actor, user: User, active: bool) -> None:
    """Write that an account is on or off in the present transaction; off ends all its sessions at once."""
    if user.id == actor.user_id:
        raise Conflict(N_("You can't switch off your own account."), code="own_account")
    user.is_active = active
    user.version += 1
    if not active:
        end_sessions_of(user.id, "account_disabled")
    session().flush()
    audit.record(actor, Deed.ACCOUNT_SWITCHED, [_subject(user)], active=active)


def add_invited(
    actor: Actor, *, email: str, full_name: str, phone_num: str, role: Role, language: str, faults: Faults
) -> User:
    """Add the account of somebody invited in the present transaction; nobody knows its password.

    What is wrong with the fields is raised together with what ``faults`` holds already.
    """
    address = checked_email(faults, email)
    name = faults.text("full_name", full_name, most=NAME_MAX, required=True, line=True)
    phone = check_phone(faults, phone_num)
    faults.refuse()
    secret = passwords.hash_password(secrets.token_urlsafe(32))
    user = new_user(address, secret, name, phone, role, known_language(language))
    session().add(user)
    _flush()
    audit.record(actor, Deed.ACCOUNT_CREATED, [_subject(user)], role=str(role))
    return user


def send_invitation(user: User, invited_by: str) -> None:
    """Queue the mail with the link to choose a password, in the present transaction; earlier links end."""
    end_links_of(user.id)
    token, at = secrets.token_urlsafe(32), clock.now()
    session().add(
        PasswordReset(user_id=user.id, token_digest=digest_of(token), created_at=at, expires_at=at + INVITATION_LASTS)
    )
    mail.queue(
        "invitation",
        to=user.email,
        language=user.language,
        context={
            "name": user.full_name,
            "by": invited_by,
            "role": str(user.role),
            "path": f"/reset-password/{uid_of(user.id)}/{token}",
        },
    )


@atomic
def invite_admin(actor: Actor | None, *, email: str, full_name: str, phone_num: str, language: str = "en") -> int:
    """Invite somebody to the office by mail; return the new account's id. ``InvalidInput`` on the fields."""
    actor = require(actor, Action.RUN_OFFICE)
    user = add_invited(
        actor,
        email=email,
        full_name=full_name,
        phone_num=phone_num,
        role=Role.ADMIN,
        language=language,
        faults=Faults(),
    )
    send_invitation(user, actor.full_name)
    return user.id


@atomic
def invite_again(actor: Actor | None, user_id: int) -> None:
    """Send a new invitation to a doctor or admin whose account is on."""
    actor = require(actor, Action.RUN_OFFICE)
    user = locked_person(user_id, Role.DOCTOR, Role.ADMIN)
    if not user.is_active:
        raise Conflict(N_("This account is switched off."), code="invalid_transition")
    send_invitation(user, actor.full_name)
