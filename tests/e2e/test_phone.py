"""What a phone shows first: the page begins on the first screen, and what was opened comes into view."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.i18n import LANGUAGES
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
def test_the_tab_bar_leads_to_the_offices_own_pages(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ESTHER)
    bar = page.get_by_role("navigation", name="Main")
    for words, path in (("Patients", "/admin/patients"), ("Visits", "/admin/appointments"), ("Today", "/admin/")):
        bar.get_by_role("link", name=words).click()
        expect(page).to_have_url(re.compile(f"{path}$"))
        expect(bar.locator("[aria-current]")).to_have_text(words)
        assert top(page, "h1") < HEIGHT / 3, path
        assert wider(page) == []
        expect(page.locator(".find input")).to_be_in_viewport(ratio=1)
        if javascript:
            assert axe(page) == []
    bar.get_by_role("link", name="More").click()
    page.get_by_role("main").get_by_role("link", name="Outbox").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Outbox")


def busy(live_server: LiveServer, clinic: Cast, day: date) -> int:
    """Twelve doctors with three visits each on this day; the last one's id."""
    with live_server.app.app_context():
        last = 0
        for each in range(12):
            department = factories.department(f"A long name of a department {each}")
            last = factories.doctor(f"Dr No {each:02}", department_id=department)
            factories.appointments(3, factories.patient(f"Patient {each:02}"), last, first_day=day)
    return last


def test_the_day_of_many_doctors_begins_on_the_first_screen(
    open_page: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    today = clock.today()
    last = busy(live_server, clinic, today)
    page = open_page("mobile")
    sign_in(page, ESTHER)
    page.goto(f"/admin/?day={today}&doctor={last}")
    assert top(page, ".counts") < HEIGHT * 0.5
    assert wider(page) == []
    expect(page.locator(".counts [aria-current]")).to_be_in_viewport(ratio=1)
    assert axe(page) == []


#: How many elements are wholly within the window.
IN_SIGHT = """selector => [...document.querySelectorAll(selector)].filter(each => {
  const box = each.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
}).length"""


def test_a_receptionists_screen_shows_a_dozen_visits(open_page: Opener, live_server: LiveServer, clinic: Cast) -> None:
    today = clock.today()  # told to the page too: midnight may come in between
    busy(live_server, clinic, today)
    page = open_page("desktop")
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, ESTHER)
    page.goto(f"/admin/?day={today}")
    page.evaluate("document.getElementById('desk-box').scrollTop = 0")
    expect(page.locator("#desk-grid a.v")).to_have_count(36)
    assert page.evaluate(IN_SIGHT, "#desk-grid a.v") >= 12
    assert axe(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visit_that_is_opened_from_the_queue_comes_into_view(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    with live_server.app.app_context():
        for each, at in enumerate(SLOT_TIMES):
            factories.appointment(factories.patient(f"Patient {each:02}"), clinic.chen, clock.today(), f"{at:%H:%M}")
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


#: Dots between facts that can be seen, though the fact before them stands on an earlier line.
_LOOSE_DOTS = """() => [...document.querySelectorAll('.dots i')].filter(dot => {
  const before = dot.parentElement.previousElementSibling.getBoundingClientRect();
  const [box, line] = [dot.getBoundingClientRect(), dot.closest('.dots').getBoundingClientRect()];
  const cut = line.left + parseFloat(getComputedStyle(dot.parentElement).fontSize) - 4;
  return before.bottom <= box.top + 1 && (box.left + box.right) / 2 > cut;
}).length"""


def test_no_line_begins_or_ends_with_a_dot(open_page: Opener, clinic: Cast) -> None:
    page = open_page("mobile", language="vi", viewport={"width": 320, "height": HEIGHT})
    page.goto("/doctors")
    assert page.locator(".dots i").count() > 1
    assert page.evaluate(_LOOSE_DOTS) == 0
    assert " · " not in page.locator(".doclist").evaluate("node => node.innerHTML")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [360, 390, 412])
def test_a_doctors_places_stand_in_one_row(open_page: Opener, clinic: Cast, language: str, width: int) -> None:
    page = open_page("mobile", language=language, viewport={"width": width, "height": HEIGHT})
    sign_in(page, CHEN)
    rows = {round(place.bounding_box()["y"]) for place in page.locator("nav.nav a").all()}  # type: ignore[index]
    assert len(rows) == 1
