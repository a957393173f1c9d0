"""How much a new patient has to do: from the home page to a booked visit in six interactions and one typed form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import Opener
from tests.e2e.hand import Hand
from tests.e2e.test_story import PATIENT
from tests.people import Cast

MOST = 6


def soonest(page: Page) -> list[Locator]:
    """The clinic's next free time."""
    return [page.get_by_role("link", name="Take this time")]


def of_a_doctor(page: Page) -> list[Locator]:
    """The next free time on a doctor's card of the first page."""
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Dr Diallo", exact=True))
    return [card.locator(".time-link")]


def of_a_department(page: Page) -> list[Locator]:
    """A department, and the next free time of a doctor of it."""
    return [page.locator("main").get_by_role("link", name="Cardiology"), page.locator(".time-link").first]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("way", [soonest, of_a_doctor, of_a_department])
@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_new_patient_books_in_six_interactions(
    open_page: Opener, clinic: Cast, way: object, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    page.goto("/")
    hand = Hand(page)
    for target in way(page):  # type: ignore[operator]
        hand.press(target)
    hand.press(page.get_by_role("link", name="New here? Register and confirm"))
    hand.fill(PATIENT)
    hand.select("Gender", "female")
    hand.press(page.get_by_role("button", name="Register"))
    hand.press(page.get_by_role("button", name="Confirm the visit"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    assert hand.presses <= MOST, hand.presses
