"""The clinic's main jobs by keyboard alone, and where the focus is after a part of a page was swapped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from tests import factories
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Keys
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])


def heading(page: Page, words: str) -> None:
    """Wait for a page."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def choose(keys: Keys, *links: str) -> None:
    """Make choices one after the other, each by Enter; the next one is ahead."""
    for link in links:
        keys.enter(keys.page.locator(link))
        expect(keys.page.locator(f"{link}[aria-current]")).to_be_visible()


@JAVASCRIPT
def test_a_patient_books_moves_and_cancels(open_page: Opener, clinic: Cast, soon: date, javascript: bool) -> None:
    page = open_page("desktop", javascript=javascript)
    keys = Keys(page)
    keys.sign_in(ANA, PASSWORD)
    keys.enter(page.get_by_role("navigation", name="Main").get_by_role("link", name="Book"))
    heading(page, "Book a visit")
    choose(keys, f"#b{clinic.cardiology}", f"#c{clinic.chen}", f"#d{soon:%m%d}")
    keys.enter(page.locator("#t1030"))
    heading(page, "Confirm your visit")
    keys.type("Reason for your visit", "A cough")
    keys.space(page.get_by_role("button", name="Confirm my visit"))
    heading(page, "Your visit is booked")

    keys.enter(page.get_by_role("link", name="Move the visit"))
    heading(page, "Move the visit")
    choose(keys, f"#d{soon + timedelta(days=1):%m%d}", "#t1400")
    keys.type("Why is the visit being moved?", "Work")
    keys.enter(page.get_by_role("button", name="Move the visit"))
    expect(page.locator("#flash")).to_contain_text("The visit has been moved")

    keys.enter(page.get_by_role("link", name="Cancel the visit"))
    heading(page, "Cancel the visit?")
    keys.type("Why can't you come?", "Well again")
    keys.space(page.get_by_role("button", name="Cancel the visit"))
    expect(page.locator("#main")).to_contain_text("Well again")


@JAVASCRIPT
def test_a_doctors_routine_visit(open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool) -> None:
    # Of yesterday: whatever the wall clock says, the visit has begun.
    yesterday = clock.today() - timedelta(days=1)
    with live_server.app.app_context():
        factories.appointment(clinic.boris, clinic.chen, yesterday, "08:00")
        factories.appointment(clinic.ana, clinic.chen, yesterday, "08:30")
    page = open_page("desktop", javascript=javascript)
    keys = Keys(page)
    keys.sign_in(CHEN, PASSWORD)
    page.goto(f"/doctor/?day={yesterday}")
    keys.enter(page.locator(".q").get_by_role("link", name="Ana Nguyễn"))
    heading(page, "Ana Nguyễn")
    keys.enter(page.get_by_role("button", name="Confirm"))
    expect(page.locator(".pt")).to_contain_text("Confirmed")
    keys.enter(page.get_by_role("link", name="Service", exact=True))
    keys.go(page.get_by_role("radio").first)
    page.keyboard.press("Space")
    keys.enter(page.get_by_role("button", name="Choose this service"))
    keys.enter(page.get_by_role("link", name="Write the record"))
    for label, text in (("Blood pressure", "128/82"), ("Diagnosis", "Well"), ("Prescription", "Rest")):
        keys.type(label, text)
    keys.enter(page.get_by_role("button", name="Save the record"))
    keys.space(page.get_by_role("button", name="Complete"))
    expect(page.locator(".pt")).to_contain_text("Completed")


@JAVASCRIPT
def test_the_office_books_for_a_patient(open_page: Opener, clinic: Cast, soon: date, javascript: bool) -> None:
    page = open_page("desktop", javascript=javascript)
    keys = Keys(page)
    keys.sign_in(ESTHER, PASSWORD)
    keys.type("Name, date of birth, phone, e-mail or number", "boris")
    page.keyboard.press("Enter")
    keys.enter(page.locator("#main").get_by_role("link", name="Boris Đặng"))
    keys.enter(page.get_by_role("link", name="Book a visit"))
    choose(keys, f"#b{clinic.neurology}", f"#c{clinic.diallo}", f"#d{soon:%m%d}")
    keys.enter(page.locator("#t0900"))
    heading(page, "Confirm Boris Đặng's visit")
    keys.type("Symptoms", "Numb fingers")
    keys.enter(page.get_by_role("button", name="Confirm the visit"))
    expect(page.locator("#main")).to_contain_text("The visit is booked.")
    expect(page.locator("#main")).to_contain_text("Numb fingers")


def test_the_way_past_the_header_works(open_page: Opener, clinic: Cast) -> None:
    page = open_page()
    for path in ("/", "/book"):
        page.goto(path)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to content")
        assert skip.evaluate("node => node === document.activeElement"), "it comes first"
        assert skip.bounding_box()["x"] >= 0, "it is seen"  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


SWAPS = {
    "doctors by department": ("", "/doctors", "#department", "ArrowDown", "#doctor-list"),
    "own visits by status": (ANA, "/patient/appointments?status=completed", "#status", "ArrowDown", "#visit-list"),
    "visits of a doctor": (CHEN, "/doctor/appointments", "#status", "ArrowDown", "#visit-list"),
    "all visits": (ESTHER, "/admin/appointments", "#status", "ArrowDown", "#visit-list"),
    "accounts": (ESTHER, "/admin/users", "#role", "ArrowDown", "#user-list"),
    "another week": (CHEN, "/doctor/week", "#week-next", "Enter", "#week"),
    "another month": (CHEN, "/doctor/month", "#month-next", "Enter", "#month"),
    "another visit of the day": (CHEN, "/doctor/", ".q a[id^=q-]:not([aria-current])", "Enter", "#day-view"),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_swap_keeps_the_focus(open_page: Opener, live_server: LiveServer, clinic: Cast, swap: str) -> None:
    email, path, place, key, target = SWAPS[swap]
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, clock.today(), "08:00")
        factories.appointment(clinic.boris, clinic.chen, clock.today(), "08:30")
    page = open_page()
    if email:
        sign_in(page, email)
    page.goto(path)
    page.locator(target).evaluate("node => { node.dataset.before = '1' }")
    page.locator(place).focus()
    page.keyboard.press(key)
    expect(page.locator(f"{target}:not([data-before])")).to_be_visible()

    assert page.evaluate("document.activeElement.tagName") != "BODY", "the focus is lost"
