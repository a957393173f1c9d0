"""Language and colours in a real browser: nothing typed is lost, with a script and without; and a password can be shown."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.people import ANA, ESTHER, PASSWORD, Cast

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

NAME, PHONE = "Lê Thị Thu", "091 234"
SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])


def dark(page: Page) -> None:
    """Press the button for dark colours that the page shows."""
    page.locator("button[data-preference=theme][value=dark]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@SCRIPT
@pytest.mark.parametrize("refused", [False, True], ids=["fresh", "refused"])
def test_what_is_typed_stays(open_page: Opener, clinic: Cast, javascript: bool, refused: bool) -> None:
    page = open_page("desktop", javascript=javascript)
    page.goto("/register")
    if refused:
        page.get_by_role("button", name="Register").click()
        expect(page.locator("[role=alert]")).to_be_visible()
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Phone").fill(PHONE)
    page.get_by_label("Year").fill("1991")
    page.get_by_label("Gender").select_option("other")
    dark(page)
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Họ và tên")).to_have_value(NAME)
    expect(page.get_by_label("Điện thoại")).to_have_value(PHONE)
    expect(page.get_by_label("Năm")).to_have_value("1991")
    expect(page.locator("#gender")).to_have_value("other")
    page.goto("/privacy")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "vi")


@SCRIPT
def test_enter_in_a_field_sends_the_form(open_page: Opener, clinic: Cast, javascript: bool) -> None:
    """Not the buttons for language and colours, which belong to the same form and stand before it."""
    page = open_page("desktop", javascript=javascript)
    page.goto("/login")
    page.get_by_label("E-mail").fill(ANA)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url("**/patient/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_colours_change_in_place(open_page: Opener, clinic: Cast) -> None:
    """Not even a page without a form is loaded anew."""
    page = open_page("desktop")
    page.goto("/departments")
    page.evaluate("window.stayed = true")
    dark(page)
    assert page.evaluate("window.stayed")
    expect(page.locator(".foot button[value=dark]")).to_have_attribute("aria-pressed", "true")
    page.locator(".foot button[value=auto]").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    expect(page.locator(".foot button[value=dark]")).to_have_attribute("aria-pressed", "false")


def test_what_is_typed_into_the_search_of_the_home_page_stays(open_page: Opener, clinic: Cast) -> None:
    page = open_page("mobile")
    page.goto("/")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page).to_have_url(re.compile("/$"))
    page.locator("#q").fill("Chen")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#q")).to_have_value("Chen")


def test_a_filter_that_isnt_asked_for_yet_stays(open_page: Opener, clinic: Cast) -> None:
    page = open_page("desktop")
    sign_in(page, ESTHER)
    page.goto("/admin/find")
    page.locator("input[type=search]").first.fill("Nguyễn An")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("input[type=search]").first).to_have_value("Nguyễn An")


def test_words_for_a_booking_stay(open_page: Opener, clinic: Cast, soon: object) -> None:
    page = open_page("desktop")
    sign_in(page, ANA)
    page.goto(f"/book?department={clinic.cardiology}&doctor={clinic.chen}&day={soon}&time=10:00")
    page.get_by_role("link", name="Review and confirm").click()
    words = page.locator("#reason")
    words.fill("Tôi bị chóng mặt")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(words).to_have_value("Tôi bị chóng mặt")


def test_a_password_can_be_shown_and_is_sent_hidden(open_page: Opener, clinic: Cast) -> None:
    page = open_page("mobile")
    page.goto("/login")
    password = page.locator("#password")
    password.fill("sen-nở-tháng-tám")
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    page.evaluate("addEventListener('submit', () => { window.name = document.getElementById('password').type })")
    page.get_by_label("E-mail").fill(ANA)
    page.locator("main form button:not([type=button])").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert page.evaluate("window.name") == "password"


def test_words_in_the_offices_search_are_no_filter_of_the_page(open_page: Opener, clinic: Cast) -> None:
    page = open_page("desktop")
    sign_in(page, ESTHER)
    for path in (f"/admin/users/{clinic.ana}", "/admin/patients"):
        page.goto(path)
        page.locator(".find input").fill("abc")
        language = page.locator("html").get_attribute("lang")
        page.locator(".prefs button[lang]").first.click()
        expect(page.locator("html")).not_to_have_attribute("lang", str(language))
        expect(page).to_have_url(re.compile(f"{path}$"))
