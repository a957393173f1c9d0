"""How old somebody is, as medicine says it: in days, weeks and months while these matter, then in years. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DAYS_UNTIL = 14  # days
WEEKS_UNTIL = 2  # months
MONTHS_UNTIL = 24  # months


class AgeUnit(StrEnum):
    """What an age is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Age:
    """How many whole units somebody is old."""

    count: int
    unit: AgeUnit


def age_on(born: date, on: date) -> int:
    """Return how many birthdays somebody has had by the day ``on``.

    >>> age_on(date(2000, 2, 29), date(2026, 2, 28)), age_on(date(2000, 2, 29), date(2026, 3, 1))
    (25, 26)
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_in_words(born: date, on: date) -> Age:
    """Return an age in the unit that tells most: months, for example, until the second birthday.

    >>> age_in_words(date(2025, 12, 2), date(2026, 3, 2)).count, age_in_words(date(2024, 3, 2), date(2026, 3, 2)).count
    (3, 2)
    """
    days = max((on - born).days, 0)
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if days < DAYS_UNTIL:
        return Age(days, AgeUnit.DAYS)
    if months < WEEKS_UNTIL:
        return Age(days // 7, AgeUnit.WEEKS)
    return Age(months, AgeUnit.MONTHS) if months < MONTHS_UNTIL else Age(age_on(born, on), AgeUnit.YEARS)
