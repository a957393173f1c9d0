"""Registration, and the operator's making of an admin."""

from collections.abc import Collection
from datetime import date
from secrets import token_hex
from typing import Unpack

from sqlalchemy import select

from clinic import audit, clock
from clinic.accounts import passwords
from clinic.accounts.email_change_models import EmailChange, EmailChangeEnd
from clinic.accounts.email_confirmation import queue_confirmation
from clinic.accounts.email_letters import EMAIL_IN_USE, NoFacts
from clinic.accounts.known_devices import start_known_session
from clinic.accounts.models import (
    ADDRESS_MAX,
    GENDERS,
    NAME_MAX,
    Patient,
    SessionKind,
    User,
)
from clinic.accounts.notices import notify
from clinic.accounts.passwords import Owner
from clinic.accounts.rows import Registration
from clinic.accounts.sessions import Origin, SignedIn
from clinic.audit import OPERATOR, AuditAction, Subject, SystemActor
from clinic.db import atomic, flush, row_id, session, transaction
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import DEFAULT_LANGUAGE, N_, known_language
from clinic.policy import EVERY_DUTY, Actor, Duty, Role, in_order, is_staff
from clinic.text import emails, phones
from clinic.text.validation import ValidationErrors

#: Where nobody has a mailbox (RFC 2606).
_NOWHERE = "clinic.invalid"
NO_PERSON = N_("We can't find this account.")
EMAIL_TAKEN = N_("There's already an account with this e-mail.")
EARLIEST_BIRTH = date(1900, 1, 1)


def checked_email(
    errors: ValidationErrors,
    email: str | None,
    *,
    required: bool = True,
    own: int | None = None,
    may_be_taken: bool = False,
) -> str | None:
    """Return an e-mail as it is stored, None for none, adding to ``errors`` if it isn't one or is another user's.

    ``own`` is the user whose it may be; ``may_be_taken``: another user's is taken all the same.
    """
    address = emails.canonical(errors.text("email", email, most=emails.EMAIL_MAX, required=required))
    if address and not errors.by_field.get("email"):
        if not emails.is_email(address):
            errors.add("email", N_("Please enter an e-mail address like name@example.com."))
        elif not (may_be_taken or is_free(address, own=own)):
            errors.add("email", EMAIL_TAKEN)
    return address or None


def is_free(address: str, *, own: int | None = None) -> bool:
    """Return whether an account may have an e-mail: it is nobody else's than ``own``'s, and none that somebody else may
    still take back (``email_changes``)."""
    found = user_by_email(address)
    if found is not None:
        return found.id == own
    taken_back = select(EmailChange.id).where(
        EmailChange.old_email == address,
        EmailChange.ended_because == EmailChangeEnd.CONFIRMED,
        EmailChange.vetoable_until > clock.now(),
        EmailChange.user_id != (own or 0),
    )
    return session().execute(taken_back).first() is None


def check_phone(errors: ValidationErrors, phone: str | None, *, field: str = "phone_num", required: bool = True) -> str:
    """Return a phone number as it is stored, adding to ``errors`` if it isn't one."""
    number = phones.canonical(errors.text(field, phone, most=phones.TYPED_MOST, required=required))
    if number and not phones.is_phone(number):
        errors.add(field, N_("Please enter a phone number of %(digits)d digits."), digits=phones.PHONE_DIGITS)
    return number


def check_birth(errors: ValidationErrors, born: date | None, *, field: str = "date_of_birth") -> date:
    """Return a date of birth, adding to ``errors`` if it is missing, in the future, or not of this time."""
    if born is None:
        errors.add(field, N_("Please fill this in."))
    elif born > clock.today():
        errors.add(field, N_("A date of birth can't be in the future."))
    elif born < EARLIEST_BIRTH:
        errors.add(field, N_("Please check the year of birth."))
    return born or EARLIEST_BIRTH


def register_patient(*, kind: SessionKind, origin: Origin, **details: Unpack[Registration]) -> SignedIn:
    """Create a patient's account and sign them in, in one transaction.

    ``InvalidInput`` with the text of every field at fault; a taken e-mail (compared without regard to case) is a
    fault of ``email`` (API, ``auth/register/``).
    """
    user = _new_patient(details)
    with transaction() as current:
        current.add(user)
        flush_user()
        signed_in = start_known_session(user, kind, origin)
        queue_confirmation(user)
        subject = Subject.of_user(user.id, user.role)
        audit.record(signed_in.actor, AuditAction.ACCOUNT_CREATED, [subject], role=str(user.role))
        return signed_in


def request_account(**details: Unpack[Registration]) -> None:
    """Create a patient's account, where the clinic tells nobody which e-mails have one: nobody is signed in by it.

    ``InvalidInput`` as ``register_patient``, but a taken e-mail is no fault. Whoever reads what goes to the e-mail is told
    there what became of it; everybody else gets the same answer, as fast.
    """
    user = _new_patient(details, may_be_taken=True)
    with transaction():
        _add_or_tell_owner(user)


def _new_patient(details: Registration, *, may_be_taken: bool = False) -> User:
    """Return a patient as they registered, not yet added to the session; ``InvalidInput`` on the fields."""
    errors = ValidationErrors()
    if details.get("role", Role.PATIENT) != Role.PATIENT:
        errors.add("role", N_("Only patients can register themselves."))
    email = checked_email(errors, details["email"], may_be_taken=may_be_taken) or ""
    name = errors.text("full_name", details["full_name"], most=NAME_MAX, required=True, line=True)
    phone = check_phone(errors, details["phone_num"])
    home = errors.text("address", details.get("address", ""), most=ADDRESS_MAX)
    born = check_birth(errors, details["date_of_birth"])
    if details["gender"] not in GENDERS:
        errors.add("gender", N_("Please choose one of the answers."))
    password = details["password"]
    if password != details["password_confirm"]:
        errors.add("password_confirm", N_("The passwords don't match."))
    passwords.check_password(errors, password, Owner(Role.PATIENT, email, name, phone, details["date_of_birth"]))
    errors.raise_if_any()
    # Hashing takes long on purpose: it is done before the transaction, which would keep other writers waiting.
    hashed = passwords.hash_password(password)
    user = new_user(email, hashed, name, phone, Role.PATIENT, details.get("language", DEFAULT_LANGUAGE))
    user.patient = Patient(date_of_birth=born, gender=details["gender"], address=home or None)
    return user


def _add_or_tell_owner(user: User) -> None:
    """Add an account and mail the link that confirms it, in the present transaction; where its e-mail is taken, do that
    work in vain and tell the person who has it."""
    address = user.email or ""
    is_new = is_free(address)
    if not is_new:
        user.email = f"{token_hex(16)}@{_NOWHERE}"
    work = session().begin_nested()
    try:
        session().add(user)
        flush_user()
        queue_confirmation(user)
        by = SystemActor(user.id, str(user.role))
        audit.record(by, AuditAction.ACCOUNT_CREATED, [Subject.of_user(user.id, user.role)], role=str(user.role))
    except InvalidInput:  # somebody took the e-mail a moment earlier
        is_new = False
    if is_new:
        work.commit()
        return
    work.rollback()
    owner = user_by_email(address)
    if owner is not None:
        # Whoever is asked for many times is told once an hour.
        notify(owner, EMAIL_IN_USE, NoFacts(), key=f"{clock.now():%Y-%m-%dT%H}")


def new_user(
    email: str | None,
    password_hash: str,
    name: str,
    phone: str,
    role: Role,
    language: str,
    duties: Collection[Duty] = (),
) -> User:
    """Return a user, not yet added to the session, from fields that are checked already; ``duties`` are an admin's."""
    return User(
        email=email,
        full_name=name,
        phone_num=phone,
        role=role,
        is_staff=is_staff(role),
        duties=in_order(duties),
        language=known_language(language),
        password_hash=password_hash,
    )


def flush_user() -> None:
    """Write a user; somebody who took the e-mail a moment earlier makes it a fault of ``email``."""
    flush({"uq_users_email": InvalidInput.of({"email": [EMAIL_TAKEN]})})


def user_by_email(email: str) -> User | None:
    """Return the user with this e-mail, however it is written."""
    clean = email.replace("\x00", "").encode("utf-8", "replace").decode()
    return session().scalar(select(User).where(User.email == emails.canonical(clean)))


def locked_person(user_id: int) -> User:
    """Return a user, locked; ``NotFound`` if there is none."""
    user = session().scalar(
        select(User).where(User.id == row_id(user_id)).with_for_update().execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound(NO_PERSON)
    return user


@atomic
def set_language(actor: Actor, language: str) -> None:
    """Remember the language that the actor reads, for pages and mails."""
    session().get_one(User, actor.user_id).language = known_language(language)


def create_admin(*, email: str, password: str, full_name: str, phone_num: str) -> int:
    """Create the account of an admin with every duty (the operator's command); return its id. ``InvalidInput`` as for registration."""
    errors = ValidationErrors()
    address = checked_email(errors, email) or ""
    name = errors.text("full_name", full_name, most=NAME_MAX, required=True, line=True)
    phone = check_phone(errors, phone_num)
    passwords.check_password(errors, password, Owner(Role.ADMIN, address, name, phone))
    errors.raise_if_any()
    user = new_user(address, passwords.hash_password(password), name, phone, Role.ADMIN, "en", EVERY_DUTY)
    with transaction() as current:
        current.add(user)
        flush_user()
        audit.record(OPERATOR, AuditAction.ACCOUNT_CREATED, [Subject.of_user(user.id, user.role)], role=str(user.role))
        return user.id
