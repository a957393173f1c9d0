"""How much a new patient has to do: from the home page to a booked visit in four presses and one form, and never scrolling
for what comes next.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from clinic.i18n import LANGUAGES
from tests.browser import Opener
from tests.e2e.hand import Hand, Keys
from tests.e2e.test_story import PATIENT
from tests.people import ANA, PASSWORD, Cast

MOST = 4
WINDOWS = {"phone": (390, 844), "small-phone": (360, 740), "laptop": (1280, 800)}

pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"]),
    pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"]),
]


def soonest(page: Page) -> list[Locator]:
    """The clinic's next free time."""
    return [page.get_by_role("link", name="Take this time")]


def of_a_doctor(page: Page) -> list[Locator]:
    """The next free time on a doctor's card of the first page."""
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Dr Diallo", exact=True))
    return [card.locator(".time-link").first]


def of_a_department(page: Page) -> list[Locator]:
    """A department, and the next free time of a doctor of it."""
    return [page.locator("main").get_by_role("link", name="Cardiology"), page.locator(".time-link").first]


@pytest.mark.parametrize(("way", "more"), [(soonest, 0), (of_a_doctor, 0), (of_a_department, 1)])
@pytest.mark.parametrize("window", WINDOWS)
def test_a_new_patient_books_in_four_presses_and_never_scrolls_for_the_next(
    open_page: Opener, clinic: Cast, way: Callable[[Page], list[Locator]], more: int, window: str, javascript: bool
) -> None:
    width, height = WINDOWS[window]
    page = open_page("mobile", javascript=javascript, viewport={"width": width, "height": height})
    page.goto("/")
    hand = Hand(page)
    for target in way(page):
        (hand.press_in_sight if way is soonest else hand.press)(target)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your visit")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    hand.press_in_sight(page.get_by_role("link", name="New here? Register and confirm"))
    expect(page.locator("#main")).to_contain_text("You're booking")
    expect(page.get_by_label("Full name")).to_be_in_viewport(ratio=1)
    page.get_by_label("Gender").select_option("female")
    hand.fill(PATIENT)
    register = page.get_by_role("button", name="Register")
    Keys(page).go(register)  # as from field to field
    hand.press_in_sight(register)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your visit")
    expect(page.locator("#flash")).to_contain_text("One step left")
    expect(page.locator("#flash")).to_be_in_viewport(ratio=1)
    expect(page.locator("#rule")).to_be_in_viewport(ratio=1)
    hand.press_in_sight(page.get_by_role("button", name="Confirm my visit"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")

    assert hand.presses <= MOST + more, hand.presses


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 640)])
def test_the_first_thing_to_press_is_whole_on_a_small_phone(
    open_page: Opener, clinic: Cast, javascript: bool, language: str, width: int, height: int
) -> None:
    page = open_page("mobile", javascript=javascript, language=language, viewport={"width": width, "height": height})
    page.goto("/")
    take, places = page.locator(".slip .btn").bounding_box(), page.locator("nav.nav").bounding_box()
    assert take is not None
    assert places is not None
    assert take["y"] + take["height"] <= places["y"]


@pytest.mark.parametrize("window", WINDOWS)
def test_whoever_signs_in_in_the_midst_arrives_at_the_one_thing_left(
    open_page: Opener, clinic: Cast, window: str, javascript: bool
) -> None:
    width, height = WINDOWS[window]
    page = open_page("mobile", javascript=javascript, viewport={"width": width, "height": height})
    page.goto("/")
    hand = Hand(page)
    hand.press(page.get_by_role("link", name="Take this time"))
    hand.press_in_sight(page.get_by_role("link", name="Sign in and confirm"))
    page.locator("#email").fill(ANA)
    page.locator("#password").fill(PASSWORD)
    hand.press_in_sight(page.locator("main").get_by_role("button", name="Sign in", exact=True))
    hand.press_in_sight(page.get_by_role("button", name="Confirm my visit"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


@pytest.mark.parametrize("made", [1, 2, 3])
def test_a_link_with_fewer_choices_shows_the_next_one(
    open_page: Opener, clinic: Cast, made: int, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    page.goto(f"/doctors/{clinic.chen}")
    all_times = page.get_by_role("link", name="All free times").get_attribute("href") or ""
    day = page.locator(".time-link").first.get_attribute("href") or ""
    on = day.partition("day=")[2].partition("&")[0]
    query = "&".join([f"department={clinic.cardiology}", f"doctor={clinic.chen}", f"day={on}"][:made])
    page.goto(f"/book?{query}#{all_times.partition('#')[2]}")

    first = [
        page.locator(f"#c{clinic.chen}"),
        page.locator("#d" + on[5:].replace("-", "")),
        page.locator(".slots a").first,
    ]
    expect(first[made - 1]).to_be_in_viewport(ratio=1)
    expect(page.locator("#next")).to_be_focused()
