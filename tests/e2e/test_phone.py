"""What a phone shows first: the page begins on the first screen, and what was opened comes into view."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.scheduling import SLOT_TIMES
from tests import factories
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.e2e.measures import wider
from tests.people import CHEN, ESTHER, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
HEIGHT = 844


def top(page: Page, selector: str) -> float:
    """How far below the window's upper edge something begins."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("javascript", [True, False])
def test_the_offices_places_are_one_row_that_tab_goes_along(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ESTHER)
    for path in ("/admin/", "/admin/outbox"):
        page.goto(path)
        assert top(page, "h1") < HEIGHT / 3, path
        assert wider(page) == []
        if javascript:
            expect(page.locator(".office [aria-current]")).to_be_in_viewport(ratio=1)
            assert axe(page) == []
    page.goto("/admin/")
    outbox = page.locator(".office").get_by_role("link", name="Outbox")
    expect(outbox).not_to_be_in_viewport()
    page.locator(".find button").focus()
    for _ in range(page.locator(".office li").count()):
        page.keyboard.press("Tab")
    expect(outbox).to_be_focused()
    expect(outbox).to_be_in_viewport(ratio=1 if javascript else 0.5)
    outbox.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Outbox")


def test_the_day_of_many_doctors_begins_on_the_first_screen(
    open_page: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    with live_server.app.app_context():
        last = 0
        for each in range(12):
            department = factories.department(f"A long name of a department {each}")
            last = factories.doctor(f"Dr No {each:02}", department_id=department)
            factories.visit(clinic.ana, last, clock.today(), f"{SLOT_TIMES[each]:%H:%M}")
    page = open_page("mobile")
    sign_in(page, ESTHER)
    page.goto(f"/admin/?doctor={last}")
    assert top(page, ".counts") < HEIGHT * 0.7
    assert wider(page) == []
    expect(page.locator(".groups").nth(1).locator("[aria-current]")).to_be_in_viewport(ratio=1)
    assert axe(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visit_that_is_opened_from_the_queue_comes_into_view(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    with live_server.app.app_context():
        for each, at in enumerate(SLOT_TIMES):
            factories.visit(factories.patient(f"Patient {each:02}"), clinic.chen, clock.today(), f"{at:%H:%M}")
    page = open_page("mobile", javascript=javascript, reduced_motion="reduce")
    sign_in(page, CHEN)
    page.goto("/doctor/")
    page.get_by_role("link", name="Patient 11").click()
    opened = page.get_by_role("heading", level=1, name="Patient 11")
    expect(opened).to_be_in_viewport(ratio=1)
    assert top(page, "h1") < HEIGHT / 4
    if javascript:
        expect(opened).to_be_focused()
    wide = open_page("desktop", javascript=javascript)
    sign_in(wide, CHEN)
    wide.goto("/doctor/")
    wide.get_by_role("link", name="Patient 11").click()
    expect(wide.get_by_role("heading", level=1, name="Patient 11")).to_be_in_viewport()
    assert wide.evaluate("scrollY") == 0, "beside the queue nothing moves"
