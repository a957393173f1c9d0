"""Doctors who could take an appointment over: when each of them is free, nearest to when it is."""

from collections.abc import Collection
from datetime import timedelta

from clinic import clock
from clinic.errors import NotFound
from clinic.policy import Action, Actor, require
from clinic.scheduling import calendar
from clinic.scheduling.calendar import Moment
from clinic.scheduling.queries import NO_APPOINTMENT
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import may
from clinic.scheduling.slots import bookable_days, occupied_besides

#: How many days from its own an appointment is offered at.
_NEAR = timedelta(days=7)


def free_colleagues(
    actor: Actor | None, row: AppointmentRow, doctor_ids: Collection[int], *, count: int = 3
) -> dict[int, list[Moment]]:
    """Return the free times of each of these doctors that are nearest to an appointment's own, in the order of time: that
    alone where they are free then, none where they aren't within a week. The patient is free then, too."""
    actor = require(actor, Action.HAND_OVER)
    if not may(actor, Action.HAND_OVER, patient_id=row["patient"]["id"], doctor_id=row["doctor"]["id"]):
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    present = Moment(row["appointment_date"], row["appointment_time"])
    days = [day for day in bookable_days() if abs(day - present.date) <= _NEAR]
    if not days or not doctor_ids:
        return {doctor_id: [] for doctor_id in doctor_ids}
    occupied = occupied_besides(
        present, doctor_ids, days, actor=actor, patient_id=row["patient"]["id"], moving=row["id"]
    )
    now, found = clock.local(clock.now()), dict[int, list[Moment]]()
    for doctor_id in doctor_ids:
        free = list(calendar.free_moments(days, now=now, **occupied.of(doctor_id)))
        found[doctor_id] = [present] if present in free else calendar.nearest(free, present, count)
    return found
