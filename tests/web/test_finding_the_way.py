"""Which department suits what somebody feels, where the rooms are, and doctors by what they are specialised in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import directory
from clinic.db import transaction
from clinic.directory.models import Doctor
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
SUGGEST = "/suggest-department"
QUESTION = "Not sure which? Say what troubles you"


def test_from_the_booking_page_to_a_department_and_back(as_: As, cast: Cast) -> None:
    page = as_("ana").get("/book").click(QUESTION)
    answer = page.press("Name a department", symptoms="A headache, and I am dizzy")
    assert answer.status == 200
    assert answer.main.one("h2").text == "Neurology"
    assert "Nothing here sounds urgent." in answer.main.text
    assert answer.values("Ask again")["symptoms"] == "A headache, and I am dizzy"
    assert answer.link("Choose a time there") == f"/book?department={cast.neurology}"


@pytest.mark.parametrize(
    ("symptoms", "said"),
    [("Crushing chest pain", "Call 115 or come at once"), ("Chest pain", "Better not wait"), ("A cold", "general")],
)
def test_how_soon_and_why(as_: As, symptoms: str, said: str) -> None:
    answer = as_("boris").get(SUGGEST).press("Name a department", symptoms=symptoms)
    assert said in answer.main.text


def test_the_office_asks_for_the_patient_on_the_telephone(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/book?patient={cast.ana}").click(QUESTION)
    answer = page.press("Name a department", symptoms="My heart races")
    assert answer.link("Choose a time there") == f"/admin/book?patient={cast.ana}&department={cast.cardiology}"


def test_a_doctor_who_books_for_nobody_is_led_to_the_department(as_: As, cast: Cast) -> None:
    answer = as_("chen").get(SUGGEST).press("Name a department", symptoms="My heart races")
    assert "Choose a time there" not in answer.main.text
    assert answer.link("About this department") == f"/departments/{cast.cardiology}"


def test_the_office_without_a_patient_is_not_led_to_a_page_where_it_can_not_book(as_: As, cast: Cast) -> None:
    for path in (SUGGEST, f"{SUGGEST}?patient=x"):
        answer = as_("esther").get(path).press("Name a department", symptoms="My heart races")
        assert "Choose a time there" not in answer.main.text
        assert answer.link("About this department") == f"/departments/{cast.cardiology}"


@pytest.mark.parametrize("typed", ["", "   ", "x" * (directory.SYMPTOMS_MAX + 1)])
def test_what_says_nothing_or_too_much_is_kept(as_: As, typed: str) -> None:
    refused = as_("ana").get(SUGGEST).press("Name a department", symptoms=typed)
    assert refused.status == 422
    assert refused.main.all("textarea", aria_invalid="true")
    assert refused.values("Name a department")["symptoms"] == typed


def test_a_clinic_without_departments_says_so(app: Flask) -> None:
    with app.app_context():
        number = factories.patient("Early Bird", "early@example.com")
    from tests.web.visitor import signed_in  # noqa: PLC0415

    early = signed_in(app, number)
    assert early.command(SUGGEST, symptoms="A cough").status == 404


def test_a_guest_is_sent_to_sign_in(guest: Visitor) -> None:
    assert guest.get(SUGGEST).goes_to == f"/login?next={SUGGEST}"


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


@pytest.mark.parametrize("wished", ["99999", "x"])
def test_rooms_of_an_unknown_department(as_: As, cast: Cast, wished: str) -> None:
    page = as_("ana").get(f"/rooms?department={wished}")
    assert "This department is not offered; all are shown." in page.main.text
    assert len(page.main.all("b")) == 3


def test_doctors_by_specialization(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Doctor, cast.chen).specialization = "Heart rhythm"
    page = guest.get("/doctors").press("Show", specialization="RHYTHM")
    assert [head.text for head in page.main.all("h3")] == ["Dr Chen"]
    assert page.values("Show")["specialization"] == "RHYTHM"
