"""Records as lists: a patient's own, a doctor's, the office's; and the one record that the office reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from clinic import records
from clinic.accounts.models import User
from clinic.db import transaction
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
EARLIER = TODAY - timedelta(days=5)


@pytest.fixture
def written(appointment: Make, record: Make, cast: Cast) -> dict[str, int]:
    """Three records: two of Ana by Dr Chen, one of Boris by Dr Diallo."""
    made = {
        "first": appointment(TODAY - timedelta(days=20), status="completed"),
        "second": appointment(EARLIER, status="completed"),
        "boris": appointment(TODAY, "08:00", status="completed", patient_id=cast.boris, doctor_id=cast.diallo),
    }
    for name, number in made.items():
        record(number, diagnosis=f"Finding {name}")
    return made


#: What the office says that it reads for.
FOR_BILLING = "purpose=billing"


def listed(page: Sheet) -> list[str]:
    """The diagnoses of the list."""
    rows = page.tree.all("li", class_="visit") + page.tree.all("li", class_="rec")
    return [row.one("a").text.removeprefix("Finding ") for row in rows]


@pytest.mark.parametrize(
    ("who", "path", "all_of_them"),
    [
        ("ana", "/patient/records", ["second", "first"]),
        ("chen", "/doctor/records", ["second", "first"]),
        ("diallo", "/doctor/records", ["boris"]),
        ("esther", f"/admin/records?{FOR_BILLING}", ["boris", "second", "first"]),
    ],
)
def test_everybody_finds_the_records_they_may_read_by_the_days_of_the_visits(
    as_: As, written: dict[str, int], who: str, path: str, all_of_them: list[str]
) -> None:
    joined = "&" if "?" in path else "?"
    page = as_(who).get(f"{path}{joined}date_from=2026-01-01")
    assert listed(page) == all_of_them
    assert listed(page.press("Show", date_from=EARLIER.isoformat())) == [
        each for each in all_of_them if each != "first"
    ]
    only = page.press("Show", date_from=EARLIER.isoformat(), date_to=EARLIER.isoformat())
    assert listed(only) == [each for each in all_of_them if each == "second"]
    refused = as_(who).get(f"{path}{joined}date_to=soon")
    assert "“soon” isn't a date." in refused.main.text
    assert listed(refused) == [], "what can't be read is no reason to read everything"


def test_records_of_one_doctor_and_of_one_patient(as_: As, cast: Cast, written: dict[str, int]) -> None:
    office = as_("esther").get("/admin/records")
    assert listed(office.press("Show", doctor=str(cast.diallo), purpose="billing")) == ["boris"]
    of_ana = as_("esther").get(f"/admin/users/{cast.ana}").click("Records")
    assert listed(of_ana) == [], "nothing is read before it is said what for"
    assert "What for?" in of_ana.main.text
    assert listed(of_ana.press("Show", purpose="quality")) == ["second", "first"]
    assert listed(as_("chen").get(f"/doctor/patients/{cast.ana}").click("Records")) == ["second", "first"]
    assert listed(as_("chen").get(f"/doctor/records?patient={cast.boris}")) == [], "not a patient of Dr Chen"
    assert listed(as_("ana").get(f"/patient/records?patient={cast.boris}")) == [], "nobody reads another's records"
    assert listed(as_("ana").get("/patient/records").press("Show", doctor=str(cast.diallo))) == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?date_from=soon",
        "?doctor=99999",
        "?doctor=x",
        "?patient=x",
        "?date_to=&doctor=",
        "?purpose=billing",
        "?date_from=2026-01-01",
        "?date_from=2026-01-01&purpose=curiosity",
        "?date_from=2026-01-01&purpose=api",
    ],
)
def test_the_office_reads_nothing_before_it_asks_nor_where_it_is_refused(
    app: Flask, as_: As, cast: Cast, written: dict[str, int], query: str
) -> None:
    page = as_("esther").get(f"/admin/records{query}")
    assert listed(page) == []
    assert listed(as_("esther").swap(f"/admin/records{query}", "record-list")) == []
    assert ("Whose records?" in page.main.text) is (query in ("", "?date_to=&doctor=", "?purpose=billing"))
    with app.app_context():
        assert records.own_access_log(cast.actor("ana")).count == 0


def test_an_unknown_doctor_is_said(as_: As, written: dict[str, int]) -> None:
    for who, path in (("esther", f"/admin/records?{FOR_BILLING}&"), ("ana", "/patient/records?")):
        page = as_(who).get(f"{path}doctor=99999")
        assert "We can't find this doctor" in page.main.text
        assert listed(page) == []
        assert as_(who).get(f"{path}date_from=2026-01-01&after=x").status == 404


def test_the_records_of_a_doctor_who_left_are_found(app: Flask, as_: As, cast: Cast, written: dict[str, int]) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(User, cast.chen).is_active = False
    for who, path in (("esther", "/admin/records"), ("ana", "/patient/records")):
        page = as_(who).get(path)
        offered = page.tree.one("select", id="doctor").with_text("option", "Dr Chen (no longer in the clinic)")
        assert offered.get("value") == str(cast.chen)
        stated = {"purpose": "billing"} if who == "esther" else {}
        assert listed(page.press("Show", doctor=str(cast.chen), **stated)) == ["second", "first"]
    names = [option.text for option in as_("ana").get("/patient/records").tree.one("select", id="doctor").all("option")]
    assert names == ["All doctors", "Dr Chen (no longer in the clinic)"], "Dr Diallo wrote nothing about Ana"


def test_the_office_reads_a_record_and_the_patient_sees_that(as_: As, written: dict[str, int]) -> None:
    esther = as_("esther")
    asked = esther.get(f"/admin/appointments/{written['second']}").click("Record")
    assert "What do you read this record for?" in asked.main.text
    assert "Finding second" not in asked.text
    assert "Esther Office" not in as_("ana").get("/patient/trail").main.text
    page = asked.press("Read the record", purpose="complaint")
    assert page.h1 == "Ana Nguyễn's record"
    for words in ("Finding second", "Amlodipine 5 mg, one a day", "148/92", "Version 1"):
        assert words in page.main.text
    told = as_("ana").get("/patient/trail").main.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Esther Office (office) read the record of your visit" in told
    assert "Reason given: a complaint." in told


@pytest.mark.parametrize("word", ["", "curiosity", "api", "BILLING"])
def test_a_reason_that_is_none_reads_nothing(
    app: Flask, as_: As, cast: Cast, written: dict[str, int], word: str
) -> None:
    page = as_("esther").get(f"/admin/appointments/{written['second']}/record?purpose={word}")
    assert "Please choose one of the answers." in page.main.text
    assert "Finding second" not in page.text
    with app.app_context():
        assert records.own_access_log(cast.actor("ana")).count == 0


def test_the_reason_goes_along_from_the_list(as_: As, written: dict[str, int]) -> None:
    page = as_("esther").get(f"/admin/records?date_from=2026-01-01&{FOR_BILLING}").click("Finding second")
    assert "Version 1" in page.main.text


def test_a_list_is_a_reading_of_each_record(app: Flask, as_: As, cast: Cast, written: dict[str, int]) -> None:
    as_("esther").get(f"/admin/records?patient={cast.boris}&{FOR_BILLING}")
    with app.app_context():
        assert records.own_access_log(cast.actor("boris")).count == 1
        assert records.own_access_log(cast.actor("ana")).count == 0


def test_a_visit_without_a_record_says_so(as_: As, appointment: Make) -> None:
    number = appointment(LATER, status="confirmed")
    page = as_("esther").get(f"/admin/appointments/{number}").click("Record")
    assert "Nothing written yet" in page.main.text
    assert as_("esther").get("/admin/appointments/99999/record").status == 404
