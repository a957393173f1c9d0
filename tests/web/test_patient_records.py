"""A patient's medical records: one, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from clinic.settings import AccountRules
from tests.people import Cast
from tests.web.conftest import TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]

Appointment = Callable[..., int]


def test_a_record_with_its_units_and_the_next_visit(
    as_: As, appointment: Appointment, record: Callable[..., int], cast: Cast
) -> None:
    number = appointment(status="completed")
    vitals = {"blood_pressure": "148/92", "heart_rate": 81, "weight": "62.4", "height": "158", "mood": "fine"}
    record(number, vital_signs=vitals, notes="Line one\nline <two>", follow_up_date=date(2026, 3, 20))
    page = as_("ana").get(f"/patient/appointments/{number}").click("What the doctor wrote")

    for words in ("148/92 mmHg", "81 bpm", "62.4 kg", "158 cm", "25.0 kg/m²", "Amlodipine 5 mg", "line <two>"):
        assert words in page.text
    assert "Please come again by Friday 20 March 2026." in page.text
    assert page.link("Book a visit with Dr Chen").endswith(f"doctor={cast.chen}&day=2026-03-20#next")
    assert "Written by Dr Chen" in page.text


def test_a_record_says_what_was_found_and_what_to_do_before_all_measurements(
    as_: As, appointment: Appointment, record: Callable[..., int]
) -> None:
    number = appointment(status="completed")
    record(number, notes="Lying 134/85", follow_up_date=date(2026, 3, 20))
    page = as_("ana").get(f"/patient/appointments/{number}/record")

    assert [node.text for node in page.main.all("h2")] == [
        "What was found",
        "What to do",
        "Measurements",
        "The doctor's notes",
    ]
    to_do = page.main.one("section", aria_labelledby="to-do").text
    for words in ("Amlodipine 5 mg", "Less salt", "Please come again by Friday 20 March 2026."):
        assert words in to_do


def test_a_record_that_is_not_written_yet(as_: As, appointment: Appointment) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(status='confirmed')}/record")

    assert page.status == 200
    assert "Nothing written yet" in page.text


def test_a_record_with_a_diagnosis_only(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    number = appointment(status="completed")
    record(number, vital_signs=None, prescription=None, treatment_plan=None)
    page = as_("ana").get(f"/patient/appointments/{number}/record")

    assert "Stage 1 hypertension" in page.text
    assert [node.text for node in page.main.all("h2")] == ["What was found"]


def test_the_records_newest_visit_first(
    as_: As, appointment: Appointment, record: Callable[..., int], cast: Cast
) -> None:
    for days, diagnosis in ((40, "Older"), (10, "Newer")):
        record(appointment(TODAY - timedelta(days=days), status="completed"), diagnosis=diagnosis)
    record(appointment(TODAY, patient_id=cast.boris, status="completed"), diagnosis="Somebody else's")
    page = as_("ana").get("/patient/records")

    assert [node.one("a").text for node in page.main.all(class_="rec")] == ["Newer", "Older"]
    assert "Older" in page.click("Older").text


def test_the_records_say_what_became_of_a_follow_up(
    as_: As, appointment: Appointment, record: Callable[..., int]
) -> None:
    record(appointment(TODAY - timedelta(days=40), status="completed"), follow_up_date=TODAY - timedelta(days=10))
    record(appointment(TODAY - timedelta(days=9), status="completed"), follow_up_date=TODAY + timedelta(days=9))
    newest, older = as_("ana").get("/patient/records").main.all(class_="rec")

    assert "Please come again by Wednesday 11 March 2026." in newest.text
    assert "You came back on 21 February 2026." in older.text


def test_no_records_yet(as_: As) -> None:
    assert "No records yet" in as_("ana").get("/patient/records").text


def test_an_account_that_nobody_confirmed_is_told_what_to_do_first(
    as_: As, appointment: Appointment, record: Callable[..., int], clinic_has: Callable[..., None]
) -> None:
    number = appointment(status="completed")
    record(number, notes="Lying 134/85")
    clinic_has(accounts=AccountRules(records_need_proof=True))
    ana = as_("ana")
    for address in (f"/patient/appointments/{number}/record", "/patient/records"):
        page = ana.get(address)
        assert page.status == 403
        assert "Your records are shown once we know that this account is yours" in page.text
        assert "134/85" not in page.text
    assert "What the doctor wrote" not in ana.get(f"/patient/appointments/{number}").text
