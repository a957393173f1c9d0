"""The cast in a real clinic: a running server, and windows on it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from clinic import clock
from tests.people import PASSWORD, Cast


@pytest.fixture
def clinic(live_cast: Cast) -> Cast:
    """The cast, planted in the database of the running server."""
    return live_cast


@pytest.fixture
def soon() -> date:
    """A day on which every time is free and can still be cancelled."""
    return clock.today() + timedelta(days=3)


def sign_in(page: Page, email: str, password: str = PASSWORD, *, code: str = "") -> None:
    """Sign in by the form, from wherever the window is and in whatever language; by a ``code`` too where one is needed."""
    page.goto("/login")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("main form button:not([type=button])").click()
    if code:
        page.wait_for_url("**/login/second-factor*")
        page.locator("#code").fill(code)
        page.locator("main form button:not([type=button])").click()
    page.wait_for_url(lambda url: "/login" not in url)
