"""What a search finds: every word somewhere, in any order, whatever the marks; the same in Python and in the database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from clinic.db import session
from clinic.text.normalization import folded
from clinic.text.word_search import WORDS_MOST, contains_words, matches, search_words


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Chi D’Amour", "D'Amour"),
        ("Chi D’Amour", "D’Amour"),
        ("Chi D'Amour", "d amour"),
        ("Đỗ Thị Hồng Nhung", "Do Nhung"),
        ("Đỗ Thị Hồng Nhung", "Nhung Do"),
        ("Đỗ Thị Hồng Nhung", "hồng đỗ"),
        ("Đỗ Thị Hồng Nhung", "nhu"),
        ("Do Thi Hong Nhung", "Đỗ Nhung"),
        ("Anne-Marie Sørensen", "anne marie sorensen"),
        ("Anne Marie Sørensen", "Anne‑Marie"),
        ("Łukasz Bæk", "lukasz baek"),
        ("Sofía Núñez", "ＳＯＦＩＡ"),
        ("Steﬃ Groß", "steffi gross"),
        ("Nguyễn\N{NO-BREAK SPACE}Văn An", "van nguyen"),
        ("Nguyễn Văn An", "Nguyễn\N{ZERO WIDTH SPACE}, An"),
    ],
)
@pytest.mark.usefixtures("app_context")
def test_a_name_is_found_by_its_words(name, wanted):
    assert matches(name, wanted)
    assert found_in_database(name, wanted)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Đỗ Thị Hồng Nhung", "Do Mai"),
        ("Ana Nguyễn", "%"),
        ("Ana Nguyễn", "'"),
        ("Ana Nguyễn", ""),
        ("Ana", "a_b"),
        ("Ana", " ".join(f"w{n}" for n in range(5000))),
    ],
)
@pytest.mark.usefixtures("app_context")
def test_a_name_that_lacks_a_word_is_not(name, wanted):
    assert not matches(name, wanted)
    assert not found_in_database(name, wanted)


def found_in_database(name: str, wanted: str) -> bool:
    """Whether the condition holds for a column with the name's key."""
    return bool(session().scalar(select(literal(1)).where(contains_words(literal(folded(name)), wanted))))


@given(st.text())
def test_the_words_of_a_search_are_the_words_of_their_own_search(text):
    words = search_words(text)
    assert search_words(" ".join(words)) == words


@given(st.text(st.characters(categories=("L", "Zs"))))
def test_a_text_is_found_by_all_of_itself(text):
    assert matches(text, text) is (0 < len(search_words(text)) <= WORDS_MOST)
