"""The booking page in a real browser: history, focus, a lost race, and what it weighs."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Page, Request, Route, expect

from clinic import scheduling
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.people import ANA, BORIS, Cast
from tests.servers import LiveServer

JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])


def choices(clinic: Cast, day: date, at: str | None = None, *, review: bool = False) -> str:
    """The address of the booking page with Dr Chen and a day chosen."""
    address = f"/book?department={clinic.cardiology}&doctor={clinic.chen}&day={day}"
    return address + (f"&time={at}" if at else "") + ("&review=1" if review else "")


def chosen(page: Page) -> list[str]:
    """What is chosen on the page."""
    return page.locator("#booking [aria-current]").evaluate_all("nodes => nodes.map(node => node.id)")


@JAVASCRIPT
def test_back_forward_and_reload_show_what_the_address_says(
    open_page: Opener, clinic: Cast, soon: date, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto("/book")
    for link in (f"#b{clinic.cardiology}", f"#c{clinic.chen}", f"#d{soon:%m%d}", "#t1030"):
        page.locator(link).click()
        expect(page.locator(f"{link}[aria-current]")).to_be_visible()
    full = [f"b{clinic.cardiology}", f"c{clinic.chen}", f"d{soon:%m%d}", "t1030"]
    assert chosen(page) == full

    page.go_back()
    expect(page.locator("#t1030[aria-current]")).to_have_count(0)
    assert chosen(page) == full[:3]
    page.go_back()
    expect(page.locator(f"#d{soon:%m%d}[aria-current]")).to_have_count(0)
    page.go_forward()
    page.go_forward()
    expect(page.locator("#t1030[aria-current]")).to_be_visible()
    page.reload()
    assert chosen(page) == full
    assert "time=10:30" in page.url


def test_who_goes_forward_twice_sees_the_second_page_however_slow_the_first(
    open_page: Opener, clinic: Cast, soon: date
) -> None:
    page = open_page()
    page.goto(choices(clinic, soon))
    page.locator("#t1030").click()
    expect(page.locator("#t1030[aria-current]")).to_be_visible()
    page.locator("#t1100").click()
    expect(page.locator("#t1100[aria-current]")).to_be_visible()
    page.go_back()
    expect(page.locator("#t1030[aria-current]")).to_be_visible()
    page.go_back()
    expect(page.locator("#slip [aria-current], .times [aria-current]")).to_have_count(0)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/book?*time=10:30*", hold)

    page.go_forward()
    with page.expect_event("requestfailed"):  # what nobody waits for any more is given up
        page.go_forward()
    expect(page.locator("#t1100[aria-current]")).to_be_visible()
    assert len(held) == 1
    assert "time=11:00" in page.url


def test_a_choice_swaps_the_page_without_loading_it_anew(open_page: Opener, clinic: Cast, soon: date) -> None:
    page = open_page()
    page.goto(choices(clinic, soon))
    page.evaluate("window.kept = true")
    page.locator("#t1030").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#t1030[aria-current]")).to_be_visible()

    assert page.evaluate("window.kept") is True
    assert page.evaluate("document.activeElement.id") == "t1030", "the keyboard stays where it was"
    expect(page.locator("#said")).to_have_text("All four choices are made. Now review and confirm.")
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
    for place in (f"#d{later:%m%d}", "#t1030"):
        with page.expect_request(lambda request: "/book?" in request.url):
            page.locator(place).click()
    for route in held:
        route.continue_()
    expect(page.locator("#slip .time")).to_have_text("10:30")

    assert chosen(page)[2:] == [f"d{soon:%m%d}", "t1030"]
    assert f"day={soon}" in page.url


def test_words_typed_before_another_time_is_chosen_stay(open_page: Opener, clinic: Cast, soon: date) -> None:
    page = open_page()
    sign_in(page, ANA)
    page.goto(choices(clinic, soon, "10:30", review=True))
    page.get_by_label("What troubles you?").fill("A cough")
    page.locator("#t1100").click()
    expect(page.locator("#slip .time")).to_have_text("11:00")

    expect(page.get_by_label("What troubles you?")).to_have_value("A cough")


@JAVASCRIPT
def test_a_time_that_was_taken_meanwhile_costs_one_press(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date, javascript: bool
) -> None:
    page = open_page("mobile", javascript=javascript)
    sign_in(page, ANA)
    page.goto(choices(clinic, soon, "10:30", review=True))
    page.get_by_label("What troubles you?").fill("A cough")
    with live_server.app.app_context():
        scheduling.book(
            clinic.actor("boris"),
            doctor_id=clinic.chen,
            department_id=clinic.cardiology,
            on=soon,
            at=time(10, 30),
        )
    page.get_by_role("button", name="Confirm the visit").click()
    expect(page.get_by_role("alert").first).to_contain_text("Somebody else has booked the time you chose")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert", "the bad news has the focus"
    expect(page.get_by_label("What troubles you?")).to_have_value("A cough")
    page.locator("button[name=instead]").nth(1).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    expect(page.locator("#main")).to_contain_text("A cough")


def test_an_impatient_finger_books_once(open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date) -> None:
    page = open_page()
    sign_in(page, BORIS)
    page.goto(choices(clinic, soon, "10:30", review=True))
    page.get_by_role("button", name="Confirm the visit").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")

    with live_server.app.app_context():
        assert scheduling.appointments(clinic.actor("boris")).count == 1


def test_a_session_that_ended_elsewhere_leads_to_the_entrance_and_back(
    open_page: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    from clinic import accounts  # noqa: PLC0415

    page = open_page()
    sign_in(page, ANA)
    page.goto("/patient/appointments")
    with live_server.app.app_context():
        accounts.end_all_sessions(clinic.actor("ana"))
    page.get_by_label("Show", exact=True).select_option("completed")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "next=/patient/appointments" in page.url


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_page_is_light(open_page: Opener, clinic: Cast, soon: date) -> None:
    """The first visit moves at most 200 KB with its fonts, a later page at most 25 KB (issue 2)."""
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
