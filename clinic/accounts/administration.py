"""Admins' work on accounts: finding people and correcting them. New accounts are made by ``invitations``.

Switching an account off asks what depends on it, so it is ``scheduling``'s; this module writes it.
"""

from sqlalchemy import select

from clinic import audit, clock
from clinic.accounts.account_letters import EMAIL_CHANGED, EmailChangeFacts, StaffChange
from clinic.accounts.duties import refuse_last_of_accounts
from clinic.accounts.invitations import send_invitation
from clinic.accounts.models import HAS_PASSWORD, NO_PASSWORD, Patient, User
from clinic.accounts.notices import notify, tell_admins, tell_opened
from clinic.accounts.own_account import (
    ACCOUNT_COLUMNS,
    ACCOUNT_FIELDS,
    PATIENT_FIELDS,
    STALE,
    change_account,
    change_patient,
)
from clinic.accounts.password_resets import end_links_of
from clinic.accounts.people_search import LookedUp, found_first
from clinic.accounts.rows import ListedPerson, OpenAccount, PersonChanges, PersonRow
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.service import NO_PERSON, checked_email, flush_user, locked_person
from clinic.accounts.sessions import end_sessions_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import ReadModel, RowType, atomic, changed_columns, row_id, session
from clinic.errors import Conflict, ExpectedVersion, InvalidInput, NotFound, check_version
from clinic.i18n import N_
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import EDITING_ACCOUNTS, Action, Actor, Role, editing_accounts_of, require, require_one_of
from clinic.text.validation import ValidationErrors

_SHOWN = (*ACCOUNT_COLUMNS, HAS_PASSWORD.label("has_password"), User.language, User.duties)
_PEOPLE = ReadModel(PersonRow, select(*_SHOWN))
_LISTED = ReadModel(ListedPerson, select(*_SHOWN, Patient.date_of_birth).outerjoin(Patient, Patient.user_id == User.id))
_OPENED = ReadModel(
    OpenAccount,
    select(*_SHOWN, *(getattr(Patient, name) for name in PATIENT_FIELDS)).outerjoin(
        Patient, Patient.user_id == User.id
    ),
)
#: What the office may correct of an account; of a patient's, what the clinic asks of them too.
CORRECTED = frozenset({*ACCOUNT_FIELDS, "email"})
#: The order of lists of people.
BY_NAME = (User.name_key, User.id)


def people(
    actor: Actor | None,
    *,
    role: str | None = None,
    active: bool | None = None,
    search: str = "",
    found: LookedUp | None = None,
    page: PageRequest | Keyset | None = None,
) -> Page[ListedPerson]:
    """Return the clinic's accounts by name, patients with their ``date_of_birth``; ``search`` as in ``people_search``, of
    which ``found`` is what came of it already.
    """
    actor = require(actor, Action.SEE_PEOPLE)
    where = []
    if role:
        if role not in list(Role):
            raise InvalidInput.of({"role": [N_("Please choose one of the answers.")]})
        where.append(User.role == role)
    if active is not None:
        where.append(User.is_active.is_(active))
    if found is not None or search.strip():
        where.append(found_first(found or search))
    along = found is not None and found.ids is not None
    listed = paginate(_LISTED.select, BY_NAME, page, _LISTED.shape, where=where, within=select(User.id), along=along)
    shown = [each["id"] for each in listed.results if each["role"] == Role.PATIENT]
    audit.record_search(actor, found.search if found is not None else search, listed.count, shown)
    return listed


def person(actor: Actor | None, user_id: int) -> PersonRow:
    """Return one account as a list shows it; ``NotFound`` if there is none. ``open_account`` tells more."""
    require(actor, Action.SEE_PEOPLE)
    return _one(_PEOPLE, user_id)


def open_account(actor: Actor | None, user_id: int) -> OpenAccount:
    """Return one account, a patient's with what ``patients`` adds; write down who opened it, and tell the person.

    ``NotFound`` if there is none. One's own account is opened unwritten.
    """
    actor = require(actor, Action.SEE_PEOPLE)
    found = _one(_OPENED, user_id)
    if found["id"] != actor.user_id:
        audit.record_reading(actor, AuditAction.ACCOUNT_READ, [Subject.of_user(found["id"], found["role"])])
        tell_opened(actor, found["id"])
    return found


def _one(rows: ReadModel[RowType], user_id: int) -> RowType:
    found = session().execute(rows.select.where(User.id == row_id(user_id))).one_or_none()
    if found is None:
        raise NotFound(NO_PERSON)
    return rows.shape(found)


@atomic
def edit_person(
    actor: Actor | None, user_id: int, changes: PersonChanges, *, expected_version: ExpectedVersion = None
) -> None:
    """Correct ``full_name``, ``phone_num`` or ``email`` of an account, and of a patient's any of ``PATIENT_FIELDS``.

    An e-mail can't be taken away; the first one of a patient whose account is on is invited to choose a password.
    ``InvalidInput`` on each field at fault; ``Stale`` if it was changed since ``expected_version``.
    """
    actor = require_one_of(actor, EDITING_ACCOUNTS)
    user = locked_person(user_id)
    require(actor, editing_accounts_of(Role(user.role)))
    check_version(expected_version, user.version, STALE)
    errors, before = ValidationErrors(), user.email
    with session().no_autoflush:
        change_account(user, changes, errors)
        if "email" in changes:
            user.email = checked_email(errors, changes["email"], required=before is not None, own=user.id)
        fields = changed_columns(user) & CORRECTED
        if user.role == Role.PATIENT:
            fields |= change_patient(user.id, changes, errors)
    errors.raise_if_any()
    if not fields:
        return
    user.version += 1
    flush_user()
    if "email" in fields:
        _email_changed(actor, user, before)
    audit.record(actor, AuditAction.ACCOUNT_CHANGED, [Subject.of_user(user.id, user.role)], fields=sorted(fields))


def _email_changed(actor: Actor, user: User, before: str | None) -> None:
    """End what the old address opened, and let nobody's account go to another address unseen."""
    end_links_of(user.id)
    if before is None:
        # A link into an account that is off would lead nowhere; who switches it on may invite.
        if user.is_active:
            send_invitation(user, actor)
        return
    user.email_confirmed_at = None
    end_sessions_of(user.id, "email_changed")
    forget_tickets_of(user.id)
    if user.password_hash != NO_PASSWORD:  # else nobody has used the account yet, and the address was mistyped
        notify(user, EMAIL_CHANGED, EmailChangeFacts(clock.now()), key=str(user.version), also_to=before)
    if user.role != Role.PATIENT:
        tell_admins(actor, user, StaffChange.EMAIL_CHANGED)


def write_switch(actor: Actor | SystemActor, user: User, active: bool) -> None:
    """Write that an account is on or off in the present transaction; off ends all its sessions and links at once.

    ``Conflict`` for one's own, and for the last one that looks after accounts; of an admin's ``hold_admins`` comes first.
    """
    if user.id == actor.user_id:
        raise Conflict(N_("You can't switch off your own account."), code="own_account")
    if not active:
        refuse_last_of_accounts(actor, user)
    user.is_active = active
    user.version += 1
    if not active:
        end_sessions_of(user.id, "account_disabled")
        end_links_of(user.id)
        forget_tickets_of(user.id)
    session().flush()
    audit.record(actor, AuditAction.ACCOUNT_SWITCHED, [Subject.of_user(user.id, user.role)], active=active)
