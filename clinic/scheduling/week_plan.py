"""A doctor's own days: appointments by time, the times that leave closes, and how many are free."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from clinic.policy import Action, Actor, not_allowed, require
from clinic.scheduling.calendar import HOURS, SLOT_TIMES
from clinic.scheduling.leave import absences
from clinic.scheduling.queries import between
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.slots import free_days


@dataclass(frozen=True)
class LeaveBlock:
    """Times of a day closed by leave without a gap: until when, and how many slots."""

    end: time
    slots: int


@dataclass(frozen=True)
class DayPlan:
    """A day of a doctor's week: appointments by time, the times closed by leave, and how many are free (None: not
    bookable)."""

    date: date
    appointments: dict[time, AppointmentRow]
    away: frozenset[time]
    free: int | None

    @property
    def leave_blocks(self) -> dict[time, LeaveBlock]:
        """The closed times that follow each other without an appointment, by the time at which each block starts."""
        blocks: dict[time, LeaveBlock] = {}
        start: time | None = None
        for at, end in pairwise(HOURS):
            if at not in self.away or at in self.appointments:
                start = None
                continue
            start = at if start is None else start
            blocks[start] = LeaveBlock(end, blocks[start].slots + 1 if start in blocks else 1)
        return blocks

    @property
    def away_all_day(self) -> bool:
        """Whether leave covers the whole day."""
        return len(self.away) == len(SLOT_TIMES)


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
    absent = absences([actor.doctor_id], dates[0], dates[-1])[actor.doctor_id]
    free = {each.date: each.free for each in free_days(actor.doctor_id)}
    return [
        DayPlan(
            on,
            appointments[on],
            frozenset(moment.time for moment in absent.slots_away([on])),
            free.get(on),
        )
        for on in dates
    ]
