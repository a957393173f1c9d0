"""The doctor's day: the queue, the open visit beside it, going from day to day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from flask import Flask

from clinic import scheduling
from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW, YESTERDAY
from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
#: Among them: how many past visits are still open, and whether the doctor sees patients at present.
MOST_STATEMENTS = 11


def queue(page: Sheet) -> list[Node]:
    """The visits of the queue."""
    return [node for node in page.tree.one("nav", aria_label="Queue of the day").all("a") if "hx-get" in node.attrs]


def opened(page: Sheet) -> list[str]:
    """What the queue marks as open."""
    return [node.text for node in queue(page) if node.get("aria-current") == "true"]


def test_the_day_in_order_with_the_next_visit_open(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:30", patient_id=cast.boris)
    appointment(TODAY, "09:30", status="completed")
    appointment(TODAY, "10:00", status="confirmed")
    appointment(TODAY, "09:00", status="cancelled")
    appointment(TOMORROW, "09:00")
    appointment(TODAY, "11:00", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("chen").get("/doctor/")

    assert [node.text for node in queue(page)] == [
        "09:30 Ana Nguyễn Completed",
        "10:00 Ana Nguyễn next Confirmed",
        "10:30 Boris Đặng Waiting for confirmation",
        "09:00 Ana Nguyễn Cancelled",
    ]
    assert opened(page) == ["10:00 Ana Nguyễn next Confirmed"]
    assert page.h1 == "Ana Nguyễn"
    assert "3 visits, 1 to confirm" in page.text


def test_the_gaps_between_visits_and_who_is_next(as_: As, cast: Cast, appointment: Make, app: Flask) -> None:
    appointment(TODAY, "08:00", status="completed")
    appointment(TODAY, "10:00", status="confirmed")
    appointment(TODAY, "10:30", patient_id=cast.boris)
    appointment(TODAY, "14:00", patient_id=cast.boris, status="cancelled")
    with app.app_context():
        scheduling.take_leave(cast.actor("chen"), first_day=TODAY, from_time=time(15), to_time=time(17))
    page = as_("chen").get("/doctor/")
    told = [node.text for node in page.tree.one("nav", aria_label="Queue of the day").all("ul")[0].all("li")]

    assert told == [
        "08:00 Ana Nguyễn Completed",
        "09:30 Free until 10:00",
        "10:00 Ana Nguyễn next Confirmed",
        "10:30 Boris Đặng Waiting for confirmation",
        "11:00 Free until 15:00",
        "15:00 On leave until 17:00",
        "14:00 Boris Đặng Cancelled",
    ]


def test_past_visits_that_are_still_open_are_told_and_found(as_: As, cast: Cast, appointment: Make) -> None:
    assert "still open" not in as_("chen").get("/doctor/").text
    appointment(YESTERDAY, "09:00", status="confirmed")
    appointment(YESTERDAY, "10:00", doctor_id=cast.diallo)
    appointment(YESTERDAY, "11:00", status="completed")
    appointment(TODAY, "08:00", status="confirmed")
    found = as_("chen").get("/doctor/").click("1 past visit is still open", "body")

    assert [row.text for row in found.main.one("tbody").all("tr")] == [
        "Sun 1 Mar, 09:00 Ana Nguyễn Check-up – Confirmed"
    ]
    assert found.values("Show")["status"] == "still_open"
    assert (
        "still open"
        not in as_("chen").get(f"/doctor/?day={TOMORROW}").tree.one("nav", aria_label="Queue of the day").text
    )


def test_a_day_without_visits_is_one_gap_and_a_past_day_has_none(as_: As, appointment: Make) -> None:
    assert "08:00 Free until 17:00" in as_("chen").get(f"/doctor/?day={TOMORROW}").text
    assert "Free until" not in as_("chen").get("/doctor/?day=2026-02-20").text


def test_a_visit_is_opened_from_the_queue(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    appointment(TODAY, "10:30", patient_id=cast.boris, symptoms="Dizzy since Friday", reason=None)
    page = as_("chen").get("/doctor/")
    href = queue(page)[1].attrs["href"]
    other = as_("chen").get(href)

    assert other.h1 == "Boris Đặng"
    assert opened(other) == ["10:30 Boris Đặng Waiting for confirmation"]
    for words in ("Male, 35 years", "first visit", "Dizzy since Friday", "090 123 4567", "Waiting for confirmation"):
        assert words in other.main.text
    assert "Palpitations" not in other.main.text


@pytest.mark.parametrize("query", ["", "&visit={}"])
def test_the_swapped_desk_is_the_reloaded_one(as_: As, cast: Cast, appointment: Make, record: Make, query: str) -> None:
    appointment(TODAY, "10:00")
    number = appointment(TODAY, "10:30", patient_id=cast.boris, status="confirmed")
    record(number)
    path = f"/doctor/?day={TODAY}{query.format(number)}"
    swapped, full = as_("chen").swap(path, "day-view"), as_("chen").get(path)

    assert "<html" not in swapped.html
    assert swapped.tree.all(id="day-view")[0].written() == full.tree.one(id="day-view").written()
    assert (
        as_("chen").boosted(path, "day-view").tree.one(id="day-view").written()
        == full.tree.one(id="day-view").written()
    )


def test_what_was_asked_for_gets_the_focus_and_only_that(as_: As, appointment: Make) -> None:
    number = appointment(TODAY, "10:00")

    assert "autofocus" not in as_("chen").get("/doctor/").tree.one("h1").attrs
    assert "autofocus" in as_("chen").get(f"/doctor/?day={TODAY}&visit={number}").tree.one("h1").attrs


def test_a_visit_of_another_day_is_opened_on_its_day(as_: As, appointment: Make) -> None:
    number = appointment(LATER, "10:00")

    assert as_("chen").get(f"/doctor/?visit={number}").goes_to == f"/doctor/?day={LATER}&visit={number}"


def test_all_done_and_nothing_at_all(as_: As, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="completed")
    page = as_("chen").get("/doctor/")

    assert page.h1 == "Monday 2 March 2026"
    assert "All visits for this day are done" in page.text
    assert opened(page) == []
    assert "No visits on this day" in as_("chen").get(f"/doctor/?day={LATER}").text


def test_from_visit_to_visit_of_the_day(as_: As, cast: Cast, appointment: Make) -> None:
    first = appointment(TODAY, "10:00")
    appointment(TODAY, "10:30", status="cancelled")
    second = appointment(TODAY, "11:00", patient_id=cast.boris)
    page = as_("chen").get(f"/doctor/?day={TODAY}&visit={first}")

    assert not page.main.all("a", rel="prev")
    assert page.main.one("a", rel="next").attrs["href"] == f"/doctor/?day={TODAY}&visit={second}#visit"
    after = page.click("The next visit: 11:00 Boris Đặng")
    assert after.h1 == "Boris Đặng"
    assert not after.main.all("a", rel="next")
    assert after.click("The previous visit: 10:00 Ana Nguyễn").h1 == "Ana Nguyễn"


def test_days_before_and_after(as_: As, appointment: Make) -> None:
    appointment(TOMORROW, "10:00")
    page = as_("chen").get("/doctor/")
    after = page.click("The day after: Tue 3 Mar", "html")

    assert after.h1 == "Ana Nguyễn"
    assert after.click("The day before: Mon 2 Mar", "html").h1 == "Monday 2 March 2026"
    assert page.press("Show", day="2026-03-03").h1 == "Ana Nguyễn"
    assert after.click("Today", "html").h1 == "Monday 2 March 2026"


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "20260302", "2026-W10-1", "<b>", "9" * 99])
def test_what_is_no_day_shows_today_and_says_so(as_: As, cast: Cast, day: str) -> None:
    page = as_("chen").get("/doctor/", query={"day": day})

    assert page.status == 200
    assert page.h1 == "Monday 2 March 2026"
    assert f"“{day[:40]}” isn't a date, so we're showing today." in page.text
    assert page.tree.one(id="day").get("aria-invalid") == "true"


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_of_all(as_: As, cast: Cast, day: date) -> None:
    assert as_("chen").get(f"/doctor/?day={day.isoformat()}").status == 200


def test_earlier_visits_of_the_patient_to_this_doctor_alone(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(date(2026, 1, 5), "09:00", status="completed", reason="First look")
    appointment(date(2026, 2, 5), "09:00", status="completed", reason="Second look")
    appointment(date(2026, 2, 6), "09:00", status="cancelled", reason="Never came")
    appointment(date(2026, 2, 7), "09:00", doctor_id=cast.diallo, status="completed", reason="Nerves")
    appointment(date(2026, 2, 8), "09:00", patient_id=cast.boris, status="completed", reason="Somebody else's")
    appointment(LATER, "09:00", reason="Yet to come")
    appointment(TODAY, "10:00")
    page = as_("chen").get("/doctor/")
    side = page.tree.one("aside")

    assert "2 earlier visits" in page.main.text
    assert [link.text for link in side.one("ul").all("a")] == ["Thu 5 Feb", "Mon 5 Jan"]
    assert "Second look" in side.text
    for others in ("Never came", "Nerves", "Somebody else's", "Yet to come"):
        assert others not in side.text


def test_more_earlier_visits_than_are_shown_are_counted(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    with app.app_context():
        factories.appointments(7, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
    appointment(TODAY, "10:00")

    page = as_("chen").get("/doctor/")
    assert "7 earlier visits" in page.main.text
    assert "and 2 earlier visits" in page.tree.one("aside").text


def test_the_desk_in_vietnamese(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="confirmed", service_id=cast.ecg)
    as_("chen").client.set_cookie("lang", "vi")
    page = as_("chen").get("/doctor/")

    assert page.tree.one("html").get("lang") == "vi"
    assert "Điện tâm đồ" in page.text


def test_no_more_statements_for_more_visits(app: Flask, as_: As, cast: Cast) -> None:
    def statements(path: str) -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as sent:
            assert as_("chen").get(path).status == 200
        return len(sent)

    with app.app_context():
        factories.appointments(10, cast.ana, cast.chen, first_day=TODAY, status="confirmed")
    number = (
        as_("chen").get("/doctor/").tree.one(aria_current="true", hx_target="#day-view").attrs["id"].removeprefix("q-")
    )
    with app.app_context():
        factories.record(int(number), cast.chen)
    paths = ["/doctor/", f"/doctor/appointments/{number}"]
    paths += [f"/doctor/appointments/{number}/{page}" for page in ("record", "service", "cancel")]
    few = {path: statements(path) for path in paths}
    with app.app_context():
        factories.appointments(100, cast.ana, cast.chen, first_day=date(2025, 1, 1), status="completed")
        for index in range(8):
            factories.appointment(cast.boris, cast.chen, TODAY, f"{13 + index // 2}:{'30' if index % 2 else '00'}")
        for index in range(90):
            factories.service(f"Service {index}", department_id=cast.cardiology)
    many = {path: statements(path) for path in paths}

    assert many == few
    assert max(few.values()) <= MOST_STATEMENTS, few


def test_a_day_of_leave_says_so(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.leave(cast.chen, LATER, LATER)
    page = as_("chen").get(f"/doctor/?day={LATER}")
    assert "You're on leave" in page.main.text
    assert "as soon as they're booked" not in page.main.text


def test_the_marks_of_the_queue_are_explained(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="confirmed")
    legend = as_("chen").get("/doctor/").tree.one("ul", class_="legend")
    told = {node.text: node.one("span").attrs["class"] for node in legend.all("li")}
    assert told == {
        "Waiting for confirmation": "dot",
        "Confirmed": "dot in",
        "Completed": "dot ok",
        "Cancelled": "dot off",
    }


# --- the queue renews itself ------------------------------------------------------------------------------------------


def changes(page: Sheet) -> str:
    """What the page asks, to learn whether its day is another."""
    return str(page.tree.one("nav", id="queue").one("header").attrs["data-changes"])


def test_the_queue_is_sent_anew_only_once_the_day_is_another(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    number = appointment(TODAY, "10:00")
    chen = as_("chen")
    page = chen.get(f"/doctor/?day={TODAY}&visit={number}")
    assert chen.swap(changes(page), "queue").status == 204
    appointment(TODAY, "10:30", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(TOMORROW, "10:30", patient_id=cast.boris)
    assert chen.swap(changes(page), "queue").status == 204

    appointment(TODAY, "11:00", patient_id=cast.boris)
    fresh = chen.swap(changes(page), "queue")
    assert fresh.status == 200
    assert [link.text.split()[0] for link in fresh.tree.all("a") if "hx-get" in link.attrs] == ["10:00", "11:00"]
    assert [link.attrs["id"] for link in fresh.tree.all("a") if link.get("aria-current") == "true"] == [f"q-{number}"]
    again = str(fresh.tree.one("header").attrs["data-changes"])
    assert chen.swap(again, "queue").status == 204


@pytest.mark.parametrize("change", ["confirmed", "leave", "time"])
def test_whatever_changes_the_day_renews_it(
    app: Flask, as_: As, cast: Cast, appointment: Make, clock_at: Callable[[str], object], change: str
) -> None:
    number, chen = appointment(TODAY, "10:00"), as_("chen")
    page = chen.get("/doctor/")
    with app.app_context():
        if change == "confirmed":
            scheduling.confirm(cast.actor("chen"), number)
        elif change == "leave":
            scheduling.take_leave(cast.actor("chen"), first_day=TODAY, from_time=time(15), to_time=time(17))
        else:
            clock_at("2026-03-02 09:31")

    assert chen.swap(changes(page), "queue").status == 200


def test_to_ask_whether_the_day_is_another_reads_nobodys_name(app: Flask, as_: As, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    chen = as_("chen")
    page = chen.get("/doctor/")
    with app.app_context():
        engine = db.engine
    with count_statements(engine) as asked:
        assert chen.swap(changes(page), "queue").status == 204

    assert len(asked) <= 5, asked
    assert not [each for each in asked if "audit_events" in each or "patient_profiles" in each]


def test_the_address_of_the_queue_is_the_day_for_who_opens_it(as_: As, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    page = as_("chen").get("/doctor/changes")

    assert (page.status, page.h1) == (200, "Ana Nguyễn")
