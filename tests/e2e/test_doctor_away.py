"""A doctor with twelve visits is ill: reception settles all of them, and how many presses that costs."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from clinic import scheduling
from tests import factories
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.measures import wider
from tests.people import ESTHER, Cast
from tests.servers import LiveServer

#: As many as the way there, the leave, the list and two calls may cost.
MOST = 8
COUNTED = """addEventListener('click', event => {
  if (event.isTrusted) sessionStorage.presses = Number(sessionStorage.presses || 0) + 1
}, true)"""


def twelve_visits(live_server: LiveServer, clinic: Cast, on: date) -> None:
    """Plant twelve visits of Dr Chen, two of them of patients without an e-mail, and a colleague who is free."""
    with live_server.app.app_context():
        factories.doctor("Dr Tran", department_id=clinic.cardiology)
        for number, at in enumerate(scheduling.SLOT_TIMES[:12]):
            made = factories.patient if number > 1 else factories.patient_without_email
            factories.appointment(made(f"Patient {number:02}"), clinic.chen, on, at, status="confirmed")


def presses(page: Page) -> int:
    return int(page.evaluate("sessionStorage.presses || 0"))


def test_twelve_visits_are_settled_with_few_presses(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    twelve_visits(live_server, clinic, soon)
    page = open_page("desktop")
    page.add_init_script(COUNTED)
    sign_in(page, ESTHER)
    page.goto(f"/admin/doctors/{clinic.chen}")
    page.evaluate("sessionStorage.presses = 0")

    page.get_by_role("link", name="Leave", exact=True).click()
    page.get_by_label("First day").fill(soon.isoformat())
    page.get_by_role("button", name="Add this leave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dr Chen is away")
    page.get_by_label("Reason").fill("Dr Chen is ill")
    page.get_by_role("button", name="Settle the chosen visits and tell the patients").click()
    expect(page.locator("#main")).to_contain_text("10 of 12 settled")
    for left in (1, 0):
        page.get_by_role("button", name="Told by phone").first.click()
        expect(page.locator("#main")).to_contain_text(f"{12 - left} of 12 settled")

    assert presses(page) <= MOST
    with live_server.app.app_context():
        assert scheduling.count_to_settle(clinic.actor("esther")) == 0


def test_the_list_fits_a_phone_and_is_settled_by_keyboard_without_a_script(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    twelve_visits(live_server, clinic, soon)
    with live_server.app.app_context():
        scheduling.take_leave(clinic.actor("chen"), first_day=soon)
    page = open_page("mobile", javascript=False)
    sign_in(page, ESTHER)
    page.goto("/admin/settling")
    assert wider(page) == []
    chosen = page.get_by_role("group", name="Patient 02").get_by_role("radio").first
    expect(chosen).to_be_checked()
    chosen.focus()
    page.keyboard.press("ArrowRight")
    expect(chosen).not_to_be_checked()
    page.get_by_role("button", name="Settle the chosen visits and tell the patients").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("10 visits are settled.")
