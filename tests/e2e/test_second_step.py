"""The second step by keyboard alone, for everybody and in both languages; and what is typed before a proof stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from clinic import clock
from clinic.accounts.models import SignInSession
from clinic.db import transaction
from clinic.i18n import LANGUAGES
from tests.authenticator import Authenticator, set_up
from tests.browser import Opener, axe
from tests.e2e.conftest import sign_in
from tests.e2e.hand import Keys
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.servers import LiveServer

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
#: By whom: the e-mail, and the page on which they arrive.
WHO = {"ana": (ANA, "/patient/"), "chen": (CHEN, "/doctor/"), "esther": (ESTHER, "/admin/")}
#: The button that sends a form, whatever language it is in.
SENDS = "main form button:not([type=button])"


def code_of(live_server: LiveServer, app: Authenticator) -> str:
    """The code that an app shows now."""
    with live_server.app.app_context():
        return app.code()


def type_password(page: Page, email: str) -> None:
    """Type e-mail and password by keyboard, as far as the second step."""
    keys = Keys(page)
    page.goto("/login")
    for field, text in (("#email", email), ("#password", PASSWORD)):
        keys.go(page.locator(field))
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def type_code(page: Page, code: str) -> None:
    """Type a code by keyboard and send it."""
    Keys(page).go(page.locator("#code"))
    page.keyboard.type(code)
    page.keyboard.press("Enter")


@JAVASCRIPT
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", WHO)
def test_signing_in_by_a_code(
    open_page: Opener, live_server: LiveServer, clinic: Cast, who: str, language: str, javascript: bool
) -> None:
    email, arrives = WHO[who]
    with live_server.app.app_context():
        app = set_up(getattr(clinic, who))
    page = open_page("mobile" if who == "ana" else "desktop", javascript=javascript, language=language)
    type_password(page, email)
    heading = {"en": "One more step", "vi": "Còn một bước nữa"}[language]
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if javascript:
        assert axe(page) == []
    type_code(page, app.wrong_code())
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    if javascript:
        assert axe(page) == []
    page.locator("#code").fill("")
    type_code(page, code_of(live_server, app))
    page.wait_for_url(f"**{arrives}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_setting_it_up_by_keyboard(open_page: Opener, live_server: LiveServer, clinic: Cast, language: str) -> None:
    page = open_page("desktop", language=language, javascript=False)
    sign_in(page, CHEN)
    page.goto("/account/second-factor/totp")
    app = Authenticator(page.locator("main strong.num").inner_text().replace(" ", ""), [])
    type_code(page, code_of(live_server, app))
    expect(page.locator("main ol.codes li")).to_have_count(10)
    Keys(page).enter(page.locator("main a.btn"))
    page.wait_for_url("**/account/second-factor")


@JAVASCRIPT
def test_what_was_typed_stays_when_a_proof_is_asked_for(
    open_page: Opener, live_server: LiveServer, clinic: Cast, javascript: bool
) -> None:
    page = open_page("desktop", javascript=javascript)
    sign_in(page, ESTHER)
    page.goto("/admin/users/new")
    for field, text in (("#full_name", "Fay Lý"), ("#email", "fay@clinic.example"), ("#phone_num", "0911222333")):
        page.locator(field).fill(text)
    with live_server.app.app_context(), transaction() as current:
        current.execute(update(SignInSession).values(proven_at=clock.now() - timedelta(hours=1)))
    page.locator(SENDS).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    if javascript:
        assert axe(page) == []
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#main")).to_contain_text("fay@clinic.example")
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator("#flash")).to_contain_text("The invitation is on its way to fay@clinic.example")
