"""How pages write dates and times, in the language of the request.

Days and times are the clinic's; moments are turned into clinic time.
"""

from __future__ import annotations

from calendar import MONDAY
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from flask import Flask, g
from flask_babel import get_locale, gettext, ngettext

from clinic import clock
from clinic.i18n import known_language
from clinic.scheduling import DayAhead, FreeDay, Moment
from clinic.text.formats import written_date

#: A Monday sooner after the first day, in days, is found beside it.
_WEEKS_APART = 3
_A_MONDAY = date(2024, 1, 1)


def language() -> str:
    """Return the language of this answer, one of ``LANGUAGES``."""
    found: str | None = g.get("language")
    if found is None:
        locale = get_locale()
        found = g.language = known_language(locale.language if locale is not None else None)
    return found


def _written(on: date, pattern: str) -> str:
    return written_date(on, language(), pattern)


def day_long(on: date) -> str:
    """Return e.g. "Tuesday 24 November 2026"."""
    return _written(on, "long")


def day_short(on: date) -> str:
    """Return e.g. "Tue 24 Nov"; the year where it isn't this one."""
    short = _written(on, "short")
    return short if on.year == clock.today().year else f"{short} {on.year}"


def day_plain(on: date) -> str:
    """Return e.g. "24 November 2026"."""
    return _written(on, "day")


def day_brief(on: date) -> str:
    """Return e.g. "24 Nov 2026", for tables."""
    return _written(on, "brief")


def day_month(on: date) -> str:
    """Return e.g. "24 Nov", to stand beside its year."""
    return _written(on, "day_month")


def day_of_week(on: date) -> str:
    """Return e.g. "Tue 24 Nov", to stand beside its year."""
    return _written(on, "short")


def day_near(on: date) -> str:
    """Return "Today", "Tomorrow" or the short day."""
    return _near(on) or day_short(on)


def days_near(days: Sequence[DayAhead]) -> list[tuple[str, list[Moment]]]:
    """Return each of the days to come in words, with its free times."""
    return [(day_near(each.date), each.times) for each in days]


def weekday_near(on: date) -> str:
    """Return "Today", "Tomorrow" or the short weekday."""
    return _near(on) or weekday(on)


def _near(on: date) -> str:
    ahead = (on - clock.today()).days
    return gettext("Today") if ahead == 0 else gettext("Tomorrow") if ahead == 1 else ""


def days_ahead(on: date) -> str:
    """Return how far a day is ahead, as it stands beside the date: "today", "tomorrow", "in 9 days"; "" for a past one."""
    days = (on - clock.today()).days
    if days < 0:
        return ""
    near = {0: gettext("today"), 1: gettext("tomorrow")}.get(days)
    return near or ngettext("in %(num)d day", "in %(num)d days", days)


def month(on: date) -> str:
    """Return e.g. "November 2026"."""
    return _written(on, "month")


def weekday(on: date) -> str:
    """Return the weekday in two or three letters."""
    return _written(on, "weekday")


def weekday_name(number: int) -> str:
    """Return the name of a day of the week, 1 is Monday."""
    return _written(_A_MONDAY + timedelta(days=number - 1), "weekday_name")


def month_short(on: date) -> str:
    """Return e.g. "Dec"."""
    return _written(on, "month_short")


def month_name(on: date) -> str:
    """Return e.g. "December"."""
    return _written(on, "month_name")


def month_span(first: date, last: date) -> str:
    """Return the months from ``first`` to ``last``, e.g. "November – December 2026"."""
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    if first.year == last.year:
        return f"{_written(first, 'month_name')} – {month(last)}"
    return f"{month(first)} – {month(last)}"


def week_starts(days: Sequence[FreeDay]) -> list[FreeDay]:
    """Return the first of some days in a row and each Monday after it, but for one that is hardly later."""
    return [
        day for index, day in enumerate(days) if index == 0 or (day.date.weekday() == MONDAY and index >= _WEEKS_APART)
    ]


def clock_time(at: time | datetime) -> str:
    """Return e.g. "09:30"; a moment in clinic time."""
    return (clock.local(at) if isinstance(at, datetime) else at).strftime("%H:%M")


def moment(when: datetime) -> str:
    """Return a moment in clinic time, e.g. "24 November 2026, 09:30"."""
    here = clock.local(when)
    return f"{day_plain(here.date())}, {clock_time(here.timetz())}"


def moment_soon(when: datetime) -> str:
    """Return a moment of these weeks in clinic time, e.g. "Sunday 6 December at 13:30"."""
    here = clock.local(when)
    return gettext("%(day)s at %(time)s", day=_written(here.date(), "weekday_day"), time=clock_time(here.timetz()))


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters.update(
        clock=clock_time,
        day_brief=day_brief,
        day_long=day_long,
        day_month=day_month,
        day_near=day_near,
        day_of_week=day_of_week,
        day_plain=day_plain,
        day_short=day_short,
        days_ahead=days_ahead,
        days_near=days_near,
        moment=moment,
        moment_soon=moment_soon,
        month=month,
        month_name=month_name,
        month_short=month_short,
        month_span=month_span,
        week_starts=week_starts,
        weekday=weekday,
        weekday_name=weekday_name,
        weekday_near=weekday_near,
    )
