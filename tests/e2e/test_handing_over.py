"""The office hands a visit over in three presses, on a phone without JavaScript as on a desk with it."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Hand, Keys
from tests.people import ESTHER, Cast
from tests.servers import LiveServer

PRESSES = 3


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_visit_is_handed_over_in_three_presses(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    with live_server.app.app_context():
        number = factories.appointment(clinic.ana, clinic.chen, soon, "09:00", status="confirmed")
    page = open_page("mobile", javascript=False)
    sign_in(page, ESTHER)
    page.goto(f"/admin/appointments/{number}")
    hand = Hand(page)
    hand.press(page.get_by_role("link", name="Hand over"))
    hand.press(page.get_by_text("Dr Diallo"))
    hand.press(page.get_by_role("button", name="Hand over"))
    expect(page.locator("#flash")).to_contain_text("Dr Diallo now has this visit on")
    assert hand.presses == PRESSES

    page = open_page("desktop")
    sign_in(page, ESTHER)
    page.goto(f"/admin/appointments/{number}")
    keys = Keys(page)
    keys.enter(page.get_by_role("link", name="Hand over"))
    keys.go(page.get_by_role("radio").first)
    page.keyboard.press("Space")
    keys.enter(page.get_by_role("button", name="Hand over"))
    expect(page.locator("#flash")).to_contain_text("Dr Chen now has this visit on")
