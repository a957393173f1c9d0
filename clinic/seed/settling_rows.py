"""Rows of the demo clinic's visits that wait to be settled: those that stood where a closure or leave was entered."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from clinic.policy import Role
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.seed.layout import Placed
from clinic.seed.numbering import ADMIN_ID, DOCTOR_IDS, PATIENT_IDS

Row = dict[str, Any]


def waiting(
    appointments: list[Placed],
    cause: SettlingCause,
    cause_id: int,
    days: tuple[date, date],
    at: datetime,
    by: int,
    doctor_id: int | None = None,
) -> list[Row]:
    """Return the rows (without ids) that a cause entered ``at`` a moment left, of all doctors or one; those that were
    cancelled since are settled."""
    in_time = sorted(enumerate(appointments, 1), key=lambda item: (item[1].on, item[1].at, item[0]))
    return [
        {
            "appointment_id": number,
            "cause": cause,
            "cause_id": cause_id,
            "opened_at": at,
            "opened_by_id": by,
            **_outcome(appointment),
        }
        for number, appointment in in_time
        if doctor_id in (None, DOCTOR_IDS[appointment.plan.doctor])
        and days[0] <= appointment.on <= days[1]
        and _was_open(appointment, at)
    ]


def _was_open(appointment: Placed, at: datetime) -> bool:
    statuses = [step.after for step in appointment.steps if step.at <= at]
    return bool(statuses) and statuses[-1] in OPEN


def _outcome(appointment: Placed) -> Row:
    """Return what became of a visit since."""
    if appointment.status is not AppointmentStatus.CANCELLED:
        return {"outcome": None, "settled_at": None, "settled_by_id": None}
    last = appointment.steps[-1]
    plan = appointment.plan
    people = {Role.PATIENT: PATIENT_IDS[plan.patient], Role.DOCTOR: DOCTOR_IDS[plan.doctor], Role.ADMIN: ADMIN_ID}
    return {"outcome": SettlingOutcome.CANCELLED, "settled_at": last.at, "settled_by_id": people[last.by]}


def numbered(rows: list[Row]) -> Iterator[Row]:
    """Yield rows with their ids, in the order in which they began to wait."""
    in_order = sorted(rows, key=lambda row: row["opened_at"])
    return ({"id": number, **row} for number, row in enumerate(in_order, 1))
