"""How every page looks: axe in both themes, nothing that scrolls sideways or is cut, targets that a thumb can hit, Tab.

One visit of a page does several checks: a tour of all pages is what takes the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from flask import Flask
from playwright.sync_api import Page

from clinic.i18n import LANGUAGES
from tests.browser import Opener, axe
from tests.e2e.measures import enlarge, focus_faults, lost_texts, parted_times, places_lost, small, wider
from tests.e2e.tour import Places, not_toured, places, tour

__all__ = ["places"]

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

#: The narrowest phone still in use (WCAG's reflow), and the one of the look.
NARROW = {"width": 320, "height": 800}
PHONE = {"width": 390, "height": 844}
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def look(page: Page, places: Places, *checks: Callable[[Page], Iterable[str]]) -> None:
    """Take a tour and fail with everything that the checks find."""
    found = {path: [fault for check in checks for fault in check(page)] for path in tour(page, places)}

    assert not any(found.values()), "\n".join(
        f"{path}\n  {fault}" for path, faults in found.items() for fault in dict.fromkeys(faults)
    )


def speaking(open_page: Opener, device: str, language: str, **options: object) -> Page:
    """A window in a language that stays when people sign in."""
    page = open_page(device, language=language, **options)  # type: ignore[arg-type]
    page.goto("/")
    page.context.add_cookies([{"name": "lang", "value": language, "url": page.url}])
    return page


def narrow(page: Page) -> list[str]:
    """What doesn't fit the narrowest phone, or is cut there."""
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    faults = [f"at 320 pixels: {fault}" for fault in (*wider(page), *lost_texts(page))]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return faults


def large(page: Page) -> list[str]:
    """What is lost when the text has twice its size."""
    enlarge(page, 200)
    found = (*wider(page), *lost_texts(page), *places_lost(page), *parted_times(page))
    faults = [f"at 200 %: {fault}" for fault in found]
    enlarge(page, 100)
    return faults


def test_the_tour_is_complete(app: Flask) -> None:
    assert not not_toured(app), "give these pages a place in tests/e2e/tour.py"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_tab_goes_everywhere(open_page: Opener, places: Places, scheme: str) -> None:
    page = open_page("desktop", scheme=scheme)  # type: ignore[arg-type]
    look(page, places, axe, focus_faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(open_page: Opener, places: Places, scheme: str) -> None:
    page = open_page("mobile", scheme=scheme)  # type: ignore[arg-type]
    if scheme == "dark":
        look(page, places, axe)
    else:
        look(page, places, axe, small, focus_faults)


def test_everything_fits_a_phone(open_page: Opener, places: Places) -> None:
    look(speaking(open_page, "mobile", "en"), places, wider, lost_texts, places_lost, parted_times, narrow, large)


def test_vietnamese_fits_a_phone_and_is_good_for_axe_too(open_page: Opener, places: Places) -> None:
    look(speaking(open_page, "mobile", "vi"), places, wider, lost_texts, places_lost, parted_times, narrow, large, axe)


@IN_EACH_LANGUAGE
def test_text_of_twice_its_size_loses_nothing(open_page: Opener, places: Places, language: str) -> None:
    look(speaking(open_page, "desktop", language), places, lost_texts, large)


def test_a_refused_form_is_good_too(open_page: Opener, places: Places) -> None:
    page = open_page("mobile")
    page.goto("/register")
    page.get_by_role("button", name="Register").click()
    page.wait_for_selector("[aria-invalid]")

    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert not axe(page)


def test_still_for_those_who_want_it_still(open_page: Opener, places: Places) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto("/book")

    assert page.evaluate(
        "[...document.querySelectorAll('*')].every(node => getComputedStyle(node).transitionProperty === 'none'"
        " || parseFloat(getComputedStyle(node).transitionDuration) === 0)"
    )
