"""Completing a visit asks first as long as there is a doubt, a stale press does nothing, and the office takes it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
APPOINTMENT = {"chen": "/doctor/appointments/{}", "esther": "/admin/appointments/{}"}
NOT_BEGUN = "It hasn't started yet. It's on Wednesday 4 March 2026 at 09:00."
NO_RECORD = "Nothing has been written in the record yet."
both = pytest.mark.parametrize("who", ["chen", "esther"])


def story(app: Flask, cast: Cast, number: int) -> list[str]:
    """What happened to a visit."""
    with app.app_context():
        return [str(line["what"]) for line in scheduling.history(cast.actor("esther"), number)]


def filled(page: Sheet) -> list[str]:
    """The words of the filled buttons among what can be done with the visit."""
    acts: Node = page.main.all("div", class_="act")[0]
    return [node.text for node in acts if node.tag in ("a", "button") and node.get("class") == "btn"]


# --- asking ---------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("on", "at", "written", "asked"),
    [
        (LATER, "09:00", False, [NOT_BEGUN, NO_RECORD]),
        (LATER, "09:00", True, [NOT_BEGUN]),
        (TODAY, "08:00", False, [NO_RECORD]),
    ],
    ids=["neither", "not begun", "no record"],
)
def test_a_doubtful_visit_is_completed_after_a_question(
    app: Flask,
    as_: As,
    cast: Cast,
    appointment: Make,
    record: Make,
    who: str,
    on: date,
    at: str,
    written: bool,
    asked: list[str],
) -> None:
    number = appointment(on, at, status="confirmed")
    if written:
        record(number)
    question = as_(who).get(APPOINTMENT[who].format(number)).click("Complete")

    assert [words for words in (NOT_BEGUN, NO_RECORD) if words in question.main.text] == asked
    assert question.click("Not yet").path == APPOINTMENT[who].format(number)
    assert story(app, cast, number) == ["created"]
    done = question.press("Complete the visit")
    assert done.goes_to == APPOINTMENT[who].format(number)
    assert "The visit is completed." in done.follow().text
    assert question.press("Complete the visit").status == 303, "a second press finds it done"
    assert story(app, cast, number) == ["created", "completed"]


@both
def test_a_press_that_was_not_asked_is_asked(app: Flask, as_: As, cast: Cast, appointment: Make, who: str) -> None:
    number = appointment(status="confirmed")
    address = f"{APPOINTMENT[who].format(number)}/complete"
    answer = as_(who).command(address)
    assert answer.goes_to == address
    assert NOT_BEGUN in answer.follow().main.text
    assert story(app, cast, number) == ["created"]


@both
def test_without_a_doubt_one_press_completes(
    app: Flask, as_: As, cast: Cast, appointment: Make, record: Make, who: str
) -> None:
    number = appointment(TODAY, "08:00", status="confirmed")
    record(number)
    assert "The visit is completed." in as_(who).get(APPOINTMENT[who].format(number)).press("Complete").follow().text
    assert story(app, cast, number) == ["created", "completed"]


@both
@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("booked", "This visit has to be confirmed first."),
        ("completed", "This visit is already completed."),
        ("cancelled", "This visit was cancelled."),
    ],
)
def test_what_cannot_be_completed_says_why(as_: As, appointment: Make, who: str, status: str, says: str) -> None:
    page = as_(who).get(f"{APPOINTMENT[who].format(appointment(status=status))}/complete")
    assert (page.status, says in page.main.text) == (200, True)
    assert not page.main.all("form")


# --- what comes next --------------------------------------------------------------------------------------------------


def test_the_filled_button_of_the_doctor_is_what_comes_next(as_: As, appointment: Make, record: Make) -> None:
    number = appointment(TODAY, "08:00")
    chen, address = as_("chen"), APPOINTMENT["chen"].format(number)
    assert filled(chen.get(address)) == ["Confirm"]
    chen.get(address).press("Confirm")
    assert filled(chen.get(address)) == ["Write the record"]
    record(number)
    assert filled(chen.get(address)) == ["Complete"]
    chen.get(address).press("Complete")
    assert filled(chen.get(address)) == []


def test_the_office_has_no_filled_button_that_completes_in_the_place_of_confirm(as_: As, appointment: Make) -> None:
    number = appointment(TODAY, "08:00")
    esther, address = as_("esther"), APPOINTMENT["esther"].format(number)
    assert filled(esther.get(address)) == ["Confirm"]
    esther.get(address).press("Confirm")
    assert filled(esther.get(address)) == []


def test_after_a_visit_the_next_that_waits_is_one_press_away(
    as_: As, cast: Cast, appointment: Make, record: Make
) -> None:
    number = appointment(TODAY, "08:00", status="confirmed")
    appointment(TODAY, "08:30", status="completed", patient_id=cast.boris)
    appointment(TODAY, "10:00", patient_id=cast.boris)
    appointment(TODAY, "11:00", status="confirmed")
    record(number)
    done = as_("chen").get("/doctor/").press("Complete").follow()
    assert done.h1 == "Ana Nguyễn"
    assert done.click("Next: 10:00, Boris Đặng").h1 == "Boris Đặng"
    assert as_("chen").get(APPOINTMENT["chen"].format(number)).click("Next: 10:00, Boris Đặng").h1 == "Boris Đặng"


def test_a_visit_is_confirmed_from_its_row_and_the_person_stays_at_the_list(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    appointment(LATER, "10:00", status="confirmed")
    number = appointment(LATER, patient_id=cast.boris)
    page = as_("chen").get("/doctor/appointments?status=upcoming")
    [button] = [node for node in page.main.all("button") if node.text.startswith("Confirm")]
    done = page.press(button.text)
    assert done.goes_to == "/doctor/appointments?status=upcoming"
    assert "The visit is confirmed." in done.follow().text
    assert story(app, cast, number) == ["created", "confirmed"]


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "x"])
def test_a_press_leads_nowhere_else(as_: As, appointment: Make, back: str) -> None:
    number = appointment()
    address = APPOINTMENT["chen"].format(number)
    assert as_("chen").command(f"{address}/confirm", back=back).goes_to == address


# --- stale presses ----------------------------------------------------------------------------------------------------


def test_two_presses_on_confirm_do_not_complete(
    app: Flask, as_: As, cast: Cast, appointment: Make, record: Make
) -> None:
    """The second one is sent with what the first page showed."""
    number = appointment(TODAY, "08:00")
    record(number)
    page = as_("chen").get(APPOINTMENT["chen"].format(number))
    shown = page.values("Confirm")["state"]
    page.press("Confirm")
    answer = as_("chen").command(f"{APPOINTMENT['chen'].format(number)}/complete", state=shown)
    assert answer.status == 409
    assert "This visit has changed since you opened the page." in answer.main.text
    assert story(app, cast, number) == ["created", "confirmed"]


@both
def test_what_was_moved_meanwhile_is_not_confirmed_unseen(
    app: Flask, as_: As, cast: Cast, appointment: Make, who: str
) -> None:
    number = appointment(LATER)
    page = as_(who).get(APPOINTMENT[who].format(number))
    with app.app_context():
        scheduling.reschedule(cast.actor("ana"), number, on=TOMORROW, at=scheduling.SLOT_TIMES[8])
    refused = page.press("Confirm")
    assert refused.status == 409
    assert "This visit has changed since you opened the page. Here's how it is now." in refused.main.text
    assert "Tue 3 Mar" in refused.main.text
    assert refused.press("Confirm").status == 303


@pytest.mark.parametrize("who", ["ana", "chen", "esther"])
def test_what_was_moved_meanwhile_is_not_cancelled_unseen(
    app: Flask, as_: As, cast: Cast, appointment: Make, who: str
) -> None:
    number = appointment(LATER)
    address = {"ana": "/patient/appointments/{}", **APPOINTMENT}[who].format(number)
    page = as_(who).get(f"{address}/cancel")
    with app.app_context():
        mover = cast.actor("esther" if who != "esther" else "chen")
        scheduling.reschedule(mover, number, on=LATER, at=scheduling.SLOT_TIMES[8])
    refused = page.press("Cancel the visit", reason="A wedding")
    assert refused.status == 409
    assert "This visit has changed since you opened the page. Here's how it is now." in refused.main.text
    assert refused.values("Cancel the visit")["reason"] == "A wedding"
    assert story(app, cast, number) == ["created", "rescheduled"]
    assert refused.press("Cancel the visit").status == 303
    assert story(app, cast, number)[-1] == "cancelled"


def test_what_somebody_else_did_meanwhile_is_told(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    page = as_("chen").get(APPOINTMENT["chen"].format(number))
    with app.app_context():
        scheduling.confirm(cast.actor("esther"), number)
    answer = page.press("Confirm")
    assert answer.status == 303
    assert "Esther Office confirmed the visit." in answer.follow().tree.one(id="flash").text
    assert story(app, cast, number) == ["created", "confirmed"]


# --- reopening --------------------------------------------------------------------------------------------------------


def test_the_office_reopens_a_visit_with_a_reason(
    app: Flask, as_: As, cast: Cast, appointment: Make, record: Make
) -> None:
    number = appointment(TODAY, "08:00", status="completed")
    record(number)
    form = as_("esther").get(APPOINTMENT["esther"].format(number)).click("Reopen")
    refused = form.press("Reopen the visit", reason=" ")
    assert refused.status == 422
    assert refused.main.one(id="reason-err").text
    long = form.press("Reopen the visit", reason="x" * (scheduling.REASON_MAX + 1))
    assert (long.status, long.values("Reopen the visit")["reason"][:3]) == (422, "xxx")
    done = form.press("Reopen the visit", reason="Pressed by mistake")
    assert done.status == form.press("Reopen the visit", reason="Pressed by mistake").status == 303
    page = done.follow()
    assert "The visit is open again." in page.text
    assert "You reopened the visit. Reason: Pressed by mistake" in page.main.text
    assert story(app, cast, number) == ["created", "reopened"]

    doctors = as_("chen").get(APPOINTMENT["chen"].format(number))
    assert "Esther Office reopened the visit. Reason: Pressed by mistake" in doctors.main.text
    assert filled(doctors) == ["Complete"]
    patients = as_("ana").get(f"/patient/appointments/{number}").main.text
    assert "Esther Office reopened the visit." in patients
    assert "by mistake" not in patients


@pytest.mark.parametrize("status", ["booked", "confirmed", "cancelled"])
def test_what_is_not_completed_is_not_reopened(as_: As, appointment: Make, status: str) -> None:
    number = appointment(status=status)
    assert "Reopen" not in as_("esther").get(APPOINTMENT["esther"].format(number)).main.text
    page = as_("esther").get(f"{APPOINTMENT['esther'].format(number)}/reopen")
    assert not page.main.all("form")
    assert ("This visit was cancelled." if status == "cancelled" else "This visit isn't completed.") in page.main.text


def test_who_reopens_a_page_that_is_no_longer_true_is_shown_what_is(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    form = as_("esther").get(f"{APPOINTMENT['esther'].format(appointment(status='completed'))}/reopen")
    refused = form.press("Reopen the visit", reason="Mistake", state="confirmed@20260304T0200Z")
    assert refused.status == 409
    assert "This visit has changed since you opened the page." in refused.main.text
    assert refused.values("Reopen the visit")["reason"] == "Mistake"
    assert refused.press("Reopen the visit").status == 303


def test_a_doctor_who_completed_by_mistake_is_told_whom_to_ask(as_: As, appointment: Make) -> None:
    page = as_("chen").get(APPOINTMENT["chen"].format(appointment(TODAY, "08:00", status="completed")))
    assert "Completed by mistake? Reception can reopen the visit." in page.main.text
