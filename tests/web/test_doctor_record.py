"""The record form: written once, changed, refused with everything kept, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from clinic import records, scheduling
from tests.people import Cast
from tests.web.conftest import TODAY
from tests.web.test_preferences import press
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
SAVE, SAVE_OVER = "Save the record", "Save my version"


def path_of(number: int) -> str:
    """The record form's address."""
    return f"/doctor/appointments/{number}/record"


@pytest.fixture
def stored(app: Flask, cast: Cast) -> Callable[[int], records.RecordRow]:
    """The record of a visit as it is stored."""

    def read(number: int) -> records.RecordRow:
        with app.app_context():
            return records.record_of(cast.actor("chen"), number)

    return read


@pytest.fixture
def elsewhere(app: Flask, cast: Cast) -> Callable[..., None]:
    """Let Dr Chen save a record in another place: ``elsewhere(number, diagnosis="...")``."""

    def write(number: int, **fields: Any) -> None:
        with app.app_context():
            records.write_record(cast.actor("chen"), number, **fields)

    return write


@pytest.fixture
def seen(appointment: Make) -> int:
    """A confirmed visit of today."""
    return appointment(TODAY, "08:30", status="confirmed")


def test_a_record_is_written(as_: As, seen: int, stored: Callable[[int], dict[str, Any]]) -> None:
    page = as_("chen").get(f"/doctor/appointments/{seen}").click("Write the record")
    done = page.press(
        SAVE,
        diagnosis="Stage 2 hypertension\r\noff treatment",
        prescription="Amlodipine 5 mg",
        treatment_plan="Less salt",
        notes="Comes with her daughter",
        follow_up_date="2026-03-16",
        blood_pressure="148/92",
        heart_rate="81",
        weight="62,4",
        height="160",
        temperature="36.6",
    )
    kept = stored(seen)

    assert done.goes_to == f"/doctor/appointments/{seen}"
    assert "The record has been saved." in done.follow().tree.one(id="flash").text
    assert kept["diagnosis"] == "Stage 2 hypertension\noff treatment"
    assert (kept["prescription"], kept["treatment_plan"], kept["notes"]) == (
        "Amlodipine 5 mg",
        "Less salt",
        "Comes with her daughter",
    )
    assert kept["follow_up_date"] == date(2026, 3, 16)
    assert kept["vital_signs"] == {
        "blood_pressure": "148/92",
        "heart_rate": 81,
        "weight": 62.4,
        "height": 160,
        "temperature": 36.6,
    }


def test_a_record_is_changed_and_its_versions_stay(as_: As, seen: int, stored: Callable[[int], dict[str, Any]]) -> None:
    as_("chen").get(path_of(seen)).press(SAVE, diagnosis="Flu", heart_rate="81", weight="62.4", height="160")
    page = as_("chen").get(path_of(seen))
    assert page.values(SAVE)["diagnosis"] == "Flu"
    assert page.values(SAVE)["heart_rate"] == "81"
    assert "Body mass index 24.4 kg/m²" in page.main.text

    page.press(SAVE, diagnosis="Influenza A", heart_rate="")
    kept = stored(seen)
    assert (kept["diagnosis"], kept["version"]) == ("Influenza A", 2)
    assert kept["vital_signs"] == {"weight": 62.4, "height": 160}
    versions = [node.text for node in as_("chen").get(path_of(seen)).tree.one("aside").all("details")]
    assert "Version 2 (current)" in versions[0]
    assert "Influenza A" in versions[0]
    assert "Version 1" in versions[1]
    assert "Flu" in versions[1]
    assert "Heart rate 81 bpm" in versions[1]


def test_saving_without_a_change_makes_no_version(as_: As, seen: int, record: Make, stored: Any) -> None:
    record(
        seen, vital_signs={"heart_rate": 81, "temperature": 36.6, "left_eye": "0.8"}, follow_up_date=date(2026, 3, 9)
    )
    before = stored(seen)
    answer = as_("chen").get(path_of(seen)).press(SAVE)

    assert answer.status == 303
    assert stored(seen) == before


def test_vital_signs_of_other_clients_are_kept(as_: As, seen: int, record: Make, stored: Any) -> None:
    record(seen, vital_signs={"heart_rate": 81, "left_eye": "0.8", "ecg": {"leads": [1, 2], "rhythm": "Sinus"}})
    as_("chen").get(path_of(seen)).press(SAVE, heart_rate="79")

    assert stored(seen)["vital_signs"] == {
        "heart_rate": 79,
        "left_eye": "0.8",
        "ecg": {"leads": [1, 2], "rhythm": "Sinus"},
    }


REFUSED = {
    "diagnosis": ("", "Please fill this in."),
    "prescription": ("x" * 5001, "at most 5000 characters"),
    "follow_up_date": ("2026-03-01", "before the visit"),
    "blood_pressure": ("92/148", "with the larger number first"),
    "heart_rate": ("fast", "Please enter a number."),
    "temperature": ("50", "from 30 to 45 °C"),
    "weight": ("62,4,1", "Please enter a number."),
    "height": ("1,60 m", "Please enter a number."),
    "oxygen_saturation": ("1e2", "Please enter a number."),
    "respiratory_rate": ("٣٠", "Please enter a number."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_record_keeps_everything_typed(as_: As, seen: int, name: str) -> None:
    wrong, why = REFUSED[name]
    typed = {
        "diagnosis": "Flu",
        "prescription": "Rest\n\nand tea",
        "notes": "  <b>Tired</b>",
        "heart_rate": "81",
        "follow_up_date": "2026-03-09",
        name: wrong,
    }
    answer = as_("chen").get(path_of(seen)).press(SAVE, **typed)

    assert answer.status == 422
    assert why in answer.tree.one(role="alert").text
    assert why in answer.tree.one(id=f"{name}-err").text
    kept = answer.values(SAVE)
    assert {key: kept[key] for key in typed} == typed
    assert "Nothing written yet." in as_("chen").get(f"/doctor/appointments/{seen}").text


def test_a_day_that_is_none_is_refused(as_: As, seen: int) -> None:
    answer = as_("chen").get(path_of(seen)).press(SAVE, diagnosis="Flu", follow_up_date="soon")

    assert answer.status == 422
    assert "Please enter a date, such as 31/05/2026." in answer.tree.one(id="follow_up_date-err").text


def test_two_characters_of_a_line_break_count_as_one(as_: As, seen: int, stored: Any) -> None:
    text = "x\r\n" * (records.DIAGNOSIS_MAX // 2)
    answer = as_("chen").get(path_of(seen)).press(SAVE, diagnosis=text)

    assert answer.status == 303
    assert stored(seen)["diagnosis"] == ("x\n" * (records.DIAGNOSIS_MAX // 2)).strip()


# --- saved elsewhere meanwhile --------------------------------------------------------------------------------------


def stale(as_: As, seen: int, elsewhere: Callable[..., None], **typed: str) -> Sheet:
    """Write on a record that is saved elsewhere meanwhile."""
    elsewhere(seen, diagnosis="Flu", notes="Same", vital_signs={"heart_rate": 80, "left_eye": "0.7"})
    page = as_("chen").get(path_of(seen))
    elsewhere(
        seen,
        diagnosis="Influenza A",
        prescription="Oseltamivir",
        follow_up_date=date(2026, 3, 10),
        vital_signs={"heart_rate": 90, "left_eye": "0.8"},
    )
    return page.press(SAVE, **typed)


def test_nothing_is_written_over_what_was_saved_meanwhile(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    answer = stale(as_, seen, elsewhere, diagnosis="A cold", notes="Same", heart_rate="75")

    assert answer.status == 412
    assert stored(seen)["diagnosis"] == "Influenza A"
    alert = answer.tree.one(role="alert").text
    assert "saved elsewhere" in alert
    assert "Dr Chen saved version 2" in alert
    assert answer.values(SAVE_OVER)["diagnosis"] == "A cold"
    theirs = [node.text for node in answer.main.all("div", class_="theirs")]
    assert theirs == ["Saved in the meantime : Heart rate 90", "Saved in the meantime : Diagnosis Influenza A"]


def test_what_only_the_other_changed_is_taken_over_and_marked(as_: As, seen: int, elsewhere: Any) -> None:
    answer = stale(as_, seen, elsewhere, diagnosis="A cold", treatment_plan="Rest")
    values = answer.values(SAVE_OVER)

    assert (values["prescription"], values["follow_up_date"]) == ("Oseltamivir", "2026-03-10")
    assert (values["diagnosis"], values["treatment_plan"]) == ("A cold", "Rest")
    marked = [node.attrs["id"] for node in answer.main.all("p", class_="theirs")]
    assert marked == ["heart_rate-saved", "prescription-saved", "follow_up_date-saved"]


def test_changes_to_different_fields_meet_without_a_choice(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    elsewhere(seen, diagnosis="Flu")
    page = as_("chen").get(path_of(seen))
    elsewhere(seen, prescription="Oseltamivir")
    answer = page.press(SAVE, treatment_plan="Rest")

    assert answer.status == 412
    assert "We've filled in what they changed and marked it below." in answer.tree.one(role="alert").text
    assert answer.press(SAVE).status == 303
    assert [stored(seen)[name] for name in ("diagnosis", "prescription", "treatment_plan")] == [
        "Flu",
        "Oseltamivir",
        "Rest",
    ]


def test_a_first_record_saved_in_two_windows_marks_only_what_both_wrote(as_: As, seen: int, elsewhere: Any) -> None:
    page = as_("chen").get(path_of(seen))
    elsewhere(seen, diagnosis="Influenza A")
    answer = page.press(SAVE, diagnosis="A cold", prescription="Oseltamivir")

    assert [node.text for node in answer.main.all("div", class_="theirs")] == [
        "Saved in the meantime : Diagnosis Influenza A"
    ]


def test_mine_can_be_saved_over_it(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    answer = stale(as_, seen, elsewhere, diagnosis="A cold", heart_rate="75").press(SAVE_OVER)
    kept = stored(seen)

    assert answer.status == 303
    assert (kept["diagnosis"], kept["prescription"], kept["version"]) == ("A cold", "Oseltamivir", 3)
    # What this form can't show was not changed here, so the newer of it stays.
    assert kept["vital_signs"] == {"heart_rate": 75, "left_eye": "0.8"}


def test_another_language_writes_nothing_over_unseen(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    page = press(stale(as_, seen, elsewhere, diagnosis="A cold"), "language", "vi")
    assert (page.status, page.values("Lưu bệnh án")["diagnosis"]) == (200, "A cold")
    again = page.press("Lưu bệnh án")

    assert (again.status, stored(seen)["version"]) == (412, 2), "what was saved meanwhile is shown once more"
    assert "Influenza A" in again.main.text
    assert again.press("Lưu bản của tôi").status == 303
    assert stored(seen)["diagnosis"] == "A cold"


def test_theirs_can_be_taken(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    page = stale(as_, seen, elsewhere, diagnosis="A cold").click("Use their version")

    assert page.status == 200
    assert page.values(SAVE)["diagnosis"] == "Influenza A"
    assert stored(seen)["version"] == 2


def test_saving_over_it_is_refused_again_if_it_changed_again(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    answer = stale(as_, seen, elsewhere, diagnosis="A cold")
    elsewhere(seen, diagnosis="Measles")
    again = answer.press(SAVE_OVER)

    assert again.status == 412
    assert again.values(SAVE_OVER)["diagnosis"] == "A cold"
    assert "Measles" in again.main.text
    assert stored(seen)["diagnosis"] == "Measles"


def test_two_first_versions_dont_meet_unseen(as_: As, seen: int, elsewhere: Any, stored: Any) -> None:
    page = as_("chen").get(path_of(seen))
    elsewhere(seen, diagnosis="Influenza A")
    answer = page.press(SAVE, diagnosis="A cold")

    assert answer.status == 412
    assert stored(seen)["diagnosis"] == "Influenza A"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "1.0", "²"])
def test_an_unreadable_version_never_overwrites(as_: As, seen: int, record: Make, stored: Any, version: str) -> None:
    record(seen)
    answer = as_("chen").get(path_of(seen)).press(SAVE, diagnosis="A cold", version=version)

    assert answer.status == 412
    assert stored(seen)["diagnosis"] == "Stage 1 hypertension"


@pytest.mark.parametrize("others", ["{", "[1]", '"x"', "nan"])
def test_nonsense_beside_the_form_is_no_error(as_: As, seen: int, others: str) -> None:
    assert as_("chen").get(path_of(seen)).press(SAVE, diagnosis="Flu", others=others).status == 303


# --- not now --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"), [("booked", "has to be confirmed first"), ("cancelled", "This visit was cancelled.")]
)
def test_no_record_of_a_visit_that_is_not_on(as_: As, appointment: Make, status: str, why: str) -> None:
    page = as_("chen").get(path_of(appointment(status=status)))

    assert page.status == 200
    assert why in page.main.text
    assert not page.main.all("textarea")


def test_a_visit_cancelled_while_writing_keeps_what_was_written(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    number = appointment(status="confirmed")
    page = as_("chen").get(path_of(number))
    with app.app_context():
        scheduling.cancel(cast.actor("ana"), number)
    answer = page.press(SAVE, diagnosis="Long text")

    assert answer.status == 409
    assert "This visit was cancelled." in answer.tree.one(role="alert").text
    assert answer.values(SAVE)["diagnosis"] == "Long text"


def test_the_form_in_vietnamese_reads_its_own_numbers(as_: As, seen: int, stored: Any) -> None:
    as_("chen").client.set_cookie("lang", "vi")
    doctor = as_("chen")
    form = next(form for form in doctor.get(path_of(seen)).main.all("form") if form.all("input", name="version"))
    button = form.all("button")[-1].text
    doctor.get(path_of(seen)).press(button, diagnosis="Cúm", temperature="36,6")
    page = doctor.get(path_of(seen))

    assert stored(seen)["vital_signs"] == {"temperature": 36.6}
    assert page.values(button)["temperature"] == "36,6"
    assert page.press(button).status == 303
    assert stored(seen)["version"] == 1


def test_units_are_understood_and_a_height_in_metres_is_told_apart(as_: As, seen: int, stored: Any) -> None:
    """And nothing is worked out from a number that is refused."""
    form = as_("chen").get(path_of(seen))
    typed = {"diagnosis": "Well", "weight": "70,5 kg", "oxygen_saturation": "98%", "temperature": "38,5 °C"}
    refused = form.press("Save the record", **typed, height="1.70")
    assert refused.status == 422
    assert refused.main.one(id="height-err").text == "Please enter the height in centimetres, such as 170."
    assert "Body mass index –" in refused.main.text
    assert refused.values("Save the record")["weight"] == "70,5 kg"
    refused.press("Save the record", height="170 cm")
    signs = {"weight": 70.5, "oxygen_saturation": 98, "temperature": 38.5, "height": 170}
    assert stored(seen)["vital_signs"] == signs


# --- what stands beside the fields ------------------------------------------------------------------------------------


def hint(page: Sheet, name: str) -> str:
    """What stands under a field."""
    return page.main.one(id=f"{name}-hint").text


def test_each_sign_shows_what_is_normal_and_the_last_value(
    as_: As, cast: Cast, seen: int, appointment: Make, record: Make
) -> None:
    signs = {"blood_pressure": "148/92", "weight": 62.5}
    record(appointment(date(2026, 1, 5), status="completed"), vital_signs=signs, diagnosis="Older")
    record(appointment(date(2026, 2, 2), status="completed"), vital_signs={"weight": 61}, diagnosis="Newer")
    record(appointment(date(2026, 2, 3), status="completed", patient_id=cast.boris), vital_signs={"weight": 90})
    page = as_("chen").get(path_of(seen))

    assert hint(page, "heart_rate") == "bpm, normal 60–100"
    assert hint(page, "weight") == "kg, last 61 on 2 February 2026"
    assert hint(page, "blood_pressure").endswith("last 148/92 on 5 January 2026")
    side = page.tree.one("aside").text
    assert "Last record 2 February 2026 Diagnosis Newer" in side
    assert "Older" in side
