"""A doctor's month, the office's pages of any doctor's week and month, and free times that lead to leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask import Flask

from clinic import scheduling
from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
MONTH = "/doctor/month"
MOST_STATEMENTS = 12


def cell(page: Sheet, on: date) -> Node:
    """The cell of a day."""
    rows = page.main.one("table", class_="month").one("tbody").all("tr")
    first = on.replace(day=1)
    weeks = (on - (first - timedelta(days=first.weekday()))).days // 7
    return rows[weeks].all("td")[on.weekday()]


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    """Where the office sees Dr Chen's days."""
    return {part: f"/admin/doctors/{cast.chen}/{part}" for part in ("week", "month", "leave")}


# --- the month --------------------------------------------------------------------------------------------------------


def test_each_day_says_what_is_booked_and_free_and_what_closes_it(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    appointment(LATER, "09:00")
    with app.app_context():
        chen = cast.actor("chen")
        scheduling.take_leave(chen, first_day=TOMORROW)
        scheduling.take_leave(chen, first_day=LATER, from_time=time(13), to_time=time(15))
        factories.closure(date(2026, 3, 11), name="Founding day")
    page = as_("chen").get(MONTH)

    assert page.h1 == "March 2026"
    assert cell(page, LATER).text == "Wed 4 Mar 1 visit 13 free 13:00–15:00 on leave"
    assert cell(page, TOMORROW).text == "Tue 3 Mar on leave"
    assert cell(page, date(2026, 3, 11)).text == "Wed 11 Mar closed: Founding day"
    assert cell(page, date(2026, 3, 5)).text == "Thu 5 Mar no visits 18 free"
    assert "1 visit" in page.main.one(class_="office-head").text


def test_it_leads_to_its_days_its_weeks_and_other_months(as_: As) -> None:
    page = as_("chen").get(MONTH)

    assert cell(page, LATER).one("a").attrs["href"] == f"/doctor/?day={LATER}"
    assert page.click("Week of 9 Mar").h1 == "Week of 9 March 2026"
    later = page.click("The month after")
    assert (later.h1, later.click("The month before").h1) == ("April 2026", "March 2026")
    assert page.press("Show", day="2027-02-10").h1 == "February 2027"
    assert page.click("Week").h1 == "Week of 2 March 2026"
    assert page.click("Week").click("Month").h1 == "March 2026"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar(as_: As, day: str) -> None:
    page = as_("chen").get(f"{MONTH}?day={day}")

    assert page.status == 200
    assert len([link for link in page.main.all("a") if link.get("rel") in ("prev", "next")]) == 1


def test_what_is_no_day_shows_this_month_and_says_so(as_: As) -> None:
    page = as_("chen").get(f"{MONTH}?day=may")

    assert page.main.one(id="day-err").text == "“may” isn't a date, so we're showing this month."
    assert page.h1 == "March 2026"


@pytest.mark.parametrize("part", ["week", "month"])
def test_a_swap_is_the_page_itself(as_: As, pages: dict[str, str], appointment: Make, part: str) -> None:
    appointment()
    for name, path in (("chen", f"/doctor/{part}?day={LATER}"), ("esther", f"{pages[part]}?day={LATER}")):
        whole, swapped = as_(name).get(path), as_(name).swap(path, part)
        assert swapped.tree.one(id=part).written() == whole.tree.one(id=part).written()
        assert swapped.tree.one("title").text == whole.tree.one("title").text


# --- free times -------------------------------------------------------------------------------------------------------


def test_a_free_time_leads_to_leave_for_just_that_time(app: Flask, as_: As, cast: Cast) -> None:
    chen = as_("chen")
    page = chen.get("/doctor/week").click("Close 13:30 , Wed 4 Mar")

    fields = {name: page.tree.one("input", name=name).get("value") for name in ("first_day", "last_day")}
    assert fields == {"first_day": str(LATER), "last_day": ""}
    page.press("Add this leave")
    with app.app_context():
        [row] = scheduling.leaves(cast.actor("chen"))
    assert (row["first_day"], row["from_time"], row["to_time"]) == (LATER, time(13, 30), time(14))
    assert "on leave until 14:00" in chen.get("/doctor/week").main.text


@pytest.mark.parametrize(
    "asked", ["first_day=soon&from_time=8&to_time=25:00", "first_day=2026-13-01&from_time=", "to_time=09:00&to_time=x"]
)
def test_an_address_that_asks_for_no_day_leaves_the_form_as_it_is(as_: As, asked: str) -> None:
    page = as_("chen").get(f"/doctor/leave?{asked}")

    assert (page.status, page.tree.one("input", name="first_day").get("value")) == (200, "")


def test_times_that_are_over_or_taken_are_not_offered(as_: As, appointment: Make) -> None:
    appointment(LATER, "10:00")
    offered = [link.text for link in as_("chen").get("/doctor/week").main.all("a") if link.text.startswith("Close")]

    assert "Close 08:30 , Mon 2 Mar" not in offered
    assert "Close 10:00 , Wed 4 Mar" not in offered
    assert "Close 16:30 , Sun 8 Mar" in offered


# --- the office -------------------------------------------------------------------------------------------------------


def test_the_office_sees_any_doctors_days(app: Flask, as_: As, pages: dict[str, str], appointment: Make) -> None:
    appointment(LATER, "10:30")
    esther = as_("esther")
    week = esther.get("/admin/doctors").click("Week: Dr Chen")

    assert week.h1 == "Dr Chen · Week of 2 March 2026"
    assert "Ana Nguyễn" in week.main.text
    assert week.main.with_text("a", "Wed 4 Mar").attrs["href"] == f"/admin/?day={LATER}"
    month = week.click("Month")
    assert (month.path, month.h1) == (f"{pages['month']}?day={TODAY}", "Dr Chen · March 2026")
    assert month.click("Week of 2 Mar").h1 == week.h1


def test_a_free_time_is_booked_at_the_desk_or_closed(as_: As, cast: Cast, pages: dict[str, str]) -> None:
    page = as_("esther").get(pages["week"])
    assert page.main.with_text("a", "Book").get("aria-current") == "true"
    assert page.main.with_text("a", "Book 13:30 , Wed 4 Mar").attrs["href"] == (
        f"/admin/?day={LATER}&book={cast.chen}&at=13:30"
    )

    closing = page.click("Close")
    assert closing.main.with_text("a", "Close 13:30 , Wed 4 Mar").attrs["href"] == (
        f"{pages['leave']}?first_day={LATER}&from_time=13:30&to_time=14:00#details"
    )
    later = closing.click("The week after")
    assert later.main.with_text("a", "Close").get("aria-current") == "true"
    assert later.press("Show", day=str(LATER)).main.with_text("a", "Close").get("aria-current") == "true"


def test_a_day_beyond_the_horizon_is_closed_but_not_booked(as_: As, pages: dict[str, str]) -> None:
    page = as_("esther").get(f"{pages['week']}?day=2026-04-10")
    assert [link.text for link in page.main.all("a") if ", Fri 10 Apr" in link.text] == []
    closing = page.click("Close").main.with_text("a", "Close 08:00 , Fri 10 Apr")
    assert closing.attrs["href"].startswith(pages["leave"])


def test_who_may(as_: As, guest: Visitor, pages: dict[str, str]) -> None:
    for part in ("week", "month"):
        assert [as_(name).get(pages[part]).status for name in ("ana", "chen", "esther")] == [403, 403, 200]
        assert as_("esther").get(f"/admin/doctors/99999/{part}").status == 404
    assert [as_(name).get(MONTH).status for name in ("ana", "esther")] == [403, 403]
    assert guest.get(MONTH).goes_to == f"/login?next={MONTH}"


def test_a_month_asks_no_more_as_visits_grow(app: Flask, as_: As, cast: Cast) -> None:
    as_("chen").get(MONTH)
    counted = []
    for ahead, more in ((1, 10), (3, 60)):
        with app.app_context():
            factories.appointments(more, cast.ana, cast.chen, first_day=TODAY + timedelta(days=ahead))
            engine = db.engine
        with count_statements(engine) as asked:
            assert as_("chen").get(MONTH).status == 200
        counted.append(len(asked))

    assert counted[0] == counted[1] <= MOST_STATEMENTS
