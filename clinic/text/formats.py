"""How each language writes days, months and money: the same on pages, in mails and in calendar entries.

Pure: knows no request and no clock. British in English; Vietnamese days are numbers, as people there write them.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

#: Whose words and separators a language of the portal takes.
LOCALES: Mapping[str, str] = {"en": "en_GB", "vi": "vi"}

#: Date patterns (CLDR) by language; between a day and its month no line ends.
PATTERNS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "long": "EEEE d\N{NO-BREAK SPACE}MMMM y",
        "weekday_day": "EEEE d\N{NO-BREAK SPACE}MMMM",
        "short": "EEE d\N{NO-BREAK SPACE}MMM",
        "month": "MMMM y",
        "day": "d\N{NO-BREAK SPACE}MMMM y",
        "brief": "d MMM y",
        "day_month": "d\N{NO-BREAK SPACE}MMM",
        "month_name": "MMMM",
        "month_short": "MMM",
        "weekday": "EEE",
        "weekday_name": "EEEE",
    },
    "vi": {
        "long": "EEEE, d/M/y",
        "weekday_day": "EEEE, d/M",
        "short": "EEEEEE, d/M",
        "month": "'Tháng' M 'năm' y",
        "day": "d/M/y",
        "brief": "d/M/y",
        "day_month": "d/M",
        "month_name": "'Tháng' M",
        "month_short": "'Thg' M",
        "weekday": "EEEEEE",
        "weekday_name": "EEEE",
    },
}


@lru_cache(maxsize=2048)
def written_date(on: date, language: str, pattern: str = "long") -> str:
    """Return a day by one of ``PATTERNS``: ``long`` is "Friday 4 December 2026", in Vietnamese "Thứ Sáu, 4/12/2026"."""
    return format_date(on, PATTERNS[language][pattern], locale=LOCALES[language])


@lru_cache(maxsize=2048)
def written_number(value: Decimal | float, language: str, pattern: str | None = None) -> str:
    """Return a number as a language writes it, by a pattern (CLDR) if one is given."""
    return format_decimal(value, format=pattern, locale=language)


@lru_cache(maxsize=2048)
def written_money(amount: Decimal | int, language: str) -> str:
    """Return an amount of Vietnamese dong: "350,000 ₫" in English, "350.000 ₫" in Vietnamese."""
    return f"{format_decimal(round(amount), locale=LOCALES[language])}\N{NO-BREAK SPACE}₫"
