"""Days, or hours of one day, at which nobody is seen: leave of a doctor, closures of the clinic; and what may be entered."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic import clock
from clinic.i18n import N_
from clinic.scheduling.calendar import HOURS, OFF_GRID, REVERSED_DAYS, Moment, grid_of, slot_end
from clinic.scheduling.day_frame import ALL_DAY, Stretch
from clinic.text.validation import ValidationErrors

#: The most days in one entry.
MOST_AT_A_TIME = timedelta(days=366)


@dataclass(frozen=True)
class Span:
    """Days, or hours of one day. Without hours it covers whole days."""

    first_day: date
    last_day: date
    from_time: time | None
    to_time: time | None

    def of_day(self, on: date) -> tuple[Stretch, ...]:
        """Return the hours of a day that fall into it: all of it, some, or none."""
        if not self.first_day <= on <= self.last_day:
            return ()
        if self.from_time is None or self.to_time is None:
            return (ALL_DAY,)
        return (Stretch(self.from_time, self.to_time),)

    def covers(self, moment: Moment) -> bool:
        """Return whether any part of a slot falls into it: hours may have been entered when slots were of another length."""
        slot = Stretch(moment.time, slot_end(moment.time))
        return any(slot.overlaps(each) for each in self.of_day(moment.date))


def check_span(errors: ValidationErrors, entry: Span) -> None:
    """Note what is wrong with days and hours that are entered, on the fields that are named as those of ``Span``."""
    if entry.first_day < clock.today():
        errors.add("first_day", N_("This day has passed."))
    if entry.last_day < entry.first_day:
        errors.add("last_day", REVERSED_DAYS)
    elif entry.last_day - entry.first_day > MOST_AT_A_TIME:
        errors.add("last_day", N_("Please enter at most %(days)d days at a time."), days=MOST_AT_A_TIME.days)
    if (entry.from_time is None) != (entry.to_time is None):
        errors.add("to_time", N_("Please give both times, or leave both empty for whole days."))
    elif entry.from_time is not None and entry.to_time is not None:
        if entry.first_day != entry.last_day:
            errors.add("last_day", N_("You can give times for a single day only."))
        check_times(errors, entry.from_time, entry.to_time)


def check_times(errors: ValidationErrors, start: time, end: time, prefix: str = "") -> None:
    """Note what is wrong with a stretch of a day, on ``from_time`` and ``to_time`` behind a ``prefix``."""
    for field, at in (("from_time", start), ("to_time", end)):
        if at not in HOURS:
            errors.add(prefix + field, OFF_GRID, **grid_of(HOURS))
    if end <= start:
        errors.add(prefix + "to_time", N_("The end must be after the start."))
