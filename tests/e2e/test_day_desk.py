"""A morning at the office's day desk: presses counted, by keys alone, and while somebody else changes the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from clinic import clock, scheduling
from tests import factories
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Hand
from tests.e2e.measures import wider
from tests.people import ESTHER, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def plant(live_server: LiveServer, clinic: Cast, on: date) -> None:
    """Eight visits of Dr Chen that wait to be confirmed, and Dr Diallo is away in the afternoon."""
    with live_server.app.app_context():
        factories.appointments(8, clinic.boris, clinic.chen, first_day=on)
        hours = scheduling.HOURS
        scheduling.take_leave(
            clinic.actor("esther"), doctor_id=clinic.diallo, first_day=on, from_time=hours[8], to_time=hours[-1]
        )


def focused(page: Page) -> str:
    """The words of what has the focus."""
    words: str = page.evaluate("document.activeElement.textContent.trim()")
    return words


def test_a_morning_at_the_desk(open_page: Opener, live_server: LiveServer, clinic: Cast) -> None:
    on = clock.today() + timedelta(days=3)
    plant(live_server, clinic, on)
    page = open_page("desktop")
    sign_in(page, ESTHER)
    page.goto(f"/admin/?day={on}")
    panel, grid = page.locator("#desk-panel"), page.locator("#desk-grid")
    expect(grid.get_by_role("row", name="Free in the afternoon")).to_contain_text("On leave")
    assert axe(page) == []

    # Eight are confirmed by two presses.
    hand = Hand(page)
    hand.press(page.get_by_text("8 waiting to be confirmed"))
    hand.press(page.get_by_role("button", name="Confirm all 8 shown"))
    expect(page.locator("#flash")).to_contain_text("8 visits are confirmed.")
    expect(grid.get_by_text("36, Confirmed")).to_have_count(8)
    assert hand.presses == 2

    # A known patient is booked by three.
    hand = Hand(page)
    hand.press(grid.get_by_role("link", name="Book 08:00, Dr Diallo"))
    expect(panel.get_by_label("Patient")).to_be_focused()
    page.keyboard.type("ana nguyen")
    hand.press(panel.get_by_text("Ana Nguyễn"))
    assert axe(page) == []
    hand.press_in_sight(panel.get_by_role("button", name="Book the visit"))
    expect(panel.get_by_role("heading", name="Ana Nguyễn")).to_be_visible()
    expect(grid.get_by_text("Ana Nguyễn")).to_be_visible()
    assert hand.presses == 3

    # A new caller by four and one form.
    hand = Hand(page)
    hand.press(grid.get_by_role("link", name="Book 08:30, Dr Diallo"))
    panel.get_by_label("What is it about?").fill("Headache")
    hand.press(panel.get_by_role("button", name="New patient"))
    hand.fill({"Full name": "Lan Phạm", "Phone": "0912345678", "Day": "3", "Month": "4", "Year": "1981"})
    page.get_by_label("Gender").select_option("female")
    hand.press(page.get_by_role("button", name="Continue to booking"))
    hand.press(panel.get_by_role("button", name="Book the visit"))
    expect(panel).to_contain_text("Headache")
    expect(grid.get_by_text("Lan Phạm")).to_be_visible()
    assert hand.presses == 4

    # By keys: the opened visit is confirmed by C, Escape gives the focus back, arrows go on.
    panel.focus()
    page.keyboard.press("c")
    expect(panel).to_contain_text("Confirmed")
    page.keyboard.press("Escape")
    assert "Lan Phạm" in focused(page)
    page.keyboard.press("ArrowUp")
    assert "Ana Nguyễn" in focused(page)
    page.keyboard.press("ArrowLeft")
    assert "Boris Đặng" in focused(page)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="Boris Đặng")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("c?m")
    expect(page.locator("#q")).to_have_value("c?m")

    # What somebody else changes appears by itself, and what is typed in the panel stays.
    grid.get_by_role("link", name="Book 09:30, Dr Diallo").click()
    panel.get_by_label("What is it about?").fill("Headache")
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, on, "16:00")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(grid.get_by_text("36, To confirm")).to_have_count(2)
    expect(panel.get_by_label("What is it about?")).to_have_value("Headache")
    expect(panel.get_by_label("What is it about?")).to_be_focused()
    expect(grid.locator("[aria-current]")).to_have_text("Book 09:30, Dr Diallo")


def test_on_a_phone_without_a_script(open_page: Opener, live_server: LiveServer, clinic: Cast) -> None:
    on = clock.today() + timedelta(days=3)
    plant(live_server, clinic, on)
    page = open_page("mobile", javascript=False)
    sign_in(page, ESTHER)
    page.goto(f"/admin/?day={on}")
    grid, panel = page.locator("#desk-grid"), page.locator("#desk-panel")
    expect(grid.get_by_text("Boris Đặng").first).to_be_visible()
    page.locator(".switcher [rel=next]").click()
    expect(grid.get_by_text("Boris Đặng").first).to_be_hidden()
    assert wider(page) == []
    grid.get_by_role("link", name="Book 08:00, Dr Diallo").click()
    panel.get_by_label("Patient").fill("ana")
    panel.get_by_label("What is it about?").fill("Headache")
    panel.get_by_role("button", name="Find the patient").click()
    expect(panel.get_by_label("What is it about?")).to_have_value("Headache")
    panel.get_by_text("Ana Nguyễn").click()
    panel.get_by_role("button", name="Book the visit").click()
    expect(panel.get_by_role("heading", name="Ana Nguyễn")).to_be_visible()
    panel.get_by_role("button", name="Confirm").click()
    expect(panel).to_contain_text("Confirmed")
    panel.get_by_role("link", name="Close").click()
    expect(panel).to_be_hidden()
