"""The booking pages in a real browser: history, focus, what is pressed, a lost race, and what they weigh."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Page, Request, Route, expect

from clinic import scheduling
from tests.browser import Opener, wait_until
from tests.e2e.conftest import sign_in
from tests.people import ANA, BORIS, Cast
from tests.servers import LiveServer

JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])


CONFIRM = "Confirm my visit"
REASON = "Reason for your visit"
#: Tells how a choice looks a moment after it was pressed: a page can't be asked while it waits for the next one.
WATCH = """() => document.addEventListener("click", ({ target }) => setTimeout(() => {
  const [node, mark] = [undefined, "::after"].map((part) => getComputedStyle(target.closest(".pick"), part));
  tellLook(node.cursor, mark.content);
}, 300), true)"""


def choices(clinic: Cast, day: date, at: str | None = None) -> str:
    """The address of the booking page with Dr Chen and a day chosen."""
    address = f"/book?department={clinic.cardiology}&doctor={clinic.chen}&day={day}"
    return address + (f"&time={at}" if at else "")


def review(clinic: Cast, day: date) -> str:
    """The address where half past ten with Dr Chen is reviewed."""
    return choices(clinic, day, "10:30").replace("/book?", "/book/review?")


def chosen(page: Page) -> list[str]:
    """What is chosen on the page."""
    return page.locator("#booking [aria-current]").evaluate_all("nodes => nodes.map(node => node.id)")


@JAVASCRIPT
def test_back_forward_and_reload_show_what_the_address_says(
    open_page: Opener, clinic: Cast, soon: date, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto("/book")
    made = [f"b{clinic.cardiology}", f"c{clinic.chen}", f"d{soon:%m%d}"]
    for link in made:
        page.locator(f"#{link}").click()
        expect(page.locator(f"#{link}[aria-current]")).to_be_visible()
    assert chosen(page) == made
    page.locator("#t1030").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Confirm your visit")

    page.go_back()
    expect(page.locator(f"#{made[2]}[aria-current]")).to_be_visible()
    assert chosen(page) == made
    page.go_back()
    expect(page.locator(f"#{made[2]}[aria-current]")).to_have_count(0)
    page.go_forward()
    expect(page.locator(f"#{made[2]}[aria-current]")).to_be_visible()
    page.reload()
    assert chosen(page) == made
    page.go_forward()
    expect(heading).to_have_text("Confirm your visit")
    page.reload()
    expect(page.locator(".slip .time")).to_have_text("10:30")
    assert "time=10:30" in page.url


@JAVASCRIPT
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_later_week_is_one_press_away_on_a_phone(open_page: Opener, clinic: Cast, javascript: bool) -> None:
    page = open_page("mobile", javascript=javascript)
    page.goto(f"/book?department={clinic.cardiology}&doctor={clinic.chen}")
    last = page.locator(".weeks a").last
    first_day = page.locator(last.get_attribute("href") or "")
    expect(first_day).not_to_be_in_viewport(ratio=0.5)
    last.click()
    expect(first_day).to_be_in_viewport(ratio=1)
    expect(last).to_be_in_viewport(ratio=1)
    month = page.locator(".days .month").bounding_box()
    assert month is not None
    assert month["width"] > month["height"], "its name stands on one line"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_was_pressed_says_so_until_the_answer_is_there(open_page: Opener, clinic: Cast, soon: date) -> None:
    """On a slow line; a choice that stays on the page by htmx, one that leads to another by the browser."""
    page = open_page("mobile")
    page.goto(choices(clinic, soon))
    held: list[Route] = []
    page.route(lambda url: "/book" in url, lambda route: held.append(route))  # noqa: PLW0108 - it wants a function
    looks: list[tuple[str, str]] = []
    page.expose_function("tellLook", lambda cursor, mark: looks.append((cursor, mark)))
    page.evaluate(WATCH)
    other = f"d{soon + timedelta(days=1):%m%d}"
    for pressed in (other, "t1030"):
        page.locator(f"#{pressed}").click(no_wait_after=True)
        wait_until(page, lambda: looks and held)
        held.pop().continue_()
        if pressed == other:
            expect(page.locator(f"#{other}[aria-current]")).to_be_visible()
            expect(page.locator(".htmx-request")).to_have_count(0)
        else:
            expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your visit")
        assert looks.pop() == ("progress", '""'), "it is marked, and something moves"
    page.unroute_all()
    page.go_back()
    expect(page.locator("#t1030")).not_to_have_attribute("aria-busy", "true")


def test_who_goes_forward_twice_sees_the_second_page_however_slow_the_first(
    open_page: Opener, clinic: Cast, soon: date
) -> None:
    page = open_page()
    first, second, third = (soon + timedelta(days=number) for number in range(3))
    page.goto(choices(clinic, first))
    for day in (second, third):
        page.locator(f"#d{day:%m%d}").click()
        expect(page.locator(f"#d{day:%m%d}[aria-current]")).to_be_visible()
    for day in (second, first):
        page.go_back()
        expect(page.locator(f"#d{day:%m%d}[aria-current]")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/book?*day={second}*", hold)

    page.go_forward()
    wait_until(page, lambda: held)
    with page.expect_event("requestfailed"):  # what nobody waits for any more is given up
        page.go_forward()
    expect(page.locator(f"#d{third:%m%d}[aria-current]")).to_be_visible()
    assert len(held) == 1
    assert f"day={third}" in page.url


def test_a_choice_swaps_the_page_without_loading_it_anew(open_page: Opener, clinic: Cast, soon: date) -> None:
    page = open_page()
    page.goto(choices(clinic, soon))
    page.evaluate("window.kept = true")
    other = f"d{soon + timedelta(days=1):%m%d}"
    page.locator(f"#{other}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{other}[aria-current]")).to_be_visible()

    assert page.evaluate("window.kept") is True
    assert page.evaluate("document.activeElement.id") == other, "the keyboard stays where it was"
    expect(page.locator("#live")).to_have_text("Now choose a time.")
    swapped = page.locator("body").inner_text()
    page.reload()
    assert page.locator("body").inner_text() == swapped


def test_of_two_quick_choices_the_later_one_stands(open_page: Opener, clinic: Cast, soon: date) -> None:
    """The answer to the earlier one takes the page's part away, into which the later one's should go."""
    for said in ("htmx:sendAbort", "htmx:afterRequest"):
        open_page.expect(said)  # htmx writes it down that it drops the earlier request
    page = open_page()
    page.goto(choices(clinic, soon))
    held: list[Route] = []
    page.route(lambda url: "/book?" in url, lambda route: held.append(route))  # noqa: PLW0108 - it wants a function
    later = soon + timedelta(days=1)
    latest = soon + timedelta(days=2)
    page.locator(f"#d{later:%m%d}").click()
    wait_until(page, lambda: len(held) == 1)
    page.locator(f"#d{latest:%m%d}").click()
    wait_until(page, lambda: len(held) == 2)
    for route in held:
        route.continue_()
    expect(page.locator(f"#d{latest:%m%d}[aria-current]")).to_be_visible()

    assert chosen(page)[2:] == [f"d{latest:%m%d}"]
    assert f"day={latest}" in page.url


def test_words_typed_before_another_time_is_chosen_stay(open_page: Opener, clinic: Cast, soon: date) -> None:
    page = open_page()
    sign_in(page, ANA)
    page.goto(review(clinic, soon))
    page.get_by_label(REASON).fill("A cough")
    page.get_by_role("button", name="Change day or time").click()
    expect(page.locator("#s3")).to_be_in_viewport()
    page.locator("#t1100").click()
    expect(page.locator(".slip .time")).to_have_text("11:00")

    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your visit")
    expect(page.get_by_label(REASON)).to_have_value("A cough")


@JAVASCRIPT
def test_a_time_that_was_taken_meanwhile_costs_one_press(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ANA)
    page.goto(review(clinic, soon))
    page.get_by_label(REASON).fill("A cough")
    with live_server.app.app_context():
        scheduling.book(
            clinic.actor("boris"),
            doctor_id=clinic.chen,
            department_id=clinic.cardiology,
            on=soon,
            at=time(10, 30),
        )
    page.get_by_role("button", name=CONFIRM).click()
    expect(page.get_by_role("alert").first).to_contain_text("Somebody else has booked the time you chose")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert", "the bad news has the focus"
    expect(page.get_by_label(REASON)).to_have_value("A cough")
    page.locator("button[name=instead]").nth(1).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    expect(page.locator("#main")).to_contain_text("A cough")


def test_an_impatient_finger_books_once(open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date) -> None:
    page = open_page()
    sign_in(page, BORIS)
    page.goto(review(clinic, soon))
    page.get_by_role("button", name=CONFIRM).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")

    with live_server.app.app_context():
        assert scheduling.appointments(clinic.actor("boris")).count == 1


def test_a_session_that_ended_elsewhere_leads_to_the_entrance_and_back(
    open_page: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    from clinic import accounts  # noqa: PLC0415

    page = open_page()
    sign_in(page, ANA)
    page.goto("/patient/appointments?status=cancelled")
    with live_server.app.app_context():
        accounts.end_all_sessions(clinic.actor("ana"))
    page.get_by_label("Status", exact=True).select_option("completed")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "next=/patient/appointments" in page.url


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_page_is_light(open_page: Opener, clinic: Cast, soon: date) -> None:
    """The first visit moves at most 200 KB with its fonts, a later page at most 25 KB."""
    page = open_page(language="vi")
    moved: list[int] = []

    def weigh(request: Request) -> None:
        sizes = request.sizes()
        moved.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    page.on("requestfinished", weigh)
    page.goto(choices(clinic, soon, "10:30"), wait_until="networkidle")
    first = sum(moved)
    moved.clear()
    page.goto("/doctors", wait_until="networkidle")

    assert first <= 200_000, first
    assert sum(moved) <= 25_000, moved
