"""What people who choose a time are told of hours and closures, in words, on pages and by the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[..., Visitor]
TODAY = date(2026, 3, 2)  # a Monday
TUESDAY, FRIDAY = TODAY + timedelta(days=1), TODAY + timedelta(days=4)


@pytest.fixture(autouse=True)
def closed(app: Flask, cast: Cast, clock_at: Any) -> None:
    """It is seven on Monday; the clinic is closed from Tuesday to Thursday, and sees nobody at noon and on Sundays."""
    clock_at("2026-03-02 07:00")
    with app.app_context():
        esther = cast.actor("esther")
        scheduling.set_opening_hours(
            esther,
            [
                {"weekday": weekday, "from_time": time(start), "to_time": time(end)}
                for weekday in range(1, 7)
                for start, end in ((8, 12), (13, 17))
            ],
        )
        scheduling.add_closure(
            esther, first_day=TUESDAY, last_day=TUESDAY + timedelta(days=2), name="Tet", name_vi="Tết"
        )


def address(cast: Cast, on: date | None = None, at: str | None = None) -> str:
    """The booking page with Dr Chen chosen."""
    day = f"&day={on}" if on else ""
    return f"/book?department={cast.cardiology}&doctor={cast.chen}{day}" + (f"&time={at}" if at else "")


def test_closed_days_say_so_and_why(guest: Visitor, cast: Cast) -> None:
    page = guest.get(address(cast))
    days = [each.text for each in page.main.one(class_="days").all(class_="pick")]
    assert [text.endswith("Closed") for text in days[:5]] == [False, True, True, True, False]
    assert "No times" in days[6]
    assert "Closed from Tue 3 Mar to Thu 5 Mar: Tet" in page.main.text


def test_a_closed_day_says_why_and_leads_to_the_next_that_has_times(guest: Visitor, cast: Cast, app: Flask) -> None:
    with app.app_context():  # a visit that waits to be settled is nobody else's business
        factories.appointment(cast.boris, cast.chen, TUESDAY, "10:00")
    page = guest.get(address(cast, TUESDAY, "09:00"))
    assert "The clinic is closed at the time you chose" in page.main.text
    assert "Closed for Tet until Thu 5 Mar." in page.main.text
    assert "Next day with free times: Friday 6 March 2026" in page.main.text
    assert "day=2026-03-06" in str(page.main.one(id="next-day").get("href"))
    assert page.main.all(class_="slots") == []
    assert "No times are free on this day. Please choose another day." in guest.get(address(cast, TUESDAY)).main.text
    guest.language = "vi"
    assert "Phòng khám nghỉ Tết đến hết" in guest.get(address(cast, TUESDAY)).main.text


def test_a_day_on_which_the_doctor_sees_nobody_says_so(guest: Visitor, cast: Cast, app: Flask) -> None:
    page = guest.get(address(cast, FRIDAY + timedelta(days=2)))  # Sunday
    assert "The doctor doesn't see patients on this day. Next day with free times: Monday 9 March" in page.main.text
    with app.app_context():
        scheduling.take_leave(cast.actor("chen"), first_day=FRIDAY)
        scheduling.add_closure(cast.actor("esther"), first_day=FRIDAY + timedelta(days=3), name="Inventory")
    page = guest.get(address(cast, FRIDAY))
    assert "The doctor is away on this day. Next day with free times: Saturday 7 March" in page.main.text
    assert "Closed for Inventory. Next day" in guest.get(address(cast, FRIDAY + timedelta(days=3))).main.text


def test_times_outside_hours_say_so(guest: Visitor, cast: Cast) -> None:
    page = guest.get(address(cast, FRIDAY, "12:00"))
    assert "The doctor doesn't see patients at the time you chose" in page.main.text
    off = [each.text for each in page.main.all("span", class_="off") if each.text.startswith("12")]
    assert off == ["12:00 outside hours", "12:30 outside hours"]
