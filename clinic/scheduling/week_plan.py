"""A doctor's own days: appointments by time, the times at which nobody is seen, and how many are free."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from clinic.policy import Action, Actor, not_allowed, require
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar import HOURS, SLOT_TIMES, SlotStatus
from clinic.scheduling.day_frame import closed_times
from clinic.scheduling.queries import between
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.slots import free_days


@dataclass(frozen=True)
class ClosedBlock:
    """Times of a day without a gap at which nobody is seen, for one reason: until when, and how many slots."""

    reason: SlotStatus
    end: time
    slots: int


@dataclass(frozen=True)
class DayPlan:
    """A day of a doctor's week: appointments by time, the times at which nobody is seen by why, and how many are free
    (None: not bookable)."""

    date: date
    appointments: dict[time, AppointmentRow]
    closed: Mapping[time, SlotStatus]
    free: int | None

    @property
    def away(self) -> frozenset[time]:
        """The times that leave closes."""
        return frozenset(at for at, reason in self.closed.items() if reason is SlotStatus.AWAY)

    @property
    def blocks(self) -> dict[time, ClosedBlock]:
        """The closed times that follow each other without an appointment, by the time at which each block starts."""
        blocks: dict[time, ClosedBlock] = {}
        start: time | None = None
        for at, end in pairwise(HOURS):
            reason = self.closed.get(at)
            if reason is None or at in self.appointments:
                start = None
                continue
            if start is None or blocks[start].reason is not reason:
                start = at
            blocks[start] = ClosedBlock(reason, end, blocks[start].slots + 1 if start in blocks else 1)
        return blocks

    @property
    def closed_all_day(self) -> SlotStatus | None:
        """Why nobody is seen on the whole day: by what closes most of it; None if somebody may be."""
        if len(self.closed) < len(SLOT_TIMES):
            return None
        [(reason, _slots)] = Counter(self.closed.values()).most_common(1)
        return reason


def week(actor: Actor | None, first: date, *, days: int = 7) -> list[DayPlan]:
    """Return a doctor's own days from ``first`` on, with the appointments that are not cancelled; nobody else has
    such."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if actor.doctor_id is None:
        raise not_allowed()
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    appointments: dict[date, dict[time, AppointmentRow]] = {on: {} for on in dates}
    for row in between(actor, dates[0], dates[-1], doctor_id=actor.doctor_id):
        appointments[row["appointment_date"]][row["appointment_time"]] = row
    presence = attendance([actor.doctor_id], dates[0], dates[-1])[actor.doctor_id]
    free = {each.date: each.free for each in free_days(actor.doctor_id)}
    return [
        DayPlan(
            on,
            appointments[on],
            closed_times(presence.frame(on)),
            free.get(on),
        )
        for on in dates
    ]
