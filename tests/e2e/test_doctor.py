"""A doctor's routine in a real browser: how many presses a visit takes, leave that closes times, the week on a phone."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import expect

from clinic import clock
from tests import factories
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Hand
from tests.people import CHEN, Cast
from tests.servers import LiveServer

MOST_PRESSES = 12


def test_a_routine_visit_takes_at_most_twelve_presses(open_page: Opener, live_server: LiveServer, clinic: Cast) -> None:
    """Open, confirm, vital signs, diagnosis, prescription, complete."""
    # Of yesterday: whatever the wall clock says, the visit has begun.
    yesterday = clock.today() - timedelta(days=1)
    with live_server.app.app_context():
        factories.appointment(clinic.boris, clinic.chen, yesterday, "08:00")
        factories.appointment(clinic.ana, clinic.chen, yesterday, "08:30")
    page = open_page("desktop")
    sign_in(page, CHEN)
    page.goto(f"/doctor/?day={yesterday}")
    hand = Hand(page)
    hand.press(page.locator("#queue").get_by_role("link", name="Ana Nguyễn"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Nguyễn")
    hand.press(page.get_by_role("button", name="Confirm"))
    hand.press(page.get_by_role("link", name="Write the record"))
    hand.type("Blood pressure", "128/82")
    hand.type("Heart rate", "72")
    hand.type("Temperature", "36.7")
    hand.type("Diagnosis", "Hypertension, well controlled")
    hand.type("Prescription", "Amlodipine 5 mg, one in the morning")
    hand.press(page.get_by_role("button", name="Save the record"))
    hand.press(page.get_by_role("button", name="Complete"))

    expect(page.locator(".pt")).to_contain_text("Completed")
    for words in ("128/82", "72", "36.7", "Hypertension, well controlled", "Amlodipine 5 mg"):
        expect(page.locator("#main")).to_contain_text(words)
    assert hand.presses <= MOST_PRESSES, hand.presses


def test_leave_over_a_visit_that_is_moved_first(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, soon, "10:30")
    page = open_page("desktop")
    sign_in(page, CHEN)
    page.get_by_role("link", name="Week").click()
    page.get_by_role("link", name="Leave").click()
    page.get_by_label("First day").fill(soon.isoformat())
    page.get_by_role("button", name="Add this leave").click()
    page.get_by_role("link", name="Move Ana Nguyễn").click()
    other_day = f"#d{date.fromordinal(soon.toordinal() + 1):%m%d}"
    page.locator(other_day).click()
    expect(page.locator(f"{other_day}[aria-current]")).to_be_visible()
    page.locator("#t0900").click()
    expect(page.locator("#slip .time")).to_have_text("09:00")
    page.get_by_role("button", name="Move the visit").click()
    expect(page.locator("#flash")).to_contain_text("The visit has been moved")
    page.goto("/doctor/leave")
    page.get_by_label("First day").fill(soon.isoformat())
    page.get_by_role("button", name="Add this leave").click()
    expect(page.locator("#flash")).to_contain_text("The leave is added.")
    page.goto(f"/book?department={clinic.cardiology}&doctor={clinic.chen}&day={soon}")
    expect(page.locator(f"#d{soon:%m%d}")).to_contain_text("No times")


def test_arrows_go_through_the_week_to_a_free_time_that_is_closed(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, soon, "10:30")
    page = open_page("desktop")
    sign_in(page, CHEN)
    page.goto(f"/doctor/week?day={soon}")
    cells = page.locator("table.week tbody a")
    assert cells.evaluate_all("all => all.filter(each => each.tabIndex === 0).length") == 1, "one stop of Tab"
    page.get_by_role("link", name="Ana Nguyễn").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("First day")).to_have_value(soon.isoformat())
    page.get_by_role("button", name="Add this leave").click()
    expect(page.locator("#flash")).to_contain_text("The leave is added.")
    page.goto(f"/doctor/week?day={soon}")
    expect(page.locator("table.week")).to_contain_text("on leave until 11:30")


def test_the_week_stands_day_after_day_on_a_phone(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, soon, "10:30")
        factories.appointment(clinic.boris, clinic.chen, soon, "14:00")
    page = open_page("mobile")
    sign_in(page, CHEN)
    page.goto(f"/doctor/week?day={soon}")
    tops = [
        page.locator(f"table.week a:has-text('{words}')").bounding_box()["y"]  # type: ignore[index]
        for words in ("Ana Nguyễn", "Boris Đặng")
    ]

    assert tops[0] < tops[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Boris Đặng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Boris Đặng")


def test_the_queue_renews_itself_where_somebody_books(
    open_page: Opener, live_server: LiveServer, clinic: Cast, soon: date
) -> None:
    with live_server.app.app_context():
        factories.appointment(clinic.ana, clinic.chen, soon, "08:30")
    page = open_page("desktop")
    sign_in(page, CHEN)
    page.goto(f"/doctor/?day={soon}")
    page.locator("#queue").get_by_role("link", name="Ana Nguyễn").focus()
    with live_server.app.app_context():
        factories.appointment(clinic.boris, clinic.chen, soon, "08:00")
    # As when the window is looked at again: nobody waits for the next round.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#queue")).to_contain_text("Boris Đặng")
    assert page.evaluate("document.activeElement.textContent").find("Ana Nguyễn") >= 0, "the focus stays where it was"
    page.locator("#queue").get_by_role("link", name="Boris Đặng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Boris Đặng")


def test_on_a_tablet_the_queue_stays_beside_the_visit(open_page: Opener, live_server: LiveServer, clinic: Cast) -> None:
    with live_server.app.app_context():
        factories.appointment(clinic.boris, clinic.chen, clock.today(), "08:00")
        factories.appointment(clinic.ana, clinic.chen, clock.today(), "08:30")
    page = open_page("desktop")
    page.set_viewport_size({"width": 820, "height": 1180})
    sign_in(page, CHEN)
    # His visit may be the one that is shown already: measured is what stands after the swap.
    with page.expect_response(lambda response: "visit=" in response.url):
        page.locator("#queue").get_by_role("link", name="Boris Đặng").click()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Boris Đặng")
    queue, appointment = (page.locator(place).bounding_box() for place in ("#queue", "#visit"))

    assert queue is not None
    assert appointment is not None
    assert appointment["x"] >= queue["x"] + queue["width"]
    assert 0 <= appointment["y"] < 600
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    page.locator(".steps a[rel=next]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Nguyễn")
