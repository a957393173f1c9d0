"""A doctor's lists: all visits by status, dates and patient; own patients; one patient's whole history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.audit import AuditEvent
from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
APPOINTMENTS, PATIENTS = "/doctor/appointments", "/doctor/patients"
MOST_STATEMENTS = 12


@pytest.fixture
def some(appointment: Make, cast: Cast) -> None:
    """Visits of Ana and Boris in every state."""
    appointment(TODAY, "10:00", status="completed")
    appointment(TOMORROW, "09:00", status="confirmed", patient_id=cast.boris)
    appointment(LATER, "09:00")
    appointment(LATER, "10:00", status="cancelled", patient_id=cast.boris)
    appointment(LATER, "11:00", doctor_id=cast.diallo, patient_id=cast.boris)


def lines(page: Sheet) -> list[str]:
    """When and whose the visits of the list are."""
    return [f"{row.all('td')[0].text} {row.one('th').text}" for row in page.tree.one("tbody").all("tr")]


ALL = [
    "Mon 2 Mar, 10:00 Ana Nguyễn",
    "Tue 3 Mar, 09:00 Boris Đặng",
    "Wed 4 Mar, 09:00 Ana Nguyễn",
    "Wed 4 Mar, 10:00 Boris Đặng",
]


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({}, [0, 1, 2, 3]),
        ({"status": "upcoming"}, [1, 2]),
        ({"status": "past"}, [3, 0]),
        ({"status": "cancelled"}, [3]),
        ({"date_from": str(LATER)}, [2, 3]),
        ({"date_to": str(TOMORROW)}, [0, 1]),
        ({"date_from": str(TOMORROW), "date_to": str(TOMORROW)}, [1]),
        ({"search": "dang"}, [1, 3]),
        ({"search": "NGUYÊN", "status": "completed"}, [0]),
        ({"search": "boris@"}, [1, 3]),
    ],
)
def test_visits_are_found(as_: As, typed: dict[str, str], shown: list[int]) -> None:
    page = as_("chen").get(APPOINTMENTS).press("Show", **typed)

    assert page.status == 200
    assert lines(page) == [ALL[each] for each in shown]
    assert {name: page.values("Show")[name] for name in typed} == typed


@pytest.mark.usefixtures("some")
def test_what_is_no_day_is_said_and_left_out(as_: As) -> None:
    page = as_("chen").get(APPOINTMENTS).press("Show", date_from="march", date_to="2026-02-30")

    assert len(lines(page)) == 4
    assert page.main.one(id="date_from-err").text == "“march” isn't a date. Please enter one such as 31/05/2026."
    assert page.values("Show")["date_to"] == "2026-02-30"
    assert len(lines(as_("chen").get(f"{APPOINTMENTS}?status=nonsense"))) == 4


def test_nothing_found_says_what_to_try(as_: As) -> None:
    page = as_("chen").get(f"{APPOINTMENTS}?search=zzz")

    assert "No visits match your search" in page.main.text
    assert page.click("Show all visits").path == APPOINTMENTS


def test_pages_keep_the_filter(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(45, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
        factories.appointments(3, cast.boris, cast.chen, first_day=date(2026, 2, 5), status="completed")
    page = as_("chen").get(f"{APPOINTMENTS}?search=ana&status=completed&date_to=2026-02-28")
    last = page.click("Next").click("Next")

    assert "45 visits" in last.main.text
    assert len(lines(last)) == 5
    assert not last.main.all("a", id="page-next")
    assert lines(last.click("Previous").click("Previous")) == lines(last.click("First page")) == lines(page)


@pytest.mark.usefixtures("some")
def test_a_visit_of_the_list_opens(as_: As) -> None:
    page = as_("chen").get(f"{APPOINTMENTS}?status=confirmed").click("Boris Đặng")

    assert (page.status, page.h1) == (200, "Boris Đặng")


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("path", "target"),
    [(f"{APPOINTMENTS}?search=dang", "visit-list"), (f"{PATIENTS}?search=dang", "patient-list")],
)
def test_a_swap_is_the_page_itself(as_: As, path: str, target: str) -> None:
    whole, swapped = as_("chen").get(path), as_("chen").swap(path, target)

    assert swapped.tree.one(id=target).written() == whole.tree.one(id=target).written()
    assert "<html" not in swapped.html


# --- patients -------------------------------------------------------------------------------------------------------


def readings(app: Flask) -> int:
    """How often a record was read."""
    with app.app_context():
        return db.session.scalar(select(func.count()).where(AuditEvent.action == "record.read")) or 0


def names(page: Sheet) -> list[str]:
    """The patients of the list."""
    return [each.text for each in page.tree.one(id="patient-list").all("h3")]


@pytest.mark.usefixtures("some")
def test_own_patients_by_name_without_reading_their_records(app: Flask, as_: As, cast: Cast, record: Make) -> None:
    with app.app_context():
        stranger = factories.patient("Chi Phạm")
        number = factories.appointment(stranger, cast.chen, TODAY, "15:00", status="cancelled")
        record(factories.appointment(cast.ana, cast.chen, date(2026, 2, 2), status="completed"))
    page = as_("chen").get(PATIENTS)

    assert names(page) == ["Ana Nguyễn", "Boris Đặng"]
    assert "3 visits · last visit Mon 2 Mar · next Wed 4 Mar" in page.main.text
    assert names(page.press("Show", search="nguyen")) == ["Ana Nguyễn"]
    assert names(page.press("Show", search="09012")) == ["Ana Nguyễn", "Boris Đặng"]
    assert "No patients match your search" in page.press("Show", search="zzz").main.text
    assert readings(app) == 0
    assert number


def test_no_patient_yet(as_: As) -> None:
    assert "No patients yet" in as_("diallo").get(PATIENTS).main.text


def test_one_patients_visits_with_what_matters_most_first(app: Flask, as_: As, cast: Cast, record: Make) -> None:
    with app.app_context():
        for week, pressure in enumerate(("148/92", "136/88")):
            on = date(2026, 1, 5 + 7 * week)
            signs = {"blood_pressure": pressure, "weight": 60 + week}
            record(factories.appointment(cast.ana, cast.chen, on, status="completed"), vital_signs=signs)
        factories.appointment(cast.ana, cast.chen, LATER)
        elsewhere = factories.appointment(cast.ana, cast.diallo, date(2026, 2, 2), status="completed")
        factories.record(elsewhere, cast.diallo, diagnosis="Migraine")
    page = as_("chen").get(PATIENTS).click("Ana Nguyễn")

    assert page.h1 == "Ana Nguyễn"
    assert [each.one("h3").text for each in page.main.one("ol", class_="past").all("li")] == [
        "Wed 4 Mar, 09:00",
        "Mon 12 Jan, 09:00",
        "Mon 5 Jan, 09:00",
    ]
    assert "3 visits with you · 1 visit with other doctors at the clinic" in page.main.text
    assert [each.text for each in page.main.one("ol", class_="past").all("dd")].count("Stage 1 hypertension") == 2
    diagnoses, prescriptions, last = page.main.one(class_="glance").all("section")
    assert diagnoses.text == "Diagnoses Stage 1 hypertension 12 January 2026"
    assert prescriptions.text.count("Amlodipine 5 mg, one a day") == 2
    assert "Mon 12 Jan, 09:00" in last.text
    titles = [each.text for each in page.main.all("h2")]
    assert titles == ["Diagnoses", "Prescriptions", "Last visit", "Measurements over time", "Visits with you"]
    assert "Blood pressure 136/88 mmHg · Weight 61 kg" in page.main.text
    assert "Migraine" not in page.text
    assert [each.one("h3").text for each in page.main.all(class_="sign")] == ["Blood pressure", "Weight"]
    assert readings(app) == 2


def test_from_a_visit_to_the_patients_history(as_: As, appointment: Make) -> None:
    page = as_("chen").get(f"{APPOINTMENTS}/{appointment()}").click("All visits with you", "aside")

    assert (page.status, page.h1) == (200, "Ana Nguyễn")


def test_who_is_no_patient_of_the_doctor_is_unknown(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(status="cancelled")
    answers = [as_("chen").get(f"{PATIENTS}/{number}") for number in (cast.ana, cast.chen, 0, 999999, 99999999999)]

    assert {answer.status for answer in answers} == {404}
    assert len({answer.h1 for answer in answers}) == 1
    appointment(TODAY, "15:00")
    assert as_("diallo").get(f"{PATIENTS}/{cast.ana}").status == 404
    assert readings(app) == 0


@pytest.mark.parametrize("path", [APPOINTMENTS, PATIENTS, f"{PATIENTS}/1"])
def test_who_may(as_: As, guest: Visitor, path: str) -> None:
    assert as_("ana").get(path).status == 403
    assert as_("esther").get(path).status == 403
    assert guest.get(path).goes_to == f"/login?next={path}"
    assert as_("chen").command(path).status == 405


@pytest.mark.parametrize(
    "path", [APPOINTMENTS, f"{APPOINTMENTS}?search=a&status=completed", PATIENTS, PATIENTS + "/{}"]
)
def test_lists_ask_no_more_as_rows_grow(app: Flask, as_: As, cast: Cast, path: str) -> None:
    counted = []
    for year, more in ((2025, 10), (2024, 100)):
        with app.app_context():
            for appointment in factories.appointments(
                more, cast.ana, cast.chen, first_day=date(year, 1, 6), status="completed"
            ):
                factories.record(appointment, cast.chen)
            for each in range(more // 5):
                factories.appointment(factories.patient(f"P {each}"), cast.chen, date(year, 5, 1 + each), "08:00")
            engine = db.engine
        as_("chen").get(path.format(cast.ana))
        with count_statements(engine) as asked:
            assert as_("chen").get(path.format(cast.ana)).status == 200
        counted.append(len(asked))

    assert counted[0] == counted[1] <= MOST_STATEMENTS
