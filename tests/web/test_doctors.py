"""The list of doctors: found by one box, by department and language, in the order that is asked for."""

from __future__ import annotations

import pytest
from flask import Flask

from clinic.db import transaction
from clinic.directory.models import Doctor
from tests import factories
from tests.people import Cast
from tests.web.conftest import TODAY
from tests.web.visitor import Sheet, Visitor


def doctors(page: Sheet) -> list[str]:
    return [head.text for head in page.main.all("h3")]


@pytest.mark.parametrize("words", ["RHYTHM", "heart chen", "nhip tim", "Cardiology", "tim mach chen", "bác sĩ Chen"])
def test_one_box_finds_doctors_by_name_specialization_and_department(
    app: Flask, guest: Visitor, cast: Cast, words: str
) -> None:
    with app.app_context(), transaction() as session:
        chen = session.get_one(Doctor, cast.chen)
        chen.specialization, chen.translations = "Heart rhythm", {"vi": {"specialization": "Nhịp tim"}}
    page = guest.get("/doctors").press("Show", search=words)
    assert doctors(page) == ["Dr Chen"]
    assert page.values("Show")["search"] == words


def test_the_filter_of_the_doctors_is_in_sight_on_a_phone(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/doctors")
    assert not page.main.all("details", class_="filter-switch")
    assert page.values("Show") == {"search": "", "department": "", "language": "", "sort": ""}


def test_doctors_by_the_language_that_they_speak(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Doctor, cast.chen).languages = ["vi", "zh"]
        session.get_one(Doctor, cast.diallo).languages = ["vi", "en", "fr"]
    page = guest.get("/doctors")
    offered = [node.text for node in page.main.one("select", name="language").all("option")]
    assert offered == ["Any language", "Vietnamese", "English", "Chinese", "French"]
    assert "Vietnamese, English, French" in page.main.text
    assert doctors(page.press("Show", language="zh")) == ["Dr Chen"]
    assert doctors(guest.get("/doctors?language=xx")) == ["Dr Chen", "Dr Diallo"]
    assert "Tiếng Việt, Tiếng Anh, Tiếng Pháp" in Visitor(app, "vi").get(f"/doctors/{cast.diallo}").main.text


def test_doctors_who_are_free_soonest_come_first_if_asked(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(18, cast.boris, cast.chen, first_day=TODAY)
        for number in range(13):
            factories.doctor(f"Số {number:02}", department_id=cast.neurology, rating="1.00")
    assert doctors(guest.get("/doctors"))[0] == "Dr Chen", "the best rated"
    page = guest.get("/doctors").press("Show", sort="soonest")
    assert len(doctors(page)) == 6
    second = page.click("Next")
    assert doctors(second.click("Next"))[-1] == "Dr Chen", "who has nothing free today"
    assert doctors(second.click("Previous")) == doctors(page)
    assert guest.get("/doctors?sort=soonest&after=x").status == 404


def test_a_doctors_card_says_what_it_costs_and_what_the_numbers_are(guest: Visitor, cast: Cast) -> None:
    card = guest.get("/doctors?search=chen").main.one("li", class_="doc").text
    for words in (
        "9 years' experience",
        "Examination fee: 200,000 ₫ · You pay at the clinic",
        "All free times : Dr Chen",
    ):
        assert words in card, words
