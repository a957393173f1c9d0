"""Everybody's own account: the overview, the password, the devices that are signed in, language and colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import accounts, mail
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.db import transaction
from clinic.settings import AccountRules
from clinic.web.account.devices import device_name
from tests.people import ANA, ONE_OF_EACH_ROLE, PASSWORD, Cast
from tests.web.visitor import Sheet, Visitor, signed_in

As = Callable[[str], Visitor]
NEW = "sen-nở-tháng-tám-91"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
PAGES = (
    "/account/",
    "/account/password",
    "/account/email",
    "/account/confirm",
    "/account/devices",
    "/account/notices",
    "/account/devices/others/end",
    "/account/devices/all/end",
)


def errors(sheet: Sheet) -> dict[str, str]:
    return {node.attrs["id"].removesuffix("-err"): node.text for node in sheet.main.all("p", class_="err")}


@pytest.fixture
def session_of(app: Flask, cast: Cast) -> Callable[..., int]:
    """Sign somebody of the cast in on another device: ``session_of("ana", PHONE)``."""

    def start(name: str, device: str = PHONE, kind: SessionKind = SessionKind.BROWSER) -> int:
        with app.app_context(), transaction() as session:
            user = session.get_one(User, getattr(cast, name))
            return start_session(user, kind, Origin(device, "203.0.113.9")).actor.session_id

    return start


def alive(app: Flask, cast: Cast, name: str) -> set[int]:
    """The ids of somebody's sessions (but the one that asks)."""
    with app.app_context():
        rows = accounts.my_sessions(cast.actor(name))
    return {row["id"] for row in rows if not row["is_this_one"]}


# --- overview ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
@pytest.mark.parametrize("path", PAGES)
def test_every_role_has_an_account(as_: As, name: str, path: str) -> None:
    assert as_(name).get(path).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_guest_signs_in_first(guest: Visitor, path: str) -> None:
    assert guest.get(path).goes_to == f"/login?next={path}"
    assert guest.command(path).status in (303, 405)


def test_the_overview_is_reached_from_the_header_and_leads_on(as_: As) -> None:
    page = as_("ana").get("/patient/").click("Account", "header")

    assert page.h1 == "My account"
    for words in ("Ana Nguyễn", ANA, "090 123 4567"):
        assert words in page.main.text
    headings = {"My details", "Who opened your record", "Change password", "Devices"}
    assert {
        page.click(words).h1 for words in ("My details", "Who opened your record", "Password", "Devices")
    } == headings
    assert "Role" not in page.main.text


def test_nothing_stands_twice_on_the_overview(as_: As) -> None:
    page = as_("ana").get("/account/")

    assert len(page.tree.all("button", value="auto")) == 1
    assert [link.text for link in page.tree.all("a")].count("Privacy") == 1


@pytest.mark.parametrize("name", ["chen", "esther"])
def test_only_patients_have_a_record_that_is_looked_at(as_: As, name: str) -> None:
    page = as_(name).get("/account/")

    assert "Who opened your record" not in page.text
    assert page.click("Devices").h1 == "Devices"


def test_language_and_colours_are_chosen_there(as_: As, app: Flask, cast: Cast) -> None:
    ana = as_("ana")
    page = ana.get("/account/")
    token = page.tree.all("input", name="csrf_token")[0].attrs["value"]
    answer = ana.post("/preferences", {"csrf_token": token, "language": "vi"})
    ana.post("/preferences", {"csrf_token": token, "theme": "dark"})

    assert answer.goes_to == "/account/"
    again = ana.get("/account/").tree.one("html")
    assert (again.get("lang"), again.get("data-theme")) == ("vi", "dark")


# --- password ---------------------------------------------------------------------------------------------------------


def change(visitor: Visitor, old: str = PASSWORD, new: str = NEW) -> Sheet:
    return visitor.get("/account/password").press("Change password", old_password=old, new_password=new)


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_a_changed_password_ends_every_other_device_at_once(app: Flask, as_: As, cast: Cast, name: str) -> None:
    here, elsewhere = as_(name), signed_in(app, getattr(cast, name))
    assert elsewhere.get("/account/").status == 200
    answer = change(here)

    assert (answer.status, answer.goes_to) == (303, "/account/")
    assert "You've changed your password." in answer.follow().text
    assert elsewhere.get("/account/").goes_to == "/login?next=/account/"
    with app.app_context():
        assert "was changed" in mail.all_mail()[-1]["subject"]


def test_a_second_press_says_what_is_true(app: Flask, as_: As, cast: Cast) -> None:
    """Both presses send the same: by the second one the old password isn't the present one any more."""
    ana = as_("ana")
    form = ana.get("/account/password")
    first, second = (form.press("Change password", old_password=PASSWORD, new_password=NEW) for _ in range(2))

    assert first.goes_to == second.goes_to == "/account/"
    told = second.follow()
    assert "This is your password already" in told.text
    assert "isn't your current password" not in told.text
    assert Visitor(app).get("/login").press("Sign in", email=ANA, password=NEW).goes_to == "/patient/"
    with app.app_context():
        assert len([mail_ for mail_ in mail.all_mail() if "was changed" in mail_["subject"]]) == 1


def test_the_new_password_signs_in(guest: Visitor, as_: As, cast: Cast) -> None:
    change(as_("ana"))
    page = guest.get("/login")

    assert page.press("Sign in", email=ANA, password=PASSWORD).status == 422
    assert page.press("Sign in", email=ANA, password=NEW).goes_to == "/patient/"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("wrong", NEW, ["old_password"]),
        ("", NEW, ["old_password"]),
        (PASSWORD, "short", ["new_password"]),
        (PASSWORD, "password123", ["new_password"]),
        ("wrong", "password123", ["old_password", "new_password"]),
        ("wrong", "short", ["old_password", "new_password"]),
        ("", "Ana Nguyễn", ["old_password", "new_password"]),
    ],
)
def test_all_that_is_wrong_stands_on_its_field_and_no_password_comes_back(
    as_: As, old: str, new: str, wrong: list[str]
) -> None:
    answer = change(as_("ana"), old, new)

    assert answer.status == 422
    assert list(errors(answer)) == wrong
    values = answer.values("Change password")
    assert not any(values[name] for name in ("old_password", "new_password"))


def test_whoever_guesses_the_present_password_is_signed_out(as_: As, clinic_has: Callable[..., None]) -> None:
    clinic_has(accounts=AccountRules(limits_tries=True))
    thief = as_("ana")
    # A new password that can't be one makes no guess free.
    answers = [change(thief, f"guess {number}", "short" if number % 2 else NEW) for number in range(4)]
    assert [answer.status for answer in answers] == [422] * 4
    assert change(thief, "the last guess").goes_to == "/login?next=/account/password"
    assert thief.get("/account/").goes_to == "/login?next=/account/"


# --- devices ----------------------------------------------------------------------------------------------------------


def test_the_devices_are_told_in_words_this_one_first(as_: As, session_of: Callable[..., int]) -> None:
    session_of("ana", PHONE)
    session_of("ana", "portal-cli/2 <b>", SessionKind.API)
    session_of("boris", LAPTOP)
    page = as_("ana").get("/account/devices")
    shown = [node.text for node in page.main.all("li", class_="person")]

    assert len(shown) == 3
    assert "This device" in shown[0]
    assert "This device" not in shown[1] + shown[2]
    assert any("Safari on iPhone" in line and "203.0.113.9" in line for line in shown)
    assert any("portal-cli/2 <b>" in line and "An app that uses your account" in line for line in shown)


def test_devices_that_look_alike_stand_together(as_: As, session_of: Callable[..., int]) -> None:
    numbers = [session_of("ana", PHONE) for _ in range(3)]
    session_of("ana", LAPTOP)
    page = as_("ana").get("/account/devices")
    shown = page.main.all("li", class_="person")

    assert len(shown) == 3
    (phones,) = [each for each in shown if "Safari on iPhone" in each.text]
    assert "and 2 older sign-ins on devices like this" in phones.one("summary").text
    assert {link.attrs["href"] for link in phones.all("a")} == {f"/account/devices/{each}/end" for each in numbers}


def test_one_device_is_signed_out_after_a_question(
    app: Flask, as_: As, cast: Cast, session_of: Callable[..., int]
) -> None:
    number = session_of("ana")
    kept = session_of("ana", LAPTOP)
    question = as_("ana").get(f"/account/devices/{number}/end")
    assert question.h1 == "Sign out this device?"
    assert "Safari on iPhone" in question.text
    assert number in alive(app, cast, "ana"), "asking changes nothing"
    answer = question.press("Sign it out")

    assert (answer.status, answer.goes_to) == (303, "/account/devices")
    assert "The device has been signed out." in answer.follow().text
    assert number not in alive(app, cast, "ana")
    assert kept in alive(app, cast, "ana")
    again = question.press("Sign it out")
    assert again.goes_to == "/account/devices", "a second press finds it signed out"
    assert "This device isn't signed in any more." in again.follow().text


def test_a_device_that_is_signed_out_elsewhere_is_out_at_once(app: Flask, as_: As, cast: Cast) -> None:
    elsewhere, here = as_("ana"), signed_in(app, cast.ana)
    others = [
        link
        for link in here.get("/account/devices").main.all("a")
        if link.attrs["href"].endswith("/end") and ":" in link.text
    ]
    here.get(others[-1].attrs["href"]).press("Sign it out")

    assert elsewhere.get("/patient/").goes_to == "/login?next=/patient/"
    assert here.get("/patient/").status == 200


def test_signing_out_this_device_leads_to_the_first_page(as_: As) -> None:
    ana = as_("ana")
    (link,) = [node for node in ana.get("/account/devices").main.all("a") if node.text.startswith("Sign out :")]
    question = ana.get(link.attrs["href"])
    assert "the one you're using now" in question.text
    answer = question.press("Sign it out")

    assert answer.goes_to == "/"
    assert "The device has been signed out." in answer.follow().text
    assert ana.get("/patient/").status == 303


def test_all_others(app: Flask, as_: As, cast: Cast, session_of: Callable[..., int]) -> None:
    numbers = {session_of("ana"), session_of("ana", "client", SessionKind.API)}
    of_boris = session_of("boris")
    ana = as_("ana")
    question = ana.get("/account/devices").click("Sign out all others")
    answer = question.press("Sign out the others")

    assert answer.goes_to == "/account/devices"
    assert not numbers & alive(app, cast, "ana")
    assert of_boris in alive(app, cast, "boris")
    after = answer.follow()
    assert "We've signed you out on all other devices." in after.text


def test_all_of_them(app: Flask, as_: As, cast: Cast, session_of: Callable[..., int]) -> None:
    number = session_of("ana")
    ana, elsewhere = as_("ana"), signed_in(app, cast.ana)
    answer = ana.get("/account/devices").click("Sign out everywhere").press("Sign out everywhere")

    assert answer.goes_to == "/"
    assert "You're signed out everywhere." in answer.follow().text
    assert number not in alive(app, cast, "ana")
    assert [ana.get("/account/").status, elsewhere.get("/account/").status] == [303, 303]


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_anothers_device_is_as_unknown_as_a_missing_one(
    app: Flask, as_: As, cast: Cast, session_of: Callable[..., int], name: str
) -> None:
    number = session_of("boris")
    for each in (number, 999999):
        assert as_(name).get(f"/account/devices/{each}/end").status == 404
        assert as_(name).command(f"/account/devices/{each}/end").goes_to == "/account/devices"
    assert number in alive(app, cast, "boris")


@pytest.mark.parametrize("path", ["/account/password", "/account/devices/others/end", "/account/devices/all/end"])
def test_a_form_without_its_token_is_refused(as_: As, path: str) -> None:
    assert as_("ana").post(path).status == 400
    assert as_("ana").get("/account/").status == 200


@pytest.mark.parametrize("path", ["/account/", "/account/devices"])
def test_what_is_only_looked_at_takes_no_command(as_: As, path: str) -> None:
    assert as_("ana").command(path).status == 405


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (PHONE, "Safari on iPhone"),
        (LAPTOP, "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("x" * 200, "x" * 60),
        ("", "Unknown device"),
    ],
)
def test_how_a_device_is_called(app: Flask, said: str, name: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert device_name(said) == name
