"""Follow-ups on pages: the patient's record and home, the doctor's patient page and visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
SEEN = date(2026, 1, 5)


@pytest.fixture
def seen(appointment: Make, record: Make) -> Callable[[date], int]:
    """Make a visit of January after which Ana is to see Dr Chen again by a day."""

    def make(due: date) -> int:
        appointment_id = appointment(SEEN, status="completed")
        record(appointment_id, follow_up_date=due)
        return appointment_id

    return make


def test_an_overdue_one_leads_to_booking_and_never_to_a_day_of_the_past(as_: As, cast: Cast, seen) -> None:
    page = as_("ana").get(f"/patient/appointments/{seen(date(2026, 2, 20))}/record")

    assert "Check-up overdue: you were asked to come again by 20 February 2026." in page.main.text
    assert page.link("Book a visit with Dr Chen") == f"/book?department={cast.cardiology}&doctor={cast.chen}#next"
    booking = page.click("Book a visit with Dr Chen")
    assert "can't be booked" not in booking.main.text


def test_one_that_is_due_leads_to_its_day(as_: As, cast: Cast, seen) -> None:
    due = TODAY + timedelta(days=8)
    page = as_("ana").get(f"/patient/appointments/{seen(due)}/record")

    assert "Please come again by Tuesday 10 March 2026." in page.main.text
    assert page.link("Book a visit with Dr Chen") == (
        f"/book?department={cast.cardiology}&doctor={cast.chen}&day={due.isoformat()}#next"
    )


def test_one_beyond_the_days_that_can_be_booked_says_from_when(as_: As, seen) -> None:
    page = as_("ana").get(f"/patient/appointments/{seen(TODAY + timedelta(days=60))}/record")

    assert "Please come again by Friday 1 May 2026. You can book it from 1 April 2026." in page.main.text
    assert "Book a visit with" not in page.main.text


def test_one_that_is_booked_or_kept_leads_to_that_visit(as_: As, seen, appointment: Make) -> None:
    asked = seen(date(2026, 2, 20))
    booked = appointment(LATER, "10:00")
    page = as_("ana").get(f"/patient/appointments/{asked}/record")
    assert "Booked: 4 March 2026, 10:00." in page.main.text
    assert page.link("Open that visit") == f"/patient/appointments/{booked}"

    came = appointment(date(2026, 2, 16), status="completed")
    page = as_("ana").get(f"/patient/appointments/{asked}/record")
    assert "You came back on 16 February 2026." in page.main.text
    assert page.link("Open that visit") == f"/patient/appointments/{came}"


def test_home_shows_what_is_still_to_be_booked(as_: As, cast: Cast, seen, appointment: Make) -> None:
    seen(date(2026, 2, 20))
    home = as_("ana").get("/patient/")
    assert "Check-up overdue Dr Chen asked to see you again by Friday 20 February 2026." in home.main.text
    address = f"/book?department={cast.cardiology}&doctor={cast.chen}#next"
    assert home.main.one(class_="due").one("a").attrs["href"] == address

    appointment(LATER, "10:00")
    assert "Check-up overdue" not in as_("ana").get("/patient/").main.text


@pytest.mark.parametrize(
    ("booked", "words"),
    [(False, "Overdue since 20 February 2026, not booked."), (True, "Booked: 4 March 2026, 10:00")],
)
def test_the_doctor_reads_it_with_the_patient_and_with_the_visit(
    as_: As, cast: Cast, seen, appointment, booked, words
) -> None:
    asked = seen(date(2026, 2, 20))
    if booked:
        appointment(LATER, "10:00")
    chen = as_("chen")

    assert words in chen.get(f"/doctor/patients/{cast.ana}").main.text
    assert words in chen.get(f"/doctor/appointments/{asked}").main.text
