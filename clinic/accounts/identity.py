"""Whose identification the reception saw, and which accounts show records only once somebody did.

Whoever may not read records could read them by giving an account an e-mail of their own: one that nobody has used yet, by its
invitation, and one in use, by confirming the change. That they read what goes there proves nothing then; a colleague has to
see the patient's ID.
"""

from sqlalchemy import select

from clinic import audit, clock
from clinic.accounts.account_letters import StaffChange
from clinic.accounts.models import User
from clinic.accounts.notices import tell_admins
from clinic.accounts.service import locked_person
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import atomic, session
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.policy import Action, Actor, Duty, Role, can, require

#: Who is told when somebody opened an account that may hold records they may not read.
_WATCHING = frozenset({Duty.ACCOUNTS, Duty.AUDIT})


@atomic
def note_identity(actor: Actor | None, user_id: int, *, seen: bool) -> None:
    """Note that the actor saw a patient's identification, or take it back; the patient finds it in their own log.

    What is noted already stays as it is. ``Conflict`` for an account that is no patient's, and ``own_invitation`` where the
    actor opened the account themselves (``note_new_email``): a colleague has to see the ID.
    """
    actor = require(actor, Action.EDIT_PATIENTS)
    user = locked_person(user_id)
    if user.role != Role.PATIENT:
        raise Conflict(N_("Only patients show their ID at the reception."), code="invalid_transition")
    if seen == (user.identity_seen_at is not None):
        return
    if seen and user.invited_by_id == actor.user_id:
        raise Conflict(
            N_("You entered this patient's e-mail or invited them. Please let a colleague check their ID."),
            code="own_invitation",
        )
    _write(actor, user, seen=seen)


def _write(actor: Actor | SystemActor, user: User, *, seen: bool) -> None:
    user.identity_seen_at = clock.now() if seen else None
    user.identity_seen_by_id = actor.user_id if seen else None
    session().flush()
    audit.record(actor, AuditAction.IDENTITY_NOTED, [Subject.of_user(user.id, user.role)], active=seen)


def note_new_email(actor: Actor, user: User) -> None:
    """Note in the present transaction who gave an account that nobody has used its e-mail.

    After somebody who may not read records the account of a patient shows them only once a colleague has seen their ID,
    whatever was noted before; those who look after accounts and the audit hear of the first one in a day, and
    ``records.unusual_readings`` lists each that has records. Who may read records anyway puts it right again.
    """
    if user.role != Role.PATIENT:
        return
    if _may_read_records(actor):
        _trust(user)
    else:
        _doubt(actor, user, actor.user_id)
        _tell_watching(actor, user)


def note_invitation(actor: Actor, user: User) -> None:
    """Note as ``note_new_email`` does who invited a patient again; the invitation goes to whom the e-mail is, so whoever
    entered that stays the one in doubt, and nobody else's press clears them."""
    if user.role != Role.PATIENT or _may_read_records(actor):
        return
    if user.invited_by_id is None:
        _doubt(actor, user, actor.user_id)
    _tell_watching(actor, user)


def tell_of_request(actor: Actor, user: User) -> None:
    """Tell of an e-mail that the office wants for an account in use, in the present transaction, as ``note_new_email`` does."""
    if user.role == Role.PATIENT and not _may_read_records(actor):
        _tell_watching(actor, user)


def note_confirmed_request(user: User, requested_by_id: int) -> None:
    """Note as ``note_new_email`` does that an e-mail was confirmed which the office wanted for an account in use."""
    if user.role != Role.PATIENT:
        return
    if Duty.RECORDS in (session().scalar(select(User.duties).where(User.id == requested_by_id)) or []):
        _trust(user)
    else:
        _doubt(SystemActor(user.id, str(user.role)), user, requested_by_id)


def _may_read_records(actor: Actor) -> bool:
    return can(actor, Action.READ_RECORD, own=False)


def _trust(user: User) -> None:
    user.invited_at, user.invited_by_id = None, None


def _doubt(actor: Actor | SystemActor, user: User, opened_by_id: int) -> None:
    user.invited_at, user.invited_by_id = clock.now(), opened_by_id
    if user.identity_seen_at is not None:
        _write(actor, user, seen=False)


def _tell_watching(actor: Actor, user: User) -> None:
    tell_admins(
        actor,
        user,
        StaffChange.PATIENT_INVITED,
        duties=_WATCHING,
        key=f"{StaffChange.PATIENT_INVITED} {actor.user_id} {clock.today().isoformat()}",
    )
