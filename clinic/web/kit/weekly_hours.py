"""How pages write the hours of a week: days with the same hours in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from flask_babel import gettext

from clinic import clock, scheduling, settings
from clinic.contact import words_in
from clinic.scheduling import HOURS, ClosureRow, OpeningHoursRow
from clinic.web.kit.date_formatting import clock_time, language, weekday_name

_WEEKDAYS = range(1, 8)


def week_lines(
    rows: Sequence[OpeningHoursRow], rooms: Mapping[int, str] | None = None, off: str = ""
) -> list[tuple[str, str]]:
    """Return a week line by line, days and their hours: ("Monday to Friday", "08:00–12:00, 13:00–17:00"), ("Sunday", "closed").

    Nothing for a week without any hours. ``rooms`` are the names of the rooms that rows may name; ``off`` is what is said
    of days without hours.
    """
    if not rows:
        return []
    hours = {
        weekday: _hours_of([row for row in rows if row["weekday"] == weekday], rooms or {}) for weekday in _WEEKDAYS
    }
    lines = []
    for words, days in groupby(_WEEKDAYS, hours.__getitem__):
        first, *others = days
        lines.append((_days(first, others[-1] if others else first), words or off or gettext("closed")))
    return lines


def opening_hours() -> list[tuple[str, str]]:
    """Return when the clinic is open, line by line as days and their hours: the hours that hold for bookings; where none are
    entered, the words of the clinic's settings, of which "Sunday: closed" is ("Sunday", "closed")."""
    if lines := week_lines(scheduling.published_hours()):
        return lines
    words = words_in(language(), settings.current().contact.hours).splitlines()
    parts = [line.partition(": ") for line in words]
    return [(days, times) if colon else ("", days) for days, colon, times in parts]


def nothing_entered() -> str:
    """Return what the opening hours are of a clinic that has entered none."""
    first, last = clock_time(HOURS[0]), clock_time(HOURS[-1])
    return gettext(
        "As nothing is entered, the clinic is open from %(start)s to %(end)s each day.", start=first, end=last
    )


def today_in_words(rows: Sequence[OpeningHoursRow], closures: Sequence[ClosureRow]) -> str:
    """Return until when a clinic with these weekly hours is open today, or that it isn't; "" where it has entered none."""
    now = clock.local(clock.now())
    today = [row for row in rows if row["weekday"] == now.isoweekday()]
    closed = next((row for row in closures if row["first_day"] <= now.date() and row["from_time"] is None), None)
    if not rows:
        return ""
    if closed is not None:
        return gettext("Closed today: %(name)s", name=closed["name"])
    still = [row for row in today if row["to_time"] > now.time()]
    if not still:
        return gettext("Closed for today")
    if all(row["from_time"] > now.time() for row in today):
        return gettext("Opens today at %(time)s", time=clock_time(min(row["from_time"] for row in today)))
    return gettext("Open today until %(time)s", time=clock_time(max(row["to_time"] for row in today)))


def _days(first: int, last: int) -> str:
    if first == last:
        return weekday_name(first)
    if (first, last) == (_WEEKDAYS[0], _WEEKDAYS[-1]):
        return gettext("Every day")
    return gettext("%(first)s to %(last)s", first=weekday_name(first), last=weekday_name(last))


def _hours_of(rows: Sequence[OpeningHoursRow], rooms: Mapping[int, str]) -> str:
    """Return the hours of a day, "" for none."""
    words = []
    for row in sorted(rows, key=lambda each: each["from_time"]):
        hours = f"{clock_time(row['from_time'])}–{clock_time(row['to_time'])}"
        room = rooms.get(number) if isinstance(number := row.get("room_id"), int) else None
        words.append(f"{hours} ({room})" if room else hours)
    return ", ".join(words)
