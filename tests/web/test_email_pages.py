"""A person's e-mail on the pages: another one by its link, taking it back, and confirming the one that they have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import accounts
from clinic.settings import AccountRules
from tests.mailed import address_to, letters
from tests.passkey_device import give_passkey
from tests.people import ANA, BORIS, PASSWORD, Cast
from tests.web.test_passwords import opened
from tests.web.visitor import Sheet, Visitor, signed_in

As = Callable[[str], Visitor]
Appointment = Callable[..., int]
NEW = "ana.new@example.com"


def request_change(visitor: Visitor, address: str = NEW) -> Sheet:
    return visitor.get("/account/email").press("Send the link", email=address)


@pytest.fixture
def path_in(app: Flask) -> Callable[[str, str], str]:
    """The path of the link in the newest mail of a kind to an address: ``path_in(NEW, "confirm_new_email")``."""

    def find(address: str, kind: str) -> str:
        with app.app_context():
            return address_to(address, kind)

    return find


def test_from_the_account_through_the_mail_to_the_new_e_mail(
    app: Flask, as_: As, cast: Cast, path_in: Callable[[str, str], str]
) -> None:
    ana, elsewhere = as_("ana"), signed_in(app, cast.ana)
    page = ana.get("/account/").click("E-mail")
    said = page.press("Send the link", email="Ana.New@example.com").follow()
    assert f"We've written to {NEW}. Nothing changes until you confirm it there." in said.text
    assert f"We're waiting for {NEW} to be confirmed." in said.text

    question = opened(ana, path_in(NEW, "confirm_new_email"))
    assert question.h1 == "Confirm your e-mail"
    assert ana.get("/account/").status == 200, "looking at the link changes nothing"
    done = question.press("Confirm my e-mail")
    assert done.goes_to == "/login"
    assert "Your new e-mail is confirmed. Sign in with it." in done.follow().text
    assert elsewhere.get("/account/").goes_to == "/login?next=/account/"
    assert Visitor(app).get("/login").press("Sign in", email=NEW, password=PASSWORD).goes_to == "/patient/"


def test_whoever_is_not_signed_in_is_asked_to_first_and_comes_back(
    app: Flask, guest: Visitor, as_: As, path_in: Callable[[str, str], str]
) -> None:
    request_change(as_("ana"))
    question = opened(guest, path_in(NEW, "confirm_new_email"))
    assert "Sign in to your account to confirm it." in question.text
    assert not question.main.all("form")
    back = question.click("Sign in and confirm").press("Sign in", email=ANA, password=PASSWORD)
    assert back.goes_to == question.path
    assert back.follow().press("Confirm my e-mail").goes_to == "/login"


def test_of_two_opened_links_only_the_one_to_confirm_is_held_over_a_sign_in(
    app: Flask, guest: Visitor, as_: As, path_in: Callable[[str, str], str]
) -> None:
    request_change(as_("ana"))
    confirm = opened(guest, path_in(NEW, "confirm_new_email"))
    keep = opened(guest, path_in(ANA, "email_requested"))
    confirm.click("Sign in and confirm").press("Sign in", email=ANA, password=PASSWORD)
    assert (guest.get(confirm.path).status, guest.get(keep.path).status) == (200, 400)


@pytest.mark.parametrize(
    ("who", "address"),
    [("ana", "/account/confirm"), ("chen", "/account/email"), ("esther", "/account/email")],
)
@pytest.mark.parametrize(("path", "status"), [("/confirm-email/x/y", 410), ("/confirm-email/now", 400)])
def test_another_link_is_asked_for_where_ones_own_is_confirmed(
    as_: As, who: str, address: str, path: str, status: int
) -> None:
    """Colleagues' first e-mail is confirmed by their invitation, a new one on its own page."""
    answer = as_(who).get(path)
    assert answer.status == status
    assert [link.get("href") for link in answer.main.all("a") if link.text == "Ask for another link"] == [address]


def test_another_persons_session_does_not_confirm(app: Flask, as_: As, path_in: Callable[[str, str], str]) -> None:
    request_change(as_("ana"))
    boris = as_("boris")
    question = opened(boris, path_in(NEW, "confirm_new_email"))
    assert "Sign in to your account" in question.text
    answer = boris.command(question.path)
    assert answer.status == 422
    assert "Please sign in to the account that this link is for." in answer.text


def test_the_old_address_takes_it_back(app: Flask, guest: Visitor, as_: As, path_in: Callable[[str, str], str]) -> None:
    ana = as_("ana")
    request_change(ana)
    path = path_in(ANA, "email_requested")
    done = opened(guest, path).press("This wasn't me: keep my e-mail")
    assert done.goes_to == "/login"
    assert "We've sent you a link to choose a new password." in done.follow().text
    assert ana.get("/account/").goes_to == "/login?next=/account/"
    assert guest.get(path).status == 410
    assert guest.get(path_in(NEW, "confirm_new_email")).status == 410
    chosen = (
        guest.get(path_in(ANA, "email_undone")).follow().press("Save this password", new_password="sen-nở-tháng-tám-91")
    )
    assert chosen.goes_to == "/login"


def test_where_it_had_a_second_step_the_office_opens_it(
    app: Flask, guest: Visitor, as_: As, cast: Cast, path_in: Callable[[str, str], str]
) -> None:
    with app.app_context():
        give_passkey(cast.ana)
    request_change(as_("ana"))
    done = opened(guest, path_in(ANA, "email_requested")).press("This wasn't me: keep my e-mail").follow()
    assert "a link to choose a new password" not in done.text
    assert "The mail that we've sent you says how to get in again." in done.text
    page = as_("esther").get(f"/admin/users/{cast.ana}")
    assert "This account is closed" in page.main.text
    shown = page.press("Send the link").follow()
    assert f"The link is on its way to {ANA}." in shown.text
    opened(guest, path_in(ANA, "password_reset")).press("Save this password", new_password="sen-nở-tháng-tám-91")
    assert "This account is closed" not in as_("esther").get(f"/admin/users/{cast.ana}").main.text


@pytest.mark.parametrize("path", ["/confirm-email/x/y", "/keep-email/MQ/abc", "/confirm-email/MQ/%00"])
def test_a_dead_link_says_what_to_do(guest: Visitor, cast: Cast, path: str) -> None:
    answer = guest.get(path)
    assert (answer.status, answer.h1) == (410, "This link has expired")


@pytest.mark.parametrize(("kind", "to"), [("confirm_new_email", NEW), ("email_requested", ANA)])
def test_the_token_stands_in_the_address_of_the_mail_only(
    app: Flask, guest: Visitor, as_: As, path_in: Callable[[str, str], str], kind: str, to: str
) -> None:
    request_change(as_("ana"))
    link = path_in(to, kind)
    token = link.rpartition("/")[2]
    answer = guest.get(link)
    page = answer.follow()
    assert (answer.status, page.status) == (303, 200)
    assert token not in answer.goes_to + page.path + page.html
    with guest.client.session_transaction() as cookie:
        assert token not in str(dict(cookie)), "the cookie is readable, so it is sealed there"
    refused = Visitor(app).get(page.path)
    assert (refused.status, refused.h1) == (400, "Please open the link again"), "a browser that takes no cookies"
    assert "your browser refuses our cookie" in refused.main.text
    assert refused.visitor.command(page.path).status == 400


def test_a_link_that_died_meanwhile_is_said_to_have(
    guest: Visitor, as_: As, path_in: Callable[[str, str], str]
) -> None:
    ana = as_("ana")
    request_change(ana)
    keep = opened(guest, path_in(ANA, "email_requested"))
    confirm = opened(ana, path_in(NEW, "confirm_new_email"))
    ana.get("/account/email").press("Keep my current e-mail")
    for page, button in ((keep, "This wasn't me: keep my e-mail"), (confirm, "Confirm my e-mail")):
        answer = page.press(button)
        assert (answer.status, answer.h1) == (410, "This link has expired")


def test_signing_out_forgets_the_links_that_were_opened(as_: As, path_in: Callable[[str, str], str]) -> None:
    ana = as_("ana")
    request_change(ana)
    page = opened(ana, path_in(NEW, "confirm_new_email"))
    ana.command("/logout")
    assert ana.get(page.path).status == 400


def test_what_is_wrong_is_said_with_what_was_typed(as_: As, cast: Cast) -> None:
    for typed, said in ((BORIS, "already an account"), ("nobody", "name@example.com"), (ANA, "your e-mail already")):
        answer = request_change(as_("ana"), typed)
        assert answer.status == 422
        assert said in answer.text
        assert answer.main.one("input", name="email").get("value") == typed


def test_too_many_mails_are_refused_and_nothing_typed_is_lost(as_: As) -> None:
    ana = as_("ana")
    for number in range(5):
        request_change(ana, f"victim{number}@example.com")
    answer = request_change(ana, "victim5@example.com")
    assert answer.status == 429
    assert answer.main.one("input", name="email").get("value") == "victim5@example.com"


def test_what_waits_is_sent_again_and_withdrawn(app: Flask, as_: As) -> None:
    ana = as_("ana")
    request_change(ana)
    assert f"We've written to {NEW}" in ana.get("/account/email").press("Send the link again").follow().text
    page = ana.get("/account/email")
    assert "Your e-mail stays as it is." in page.press("Keep my current e-mail").follow().text
    assert "No change of the e-mail is waiting." in page.press("Keep my current e-mail").text
    assert "No change of the e-mail is waiting." in page.press("Send the link again").text
    with app.app_context():
        assert len(letters("confirm_new_email")) == 2


def test_what_the_office_writes_waits_and_is_shown_as_such(
    as_: As, cast: Cast, path_in: Callable[[str, str], str]
) -> None:
    esther, address = as_("esther"), f"/admin/users/{cast.ana}"
    form = esther.get(address)
    saved = form.press("Save", email=NEW, full_name="Ana Lê")
    assert saved.goes_to == form.press("Save", email=NEW, full_name="Ana Lê").goes_to == address, "pressed twice"
    page = saved.follow()
    assert f"We're waiting for {NEW} to be confirmed." in page.text
    assert page.values("Save")["email"] == ANA
    kept = page.press("Keep the current e-mail").follow()
    assert "The e-mail stays as it is." in kept.text
    assert "waiting for" not in kept.text
    assert page.press("Keep the current e-mail").status == 409
    assert as_("boris").get(path_in(NEW, "confirm_new_email")).status == 410


# --- confirming -------------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(clinic_has: Callable[..., None]) -> None:
    """A clinic that asks for it."""
    clinic_has(accounts=AccountRules(records_need_proof=True))


@pytest.mark.usefixtures("strict")
def test_records_open_once_the_e_mail_is_confirmed(
    as_: As, appointment: Appointment, record: Callable[..., int], path_in: Callable[[str, str], str]
) -> None:
    number = appointment(status="completed")
    record(number, notes="Lying 134/85")
    ana = as_("ana")
    home = ana.get("/patient/")
    assert "Your records are hidden until we know that this account is yours." in home.text
    closed = home
    for path in (
        f"/patient/appointments/{number}/record",
        f"/patient/appointments/{number}/prescription",
        "/patient/records",
    ):
        closed = ana.get(path)
        assert (closed.status, closed.h1) == (403, "Confirm your e-mail")
        assert "134/85" not in closed.text
    sent = closed.press("Send me the link").follow()
    assert f"We've written to {ANA}. Open the link in that e-mail." in sent.text
    done = opened(ana, path_in(ANA, "confirm_email")).press("Confirm my e-mail")
    assert "Your e-mail is confirmed." in done.follow().text
    assert ana.get("/patient/records").status == 200
    assert "hidden" not in ana.get("/patient/").main.text
    assert "There's nothing left to do." in ana.get("/account/confirm").text
    again = closed.press("Send me the link")
    assert (again.status, "There's nothing left to do." in again.text) == (409, True)


def test_a_link_to_confirm_is_sent_five_times_an_hour(as_: As) -> None:
    ana = as_("ana")
    for _ in range(5):
        assert ana.get("/account/confirm").press("Send me the link").status == 303
    assert ana.get("/account/confirm").press("Send me the link").status == 429


@pytest.mark.usefixtures("strict")
def test_records_open_once_the_reception_has_seen_who_it_is(as_: As, cast: Cast) -> None:
    ana, esther = as_("ana"), as_("esther")
    page = esther.get(f"/admin/users/{cast.ana}")
    assert "Not confirmed yet" in page.text
    noted = page.press("I've seen their ID").follow()
    assert "Seen by Esther Office" in noted.text
    assert ana.get("/patient/records").status == 200
    assert "noted whether you have shown identification" in ana.get("/patient/trail").text
    assert "is gone" in noted.press("Take it back").follow().text
    assert ana.get("/patient/records").status == 403


@pytest.mark.usefixtures("strict")
def test_registered_with_anothers_e_mail_opens_nothing(
    app: Flask, guest: Visitor, cast: Cast, path_in: Callable[[str, str], str]
) -> None:
    """A thief registers with an e-mail before its owner comes; the owner opens the link of the mail, and chooses a password."""
    with app.app_context():
        thief = accounts.register_patient(
            email=NEW, password=PASSWORD, password_confirm=PASSWORD, full_name="Lan Lê", phone_num="0911222444",
            date_of_birth=date(1990, 4, 1), gender="female",
            kind=accounts.SessionKind.BROWSER, origin=accounts.Origin(),
        ).actor  # fmt: skip
    question = opened(guest, path_in(NEW, "confirm_email"))
    assert not question.main.all("form")
    question.click("Choose a new one").press("Send me the link", email=NEW)
    guest.get(path_in(NEW, "password_reset")).follow().press("Save this password", new_password="sen-nở-tháng-tám-91")
    with app.app_context():
        assert accounts.my_sessions(thief) == []
    assert Visitor(app).get("/login").press("Sign in", email=NEW, password=PASSWORD).status == 422
    owner = Visitor(app)
    owner.get("/login").press("Sign in", email=NEW, password="sen-nở-tháng-tám-91")
    assert owner.get("/patient/records").status == 200
