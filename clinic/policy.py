"""Who may read and do what, in one table that a privacy officer can read.

Answers "may this person", never "may this happen now" (that is ``scheduling.lifecycle``). A role that may not do a
thing at all is refused the same way for any id (``Forbidden``); a thing of somebody else's is ``NotFound``, so that
ids can't be probed. Lists are narrowed by the same table (``scheduling.scope``). Where a role or a reach is matched,
``assert_never`` makes a new one a type error until somebody says what it means there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, assert_never

from clinic import clock, settings
from clinic.errors import Forbidden, NotFound, ProofRequired, Unauthenticated
from clinic.i18n import N_


class Role(StrEnum):
    """What a person is in the clinic."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    ADMIN = "admin"


class Duty(StrEnum):
    """What an admin looks after (``users.duties``)."""

    RECEPTION = "reception"
    CATALOGUE = "catalogue"
    RECORDS = "records"
    ACCOUNTS = "accounts"
    AUDIT = "audit"


def is_staff(role: Role) -> bool:
    """Return whether people of a role run the clinic's office (``users.is_staff``)."""
    match role:
        case Role.ADMIN:
            return True
        case Role.PATIENT | Role.DOCTOR:
            return False
        case other:
            assert_never(other)


@dataclass(frozen=True)
class Actor:
    """The person who acts, as one sign-in session knows them, and the language they read."""

    user_id: int
    role: Role
    full_name: str
    email: str
    session_id: int
    language: str = "en"
    #: What an admin looks after; empty for everybody else.
    duties: frozenset[Duty] = frozenset()
    #: When the person last showed that it is them: by signing in, or by a proof since. None where nobody did.
    proven_at: datetime | None = None
    #: Whether it is known whose account it is: the e-mail was confirmed, or the reception saw who they are.
    is_confirmed: bool = False
    #: When the session began, ends unless it is used before, and when it does however much it is used.
    session_began: datetime | None = field(default=None, compare=False)
    session_ends_at: datetime | None = field(default=None, compare=False)
    session_ends_at_most: datetime | None = field(default=None, compare=False)
    #: How much they were told of their account and haven't read; a browser's person alone is known by it.
    unread_notices: int = field(default=0, compare=False)

    def with_language(self, language: str) -> Self:
        """Return the same person reading ``language``."""
        return self if language == self.language else replace(self, language=language)

    @property
    def patient_id(self) -> int | None:
        """The id of the patient that this person is, None for staff."""
        match self.role:
            case Role.PATIENT:
                return self.user_id
            case Role.DOCTOR | Role.ADMIN:
                return None
            case other:
                assert_never(other)

    @property
    def doctor_id(self) -> int | None:
        """The id of the doctor that this person is, None for everybody else."""
        match self.role:
            case Role.DOCTOR:
                return self.user_id
            case Role.PATIENT | Role.ADMIN:
                return None
            case other:
                assert_never(other)


class Reach(StrEnum):
    """How far a permission goes."""

    OWN = "own"  # a patient's own appointments; a doctor's: the appointments to that doctor; an admin has none
    ANY = "any"


class Action(StrEnum):
    """What can be done with an appointment, a record, an account."""

    SEE_OWN_ACCOUNT = "see own account"
    CHANGE_OWN_ACCOUNT = "change own account"
    BOOK = "book a visit"
    SEE_APPOINTMENT = "see a visit"
    CANCEL = "cancel a visit"
    CANCEL_LATE = "cancel a visit after the notice"
    RESCHEDULE = "move a visit"
    EDIT = "edit what was said before a visit"
    READ_STAFF_NOTES = "read the notes for colleagues on a visit"
    WRITE_STAFF_NOTES = "write the notes for colleagues on a visit"
    CONFIRM = "confirm a visit"
    COMPLETE = "complete a visit"
    REOPEN = "reopen a completed visit"
    READ_REOPENING_REASON = "read why a visit was reopened"
    ASSIGN_SERVICE = "assign a service"
    READ_RECORD = "read a medical record"
    WRITE_RECORD = "write a medical record"
    READ_REVISIONS = "read earlier versions of a medical record"
    TAKE_LEAVE = "enter leave"
    SEE_OWN_ACCESS_LOG = "see who read one's own records"
    MANAGE_CLINIC = "see and change accounts, departments, services, rooms and doctors"
    SEE_AUDIT_TRAIL = "see the audit trail, the outbox, the clinic's numbers and the state of the system"
    SEE_ROOMS = "see the rooms"
    SEE_DOCTORS_OF_DEPARTMENT = "see the doctors of a department for a form"
    SEE_PATIENTS = "see own patients"
    ASK_FOR_DEPARTMENT = "ask which department suits symptoms"


_OWN, _ANY = Reach.OWN, Reach.ANY
_PATIENT, _DOCTOR, _ADMIN = Role.PATIENT, Role.DOCTOR, Role.ADMIN

PERMISSIONS: Mapping[Action, Mapping[Role, Reach]] = {
    Action.SEE_OWN_ACCOUNT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _OWN},
    Action.CHANGE_OWN_ACCOUNT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _OWN},
    Action.BOOK: {_PATIENT: _OWN, _ADMIN: _ANY},
    Action.SEE_APPOINTMENT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _ANY},
    Action.CANCEL: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _ANY},
    Action.CANCEL_LATE: {_ADMIN: _ANY},
    Action.RESCHEDULE: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _ANY},
    Action.EDIT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _ANY},
    Action.READ_STAFF_NOTES: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.WRITE_STAFF_NOTES: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.CONFIRM: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.COMPLETE: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.REOPEN: {_ADMIN: _ANY},
    Action.READ_REOPENING_REASON: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.ASSIGN_SERVICE: {_DOCTOR: _OWN},
    Action.READ_RECORD: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _ANY},
    Action.WRITE_RECORD: {_DOCTOR: _OWN},
    Action.READ_REVISIONS: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.SEE_OWN_ACCESS_LOG: {_PATIENT: _OWN},
    Action.MANAGE_CLINIC: {_ADMIN: _ANY},
    Action.SEE_AUDIT_TRAIL: {_ADMIN: _ANY},
    Action.TAKE_LEAVE: {_DOCTOR: _OWN, _ADMIN: _ANY},
    Action.SEE_ROOMS: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
    Action.SEE_DOCTORS_OF_DEPARTMENT: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
    Action.SEE_PATIENTS: {_DOCTOR: _OWN},
    Action.ASK_FOR_DEPARTMENT: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
}


#: What nobody owns a part of: ``Reach.OWN`` reaches nothing of it.
OF_THE_CLINIC = frozenset(
    {
        Action.MANAGE_CLINIC,
        Action.SEE_AUDIT_TRAIL,
        Action.SEE_ROOMS,
        Action.SEE_DOCTORS_OF_DEPARTMENT,
        Action.ASK_FOR_DEPARTMENT,
    }
)
#: What is asked for without saying whose: the answer is the actor's own, however far the permission goes.
OF_ONESELF = frozenset({Action.SEE_OWN_ACCOUNT, Action.CHANGE_OWN_ACCOUNT, Action.SEE_OWN_ACCESS_LOG})


def signed_in(actor: Actor | None) -> Actor:
    """Return ``actor``; ``Unauthenticated`` without one."""
    if actor is None:
        raise Unauthenticated(N_("Please sign in to continue."))
    return actor


def not_allowed() -> Forbidden:
    """Return the refusal of a role that may not do a thing at all."""
    return Forbidden(N_("Your account isn't allowed to do this."))


def reach(actor: Actor, action: Action) -> Reach | None:
    """Return how far ``actor`` may go in ``action``, None if not at all."""
    return PERMISSIONS[action].get(actor.role)


def granted(actor: Actor, action: Action) -> Reach:
    """Return how far ``actor`` may go in ``action``; ``Forbidden`` if not at all."""
    found = reach(actor, action)
    if found is None:
        raise not_allowed()
    return found


def can(actor: Actor | None, action: Action, *, own: bool = True) -> bool:
    """Return whether ``actor`` may do ``action``, on a thing of their own or (``own=False``) of somebody else's."""
    if actor is None:
        return False
    found = reach(actor, action)
    match found:
        case None:
            return False
        case Reach.OWN:
            return own and action not in OF_THE_CLINIC
        case Reach.ANY:
            return True
        case other:
            assert_never(other)


def require(actor: Actor | None, action: Action, *, own: bool = True) -> Actor:
    """Return ``actor`` if they may do ``action``.

    ``Unauthenticated`` without an actor, ``Forbidden`` for the wrong role, ``NotFound`` for a thing of another's.
    """
    actor = signed_in(actor)
    granted(actor, action)
    if not can(actor, action, own=own):
        raise NotFound(N_("We can't find this entry."))
    return actor


def require_one_of(actor: Actor | None, actions: Iterable[Action]) -> Actor:
    """Return ``actor`` if their role may do at least one of ``actions``; else they are refused as by ``require``."""
    every = list(actions)
    return require(actor, next((action for action in every if can(actor, action)), every[0]))


def require_recent(actor: Actor | None, minutes: int | None = None) -> Actor:
    """Return ``actor`` if they showed recently that it is them; ``ProofRequired`` otherwise.

    For what does lasting harm in the hands of whoever finds a browser open: within ``minutes``, by default as long as the
    clinic decided. Commands ask it, so that no delivery can forget to.
    """
    actor = signed_in(actor)
    lasts = settings.current().accounts.proof_lasts if minutes is None else timedelta(minutes=minutes)
    if actor.proven_at is None or actor.proven_at < clock.now() - lasts:
        raise ProofRequired(N_("Please confirm that it's you first."))
    return actor
