"""A doctor's week as a table: visits at their day and time, leave, free counts, going from week to week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

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
WEEK = "/doctor/week"
MOST_STATEMENTS = 12


def cell(page: Sheet, on: date, at: str) -> Node:
    """The cell of a day and time."""
    table = page.main.one("table")
    row = next(row for row in table.one("tbody").all("tr") if row.one("th").text == at)
    (found,) = [each for each in row.all("td") if f"d{on.weekday() + 1}" in each.attrs["class"].split()]
    return found


def head(page: Sheet, on: date) -> str:
    """What stands over a day."""
    return page.main.one("thead").all("th")[on.weekday() + 1].text


def test_visits_stand_at_their_day_and_time(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(LATER, "10:30", status="confirmed")
    appointment(TODAY, "09:00", status="completed", patient_id=cast.boris)
    appointment(TOMORROW, "09:00", status="cancelled")
    appointment(TOMORROW, "09:30", doctor_id=cast.diallo)
    page = as_("chen").get(WEEK)

    assert cell(page, LATER, "10:30").text == "Ana Nguyễn , Confirmed"
    assert cell(page, TODAY, "09:00").text == "Boris Đặng , Completed"
    assert "2 visits" in page.main.text
    opened = as_("chen").get(cell(page, LATER, "10:30").one("a").attrs["href"])
    assert (opened.status, opened.path) == (200, f"/doctor/?day={LATER}&visit={number}")


def test_leave_closes_cells_and_free_times_are_counted(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "10:30")
    with app.app_context():
        chen = cast.actor("chen")
        scheduling.take_leave(chen, first_day=TOMORROW)
        at = scheduling.SLOT_TIMES
        scheduling.take_leave(chen, first_day=LATER, from_time=at[10], to_time=at[12])
    page = as_("chen").get(WEEK)

    assert head(page, TOMORROW) == "Tue 3 Mar on leave"
    assert head(page, LATER) == "Wed 4 Mar 15 free"
    assert [cell(page, LATER, each).text for each in ("12:30", "13:00", "14:00")] == [
        "Close 12:30 , Wed 4 Mar",
        "on leave until 14:00",
        "Close 14:00 , Wed 4 Mar",
    ]
    assert cell(page, LATER, "13:00").attrs["rowspan"] == "2"
    whole_day = cell(page, TOMORROW, "08:00")
    assert (whole_day.text, whole_day.attrs["rowspan"]) == ("on leave until 17:00", "18")
    assert page.main.text.count("on leave until") == 2, "one block for each leave, not one for each time"


def test_the_week_begins_on_monday_and_leads_to_its_neighbours(as_: As) -> None:
    page = as_("chen").get(f"{WEEK}?day=2026-03-08")
    assert page.h1 == "Week of 2 March 2026"
    assert page.main.with_text("a", "This week").get("aria-current") == "date"

    later = page.click("The week after")
    assert later.h1 == "Week of 9 March 2026"
    assert later.main.with_text("a", "This week").get("aria-current") is None
    assert later.click("The week before").h1 == "Week of 2 March 2026"
    assert page.press("Show", day="2026-05-20").h1 == "Week of 18 May 2026"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "9999-12-20"])
def test_the_ends_of_the_calendar(as_: As, day: str) -> None:
    page = as_("chen").get(f"{WEEK}?day={day}")

    assert page.status == 200
    assert len([link for link in page.main.all("a") if link.get("rel") in ("prev", "next")]) >= 1


@pytest.mark.parametrize("day", ["monday", "2026-02-30", "20260302", "2026-W10-1"])
def test_what_is_no_day_shows_this_week_and_says_so(as_: As, day: str) -> None:
    page = as_("chen").get(f"{WEEK}?day={day}")

    assert page.status == 200
    assert page.main.one(id="day-err").text == f"“{day}” isn't a date, so we're showing this week."
    assert page.h1 == "Week of 2 March 2026"


def test_another_week_has_its_own_title(as_: As) -> None:
    for day in ("2026-03-02", "2026-03-09"):
        swapped, whole = as_("chen").swap(f"{WEEK}?day={day}", "week"), as_("chen").get(f"{WEEK}?day={day}")
        assert swapped.tree.one("title").text == whole.tree.one("title").text


def test_the_printed_week_says_whose_it_is_and_nothing_to_press(as_: As) -> None:
    page = as_("chen").get(WEEK)
    assert "Sen Clinic" in page.main.one(class_="sheet-head").text
    assert page.main.one("p", class_="printed").text == "Dr Chen"
    assert "no-print" in page.main.one("nav").attrs["class"].split()


def test_a_swap_is_the_page_itself(as_: As, appointment: Make) -> None:
    appointment()
    path = f"{WEEK}?day={LATER}"
    whole, swapped = as_("chen").get(path), as_("chen").swap(path, "week")

    assert swapped.tree.one(id="week").written() == whole.tree.one(id="week").written()
    assert "<html" not in swapped.html


def test_who_may(as_: As, guest: Visitor) -> None:
    assert as_("ana").get(WEEK).status == 403
    assert as_("esther").get(WEEK).status == 403
    assert guest.get(WEEK).goes_to == f"/login?next={WEEK}"
    assert as_("chen").command(WEEK).status == 405


def test_it_asks_no_more_as_visits_grow(app: Flask, as_: As, cast: Cast) -> None:
    as_("chen").get(WEEK)
    counted = []
    for ahead, more in ((1, 10), (3, 60)):
        with app.app_context():
            factories.appointments(more, cast.ana, cast.chen, first_day=TODAY + timedelta(days=ahead))
            engine = db.engine
        with count_statements(engine) as asked:
            assert as_("chen").get(WEEK).status == 200
        counted.append(len(asked))

    assert counted[0] == counted[1] <= MOST_STATEMENTS
