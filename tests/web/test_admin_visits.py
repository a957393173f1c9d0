"""The office's visits: the list, one visit and what is done with it, booking for a patient, finding anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from clinic import scheduling
from clinic.db import db
from clinic.scheduling import SLOT_TIMES
from tests import factories
from tests.people import ANA, Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
APPOINTMENT = "/admin/appointments/{}"


def patients(page: Sheet) -> list[str]:
    """The patients of the listed visits."""
    return [
        link.text for link in page.main.all("a") if (link.get("href") or "").rpartition("/")[0] == "/admin/appointments"
    ]


def state(app: Flask, cast: Cast, number: int) -> str:
    """Where a visit stands."""
    with app.app_context():
        return str(scheduling.appointment(cast.actor("esther"), number)["status"])


# --- the list ---------------------------------------------------------------------------------------------------------


def test_visits_are_listed_by_all_that_is_asked(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00", status="completed")
    appointment(TOMORROW, "10:00", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(LATER, "11:00", status="cancelled")
    page = as_("esther").get("/admin/").tree.one("div", class_="office")
    assert page.with_text("a", "Visits").attrs["href"] == "/admin/appointments"
    listed = as_("esther").get("/admin/appointments")
    assert patients(listed) == ["Ana Nguyễn", "Boris Đặng", "Ana Nguyễn"]
    assert patients(listed.press("Show", search="dang")) == ["Boris Đặng"]
    assert patients(listed.press("Show", status="upcoming")) == ["Boris Đặng"]
    assert patients(listed.press("Show", status="cancelled")) == ["Ana Nguyễn"]
    assert patients(listed.press("Show", first=TOMORROW.isoformat(), last=TOMORROW.isoformat())) == ["Boris Đặng"]
    assert patients(listed.press("Show", doctor=str(cast.diallo))) == ["Boris Đặng"]
    assert patients(listed.press("Show", department=str(cast.cardiology))) == ["Ana Nguyễn"] * 2
    assert patients(as_("esther").get(f"/admin/appointments?patient={cast.boris}")) == ["Boris Đặng"]


def test_what_cant_be_read_is_said(as_: As, cast: Cast, appointment: Make) -> None:
    appointment()
    page = as_("esther").get("/admin/appointments?first=tomorrow&status=lost&doctor=x")
    assert "“tomorrow” isn't a date." in page.main.text
    assert len(patients(page)) == 1
    unknown = as_("esther").get("/admin/appointments?doctor=99999")
    assert "We can't find this doctor." in unknown.main.text
    assert as_("esther").get("/admin/appointments?doctor=99999&after=x").status == 404


def test_a_swapped_list_is_the_list_of_the_page(as_: As, cast: Cast, appointment: Make) -> None:
    appointment()
    address = "/admin/appointments?search=ana&status=booked"
    page, part = as_("esther").get(address), as_("esther").swap(address, "visit-list")
    assert "<html" not in part.html
    assert part.tree.one("section").written() == page.tree.one("section", id="visit-list").written()


# --- one visit --------------------------------------------------------------------------------------------------------


def test_a_visit_is_confirmed_and_completed(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TODAY, "09:00", room_id=cast.chens_room)
    page = as_("esther").get("/admin/").click("Ana Nguyễn 35, To confirm").click("Open the visit")
    assert "Ana Nguyễn booked this visit." in page.main.text
    assert "Floor 2, room 201" in page.main.text
    confirmed = page.press("Confirm")
    assert confirmed.status == 303
    assert page.press("Confirm").status == 303, "a second press finds it done"
    done = confirmed.follow().click("Complete").press("Complete the visit").follow()
    assert "The visit is completed." in done.text
    assert "You completed the visit." in done.main.text
    refused = as_("esther").command(APPOINTMENT.format(number) + "/confirm")
    assert refused.status == 409
    assert state(app, cast, number) == "completed"


def test_the_office_cancels_late_too(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TODAY, "10:00", status="confirmed")
    page = as_("esther").get(APPOINTMENT.format(number)).click("Cancel the visit")
    long = page.press("Cancel the visit", reason="x" * (scheduling.REASON_MAX + 1))
    assert long.status == 422
    assert long.values("Cancel the visit")["reason"].startswith("xxx")
    done = page.press("Cancel the visit", reason="The doctor is ill")
    assert done.status == 303
    assert "The doctor is ill" in done.follow().main.text
    assert page.press("Cancel the visit").status == 303
    assert state(app, cast, number) == "cancelled"


def test_a_completed_visit_is_not_cancelled_and_what_was_written_stays(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TODAY, "08:00", status="completed")
    assert "Cancel the visit" not in as_("esther").get(APPOINTMENT.format(number)).main.text
    refused = as_("esther").command(APPOINTMENT.format(number) + "/cancel", reason="Mistake")
    assert refused.status == 409
    assert "Mistake" in refused.main.text


def test_notes_and_room_are_edited(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(LATER, "09:00", room_id=cast.chens_room)
    page = as_("esther").get(APPOINTMENT.format(number)).click("Edit")
    done = page.press("Save", room_id=str(cast.heart_room), notes="By wheelchair")
    assert done.status == 303
    assert "Your changes are saved. We'll e-mail the patient." in done.follow().tree.one(id="flash").text
    assert "By wheelchair" in done.follow().main.text
    without = done.follow().click("Edit").press("Save", notes="By wheelchair, with her son")
    assert without.follow().tree.one(id="flash").text == "Your changes are saved.", "the same room: nothing is mailed"
    appointment(LATER, "09:00", doctor_id=cast.diallo, patient_id=cast.boris, room_id=cast.nerve_room)
    page = done.follow().click("Edit")
    taken = page.press("Save", room_id=str(cast.nerve_room), notes="Typed")
    assert taken.status == 409
    assert "This room is in use at that time." in taken.main.text
    assert taken.values("Save")["notes"] == "Typed"
    wrong = page.press("Save", notes="x" * (scheduling.NOTES_STORED_MAX + 1))
    assert wrong.status == 422


def test_a_visit_is_moved(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(TOMORROW, "09:00", status="confirmed")
    page = as_("esther").get(APPOINTMENT.format(number)).click("Move the visit")
    assert page.h1 == "Move Ana Nguyễn's visit"
    chosen = as_("esther").get(f"{page.path}?day={LATER}&time=10:30")
    done = chosen.press("Move the visit", reason="Exam")
    assert done.status == 303
    assert "You moved the visit from Tue 3 Mar, 09:00 to Wed 4 Mar, 10:30." in done.follow().main.text


# --- booking for a patient --------------------------------------------------------------------------------------------


def test_the_office_books_for_a_patient(as_: As, cast: Cast) -> None:
    esther = as_("esther")
    first = esther.get("/admin/find?q=dang").click("Boris Đặng").click("Book a visit")
    assert first.h1 == "Book for Boris Đặng"
    department = next(node for node in first.main.all("a") if node.text == "Cardiology").attrs["href"]
    assert f"patient={cast.boris}" in department
    address = f"/admin/book?patient={cast.boris}&department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=10:00"
    review = esther.get(address).click("Review and confirm")
    assert review.h1 == "Confirm Boris Đặng's visit"
    long = review.press("Confirm the visit", symptoms="x" * (scheduling.SYMPTOMS_MAX + 1), notes="By phone")
    assert long.status == 422
    assert long.values("Confirm the visit")["notes"] == "By phone"
    done = long.press("Confirm the visit", symptoms="Cough")
    assert done.status == 303
    shown = done.follow()
    assert shown.h1.startswith("Boris Đặng, visit ")
    assert "The visit is booked. We'll e-mail the patient." in shown.main.text
    assert "You booked this visit." in shown.main.text
    again = long.press("Confirm the visit", symptoms="Cough")
    assert (again.status, again.goes_to) == (303, done.goes_to), "sent twice, booked once"


def test_a_taken_time_offers_others_and_keeps_what_was_typed(as_: As, cast: Cast, appointment: Make) -> None:
    address = f"/admin/book?patient={cast.boris}&department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=10:00"
    review = as_("esther").get(address).click("Review and confirm")
    appointment(LATER, "10:00")
    refused = review.press("Confirm the visit", symptoms="Cough")
    assert refused.status == 409
    offer = refused.tree.all("button", name="instead")[0]
    assert refused.press(offer.text).status == 303


def test_the_times_at_which_the_patient_is_busy_are_not_offered(as_: As, cast: Cast, appointment: Make) -> None:
    """Neither for booking nor for moving; the visit may be with any doctor."""
    appointment(LATER, "10:00", patient_id=cast.boris, doctor_id=cast.diallo)
    mine = appointment(LATER, "14:00", patient_id=cast.boris)
    booking = f"/admin/book?patient={cast.boris}&department={cast.cardiology}&doctor={cast.chen}&day={LATER}"
    for address in (booking, f"/admin/appointments/{mine}/reschedule?day={LATER}"):
        page = as_("esther").get(address)
        assert not page.tree.all(id="t1000"), address
        assert page.tree.all(id="t1030"), address
        assert "10:00 the patient's visit" in page.main.text, address
        assert "your visit" not in page.main.one(id="s4" if address == booking else "s2").text
        chosen = as_("esther").get(f"{address}&time=10:00")
        assert "The patient has a visit at the time you chose." in chosen.main.text, address
    anas = as_("esther").get(booking.replace(f"patient={cast.boris}", f"patient={cast.ana}"))
    assert anas.tree.all(id="t1000"), "Ana is free then"


def test_a_doctor_alone_brings_the_department(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/book?patient={cast.ana}&doctor={cast.chen}")
    assert page.goes_to == f"/admin/book?patient={cast.ana}&department={cast.cardiology}&doctor={cast.chen}"


def test_the_slip_names_whose_visit_it_is(as_: As, cast: Cast) -> None:
    chosen = f"/admin/book?patient={cast.ana}&department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=09:00"
    page = as_("esther").get(chosen)
    for sheet in (page, page.click("Review and confirm")):
        slip = sheet.main.one("h2", id="sum")
        assert slip.text.startswith("The visit of Ana Nguyễn"), "it is not the office's own"
        assert "Your visit" not in sheet.main.text


def test_nothing_is_booked_for_a_patient_who_is_switched_off(app: Flask, as_: As, cast: Cast) -> None:
    """It is said before anything is chosen; who had the review open keeps what they typed."""
    chosen = f"?patient={cast.ana}&department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=09:00"
    review = as_("esther").get(f"/admin/book/review{chosen}")
    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    for path in (f"/admin/book?patient={cast.ana}", f"/admin/book{chosen}", f"/admin/book/review{chosen}"):
        answer = as_("esther").get(path)
        assert answer.goes_to == f"/admin/users/{cast.ana}"
        assert "The account of Ana Nguyễn is switched off. Switch it on to book a visit." in answer.follow().text
    refused = review.press("Confirm the visit", reason="Typed")
    assert refused.status == 422
    assert refused.values("Confirm the visit")["reason"] == "Typed"


def test_booking_asks_for_the_patient_first(as_: As, cast: Cast) -> None:
    assert as_("esther").get("/admin/book").goes_to == "/admin/patients"
    for unknown in (cast.chen, 99999):
        assert as_("esther").get(f"/admin/book?patient={unknown}").status == 404
        assert as_("esther").command(f"/admin/book?patient={unknown}").status == 404


# --- finding ----------------------------------------------------------------------------------------------------------


def found(page: Sheet, kind: str) -> Node:
    """What is found of one kind."""
    return page.main.one("section", aria_labelledby=kind)


def test_anybody_is_found_from_every_page(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    page = as_("esther").get("/admin/").press("Find", q="nguyen")
    assert [node.text for node in page.main.all("h2")] == ["Patients 1", "Visits 1"]
    assert page.tree.one("input", id="q").attrs["value"] == "nguyen"
    ana = found(page, "patients").with_text("a", "Ana Nguyễn").attrs["href"]
    assert as_("esther").get(ana).h1 == "Ana Nguyễn"
    by_number = as_("esther").get(f"/admin/find?q=%23{number}")
    assert [node.text for node in by_number.main.all("h2")] == ["Visits 1"]
    assert found(by_number, "visits").with_text("a", "Ana Nguyễn").attrs["href"] == APPOINTMENT.format(number)
    chen = as_("esther").get("/admin/find?q=chen@")
    assert chen.click("Dr Chen").h1 == "Dr Chen"
    assert chen.click("Upcoming visits Dr Chen").path == f"/admin/appointments?doctor={cast.chen}&status=upcoming"
    nothing = as_("esther").get("/admin/find?q=zzz")
    assert "Nothing found" in nothing.main.text
    assert "Who are you looking for?" in as_("esther").get("/admin/find").main.text


def test_who_is_found_is_told_apart_by_birth_and_next_visit(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "09:00")
    number = appointment(TOMORROW, "11:00", status="confirmed")
    [row] = found(as_("esther").get("/admin/find?q=ana"), "patients").one("tbody").all("tr")
    assert [row.one("td", data_label=label).text for label in ("Born", "Phone", "Next visit")] == [
        "17 May 1990",
        "090 123 4567",
        "Tue 3 Mar, 11:00",
    ]
    assert row.one("td", data_label="Phone").one("a").get("href") == "tel:0901234567"
    assert row.one("td", data_label="Next visit").one("a").get("href") == APPOINTMENT.format(number)


def test_more_than_are_shown_are_counted_and_a_press_away(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    with app.app_context():
        for number in range(30):
            day = LATER + timedelta(days=number // 18)
            factories.appointment(factories.patient(f"Lê Thị {number:02}"), cast.chen, day, SLOT_TIMES[number % 18])
    page = as_("esther").get("/admin/find?q=Thị")
    assert [node.text for node in page.main.all("h2")] == ["Patients 30", "Visits 30"]
    assert len(found(page, "patients").one("tbody").all("tr")) == 8
    everybody = page.click("Show all 30 Patients")
    assert (everybody.h1, "30 patients" in everybody.main.text) == ("Patients", True)
    assert everybody.values("Show")["search"] == "Thị"
    assert "30 visits" in page.click("Show all 30 Visits").main.text
    links = [link.text for link in page.main.all("a")]
    assert links[-1] == "Somebody else? Add a new patient", "somebody new never comes before the matches"


# --- the same questions to each ---------------------------------------------------------------------------------------

PAGES = [
    "appointments",
    "appointments/{}",
    "appointments/{}/cancel",
    "appointments/{}/edit",
    "appointments/{}/hand-over",
    "find?q=a",
    "patients?search=a",
    "book?patient=1",
]
COMMANDS = ["/confirm", "/complete", "/cancel", "/edit", "/reschedule", "/hand-over"]


@pytest.mark.parametrize("path", PAGES)
def test_they_are_the_offices_alone(as_: As, guest: Visitor, cast: Cast, appointment: Make, path: str) -> None:
    address = "/admin/" + path.format(appointment())
    assert [as_(who).get(address).status for who in ("ana", "chen", "esther")] == [403, 403, 200]
    assert guest.get(address).goes_to.startswith("/login")


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_else_does_anything(
    app: Flask, as_: As, guest: Visitor, cast: Cast, appointment: Make, command: str
) -> None:
    number = appointment(status="booked" if command == "/confirm" else "confirmed")
    before = state(app, cast, number)
    address = APPOINTMENT.format(number) + command
    assert [as_(who).command(address).status for who in ("ana", "chen")] == [403, 403]
    assert guest.command(address).goes_to.startswith("/login")
    assert as_("esther").post(address).status == 400, "without its token"
    for unknown in ("0", "999999"):
        assert as_("esther").command(APPOINTMENT.format(unknown) + command).status == 404
    assert state(app, cast, number) == before


def test_commands_are_not_done_by_looking(as_: As, cast: Cast, appointment: Make) -> None:
    assert as_("esther").get(APPOINTMENT.format(appointment()) + "/confirm").status == 405


@pytest.mark.parametrize("path", PAGES)
def test_no_more_statements_for_more_visits(app: Flask, as_: As, cast: Cast, appointment: Make, path: str) -> None:
    address = "/admin/" + path.format(appointment())

    def statements() -> int:
        with app.app_context():
            engine = db.engine
        # Once before: what the public is shown, too, is remembered from then on.
        as_("esther").get(address)
        with count_statements(engine) as sent:
            assert as_("esther").get(address).status == 200
        return len(sent)

    few = statements()
    with app.app_context():
        factories.appointments(40, cast.boris, cast.chen, first_day=LATER + timedelta(days=9), status="completed")
        for number in range(20):
            factories.doctor(f"Thêm {number}", department_id=cast.cardiology)
    assert statements() <= few <= 12
