"""What each admin looks after: given and taken by who looks after accounts, or by the server's operator.

Somebody always looks after accounts: the last who does can neither lose that nor be switched off, however many do it at
once, for all of them hold the same rows first (``hold_admins``).
"""

from collections.abc import Collection

from sqlalchemy import select

from clinic import audit
from clinic.accounts.account_letters import StaffChange
from clinic.accounts.models import HAS_PASSWORD, User
from clinic.accounts.notices import tell_admins
from clinic.accounts.own_account import STALE
from clinic.accounts.service import NO_PERSON, locked_person, user_by_email
from clinic.audit import OPERATOR, AuditAction, Subject, SystemActor
from clinic.db import atomic, session
from clinic.errors import Conflict, ExpectedVersion, NotFound, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor, Duty, Role, in_order, require, require_recent
from clinic.text.validation import ValidationErrors


def checked_duties(errors: ValidationErrors, duties: Collection[str]) -> list[Duty]:
    """Return the duties of these names; what isn't known, and none at all, is a fault of ``duties``."""
    known = in_order(duties)
    if len(known) != len(set(duties)):
        errors.add("duties", N_("Please choose from these duties."))
    elif not known:
        errors.add("duties", N_("Please choose at least one duty."))
    return known


@atomic
def change_duties(
    actor: Actor | None, user_id: int, duties: Collection[str], *, expected_version: ExpectedVersion = None
) -> None:
    """Give an admin these duties and no others; it holds from their next request on, and the other admins are told.

    ``NotFound`` for who is no admin, ``InvalidInput`` on ``duties``, ``Stale`` if the account was changed since
    ``expected_version``. ``Conflict`` ``own_account``: nobody gives themselves anything; ``last_of_duty``: nobody would
    look after accounts.
    """
    actor = require_recent(require(actor, Action.MANAGE_ACCOUNTS))
    user = _held_admin(user_id)
    if user.id == actor.user_id:
        raise Conflict(N_("You can't change your own duties."), code="own_account")
    check_version(expected_version, user.version, STALE)
    if _write(actor, user, duties):
        tell_admins(actor, user, StaffChange.DUTIES_CHANGED)


@atomic
def set_duties_of(email: str, duties: Collection[str]) -> None:
    """Give the admin with an e-mail these duties (the operator's command, who may also leave accounts to nobody)."""
    user = user_by_email(email)
    if user is None:
        raise NotFound(NO_PERSON)
    _write(OPERATOR, _held_admin(user.id), duties)


def _held_admin(user_id: int) -> User:
    hold_admins()
    user = locked_person(user_id)
    if user.role != Role.ADMIN:
        raise NotFound(NO_PERSON)
    return user


def _write(actor: Actor | SystemActor, user: User, duties: Collection[str]) -> bool:
    """Write the duties of an admin in the present transaction; return whether that changed any."""
    errors, before = ValidationErrors(), in_order(user.duties)
    wanted = checked_duties(errors, duties)
    errors.raise_if_any()
    if wanted == before:
        return False
    if Duty.ACCOUNTS not in wanted:
        refuse_last_of_accounts(actor, user)
    user.duties = [*wanted]
    user.version += 1
    session().flush()
    audit.record(
        actor,
        AuditAction.DUTIES_CHANGED,
        [Subject.of_user(user.id, user.role)],
        duties=[*map(str, wanted)],
        before=[*map(str, before)],
    )
    return True


def duties_of_admins() -> list[list[Duty]]:
    """Return what each admin who can sign in looks after: whose account is on, and who came since they were invited."""
    able = select(User.duties).where(User.role == Role.ADMIN, User.is_active, HAS_PASSWORD).order_by(User.id)
    return [in_order(duties) for duties in session().scalars(able)]


def hold_admins() -> None:
    """Let nobody else change who looks after accounts until the present transaction ends; before any account is locked."""
    admins = select(User.id).where(User.role == Role.ADMIN).order_by(User.id)
    session().execute(admins.with_for_update(key_share=True)).all()


def refuse_last_of_accounts(actor: Actor | SystemActor, user: User) -> None:
    """Refuse what takes ``user`` from those who look after accounts where nobody else would (``Conflict``
    ``last_of_duty``). Who was invited and hasn't come doesn't count; the operator may."""
    if isinstance(actor, SystemActor) or Duty.ACCOUNTS not in user.duties:
        return
    others = select(User.duties).where(User.role == Role.ADMIN, User.is_active, HAS_PASSWORD, User.id != user.id)
    if not any(Duty.ACCOUNTS in duties for duties in session().scalars(others)):
        raise Conflict(N_("Nobody else looks after accounts. Give somebody else this duty first."), code="last_of_duty")
