"""Vital signs: what counts as a number, what is in range, what is kept as it came. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.records import vitals
from clinic.records.models import VITALS_MAX_KEYS, VITALS_MAX_TEXT
from clinic.records.vitals import VITALS, normal_ranges
from clinic.text.validation import ValidationErrors


def judged(vital_signs: Any) -> tuple[Any, dict[str, list[str]]]:
    """What would be stored, and what is wrong with which field."""
    faults = ValidationErrors()
    kept = vitals.checked(faults, vital_signs)
    return kept, {field: [text.message for text in texts] for field, texts in faults.by_field.items()}


#: The API's ranges, written down a second time on purpose.
RANGES = [
    ("temperature", "30", "45"),
    ("heart_rate", "20", "300"),
    ("respiratory_rate", "4", "80"),
    ("oxygen_saturation", "40", "100"),
    ("weight", "0.3", "500"),
    ("height", "20", "260"),
]


def test_the_ranges_cover_every_known_sign():
    assert [key for key, *_ in RANGES] == list(VITALS)


@pytest.mark.parametrize(("key", "low", "high"), RANGES)
def test_a_sign_may_lie_on_the_ends_of_its_range_and_not_beyond(key, low, high):
    step = Decimal("0.01")
    for good in (low, high, float(low), float(high)):
        assert judged({key: good}) == ({key: good}, {})
    for bad in (str(Decimal(low) - step), str(Decimal(high) + step), -1, 0, 10_000_000):
        assert list(judged({key: bad})[1]) == [f"vital_signs.{key}"], bad


@pytest.mark.parametrize(
    "value",
    ["high", "12,5", "0x10", "1e2", "NaN", "Infinity", "36.6.6", "٣٦", "--5", [36], {"value": 36}, True, False,
     float("nan"), float("inf"), "9" * 5000, 10**30],
)  # fmt: skip
@pytest.mark.parametrize("key", list(VITALS))
def test_what_is_no_number_is_refused_with_its_key(key, value):
    assert list(judged({key: value})[1]) == [f"vital_signs.{key}"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (81, "81"), (36.6, "36.6"), ("36.60", "36.60"), (" 81 ", "81"), ("+5", "5"), (Decimal("36.6"), "36.6"),
        (True, None), ("", None), (None, None), ("NaN", None), (float("nan"), None), ("8 1", None),
    ],
)  # fmt: skip
def test_numbers_and_numeric_strings_are_numbers(value, found):
    assert vitals.number(value) == (None if found is None else Decimal(found))


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.binary()))
def test_whatever_comes_is_a_finite_number_or_none(value):
    found = vitals.number(value)
    assert found is None or found.is_finite()


@pytest.mark.parametrize("value", ["120/80", " 120 / 80 ", "40/20", "300/200", "41/40", "090/060"])
def test_blood_pressure_is_two_numbers_with_a_stroke(value):
    assert judged({"blood_pressure": value}) == ({"blood_pressure": value.strip()}, {})


@pytest.mark.parametrize(
    "value",
    ["120", "120/", "/80", "120-80", "120/80/60", "abc", "39/20", "301/80", "120/19", "250/201", "80/80", "80/120",
     "1200/80", 120, 120.8, ["120", "80"], "١٢٠/٨٠"],
)  # fmt: skip
def test_other_blood_pressures_are_refused(value):
    _kept, faults = judged({"blood_pressure": value})
    assert list(faults) == ["vital_signs.blood_pressure"]


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("oxygen_saturation", "98%", "98"),
        ("oxygen_saturation", "98 ％", "98"),
        ("oxygen_saturation", "98 kg", "98 kg"),  # somebody is in the wrong field
        ("temperature", "38,5 °C", "38.5"),
        ("temperature", "38.5℃", "38.5"),
        ("temperature", "38,5 độ C", "38.5"),
        ("temperature", "38.5c", "38.5"),
        ("weight", "70 kg", "70"),
        ("weight", "70,5Kg", "70.5"),
        ("height", "170\N{NO-BREAK SPACE}cm", "170"),
        ("height", "1.70 m", "1.70 m"),
        ("heart_rate", "81 bpm", "81"),
        ("heart_rate", "81 lần/phút", "81"),
        ("respiratory_rate", "16/min", "16"),
        ("blood_pressure", "120/80 mmHg", "120/80"),
        ("weight", "heavy", "heavy"),
    ],
)
def test_a_sign_may_be_typed_with_its_own_unit(key, typed, value):
    assert vitals.without_unit(key, typed) == value


@given(st.sampled_from([*VITALS, vitals.BLOOD_PRESSURE]), st.text())
def test_taking_off_a_unit_never_breaks(key, typed):
    assert isinstance(vitals.without_unit(key, typed), str)


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [("height", "1.70", "centimetres"), ("temperature", 101.3, "Celsius"), ("weight", 3500, "kilograms")],
)
def test_a_number_in_another_unit_is_told_which_one_is_meant(key, value, word):
    [said] = judged({key: value})[1][f"vital_signs.{key}"]
    assert word in said


@given(st.integers(0, 400), st.integers(0, 400))
def test_blood_pressure_is_judged_by_the_apis_bounds(systolic, diastolic):
    good = 40 <= systolic <= 300 and 20 <= diastolic <= 200 and systolic > diastolic
    assert (judged({"blood_pressure": f"{systolic}/{diastolic}"})[1] == {}) is good


@pytest.mark.parametrize("nothing", [None, "", {}, {"heart_rate": ""}, {"heart_rate": "  ", "blood_pressure": None}])
def test_empty_signs_are_absent(nothing):
    assert judged(nothing) == (None, {})


def test_other_keys_are_kept_as_they_came():
    mine = {"heart_rate": "81", "mood": "good", "pain": 3, "pulses": {"left": True, "right": None}, "": ""}
    assert judged(mine) == (mine, {})


@pytest.mark.parametrize("wrong", ["120/80", ["heart_rate"], 7, 1.5, True])
def test_vital_signs_must_be_an_object(wrong):
    kept, faults = judged(wrong)
    assert (kept, list(faults)) == (None, ["vital_signs"])


@pytest.mark.parametrize(
    "unstorable",
    [{"mood": "a\x00b"}, {"a\x00b": 1}, {"mood": ["\ud800"]}, {"pain": float("nan")}, {"deep": [float("inf")]}],
)
def test_what_no_database_can_hold_is_refused(unstorable):
    assert list(judged(unstorable)[1]) == ["vital_signs"]


def test_there_is_a_most_to_keep():
    many = {f"sign {number}": number for number in range(VITALS_MAX_KEYS)}
    assert judged(many) == (many, {})
    assert list(judged(many | {"one more": 1})[1]) == ["vital_signs"]
    assert list(judged({"essay": "x" * VITALS_MAX_KEYS * VITALS_MAX_TEXT})[1]) == ["vital_signs"]


def test_every_wrong_sign_is_told_at_once():
    _kept, faults = judged({"heart_rate": 5, "weight": "heavy", "blood_pressure": "80/120", "height": 170})
    assert sorted(faults) == ["vital_signs.blood_pressure", "vital_signs.heart_rate", "vital_signs.weight"]


@pytest.mark.parametrize(
    ("signs", "index"),
    [
        ({"weight": 70, "height": 175}, "22.9"),
        ({"weight": "70.5", "height": "1.75e2"}, None),
        ({"weight": 70}, None),
        ({"height": 175}, None),
        ({"weight": 70, "height": 0}, None),
        ({"weight": 70.5, "height": 1.7}, None),  # what is refused counts for nothing
        ({"weight": 7000, "height": 170}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_body_mass_index_needs_weight_and_height(signs, index):
    assert vitals.bmi(signs) == (None if index is None else Decimal(index))


def test_normal_ranges_lie_within_the_possible_ones_and_are_an_adults():
    normal = {key: sign.normal for key, sign in VITALS.items()}
    assert {key for key, found in normal.items() if found is None} == {"weight", "height"}
    assert all(VITALS[key].low < found.low < found.high <= VITALS[key].high for key, found in normal.items() if found)
    assert [(each.low, each.high) for each in normal_ranges("blood_pressure", 16)] == [(90, 139), (60, 89)]
    assert [(each.low, each.high) for each in normal_ranges("oxygen_saturation", 70)] == [(96, 100)]
    assert normal_ranges("blood_pressure", 15) == normal_ranges("heart_rate", 15) == normal_ranges("mood", 40) == ()
    (resting,) = normal_ranges("heart_rate", 40)
    assert Decimal(60) in resting
    assert Decimal(101) not in resting
