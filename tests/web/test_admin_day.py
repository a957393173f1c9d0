"""The office's first page: the day's visits of the whole clinic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW, YESTERDAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]


def rows(page: Sheet) -> list[str]:
    """The lines of the table."""
    return [row.text for row in page.main.one("tbody").all("tr")]


def test_the_day_of_all_doctors_by_time(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", room_id=cast.chens_room, status="confirmed")
    appointment(TODAY, "09:30", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(TODAY, "08:00", status="cancelled")
    appointment(TODAY, "08:30", status="completed", room_id=cast.heart_room)
    appointment(TOMORROW, "08:00")
    page = as_("esther").get("/admin/")

    assert page.h1 == "Monday 2 March 2026"
    assert rows(page) == [
        "08:30 Ana Nguyễn 090 123 4567 Dr Chen Cardiology Room 202 Completed",
        "09:30 Boris Đặng 090 123 4567 Dr Diallo Neurology – To confirm Confirm : Boris Đặng, Mon 2 Mar, 09:30",
        "10:00 Ana Nguyễn 090 123 4567 Dr Chen Cardiology Room 201 Confirmed",
        "08:00 Ana Nguyễn 090 123 4567 Dr Chen Cardiology – Cancelled",
    ]
    counts = page.main.one("nav", class_="counts")
    assert [node.text for node in counts.all("a")] == [
        "All 4",
        "To confirm 1",
        "Confirmed 1",
        "Completed 1",
        "Cancelled 1",
    ]
    waiting = page.click("To confirm 1")
    assert [line.split()[0] for line in rows(waiting)] == ["09:30"]
    assert len(rows(waiting.click("All 4"))) == 4
    assert page.click("Book a visit").path == "/admin/book"


def test_the_day_of_one_department_or_doctor(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="confirmed")
    appointment(TODAY, "09:30", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("esther").get("/admin/")

    assert len(rows(page.press("Show these visits", department=str(cast.cardiology)))) == 1
    of_diallo = page.press("Show these visits", doctor=str(cast.diallo))
    assert "Boris Đặng" in rows(of_diallo)[0]
    assert of_diallo.link("All 1").endswith(f"doctor={cast.diallo}")
    kept = of_diallo.click("To confirm 1")
    assert kept.values("Show these visits")["doctor"] == str(cast.diallo)
    everybody = kept.press("Show these visits", doctor="")
    assert everybody.values("Show these visits")["status"] == "booked", "the status stays with another doctor"
    assert "No visits on this day match your filters" in as_("esther").get("/admin/?doctor=99999").main.text


def test_a_swapped_day_is_the_day_of_the_page(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="confirmed")
    address = f"/admin/?doctor={cast.chen}&status=confirmed"
    page, part = as_("esther").get(address), as_("esther").swap(address, "day-visits")
    assert "<html" not in part.html
    assert part.tree.one("section").written() == page.tree.one("section", id="day-visits").written()


def test_a_visit_is_confirmed_from_its_row_and_the_office_stays_at_the_day(
    as_: As, cast: Cast, appointment: Make
) -> None:
    appointment(TODAY, "09:30", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("esther").get(f"/admin/?day={TODAY}&doctor={cast.diallo}")
    done = page.press("Confirm : Boris Đặng, Mon 2 Mar, 09:30")
    assert done.goes_to == f"/admin/?day={TODAY}&doctor={cast.diallo}"
    assert "Confirmed" in rows(done.follow())[0]


def test_past_visits_that_are_still_open_are_told_and_found(as_: As, cast: Cast, appointment: Make) -> None:
    assert "still open" not in as_("esther").get("/admin/").text
    appointment(YESTERDAY, "09:00", status="confirmed")
    appointment(YESTERDAY, "10:00", doctor_id=cast.diallo)
    appointment(YESTERDAY, "11:00", status="cancelled")
    found = as_("esther").get("/admin/").click("2 past visits are still open")

    lines = rows(found)
    assert ["Dr Diallo" in lines[0], "Dr Chen" in lines[1], len(lines)] == [True, True, 2]
    assert found.values("Show")["status"] == "still_open"
    assert "still open" not in as_("esther").get(f"/admin/?day={TOMORROW}").main.text


def test_an_empty_day(as_: As, cast: Cast) -> None:
    page = as_("esther").get("/admin/")

    assert "No visits on this day" in page.main.text
    assert "0 visits across the clinic" in page.main.text


def test_from_day_to_day(as_: As, appointment: Make) -> None:
    appointment(TOMORROW, "10:00")
    appointment(LATER, "10:00")
    page = as_("esther").get("/admin/")

    assert page.click("The day after: Tue 3 Mar").h1 == "Tuesday 3 March 2026"
    assert page.click("The day before: Sun 1 Mar").h1 == "Sunday 1 March 2026"
    shown = page.press("Show", day=LATER.isoformat())
    assert len(rows(shown)) == 1
    assert shown.values("Show")["day"] == LATER.isoformat()
    assert shown.click("Today").h1 == "Monday 2 March 2026"


@pytest.mark.parametrize("day", ["x", "2026-13-01", "0000-00-00"])
def test_what_is_no_day_shows_today_and_says_so(as_: As, cast: Cast, day: str) -> None:
    page = as_("esther").get(f"/admin/?day={day}")

    assert page.status == 200
    assert f"“{day}” isn't a date, so we're showing today." in page.text


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_of_all(as_: As, cast: Cast, day: date) -> None:
    assert as_("esther").get(f"/admin/?day={day.isoformat()}").status == 200


def test_only_the_office_sees_it(as_: As, guest: Visitor, cast: Cast) -> None:
    assert as_("ana").get("/admin/").status == 403
    assert as_("chen").get("/admin/").status == 403
    assert guest.get("/admin/?day=2026-03-03").goes_to == "/login?next=/admin/?day%3D2026-03-03"


def test_it_is_only_for_looking(as_: As, cast: Cast) -> None:
    assert as_("esther").command("/admin/").status == 405


def test_in_vietnamese(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    as_("esther").client.set_cookie("lang", "vi")
    page = as_("esther").get("/admin/")

    assert "Tim mạch" in page.text


def test_no_more_statements_for_more_visits(app: Flask, as_: As, cast: Cast) -> None:
    def statements() -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as sent:
            assert as_("esther").get("/admin/").status == 200
        return len(sent)

    def plant(doctors: int) -> None:
        with app.app_context():
            for _ in range(doctors):
                doctor, patient = factories.doctor("Thêm", department_id=cast.neurology), factories.patient("Nữa")
                factories.appointments(10, patient, doctor, first_day=TODAY)

    as_("esther").get("/admin/")
    plant(1)
    few = statements()
    plant(9)

    assert len(rows(as_("esther").get("/admin/"))) == 100
    assert statements() == few <= 10
