"""How every page looks: axe in both themes, nothing that scrolls sideways, targets that a thumb can hit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from clinic import clock
from tests import factories
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.people import ANA, CHEN, ESTHER, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

#: The narrowest phone still in use, and the one of the look.
WIDTHS = (320, 390)
#: WCAG 2.2, target size (minimum). Links inside a sentence are excepted there.
TARGET = 24

GUEST = [
    "/",
    "/departments",
    "/departments/{cardiology}",
    "/doctors",
    "/doctors?search=zzz",
    "/doctors/{chen}",
    "/login?next=/book?department=1",
    "/register",
    "/forgot-password",
    "/forgot-password?sent=1",
    "/reset-password/x/y",
    "/privacy",
    "/book",
    "/book?department={cardiology}&doctor={chen}&day={today}",
    "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/book?department={cardiology}&doctor={chen}&day=2020-01-01",
    "/nowhere",
]
PATIENT = [
    "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00&review=1",
    "/patient/",
    "/patient/appointments",
    "/patient/appointments?status=cancelled",
    "/patient/appointments/{booked}?booked=1",
    "/patient/appointments/{seen}",
    "/patient/appointments/{booked}/cancel",
    "/patient/appointments/{booked}/reschedule?day={day}&time=10:00",
    "/patient/appointments/{seen}/record",
    "/patient/appointments/{confirmed}/record",
    "/patient/appointments/{seen}/prescription",
    "/patient/appointments?date_from=x",
    "/patient/records",
    "/patient/profile",
    "/patient/trail",
    "/account/",
    "/account/password",
    "/account/devices",
    "/account/devices/all/end",
]
DOCTOR = [
    "/doctor/?day={day}",
    "/doctor/",
    "/doctor/appointments/{booked}",
    "/doctor/appointments/{seen}",
    "/doctor/appointments/{confirmed}/service",
    "/doctor/appointments/{confirmed}/record",
    "/doctor/appointments/{seen}/record",
    "/doctor/appointments/{booked}/cancel",
    "/doctor/appointments/{booked}/notes",
    "/doctor/appointments/{booked}/reschedule?day={day}&time=10:00",
    "/doctor/week?day={day}",
    "/doctor/appointments",
    "/doctor/appointments?search=zzz&date_from=x",
    "/doctor/patients",
    "/doctor/patients/{ana}",
    "/doctor/leave",
    "/doctor/profile",
]
OFFICE = [
    "/admin/",
    "/admin/?day={day}",
    "/admin/find?q=ana",
    "/admin/appointments",
    "/admin/appointments/{booked}",
    "/admin/book?patient={ana}&department={cardiology}",
    "/admin/departments",
    "/admin/departments/{cardiology}",
    "/admin/doctors",
    "/admin/doctors/{chen}/leave",
    "/admin/users",
    "/admin/trail",
    "/admin/outbox",
    "/admin/numbers",
]
EVERYBODY = {"": GUEST, ANA: PATIENT, CHEN: DOCTOR, ESTHER: OFFICE}


@pytest.fixture
def places(live_server: LiveServer, clinic: Cast) -> dict[str, object]:
    """A clinic with visits in every state, and what the addresses are filled in with."""
    today = clock.today()
    day = today + timedelta(days=3)
    with live_server.app.app_context():
        seen = factories.visit(clinic.ana, clinic.chen, today - timedelta(days=20), status="completed")
        factories.record(seen, clinic.chen, follow_up_date=day)
        booked = factories.visit(clinic.ana, clinic.chen, day, "10:30", room_id=clinic.chens_room)
        confirmed = factories.visit(clinic.ana, clinic.chen, day, "13:00", status="confirmed")
        factories.visit(clinic.ana, clinic.diallo, day, "15:00", status="cancelled", cancellation_reason="Well again")
        factories.visit(clinic.boris, clinic.chen, day, "14:00")
        factories.visits(24, clinic.boris, clinic.diallo, first_day=date(2026, 1, 5), status="completed")
    return {**vars(clinic), "today": today, "day": day, "seen": seen, "booked": booked, "confirmed": confirmed}


def tour(page: Page, places: dict[str, object]) -> Iterator[str]:
    """Open every page of the portal, each as somebody who may."""
    for email, paths in EVERYBODY.items():
        if email:
            page.context.clear_cookies()
            sign_in(page, email)
        for path in paths:
            page.goto(path.format(**places))
            yield path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Opener, places: dict[str, object], scheme: str) -> None:
    page = open_page("desktop", scheme=scheme)  # type: ignore[arg-type]
    found = {path: problems for path in tour(page, places) if (problems := axe(page))}

    assert not found, "\n".join(f"{path}\n{problem}" for path, problems in found.items() for problem in problems)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(open_page: Opener, places: dict[str, object], scheme: str) -> None:
    page = open_page("mobile", scheme=scheme)  # type: ignore[arg-type]
    found = {path: problems for path in tour(page, places) if (problems := axe(page))}

    assert not found, "\n".join(f"{path}\n{problem}" for path, problems in found.items() for problem in problems)


def test_a_refused_form_is_good_too(open_page: Opener, places: dict[str, object]) -> None:
    page = open_page("mobile")
    page.goto("/register")
    page.get_by_role("button", name="Register").click()
    page.wait_for_selector("[aria-invalid]")

    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert not axe(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways_but_the_days(open_page: Opener, places: dict[str, object], width: int) -> None:
    page = open_page("mobile", viewport={"width": width, "height": 800})
    wide = [
        f"{path}: {page.evaluate(WIDER)}"
        for path in tour(page, places)
        if page.evaluate("document.documentElement.scrollWidth") > width
    ]

    assert not wide, "\n".join(wide)


WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(node => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest('.days, .vh, .skip, .scroll'))
  .slice(0, 4).map(node => node.outerHTML.slice(0, 90))"""


def test_everything_can_be_hit_with_a_thumb(open_page: Opener, places: dict[str, object]) -> None:
    page = open_page("mobile")
    small = {path: found for path in tour(page, places) if (found := page.evaluate(SMALL, TARGET))}

    assert not small, small


# A link whose ::after covers its card is as large as the card; a radio button as large as its label.
SMALL = """(least) => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
  .filter(node => !node.closest('.skip') && node.getClientRects().length)
  .filter(node => !(node.tagName === 'A' && getComputedStyle(node).display === 'inline' && node.closest('p, li, dd, td')))
  .filter(node => getComputedStyle(node, '::after').position !== 'absolute')
  .map(node => node.closest('label, .choice') || node)
  .filter(node => { const box = node.getBoundingClientRect(); return box.width < least || box.height < least })
  .map(node => node.outerHTML.slice(0, 100))"""


def test_still_for_those_who_want_it_still(open_page: Opener, places: dict[str, object]) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto("/book")

    assert page.evaluate(
        "[...document.querySelectorAll('*')].every(node => getComputedStyle(node).transitionProperty === 'none'"
        " || parseFloat(getComputedStyle(node).transitionDuration) === 0)"
    )
