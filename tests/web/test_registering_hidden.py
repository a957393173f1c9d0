"""Registering on pages of a clinic that tells nobody which e-mails have an account."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from clinic import mail
from clinic.settings import AccountRules
from tests.people import ANA, Cast
from tests.web.test_entrance import errors
from tests.web.test_registering import GOOD
from tests.web.visitor import Sheet, Visitor

CHOSEN = GOOD["password"]
_TOKEN = re.compile(r'(csrf_token"[^>]*value="|X-CSRFToken": ")[^"]+')


@pytest.fixture(autouse=True)
def hidden(clinic_has: Callable[..., None], cast: Cast) -> None:
    """The clinic tells nobody which e-mails have an account."""
    clinic_has(accounts=AccountRules(hides_unknown_emails=True))


def without_tokens(sheet: Sheet) -> str:
    return _TOKEN.sub(r"\1", sheet.html)


def register(app: Flask, email: str, path: str = "/register") -> tuple[Sheet, Sheet]:
    """What registering answers, and the page behind it, in a browser of its own."""
    answer = Visitor(app).get(path).press("Register", **GOOD | {"email": email})
    return answer, answer.follow()


def test_a_new_and_a_taken_email_are_answered_by_the_same_bytes(app: Flask) -> None:
    (new, after_new), (taken, after_taken) = (register(app, email) for email in ("thu@example.com", ANA))
    assert (new.status, new.goes_to) == (taken.status, taken.goes_to) == (303, "/register/sent")
    assert new.html == taken.html
    assert without_tokens(after_new) == without_tokens(after_taken)
    assert after_new.h1 == "Check your e-mail"
    assert set(new.headers.keys()) == set(taken.headers.keys())
    with app.app_context():
        assert [letter["to"] for letter in mail.all_mail()] == ["thu@example.com", ANA]


def test_nobody_is_signed_in_and_whoever_registered_can_sign_in(guest: Visitor) -> None:
    sent = guest.get("/register").press("Register", **GOOD).follow()
    assert guest.get("/patient/").status == 303
    arrived = sent.click("Sign in").press("Sign in", email="thu@example.com", password=CHOSEN)
    assert arrived.goes_to == "/patient/"


def test_where_somebody_was_going_is_kept_in_the_browser(app: Flask, guest: Visitor, cast: Cast) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    page = guest.get(choices).click("New here? Register and confirm")
    answer = page.press("Register", **GOOD)
    assert answer.goes_to == "/register/sent", "not in the address"
    sent = answer.follow()
    assert "Once you've signed in, you'll be where you left off." in sent.main.text
    arrived = sent.click("Sign in").press("Sign in", email="thu@example.com", password=CHOSEN)
    assert arrived.goes_to == choices
    assert "where you left off" not in Visitor(app).get("/register/sent").main.text


def test_what_is_wrong_is_said_of_both_alike(guest: Visitor) -> None:
    for email in ("thu@example.com", ANA):
        answer = guest.get("/register").press("Register", **GOOD | {"email": email, "phone_num": "1"})
        assert answer.status == 422
        assert list(errors(answer)) == ["phone_num"]
        assert "have you been here before" not in answer.main.text


def test_whoever_is_signed_in_here_stays_so(as_: Callable[[str], Visitor]) -> None:
    boris = as_("boris")
    answer = boris.command("/register", **GOOD)
    assert answer.goes_to == "/register/sent"
    assert boris.get("/patient/").status == 200
