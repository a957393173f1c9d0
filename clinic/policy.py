"""Who may read and do what, in one table that a privacy officer can read.

Answers "may this person", never "may this happen now" (that is ``scheduling.lifecycle``). A role that may not do a
thing at all is refused the same way for any id (``Forbidden``); a thing of somebody else's is ``NotFound``, so that
ids can't be probed. Lists are narrowed by the same table (``scheduling.scope``). Where a role or a reach is matched,
``assert_never`` makes a new one a type error until somebody says what it means there.
"""

from collections.abc import Collection, Iterable, Mapping
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


EVERY_DUTY = frozenset(Duty)


class Purpose(StrEnum):
    """What the office reads a medical record for; the patient is shown it."""

    PATIENT_REQUEST = "patient_request"
    BILLING = "billing"
    CORRECTION = "correction"
    COMPLAINT = "complaint"
    QUALITY = "quality"
    OTHER = "other"
    #: A program that didn't say.
    API = "api"


#: What a person states.
STATED_PURPOSES = tuple(each for each in Purpose if each is not Purpose.API)


def in_order(duties: Collection[str]) -> list[Duty]:
    """Return duties in the order in which they are stored and shown, each once."""
    return [duty for duty in Duty if duty in duties]


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
    #: What they say that they read records for; the office has to.
    purpose: Purpose | None = None
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

    def for_purpose(self, purpose: Purpose) -> Self:
        """Return the same person, who says what they read records for."""
        return replace(self, purpose=purpose)

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
    HAND_OVER = "hand a visit over to another doctor"
    PROPOSE_DOCTOR = "propose another doctor for a visit"
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
    SEE_VISITS_TO_SETTLE = "see the visits that can't stay as they are"
    SETTLE = "settle the visits that can't stay as they are"
    OPEN_EXTRA_HOURS = "open extra hours of a doctor"
    MANAGE_HOURS = "set the clinic's and the doctors' hours, and close the clinic"
    SEE_OWN_ACCESS_LOG = "see who read one's own records"
    SEE_PEOPLE = "find people and open their accounts"
    EDIT_PATIENTS = "admit, correct and invite patients"
    MANAGE_ACCOUNTS = "correct and invite colleagues, switch accounts, reset second factors"
    MANAGE_DIRECTORY = "see and change departments, services, rooms and what is published about doctors"
    MANAGE_SETTINGS = "see and change the clinic's settings"
    SEE_DIRECTORY_LISTS = "see the lists of departments, services, rooms and doctors, inactive ones too"
    SEE_STATISTICS = "see the clinic's numbers"
    SEE_OUTBOX = "see the outbox"
    SEND_MAIL_AGAIN = "send mail again that was given up"
    SEE_SYSTEM = "see the state of the system"
    SEE_AUDIT_TRAIL = "see the audit trail and what stands out of it"
    SEE_ROOMS = "see the rooms"
    SEE_DOCTORS_OF_DEPARTMENT = "see the doctors of a department for a form"
    SEE_PATIENTS = "see own patients"
    ASK_FOR_DEPARTMENT = "ask which department suits symptoms"


#: Who a reach is given to: a role, or an admin with a duty. ``Role.ADMIN`` is every admin, whatever their duties.
Grantee = Role | Duty

_OWN, _ANY = Reach.OWN, Reach.ANY
_PATIENT, _DOCTOR, _ADMIN = Role.PATIENT, Role.DOCTOR, Role.ADMIN
_RECEPTION, _CATALOGUE, _RECORDS, _ACCOUNTS, _AUDIT = (
    Duty.RECEPTION,
    Duty.CATALOGUE,
    Duty.RECORDS,
    Duty.ACCOUNTS,
    Duty.AUDIT,
)

PERMISSIONS: Mapping[Action, Mapping[Grantee, Reach]] = {
    Action.SEE_OWN_ACCOUNT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _OWN},
    Action.CHANGE_OWN_ACCOUNT: {_PATIENT: _OWN, _DOCTOR: _OWN, _ADMIN: _OWN},
    Action.BOOK: {_PATIENT: _OWN, _RECEPTION: _ANY},
    Action.SEE_APPOINTMENT: {_PATIENT: _OWN, _DOCTOR: _OWN, _RECEPTION: _ANY, _RECORDS: _ANY},
    Action.CANCEL: {_PATIENT: _OWN, _DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.CANCEL_LATE: {_RECEPTION: _ANY},
    Action.RESCHEDULE: {_PATIENT: _OWN, _DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.HAND_OVER: {_RECEPTION: _ANY},
    Action.PROPOSE_DOCTOR: {_DOCTOR: _OWN},
    Action.EDIT: {_PATIENT: _OWN, _DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.READ_STAFF_NOTES: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.WRITE_STAFF_NOTES: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.CONFIRM: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.COMPLETE: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.REOPEN: {_RECEPTION: _ANY},
    Action.READ_REOPENING_REASON: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.ASSIGN_SERVICE: {_DOCTOR: _OWN},
    Action.READ_RECORD: {_PATIENT: _OWN, _DOCTOR: _OWN, _RECORDS: _ANY},
    Action.WRITE_RECORD: {_DOCTOR: _OWN},
    Action.READ_REVISIONS: {_DOCTOR: _OWN, _RECORDS: _ANY},
    Action.SEE_OWN_ACCESS_LOG: {_PATIENT: _OWN},
    Action.TAKE_LEAVE: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.SEE_VISITS_TO_SETTLE: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.SETTLE: {_RECEPTION: _ANY},
    Action.OPEN_EXTRA_HOURS: {_DOCTOR: _OWN, _RECEPTION: _ANY},
    Action.MANAGE_HOURS: {_CATALOGUE: _ANY},
    Action.SEE_PATIENTS: {_DOCTOR: _OWN},
    Action.SEE_PEOPLE: {_RECEPTION: _ANY, _RECORDS: _ANY, _ACCOUNTS: _ANY},
    Action.EDIT_PATIENTS: {_RECEPTION: _ANY, _ACCOUNTS: _ANY},
    Action.MANAGE_ACCOUNTS: {_ACCOUNTS: _ANY},
    Action.MANAGE_DIRECTORY: {_CATALOGUE: _ANY},
    Action.MANAGE_SETTINGS: {_CATALOGUE: _ANY},
    Action.SEE_DIRECTORY_LISTS: {_RECEPTION: _ANY, _CATALOGUE: _ANY, _RECORDS: _ANY, _ACCOUNTS: _ANY},
    Action.SEE_STATISTICS: {_RECEPTION: _ANY, _CATALOGUE: _ANY, _AUDIT: _ANY},
    Action.SEE_OUTBOX: {_RECEPTION: _ANY, _AUDIT: _ANY},
    Action.SEND_MAIL_AGAIN: {_RECEPTION: _ANY},
    Action.SEE_SYSTEM: {_ACCOUNTS: _ANY, _AUDIT: _ANY},
    Action.SEE_AUDIT_TRAIL: {_AUDIT: _ANY},
    Action.SEE_ROOMS: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
    Action.SEE_DOCTORS_OF_DEPARTMENT: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
    Action.ASK_FOR_DEPARTMENT: {_PATIENT: _ANY, _DOCTOR: _ANY, _ADMIN: _ANY},
}


#: What nobody owns a part of: ``Reach.OWN`` reaches nothing of it.
OF_THE_CLINIC = frozenset(
    {
        Action.SEE_PEOPLE,
        Action.EDIT_PATIENTS,
        Action.MANAGE_ACCOUNTS,
        Action.MANAGE_DIRECTORY,
        Action.MANAGE_SETTINGS,
        Action.MANAGE_HOURS,
        Action.SETTLE,
        Action.SEE_DIRECTORY_LISTS,
        Action.SEE_STATISTICS,
        Action.SEE_OUTBOX,
        Action.SEND_MAIL_AGAIN,
        Action.SEE_SYSTEM,
        Action.SEE_AUDIT_TRAIL,
        Action.SEE_ROOMS,
        Action.SEE_DOCTORS_OF_DEPARTMENT,
        Action.ASK_FOR_DEPARTMENT,
    }
)
#: What is asked for without saying whose: the answer is the actor's own, however far the permission goes.
OF_ONESELF = frozenset({Action.SEE_OWN_ACCOUNT, Action.CHANGE_OWN_ACCOUNT, Action.SEE_OWN_ACCESS_LOG})


def editing_accounts_of(role: Role) -> Action:
    """Return what somebody must be allowed who corrects or invites an account of ``role``."""
    match role:
        case Role.PATIENT:
            return Action.EDIT_PATIENTS
        case Role.DOCTOR | Role.ADMIN:
            return Action.MANAGE_ACCOUNTS
        case other:
            assert_never(other)


#: One of these is asked for before it is known whose account it is.
EDITING_ACCOUNTS = tuple(dict.fromkeys(map(editing_accounts_of, Role)))


def signed_in(actor: Actor | None) -> Actor:
    """Return ``actor``; ``Unauthenticated`` without one."""
    if actor is None:
        raise Unauthenticated(N_("Please sign in to continue."))
    return actor


def not_allowed() -> Forbidden:
    """Return the refusal of a role that may not do a thing at all."""
    return Forbidden(N_("Your account isn't allowed to do this."))


def reach(actor: Actor, action: Action) -> Reach | None:
    """Return how far ``actor`` may go in ``action``, None if not at all; with several duties as far as any of them goes."""
    line = PERMISSIONS[action]
    found = line.get(actor.role)
    if actor.role is not Role.ADMIN:
        return found
    reaches = {found, *(line.get(duty) for duty in actor.duties)}
    return Reach.ANY if Reach.ANY in reaches else Reach.OWN if Reach.OWN in reaches else None


def roles_of(action: Action) -> frozenset[Role]:
    """Return the roles of which somebody may do ``action``; of admins perhaps only those with a duty."""
    return frozenset(Role.ADMIN if isinstance(who, Duty) else who for who in PERMISSIONS[action])


def is_for_all_of(role: Role, action: Action) -> bool:
    """Return whether everybody of a role may do ``action``, whatever their duties."""
    return role in PERMISSIONS[action]


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


def may_all(actor: Actor | None, actions: Iterable[Action]) -> bool:
    """Return whether ``actor`` may do each of ``actions``."""
    return all(can(actor, action) for action in actions)


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
    every, actor = list(actions), signed_in(actor)
    # Whoever reaches a part of it, though none of this, is told that there is nothing.
    reached = (action for action in every if reach(actor, action) is not None)
    return require(actor, next((action for action in every if can(actor, action)), next(reached, every[0])))


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


def owner_is_known(actor: Actor) -> bool:
    """Return whether it is known whose the actor's account is, as far as the clinic asks for that of its patients.

    Anybody can register with another person's e-mail, and the reception may book for them then.
    """
    return actor.patient_id is None or actor.is_confirmed or not settings.current().accounts.records_need_proof
