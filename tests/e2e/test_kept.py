"""Typed words stay: while choices change, when the session ends meanwhile, after Back and reload. In a real browser."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from clinic import accounts, clock, records, scheduling
from tests import factories
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.servers import LiveServer

JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
WORDS = "Ho khan về đêm\nđã hai tuần"


def review(clinic: Cast, day: date) -> str:
    """The address of a booking's review."""
    return f"/book/review?department={clinic.cardiology}&doctor={clinic.chen}&day={day}&time=10:30"


def end(live_server: LiveServer, clinic: Cast, name: str) -> None:
    """Sign somebody out everywhere."""
    with live_server.app.app_context():
        accounts.end_all_sessions(clinic.actor(name))


def sign_in_here(page: Page, email: str) -> None:
    """Sign in by the form that the page shows."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator("#main")).to_contain_text("we'll keep what you typed")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're signed in again")


# --- choices under review ---------------------------------------------------------------------------------------------


@JAVASCRIPT
def test_words_stay_whatever_is_chosen_anew(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ANA)
    page.goto(review(clinic, soon))
    page.get_by_label("Reason for your visit").fill(WORDS)
    other = soon + timedelta(days=1)
    page.get_by_role("button", name="Change day or time").click()
    page.locator("#t1100").click()
    expect(page.get_by_label("Reason for your visit")).to_have_value(WORDS)
    page.get_by_role("button", name="Change doctor").click()
    for pressed in (f"#d{other:%m%d}", f"#b{clinic.neurology}", f"#c{clinic.diallo}", f"#d{soon:%m%d}"):
        page.locator(pressed).click()
        expect(page.locator(f"{pressed}[aria-current]")).to_be_visible()
        expect(page.locator("#slip")).to_contain_text("We've kept what you typed.")
        assert "Ho" not in page.url
    page.locator("#t1400").click()
    expect(page.get_by_label("Reason for your visit")).to_have_value(WORDS)
    page.get_by_role("button", name="Confirm my visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    expect(page.locator("#main")).to_contain_text("Dr Diallo")
    expect(page.locator("#main")).to_contain_text("đã hai tuần")

    with live_server.app.app_context():
        assert scheduling.appointments(clinic.actor("ana")).count == 1, "only the last press books"


@JAVASCRIPT
def test_the_reason_of_a_move_stays_while_another_day_is_looked_at(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date, javascript: bool
) -> None:
    with live_server.app.app_context():
        appointment = factories.appointment(clinic.ana, clinic.chen, soon, "10:30")
    page = open_page(javascript=javascript)
    sign_in(page, CHEN)
    page.goto(f"/doctor/appointments/{appointment}/reschedule?day={soon}&time=11:00")
    page.get_by_label("Why is the visit being moved?").fill(WORDS)
    page.locator(f"#d{soon + timedelta(days=1):%m%d}").click()
    expect(page.locator(f"#d{soon + timedelta(days=1):%m%d}[aria-current]")).to_be_visible()
    expect(page.get_by_label("Why is the visit being moved?")).to_have_value(WORDS)
    page.locator("#t0930").click()
    expect(page.locator("#slip .time")).to_have_text("09:30")
    expect(page.get_by_label("Why is the visit being moved?")).to_have_value(WORDS)
    page.get_by_role("button", name="Move the visit").click()

    expect(page.locator("#flash")).to_contain_text("The visit has been moved")


# --- the session ended ------------------------------------------------------------------------------------------------


@JAVASCRIPT
def test_a_record_that_was_typed_when_the_session_had_ended(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    with live_server.app.app_context():
        appointment = factories.appointment(clinic.ana, clinic.chen, clock.today(), "08:00", status="confirmed")
    page = open_page("mobile", javascript=javascript)
    sign_in(page, CHEN)
    page.goto(f"/doctor/appointments/{appointment}/record")
    page.get_by_label("Diagnosis").fill(WORDS)
    page.get_by_label("Heart rate").fill("72")
    end(live_server, clinic, "chen")
    page.get_by_role("button", name="Save the record").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "Ho khan" not in page.content()
    if javascript:
        assert not axe(page)
    sign_in_here(page, CHEN)
    expect(page.locator("#main")).to_contain_text("đã hai tuần")
    if javascript:
        assert not axe(page)
    page.get_by_role("button", name="Send it now").click()

    expect(page.locator("#flash")).to_contain_text("The record has been saved.")
    with live_server.app.app_context():
        assert records.record_of(clinic.actor("chen"), appointment)["diagnosis"] == WORDS


def test_a_choice_by_htmx_when_the_session_had_ended(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    page = open_page()
    sign_in(page, ANA)
    page.goto(review(clinic, soon))
    page.get_by_label("Reason for your visit").fill(WORDS)
    page.get_by_role("button", name="Change day or time").click()
    other = soon + timedelta(days=1)
    # The choices are there before the session ends, or the press before this one would lead to the sign-in.
    expect(page.locator(f"#d{other:%m%d}")).to_be_visible()
    end(live_server, clinic, "ana")
    page.locator(f"#d{other:%m%d}").click()
    sign_in_here(page, ANA)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(f"#d{other:%m%d}[aria-current]")).to_be_visible()
    page.locator("#t1100").click()

    expect(page.locator(".slip .time")).to_have_text("11:00")
    expect(page.get_by_label("Reason for your visit")).to_have_value(WORDS)


# --- no answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("status", "language"), [(None, "en"), (None, "vi"), (500, "en"), (403, "vi"), (429, "en")])
def test_a_choice_without_an_answer_says_so_and_can_be_made_again(
    open_page: Opener, clinic: Cast, soon: date, status: int | None, language: str
) -> None:
    """The network is gone, or the answer is none that can be shown: the page stays, with everything in it."""
    for expected in ("ERR_", "htmx:", "Response Status Error", "answered 500"):
        open_page.expect(expected)
    page = open_page("mobile")
    sign_in(page, ANA)
    if language == "vi":
        page.get_by_role("button", name="Tiếng Việt").click()
        expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.goto(review(clinic, soon))
    page.locator("#reason").fill(WORDS)
    page.locator(".slip-top .change").click()
    other = page.locator(f"#d{soon + timedelta(days=1):%m%d}")
    expect(other).to_be_visible()
    typed = page.locator("#details [name=reason]")
    said = page.locator("#flash")

    def fail(route: Route) -> None:
        if status is None:
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=status, body="-")

    page.route("**/book?*", fail)
    other.click()
    words = {
        (True, "en"): "The clinic's server didn't answer.",
        (True, "vi"): "Máy chủ của phòng khám không trả lời.",
        (False, "en"): "That didn't work just now.",
        (False, "vi"): "Thao tác chưa thực hiện được.",
    }[status is None, language]
    expect(said).to_contain_text(words)
    expect(said).to_have_attribute("role", "status")
    expect(said.locator(".msg")).to_be_in_viewport()
    expect(typed).to_have_value(WORDS)
    assert axe(page) == []
    page.unroute("**/book?*")
    other.click()
    expect(page.locator(f"#d{soon + timedelta(days=1):%m%d}[aria-current]")).to_be_visible()
    expect(typed).to_have_value(WORDS)
    expect(said).to_be_empty()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_list_without_an_answer_stays_and_says_so(open_page: Opener, clinic: Cast) -> None:
    for expected in ("ERR_", "htmx:"):
        open_page.expect(expected)
    page = open_page()
    page.goto("/doctors")
    page.context.set_offline(True)
    page.get_by_label("Name").fill("chen")
    expect(page.locator("#flash")).to_contain_text("The clinic's server didn't answer.")
    expect(page.get_by_role("link", name="Dr Diallo", exact=True)).to_be_visible()
    page.context.set_offline(False)
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name="Dr Diallo", exact=True)).to_have_count(0)
    expect(page.locator("#flash")).to_be_empty()


# --- back and reload --------------------------------------------------------------------------------------------------


def test_back_from_what_was_sent_leads_to_the_form_and_sends_nothing(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    """Chromium won't show the answer to a POST again; the refused form's place in the history is the form itself."""
    page = open_page()
    sign_in(page, CHEN)
    page.goto("/doctor/leave")
    page.get_by_label("First day").fill(soon.isoformat())
    page.get_by_label("Last day").fill(clock.today().isoformat())
    page.get_by_label("Reason").fill(WORDS)
    page.get_by_role("button", name="Add this leave").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Reason")).to_have_value(WORDS)
    page.get_by_label("Last day").fill(soon.isoformat())
    page.get_by_role("button", name="Add this leave").click()
    expect(page.locator("#flash")).to_contain_text("The leave is added.")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leave")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leave")

    with live_server.app.app_context():
        assert len(scheduling.leaves(clinic.actor("chen"))) == 1


# --- filters ----------------------------------------------------------------------------------------------------------


@JAVASCRIPT
def test_on_a_phone_the_list_comes_before_its_filter(open_page: Opener, clinic: Cast, javascript: bool) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ESTHER)
    page.goto("/admin/appointments")
    status, switch = page.get_by_label("Status", exact=True), page.get_by_text("Filter the list")
    expect(status).to_be_hidden()
    if javascript:
        switch.focus()
        page.keyboard.press("Enter")
        assert not axe(page)
    else:
        switch.click()
    expect(status).to_be_visible()
    status.select_option("completed")
    page.get_by_role("search", name="Visits", exact=True).get_by_role("button", name="Show").click()
    page.wait_for_url("**status=completed**")
    page.reload()
    expect(status).to_be_visible()


@JAVASCRIPT
def test_where_there_is_room_the_filter_is_always_there(open_page: Opener, clinic: Cast, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    sign_in(page, ESTHER)
    page.goto("/admin/appointments")

    expect(page.get_by_label("Status", exact=True)).to_be_visible()
    expect(page.get_by_text("Filter the list")).to_be_hidden()


def test_a_reason_for_moving_stays_while_going_back_and_forward(
    open_page: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    day = clock.today() + timedelta(days=5)
    with live_server.app.app_context():
        number = factories.appointment(clinic.ana, clinic.chen, day, "09:00")
    page = open_page("desktop")
    sign_in(page, ANA)
    page.goto(f"/patient/appointments/{number}/reschedule?day={day}")
    page.locator("#t1000").click()
    page.locator("#reason").fill(WORDS)
    page.go_back()
    expect(page.locator("#reason")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#reason")).to_have_value(WORDS)
