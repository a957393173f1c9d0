"""A patient's list of visits: what is coming, what is past, its filters and pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]

Appointment = Callable[..., int]


def lines(sheet: Sheet) -> list[str]:
    """When the visits of a list are, one line each."""
    return [node.one(class_="when").text for node in sheet.main.all(class_="vis")]


def test_what_is_coming_stands_soonest_first_and_what_is_past_latest_first(
    as_: As, cast: Cast, appointment: Appointment
) -> None:
    for on, at, status in (
        (TODAY - timedelta(days=30), "09:00", "completed"),
        (TODAY - timedelta(days=2), "09:00", "confirmed"),
        (LATER, "10:00", "booked"),
        (TODAY, "14:00", "confirmed"),
        (LATER, "09:00", "cancelled"),
    ):
        appointment(on, at, status=status)
    appointment(LATER, "14:00", patient_id=cast.boris)
    coming = as_("ana").get("/patient/appointments")
    past = coming.click("Past (3)")

    assert lines(coming) == ["Mon 2 Mar 2026 14:00 , today", "Wed 4 Mar 2026 10:00 , in 2 days"]
    assert lines(past) == ["Wed 4 Mar 2026 09:00", "Sat 28 Feb 2026 09:00", "Sat 31 Jan 2026 09:00"]
    for page, tab in ((coming, "Upcoming (2)"), (past, "Past (3)")):
        assert [link.text for link in page.main.one("nav").all("a", aria_current="page")] == [tab]


def test_a_visit_of_the_list_leads_to_what_can_be_done_with_it(
    as_: As, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    def leads_to(path: str) -> list[list[str]]:
        page = as_("ana").get(path)
        return [
            [str(link.children[0]) for link in each.one(class_="do").all("a")] for each in page.main.all(class_="vis")
        ]

    record(appointment(TODAY - timedelta(days=9), status="completed"), diagnosis="Palpitations, harmless")
    appointment(TODAY - timedelta(days=8), status="cancelled", cancellation_reason="Well again")
    appointment(LATER)
    appointment(TODAY, "15:00")

    assert leads_to("/patient/appointments") == [["Move"], ["Move", "Cancel"]]
    assert leads_to("/patient/appointments?status=past") == [["Book again"], ["Record", "Book again"]]
    past = as_("ana").get("/patient/appointments?status=past").main
    assert "Found: Palpitations, harmless" in past.text
    assert "Reason for cancelling: Well again" in past.text
    assert past.with_text("a", "Book again : 22 February 2026").attrs["href"] == (
        f"/book?doctor={cast.chen}&day={TODAY}#next"
    )


def test_past_visits_are_found_by_status_and_days(as_: As, appointment: Appointment) -> None:
    for days in (2, 3, 4, 5):
        appointment(TODAY - timedelta(days=days), status="cancelled" if days == 5 else "completed")
    page = as_("ana").get("/patient/appointments?status=past")
    between = page.press("Show", date_from="2026-02-26", date_to="2026-02-27")

    assert "2 visits" in between.text
    assert between.values("Show")["date_from"] == "2026-02-26"
    assert len(lines(page.press("Show", date_from="2026-02-26"))) == 3
    assert len(lines(page.press("Show", status="cancelled"))) == 1
    nothing = page.press("Show", date_to="2026-01-01")
    assert "No visits match" in nothing.text
    assert len(lines(nothing.click("Show all"))) == 4


@pytest.mark.parametrize("typed", ["31/13/2026", "2026-02-30", "soon", "20260303", "2026-W10-2", "<b>", "9" * 60])
def test_what_is_no_day_is_said_and_kept(as_: As, appointment: Appointment, typed: str) -> None:
    appointment(TODAY - timedelta(days=2), status="completed")
    page = as_("ana").get("/patient/appointments", query={"date_from": typed, "status": "past"})

    assert page.status == 200
    assert "isn't a date" in page.main.one(id="date_from-err").text
    assert page.values("Show")["date_from"] == typed
    assert len(lines(page)) == 1


@pytest.mark.parametrize("status", ["dreamt", "upcoming", ""])
def test_an_unknown_filter_shows_what_is_coming(as_: As, appointment: Appointment, status: str) -> None:
    appointment()

    assert len(lines(as_("ana").get(f"/patient/appointments?status={status}"))) == 1


def test_the_list_comes_in_pages_that_keep_the_filter(as_: As, app: Flask, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(23, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
    first = as_("ana").get("/patient/appointments?status=completed")
    second = first.click("Next")

    assert "23 visits" in first.text
    assert "status=completed" in second.path
    assert len(lines(second.click("Next"))) == 3
    assert second.click("First page").path == first.path


@pytest.mark.parametrize("query", ["", "?status=past", "?status=completed", "?status=past&date_from=2026-02-05"])
def test_a_filter_swaps_what_a_reload_shows(as_: As, appointment: Appointment, query: str) -> None:
    appointment()
    appointment(LATER, "10:00", status="cancelled")
    path = f"/patient/appointments{query}"
    swapped, full = as_("ana").swap(path, "visit-list"), as_("ana").get(path)

    assert "<html" not in swapped.html
    assert swapped.tree.one(id="visit-list").written() == full.tree.one(id="visit-list").written()
