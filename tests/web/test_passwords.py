"""A forgotten password, from the sign-in page through the mail to the new one; and all that a link is not good for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from structlog.testing import capture_logs

from clinic import accounts, mail
from clinic.limits import limiter
from tests.people import ANA, BORIS, PASSWORD, Cast
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
NEW = "sen-nở-tháng-tám-91"
FORGOTTEN = "/forgot-password"
LINK = re.compile(r"https?://[^/\s]+(/reset-password/\S+)")
DEAD = "This link has expired"


def errors(sheet: Sheet) -> dict[str, str]:
    return {node.attrs["id"].removesuffix("-err"): node.text for node in sheet.main.all("p", class_="err")}


def ask(visitor: Visitor, email: str) -> Sheet:
    return visitor.get(FORGOTTEN).press("Send me the link", email=email)


def links(app: Flask, email: str = ANA) -> list[str]:
    """The paths of the links in a person's mails, oldest first."""
    with app.app_context():
        bodies = [row["body"] for row in mail.all_mail() if row["to"] == email]
    return [match.group(1) for body in bodies for match in LINK.finditer(body)]


@pytest.fixture
def link(app: Flask, guest: Visitor, cast: Cast) -> str:
    """The link that Ana was sent."""
    assert ask(guest, ANA).status == 303
    return links(app)[0]


def opened(visitor: Visitor, path: str) -> Sheet:
    """The page behind a good link: the link itself only leads on."""
    answer = visitor.get(path)
    assert answer.status == 303
    return answer.follow()


def choose(visitor: Visitor, path: str, password: str = NEW) -> Sheet:
    return opened(visitor, path).press("Save this password", new_password=password)


# --- the whole story --------------------------------------------------------------------------------------------------


def test_from_the_sign_in_page_through_the_mail_to_the_new_password(app: Flask, guest: Visitor, as_: As) -> None:
    elsewhere = as_("ana")
    assert elsewhere.get("/patient/").status == 200
    question = guest.get("/login").click("Forgotten your password?")
    assert question.h1 == "Forgotten password"

    said = question.press("Send me the link", email=ANA.upper()).follow()
    assert said.h1 == "Check your e-mail"
    assert ANA not in said.path + said.text
    (path,) = links(app)

    page = opened(guest, path)
    assert page.h1 == "Choose your password"
    assert "We'll sign you out wherever you're signed in now." in page.main.text
    answer = page.press("Save this password", new_password=NEW)
    assert (answer.status, answer.goes_to) == (303, "/login")
    sign_in = answer.follow()
    assert "Your password has been changed." in sign_in.text

    assert elsewhere.get("/patient/").goes_to == "/login?next=/patient/", "signed out elsewhere at once"
    assert sign_in.press("Sign in", email=ANA, password=PASSWORD).status == 422
    assert sign_in.press("Sign in", email=ANA, password=NEW).goes_to == "/patient/"
    with app.app_context():
        subjects = [row["subject"] for row in mail.all_mail()]
    assert subjects.count("Your password at Sen Clinic was changed") == 1


def test_who_is_invited_chooses_a_password_on_the_same_page(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        accounts.invite_admin(
            cast.actor("esther"), email="mai@clinic.example", full_name="Mai Lan", phone_num="0912345670"
        )
    (path,) = links(app, "mai@clinic.example")
    page = opened(guest, path)
    assert "signed out" not in page.main.text, "who never signed in is signed in nowhere"
    chosen = page.press("Save this password", new_password=NEW).follow()
    assert "Your password is set. Sign in with it." in chosen.text
    signed_in = chosen.press("Sign in", email="mai@clinic.example", password=NEW)

    assert signed_in.goes_to == "/admin/"


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_page_tells_nobody_who_is_known_here(guest: Visitor, cast: Cast) -> None:
    """Whatever the API does in development."""
    known, unknown = ask(guest, ANA), ask(guest, "nobody@example.com")

    assert (known.status, known.goes_to) == (unknown.status, unknown.goes_to)
    assert known.follow().main.written() == unknown.follow().main.written()
    assert len(links(guest.app)) == 1


@pytest.mark.parametrize("typed", ["", "e" * 400, "a\x00b", "no e-mail"])
def test_what_is_no_e_mail_is_kept(guest: Visitor, cast: Cast, typed: str) -> None:
    answer = ask(guest, typed)

    assert answer.status == 422
    assert list(errors(answer)) == ["email"]
    if "\x00" not in typed:
        assert answer.values("Send me the link")["email"] == typed


def test_a_form_without_its_token_is_refused(guest: Visitor, link: str) -> None:
    for path in (FORGOTTEN, opened(guest, link).path):
        assert guest.post(path, headers={"Origin": "https://elsewhere.example"}).status == 400
        assert guest.post(path).status == 422, "one of our own pages is shown again, and nothing is done"
    assert not links(guest.app)[1:]


@pytest.fixture
def limited(cast: Cast, make_app: Callable[..., Flask]) -> Iterator[Visitor]:
    """A guest of an application that counts attempts."""
    yield Visitor(make_app(ratelimit_enabled=True))
    limiter.reset()
    limiter.enabled = False


def test_one_account_gets_five_mails_an_hour(limited: Visitor, clock_at: Callable[[str], object]) -> None:
    statuses = [ask(limited, ANA).status for _ in range(6)]

    assert statuses == [303] * 5 + [429]
    assert ask(limited, BORIS).status == 303, "another account still may"
    assert limited.get(FORGOTTEN).status == 200, "looking at the page is no attempt"
    assert len(links(limited.app)) == 5


def test_one_address_asks_for_twenty_mails_an_hour(limited: Visitor) -> None:
    statuses = [ask(limited, f"somebody{number}@example.com").status for number in range(21)]

    assert statuses == [303] * 20 + [429]


# --- the link ---------------------------------------------------------------------------------------------------------


def test_the_token_stands_in_the_address_of_the_mail_only(guest: Visitor, link: str) -> None:
    token = link.rpartition("/")[2]
    with capture_logs() as lines:
        answer = guest.get(link)
        page = answer.follow()

    assert (answer.status, answer.headers["Cache-Control"]) == (303, "no-store")
    assert token not in answer.goes_to + page.path + page.html
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert token not in str(lines)
    with guest.client.session_transaction() as kept:
        assert token not in str(dict(kept)), "the cookie is readable, so it is sealed there"
    refused = page.press("Save this password", new_password="short")
    assert refused.status == 422
    assert token not in refused.html


def test_of_two_tabs_each_acts_by_its_own_link(app: Flask, guest: Visitor, link: str) -> None:
    ask(guest, BORIS)
    first = opened(guest, link)
    second = opened(guest, links(app, BORIS)[0])
    assert first.path != second.path

    assert first.press("Save this password", new_password=NEW).status == 303
    login = guest.get("/login")
    assert login.press("Sign in", email=BORIS, password=NEW).status == 422, "Boris's password is what it was"
    assert login.press("Sign in", email=ANA, password=NEW).status == 303


def test_the_same_link_twice_is_one_link(guest: Visitor, link: str) -> None:
    first, again = opened(guest, link), opened(guest, link)
    assert first.path == again.path
    assert again.press("Save this password", new_password=NEW).status == 303
    assert guest.get(first.path).status == 410


def test_a_browser_carries_the_newest_three(app: Flask, guest: Visitor, link: str) -> None:
    for _ in range(3):
        ask(guest, ANA)
    pages = [opened(guest, path).path for path in links(app)]
    assert [guest.get(path).status for path in pages] == [400, 200, 200, 200]


def test_a_browser_that_refuses_cookies_is_told_so(app: Flask, guest: Visitor, link: str) -> None:
    stranger = Visitor(app)
    page = stranger.get(opened(guest, link).path)
    assert (page.status, page.h1) == (400, "Please open the link again")
    assert "your browser refuses our cookie" in page.main.text
    assert page.click("Ask for another link").h1 == "Forgotten password"


def test_what_the_browser_carries_is_good_for_half_a_day(
    guest: Visitor, link: str, clock_at: Callable[[str], object]
) -> None:
    page = opened(guest, link)
    clock_at("2026-03-02 20:59")
    assert guest.get(page.path).status == 200
    clock_at("2026-03-02 21:01")
    assert guest.get(page.path).status == 400
    assert opened(guest, link).status == 200, "the link itself is good for longer"


def test_a_link_is_dropped_when_somebody_signs_in(guest: Visitor, link: str) -> None:
    """They may be somebody else at a shared computer, whose history names the page."""
    page = opened(guest, link)
    assert guest.get("/login").press("Sign in", email=BORIS, password=PASSWORD).goes_to == "/patient/"
    refused = guest.get(page.path)
    assert (refused.status, refused.h1) == (400, "Please open the link again")
    assert opened(guest, link).status == 200, "whoever has the mail opens it again"


def test_the_page_goes_on_where_a_link_died_meanwhile(app: Flask, guest: Visitor, cast: Cast, link: str) -> None:
    page = opened(guest, link)
    with app.app_context():
        accounts.change_password(cast.actor("ana"), old_password=PASSWORD, new_password=NEW, confirm_password=NEW)
    answer = page.press("Save this password", new_password=NEW)
    assert (answer.status, answer.h1) == (410, DEAD)


def test_what_an_address_makes_up_opens_nothing(guest: Visitor, link: str) -> None:
    page = opened(guest, link)
    for mark in ("", "x", "é" * 40, "0" * 12):
        assert guest.get("/reset-password/choose", query={"link": mark}).status == 400
    assert guest.get(page.path).status == 200


def test_what_is_logged_of_a_link_is_its_pattern(app: Flask, link: str) -> None:
    from clinic.operations.logs import shown_path  # noqa: PLC0415

    with app.test_request_context(link):
        assert shown_path() == "/reset-password/<uid>/<token>"
    with app.test_request_context("/patient/appointments/7"):
        assert shown_path() == "/patient/appointments/7"


@pytest.mark.parametrize("password", ["", "short", "password123", ANA, "x" * 129])
def test_a_password_that_is_not_good_is_refused_and_not_sent_back(guest: Visitor, link: str, password: str) -> None:
    answer = choose(guest, link, password)

    assert answer.status == 422
    assert list(errors(answer)) == ["new_password"]
    assert set(answer.values("Save this password").values()) & {password} <= {""}
    assert guest.get(link).status == 303, "the link is still good"


def test_a_link_is_good_once(guest: Visitor, link: str) -> None:
    page = opened(guest, link)
    assert page.press("Save this password", new_password=NEW).status == 303
    again = page.press("Save this password", new_password=NEW)

    assert (again.status, again.h1) == (410, DEAD)
    assert (guest.get(link).status, guest.get(link).h1) == (410, DEAD)


def test_a_link_is_good_for_24_hours(guest: Visitor, link: str, clock_at: Callable[[str], object]) -> None:
    clock_at("2026-03-03 08:59")
    assert guest.get(link).status == 303
    clock_at("2026-03-03 09:01")
    assert guest.get(link).status == 410


def test_a_link_is_dead_after_any_change_of_the_password(app: Flask, guest: Visitor, cast: Cast, link: str) -> None:
    with app.app_context():
        accounts.change_password(cast.actor("ana"), old_password=PASSWORD, new_password=NEW, confirm_password=NEW)

    assert guest.get(link).status == 410


@pytest.mark.parametrize(
    "path", ["/reset-password/MQ/nothing", "/reset-password/%F0%9F%98%80/x", "/reset-password/!/!"]
)
def test_a_link_that_never_was(guest: Visitor, cast: Cast, path: str) -> None:
    page = guest.get(path)

    assert (page.status, page.h1) == (410, DEAD)
    assert page.click("Ask for another link").h1 == "Forgotten password"


def test_a_link_of_one_person_does_not_open_anothers_account(app: Flask, guest: Visitor, link: str) -> None:
    ask(guest, BORIS)
    mine, other = link.split("/"), links(app, BORIS)[0].split("/")

    assert guest.get("/".join([*mine[:3], other[3]])).status == 410


def test_whoever_is_signed_in_here_is_signed_out(as_: As, link: str) -> None:
    boris = as_("boris")
    answer = choose(boris, link)

    assert answer.follow().h1 == "Sign in"
    assert boris.get("/patient/").status == 303


def test_after_signing_in_nobody_is_led_back_to_a_link(guest: Visitor, link: str) -> None:
    answer = guest.command(f"/login?next={link}", email=ANA, password=PASSWORD)

    assert answer.goes_to == "/patient/"
