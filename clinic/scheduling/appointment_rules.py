"""What the rules say of an appointment or a time, by what is known of it already: no database is asked."""

from datetime import date, datetime, time

from clinic import clock, settings
from clinic.policy import Action, Actor, can
from clinic.scheduling import lifecycle
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.scheduling.rows import AppointmentRow


def is_open(status: str) -> bool:
    """Return whether an appointment of this status holds its slot and can be changed."""
    return status in lifecycle.OPEN


def is_recordable(status: str) -> bool:
    """Return whether an appointment of this status may have a record: the patient is or was seen."""
    return status in lifecycle.TRANSITIONS[Transition.WRITE_RECORD].sources


def state_of(row: AppointmentRow) -> str:
    """Return where the appointment ``row`` stands, for ``expected_state`` of the commands that change it."""
    return lifecycle.state_of(AppointmentStatus(row["status"]), row["starts_at"], row["doctor"]["id"])


def change_deadline(row: AppointmentRow) -> datetime:
    """Return the moment until which a patient or doctor may cancel the appointment ``row``."""
    return lifecycle.change_deadline(row["starts_at"], settings.current().booking)


def cancellable_until(on: date, at: time) -> datetime | None:
    """Return until when a patient could cancel an appointment at this moment of the clinic; None if that is past
    already."""
    starts_at = clock.starts_at(on, at)
    late = lifecycle.too_late_to_cancel(starts_at, clock.now(), settings.current().booking)
    return None if late else lifecycle.change_deadline(starts_at, settings.current().booking)


def may_book(actor: Actor | None, *, patient_id: int | None = None) -> bool:
    """Return whether ``actor`` may go on to book: a patient for themselves, an admin for the patient of ``patient_id``.

    A guest may, and signs in at the end.
    """
    if actor is None:
        return True
    if patient_id is not None:
        return can(actor, Action.BOOK, own=False)
    return actor.patient_id is not None and can(actor, Action.BOOK)
