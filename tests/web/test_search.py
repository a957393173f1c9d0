"""The one search of the home page: emergencies first, then where to begin, departments, doctors, services."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic.db import db, transaction
from clinic.directory.models import Doctor
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.test_symptoms import ALARM, SELF_HARM, everything_stored
from tests.web.visitor import HTMX, Sheet, Visitor

As = Callable[[str], Visitor]


def find(visitor: Visitor, words: str) -> Sheet:
    return visitor.get("/").press("Search", q=words)


@pytest.fixture
def heart_failure(app: Flask, cast: Cast) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Doctor, cast.chen).specialization = "Heart failure"


def headings(page: Sheet) -> list[str]:
    return [node.text for node in page.main.all("h2")]


@pytest.mark.usefixtures("heart_failure")
@pytest.mark.parametrize("words", ["heart", "failure heart", "HEART", "Dr Chen", "chen", "bác sĩ Chen", "chen heart"])
def test_a_doctor_is_found_by_name_and_specialization_in_any_order(guest: Visitor, words: str) -> None:
    page = find(guest, words)
    assert [node.text for node in page.main.all("h3")] == ["Dr Chen"]
    assert "No free times" in page.main.text or page.main.all("a", class_="time-link")


def test_names_are_found_without_their_accents(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        factories.doctor("Đỗ Thị Ánh Tuyết", "tuyet@example.com", department_id=cast.neurology)
    for words in ("tuyet do", "ÁNH TUYẾT", "do thi anh"):
        assert "Tuyết" in " ".join(node.text for node in find(guest, words).main.all("h3")), words


@pytest.mark.parametrize("words", ["cardiology", "Cardio", "khoa cardiology"])
def test_a_department_is_found_by_its_name(guest: Visitor, cast: Cast, words: str) -> None:
    assert find(guest, words).link("Cardiology") == f"/departments/{cast.cardiology}"


def test_a_department_is_found_in_the_readers_language(app: Flask, cast: Cast) -> None:
    page = Visitor(app, "vi").get("/").press("Tìm", q="tim mach")
    assert "Tim mạch" in [node.text for node in page.main.all("b")]


def test_a_service_leads_to_its_department(guest: Visitor, cast: Cast) -> None:
    page = find(guest, "ecg")
    assert "Services" in headings(page)
    assert page.link("ECG Cardiology") == f"/departments/{cast.cardiology}"


def test_a_symptom_leads_to_where_to_begin(guest: Visitor, cast: Cast) -> None:
    page = find(guest, "headache, dizzy")
    assert page.h1 == "Neurology may be the right place to start"
    assert page.link("See free times") == f"/book?department={cast.neurology}#next"
    assert "this isn't a diagnosis" in page.main.text


def test_what_people_often_search_for_is_one_press_away(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/")
    assert [node.get("value") for node in page.main.all("button", name="q")] == [
        "Toothache",
        "Back pain",
        "Blood pressure",
        "Eye test",
    ]
    assert guest.post("/search", {"q": "Blood pressure"}).h1 == "Cardiology may be the right place to start"


@pytest.mark.parametrize("words", ["chest pain", "my heart stopped", "đau ngực"])
def test_an_emergency_comes_first(guest: Visitor, cast: Cast, words: str) -> None:
    page = find(guest, words)
    assert page.h1 == ALARM["en"]
    assert page.main.one("a", class_="call").get("href") == "tel:115"
    assert "See free times" not in page.main.text


@pytest.mark.parametrize("words", ["I want to die", "suicide", "muốn chết"])
def test_self_harm_is_answered_with_its_own_words_and_nothing_to_book(guest: Visitor, cast: Cast, words: str) -> None:
    page = find(guest, words)
    assert page.h1.startswith(SELF_HARM["en"])
    assert not [a for a in page.main.all("a") if "/book" in (a.get("href") or "") or "/d" in (a.get("href") or "")]


@pytest.mark.parametrize("words", ["headache", "chen", "zzzz"])
def test_every_answer_says_when_to_call(guest: Visitor, cast: Cast, words: str) -> None:
    assert find(guest, words).main.one("section", class_="when-to-call").all("a", href="tel:115")


def test_what_fits_nothing_says_so_and_goes_on(guest: Visitor, cast: Cast) -> None:
    page = find(guest, "zzzz")
    assert page.h1 == "Nothing matches your search"
    assert page.main.all("a", class_="btn")
    assert page.values("Search")["q"] == "zzzz"


@pytest.mark.parametrize("words", ["", "  ", "x" * 2001])
def test_nothing_and_too_much_are_refused_and_kept(guest: Visitor, cast: Cast, words: str) -> None:
    page = find(guest, words)
    assert page.status == 422
    assert page.values("Search")["q"] == words
    assert page.main.one("input", name="q").get("aria-invalid") == "true"


def test_what_is_typed_is_kept_nowhere(
    app: Flask, guest: Visitor, cast: Cast, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    guest.get("/")
    capfd.readouterr()
    page = find(guest, "zebrafish headache")
    assert (page.status, page.path) == (200, "/search")
    assert not {"Location", "HX-Push-Url", "HX-Redirect", "HX-Replace-Url"} & set(page.headers.keys())
    assert "zebrafish" not in str(page.headers)
    for node in page.tree.all("a") + page.tree.all("form"):
        assert "zebrafish" not in f"{node.get('href')}{node.get('action')}"
    out, err = capfd.readouterr()
    assert "zebrafish" not in out + err + caplog.text + everything_stored(app)
    assert "zebrafish" not in guest.get("/search?q=zebrafish").html


def test_with_htmx_the_answer_is_the_same_page(guest: Visitor, cast: Cast) -> None:
    whole = guest.post("/search", {"q": "chen"})
    swapped = guest.post("/search", {"q": "chen"}, headers={**HTMX, "HX-Boosted": "true"})
    assert swapped.main.text == whole.main.text


def test_a_doctor_who_books_for_nobody_is_not_led_to_booking(as_: As, cast: Cast) -> None:
    page = find(as_("chen"), "headache")
    assert "See free times" not in page.main.text


def test_a_search_asks_the_database_as_often_for_many_as_for_few(app: Flask, guest: Visitor, cast: Cast) -> None:
    def asked() -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as statements:
            guest.post("/search", {"q": "head"})
        return len(statements)

    few = asked()
    with app.app_context():
        for number in range(8):
            factories.doctor(f"Headley {number}", f"head{number}@example.com", department_id=cast.neurology)
    assert asked() <= max(few + 2, 12)


# --- home -------------------------------------------------------------------------------------------------------------


def test_home_shows_the_next_days_of_those_who_are_free_soon(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/")
    first = page.main.all("li", class_="doc")[0]
    assert [day.text for day in first.all("p", class_="day")][:2] == ["Today", "Tomorrow"]
    assert 1 <= len(first.all("ul", class_="soon")[0].all("a", class_="time-link")) <= 12
    assert "08:00" in first.text


def test_home_begins_with_the_number_for_emergencies(guest: Visitor, cast: Cast) -> None:
    assert guest.get("/").main.one("p", class_="sos").one("a").get("href") == "tel:115"


def test_home_shows_a_patient_what_comes_next(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    number = appointment()
    page = as_("ana").get("/")
    assert page.link("Open the visit") == f"/patient/appointments/{number}"
    assert "How it works" not in page.main.text
    assert "Take this time" not in page.main.text


def test_home_offers_a_patient_without_visits_the_next_free_time(as_: As, cast: Cast) -> None:
    assert as_("ana").get("/").link("Take this time").startswith("/book/review?")
