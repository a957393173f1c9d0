"""What a patient takes along: the visit for the own calendar, the prescription, vital signs over time; and privacy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain

import pytest
from flask import Flask
from icalendar import Calendar

from clinic import clock, directory
from clinic.policy import PERMISSIONS, Action, Duty, Reach, Role
from clinic.web.public.readers import NOT_READING, READING
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]


# --- calendar ---------------------------------------------------------------------------------------------------------


def test_a_visit_is_taken_into_the_own_calendar(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(LATER, "09:30", room_id=cast.chens_room, symptoms="Secret cough")
    answer = as_("ana").get(f"/patient/appointments/{number}").click("Add to my calendar")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert answer.headers["Content-Disposition"] == "attachment; filename=visit-2026-03-04.ics"
    assert answer.headers["Cache-Control"] == "no-store"
    (event,) = Calendar.from_ical(answer.html).events
    assert isinstance(event.start, datetime)
    assert event.start.astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M") == "2026-03-04 09:30"
    assert "Dr Chen" in str(event["summary"])
    assert "cough" not in answer.html


@pytest.mark.parametrize(("status", "offered"), [("booked", 1), ("confirmed", 1), ("completed", 0), ("cancelled", 0)])
def test_only_a_coming_visit_is_offered(as_: As, appointment: Make, status: str, offered: int) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(status=status)}")

    assert len([link for link in page.main.all("a") if link.text == "Add to my calendar"]) == offered


def test_a_cancelled_visit_takes_the_entry_away(as_: As, appointment: Make) -> None:
    answer = as_("ana").get(f"/patient/appointments/{appointment(status='cancelled')}/visit.ics")

    assert Calendar.from_ical(answer.html)["method"] == "CANCEL"


# --- prescription -----------------------------------------------------------------------------------------------------


def test_the_prescription_is_a_sheet(as_: As, appointment: Make, record: Make) -> None:
    number = appointment(status="completed")
    record(number, prescription="Amlodipine 5 mg <one>\na day")
    page = as_("ana").get(f"/patient/appointments/{number}/record").click("Prescription to print")

    assert page.h1 == "Prescription"
    sheet = page.main.one("article").text
    for words in ("Sen Clinic", "Ana Nguyễn", "17 May 1990", "Dr Chen", "Cardiology", "Amlodipine 5 mg <one> a day"):
        assert words in sheet


def test_without_a_prescription_there_is_no_sheet(as_: As, appointment: Make, record: Make) -> None:
    number = appointment(status="completed")
    record(number, prescription=None)

    assert "Prescription to print" not in as_("ana").get(f"/patient/appointments/{number}/record").text
    assert as_("ana").get(f"/patient/appointments/{number}/prescription").status == 404
    unwritten = appointment(LATER, "10:00", status="confirmed")
    assert as_("ana").get(f"/patient/appointments/{unwritten}/prescription").status == 404


# --- vital signs ------------------------------------------------------------------------------------------------------


def test_vital_signs_over_time_and_as_a_table(as_: As, appointment: Make, record: Make) -> None:
    for days, weight in ((60, 64), (30, 63.5), (1, 62)):
        record(appointment(TODAY - timedelta(days=days), status="completed"), vital_signs={"weight": weight})
    page = as_("ana").get("/patient/records")

    section = page.main.one("section", aria_labelledby="over-time")
    assert "Weight" in section.text
    assert [cell.text for cell in section.one("table").all("td")] == ["62", "63.5", "64"]


def test_one_measurement_is_a_value_and_not_drawn(as_: As, appointment: Make, record: Make) -> None:
    record(appointment(TODAY, status="completed"), vital_signs={"weight": 62})
    page = as_("ana").get("/patient/records")

    assert "Weight 62 kg 2 March 2026" in page.main.one("section", aria_labelledby="steady").text
    assert not page.main.all("svg", role="img")


def test_the_usual_ranges_are_those_of_adults(app: Flask, as_: As, appointment: Make, record: Make, cast: Cast) -> None:
    for days, rate in ((30, 120), (1, 110)):
        record(appointment(TODAY - timedelta(days=days), status="completed"), vital_signs={"heart_rate": rate})
    assert "Outside the usual range" in as_("ana").get("/patient/records").text
    with app.app_context():
        directory.update_me(cast.actor("ana"), {"patient_profile": {"date_of_birth": TODAY - timedelta(days=3000)}})

    assert "usual range" not in as_("ana").get("/patient/records").text


def test_later_pages_of_the_records_draw_nothing(as_: As, appointment: Make, record: Make) -> None:
    for days in range(12):
        record(appointment(TODAY - timedelta(days=days), status="completed"))
    first = as_("ana").get("/patient/records")
    second = first.click("Next")

    assert len(first.main.all(class_="rec")) == 10
    assert len(second.main.all(class_="rec")) == 2
    assert "over time" in first.main.text
    assert "over time" not in second.main.text


def test_the_own_readings_are_not_told_as_anothers(as_: As, appointment: Make, record: Make, cast: Cast) -> None:
    record(appointment(TODAY, patient_id=cast.boris, status="completed"), vital_signs={"weight": 80})
    record(
        appointment(TODAY - timedelta(days=1), patient_id=cast.boris, status="completed"), vital_signs={"weight": 81}
    )

    assert "Weight" not in as_("ana").get("/patient/records").text


# --- privacy and errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "ana", "chen", "esther"])
def test_the_privacy_page_is_in_every_footer(guest: Visitor, as_: As, name: str) -> None:
    page = (as_(name) if name else guest).get("/doctors").click("Privacy", "footer")

    assert page.h1 == "Privacy"
    assert ("Who opened your record" in page.text) is (name == "ana")


#: For which permissions the words of the privacy page were written: whoever changes one of them changes the words as well
#: (``clinic.web.public.readers``).
WRITTEN_FOR = {
    Action.SEE_APPOINTMENT: {
        Role.PATIENT: Reach.OWN,
        Role.DOCTOR: Reach.OWN,
        Duty.RECEPTION: Reach.ANY,
        Duty.RECORDS: Reach.ANY,
    },
    Action.SEE_VISITS_TO_SETTLE: {Role.DOCTOR: Reach.OWN, Duty.RECEPTION: Reach.ANY},
    Action.READ_STAFF_NOTES: {Role.DOCTOR: Reach.OWN, Duty.RECEPTION: Reach.ANY},
    Action.READ_REOPENING_REASON: {Role.DOCTOR: Reach.OWN, Duty.RECEPTION: Reach.ANY},
    Action.READ_RECORD: {Role.PATIENT: Reach.OWN, Role.DOCTOR: Reach.OWN, Duty.RECORDS: Reach.ANY},
    Action.READ_REVISIONS: {Role.DOCTOR: Reach.OWN, Duty.RECORDS: Reach.ANY},
    Action.SEE_PATIENTS: {Role.DOCTOR: Reach.OWN},
    Action.SEE_PEOPLE: {Duty.RECEPTION: Reach.ANY, Duty.RECORDS: Reach.ANY, Duty.ACCOUNTS: Reach.ANY},
    # The mails to patients, and who did what with whose data.
    Action.SEE_OUTBOX: {Duty.RECEPTION: Reach.ANY, Duty.AUDIT: Reach.ANY},
    Action.SEE_AUDIT_TRAIL: {Duty.AUDIT: Reach.ANY},
}


def test_each_permission_reads_something_about_patients_or_has_its_reason_why_not() -> None:
    decided = sorted([*READING, *chain(*NOT_READING.values())])
    assert decided == sorted(Action), "name it in READING or NOT_READING of readers.py"


def test_the_privacy_page_tells_what_the_permissions_allow(guest: Visitor) -> None:
    assert {action: PERMISSIONS[action] for action in READING} == WRITTEN_FOR
    page = guest.get("/privacy")
    rows = page.main.one("section", aria_labelledby="readers").one("tbody").all("th")
    assert [row.text for row in rows] == [
        "You",
        "Your doctors",
        "Reception",
        "Office, for medical records",
        "Office, for accounts",
        "Office, for privacy",
        "Other patients",
    ]
    assert "The office reads" not in page.main.text


def test_an_error_page_says_what_to_do_and_what_to_name(guest: Visitor, as_: As) -> None:
    for visitor, path, words in (
        (guest, "/nowhere", "Try starting from the home page."),
        (as_("chen"), "/patient/", "You're signed in as Dr Chen."),
    ):
        page = visitor.get(path, headers={"X-Request-Id": "abcd-1234-efgh"})
        assert words in page.text
        assert f"give us the number {page.headers['X-Request-Id']}" in page.text
        assert "abcd-1234-efgh" not in page.text


# --- the head of every sheet ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/patients", "/admin/appointments", "/admin/numbers", "/doctor/records"]
)
def test_a_printed_list_says_which_clinic_it_is_from(as_: As, path: str) -> None:
    page = as_("chen" if path.startswith("/doctor") else "esther").get(path)
    assert page.main.one(class_="sheet-head").one("strong").text == "Sen Clinic"


@pytest.mark.parametrize(
    "path", ["/doctor/patients/{ana}", "/doctor/?day={day}&visit={number}", "/doctor/appointments/{number}"]
)
def test_a_printed_sheet_of_a_patient_says_whose_it_is(as_: As, cast: Cast, appointment: Make, path: str) -> None:
    address = path.format(number=appointment(), ana=cast.ana, day=LATER)
    head = as_("chen").get(address).main.one(class_="sheet-head").text
    assert "Sen Clinic" in head
    assert "Ana Nguyễn Born on" in head
