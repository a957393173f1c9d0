"""Accounts that the office makes for others: doctors and admins by invitation, patients who phone.

Such an account has no password: whoever has an e-mail is mailed a link to choose one.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Unpack

from clinic import audit, mail
from clinic.accounts.account_letters import INVITATION, InvitationFacts, StaffChange
from clinic.accounts.duties import checked_duties
from clinic.accounts.identity import note_invitation
from clinic.accounts.look_alikes import patients_alike
from clinic.accounts.models import NAME_MAX, NO_PASSWORD, OFFICE_OPENS, Patient, User
from clinic.accounts.notices import tell_admins
from clinic.accounts.own_account import checked_patient
from clinic.accounts.password_resets import end_links_of, mail_link_to
from clinic.accounts.rows import PatientDetails
from clinic.accounts.service import (
    check_phone,
    checked_email,
    flush_user,
    locked_person,
    new_user,
)
from clinic.accounts.uids import uid_of
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, session
from clinic.errors import Conflict
from clinic.i18n import N_, known_language
from clinic.mail import LinkPurpose
from clinic.policy import (
    EDITING_ACCOUNTS,
    Action,
    Actor,
    Duty,
    Role,
    editing_accounts_of,
    require,
    require_one_of,
    require_recent,
)
from clinic.text.validation import ValidationErrors

#: Somebody who is invited may be on holiday.
INVITATION_LASTS = timedelta(days=7)


def add_invited(
    actor: Actor,
    *,
    email: str | None,
    full_name: str,
    phone_num: str,
    role: Role,
    language: str,
    errors: ValidationErrors,
    patient: Patient | None = None,
    duties: Collection[Duty] = (),
) -> User:
    """Add the account of somebody invited in the present transaction; it has no password yet.

    Only a ``patient`` may be without an e-mail. What is wrong with the fields is raised together with what ``errors``
    holds already.
    """
    address = checked_email(errors, email, required=role is not Role.PATIENT)
    name = errors.text("full_name", full_name, most=NAME_MAX, required=True, line=True)
    phone = check_phone(errors, phone_num)
    errors.raise_if_any()
    user = new_user(address, NO_PASSWORD, name, phone, role, known_language(language), duties)
    user.patient = patient
    session().add(user)
    flush_user()
    audit.record(actor, AuditAction.ACCOUNT_CREATED, [Subject.of_user(user.id, user.role)], role=str(role))
    return user


def send_invitation(user: User, actor: Actor) -> None:
    """Queue the mail with the link to choose a password, in the present transaction; earlier links end.

    Nobody is invited who has no e-mail. Of a colleague the other admins are told.
    """
    end_links_of(user.id)
    if user.email is None:
        return
    link = mail.new_link(user.id, LinkPurpose.INVITATION, lasts=INVITATION_LASTS)
    facts = InvitationFacts(user.full_name, uid_of(user.id), link.expires_at, by=actor.full_name, role=str(user.role))
    mail.queue(INVITATION, facts, to=user.email, language=user.language, link_id=link.id)
    if user.role != Role.PATIENT:
        tell_admins(actor, user, StaffChange.INVITED)


@atomic
def invite_admin(
    actor: Actor | None,
    *,
    email: str,
    full_name: str,
    phone_num: str,
    language: str = "en",
    duties: Collection[str] = (Duty.RECEPTION,),
) -> int:
    """Invite somebody to the office by mail, with duties; return the new account's id. ``InvalidInput`` on the fields."""
    actor = require_recent(require(actor, Action.MANAGE_ACCOUNTS))
    errors = ValidationErrors()
    user = add_invited(
        actor,
        email=email,
        full_name=full_name,
        phone_num=phone_num,
        role=Role.ADMIN,
        duties=checked_duties(errors, duties),
        language=language,
        errors=errors,
    )
    send_invitation(user, actor)
    return user.id


@atomic
def invite_again(actor: Actor | None, user_id: int) -> None:
    """Send somebody a new invitation, whatever their role: the first may have gone to a mistyped e-mail.

    ``Conflict`` where the account is switched off, a patient has no e-mail, or the person has a password already: a link
    to choose another one is theirs alone to ask for, unless the office opens the account (``OFFICE_OPENS``).
    """
    actor = require_recent(require_one_of(actor, EDITING_ACCOUNTS))
    user = locked_person(user_id)
    require(actor, editing_accounts_of(Role(user.role)))
    if not user.is_active:
        raise Conflict(N_("This account is switched off."), code="invalid_transition")
    if user.email is None:
        raise Conflict(N_("This patient has no e-mail."), code="invalid_transition")
    if user.password_hash not in {NO_PASSWORD, OFFICE_OPENS}:
        raise Conflict(
            N_("This person already has a password. If they've forgotten it, they can choose a new one themselves."),
            code="invalid_transition",
        )
    note_invitation(actor, user)
    if user.password_hash == OFFICE_OPENS:
        end_links_of(user.id)
        mail_link_to(user)
    else:
        send_invitation(user, actor)
    audit.record(actor, AuditAction.ACCOUNT_INVITED, [Subject.of_user(user.id, user.role)])


@atomic
def admit_patient(
    actor: Actor | None,
    *,
    full_name: str,
    phone_num: str,
    date_of_birth: date | None,
    gender: str,
    email: str | None = "",
    language: str = "en",
    none_of: Collection[int] = (),
    **more: Unpack[PatientDetails],
) -> int:
    """Make the account of a patient who phones or stands at the desk, and return its id.

    ``more`` is what else the clinic asks for (``PATIENT_FIELDS``). With an e-mail they are mailed a link to choose a
    password; without one they are a patient who doesn't sign in. ``InvalidInput`` on the fields; ``Conflict``
    ``patient_known`` if there are patients who look alike (``look_alikes``) and whom the admin wasn't shown: ``none_of``
    are the ids of those who were, and it is none of them.
    """
    actor = require(actor, Action.EDIT_PATIENTS)
    alike = patients_alike(actor, full_name, phone_num, date_of_birth)
    errors = ValidationErrors()
    values = checked_patient({"date_of_birth": date_of_birth, "gender": gender, **more}, errors)
    user = add_invited(
        actor,
        email=email,
        full_name=full_name,
        phone_num=phone_num,
        role=Role.PATIENT,
        language=language,
        errors=errors,
        patient=Patient(**values),
    )
    if not {each.id for each in alike}.issubset(none_of):
        raise Conflict(
            N_("There's already a patient with similar details. Please check before you go on."), code="patient_known"
        )
    send_invitation(user, actor)
    return user.id
