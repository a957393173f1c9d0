"""Which changes a person may make to an appointment now: what the life cycle allows, of what the permissions grant."""

from clinic import clock, settings
from clinic.errors import DomainError
from clinic.policy import Action, Actor
from clinic.scheduling import lifecycle
from clinic.scheduling.bookable_doctors import why_closed
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import may

#: Which permission each change of an appointment asks for.
ACTION_OF = {
    Transition.CONFIRM: Action.CONFIRM,
    Transition.COMPLETE: Action.COMPLETE,
    Transition.REOPEN: Action.REOPEN,
    Transition.CANCEL: Action.CANCEL,
    Transition.RESCHEDULE: Action.RESCHEDULE,
    Transition.ASSIGN_SERVICE: Action.ASSIGN_SERVICE,
    Transition.WRITE_RECORD: Action.WRITE_RECORD,
}


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
        for change, action in ACTION_OF.items()
        if may(actor, action, **whose)
    }
    if Transition.RESCHEDULE in found and found[Transition.RESCHEDULE] is None:
        found[Transition.RESCHEDULE] = why_closed(row["doctor"]["id"])
    return found
