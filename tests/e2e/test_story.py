"""The portal's main job in a real browser, with JavaScript and without: a new patient books, the doctor confirms and
records, the patient reads.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.people import CHEN, Cast

#: The one story in the browser that both databases tell.
pytestmark = pytest.mark.engine("both")

PATIENT = {
    "Full name": "Lê Thị Thu",
    "E-mail": "thu@example.com",
    "Phone": "0912345678",
    "Day": "30",
    "Month": "4",
    "Year": "1991",
    "Address (optional)": "5 Trần Phú, Huế",
    "Password": "sen-nở-tháng-tám-91",
}
WORDS = "Palpitations at night, since a week"


def choose(page: Page, clinic: Cast, day: date) -> None:
    """Make the four choices, one click each."""
    page.get_by_role("link", name="Cardiology").click()
    page.get_by_role("link", name="Dr Chen").click()
    page.locator(f"#d{day:%m%d}").click()
    page.get_by_role("link", name="10:30", exact=True).click()
    expect(page.locator(".slip .time")).to_have_text("10:30")


def register(page: Page) -> None:
    """Fill in the registration."""
    page.get_by_role("link", name="New here? Register and confirm").click()
    for label, value in PATIENT.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Gender").select_option("female")
    page.get_by_role("button", name="Register").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_the_story(open_page: Opener, clinic: Cast, soon: date, javascript: bool) -> None:
    thu = open_page("mobile", javascript=javascript)
    thu.goto("/")
    thu.get_by_role("navigation", name="Main").get_by_role("link", name="Book").click()
    choose(thu, clinic, soon)
    register(thu)
    expect(thu.locator(".slip .time")).to_have_text("10:30")
    thu.get_by_label("Reason for your visit").fill(WORDS)
    thu.get_by_role("button", name="Confirm my visit").click()
    expect(thu.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    appointment = thu.url.partition("?")[0]

    chen = open_page("desktop", javascript=javascript)
    sign_in(chen, CHEN)
    chen.goto(f"/doctor/?day={soon}")
    expect(chen.locator("#main")).to_contain_text(WORDS)
    chen.get_by_role("button", name="Confirm").click()
    expect(chen.locator("#flash")).to_be_visible()
    chen.get_by_role("link", name="Service", exact=True).click()
    chen.get_by_text("ECG").click()
    chen.get_by_role("button", name="Choose this service").click()
    chen.get_by_role("link", name="Write the record").click()
    chen.get_by_label("Blood pressure").fill("148/92")
    chen.get_by_label("Diagnosis").fill("Stage 1 hypertension")
    chen.get_by_label("Prescription").fill("Amlodipine 5 mg, one in the morning")
    chen.get_by_role("button", name="Save the record").click()
    # The visit hasn't begun yet, so completing it asks first.
    chen.get_by_role("link", name="Complete", exact=True).click()
    chen.get_by_role("button", name="Complete the visit").click()
    expect(chen.locator("#main")).to_contain_text("Completed")

    thu.goto(appointment)
    expect(thu.locator(".history")).to_contain_text("Dr Chen completed the visit.")
    expect(thu.locator(".slip")).to_contain_text("350,000 ₫")
    thu.get_by_role("link", name="What the doctor wrote").click()
    for words in ("148/92", "Stage 1 hypertension", "Amlodipine 5 mg", "Dr Chen"):
        expect(thu.locator("#main")).to_contain_text(words)
