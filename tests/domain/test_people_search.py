"""Finding people: what is read out of a text, and whom it finds on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from clinic import accounts, scheduling
from clinic.accounts.models import Patient
from clinic.accounts.people_search import READ_MOST, Part, read
from clinic.db import transaction
from clinic.i18n import LANGUAGES
from clinic.text.formats import LOCALES, written_date
from tests import factories
from tests.people import Cast

TODAY = date(2026, 3, 2)
BORN = date(1990, 5, 31)


# --- what is read (pure) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "31/05/1990", "31/5/1990", "31.5.1990", "31-05-1990", "31 5 1990", "31/5/90", "1990-05-31", "1990/5/31",
        "31 May 1990", "31st may 1990", "May 31, 1990", "may 31 1990", "31051990",
        "31 tháng 5 năm 1990", "ngày 31 tháng 5, 1990", "３１/０５/１９９０",
    ],
)  # fmt: skip
def test_a_date_of_birth_is_read_in_any_usual_form(text: str) -> None:
    assert [part.born for part in read(text, TODAY).parts] == [(BORN, BORN)]
    with_name = read(f"Nhung {text}", TODAY).parts
    assert [part.word for part in with_name if not part.born] == ["nhung"]
    assert any(part.born == (BORN, BORN) for part in with_name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_date_as_a_language_writes_it_is_a_date_of_birth(language: str, month: int) -> None:
    born = date(1990, month, 17)
    for text in (written_date(born, language, "day"), format_date(born, "long", locale=LOCALES[language])):
        assert [part.born for part in read(text, TODAY).parts] == [(born, born)], text


@pytest.mark.parametrize("text", ["31/02/1990", "31/13/1990", "31/05/1850", "31/05/2031", "99 99 1990"])
def test_what_is_nobodys_date_of_birth_is_read_as_none(text: str) -> None:
    assert not any(part.born for part in read(text, TODAY).parts)


def test_two_digits_are_the_latest_year_that_has_begun() -> None:
    assert read("1/3/26", TODAY).parts[0].born == (date(2026, 3, 1), date(2026, 3, 1))
    assert read("1/3/27", TODAY).parts[0].born == (date(1927, 3, 1), date(1927, 3, 1))


@pytest.mark.parametrize(
    "text",
    ["0912345678", "0912 345 678", "0912.345.678", "091-234-5678", "(091) 234 5678", "+84912345678", "+84 912 345 678",
     "0084912345678", "84912345678", "+84 (0)912 345 678"],
)  # fmt: skip
def test_a_phone_number_is_read_in_any_form(text: str) -> None:
    assert [part.digits for part in read(text, TODAY).parts] == ["0912345678"]


def test_a_year_may_be_one_of_birth_and_a_part_of_a_phone_number() -> None:
    assert read("1980", TODAY).parts == (Part(digits="1980", born=(date(1980, 1, 1), date(1980, 12, 31))),)
    assert read("1899", TODAY).parts == (Part(digits="1899"),)


@given(st.text(max_size=400))
def test_any_text_is_read_and_costs_no_more_than_its_length(text: str) -> None:
    wanted = read(text, TODAY)
    assert len(wanted.parts) <= READ_MOST * 20, "one letter folds to eighteen at most"
    assert all(part.word or part.digits or part.born for part in wanted.parts)


# --- whom it finds ----------------------------------------------------------------------------------------------------


@pytest.fixture
def nhung(app_context: None, cast: Cast) -> int:
    """Đỗ Thị Hồng Nhung, with everything that the clinic may know of her."""
    found = factories.patient("Đỗ Thị Hồng Nhung", "nhung@example.com", phone_num="0912345678")
    with transaction() as session:
        patient = session.get_one(Patient, found)
        patient.date_of_birth, patient.insurance_id = BORN, "SHI-79-2041037"
    return found


@pytest.mark.parametrize(
    "text",
    [
        "Nhung Do", "do nhung", "ĐỖ NHUNG", "hong nhung do", "nhung 1990", "1990 nhung", "Nhung, 31/5/1990", "1990-05-31",
        "+84 912 345 678", "345 678", "nhung 0912", "SHI-79-2041037", "shi792041037", "79 2041037", "2041037",
        "nhung@example", "nhung@example.com",
        "0912345678 1990", "1990 +84 912 345 678 nhung",
    ],
)  # fmt: skip
def test_everything_that_is_known_of_a_patient_finds_her(cast: Cast, nhung: int, text: str) -> None:
    esther = cast.actor("esther")
    assert [row["id"] for row in accounts.people(esther, search=text).results] == [nhung]
    assert [row["id"] for row in scheduling.find(esther, text).patients.results] == [nhung]


@pytest.mark.parametrize(
    "text", ["Nhung Le", "nhung 1991", "31/5/1991", "SHI-79-2041038", "%", "_", ",", "xyz\x00\ud800", "example"]
)
def test_what_fits_in_part_finds_nobody(cast: Cast, nhung: int, text: str) -> None:
    assert accounts.people(cast.actor("esther"), search=text).results == []


def test_every_search_for_people_finds_alike(cast: Cast, nhung: int) -> None:
    appointment = factories.appointment(nhung, cast.chen, TODAY, status="completed")
    chen, esther = cast.actor("chen"), cast.actor("esther")
    for text in ("Nhung Do", "31.5.1990", "+84 912345678"):
        assert [row["id"] for row in scheduling.own_patients(chen, search=text).results] == [nhung]
        for reader in (chen, esther):
            assert [row["id"] for row in scheduling.appointments(reader, search=text).results] == [appointment]


def test_a_very_long_text_is_searched_for_too(cast: Cast, nhung: int) -> None:
    assert nhung not in [row["id"] for row in accounts.people(cast.actor("esther"), search="a " * 5000).results]
    assert [row["id"] for row in accounts.people(cast.actor("esther"), search="nhung " * 5000).results] == [nhung]
