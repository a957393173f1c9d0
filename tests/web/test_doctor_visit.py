"""One visit at the doctor's: its chart and history, confirm, complete, service, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import scheduling
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
APPOINTMENTS = "/doctor/appointments/{}"


def status_of(app: Flask, cast: Cast, number: int) -> str:
    """Where a visit stands."""
    with app.app_context():
        return str(scheduling.appointment(cast.actor("chen"), number)["status"])


def buttons(page_text: list[str]) -> set[str]:
    """The things that can be done, of all words that buttons and links of the chart have."""
    return set(page_text) & {
        "Confirm",
        "Complete",
        "Service",
        "Write the record",
        "Change the record",
        "Move",
        "Cancel",
    }


@pytest.mark.parametrize(
    ("status", "on", "can", "why"),
    [
        ("booked", LATER, {"Confirm", "Move", "Cancel"}, "This visit has to be confirmed first."),
        ("booked", TODAY, {"Confirm", "Move"}, "24 hours before it starts. Reception can still cancel it."),
        (
            "confirmed",
            LATER,
            {"Complete", "Service", "Write the record", "Move", "Cancel"},
            "Confirm: This visit is already confirmed.",
        ),
        (
            "completed",
            TODAY,
            {"Service", "Write the record"},
            "Confirm, Complete, Move, Cancel: This visit is already completed.",
        ),
        ("cancelled", LATER, set(), "This visit was cancelled."),
    ],
)
def test_what_can_be_done_and_why_not_the_rest(
    as_: As, appointment: Make, status: str, on: date, can: set[str], why: str
) -> None:
    page = as_("chen").get(APPOINTMENTS.format(appointment(on, "10:00", status=status)))
    act = page.main.one(class_="act")

    assert buttons([node.text for node in act if node.tag in ("a", "button")]) == can
    assert why in page.main.text


def test_the_chart_says_what_is_known(as_: As, cast: Cast, appointment: Make, record: Make) -> None:
    number = appointment(
        TODAY,
        "10:00",
        status="completed",
        room_id=cast.chens_room,
        notes="Allergic to penicillin",
        service_id=cast.ecg,
        service_fee=150000,
        estimated_fee=350000,
    )
    record(number, vital_signs={"blood_pressure": "148/92", "weight": 62.4, "height": 160, "left_eye": "0.8"})
    page = as_("chen").get(APPOINTMENTS.format(number))

    for words in (
        "Palpitations",
        "Check-up",
        "Allergic to penicillin",
        "Floor 2, room 201",
        "Stage 1 hypertension",
        "Amlodipine 5 mg, one a day",
        "148/92 mmHg",
        "62.4 kg",
        "Left eye 0.8",
        "Body mass index 24.4",
        "Examination 200,000 ₫",
        "ECG 150,000 ₫",
        "Total 350,000 ₫",
        "Female, 35 years",
        "Ana Nguyễn booked this visit.",
    ):
        assert words in page.main.text, words


def test_a_record_is_read_and_audited_only_where_it_is_shown(
    app: Flask, as_: As, appointment: Make, record: Make
) -> None:
    from clinic.audit import AuditEvent  # noqa: PLC0415
    from clinic.db import db  # noqa: PLC0415

    number = appointment(TODAY, "10:00", status="confirmed")
    record(number)

    def readings() -> int:
        with app.app_context():
            return db.session.query(AuditEvent).filter_by(action="record.read").count()

    as_("chen").get(APPOINTMENTS.format(number))
    assert readings() == 1
    as_("chen").get(APPOINTMENTS.format(number) + "/service")
    as_("chen").get(APPOINTMENTS.format(number) + "/cancel")
    as_("chen").get(f"/doctor/?day={LATER}")
    assert readings() == 1


def test_confirm_then_complete_told_as_a_story(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TODAY, "10:00")
    confirmed = as_("chen").get(APPOINTMENTS.format(number)).press("Confirm")
    assert confirmed.status == 303
    page = confirmed.follow()
    assert "The visit is confirmed." in page.tree.one(id="flash").text

    completed = page.click("Complete").press("Complete the visit").follow()
    assert status_of(app, cast, number) == "completed"
    assert "You confirmed the visit." in completed.main.text
    assert "You completed the visit." in completed.main.text


def test_a_command_from_the_day_goes_back_to_the_day(as_: As, appointment: Make) -> None:
    number = appointment(TODAY, "10:00")
    appointment(TODAY, "09:30", status="completed")

    answer = as_("chen").get("/doctor/").press("Confirm")
    assert answer.goes_to == f"/doctor/?day={TODAY}&visit={number}"
    assert answer.follow().h1 == "Ana Nguyễn"


@pytest.mark.parametrize("command", ["confirm", "complete"])
def test_pressing_twice_is_no_mistake(as_: As, appointment: Make, command: str) -> None:
    number = appointment(status="booked" if command == "confirm" else "confirmed")
    sent = {"sure": "1"} if command == "complete" else {}
    first, second = (as_("chen").command(f"{APPOINTMENTS.format(number)}/{command}", **sent) for _ in range(2))

    assert first.goes_to == second.goes_to == APPOINTMENTS.format(number)
    story = second.follow().main.text
    assert story.count(f"You {command}") == 1


@pytest.mark.parametrize(
    ("command", "status", "why"),
    [
        ("complete", "booked", "This visit has to be confirmed first."),
        ("confirm", "cancelled", "This visit was cancelled."),
        ("confirm", "completed", "This visit is already completed."),
    ],
)
def test_what_cant_be_done_now_shows_the_visit_and_says_why(
    app: Flask, as_: As, cast: Cast, appointment: Make, command: str, status: str, why: str
) -> None:
    number = appointment(status=status)
    answer = as_("chen").command(f"{APPOINTMENTS.format(number)}/{command}")

    assert answer.status == 409
    assert answer.h1 == "Ana Nguyễn"
    assert why in answer.tree.one(role="alert").text
    assert status_of(app, cast, number) == status


# --- service --------------------------------------------------------------------------------------------------------


def test_a_service_with_its_fee(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    with app.app_context():
        factories.service("Retired test", department_id=cast.cardiology, is_active=False)
    page = as_("chen").get(APPOINTMENTS.format(appointment(status="confirmed"))).click("Service")
    option = page.main.one("label").text

    assert option == "ECG 350,000 ₫ 200,000 ₫ examination + 150,000 ₫"
    assert "EEG" not in page.text
    done = page.press("Choose this service", service_id=str(cast.ecg)).follow()
    assert "The service is chosen: ECG." in done.tree.one(id="flash").text
    assert "Total 350,000 ₫" in done.main.text
    assert "You added a service: ECG." in done.main.text
    assert "checked" in done.click("Service").main.one("input", type="radio").attrs


@pytest.mark.parametrize("service_id", ["", "eeg", "999999", "x", "-1", "9" * 30, "²"])
def test_a_wrong_service_is_refused(as_: As, cast: Cast, appointment: Make, service_id: str) -> None:
    number = appointment(status="confirmed")
    page = as_("chen").get(APPOINTMENTS.format(number) + "/service")
    wrong = str(cast.eeg) if service_id == "eeg" else service_id
    answer = page.press("Choose this service", service_id=wrong)

    assert answer.status == 422
    assert "Please choose a service" in answer.tree.one(role="alert").text
    assert "No service chosen" in as_("chen").get(APPOINTMENTS.format(number)).text


def test_no_service_before_the_visit_is_confirmed(as_: As, cast: Cast, appointment: Make) -> None:
    path = APPOINTMENTS.format(appointment()) + "/service"

    assert "This visit has to be confirmed first." in as_("chen").get(path).main.text
    answer = as_("chen").command(path, service_id=str(cast.ecg))
    assert answer.status == 409
    assert "This visit has to be confirmed first." in answer.tree.one(role="alert").text


def test_a_department_without_services_says_so(as_: As, app: Flask, cast: Cast, appointment: Make) -> None:
    with app.app_context():
        bare = factories.department("Dermatology")
        doctor = factories.doctor("Dr Okafor", "okafor@clinic.example", department_id=bare)
    number = appointment(status="confirmed", doctor_id=doctor)
    from tests.web.visitor import signed_in  # noqa: PLC0415

    page = signed_in(app, doctor).get(APPOINTMENTS.format(number) + "/service")
    assert "This department has no services at the moment" in page.text


# --- cancel ---------------------------------------------------------------------------------------------------------


def test_cancelling_asks_first_and_keeps_the_reason(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    page = as_("chen").get(APPOINTMENTS.format(number)).click("Cancel")

    assert page.h1 == "Cancel this visit?"
    assert "3 March 2026, 09:00" in page.main.text
    assert status_of(app, cast, number) == "booked"
    done = page.press("Cancel the visit", reason="I am at a congress").follow()
    assert status_of(app, cast, number) == "cancelled"
    assert "You cancelled the visit." in done.main.text
    assert "I am at a congress" in done.main.text
    assert "I am at a congress" in as_("ana").get(f"/patient/appointments/{number}").text


def test_a_day_before_it_is_too_late(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TOMORROW, "08:30")
    path = APPOINTMENTS.format(number) + "/cancel"

    page = as_("chen").get(path)
    assert "24 hours before it starts. Reception can still cancel it." in page.main.text
    assert not page.main.all("textarea")
    answer = as_("chen").command(path, reason="I am at a congress")
    assert answer.status == 409
    assert "24 hours before it starts" in answer.tree.one(role="alert").text
    assert "I am at a congress" in answer.main.text
    assert status_of(app, cast, number) == "booked"


def test_a_reason_too_long_is_kept_for_shortening(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    long = "Because " * 100
    answer = as_("chen").get(APPOINTMENTS.format(number) + "/cancel").press("Cancel the visit", reason=long)

    assert answer.status == 422
    assert answer.values("Cancel the visit")["reason"].strip() == long.strip()
    assert "at most 500 characters" in answer.tree.one(role="alert").text
    assert status_of(app, cast, number) == "booked"


def test_a_line_break_counts_once(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    reason = "x\r\n" * (scheduling.REASON_MAX // 2 - 1) + "xx"
    page = as_("chen").get(APPOINTMENTS.format(number) + "/cancel")

    assert page.press("Cancel the visit", reason=reason + "y").status == 422
    assert page.press("Cancel the visit", reason=reason).status == 303
    assert status_of(app, cast, number) == "cancelled"


def test_cancelling_twice_is_no_mistake(as_: As, appointment: Make) -> None:
    number = appointment()
    path = APPOINTMENTS.format(number) + "/cancel"
    first, second = (as_("chen").command(path) for _ in range(2))

    assert first.goes_to == second.goes_to == APPOINTMENTS.format(number)
    assert second.follow().main.text.count("You cancelled the visit.") == 1


def test_markup_in_what_people_wrote_is_only_text(app: Flask, as_: As, appointment: Make, record: Make) -> None:
    evil = "</textarea><script>alert(1)</script>"
    number = appointment(TODAY, "10:00", status="confirmed", symptoms=evil, reason=evil, notes=evil)
    record(number, diagnosis=evil, vital_signs={evil: evil})

    for page in ("", "/record", "/cancel", "/service"):
        assert "<script>alert" not in as_("chen").get(APPOINTMENTS.format(number) + page).html


def test_a_disabled_doctor_sees_nothing(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    path = APPOINTMENTS.format(appointment())
    assert as_("chen").get(path).status == 200
    with app.app_context():
        scheduling.switch_account("chen@clinic.example", active=False)

    assert as_("chen").get(path).goes_to.startswith("/login")
