"""Switching departments, services, rooms and accounts, on which appointments depend, off and on.

Nothing with coming appointments is switched off silently: who does it says how many they were shown, and is refused if
there are others by then. They stay as they are and wait to be settled; where it is switched on again before, they are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select

from clinic import audit
from clinic.accounts.for_domains import hold_admins, locked_person, user_by_email, write_switch
from clinic.accounts.models import User
from clinic.audit import OPERATOR, AuditAction, Subject, SystemActor
from clinic.db import atomic, row_id, session
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.errors import Conflict, NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, can, require, require_recent
from clinic.scheduling import settling
from clinic.scheduling.calendar_models import SettlingCause
from clinic.scheduling.models import Appointment
from clinic.scheduling.obstacles import Standing, standing
from clinic.scheduling.queries import noted, rows_where, upcoming
from clinic.scheduling.row_locks import lock_doctors
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import scope


class EntryKind(StrEnum):
    """What the office switches off and on."""

    DEPARTMENT = "department"
    SERVICE = "service"
    ROOM = "room"
    ACCOUNT = "account"


_TABLES: Mapping[EntryKind, Any] = {
    EntryKind.DEPARTMENT: Department,
    EntryKind.SERVICE: Service,
    EntryKind.ROOM: Room,
}
#: Who switches what, and sees what depends on it.
_SWITCHING: Mapping[EntryKind, Action] = {
    EntryKind.DEPARTMENT: Action.MANAGE_DIRECTORY,
    EntryKind.SERVICE: Action.MANAGE_DIRECTORY,
    EntryKind.ROOM: Action.MANAGE_DIRECTORY,
    EntryKind.ACCOUNT: Action.MANAGE_ACCOUNTS,
}
_HANGS_ON: Mapping[EntryKind, Callable[[int], ColumnElement[bool]]] = {
    # Its own, and those of its doctors from before they came to it: nobody can be booked with them while it is off.
    EntryKind.DEPARTMENT: lambda number: (
        (Appointment.department_id == number)
        | Appointment.doctor_id.in_(select(Doctor.user_id).where(Doctor.department_id == number))
    ),
    EntryKind.SERVICE: lambda number: Appointment.service_id == number,
    EntryKind.ROOM: lambda number: Appointment.room_id == number,
    EntryKind.ACCOUNT: lambda number: (Appointment.doctor_id == number) | (Appointment.patient_id == number),
}


@dataclass(frozen=True)
class Dependents:
    """What depends on an entry: its coming appointments, how many in all, and a department's active doctors."""

    appointments: list[AppointmentRow]
    appointment_count: int
    doctor_count: int


def _coming(kind: EntryKind, entry_id: int) -> list[ColumnElement[bool]]:
    return [_HANGS_ON[kind](entry_id), *upcoming()]


def _count(kind: EntryKind, entry_id: int) -> int:
    return session().scalar(select(func.count(Appointment.id)).where(*_coming(kind, entry_id))) or 0


def dependents(actor: Actor | None, kind: EntryKind, entry_id: int, *, most: int = 20) -> Dependents:
    """Return what depends on an entry, with the first ``most`` of its coming appointments that the actor may see,
    soonest first."""
    return read_dependents(require(actor, _SWITCHING[kind]), kind, row_id(entry_id), most)


def read_dependents(actor: Actor, kind: EntryKind, number: int, most: int = 20) -> Dependents:
    """Return what ``dependents`` does to somebody who was let in."""
    order = (Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
    appointments = []
    if can(actor, Action.SEE_APPOINTMENT):
        seen = [*_coming(kind, number), *scope(actor, Action.SEE_APPOINTMENT)]
        appointments = noted(actor, rows_where(seen, order, actor.language, most))
    doctors = 0
    if kind is EntryKind.DEPARTMENT:
        counted = (
            select(func.count(Doctor.user_id))
            .join(User, User.id == Doctor.user_id)
            .where(Doctor.department_id == number, User.is_active)
        )
        doctors = session().scalar(counted) or 0
    return Dependents(appointments, _count(kind, number), doctors)


@atomic
def switch(actor: Actor | None, kind: EntryKind, entry_id: int, *, active: bool, expected_count: int = 0) -> None:
    """Switch an entry off or on. Its appointments stay as they are, and wait to be settled if they can't be kept without it;
    what is off can't be booked any more.

    Where it is so already, nothing is done or noted: a second press finds it done.
    ``expected_count`` is the number of coming appointments that the person was shown; ``Conflict`` ``visits_booked`` if
    there are others by now. ``NotFound`` if there is no such entry. ``ProofRequired`` for an account.
    """
    actor = require(actor, _SWITCHING[kind])
    if kind is EntryKind.ACCOUNT:
        require_recent(actor)
    number = row_id(entry_id)
    row = _locked(actor, kind, number)
    if row.is_active == active:
        return
    if not active:
        refuse_surprise(kind, number, expected_count)
    before = _standing(kind, number)
    if isinstance(row, User):
        write_switch(actor, row, active)
    else:
        row.is_active = active
        session().flush()
        audit.record(actor, AuditAction.DIRECTORY_CHANGED, [Subject(number)], kind=str(kind), active=active)
    settling.decide(actor, before, _standing(kind, number), because=(SettlingCause.SWITCHED_OFF, number))


@atomic
def switch_account(email: str, *, active: bool) -> None:
    """Switch an account off or on whatever depends on it, for the operator; as by ``switch``, nothing is done twice.

    ``NotFound`` for an unknown e-mail.
    """
    known = user_by_email(email)
    if known is None:
        raise NotFound(N_("There's no account with this e-mail."))
    user = _locked(OPERATOR, EntryKind.ACCOUNT, known.id)
    if user.is_active != active:
        before = _standing(EntryKind.ACCOUNT, user.id)
        write_switch(OPERATOR, user, active)
        after = _standing(EntryKind.ACCOUNT, user.id)
        settling.decide(OPERATOR, before, after, because=(SettlingCause.SWITCHED_OFF, user.id))


#: On what the appointments stand that can't be kept without it: not on a service, whose price was agreed, nor on a patient's
#: account, which only signs in.
_STAND_ON: Mapping[EntryKind, Callable[[int], ColumnElement[bool]]] = {
    EntryKind.DEPARTMENT: _HANGS_ON[EntryKind.DEPARTMENT],
    EntryKind.ROOM: _HANGS_ON[EntryKind.ROOM],
    EntryKind.ACCOUNT: lambda number: Appointment.doctor_id == number,
}


def _standing(kind: EntryKind, number: int) -> Mapping[int, Standing]:
    """Return how the appointments to come that stand on an entry stand now."""
    return standing(_STAND_ON[kind](number)) if kind in _STAND_ON else {}


def _locked(actor: Actor | SystemActor, kind: EntryKind, entry_id: int) -> Any:
    """Return what is to be switched, locked; ``NotFound`` if there is no such entry.

    With a doctor's account the doctor's row is locked, too, with a department or a room all doctors', in the order of
    ``row_locks``: bookings that are under way are waited for, and nobody else decides of the same appointments.
    """
    if kind is EntryKind.ACCOUNT:
        hold_admins()  # the last one who looks after accounts stays
        user = locked_person(entry_id)
        if user.role == Role.DOCTOR:
            lock_doctors(actor, user.id)
        return user
    if kind in _STAND_ON:
        lock_doctors(actor)
    row = session().get(_TABLES[kind], entry_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(N_("We can't find this entry."))
    return row


def refuse_surprise(kind: EntryKind, number: int, expected_count: int) -> None:
    """Refuse where other appointments depend on an entry than the ``expected_count`` that the person was shown
    (``Conflict`` ``visits_booked``)."""
    present = _count(kind, number)
    if present != expected_count:
        raise Conflict(
            N_("Upcoming visits affected: %(count)d. Please check them before you go on."),
            code="visits_booked",
            params={"count": present},
        )
