"""A doctor's day before anybody has booked, as a pure function: hours, closures and leave in, what closes each slot out.

Knows no database and no clock. Dates and times are the clinic's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from clinic.scheduling.calendar import HOURS, SLOT_TIMES, Moment, SlotStatus, slot_end


class Stretch(NamedTuple):
    """Times of a day, from one until another."""

    start: time
    end: time

    def overlaps(self, other: "Stretch") -> bool:
        """Return whether the two have any time in common."""
        return self.start < other.end and self.end > other.start

    def lies_in(self, stretches: Iterable["Stretch"]) -> bool:
        """Return whether one of the stretches covers all of this one."""
        return any(each.start <= self.start and self.end <= each.end for each in stretches)


ALL_DAY = Stretch(HOURS[0], HOURS[-1])


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the union of stretches: in order, none touching another."""
    found: list[Stretch] = []
    for each in sorted(stretches):
        if found and each.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return tuple(found)


class DayFrame(NamedTuple):
    """What is known of a doctor's day before anybody has booked. A tuple, because what follows from it is cached.

    ``hours`` are the doctor's weekly hours of that day, or the clinic's; ``extra`` hours are open whatever hours and
    ``closures`` say; ``leave`` closes these too. Nothing can be booked where the doctor isn't ``bookable``.
    """

    hours: tuple[Stretch, ...] = (ALL_DAY,)
    extra: tuple[Stretch, ...] = ()
    closures: tuple[Stretch, ...] = ()
    leave: tuple[Stretch, ...] = ()
    bookable: bool = True


@lru_cache(maxsize=4096)
def closed_times(frame: DayFrame) -> Mapping[time, SlotStatus]:
    """Return the slots of such a day that nobody can book, each with its reason."""
    extra, opened = joined(frame.extra), joined((*frame.hours, *frame.extra))
    found = {}
    for at in SLOT_TIMES:
        reason = _why_closed(Stretch(at, slot_end(at)), frame, extra, opened)
        if reason is not None:
            found[at] = reason
    return MappingProxyType(found)


def _why_closed(
    slot: Stretch, frame: DayFrame, extra: Sequence[Stretch], opened: Sequence[Stretch]
) -> SlotStatus | None:
    if any(slot.overlaps(each) for each in frame.leave):
        return SlotStatus.AWAY
    if not frame.bookable:
        return SlotStatus.CLOSED
    if slot.lies_in(extra):
        return None
    if any(slot.overlaps(each) for each in frame.closures):
        return SlotStatus.CLOSED
    return None if slot.lies_in(opened) else SlotStatus.OFF_HOURS


@lru_cache(maxsize=4096)
def closed_moments(on: date, frame: DayFrame) -> Mapping[Moment, SlotStatus]:
    """Return the same as moments of a day."""
    return MappingProxyType({Moment(on, at): reason for at, reason in closed_times(frame).items()})
