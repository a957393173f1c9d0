"""The calendar as pure functions: hours and bookings in, slots out, each with the reason why it can't be booked.

Knows no database and no clock. Dates and times are the clinic's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, islice
from typing import NamedTuple, assert_never

from clinic.i18n import N_
from clinic.settings import BookingRules

#: A day of the clinic: when its first slot starts, when its last one is over at the latest, and how long a slot is.
DAY_STARTS, DAY_ENDS = time(8), time(17)
SLOT_MINUTES = 30


def slot_times(starts: time, ends: time, minutes: int) -> tuple[time, ...]:
    """Return when the slots of a day start: as many of ``minutes`` as there is room for.

    >>> [f"{at:%H:%M}" for at in slot_times(time(9), time(10), 20)]
    ['09:00', '09:20', '09:40']
    """
    first, end = (at.hour * 60 + at.minute for at in (starts, ends))
    return tuple(time(*divmod(minute, 60)) for minute in range(first, end - minutes + 1, minutes))


def slot_end(at: time) -> time:
    """Return when the slot that starts at ``at`` is over."""
    return (datetime.combine(date.min, at) + timedelta(minutes=SLOT_MINUTES)).time()


def slot_of(at: time) -> time:
    """Return when the slot starts that is under way at ``at``; the first one before the day starts."""
    return max((start for start in SLOT_TIMES if start <= at), default=SLOT_TIMES[0])


#: When the slots of a day start; a check of the table holds the times.
SLOT_TIMES = slot_times(DAY_STARTS, DAY_ENDS, SLOT_MINUTES)
#: When hours of a day may begin and end: the slots' grid, and the end of the last slot.
HOURS = (*SLOT_TIMES, slot_end(SLOT_TIMES[-1]))
#: The refusal of days that are the wrong way round, wherever a first and a last one are asked for.
REVERSED_DAYS = N_("The last day can't be before the first.")
#: The refusal of a time between the times that can be chosen; ``grid_of`` has its parameters.
OFF_GRID = N_("Please choose a time from %(first)s to %(last)s, in steps of %(minutes)d minutes.")


class SlotStatus(StrEnum):
    """Why a slot can't be booked. Where several hold, the first one in this order is said."""

    PAST = "past"  # it has begun
    TOO_FAR = "too_far"  # it is beyond the days that can be booked
    YOURS = "yours"  # the patient who asks has an appointment then
    TAKEN = "taken"  # the doctor has an appointment then, or the slot is held for one
    AWAY = "away"  # the doctor has leave
    CLOSED = "closed"  # the clinic is closed, or the doctor sees nobody at present: they or the department are off
    OFF_HOURS = "off_hours"  # neither the doctor nor the clinic has hours then
    TOO_SOON = "too_soon"  # it starts sooner than whoever asks may book


class Moment(NamedTuple):
    """A slot's start: a day and time of the clinic. A tuple, because the calendar compares hundreds for one page."""

    date: date
    time: time


class Slot(NamedTuple):
    """One slot of a doctor's day. ``room`` is the number of the room that a booking would get. A tuple, because answers are
    made of hundreds."""

    time: time
    reason: SlotStatus | None
    room: str | None = None

    @property
    def available(self) -> bool:
        """Whether it can be booked."""
        return self.reason is None


@dataclass(frozen=True)
class Gap:
    """Slots in a row that have no appointment: free ones, or such as ``closed_by`` leave, a closure or the hours. ``end``
    is when the last is over."""

    start: time
    end: time
    closed_by: SlotStatus | None

    @property
    def away(self) -> bool:
        """Whether leave closes them."""
        return self.closed_by is SlotStatus.AWAY


@dataclass(frozen=True)
class FreeDay:
    """A day with the number of slots that can be booked; ``closed_by`` is what closes all of it, whoever has booked what."""

    date: date
    free: int
    closed_by: SlotStatus | None = None

    @property
    def closed(self) -> bool:
        """Whether the clinic, or the doctor for good, is closed all day."""
        return self.closed_by is SlotStatus.CLOSED

    @property
    def share(self) -> float:
        """How much of the day can be booked, from 0 to 1."""
        return self.free / len(SLOT_TIMES)


#: Days and times; moments are such pairs.
Taken = Collection[tuple[date, time]]
#: Tells at which moments of a day the doctor sees nobody, and why (``AWAY``, ``CLOSED`` or ``OFF_HOURS``).
AbsencesOfDay = Callable[[date], Mapping[Moment, SlotStatus]]


def always_there(_on: date) -> Mapping[Moment, SlotStatus]:
    """Tell that the doctor sees patients at any time."""
    return {}


def grid_of(times: Sequence[time]) -> dict[str, str | int]:
    """Return the parameters of ``OFF_GRID`` for the times that can be chosen."""
    return {"first": f"{times[0]:%H:%M}", "last": f"{times[-1]:%H:%M}", "minutes": SLOT_MINUTES}


def bookable_days(today: date, rules: BookingRules) -> list[date]:
    """Return the days that can be booked: today and the following ones up to the horizon."""
    return [today + timedelta(days=ahead) for ahead in range(rules.horizon_days + 1)]


def last_day(today: date, rules: BookingRules) -> date:
    """Return the last of the days that can be booked."""
    return today + timedelta(days=rules.horizon_days)


@lru_cache(maxsize=128)
def moments_of(on: date) -> tuple[Moment, ...]:
    """Return when the slots of a day start."""
    return tuple(Moment(on, at) for at in SLOT_TIMES)


class Bounds(NamedTuple):
    """Between which moments can be booked: after ``now``, not before ``soonest``, not after the day ``last``."""

    now: Moment
    soonest: Moment
    last: date

    def free(self, on: date, taken: Taken, own: Taken, away: AbsencesOfDay) -> list[Moment]:
        """Return the slots of a day that can be booked: those for which ``why`` has no reason, but not one by one."""
        if on > self.last:
            return []
        absent = away(on)
        return [
            moment for moment in self._within(on) if moment not in taken and moment not in own and moment not in absent
        ]

    def _within(self, on: date) -> Sequence[Moment]:
        """Return the slots of a day that are neither past nor too soon: all of them on nearly every day."""
        if on > self.now.date and on > self.soonest.date:
            return moments_of(on)
        return [moment for moment in moments_of(on) if moment > self.now and moment >= self.soonest]

    def why(self, moment: Moment, taken: Taken, own: Taken, absent: Mapping[Moment, SlotStatus]) -> SlotStatus | None:
        """Return why a slot can't be booked, None if it can: the one explanation, in the order of ``SlotStatus``."""
        if moment <= self.now:
            return SlotStatus.PAST
        if moment.date > self.last:
            return SlotStatus.TOO_FAR
        if moment in own:
            return SlotStatus.YOURS
        if moment in taken:
            return SlotStatus.TAKEN
        if moment in absent:
            return absent[moment]
        return SlotStatus.TOO_SOON if moment < self.soonest else None


def _bounds(now: datetime, soonest: datetime | None, last: date | None) -> Bounds:
    present = Moment(now.date(), now.time())
    first = present if soonest is None else Moment(soonest.date(), soonest.time())
    return Bounds(present, first, date.max if last is None else last)


def why_unavailable(
    moment: Moment,
    *,
    now: datetime,
    taken: Taken,
    own: Taken = (),
    away: AbsencesOfDay = always_there,
    soonest: datetime | None = None,
    last: date | None = None,
) -> SlotStatus | None:
    """Return why the slot can't be booked, None if it can.

    ``now`` is clinic time; ``taken`` are the doctor's appointments, ``own`` those of the patient who asks; ``away``
    tells when the doctor sees nobody; ``soonest`` is when a slot that this person books may start, ``last`` the last day
    that can be booked.
    """
    return _bounds(now, soonest, last).why(moment, taken, own, away(moment.date))


def day_slots(
    on: date,
    *,
    now: datetime,
    taken: Taken,
    own: Taken = (),
    away: AbsencesOfDay = always_there,
    soonest: datetime | None = None,
    last: date | None = None,
    room: Callable[[time], str | None] = lambda _at: None,
) -> list[Slot]:
    """Return all slots of a doctor's day, in order. ``room`` names the room that a booking at a time would get."""
    slots, bounds, absent = [], _bounds(now, soonest, last), away(on)
    for moment in moments_of(on):
        reason = bounds.why(moment, taken, own, absent)
        slots.append(Slot(moment.time, reason, room(moment.time) if reason is None else None))
    return slots


def gaps(slots: Iterable[Slot]) -> list[Gap]:
    """Return where a day's ``slots`` (in order) can still be booked or are closed whoever asks, each stretch as one."""
    found = []
    reason: SlotStatus | None  # groupby loses the type, and a new status would go unnoticed
    for reason, run in groupby(slots, key=lambda slot: slot.reason):
        times = [slot.time for slot in run]
        match reason:
            case None | SlotStatus.AWAY | SlotStatus.CLOSED | SlotStatus.OFF_HOURS:
                found.append(Gap(times[0], slot_end(times[-1]), reason))
            case SlotStatus.PAST | SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.TOO_SOON | SlotStatus.TOO_FAR:
                pass
            case other:
                assert_never(other)
    return found


def free_days(
    days: Iterable[date],
    *,
    now: datetime,
    taken: Taken,
    own: Taken = (),
    away: AbsencesOfDay = always_there,
    soonest: datetime | None = None,
    last: date | None = None,
) -> list[FreeDay]:
    """Return each of ``days`` with its number of free slots."""
    bounds = _bounds(now, soonest, last)
    free = ((on, len(bounds.free(on, taken, own, away))) for on in days)
    return [FreeDay(on, count, None if count else _closed_by(away(on))) for on, count in free]


def _closed_by(absent: Mapping[Moment, SlotStatus]) -> SlotStatus | None:
    """Return the reason that closes a whole day, None if there is none, or another one at another time."""
    reasons = set(absent.values())
    return reasons.pop() if len(absent) == len(SLOT_TIMES) and len(reasons) == 1 else None


def free_moments(
    days: Iterable[date],
    *,
    now: datetime,
    taken: Taken,
    own: Taken = (),
    away: AbsencesOfDay = always_there,
    soonest: datetime | None = None,
    last: date | None = None,
) -> Iterator[Moment]:
    """Yield the free slots of ``days``, soonest first where these are."""
    bounds = _bounds(now, soonest, last)
    for on in days:
        yield from bounds.free(on, taken, own, away)


def free_by_day(
    days: Iterable[date],
    *,
    now: datetime,
    taken: Taken,
    own: Taken = (),
    away: AbsencesOfDay = always_there,
    soonest: datetime | None = None,
    last: date | None = None,
) -> dict[date, list[Moment]]:
    """Return the free slots of each of ``days``."""
    bounds = _bounds(now, soonest, last)
    return {on: bounds.free(on, taken, own, away) for on in days}


def soonest(moments: Iterable[Moment], count: int) -> list[Moment]:
    """Return the first ``count`` of ``moments``, which come soonest first."""
    return list(islice(moments, count))


@dataclass(frozen=True)
class DayAhead:
    """A day with its first free times; none where it is fully booked."""

    date: date
    times: list[Moment]


def nearest(moments: Iterable[Moment], target: Moment, count: int) -> list[Moment]:
    """Return the ``count`` moments nearest to the one asked for, in the order of time."""

    def distance(moment: Moment) -> timedelta:
        return abs(datetime.combine(moment.date, moment.time) - datetime.combine(target.date, target.time))

    return sorted(sorted(moments, key=distance)[:count])
