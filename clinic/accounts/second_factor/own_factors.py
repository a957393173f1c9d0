"""A person's own second step: what is set up, an app and removing it, and new recovery codes (passkeys: ``own_passkeys``)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import update

from clinic import audit, clock, settings
from clinic.accounts.factor_models import Passkey
from clinic.accounts.models import SignInSession, User
from clinic.accounts.second_factor import passkeys, recovery_codes, totp
from clinic.accounts.second_factor.checking import check_typed, has_second_factor, wrong_code
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.second_factor.totp import TotpOffer
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import atomic, session
from clinic.errors import Conflict, InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, require, require_recent

#: What is noted of a factor in the audit.
TOTP_KIND = "totp"


class PasskeyRow(TypedDict):
    """A passkey as its person sees it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    #: Whether it isn't taken any more, as it may have been copied.
    is_refused: bool


class SecondFactorRow(TypedDict):
    """A person's second step: since when their app is set up, None for none, passkeys, and how many recovery codes are left."""

    since: datetime | None
    passkeys: list[PasskeyRow]
    codes_left: int
    #: Whether the clinic wants them to have one, so that it can't be removed.
    is_needed: bool


@dataclass(frozen=True)
class Pending:
    """What a person sets up: what they scanned, sealed, and the first code that their app made of it."""

    offer: str
    code: str


def is_needed_by(role: Role) -> bool:
    """Return whether the clinic wants people of a role to have a second step."""
    return role is not Role.PATIENT and settings.current().accounts.staff_need_second_factor


def my_second_factor(actor: Actor | None) -> SecondFactorRow:
    """Return what the actor has set up."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    factor, own = (
        totp.living_totp(actor.user_id),
        [passkey_row(each) for each in passkeys.living_passkeys(actor.user_id)],
    )
    return {
        "since": None if factor is None else factor.confirmed_at,
        "passkeys": own,
        "codes_left": recovery_codes.codes_left(actor.user_id) if factor or own else 0,
        "is_needed": is_needed_by(actor.role),
    }


def passkey_row(passkey: Passkey) -> PasskeyRow:
    """Return a passkey as its person sees it."""
    return {
        "id": passkey.id,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
        "is_refused": passkey.refused_at is not None,
    }


def offer_totp(actor: Actor | None, sealed: str | None = None) -> TotpOffer:
    """Return a secret for the actor's app: the one that was ``sealed`` for them before, else a new one."""
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = session().get_one(User, actor.user_id)
    return (totp.opened_offer(user, sealed) if sealed else None) or totp.offer(user)


@atomic
def add_totp(actor: Actor | None, pending: Pending) -> list[str]:
    """Let the actor's app be their second step; return their recovery codes, none where they have some already.

    ``InvalidInput`` on ``code``, or ``offer`` where it has been on the screen for too long; ``Conflict`` if it is added
    already.
    """
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = locked(actor.user_id)
    codes = add_to(user, pending, by=actor)
    note_factor(actor.session_id)
    return codes


def add_to(user: User, pending: Pending, *, by: Actor | SystemActor) -> list[str]:
    """Add what ``user``, who is locked, sets up, in the present transaction (see ``add_totp``).

    Whoever has shown the password before and is between two requests of a sign-in starts again, by the new second step.
    """
    offered = totp.opened_offer(user, pending.offer)
    if offered is None:
        raise InvalidInput.of({"offer": [N_("That took too long. Please scan the new code.")]})
    present = totp.living_totp(user.id)
    if present is not None and totp.secret_of(present) == offered.secret:
        raise Conflict(N_("This app is set up already."), code="already_set_up")
    step = totp.step_of(offered.secret, check_typed(pending.code))
    if step is None:
        raise wrong_code()
    factor = totp.add_totp_factor(user.id, offered.secret, step)
    tell(user, FactorChange.ADDED, factor.id)
    return note_added(user, TOTP_KIND, by=by)


def note_added(user: User, kind: str, *, by: Actor | SystemActor) -> list[str]:
    """Note that ``user`` has another factor, in the present transaction; return recovery codes where they have none yet."""
    forget_tickets_of(user.id)
    subject = [Subject.of_user(user.id, user.role)]
    audit.record(by, AuditAction.FACTOR_ADDED, subject, kind=kind)
    if recovery_codes.codes_left(user.id):
        return []
    audit.record(by, AuditAction.RECOVERY_CODES_MADE, subject)
    return recovery_codes.make_codes(user.id)


@atomic
def remove_totp(actor: Actor | None) -> None:
    """Take the actor's app away, with the last factor their recovery codes, too; ``Conflict`` where there is none, or it is
    the only one and one is needed."""
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = locked(actor.user_id)
    factor = totp.living_totp(user.id)
    if factor is None:
        raise no_factor()
    totp.end_totp(user.id, "removed")
    tell(user, note_removed(actor, user, TOTP_KIND, FactorChange.APP_REMOVED), factor.id)


def note_removed(actor: Actor, user: User, kind: str, one_of_several: FactorChange) -> FactorChange:
    """Note that the actor has ended a factor of theirs, in the present transaction; return what they are told.

    ``Conflict`` where the clinic wants them to have one and none is left that is taken.
    """
    if is_needed_by(actor.role) and not (totp.living_totp(user.id) or passkeys.usable_passkeys(user.id)):
        raise Conflict(N_("You need at least one."), code="factor_needed")
    audit.record(actor, AuditAction.FACTOR_REMOVED, [Subject.of_user(user.id, user.role)], kind=kind)
    if totp.living_totp(user.id) or passkeys.usable_passkeys(user.id):
        return one_of_several
    if has_second_factor(user.id):
        return FactorChange.CODES_LEFT
    recovery_codes.end_codes(user.id)
    return FactorChange.REMOVED


@atomic
def make_recovery_codes(actor: Actor | None) -> list[str]:
    """Return ten new recovery codes of the actor; those before are good no more. ``Conflict`` without a second step."""
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = locked(actor.user_id)
    if not has_second_factor(user.id):
        raise no_factor()
    audit.record(actor, AuditAction.RECOVERY_CODES_MADE, [Subject.of_user(user.id, user.role)])
    return recovery_codes.make_codes(user.id)


def no_factor() -> Conflict:
    """Build the refusal of what needs a second step where none is set up."""
    return Conflict(N_("No second step is set up."), code="no_second_factor")


def note_factor(session_id: int) -> None:
    """Note on a session, in the present transaction, that its person has shown a second factor."""
    session().execute(update(SignInSession).where(SignInSession.id == session_id).values(factor_at=clock.now()))


def locked(user_id: int) -> User:
    """Return a user, locked until the present transaction ends: of two who type a code at once one waits."""
    return session().get_one(User, user_id, populate_existing=True, with_for_update={"key_share": True})
