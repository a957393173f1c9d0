"""Taking a second step away: of who has lost app and codes, by another admin or the server's operator; what a thief added."""

from datetime import datetime

from sqlalchemy import select, union_all, update

from clinic import audit, clock
from clinic.accounts.account_letters import StaffChange
from clinic.accounts.factor_models import Passkey, RecoveryCode, TotpFactor
from clinic.accounts.known_devices import forget_devices_of
from clinic.accounts.models import User
from clinic.accounts.notices import tell_admins
from clinic.accounts.second_factor import passkeys, recovery_codes, totp
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.second_factor.own_factors import TOTP_KIND, no_factor
from clinic.accounts.second_factor.own_passkeys import PASSKEY_KIND
from clinic.accounts.second_factor.tickets import forget_tickets_of
from clinic.accounts.service import NO_PERSON, locked_person, user_by_email
from clinic.accounts.sessions import end_sessions_of
from clinic.audit import OPERATOR, AuditAction, Subject, SystemActor
from clinic.db import affected, atomic, session
from clinic.errors import Conflict, NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, require, require_recent


@atomic
def reset_second_factor(actor: Actor | None, user_id: int) -> None:
    """Take somebody's second step away (an admin, never their own); ends their sessions and tells them, and
    of somebody who works here the other admins.

    ``NotFound`` if there is no such account, ``Conflict`` where it has no second step or is one's own.
    """
    actor = require_recent(require(actor, Action.MANAGE_ACCOUNTS))
    user = locked_person(user_id)
    if user.id == actor.user_id:
        raise Conflict(N_("You can't do this with your own account."), code="own_account")
    _reset(user, by=actor)
    if user.role != Role.PATIENT:
        tell_admins(actor, user, StaffChange.FACTOR_RESET)


@atomic
def reset_second_factor_of(email: str) -> None:
    """Take the second step of whoever has an e-mail away (the operator's command); refusals as above."""
    user = user_by_email(email)
    if user is None:
        raise NotFound(NO_PERSON)
    _reset(locked_person(user.id), by=OPERATOR)


def had_factor_since(user_id: int, since: datetime) -> bool:
    """Return whether a user has a second step, or had one at a moment or after it."""
    apps = select(TotpFactor.id).where(TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_not(None))
    own = select(Passkey.id).where(Passkey.user_id == user_id)
    either = (
        apps.where(TotpFactor.ended_at.is_(None) | (TotpFactor.ended_at >= since)),
        own.where(Passkey.ended_at.is_(None) | (Passkey.ended_at >= since)),
    )
    return session().execute(union_all(*either)).first() is not None


def end_factors_since(user: User, since: datetime, because: str) -> bool:
    """End what was added to somebody's sign-in since a moment, in the present transaction: it may not have been them.

    Return whether a factor was among it.
    """
    at, found = clock.now(), False
    for model, kind in ((TotpFactor, TOTP_KIND), (Passkey, PASSKEY_KIND)):
        added = update(model).where(model.user_id == user.id, model.ended_at.is_(None), model.created_at >= since)
        if affected(added.values(ended_at=at, ended_because=because)):
            found = True
            by = SystemActor(user.id, str(user.role))
            audit.record(by, AuditAction.FACTOR_REMOVED, [Subject.of_user(user.id, user.role)], kind=kind)
    codes = update(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.created_at >= since)
    session().execute(codes.where(RecoveryCode.ended_at.is_(None)).values(ended_at=at))
    return found


def _reset(user: User, *, by: Actor | SystemActor) -> None:
    factor, own = totp.living_totp(user.id), passkeys.living_passkeys(user.id)
    if factor is None and not own:
        raise no_factor()
    totp.end_totp(user.id, "reset")
    passkeys.end_passkeys(user.id, "reset")
    recovery_codes.end_codes(user.id)
    forget_tickets_of(user.id)
    forget_devices_of(user.id)
    end_sessions_of(user.id, "factor_reset")
    kind = TOTP_KIND if factor else PASSKEY_KIND
    audit.record(by, AuditAction.FACTOR_RESET, [Subject.of_user(user.id, user.role)], kind=kind)
    tell(user, FactorChange.RESET, factor.id if factor else passkeys.key_of(own[-1]))
