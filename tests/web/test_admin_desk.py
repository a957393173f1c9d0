"""The office's first page: the day desk, doctors across and times down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic import scheduling
from clinic.db import db, session
from clinic.policy import Duty
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW, YESTERDAY
from tests.web.visitor import Sheet, Visitor, signed_in

As = Callable[[str], Visitor]
Make = Callable[..., int]

#: What the day may cost, whoever is in it.
STATEMENTS_MOST = 12
BYTES_MOST = 160 * 1000


def row(page: Sheet, at: str) -> str:
    """The line of a time."""
    return next(each.text for each in page.main.one("tbody").all("tr") if each.text.startswith(at))


def panel(page: Sheet) -> str:
    """What stands beside the table."""
    return page.main.one("aside", id="desk-panel").text


def test_the_day_of_all_doctors(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", room_id=cast.chens_room, status="confirmed")
    appointment(TODAY, "10:00", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(TODAY, "08:30", status="completed")
    appointment(TODAY, "11:00", status="cancelled")
    appointment(TOMORROW, "08:00")
    page = as_("esther").get("/admin/")

    assert page.h1 == "Monday 2 March 2026"
    assert "3 visits · 1 cancelled" in page.main.text
    head = [each.text for each in page.main.one("thead").all("tr")]
    assert head[:2] == ["Cardiology Neurology", "Dr Chen Room 201 Dr Diallo"]
    assert head[2] == "Free this afternoon 10 free, next 12:00 10 free, next 12:00"
    assert row(page, "10:00") == "10:00 Ana Nguyễn 35, Confirmed Boris Đặng 35, To confirm"
    assert row(page, "08:30") == "08:30 Ana Nguyễn 35, Completed", "what is past can't be booked"
    assert row(page, "11:00") == "11:00 Book 11:00, Dr Chen Book 11:00, Dr Diallo"
    assert page.click("1 cancelled").path == f"/admin/appointments?status=cancelled&first={TODAY}&last={TODAY}"


def test_why_times_cant_be_booked(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        esther = cast.actor("esther")
        scheduling.take_leave(esther, doctor_id=cast.diallo, first_day=TOMORROW)
        week: list[Any] = [
            {"weekday": TOMORROW.isoweekday(), "from_time": scheduling.HOURS[number], "to_time": scheduling.HOURS[end]}
            for number, end in ((2, 8), (10, 16))
        ]
        scheduling.set_opening_hours(esther, week)
    page = as_("esther").get(f"/admin/?day={TOMORROW}")

    assert row(page, "08:00") == "08:00 Here from 09:00 On leave"
    assert row(page, "12:00") == "12:00 Break until 13:00"
    assert row(page, "16:00") == "16:00 Not here from 16:00"
    assert "Free in the afternoon 6 free, next 13:00 On leave" in page.main.one("thead").text
    leave = page.main.one("tbody").with_text("td", "On leave")
    assert leave.get("rowspan") == "18"
    with app.app_context():
        scheduling.add_closure(cast.actor("esther"), name="Staff day", first_day=LATER)
    assert row(as_("esther").get(f"/admin/?day={LATER}"), "08:00") == "08:00 Closed: Staff day Closed: Staff day"


def test_one_department(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("esther").get("/admin/").click("Neurology")

    assert "Dr Chen" not in page.main.one("table").text
    assert row(page, "10:00") == "10:00 Boris Đặng 35, To confirm"
    kept = page.click("Boris Đặng 35, To confirm")
    assert "Dr Chen" not in kept.main.one("table").text, "the department stays"


def test_a_visit_opens_in_the_panel(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", room_id=cast.chens_room, reason="Chest pain")
    page = as_("esther").get("/admin/")
    assert "090 123 4567" not in page.main.text, "phone numbers are in the panel alone"
    opened = page.click("Ana Nguyễn 35, To confirm")

    assert "10:00 · Dr Chen · Room 201" in panel(opened)
    assert "35, born 17 May 1990 090 123 4567 Chest pain To confirm" in panel(opened)
    done = opened.press("Confirm").follow()
    assert "The visit is confirmed." in done.text
    assert "Confirmed" in panel(done)
    assert done.click("Move").path.endswith("/reschedule")
    assert done.click("Hand over").path.endswith("/hand-over")
    assert done.click("Open the visit").path.startswith("/admin/appointments/")
    assert not done.click("Close").main.one("aside", id="desk-panel").all("h2")


@pytest.mark.parametrize("more", ["visit=99999", "visit=x", "book=99999&at=10:00", "book=x&at=10:00", "at=25:99"])
def test_what_cant_be_opened_isnt(as_: As, cast: Cast, more: str) -> None:
    page = as_("esther").get(f"/admin/?{more}")
    assert page.status == 200
    assert not page.main.one("aside", id="desk-panel").all("h2")


@pytest.mark.parametrize("opened", ["visit={visit}", "book={chen}&at=11:00", "book={chen}&at=11:00&q=boris"])
def test_a_swapped_part_is_the_part_of_the_page(as_: As, cast: Cast, appointment: Make, opened: str) -> None:
    address = "/admin/?" + opened.format(visit=appointment(TODAY, "10:00"), chen=cast.chen)
    page, part = as_("esther").get(address), as_("esther").swap(address, "desk-panel")
    assert "<html" not in part.html
    assert part.tree.one("aside").written() == page.tree.one("aside", id="desk-panel").written()
    if "q=" in opened:
        found = as_("esther").swap(address, "desk-found")
        assert found.tree.one("fieldset").written() == page.tree.one("fieldset", id="desk-found").written()


# --- booking ----------------------------------------------------------------------------------------------------------


def test_a_free_time_is_booked_for_a_known_patient(as_: As, cast: Cast) -> None:
    slot = as_("esther").get(f"/admin/?day={TOMORROW}").click("Book 10:00, Dr Diallo")
    assert "10:00 · Dr Diallo" in panel(slot)
    found = slot.press("Find the patient", q="0901234567", symptoms="Headache")
    assert found.values("Book the visit")["symptoms"] == "Headache"
    assert "Boris Đặng 17 May 1990 · 090 123 4567" in panel(found)
    refused = found.press("Book the visit", patient="")
    assert refused.status == 422
    assert "Please choose a patient of the clinic." in panel(refused)
    booked = found.press("Book the visit", patient=str(cast.boris)).follow()
    assert "Boris Đặng is booked with Dr Diallo: Tue 3 Mar, 10:00." in booked.text
    assert "Boris Đặng" in row(booked, "10:00")
    assert "Headache" in panel(booked)


def test_a_new_caller_is_admitted_and_booked_at_the_time_that_was_chosen(as_: As, cast: Cast) -> None:
    form = as_("esther").get(f"/admin/?day={TOMORROW}&book={cast.chen}&at=11:30&q=Mai Lan")
    form = form.press("New patient", symptoms="Đau đầu").follow()
    assert "Đau" not in form.html
    assert "symptoms" not in form.path
    details = {"phone_num": "0912345678", "gender": "female", "address": "1 Lê Lợi"}
    birthday = {"date_of_birth_day": "1", "date_of_birth_month": "2", "date_of_birth_year": "1980"}
    slot = form.press("Continue to booking", **details, **birthday).follow()
    assert "Mai Lan is now a patient of the clinic." in slot.text
    assert "11:30 · Dr Chen" in panel(slot)
    booked = slot.press("Book the visit").follow()
    assert "Mai Lan" in row(booked, "11:30")
    assert "Đau đầu" in panel(booked), "what the caller said is kept"
    anew = as_("esther").get(f"/admin/?day={TOMORROW}&book={cast.chen}&at=12:00")
    assert not anew.values("Book the visit")["symptoms"]


def test_a_time_that_was_taken_meanwhile_is_refused_and_what_was_typed_stays(
    as_: As, cast: Cast, appointment: Make
) -> None:
    slot = as_("esther").get(f"/admin/?day={TOMORROW}&book={cast.chen}&at=10:00&patient={cast.boris}")
    appointment(TOMORROW, "10:00")
    refused = slot.press("Book the visit", symptoms="Headache")
    assert refused.status == 409
    assert "Headache" in refused.html
    assert "Boris Đặng" in panel(refused)
    assert "Ana Nguyễn" in row(refused, "10:00")


def test_sent_twice_it_is_booked_once(as_: As, cast: Cast) -> None:
    slot = as_("esther").get(f"/admin/?day={TOMORROW}&book={cast.chen}&at=10:00&patient={cast.boris}")
    first, second = (slot.press("Book the visit") for _ in range(2))
    assert first.goes_to == second.goes_to
    assert "we haven't booked it again" in second.follow().text


def test_records_alone_see_the_day_and_change_nothing(app: Flask, cast: Cast, appointment: Make) -> None:
    number = appointment(TODAY, "10:00")
    with app.app_context():
        rita = factories.admin("Rita Records", "rita@clinic.example", Duty.RECORDS)
    page = signed_in(app, rita).get(f"/admin/?visit={number}")
    assert "Ana Nguyễn" in row(page, "10:00")
    assert "Book" not in page.main.one("table").text
    assert not page.main.one("section", id="desk-day").all("form")
    assert [each.text for each in page.main.one("aside", id="desk-panel").all("a")] == [
        "Close",
        "090 123 4567",
        "Open the visit",
    ]


# --- confirming several -----------------------------------------------------------------------------------------------


def statuses(app: Flask) -> list[str]:
    """How many visits stand how."""
    with app.app_context():
        return sorted(session().scalars(select(Appointment.status)))


def test_all_that_wait_are_confirmed_by_one_press(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    for number in range(8):
        appointment(TOMORROW, f"{10 + number // 2}:{number % 2 * 3}0", patient_id=cast.ana)
    page = as_("esther").get(f"/admin/?day={TOMORROW}")
    assert "8 waiting to be confirmed" in page.main.text
    done = page.press("Confirm all 8 shown").follow()
    assert "8 visits are confirmed." in done.text
    assert "waiting to be confirmed" not in done.main.text
    assert statuses(app) == ["confirmed"] * 8


def test_one_of_them_is_confirmed_alone(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TOMORROW, "10:00")
    appointment(TOMORROW, "11:00", patient_id=cast.boris)
    page = as_("esther").get(f"/admin/?day={TOMORROW}&department={cast.cardiology}")
    done = page.press("Confirm Boris Đặng, 11:00")
    assert done.goes_to == f"/admin/?day={TOMORROW}&department={cast.cardiology}"
    assert "1 visit is confirmed." in done.follow().text
    assert statuses(app) == ["booked", "confirmed"]


def test_what_changed_meanwhile_isnt_confirmed_and_is_named(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    first, second = appointment(TOMORROW, "10:00"), appointment(TOMORROW, "11:00", patient_id=cast.boris)
    appointment(TOMORROW, "12:00")
    page = as_("esther").get(f"/admin/?day={TOMORROW}")
    with app.app_context():
        esther = cast.actor("esther")
        scheduling.cancel(esther, first)
        scheduling.reschedule(esther, second, on=TOMORROW, at=scheduling.SLOT_TIMES[-1])
    done = page.press("Confirm all 3 shown").follow()
    assert "1 visit is confirmed." in done.text
    assert "Ana Nguyễn, 10:00: " in done.text
    assert "Boris Đặng, 16:30: This visit has changed since you opened the page." in done.text
    assert statuses(app) == ["booked", "cancelled", "confirmed"]


def test_what_waits_to_be_settled_isnt_confirmed_before(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TOMORROW, "13:00")
    appointment(TOMORROW, "11:00", doctor_id=cast.diallo, patient_id=cast.boris)
    before = as_("esther").get(f"/admin/?day={TOMORROW}")
    with app.app_context():
        scheduling.take_leave(cast.actor("esther"), doctor_id=cast.chen, first_day=TOMORROW)
    page = as_("esther").get(f"/admin/?day={TOMORROW}")
    assert "1 waiting to be confirmed" in page.main.text
    opened = page.click("Ana Nguyễn 35, To settle")
    assert "Confirm" not in panel(opened)
    assert opened.click("Settle the visit").path == f"/admin/settling?doctor={cast.chen}"

    done = before.press("Confirm all 2 shown").follow()
    assert "1 visit is confirmed." in done.text
    assert "Ana Nguyễn, 13:00: This visit has to be settled first." in done.text
    assert statuses(app) == ["booked", "confirmed"]
    assert "Free in the afternoon On leave 10 free" in done.main.one("thead").text, "who is away isn't full"


def test_nonsense_confirms_nothing(as_: As, cast: Cast) -> None:
    for value in ("", "x", "1", "1 x", "99999 booked@20260303T0300Z"):
        assert as_("esther").command("/admin/desk/confirm", shown=value).status == 303


# --- days -------------------------------------------------------------------------------------------------------------


def test_past_visits_that_are_still_open_are_told_and_found(as_: As, cast: Cast, appointment: Make) -> None:
    assert "still open" not in as_("esther").get("/admin/").text
    appointment(YESTERDAY, "09:00", status="confirmed")
    appointment(YESTERDAY, "10:00", doctor_id=cast.diallo)
    appointment(YESTERDAY, "11:00", status="cancelled")
    found = as_("esther").get("/admin/").click("2 past visits are still open")

    assert found.values("Show")["status"] == "still_open"
    assert "still open" not in as_("esther").get(f"/admin/?day={TOMORROW}").main.text


def test_from_day_to_day(as_: As, appointment: Make) -> None:
    appointment(LATER, "10:00")
    page = as_("esther").get("/admin/")

    assert page.click("The day after: Tue 3 Mar").h1 == "Tuesday 3 March 2026"
    assert page.click("The day before: Sun 1 Mar").h1 == "Sunday 1 March 2026"
    shown = page.press("Show", day=LATER.isoformat())
    assert "Ana Nguyễn" in row(shown, "10:00")
    assert shown.values("Show")["day"] == LATER.isoformat()
    assert shown.click("Today").h1 == "Monday 2 March 2026"
    assert "Ana Nguyễn" in shown.click("As a list").main.text


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


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_busy_day_costs_few_statements_and_bytes(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        departments = [factories.department(f"Department {number}") for number in range(6)]
        doctors = [
            factories.doctor(f"Dr Trần Quốc Bảo {number}", department_id=departments[number % 6])
            for number in range(23)
        ]
        for number, doctor in enumerate([*doctors, cast.chen, cast.diallo]):
            patient = factories.patient(f"Nguyễn Thị Phương Uyên {number}")
            status = ("booked", "confirmed")[number % 2]
            factories.appointments(12, patient, doctor, first_day=TOMORROW, status=status)
        engine = db.engine
    esther = as_("esther")
    esther.get(f"/admin/?day={TOMORROW}")
    with count_statements(engine) as sent:
        page = esther.get(f"/admin/?day={TOMORROW}")
    assert "300 visits" in page.main.text
    assert len(sent) <= STATEMENTS_MOST
    assert len(page.html.encode()) <= BYTES_MOST
