"""The life of an appointment as one table: from which status which change leads where, and until when.

Pure: knows no database, no person and no clock. Who may do it is ``clinic.policy``'s question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.settings import BookingRules


class AppointmentStatus(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Transition(StrEnum):
    """What may be done to an appointment's state."""

    CONFIRM = "confirm"
    COMPLETE = "complete"
    REOPEN = "reopen"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    HAND_OVER = "hand_over"
    ASSIGN_SERVICE = "assign_service"
    WRITE_RECORD = "write_record"


@dataclass(frozen=True)
class Rule:
    """From which statuses a change is possible, and to which it leads (None: the status stays).

    ``takes_back`` is for what undoes a mistake: a status that nothing else leads on from is final all the same.
    """

    sources: frozenset[AppointmentStatus]
    target: AppointmentStatus | None
    before_start: bool = False
    takes_back: bool = False


#: An open appointment holds its slot and can be changed.
OPEN = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
_SEEN = frozenset({AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED})

TRANSITIONS: Mapping[Transition, Rule] = {
    Transition.CONFIRM: Rule(frozenset({AppointmentStatus.BOOKED}), AppointmentStatus.CONFIRMED),
    Transition.COMPLETE: Rule(frozenset({AppointmentStatus.CONFIRMED}), AppointmentStatus.COMPLETED),
    Transition.REOPEN: Rule(frozenset({AppointmentStatus.COMPLETED}), AppointmentStatus.CONFIRMED, takes_back=True),
    Transition.CANCEL: Rule(frozenset(OPEN), AppointmentStatus.CANCELLED),
    Transition.RESCHEDULE: Rule(frozenset(OPEN), AppointmentStatus.BOOKED, before_start=True),
    Transition.HAND_OVER: Rule(frozenset(OPEN), None, before_start=True),
    Transition.ASSIGN_SERVICE: Rule(_SEEN, None),
    Transition.WRITE_RECORD: Rule(_SEEN, None),
}

_REFUSALS: Mapping[tuple[Transition, AppointmentStatus], str] = {
    (Transition.CONFIRM, AppointmentStatus.CONFIRMED): N_("This visit is already confirmed."),
    (Transition.COMPLETE, AppointmentStatus.BOOKED): N_("This visit has to be confirmed first."),
    (Transition.REOPEN, AppointmentStatus.BOOKED): N_("This visit isn't completed."),
    (Transition.REOPEN, AppointmentStatus.CONFIRMED): N_("This visit isn't completed."),
    (Transition.ASSIGN_SERVICE, AppointmentStatus.BOOKED): N_("This visit has to be confirmed first."),
    (Transition.WRITE_RECORD, AppointmentStatus.BOOKED): N_("This visit has to be confirmed first."),
}
_REFUSALS_BY_STATUS: Mapping[AppointmentStatus, str] = {
    AppointmentStatus.BOOKED: N_("This can't be done while the visit is waiting for confirmation."),
    AppointmentStatus.CONFIRMED: N_("This can't be done with a confirmed visit."),
    AppointmentStatus.COMPLETED: N_("This visit is already completed."),
    AppointmentStatus.CANCELLED: N_("This visit was cancelled."),
}


def state_of(status: AppointmentStatus, starts_at: datetime, doctor_id: int) -> str:
    """Return where an appointment stands, and with whom, as one text, for ``expected_state``: a page sends back the state
    that it showed."""
    return f"{status}@{starts_at.astimezone(UTC):%Y%m%dT%H%MZ}/{doctor_id}"


def change_deadline(starts_at: datetime, rules: BookingRules) -> datetime:
    """Return until when a patient or doctor may cancel an appointment that starts at ``starts_at``."""
    return starts_at - rules.notice


def too_late_to_cancel(starts_at: datetime, now: datetime, rules: BookingRules) -> bool:
    """Return whether a patient or doctor can't cancel any more."""
    return now > change_deadline(starts_at, rules)


def why_not(
    change: Transition,
    status: AppointmentStatus,
    *,
    starts_at: datetime,
    now: datetime,
    rules: BookingRules,
    may_be_late: bool = False,
) -> Conflict | None:
    """Return why ``change`` is not possible now, None if it is.

    ``invalid_transition`` for the wrong status; ``too_late`` for a cancellation with less than the notice of ``rules``
    (``may_be_late`` waives that) and for moving an appointment that has begun.
    """
    rule = TRANSITIONS[change]
    if status not in rule.sources:
        message = _REFUSALS.get((change, status)) or _REFUSALS_BY_STATUS[status]
        return Conflict(message, code="invalid_transition")
    if change is Transition.CANCEL and not may_be_late and too_late_to_cancel(starts_at, now, rules):
        return Conflict(
            N_("A visit can be cancelled until %(hours)d hours before it starts."),
            code="too_late",
            params={"hours": rules.notice_hours},
        )
    if rule.before_start and now >= starts_at:
        return Conflict(N_("This visit has already started."), code="too_late")
    return None


def status_after(change: Transition, status: AppointmentStatus) -> AppointmentStatus:
    """Return the status that an appointment has after ``change``."""
    return TRANSITIONS[change].target or status


def _is_final(status: AppointmentStatus) -> bool:
    """Return whether an appointment's life ends here: nothing leads on, but for taking the last change back."""
    return not any(
        status in rule.sources and rule.target not in {None, status} and not rule.takes_back
        for rule in TRANSITIONS.values()
    )


def diagram() -> str:
    """Return the table as a Mermaid state diagram; docs/lifecycle.md holds it and a test compares."""
    lines = ["stateDiagram-v2", "    [*] --> booked: book"]
    for change, rule in TRANSITIONS.items():
        if rule.target is not None:
            lines += [
                f"    {source} --> {rule.target}: {change}" for source in AppointmentStatus if source in rule.sources
            ]
    lines += [f"    {status} --> [*]" for status in AppointmentStatus if _is_final(status)]
    return "\n".join(lines)
