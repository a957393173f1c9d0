"""Ages as medicine says them. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.accounts import AgeUnit, age_in_words, age_on

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("born", "count", "unit"),
    [
        (TODAY, 0, AgeUnit.DAYS),
        (TODAY + timedelta(days=1), 0, AgeUnit.DAYS),
        (date(2026, 2, 17), 13, AgeUnit.DAYS),
        (date(2026, 2, 16), 2, AgeUnit.WEEKS),
        (date(2026, 1, 3), 8, AgeUnit.WEEKS),
        (date(2026, 1, 2), 2, AgeUnit.MONTHS),
        (date(2025, 12, 2), 3, AgeUnit.MONTHS),
        (date(2024, 9, 2), 18, AgeUnit.MONTHS),
        (date(2024, 3, 3), 23, AgeUnit.MONTHS),
        (date(2024, 3, 2), 2, AgeUnit.YEARS),
        (date(1990, 5, 17), 35, AgeUnit.YEARS),
    ],
)
def test_an_age_is_told_in_the_unit_that_tells_most(born, count, unit):
    age = age_in_words(born, TODAY)
    assert (age.count, age.unit) == (count, unit)


@given(st.dates(date(1900, 1, 1), TODAY), st.dates(date(1900, 1, 1), TODAY))
def test_nobody_gets_younger(born, on):
    assert age_on(born, on) <= age_on(born, on + timedelta(days=1))
    order = list(AgeUnit)
    now, later = age_in_words(born, on), age_in_words(born, on + timedelta(days=1))
    assert (order.index(now.unit), now.count) <= (order.index(later.unit), later.count)
