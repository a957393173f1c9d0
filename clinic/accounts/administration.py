"""Admins' work on accounts: finding people and correcting them. New accounts are made by ``invitations``.

Switching an account off asks what depends on it, so it is ``scheduling``'s; this module writes it.
"""

from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from clinic import audit, clock
from clinic.accounts.account_letters import StaffChange
from clinic.accounts.duties import refuse_last_of_accounts
from clinic.accounts.email_changes import request_change
from clinic.accounts.identity import note_new_email
from clinic.accounts.invitations import send_invitation
from clinic.accounts.known_devices import forget_devices_of
from clinic.accounts.models import HAS_PASSWORD, NO_PASSWORD, OFFICE_OPENS, Patient, User
from clinic.accounts.notices import tell_admins, tell_opened
from clinic.accounts.own_account import (
    ACCOUNT_COLUMNS,
    ACCOUNT_FIELDS,
    PATIENT_FIELDS,
    PENDING_EMAIL,
    STALE,
    change_account,
    change_patient,
)
from clinic.accounts.password_resets import end_links_of
from clinic.accounts.people_search import LookedUp, found_first
from clinic.accounts.rows import ListedPerson, OpenAccount, PersonChanges, PersonRow
from clinic.accounts.second_factor.checking import SECOND_FACTOR_SINCE
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.service import NO_PERSON, checked_email, flush_user, locked_person
from clinic.accounts.sessions import end_sessions_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import ReadModel, RowType, atomic, built_once, changed_columns, row_id, session
from clinic.errors import Conflict, ExpectedVersion, InvalidInput, NotFound, check_version
from clinic.i18n import N_
from clinic.id_lists import among, id_list, place_in
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import (
    EDITING_ACCOUNTS,
    Action,
    Actor,
    Role,
    editing_accounts_of,
    require,
    require_one_of,
    require_recent,
)
from clinic.text.validation import ValidationErrors

_seen_by, _invited_by = aliased(User, name="seen_by"), aliased(User, name="invited_by")
_SHOWN = (*ACCOUNT_COLUMNS, HAS_PASSWORD.label("has_password"), User.language, User.duties)
_PEOPLE = ReadModel(PersonRow, select(*_SHOWN))
_LISTED = ReadModel(ListedPerson, select(*_SHOWN, Patient.date_of_birth).outerjoin(Patient, Patient.user_id == User.id))
_LISTED_OF = built_once(
    _LISTED.select.where(among(User.id, id_list("ids"))).order_by(place_in(User.id, id_list("ids")))
)
_OPENED = ReadModel(
    OpenAccount,
    select(
        *_SHOWN,
        *(getattr(Patient, name) for name in PATIENT_FIELDS),
        SECOND_FACTOR_SINCE,
        PENDING_EMAIL,
        User.email_confirmed_at,
        User.identity_seen_at,
        select(_seen_by.full_name)
        .where(_seen_by.id == User.identity_seen_by_id)
        .scalar_subquery()
        .label("identity_seen_by"),
        (User.password_hash == OFFICE_OPENS).label("waits_for_office"),
        User.invited_by_id,
        select(_invited_by.full_name).where(_invited_by.id == User.invited_by_id).scalar_subquery().label("invited_by"),
    ).outerjoin(Patient, Patient.user_id == User.id),
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
    page: PageRequest | Keyset | None = None,
) -> Page[ListedPerson]:
    """Return the clinic's accounts by name, patients with their ``date_of_birth``; ``search`` as in ``people_search``."""
    actor = require(actor, Action.SEE_PEOPLE)
    where = []
    if role:
        if role not in list(Role):
            raise InvalidInput.of({"role": [N_("Please choose one of the answers.")]})
        where.append(User.role == role)
    if active is not None:
        where.append(User.is_active.is_(active))
    if search.strip():
        where.append(found_first(search))
    listed = paginate(_LISTED.select, BY_NAME, page, _LISTED.shape, where=where, within=select(User.id))
    _record_search(actor, search, listed)
    return listed


def _record_search(actor: Actor, search: str, listed: Page[ListedPerson]) -> None:
    shown = [each["id"] for each in listed.results if each["role"] == Role.PATIENT]
    audit.record_search(actor, search, listed.count, shown)


def first_people(
    actor: Actor | None, *, role: Role, found: LookedUp, size: int, most_counted: int
) -> Page[ListedPerson]:
    """Return the first ``size`` people of a role who were ``found``, by name, and how many there are; in one select,
    without cursors."""
    actor = require(actor, Action.SEE_PEOPLE)
    if found.ids is not None:
        ids = [number for number, theirs in zip(found.ids, found.roles, strict=True) if theirs == role]
        rows = session().execute(_LISTED_OF, {"ids": ids[:size]}).all()
        count = len(ids)
    else:
        wanted = (User.role == role, found_first(found.search))
        ones = select(User.id).where(*wanted).limit(most_counted + 1).subquery("counted")
        total = select(func.count()).select_from(ones).scalar_subquery()
        first = _LISTED.select.where(*wanted).order_by(*BY_NAME).limit(size)
        rows = session().execute(first.add_columns(total.label("total"))).all()
        count = rows[0].total if rows else 0
    shown = [_LISTED.shape(row) for row in rows]
    for each in shown:
        cast(dict[str, object], each).pop("total", None)
    listed = Page(shown, min(count, most_counted), capped=count > most_counted)
    _record_search(actor, found.search, listed)
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
    found = session().execute(rows.select.where(User.id == row_id(user_id)), {"now": clock.now()}).one_or_none()
    if found is None:
        raise NotFound(NO_PERSON)
    return rows.shape(found)


@atomic
def edit_person(
    actor: Actor | None, user_id: int, changes: PersonChanges, *, expected_version: ExpectedVersion = None
) -> None:
    """Correct ``full_name``, ``phone_num`` or ``email`` of an account, and of a patient's any of ``PATIENT_FIELDS``.

    An e-mail can't be taken away. Another one waits until it is confirmed (``email_changes``); that of an account which
    nobody has used yet is corrected at once, and the first one of a patient whose account is on is invited to choose a
    password. ``InvalidInput`` on each field at fault; ``Stale`` if it was changed since ``expected_version``; ``ProofRequired``
    for another e-mail without a recent proof.
    """
    actor = require_one_of(actor, EDITING_ACCOUNTS)
    user = locked_person(user_id)
    require(actor, editing_accounts_of(Role(user.role)))
    check_version(expected_version, user.version, STALE)
    errors, before = ValidationErrors(), user.email
    address = before
    with session().no_autoflush:
        change_account(user, changes, errors)
        if "email" in changes:
            address = checked_email(errors, changes["email"], required=before is not None, own=user.id)
            if is_unused(user):
                user.email = address
        fields = changed_columns(user) & CORRECTED
        if user.role == Role.PATIENT:
            fields |= change_patient(user.id, changes, errors)
    errors.raise_if_any()
    if address != before:
        require_recent(actor)
    if fields:
        user.version += 1
        flush_user()
        if "email" in fields:
            _email_corrected(actor, user, before)
        audit.record(actor, AuditAction.ACCOUNT_CHANGED, [Subject.of_user(user.id, user.role)], fields=sorted(fields))
    if address and address != user.email:
        request_change(actor, user, address)


def is_unused(user: User) -> bool:
    """Return whether nobody has ever come into an account, so that its e-mail is whatever the office writes."""
    return user.email is None or user.password_hash == NO_PASSWORD


def _email_corrected(actor: Actor, user: User, before: str | None) -> None:
    """End what the old address of an unused account opened, note who wrote the new one, and invite who has one now for
    the first time."""
    end_links_of(user.id)
    note_new_email(actor, user)
    if before is not None:
        if user.role != Role.PATIENT:
            tell_admins(actor, user, StaffChange.EMAIL_CHANGED)
    elif user.is_active:
        # A link into an account that is off would lead nowhere; who switches it on may invite.
        send_invitation(user, actor)


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
        forget_devices_of(user.id)
    session().flush()
    audit.record(actor, AuditAction.ACCOUNT_SWITCHED, [Subject.of_user(user.id, user.role)], active=active)
