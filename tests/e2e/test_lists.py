"""A long list in a real browser, by keyboard: page by page, back by the browser's own button, with and without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.people import CHEN, Cast
from tests.servers import LiveServer

LIST = "/doctor/appointments?status=completed"


def first_row(page: Page) -> str:
    """When the first visit of the page is."""
    return page.locator("#visit-list tbody tr").first.locator("td").first.inner_text()


@pytest.mark.parametrize("javascript", [True, False])
def test_pages_by_keyboard(open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool) -> None:
    with live_server.app.app_context():
        factories.appointments(45, clinic.ana, clinic.chen, first_day=date(2026, 1, 5), status="completed")
    page = open_page("mobile", javascript=javascript)
    sign_in(page, CHEN)
    page.goto(LIST)
    starts = [first_row(page)]
    for _ in range(2):
        page.get_by_role("link", name="Next").press("Enter")
        expect(page.locator("#visit-list tbody tr").first).not_to_contain_text(starts[-1])
        expect(page).to_have_url(re.compile("status=completed&after="))
        starts.append(first_row(page))
    expect(page.locator("#page-next")).to_have_attribute("aria-disabled", "true")
    if javascript:
        # The list changed under the reader's finger: the focus is where it was, the list begins at the top.
        expect(page.locator("#page-next")).to_be_focused()
        assert abs(page.locator("#visit-list").bounding_box()["y"]) < 100  # type: ignore[index]
        assert axe(page) == []
    page.go_back()
    expect(page.locator("#visit-list tbody tr").first).to_contain_text(starts[1])
    page.get_by_role("link", name="First page").press("Enter")
    expect(page.locator("#visit-list tbody tr").first).to_contain_text(starts[0])
    assert page.url.endswith(LIST)


def test_a_list_is_heard_and_a_wrong_day_is_said_at_once(open_page: Opener, clinic: Cast) -> None:
    """The region that is heard is the same one before and after; what is wrong with a day goes once it is right."""
    page = open_page()
    sign_in(page, CHEN)
    page.goto("/doctor/appointments?date_from=soon")
    page.evaluate("document.getElementById('live').lasting = true")
    day, wrong = page.get_by_label("From", exact=True), page.locator("#date_from-err")
    expect(wrong).to_contain_text("“soon” isn't a date.")
    day.fill("31/2/2026")
    day.press("Enter")
    expect(wrong).to_contain_text("“31/2/2026” isn't a date.")
    expect(day).to_have_attribute("aria-invalid", "true")
    day.fill("2026-03-31")
    day.press("Enter")
    expect(wrong).to_be_empty()
    expect(day).not_to_have_attribute("aria-invalid", "true")
    page.get_by_label("Patient").fill("nobody at all")
    expect(page.locator("#live")).to_have_text("0 visits")
    assert page.evaluate("document.getElementById('live').lasting")
    assert axe(page) == []
