"""The browser that people are known by, on pages: its cookie, the list of such browsers, and the link that lets one in again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from clinic import mail
from clinic.accounts import sign_in_limits
from clinic.settings import AccountRules
from tests.authenticator import set_up
from tests.people import ANA, PASSWORD, Cast
from tests.web.test_passwords import opened
from tests.web.visitor import Sheet, Visitor

COOKIE = "clinic_device"


def sign_in(visitor: Visitor, password: str = PASSWORD) -> Sheet:
    return visitor.get("/login").press("Sign in", email=ANA, password=password)


def known_by(visitor: Visitor) -> str | None:
    found = visitor.client.get_cookie(COOKIE)
    return found.value if found else None


@pytest.fixture
def link(app: Flask, guest: Visitor, cast: Cast, clinic_has: Callable[..., None]) -> str:
    """The link that Ana is mailed once somebody has guessed too often."""
    clinic_has(accounts=AccountRules(limits_tries=True))
    for _ in range(sign_in_limits.BY_ACCOUNT.most):
        assert sign_in(guest, "wrong").status == 422
    assert sign_in(guest, "wrong").status == 429
    return mailed_link(app)


def mailed_link(app: Flask) -> str:
    """The path of the link that was mailed."""
    with app.app_context():
        bodies = [str(row["body"]) for row in mail.all_mail()]
    (path,) = [path for body in bodies for path in re.findall(r"https?://[^/\s]+(/own-sign-in/\S+)", body)]
    return str(path)


def test_a_browser_is_known_after_a_sign_in_and_stays_so_when_signed_out(guest: Visitor, cast: Cast) -> None:
    assert sign_in(guest, "wrong").status == 422
    assert known_by(guest) is None
    (cookie,) = [each for each in sign_in(guest).headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={400 * 24 * 3600}"} <= set(cookie.split("; "))
    secret = known_by(guest)
    guest.command("/logout")
    assert known_by(guest) == secret
    sign_in(guest)
    assert known_by(guest) == secret


def test_the_devices_page_lists_the_browsers_that_one_is_known_by(guest: Visitor, cast: Cast) -> None:
    sign_in(guest)
    page = guest.get("/account/devices")
    section = page.main.one("section", **{"aria-labelledby": "known"})
    assert len(section.all("li")) == 1
    assert "Signed in here last" in section.text


def test_the_link_lets_the_persons_own_browser_try_again(guest: Visitor, link: str) -> None:
    page = opened(guest, link)
    assert page.h1 == "It was me"
    assert sign_in(guest).status == 429, "opening it changes nothing"
    answer = page.press("It was me, let me try again")
    assert answer.goes_to == "/login"
    assert "You can try again now" in answer.follow().text
    assert sign_in(guest).status == 303
    assert guest.get(link).status == 410


def test_the_link_helps_no_other_browser(app: Flask, guest: Visitor, link: str) -> None:
    opened(Visitor(app), link).press("It was me, let me try again")
    assert sign_in(guest).status == 429


def test_its_token_does_not_stay_in_the_address(app: Flask, guest: Visitor, link: str) -> None:
    token = link.rpartition("/")[2]
    answer = guest.get(link)
    page = answer.follow()
    assert token not in answer.goes_to + page.path + page.html
    refused = Visitor(app).get(page.path)
    assert (refused.status, refused.h1) == (400, "Please open the link again")


def test_whoever_is_kept_out_of_the_second_step_is_told_that_the_link_lets_them_in(
    app: Flask, guest: Visitor, cast: Cast, clinic_has: Callable[..., None]
) -> None:
    """Somebody at the same address has the password, and guesses codes."""
    clinic_has(accounts=AccountRules(limits_tries=True))
    with app.app_context():
        own = set_up(cast.ana)
    for _ in range(2):
        step = sign_in(Visitor(app)).follow()
        for _ in range(5):
            assert step.press("Sign in", code=own.wrong_code()).status == 422
    refused = sign_in(guest).follow().press("Sign in", code=own.code())
    assert refused.status == 429
    assert "The link in the e-mail that we've sent you lets this browser try again at once." in refused.text
    opened(guest, mailed_link(app)).press("It was me, let me try again")
    assert sign_in(guest).follow().press("Sign in", code=own.code()).status == 303
