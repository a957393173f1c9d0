"""Which measurements of a vital sign say no more than one. Pure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.records.variation import is_steady
from clinic.records.vitals import BLOOD_PRESSURE


def numbers(*values: str) -> list[tuple[Decimal, ...]]:
    return [(Decimal(value),) for value in values]


@pytest.mark.parametrize(
    ("key", "values", "age", "steady"),
    [
        ("temperature", ["36.5", "36.9"], 40, True),
        ("temperature", ["36.5", "37.2"], 40, False),
        ("temperature", ["38.2", "38.4"], 40, False),
        ("oxygen_saturation", ["97", "99"], 40, True),
        ("oxygen_saturation", ["93", "94"], 40, False),
        ("respiratory_rate", ["15", "17"], 40, True),
        ("height", ["166", "166.5"], 40, True),
        ("height", ["112", "112.5"], 7, False),
        ("height", ["112", "112"], 7, True),
        ("weight", ["62", "62.5"], 40, False),
        ("heart_rate", ["72", "72"], None, True),
        ("heart_rate", ["72", "73"], 40, False),
    ],
)
def test_which_measurements_say_no_more_than_one(key: str, values: list[str], age: int | None, steady: bool) -> None:
    assert is_steady(key, numbers(*values), age) is steady


def test_blood_pressure_is_steady_only_where_both_numbers_are() -> None:
    pair = (Decimal(120), Decimal(80))
    assert is_steady(BLOOD_PRESSURE, [pair, pair], 40)
    assert not is_steady(BLOOD_PRESSURE, [pair, (Decimal(120), Decimal(81))], 40)
