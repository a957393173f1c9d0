"""What may be edited of an appointment besides its state, and the state's changes by name.

Never status, date, time or fee: those have commands of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from sqlalchemy import inspect, select

from clinic.db import atomic, flush, session
from clinic.directory.models import Room
from clinic.errors import Conflict, DomainError, ExpectedVersion, InvalidInput, Text, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, can, not_allowed, require, require_one_of
from clinic.scheduling import settling
from clinic.scheduling.free_rooms import hold_room
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.scheduling.models import NOTES_STORED_MAX, REASON_MAX, SYMPTOMS_MAX, Appointment, EventType
from clinic.scheduling.notes import SharedNotes, keep_notes, notes_of
from clinic.scheduling.notifications import ROOM_CHANGED, present_slot, write_to_patient
from clinic.scheduling.obstacles import Standing, standing
from clinic.scheduling.queries import row_of
from clinic.scheduling.row_locks import hold_doctors
from clinic.scheduling.rows import AppointmentChanges, AppointmentRow, EventDetails, RoomChange
from clinic.scheduling.service import cancel, complete, confirm, load_appointment, record_event
from clinic.text.validation import ValidationErrors


def _editable(role: Role) -> frozenset[str]:
    match role:
        case Role.PATIENT:
            return frozenset({"symptoms", "reason"})
        case Role.DOCTOR:
            return frozenset({"notes"})
        case Role.ADMIN:
            return frozenset({"symptoms", "reason", "notes", "room_id"})
        case other:
            assert_never(other)


#: What each role may edit (API, ``PUT/PATCH appointments/{id}/``).
EDITABLE: Mapping[Role, frozenset[str]] = {role: _editable(role) for role in Role}
_LIMITS: Mapping[Literal["symptoms", "reason", "notes"], int] = {
    "symptoms": SYMPTOMS_MAX,
    "reason": REASON_MAX,
    "notes": NOTES_STORED_MAX,
}
STALE = N_("Somebody changed this visit after you opened it.")


@atomic
def edit_appointment(
    actor: Actor | None,
    appointment_id: int,
    changes: AppointmentChanges,
    *,
    expected_version: ExpectedVersion = None,
    clinics_notes_only: bool = False,
) -> AppointmentRow:
    """Change what is given of an appointment and return it.

    A patient (while it is booked or confirmed, else ``Conflict``): ``symptoms``, ``reason``; its doctor: ``notes``; an
    admin: these and ``room_id``. ``InvalidInput`` on any other key; ``Conflict`` ``room_taken`` on ``room_id``;
    ``Stale`` if any of these was changed since ``expected_version``. What changes nothing makes no new version.
    Another room of an appointment to come is mailed to the patient.
    With ``clinics_notes_only`` the given ``notes`` are the clinic's part alone (``notes.SharedNotes``); the rest of them
    stays.
    """
    actor, appointment = load_appointment(actor, Action.EDIT, appointment_id)
    errors = ValidationErrors()
    for name in changes:
        if name not in EDITABLE[actor.role]:
            errors.add(name, N_("This can't be changed here."))
    errors.raise_if_any()
    if refusal := why_no_edit(actor, AppointmentStatus(appointment.status)):
        raise refusal
    check_version(expected_version, appointment.version, STALE)
    earlier = present_slot(appointment)
    shared = notes_of(actor, appointment.id) if clinics_notes_only and "notes" in changes else None
    # Before anything is set: a select stores what is set, and the history wouldn't see it as changed.
    before = _held(actor, appointment) if "room_id" in changes else {}
    for name, most in _LIMITS.items():
        if name in changes:
            text = errors.text(name, changes[name], most=most)
            setattr(appointment, name, _whole(shared, text, errors) if shared and name == "notes" else text or None)
    if "room_id" in changes:
        _set_room(appointment, changes["room_id"], errors)
    errors.raise_if_any()
    _keep(actor, appointment, changes)
    if appointment.room_id != earlier.room_id:
        settling.decide(actor, before, standing(Appointment.id == appointment.id))
    if appointment.room_id != earlier.room_id and AppointmentStatus(appointment.status) in OPEN:
        return write_to_patient(appointment, ROOM_CHANGED, actor, earlier=earlier)
    return row_of(appointment.id, actor)


def _whole(shared: SharedNotes, text: str, errors: ValidationErrors) -> str | None:
    """Return the notes with ``text`` for the clinic's part, noting where they would be too long together."""
    whole = shared.with_clinic_text(text)
    if len(text) <= NOTES_STORED_MAX < len(whole):
        errors.add("notes", N_("The notes of this visit are full. Please shorten them."))
    return whole or None


def _keep(actor: Actor, appointment: Appointment, changes: AppointmentChanges) -> None:
    """Write what was changed as a new version, with a line in the history that names the fields."""
    changed = sorted(name for name in changes if inspect(appointment).attrs[name].history.has_changes())
    if not changed:
        return
    details: EventDetails = {"fields": changed}
    if "room_id" in changed:
        details["room"] = _room_numbers(appointment)
    appointment.version += 1
    # The index refuses a room that another appointment has then.
    in_use = Conflict(N_("This room is in use at that time."), code="room_taken", field="room_id")
    flush({"uq_appointments_room_slot": in_use})
    if "notes" in changed:
        keep_notes(appointment, actor)
    record_event(appointment, actor, EventType.EDITED, from_status=AppointmentStatus(appointment.status), **details)
    session().flush()


def _room_numbers(appointment: Appointment) -> RoomChange:
    """Return the numbers of the room that the appointment had and of the one it has now."""
    (before,) = inspect(appointment).attrs.room_id.history.deleted or (None,)
    with session().no_autoflush:
        rooms = session().execute(
            select(Room.id, Room.room_number).where(Room.id.in_({before, appointment.room_id} - {None}))
        )
    number_of = {row.id: row.room_number for row in rooms}
    return {"from": number_of.get(before), "to": number_of.get(appointment.room_id)}


def why_no_edit(actor: Actor, status: AppointmentStatus) -> DomainError | None:
    """Return why ``actor`` can't edit their appointment in this state, None if they can: a patient only while it is
    open."""
    if not can(actor, Action.EDIT):
        return not_allowed()
    if actor.patient_id is not None and status not in OPEN:
        return Conflict(N_("This visit can no longer be changed."), code="invalid_transition")
    return None


def _held(actor: Actor, appointment: Appointment) -> Mapping[int, Standing]:
    """Return what keeps an appointment from staying as it is, with its doctor held."""
    hold_doctors(actor, [appointment.doctor_id])
    return standing(Appointment.id == appointment.id)


def _set_room(appointment: Appointment, room_id: int | None, errors: ValidationErrors) -> None:
    if room_id is not None and room_id != appointment.room_id and not hold_room(room_id):
        errors.add("room_id", N_("Please choose one of the clinic's rooms."))
        return
    appointment.room_id = room_id


@dataclass(frozen=True, slots=True)
class StatusChange:
    """How an appointment is brought to a status: by which command, which asks for which permission."""

    command: Callable[..., AppointmentRow]
    action: Action


#: The statuses that a program may name for an appointment (API, ``.../update-status/``). Its schema, its permissions and
#: its refusal are made of these.
STATUS_CHANGES: Mapping[AppointmentStatus, StatusChange] = {
    AppointmentStatus.CONFIRMED: StatusChange(confirm, Action.CONFIRM),
    AppointmentStatus.COMPLETED: StatusChange(complete, Action.COMPLETE),
    AppointmentStatus.CANCELLED: StatusChange(cancel, Action.CANCEL),
}


def update_status(actor: Actor | None, appointment_id: int, status: str) -> AppointmentRow:
    """Bring an appointment to ``status`` (one of ``STATUS_CHANGES``) by that change's own rules, and return it.

    ``InvalidInput`` on ``status`` for any other.
    """
    actor = require_one_of(actor, (change.action for change in STATUS_CHANGES.values()))
    if status not in STATUS_CHANGES:
        words = Text(N_("This must be one of: %(choices)s."), {"choices": ", ".join(STATUS_CHANGES)})
        raise InvalidInput.of({"status": [words]})
    change = STATUS_CHANGES[AppointmentStatus(status)]
    require(actor, change.action)
    return change.command(actor, appointment_id)
