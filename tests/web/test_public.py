"""What everybody may see: home, departments, doctors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from clinic import scheduling
from clinic.db import db
from clinic.web.kit.list_filters import TEXT_MAX
from tests import factories
from tests.people import CHEN, Cast
from tests.statements import count_statements
from tests.web.conftest import TODAY, TOMORROW
from tests.web.visitor import Visitor


def test_home_tells_what_is_offered_and_the_next_free_time(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/")

    for words in (
        "Cardiology",
        "Neurology",
        "How it works",
        "Doctors free soon",
        "Dr Chen",
        "Dr Diallo",
        "Next free time",
    ):
        assert words in page.text
    taken = page.click("Take this time")
    assert taken.h1 == "Confirm your visit"
    assert "09:30" in taken.main.one(class_="slip").text


def test_home_of_a_clinic_without_anything(guest: Visitor) -> None:
    page = guest.get("/")

    assert page.status == 200
    assert "Next free time" not in page.text


def test_home_is_in_both_languages(app: Flask, cast: Cast) -> None:
    assert "Tim mạch" in Visitor(app, language="vi").get("/").text


def test_departments_lead_to_each(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/departments")
    assert "200,000 ₫" in page.text

    department = page.click("Cardiology")
    for words in ("Dr Chen", "ECG", "150,000 ₫", "All about cardiology."):
        assert words in department.text
    assert "Dr Diallo" not in department.text
    assert f"/book?department={cast.cardiology}#next" == department.link("Book a visit")


def test_a_department_without_doctors_offers_no_booking(guest: Visitor, app: Flask) -> None:
    with app.app_context():
        empty = factories.department("Dermatology")

    assert "Book a visit" not in guest.get(f"/departments/{empty}").main.text


@pytest.mark.parametrize(
    "path", ["/departments/999", "/doctors/999", "/departments/0", "/doctors/99999999999", "/doctors/x"]
)
def test_what_is_not_there_is_not_found(guest: Visitor, cast: Cast, path: str) -> None:
    assert guest.get(path).status == 404


def test_an_inactive_department_and_doctor_are_not_there(guest: Visitor, app: Flask, cast: Cast) -> None:
    with app.app_context():
        closed = factories.department("Closed", is_active=False)
        scheduling.switch_account(CHEN, active=False)

    assert guest.get(f"/departments/{closed}").status == 404
    assert guest.get(f"/doctors/{cast.chen}").status == 404
    assert "Dr Chen" not in guest.get("/doctors").text


def test_a_doctor_with_the_next_free_times(guest: Visitor, cast: Cast, appointment: Callable[..., int]) -> None:
    appointment(TODAY, "10:00")
    page = guest.get(f"/doctors/{cast.chen}")

    assert page.h1 == "Dr Chen"
    assert "Sees people of all ages." in page.text
    assert [link.text for link in page.main.all("a", class_="time-link")] == [
        *("09:30", "10:30", "11:00", "11:30", "12:00", "12:30"),
        *("08:00", "08:30", "09:00", "09:30", "10:00", "10:30") * 3,
    ]
    assert "200,000 ₫ You pay at the clinic" in page.main.text
    assert "Floor 2, room 201" in page.main.text
    assert (
        "10:30"
        in page.visitor.get(page.main.all("a", class_="time-link")[1].attrs["href"].partition("#")[0])
        .main.one(class_="slip")
        .text
    )


def test_a_doctor_without_free_times_says_so(guest: Visitor, app: Flask, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(18 * 31, cast.boris, cast.chen, first_day=TODAY)

    assert "No free times in the next 30 days." in guest.get(f"/doctors/{cast.chen}").text
    assert "No free times in the next few days" in guest.get("/doctors?search=chen").text


def test_doctors_are_found_by_name_without_accents_and_by_department(guest: Visitor, app: Flask, cast: Cast) -> None:
    with app.app_context():
        factories.doctor("Nguyễn Thị Ánh Tuyết", department_id=cast.neurology)
    page = guest.get("/doctors")
    assert "3 doctors" in page.text

    found = page.press("Show", search="anh tuyet")
    assert "1 doctor" in found.text
    assert "Dr Nguyễn Thị Ánh Tuyết" in found.text
    assert found.values("Show")["search"] == "anh tuyet"

    department = page.press("Show", department=str(cast.cardiology))
    assert [node.text for node in department.main.all("h3")] == ["Dr Chen"]
    assert department.values("Show")["department"] == str(cast.cardiology)


def test_nothing_found_leads_on(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/doctors?search=zzz")

    assert "No doctors found" in page.text
    assert "2 doctors" in page.click("Show all doctors").text


def test_an_unknown_department_shows_all_and_says_so(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/doctors?department=999")

    assert page.status == 200
    assert "We don't have this department, so we're showing all of them." in page.text
    assert "2 doctors" in page.text


def test_doctors_come_in_pages(guest: Visitor, app: Flask, cast: Cast) -> None:
    with app.app_context():
        for number in range(14):
            factories.doctor(f"Số {number:02}", department_id=cast.cardiology, rating="1.00")
    first = guest.get(f"/doctors?department={cast.cardiology}")
    second = first.click("Next")

    assert "15 doctors" in first.text
    assert len(first.main.all("h3")) == len(second.main.all("h3")) == 6
    assert len(second.click("Next").main.all("h3")) == 3
    assert len(second.click("Previous").main.all("h3")) == 6


@pytest.mark.parametrize("query", ["", "?search=chen", "?department={}", "?search=zzz", "?department=999"])
def test_a_filter_swaps_what_a_reload_shows(guest: Visitor, cast: Cast, query: str) -> None:
    path = "/doctors" + query.format(cast.neurology)
    swapped, full = guest.swap(path, "doctor-list"), guest.get(path)

    assert "<html" not in swapped.html
    assert swapped.tree.one(id="doctor-list").written() == full.tree.one(id="doctor-list").written()
    assert swapped.tree.one(id="flash").get("hx-swap-oob") == "true"


def test_a_search_is_only_text(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/doctors", query={"search": "\"><script>alert(1)</script>%_'"})

    assert page.status == 200
    assert "<script>alert" not in page.html


def test_everybody_sees_the_same_directory(as_: Callable[[str], Visitor], cast: Cast) -> None:
    for name in ("ana", "chen", "esther"):
        for path in ("/", "/departments", "/doctors", f"/doctors/{cast.chen}", f"/departments/{cast.cardiology}"):
            assert as_(name).get(path).status == 200


def test_a_search_field_takes_what_is_read_of_it(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/doctors", query={"search": "a" * (TEXT_MAX + 1)})
    assert page.main.one(id="search").get("maxlength") == str(TEXT_MAX)
    assert page.main.one(id="search").get("value") == "a" * TEXT_MAX


#: How many statements a page takes that was shown before: one for the directory's revision, two for the free times.
SHOWN_BEFORE = {
    "/": 3,
    "/departments": 1,
    "/departments/{cardiology}": 3,
    "/doctors": 3,
    "/doctors/{chen}": 3,
    "/book": 1,
    "/book?department={cardiology}": 3,
    "/book?department={cardiology}&doctor={chen}&day={day}": 3,
}


@pytest.mark.parametrize("path", SHOWN_BEFORE)
def test_what_was_shown_before_is_not_read_again(app: Flask, guest: Visitor, cast: Cast, path: str) -> None:
    address = path.format(**vars(cast), day=TOMORROW)
    first = guest.get(address)
    with app.app_context():
        engine = db.engine
    with count_statements(engine) as statements:
        again = guest.get(address)
    assert len(statements) == SHOWN_BEFORE[path], statements
    assert again.main.text == first.main.text


@pytest.mark.parametrize("path", SHOWN_BEFORE)
def test_a_change_is_shown_on_the_next_page(app: Flask, guest: Visitor, cast: Cast, path: str) -> None:
    address = path.format(**vars(cast), day=TOMORROW)
    assert "Cardiology" in guest.get(address).main.text
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE departments SET name = 'Pulse' WHERE id = :id"), {"id": cast.cardiology})
    shown = guest.get(address).main.text
    assert "Pulse" in shown
    assert "Cardiology" not in shown
