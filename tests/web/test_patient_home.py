"""A patient's first page: the next visit, the ones after it, and what there is to do or to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.test_patient_list import lines
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]

Appointment = Callable[..., int]


def test_home_without_visits_leads_to_booking(as_: As) -> None:
    page = as_("ana").get("/patient/")

    assert page.h1 == "Hello, Ana Nguyễn"
    assert "No visits booked" in page.text
    assert page.click("Book a visit").h1 == "Book a visit"


def test_home_shows_the_next_visit_as_a_slip_and_the_later_ones(as_: As, cast: Cast, appointment: Appointment) -> None:
    appointment(LATER, "11:00", doctor_id=cast.diallo)
    first = appointment(TODAY, "15:00", room_id=cast.heart_room)
    appointment(TODAY, "08:00")
    appointment(TODAY - timedelta(days=1))
    appointment(TOMORROW, status="cancelled")
    appointment(LATER, "12:00", patient_id=cast.boris)
    page = as_("ana").get("/patient/")

    slip = page.main.all(class_="slip")[0].text
    for words in ("Your next visit is today", "15:00", "Monday 2 March 2026", "Dr Chen", "Floor 2, room 202"):
        assert words in slip
    assert page.main.one("section", aria_labelledby="now").one(class_="hour").text == "08:00"
    later = page.main.one("section", aria_labelledby="later")
    assert [node.text for node in later.all(class_="when")] == ["Wed 4 Mar 2026 11:00 , in 2 days"]
    assert page.link("Open the visit") == f"/patient/appointments/{first}"


@pytest.mark.parametrize(
    ("days", "told"), [(0, "is today"), (1, "is tomorrow"), (2, "is in 2 days"), (30, "is in 30 days")]
)
def test_home_says_how_far_ahead_the_next_visit_is(as_: As, appointment: Appointment, days: int, told: str) -> None:
    appointment(TODAY + timedelta(days=days), "16:00")

    assert as_("ana").get("/patient/").main.one(id="next").text == f"Your next visit {told}"


def test_home_comes_in_the_order_of_what_matters(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    """Read aloud or on a phone: the next visit, what has to be done, later visits, news, then results and medicines."""
    appointment(LATER, "11:00")
    appointment(LATER, "14:00")
    record(appointment(TODAY - timedelta(days=20), status="completed"), follow_up_date=TODAY - timedelta(days=5))
    html = as_("ana").get("/patient/").html
    places = [html.index(words) for words in ('id="next"', ">Later<", ">Updates<", ">Recent results<", ">Your last pr")]

    assert places == sorted(places)


def test_home_leads_to_what_can_be_done_with_the_next_visit(as_: As, appointment: Appointment) -> None:
    number = appointment(LATER, "11:00", reason="Palpitations at night")
    page = as_("ana").get("/patient/")
    slip = page.main.all(class_="slip")[0]

    assert "Palpitations at night" in slip.text
    assert "You can cancel until Tuesday 3 March at 11:00." in slip.text
    addresses = [link.attrs["href"].removeprefix(f"/patient/appointments/{number}") for link in slip.all("a")]
    assert addresses.pop(2).startswith("https://"), "directions"
    assert addresses == ["/reschedule", "/visit.ics", "", "/cancel"]


def test_home_says_when_it_is_too_late_to_cancel(as_: As, appointment: Appointment) -> None:
    appointment(TODAY, "15:00")
    slip = as_("ana").get("/patient/").main.all(class_="slip")[0].text

    assert "It's now too late to cancel online. Can't come? Please move your visit." in slip
    assert "Cancel the visit" not in slip


def test_home_says_who_has_still_to_confirm(as_: As, cast: Cast, appointment: Appointment) -> None:
    appointment(LATER, "11:00", status="confirmed")
    appointment(LATER, "14:00", doctor_id=cast.diallo)
    page = as_("ana").get("/patient/").main.text

    assert "We'll e-mail you as soon as Dr Diallo confirms." in page
    assert "as soon as Dr Chen confirms" not in page


def test_home_tells_of_check_ups_that_are_to_be_booked(
    as_: As, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    record(appointment(TODAY - timedelta(days=30), status="completed"), follow_up_date=TODAY + timedelta(days=5))
    page = as_("ana").get("/patient/")
    due = page.main.one(class_="due")
    assert "Check-up due Dr Chen asked to see you again by Saturday 7 March 2026." in due.text
    address = f"/book?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-07#next"
    assert due.one("a").attrs["href"] == address
    appointment(TODAY + timedelta(days=5))

    assert not as_("ana").get("/patient/").main.all(class_="due")


def test_home_shows_what_the_doctor_noted_on_the_next_visit(
    app: Flask, as_: As, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(LATER, notes="Mornings suit me best.")
    with app.app_context():
        scheduling.edit_appointment(cast.actor("chen"), number, {"notes": "Bring the cuff."}, clinics_notes_only=True)
    news = as_("ana").get("/patient/").main.one("section", aria_labelledby="news").text

    assert "Note on your next visit Bring the cuff. Dr Chen, 2 March 2026, 09:00" in news
    assert "Mornings suit me best." not in news


def test_home_shows_the_newest_of_the_records(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    numbers = {days: appointment(TODAY - timedelta(days=days), status="completed") for days in (40, 10)}
    for days, weight in ((40, 64), (10, 62.5)):
        record(
            numbers[days], vital_signs={"weight": weight}, prescription=f"Amlodipine, {days} days", diagnosis=f"D{days}"
        )
    page = as_("ana").get("/patient/")

    results = page.main.one("section", aria_labelledby="results").text
    assert "Weight 62.5 kg 20 February 2026. Down from 64 on 21 January 2026." in results
    prescribed = page.main.one("section", aria_labelledby="prescribed").text
    assert "Amlodipine, 10 days" in prescribed
    assert "From your visit on 20 February 2026 with Dr Chen." in prescribed
    news = page.main.one("section", aria_labelledby="news")
    assert news.one("a").attrs["href"] == f"/patient/appointments/{numbers[10]}/record"


def test_home_after_the_last_visit_of_today_has_begun(as_: As, appointment: Appointment) -> None:
    appointment(TODAY, "08:00")
    page = as_("ana").get("/patient/")

    assert "No visits booked" in page.text
    assert lines(page) == ["Mon 2 Mar 2026 08:00 , today"]
