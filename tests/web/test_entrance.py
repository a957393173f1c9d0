"""The entrance: sign in, sign out, language and colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from clinic import accounts, scheduling
from clinic.limits import limiter
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]


def sign_in(visitor: Visitor, email: str, password: str = PASSWORD, path: str = "/login") -> Sheet:
    return visitor.get(path).press("Sign in", email=email, password=password)


def errors(sheet: Sheet) -> dict[str, str]:
    """What the page says beside each field."""
    return {node.attrs["id"].removesuffix("-err"): node.text for node in sheet.main.all("p", class_="err")}


# --- sign in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("email", "home"), [(ANA, "/patient/"), (CHEN, "/doctor/"), (ESTHER, "/admin/")])
def test_each_role_lands_on_its_first_page(guest: Visitor, cast: Cast, email: str, home: str) -> None:
    answer = sign_in(guest, email.upper())

    assert answer.status == 303
    assert answer.goes_to == home
    assert answer.follow().status == 200


def test_a_wrong_password_and_an_unknown_e_mail_read_the_same(guest: Visitor, cast: Cast) -> None:
    wrong = sign_in(guest, ANA, "not-the-password")
    unknown = sign_in(guest, "nobody@example.com", "not-the-password")

    assert (wrong.status, unknown.status) == (422, 422)
    assert wrong.main.one(role="alert").text == unknown.main.one(role="alert").text
    assert wrong.values("Sign in")["email"] == ANA
    assert wrong.values("Sign in")["password"] == "", "a password is never sent back"


def test_empty_fields_are_named(guest: Visitor) -> None:
    answer = guest.get("/login").press("Sign in")

    assert answer.status == 422
    assert errors(answer) == {"email": "Please fill this in.", "password": "Please fill this in."}


def test_a_closed_account_is_told_so(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    answer = sign_in(guest, ANA)

    assert answer.status == 422
    assert guest.get("/patient/").status == 303


def test_after_signing_in_the_person_is_where_they_were_going(guest: Visitor, cast: Cast) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    page = guest.get(choices).click("Sign in and confirm")

    assert "You're booking: Wednesday 4 March 2026, 10:00 Dr Chen, Cardiology" in page.main.text
    assert page.press("Sign in", email=ANA, password=PASSWORD).goes_to == choices


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "/doctor/", "/logout"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(guest: Visitor, cast: Cast, target: str) -> None:
    answer = guest.command(f"/login?next={target}", email=ANA, password=PASSWORD)

    assert answer.goes_to == "/patient/"


def test_who_is_signed_in_needs_no_entrance(as_: As) -> None:
    assert as_("ana").get("/login").goes_to == "/patient/"
    assert as_("ana").get("/register?next=/doctors").goes_to == "/doctors"


def test_an_entrance_that_is_sent_by_somebody_else_signs_them_in_instead(
    app: Flask, guest: Visitor, cast: Cast
) -> None:
    """Dr Chen types into a tab that was opened before Ana signed in beside it: nobody gets into Ana's account by that."""
    stale = guest.get("/login")
    sign_in(guest, ANA)
    asked = stale.press("Sign in", email=CHEN, password=PASSWORD)
    assert asked.status == 422
    assert asked.values("Sign in")["email"] == CHEN
    assert asked.press("Sign in", email=CHEN, password="wrong").status == 422
    assert guest.get("/patient/").status == 200, "who was signed in stays so until somebody else is"

    assert asked.press("Sign in", email=CHEN, password=PASSWORD).goes_to == "/doctor/"
    assert guest.get("/doctor/").status == 200
    with app.app_context():
        assert accounts.my_sessions(cast.actor("ana"))[1:] == [], "only the session that asks lives"


def test_an_entrance_that_is_sent_twice_leads_on(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/login?next=/doctors")
    for _ in range(2):
        assert page.press("Sign in", email=ANA.upper(), password=PASSWORD).goes_to == "/doctors"


def test_signing_in_leaves_nothing_of_the_session_before(app: Flask, guest: Visitor, cast: Cast) -> None:
    guest.get("/")
    with guest.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    sign_in(guest, ANA)
    with guest.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"]


@pytest.fixture
def limited(cast: Cast, make_app: Callable[..., Flask]) -> Iterator[Visitor]:
    """A guest of an application that counts attempts; the limiter is one for all applications of a process."""
    yield Visitor(make_app(ratelimit_enabled=True))
    limiter.reset()
    limiter.enabled = False


def test_too_many_attempts_have_to_wait(limited: Visitor) -> None:
    visitor = limited
    answers = [sign_in(visitor, ANA, "wrong") for _ in range(12)]

    assert [answer.status for answer in answers] == [422] * 10 + [429] * 2
    assert visitor.get("/login").status == 200, "looking at the page is no attempt"
    last = answers[-1]
    assert last.values("Sign in")["email"] == ANA
    assert "Please wait 15 minutes, then try again." in last.main.one(role="alert").text
    assert 0 < int(last.headers["Retry-After"]) <= 900
    assert "Retry-After" not in answers[0].headers, "a limited page that was answered asks nobody to wait"


@pytest.mark.parametrize(
    ("path", "words"), [("/register", {"full_name": "Lê Thu"}), ("/forgot-password", {"email": ANA})]
)
def test_a_form_that_was_sent_too_often_keeps_what_was_typed(
    limited: Visitor, path: str, words: dict[str, str]
) -> None:
    fields = limited.get(path).tree.one("main").one("form").all("input", name="csrf_token")[0].attrs["value"]
    answers = [limited.post(path, {"csrf_token": fields, **words}) for _ in range(31)]

    assert answers[-1].status == 429
    assert "Please wait" in answers[-1].main.one(role="alert").text
    assert [node.get("value") for name in words for node in answers[-1].main.all("input", name=name)] == list(
        words.values()
    )


# --- sign out ---------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_doing_it_twice_is_harmless(as_: As, app: Flask) -> None:
    ana = as_("ana")
    with ana.client.session_transaction() as cookie:
        secret = cookie["_user_id"]
    answer = ana.get("/patient/").press("Sign out")

    assert answer.goes_to == "/"
    assert "You're signed out." in answer.follow().text
    assert ana.get("/patient/").status == 303
    with app.app_context():
        assert accounts.actor_of_browser(secret) is None, "the cookie is dead wherever it was copied to"
    assert ana.command("/logout").goes_to == "/"


# --- language and colours ---------------------------------------------------------------------------------------------


def test_the_browsers_language_is_spoken_until_another_is_chosen(app: Flask) -> None:
    visitor = Visitor(app, language="vi-VN,vi;q=0.9,en;q=0.5")
    assert visitor.get("/doctors").tree.one("html").get("lang") == "vi"

    answer = visitor.get("/doctors").press("English")

    assert answer.goes_to == "/doctors"
    assert answer.follow().tree.one("html").get("lang") == "en"
    assert visitor.get("/").tree.one("html").get("lang") == "en"


def test_a_language_that_nobody_speaks_here_is_english(app: Flask) -> None:
    assert Visitor(app, language="xx").get("/").tree.one("html").get("lang") == "en"


def test_changing_the_language_keeps_the_choices(guest: Visitor, cast: Cast) -> None:
    path = f"/book?department={cast.cardiology}&doctor={cast.chen}"

    assert guest.get(path).press("Tiếng Việt").goes_to == path


def test_the_chosen_language_is_kept_with_the_account(app: Flask, as_: As, cast: Cast) -> None:
    as_("ana").get("/patient/").press("Tiếng Việt")

    fresh = Visitor(app, language="en")
    sign_in(fresh, ANA)

    page = fresh.get("/patient/")
    assert page.status == 200, page.text
    assert page.tree.one("html").get("lang") == "vi"


def test_the_colours_are_chosen_and_given_back_to_the_system(guest: Visitor) -> None:
    assert guest.get("/").tree.one("html").get("data-theme") is None

    dark = guest.get("/").press("Dark").follow()
    assert dark.tree.one("html").get("data-theme") == "dark"
    assert dark.tree.with_text("button", "Dark").get("aria-pressed") == "true"

    system = dark.press("Automatic").follow()
    assert system.tree.one("html").get("data-theme") is None


def test_nonsense_preferences_change_nothing(guest: Visitor) -> None:
    answer = guest.command("/preferences", language="xx", theme="<b>")

    assert answer.status == 303
    assert not answer.headers.getlist("Set-Cookie")


def test_another_sites_page_is_no_place_to_go_back_to(guest: Visitor) -> None:
    token = guest.get("/doctors").tree.all("input", name="csrf_token")[0].attrs["value"]
    answer = guest.post(
        "/preferences", {"csrf_token": token, "theme": "dark"}, headers={"Referer": "https://evil.example/x"}
    )

    assert answer.goes_to == "/"
