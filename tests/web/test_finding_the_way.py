"""Which department suits what somebody feels, and where the rooms are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import directory
from tests import factories
from tests.people import Cast
from tests.web.conftest import TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
SUGGEST = "/suggest-department"
QUESTION = "Not sure which? Describe your symptoms"


ASK, AGAIN = "Find where to start", "Describe it again"


def test_from_the_booking_page_to_a_department_and_back(as_: As, cast: Cast) -> None:
    page = as_("ana").get("/book").click(QUESTION)
    answer = page.press(ASK, symptoms="A headache, and I am dizzy")
    assert answer.status == 200
    assert answer.h1 == "Neurology may be the right place to start"
    assert answer.values(AGAIN)["symptoms"] == "A headache, and I am dizzy"
    assert answer.link("See free times") == f"/book?department={cast.neurology}#next"


def test_a_guest_asks_too(guest: Visitor, cast: Cast) -> None:
    answer = guest.get("/book").click(QUESTION).press(ASK, symptoms="My heart races")
    assert answer.link("See free times") == f"/book?department={cast.cardiology}#next"


def test_the_office_asks_for_the_patient_on_the_telephone(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/book?patient={cast.ana}").click(QUESTION)
    answer = page.press(ASK, symptoms="My heart races")
    assert answer.link("See free times") == f"/admin/book?patient={cast.ana}&department={cast.cardiology}#next"


def test_a_doctor_who_books_for_nobody_is_led_to_the_department(as_: As, cast: Cast) -> None:
    answer = as_("chen").get(SUGGEST).press(ASK, symptoms="My heart races")
    assert "See free times" not in answer.main.text
    assert answer.link("About this department") == f"/departments/{cast.cardiology}"


def test_the_office_without_a_patient_is_not_led_to_a_page_where_it_can_not_book(as_: As, cast: Cast) -> None:
    for path in (SUGGEST, f"{SUGGEST}?patient=x"):
        answer = as_("esther").get(path).press(ASK, symptoms="My heart races")
        assert "See free times" not in answer.main.text
        assert answer.link("About this department") == f"/departments/{cast.cardiology}"


@pytest.mark.parametrize("typed", ["", "   ", "x" * (directory.SYMPTOMS_MAX + 1)])
def test_what_says_nothing_or_too_much_is_kept(as_: As, typed: str) -> None:
    refused = as_("ana").get(SUGGEST).press(ASK, symptoms=typed)
    assert refused.status == 422
    assert refused.main.all("textarea", aria_invalid="true")
    assert refused.values(ASK)["symptoms"] == typed


def test_a_clinic_without_departments_says_so(app: Flask) -> None:
    assert Visitor(app).post(SUGGEST, {"symptoms": "A cough"}).status == 404


# --- rooms and specializations ---------------------------------------------------------------------------------------


def test_rooms_by_floor_and_department(as_: As, cast: Cast) -> None:
    page = as_("ana").get("/departments").click("Floors and rooms")
    assert [head.text for head in page.main.all("h2")] == ["Floor 2", "Floor 3"]
    assert [room.text for room in page.main.all("b")] == ["Room 201", "Room 202", "Room 301"]
    of_one = page.press("Show", department=str(cast.neurology))
    assert [room.text for room in of_one.main.all("b")] == ["Room 301"]
    free = page.press("Show", unassigned="1")
    assert [room.text for room in free.main.all("b")] == ["Room 202", "Room 301"], "201 is Dr Chen's own"


def test_the_rooms_have_the_filter_of_all_lists(as_: As, cast: Cast) -> None:
    page = as_("ana").get("/rooms")
    switch = page.main.one("details", class_="filter-switch")
    assert (switch.text, switch.get("open")) == ("Filter the list", None)
    found = page.press("Show", department=str(cast.cardiology))
    assert found.values("Show") == {"department": str(cast.cardiology), "unassigned": ""}
    assert found.main.one("details", class_="filter-switch").get("open") is not None


@pytest.mark.parametrize("department", ["99999", "x"])
def test_rooms_of_an_unknown_department(as_: As, cast: Cast, department: str) -> None:
    page = as_("ana").get(f"/rooms?department={department}")
    assert "We don't have this department, so we're showing all of them." in page.main.text
    assert len(page.main.all("b")) == 3


def test_a_floor_names_the_rooms_of_each_department(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.room("203", floor=2, department_id=None)
    floor = as_("ana").get("/rooms").main.one("section", id="floor-2")
    assert [node.text for node in floor.all("dt")] == ["Cardiology", "Rooms shared by departments"]
    assert [node.text for node in floor.all("dd")] == ["Room 201 Room 202", "Room 203"]


def test_the_room_of_a_visit_leads_to_its_floor(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(TODAY, '15:00', room_id=cast.chens_room)}")
    assert page.link("Floor 2, room 201") == "/rooms#floor-2"
