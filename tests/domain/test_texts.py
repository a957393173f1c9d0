"""Texts that people type: tidied, refused where nothing can hold them, folded for a search. Pure."""

from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.accounts.passwords import DOOR_WORDS, FAVOURITES
from clinic.errors import InvalidInput
from clinic.i18n import LANGUAGES
from clinic.text.formats import LOCALES, PATTERNS
from clinic.text.normalization import alphabetical, folded, like_pattern, one_line
from clinic.text.validation import ValidationErrors

#: As a Vietnamese dictionary has them.
IN_ORDER = [
    "An",
    "Ánh",
    "Ăn",
    "Âu",
    "Bảo",
    "Danh",
    "Dũng",
    "Dương",
    "Đan",
    "Đào",
    "Em",
    "Êm",
    "Oanh",
    "Ông",
    "Ơn",
    "Uyên",
    "Ưng",
    "Xuân",
]
plain = st.text(st.characters(exclude_categories=("Cs", "Cc")))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đỗ  Ngọc Mai", "do ngoc mai"),
        ("đặng", "dang"),
        ("  NGUYỄN\tVăn \n An ", "nguyen van an"),
        ("Nguye\u0302\u0303n", "nguyen"),  # accents as marks of their own
        ("José Straße", "jose strasse"),
        ("Ｆｕｌｌ", "full"),
        ("Chi D’Amour", "chi d'amour"),
        ("Ŀukasz Łødź Æ Þór", "l·ukasz lodz ae thor"),
        ("Nguyễn\N{NO-BREAK SPACE}Văn\N{ZERO WIDTH SPACE} An", "nguyen van an"),
        ("ﬁn – ﬁn", "fin - fin"),
        ("", ""),
        ("%_/", "%_/"),
    ],
)
def test_a_search_sees_neither_case_nor_accents(text, key):
    assert folded(text) == key


@given(plain)
def test_folding_a_folded_text_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@given(plain, plain)
def test_parts_are_found_whatever_they_hold(before, wanted):
    """LIKE with our pattern means "contains", also for %, _ and the escape character itself."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA case_sensitive_like = ON")
        found = database.execute(
            "SELECT ? LIKE ? ESCAPE '/'", (before + wanted + "x", like_pattern(wanted))
        ).fetchone()[0]
        other = database.execute("SELECT 'unlike' LIKE ? ESCAPE '/'", (like_pattern(wanted),)).fetchone()[0]
    assert found == 1
    assert bool(other) is (wanted in "unlike")


def tidied(value: str | None, *, most: int = 20, required: bool = False) -> tuple[str, list[str]]:
    """What is stored of a text, and what is said against it."""
    faults = ValidationErrors()
    kept = faults.text("name", value, most=most, required=required)
    return kept, [text.translated(str) for text in faults.by_field.get("name", [])]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana  ", "Ana"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("tab\tstays", "tab\tstays"),
        ("👩‍⚕️", "👩‍⚕️"),
        (None, ""),
        ("   ", ""),
        ("\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN} ", ""),
        ("one\N{NO-BREAK SPACE}two\N{IDEOGRAPHIC SPACE}three", "one two three"),
        ("one\N{LINE SEPARATOR}two", "one\ntwo"),
    ],
)
def test_a_text_is_trimmed_and_composed(typed, kept):
    assert tidied(typed) == (kept, [])


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x7f", "\ud800", chr(0xDFFF)])
def test_letters_that_nothing_can_hold_are_refused(letter):
    assert tidied(f"a{letter}b") == ("", ["This text has characters that we can't save."])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguyễn\N{NO-BREAK SPACE}Văn An", "Nguyễn Văn An"),
        ("Nguyễn \N{THIN SPACE} Văn\tAn", "Nguyễn Văn An"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}Ana\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN} Nguyễn", "Ana Nguyễn"),
        ("Chi D’Amour", "Chi D’Amour"),
    ],
)
def test_a_name_is_read_as_it_looks(typed, kept):
    faults = ValidationErrors()
    assert faults.text("name", typed, most=20, required=True, line=True) == kept
    assert faults.by_field == {}


@given(st.text(max_size=20))
def test_tidying_a_tidied_name_changes_nothing(text):
    assert one_line(one_line(text)) == one_line(text)


def test_a_text_has_a_greatest_length_counted_as_it_is_kept():
    assert tidied("x" * 20)[1] == []
    assert tidied(" " * 30 + "x" * 20)[1] == []
    assert tidied("e\u0301" * 20)[1] == []  # composed, these are twenty letters
    assert tidied("x" * 21)[1] == ["Please use at most 20 characters."]


def test_a_text_that_is_far_too_long_is_refused_before_its_marks_are_put_in_order():
    assert tidied("a" + "\u0301" * 80) == ("", ["Please use at most 20 characters."])
    assert tidied("a" + "\u0301" * 80, required=True) == ("", ["Please use at most 20 characters."])


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_a_required_text_must_hold_something(nothing):
    assert tidied(nothing, required=True)[1] == ["Please fill this in."]


def test_faults_refuse_all_at_once_and_only_if_there_are_any():
    faults = ValidationErrors()
    faults.raise_if_any()
    faults.text("name", "", most=5, required=True)
    faults.add("age", "Too %(what)s.", what="young")
    with pytest.raises(InvalidInput) as refusal:
        faults.raise_if_any()
    assert refusal.value.code == "validation_error"
    assert refusal.value.field_texts(str) == {"name": ["Please fill this in."], "age": ["Too young."]}


@pytest.mark.parametrize(
    "written", [str, str.upper, partial(unicodedata.normalize, "NFD")], ids=["plain", "upper", "NFD"]
)
def test_names_stand_in_the_order_of_the_alphabet(written):
    names = [written(name) for name in IN_ORDER]
    assert sorted(sorted(names), key=alphabetical) == names


def test_signs_and_other_letters_have_a_place_too():
    assert sorted(["Çelik", "D", "X-ray", "X ray", "C", "日本", "2"], key=alphabetical) == [
        "2",
        "C",
        "Çelik",
        "D",
        "X ray",
        "X-ray",
        "日本",
    ]


@given(plain)
def test_every_text_has_a_place(text):
    assert alphabetical(text)[1] == text


def test_every_language_of_the_portal_has_its_formats():
    assert set(LOCALES) == set(PATTERNS) == set(LANGUAGES)


def test_the_passwords_that_everybody_would_choose_are_known_in_every_language():
    assert set(FAVOURITES) == set(LANGUAGES), "FAVOURITES of clinic/accounts/passwords.py; none where zxcvbn has them"
    assert set(DOOR_WORDS) == set(LANGUAGES), "DOOR_WORDS of clinic/accounts/passwords.py"
    assert {frozenset(patterns) for patterns in PATTERNS.values()} == {frozenset(PATTERNS["en"])}
