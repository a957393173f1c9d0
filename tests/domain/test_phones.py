"""Phone numbers in every form that people type: kept as ten digits, shown in groups. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.text import phones

ANYTHING = st.one_of(st.text(), st.text("+084 912.-()/\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}٠９"))


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "091 234 5678",
        "091.234.5678",
        "091-234-5678",
        "(091) 234 5678",
        "091\N{NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}5678",
        "091\N{NON-BREAKING HYPHEN}234\N{EN DASH}5678",
        "\N{LEFT-TO-RIGHT EMBEDDING}0912345678\N{POP DIRECTIONAL FORMATTING}",  # as copied from a contact list
        "０９１２３４５６７８",
        "+84912345678",
        "＋84 912 345 678",
        "+84 (0) 912 345 678",
        "0084 912 345 678",
        "84912345678",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert phones.canonical(typed) == "0912345678"
    assert phones.is_phone(phones.canonical(typed))


@pytest.mark.parametrize("typed", ["", "12", "091234567", "09123456789", "call me", "+44 20 7946 0958", "091234567x"])
def test_what_is_no_number_of_ten_digits_is_none(typed):
    assert not phones.is_phone(phones.canonical(typed))


@given(ANYTHING)
def test_tidying_a_tidied_number_changes_nothing(typed):
    assert phones.canonical(phones.canonical(typed)) == phones.canonical(typed)


@given(ANYTHING)
def test_a_search_finds_the_digits_of_a_number_or_none(typed):
    assert phones.digits(typed) == "" or phones.digits(typed).isdecimal()


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
def test_what_is_shown_is_read_as_the_same_number(phone):
    assert phones.canonical(phones.shown(phone)) == phone


@pytest.mark.parametrize(
    ("typed", "digits"), [("+84 91", "091"), ("345 678", "345678"), ("Nhung", ""), ("lot 5", ""), ("", "")]
)
def test_a_part_of_a_number_is_searched_by_its_digits(typed, digits):
    assert phones.digits(typed) == digits


def test_a_number_is_shown_in_groups_that_stay_on_one_line():
    assert phones.shown("0912345678") == "091\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}5678"
    assert phones.shown("12") == "12"
