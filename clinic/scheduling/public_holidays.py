"""Public holidays of a country and year, as the package ``holidays`` knows them, and taking them over as closures.

Days in a row that are one holiday are one closure: Tết, not seven of its days. What a government moves at short notice the
package learns with its next version; so they are proposed, never entered by themselves.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from clinic import clock
from clinic.db import atomic
from clinic.errors import InvalidInput, Text
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.scheduling.calendar_changes import CalendarChange, refuse_surprise
from clinic.scheduling.calendar_models import CLOSURE_NAME_MAX, HOLIDAY_MAX
from clinic.scheduling.closures import add_closure

#: Of these the package is asked for an English name, the first that a country has.
_ENGLISH = ("en_GB", "en_US", "en")
_VIETNAMESE = "vi"
#: The clinic's own country: what is proposed first.
HOME = "VN"
_NEXT_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PublicHoliday:
    """A holiday with its names; ``name_vi`` is "" where the package has none. ``key`` is what it is known by once taken over."""

    key: str
    first_day: date
    last_day: date
    name: str
    name_vi: str


def holiday_countries() -> Sequence[str]:
    """Return the codes (ISO 3166) of the countries whose holidays are known."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - the package is read when somebody asks for holidays

    return sorted(entry[1] for entry in COUNTRIES.values() if len(entry[1]) == len(HOME))


@lru_cache(maxsize=32)
def public_holidays(country: str, year: int) -> Sequence[PublicHoliday]:
    """Return the public holidays of a country in a year, in their order; none of a country that isn't known."""
    if country not in holiday_countries() or not date.min.year < year < date.max.year:
        return ()
    english, vietnamese = _names(country, year, _ENGLISH), _names(country, year, (_VIETNAMESE,))
    return tuple(_proposed(country, days, english, vietnamese) for days in _in_a_row(english))


def _names(country: str, year: int, languages: Iterable[str]) -> dict[date, str]:
    """Return the name of each holiday in the first of these languages that the country has; for English its own otherwise."""
    from holidays import country_holidays  # noqa: PLC0415 - takes memory, and only this page needs it

    known = country_holidays(country).supported_languages
    found = next((each for each in languages if each in known), None)
    if found is None and _VIETNAMESE in languages:
        return {}
    days = country_holidays(country, years=year, language=found)
    return {on: name.replace("Labor", "Labour")[:CLOSURE_NAME_MAX] for on, name in sorted(days.items())}


def _in_a_row(names: dict[date, str]) -> Iterator[list[date]]:
    """Yield the days of each holiday: days in a row whose names all have the shortest of them within."""
    runs: list[list[date]] = []
    for before, on in pairwise([date.min, *names]):
        if runs and on - before == _NEXT_DAY:
            runs[-1].append(on)
        else:
            runs.append([on])
    for run in runs:
        shortest = min((names[on] for on in run), key=len)
        if all(shortest in names[on] for on in run):
            yield run
        else:
            yield from ([on] for on in run)


def _proposed(
    country: str, days: Sequence[date], english: dict[date, str], vietnamese: dict[date, str]
) -> PublicHoliday:
    main = min(days, key=lambda on: len(english[on]))
    key = f"{country} {days[0].isoformat()} {english[main]}"
    return PublicHoliday(key[:HOLIDAY_MAX], days[0], days[-1], english[main], vietnamese.get(main, ""))


def coming_holidays(country: str, year: int) -> list[PublicHoliday]:
    """Return those of a country and year that haven't begun."""
    today = clock.today()
    return [each for each in public_holidays(country, year) if each.first_day >= today]


@atomic
def take_over_holidays(
    actor: Actor | None, country: str, year: int, keys: Collection[str], *, expected_count: int | None = None
) -> list[CalendarChange]:
    """Close the clinic on these holidays of a country and year; what was taken over already isn't again.

    ``InvalidInput`` on ``holidays`` for one that isn't known. ``Conflict`` ``visits_booked`` if these leave together other
    appointments without time than the ``expected_count`` that the person was shown.
    """
    actor = require(actor, Action.MANAGE_HOURS)
    wanted = [each for each in coming_holidays(country, year) if each.key in keys]
    if not wanted or len(wanted) < len(set(keys)):
        errors = {"holidays": [Text(N_("Please choose from the list of public holidays."))]}
        raise InvalidInput.of(errors)
    changes = [
        add_closure(
            actor,
            first_day=each.first_day,
            last_day=each.last_day,
            name=each.name,
            name_vi=each.name_vi,
            holiday=each.key,
        )
        for each in wanted
    ]
    refuse_surprise([number for change in changes for number in change.appointments], expected_count)
    return changes
