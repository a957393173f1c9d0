"""Passkeys in Chromium, whose virtual authenticator signs: by keyboard alone, for everybody and in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from clinic import clock
from clinic.accounts.models import SignInSession
from clinic.db import transaction
from clinic.i18n import LANGUAGES
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Keys
from tests.e2e.test_second_step import WHO, type_password
from tests.passkey_device import give_passkey
from tests.people import CHEN, ESTHER, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
NEW = "/account/second-factor/passkeys/new"
#: The button that signs, and what is said where it went wrong.
SIGNS, SAID = "[data-passkey=get] button", "[data-said]"


def at_localhost(server: LiveServer) -> str:
    """The server by its name: an address in numbers has no passkeys."""
    return server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def open_at_localhost(browser: Browser, live_server: LiveServer) -> Iterator[Opener]:
    """Opens windows on `live_server` by its name."""
    opener = Opener(browser, at_localhost(live_server))
    yield opener
    opener.close()
    assert opener.problems() == []


def with_device(page: Page) -> Callable[[bool], object]:
    """Put a device with passkeys into a window, whose person is there and shows that it is them; answer what lets them
    not do so."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "automaticPresenceSimulation": True}
    options = {**device, "hasUserVerification": True, "isUserVerified": True}
    added = chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda is_them: chromium.send("WebAuthn.setUserVerified", {**added, "isUserVerified": is_them})


def sign_out(page: Page) -> None:
    """Forget the session; the device stays."""
    page.context.clear_cookies(name="clinic_session")


def add_by_keyboard(page: Page, name: str) -> None:
    """Type a name and press Enter."""
    keys = Keys(page)
    keys.go(page.locator("#name"))
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", WHO)
def test_adding_a_passkey_and_signing_in_with_it(
    open_at_localhost: Opener, clinic: Cast, who: str, language: str
) -> None:
    email, arrives = WHO[who]
    page = open_at_localhost("mobile" if who == "ana" else "desktop", language=language)
    with_device(page)
    page.goto("/login")
    page.context.add_cookies([{"name": "lang", "value": language, "url": page.url}])
    sign_in(page, email)
    page.goto(NEW)
    assert axe(page) == []
    add_by_keyboard(page, "Máy của tôi")
    expect(page.locator("main ol.codes li")).to_have_count(10)
    Keys(page).enter(page.locator("main a.btn"))
    expect(page.get_by_role("heading", level=3)).to_have_text("Máy của tôi")
    assert axe(page) == []

    sign_out(page)
    type_password(page, email)
    heading = {"en": "One more step", "vi": "Còn một bước nữa"}[language]
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert axe(page) == []
    Keys(page).enter(page.locator(SIGNS))
    page.wait_for_url(f"**{arrives}")


def test_a_device_is_added_once_and_says_so(open_at_localhost: Opener, clinic: Cast) -> None:
    page = open_at_localhost()
    with_device(page)
    sign_in(page, CHEN)
    page.goto(NEW)
    add_by_keyboard(page, "Laptop")
    expect(page.locator("main ol.codes li")).to_have_count(10)
    page.goto(NEW)
    add_by_keyboard(page, "Laptop again")
    expect(page.locator(SAID)).to_have_text("This device already has a passkey for your account.")
    expect(page.locator("#name")).to_have_value("Laptop again")
    assert axe(page) == []


def test_whoever_cannot_show_that_it_is_them_is_told_and_goes_on_another_way(
    open_at_localhost: Opener, clinic: Cast
) -> None:
    page = open_at_localhost("mobile")
    shows = with_device(page)
    sign_in(page, WHO["ana"][0])
    page.goto(NEW)
    add_by_keyboard(page, "Phone")
    expect(page.locator("main ol.codes li")).to_have_count(10)
    sign_out(page)
    shows(False)
    type_password(page, WHO["ana"][0])
    page.wait_for_url("**/login/second-factor*")
    Keys(page).enter(page.locator(SIGNS))
    expect(page.locator(SAID)).to_contain_text("Please try again, or use another way.")
    expect(page.locator("#code")).to_be_enabled()
    assert axe(page) == []


def test_a_name_comes_before_the_device_is_asked(open_at_localhost: Opener, clinic: Cast) -> None:
    page = open_at_localhost()
    with_device(page)
    sign_in(page, CHEN)
    page.goto(NEW)
    add_by_keyboard(page, " ")
    expect(page.locator("#name")).to_have_attribute("aria-invalid", "true")
    assert axe(page) == []
    add_by_keyboard(page, "Laptop")
    expect(page.locator("main ol.codes li")).to_have_count(10)


def test_a_passkey_proves_that_it_is_still_them(
    open_at_localhost: Opener, live_server: LiveServer, clinic: Cast
) -> None:
    page = open_at_localhost()
    with_device(page)
    sign_in(page, ESTHER)
    page.goto(NEW)
    add_by_keyboard(page, "Reception")
    expect(page.locator("main ol.codes li")).to_have_count(10)
    page.goto("/admin/users/new")
    for field, text in (("#full_name", "Fay Lý"), ("#email", "fay@clinic.example"), ("#phone_num", "0911222333")):
        page.locator(field).fill(text)
    with live_server.app.app_context(), transaction() as current:
        current.execute(update(SignInSession).values(proven_at=clock.now() - timedelta(hours=1)))
    page.locator("main form button:not([type=button])").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    assert axe(page) == []
    Keys(page).enter(page.locator(SIGNS))
    expect(page.locator("#main")).to_contain_text("fay@clinic.example")
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator("#flash")).to_contain_text("The invitation is on its way to fay@clinic.example")


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_set_one_up_as_they_sign_in_where_it_is_needed(
    browser: Browser, start_server: Callable[..., LiveServer], language: str
) -> None:
    server = start_server(staff_second_factor="required")
    server.database.reset(with_cast=True)
    opener = Opener(browser, at_localhost(server))
    page = opener("desktop", language=language)
    with_device(page)
    type_password(page, CHEN)
    page.wait_for_url("**/login/set-up-factor*")
    assert axe(page) == []
    add_by_keyboard(page, "Laptop")
    expect(page.locator("main ol.codes li")).to_have_count(10)
    Keys(page).enter(page.locator("main a.btn"))
    page.wait_for_url("**/doctor/")
    problems = opener.problems()
    opener.close()
    assert problems == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_the_page_names_another_way(
    open_at_localhost: Opener, live_server: LiveServer, clinic: Cast, language: str
) -> None:
    with live_server.app.app_context():
        give_passkey(clinic.ana)
    page = open_at_localhost("mobile", javascript=False, language=language)
    type_password(page, WHO["ana"][0])
    words = {"en": "Passkeys need JavaScript", "vi": "Khoá truy cập cần JavaScript"}[language]
    said = page.locator("main noscript p")
    expect(said).to_be_visible()
    expect(said).to_contain_text(words)
    expect(page.locator(SIGNS)).to_be_hidden()
    expect(page.locator("#code")).to_be_visible()
