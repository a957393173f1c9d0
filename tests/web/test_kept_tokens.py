"""A form whose token the browser's session doesn't know: a forgery gets nowhere, an honest one loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from clinic import accounts
from tests.people import ANA, Cast
from tests.web.late import FORMS, SIGNED_OUT, WORDS, done, end, enter
from tests.web.visitor import Visitor, signed_in


def test_a_forged_form_gets_nowhere(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    """Neither while the person is signed in nor after, whatever token it brings: another page's form is only refused."""
    chen, diallo = signed_in(app, cast.chen), signed_in(app, cast.diallo)
    address = FORMS["record"][1].format(**places)
    token = chen.get(address).values("Save the record")["csrf_token"]
    forged = [
        {},
        {"csrf_token": "x"},
        {"csrf_token": diallo.get("/doctor/leave").values("Add this leave")["csrf_token"]},
    ]
    for state in ("signed in", "signed out"):
        for fields in forged:
            for headers in (
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Referer": "https://evil.example/"},
            ):
                answer = chen.post(address, {**fields, "diagnosis": WORDS}, headers=headers)
                assert answer.status == 400, state
                assert "Đau ngực" not in answer.html
                assert not answer.tree.all("input", name="unsent_form")
        end(app, cast, "chen")
    with chen.client.session_transaction() as cookie:
        cookie.clear()
    stolen = {"csrf_token": token, "diagnosis": WORDS}
    assert chen.post(address, stolen, headers={"Origin": "https://evil.example"}).status == 400
    assert not done(app, cast, places, "record")


def forget(visitor: Visitor) -> None:
    """Let the browser lose its cookie, as a restart does."""
    with visitor.client.session_transaction() as cookie:
        cookie.clear()


@pytest.mark.parametrize("form", FORMS)
def test_a_browser_that_was_restarted_loses_nothing(app: Flask, cast: Cast, places: dict[str, Any], form: str) -> None:
    name, address, buttons, words = FORMS[form]
    page = signed_in(app, getattr(cast, name)).get(address.format(**places))
    forget(page.visitor)
    asked = page.press(buttons["en"], **words)

    assert SIGNED_OUT["en"] in asked.main.text
    assert "Đau ngực" not in asked.html
    assert enter(asked, name).press("Send it now").status == 303
    assert done(app, cast, places, form)


@pytest.mark.parametrize("form", FORMS)
def test_signed_in_anew_in_another_tab(app: Flask, cast: Cast, places: dict[str, Any], form: str) -> None:
    name, address, buttons, words = FORMS[form]
    page = signed_in(app, getattr(cast, name)).get(address.format(**places))
    forget(page.visitor)
    enter(page.visitor.get("/login"), name)
    answer = page.press(buttons["en"], **words)

    assert not done(app, cast, places, form)
    assert "end it again" in answer.main.text, "“Please send it again”, as a heading or in a sentence"
    button = buttons["en"] if form == "booking" else "Send it now"
    assert answer.press(button).status == 303
    assert done(app, cast, places, form)


def test_somebody_else_signed_in_in_another_tab(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    """Nothing is sent as the other person, nothing shown to them; the owner can still send it."""
    page = signed_in(app, cast.chen).get(FORMS["record"][1].format(**places))
    forget(page.visitor)
    enter(page.visitor.get("/login"), "diallo")
    asked = page.press("Save the record", diagnosis=WORDS, heart_rate="72")

    assert "opened with another account" in asked.main.text
    assert "Đau ngực" not in asked.html
    assert enter(asked, "chen").press("Send it now").status == 303
    assert done(app, cast, places, "record")
    with app.app_context():
        live = [row["id"] for row in accounts.my_sessions(cast.actor("diallo"))]
    assert len(live) == 1, "the session of this browser is over, only the one that was just made for asking lives"


@pytest.mark.parametrize(
    ("path", "button", "words"),
    [
        ("/login", "Sign in", {"email": ANA}),
        ("/register", "Register", {"full_name": "Lê Thu", "email": "thu@example.com", "address": "5 Trần Phú"}),
        ("/forgot-password", "Send me the link", {"email": ANA}),
    ],
)
def test_an_open_form_comes_back_with_what_was_typed(
    guest: Visitor, cast: Cast, path: str, button: str, words: dict[str, str]
) -> None:
    page = guest.get(path)
    forget(guest)
    answer = page.press(button, **words)

    assert answer.status == 422
    assert "nothing has been sent" in answer.main.one(role="alert").text
    assert {name: answer.values(button)[name] for name in words} == words
    foreign = guest.post(path, {**page.values(button), **words}, headers={"Origin": "https://evil.example"})
    assert foreign.status == 400


@pytest.mark.parametrize("before", ["signed out", "signed in"])
def test_what_every_page_offers_works_in_a_tab_from_before(app: Flask, cast: Cast, before: str) -> None:
    """Signing in or out in another tab breaks neither signing out nor language and colours in this one."""
    tab = Visitor(app) if before == "signed out" else signed_in(app, cast.ana)
    page = tab.get("/doctors")
    forget(tab)
    enter(tab.get("/login"), "ana")
    tab.get("/doctors")  # where the browser says that the forms come from
    dark = page.press("Dark")
    assert dark.goes_to == "/doctors"
    assert dark.follow().tree.one("html").get("data-theme") == "dark"
    assert page.press("Tiếng Việt").follow().tree.one("html").get("lang") == "vi"
    token = page.values("Dark")["csrf_token"]
    foreign = {"Origin": "https://evil.example"}
    for path in ("/logout", "/preferences"):
        assert tab.post(path, {"csrf_token": token, "theme": "light"}, headers=foreign).status == 400
        assert tab.post(path, {"theme": "light"}, headers={"Origin": "null"}).status == 400
    assert tab.get("/patient/").tree.one("html").get("data-theme") == "dark"

    assert tab.post("/logout", {"csrf_token": token}).goes_to == "/"
    assert tab.get("/patient/").status == 303


def test_another_language_in_a_tab_from_before_keeps_what_is_typed(
    app: Flask, cast: Cast, places: dict[str, Any]
) -> None:
    for name, path, words in (
        ("", "/login", {"email": ANA}),
        ("chen", FORMS["record"][1].format(**places), {"diagnosis": WORDS}),
    ):
        tab = signed_in(app, getattr(cast, name)) if name else Visitor(app)
        page = tab.get(path)
        button = "Sign in" if not name else "Save the record"
        fields = page.values(button) | words
        forget(tab)
        if name:
            enter(tab.get("/login"), name)
        shown = tab.post(path, {**fields, "set_language": "vi"})
        assert shown.status == 200
        assert not shown.main.all(role="alert")
        shown_fields = shown.values("Đăng nhập" if not name else "Lưu bệnh án")
        assert {each: shown_fields[each] for each in words} == words
        assert tab.get("/doctors").tree.one("html").get("lang") == "vi"
    assert not done(app, cast, places, "record")


def test_a_form_without_a_way_back_says_what_to_do(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    chen = signed_in(app, cast.chen)
    chen.get(FORMS["record"][1].format(**places))
    answer = chen.post("/doctor/leave", {"reason": WORDS})

    assert answer.status == 400
    assert "copy what you typed, reload the page and send it again" in answer.main.text
