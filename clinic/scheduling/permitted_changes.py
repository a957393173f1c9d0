"""Which changes a person may make to an appointment now: what the life cycle allows, of what the permissions grant."""

from typing import assert_never

from clinic import clock, settings
from clinic.errors import DomainError
from clinic.policy import Action, Actor
from clinic.scheduling import lifecycle
from clinic.scheduling.bookable_doctors import why_closed
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import may


def action_of(change: Transition) -> Action:
    """Return the permission that a change of an appointment asks for."""
    match change:
        case Transition.CONFIRM:
            return Action.CONFIRM
        case Transition.COMPLETE:
            return Action.COMPLETE
        case Transition.REOPEN:
            return Action.REOPEN
        case Transition.CANCEL:
            return Action.CANCEL
        case Transition.RESCHEDULE:
            return Action.RESCHEDULE
        case Transition.HAND_OVER:
            return Action.HAND_OVER
        case Transition.ASSIGN_SERVICE:
            return Action.ASSIGN_SERVICE
        case Transition.WRITE_RECORD:
            return Action.WRITE_RECORD
        case other:
            assert_never(other)


def possible(actor: Actor, row: AppointmentRow) -> dict[str, DomainError | None]:
    """Return the changes that the actor may make to an appointment, each with why it is not possible now, or None."""
    whose = {"patient_id": row["patient"]["id"], "doctor_id": row["doctor"]["id"]}
    found: dict[str, DomainError | None] = {
        str(change): lifecycle.why_not(
            change,
            AppointmentStatus(row["status"]),
            starts_at=row["starts_at"],
            now=clock.now(),
            rules=settings.current().booking,
            may_be_late=may(actor, Action.CANCEL_LATE, **whose),
        )
        for change in Transition
        if may(actor, action_of(change), **whose)
    }
    if Transition.RESCHEDULE in found and found[Transition.RESCHEDULE] is None:
        found[Transition.RESCHEDULE] = why_closed(row["doctor"]["id"])
    return found
