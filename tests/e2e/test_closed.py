"""How the portal looks when it can't serve: closed for maintenance, and with its database away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from clinic.operations import maintenance
from tests.browser import Opener, axe
from tests.servers import LiveServer

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NARROWEST = 320


@pytest.fixture
def server(start_server: Callable[..., LiveServer], tmp_path: Path) -> LiveServer:
    return start_server(maintenance_file=tmp_path / "closed.json", clinic_phone="028 3822 1234")


@pytest.fixture
def windows(browser: Browser, server: LiveServer) -> Iterator[Opener]:
    opener = Opener(browser, server.url)
    opener.expect("answered 503")
    opener.expect("Status Error Code 503")
    yield opener
    opener.close()
    assert not opener.problems()


def look(page: Page, heading: str) -> None:
    """The page has its style and its name, fits, and axe finds nothing."""
    assert page.locator("h1").inner_text() == heading
    assert page.get_by_role("link", name="Sen Clinic").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.btn')).borderRadius") != "0px"
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
    assert not axe(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_portal_that_cannot_serve_looks_like_itself(
    windows: Opener, server: LiveServer, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    page = windows("mobile", scheme=scheme, viewport={"width": NARROWEST, "height": 700})
    with server.database.away():
        page.goto("/doctors")
        look(page, "One moment, please")
        maintenance.begin(tmp_path / "closed.json", minutes=20, note="We move to a new server.")
        page.goto("/doctors")
        look(page, "We'll be back soon")
        maintenance.end(tmp_path / "closed.json")
    page.get_by_role("link", name="Try again").click()
    assert page.locator("h1").inner_text() == "Doctors"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_filter_that_meets_maintenance_shows_its_page(windows: Opener, server: LiveServer, tmp_path: Path) -> None:
    """What htmx asks for in the background is shown as a page of its own."""
    page = windows()
    page.goto("/doctors")
    maintenance.begin(tmp_path / "closed.json")
    page.get_by_role("searchbox", name="Name").fill("chen")
    page.get_by_role("heading", name="We'll be back soon").wait_for()
