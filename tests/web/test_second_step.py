"""The second step on pages, without JavaScript: signing in with it, setting it up, removing it, and proving who one is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from clinic import accounts, settings
from tests.authenticator import Authenticator, set_up
from tests.people import ANA, ESTHER, PASSWORD, Cast
from tests.web.test_passwords import links, opened
from tests.web.visitor import Sheet, Visitor, signed_in

WRONG = "That code isn't right, or was used already."


def code_of(app: Flask, authenticator: Authenticator, steps: int = 0) -> str:
    """The code that an app shows now."""
    with app.app_context():
        return authenticator.code(steps)


def wrong_code(app: Flask, authenticator: Authenticator) -> str:
    """A code that is no good now."""
    with app.app_context():
        return authenticator.wrong_code()


@pytest.fixture
def app_of_ana(app: Flask, cast: Cast) -> Authenticator:
    """The app with which Ana takes her second step."""
    with app.app_context():
        return set_up(cast.ana)


def password(guest: Visitor, path: str = "/login", email: str = ANA) -> Sheet:
    """Type e-mail and password on the sign-in page."""
    return guest.get(path).press("Sign in", email=email, password=PASSWORD)


def scanned(page: Sheet) -> Authenticator:
    """An app that has scanned what a page shows."""
    assert page.main.one("img").attrs["src"].startswith("data:image/svg+xml")
    (secret,) = re.findall(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.main.text)
    return Authenticator(secret.replace(" ", ""), [])


def codes_on(page: Sheet) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", page.main.text)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_the_password_leads_to_the_code_and_the_code_to_where_one_was_going(app, guest, app_of_ana):
    step = password(guest, "/login?next=/patient/records")
    assert step.goes_to == "/login/second-factor?next=/patient/records"
    assert guest.get("/patient/").goes_to.startswith("/login"), "nobody is signed in yet"

    page = step.follow()
    wrong = page.press("Sign in", code=wrong_code(app, app_of_ana))
    assert (wrong.status, WRONG in wrong.main.text) == (422, True)
    arrived = wrong.press("Sign in", code=code_of(app, app_of_ana))
    assert arrived.goes_to == "/patient/records"
    assert arrived.follow().status == 200


def test_the_office_reads_that_a_password_was_right_and_the_code_is_missing(as_, guest, app_of_ana):
    password(guest)
    assert (
        "Somebody typed the right password of Ana Nguyễn; the second step was missing."
        in as_("esther").get("/admin/trail").text
    )


def test_the_ticket_is_on_no_page_and_a_code_is_good_once(app, guest, app_of_ana):
    page, code = password(guest).follow(), code_of(app, app_of_ana)
    with guest.client.session_transaction() as cookie:
        assert cookie["second_step"] not in page.html
    assert page.press("Sign in", code=code).status == 303
    other = Visitor(app)
    assert WRONG in password(other).follow().press("Sign in", code=code).main.text


def test_five_wrong_codes_lead_back_to_the_password(app, guest, app_of_ana):
    page = password(guest).follow()
    for _ in range(5):
        page = page.press("Sign in", code=wrong_code(app, app_of_ana))
        assert page.status == 422
    over = page.press("Sign in", code=code_of(app, app_of_ana))
    assert over.goes_to == "/login"
    assert "That took too long. Please sign in again." in over.follow().text


def test_without_a_ticket_there_is_nothing_to_see(guest, cast):
    for path in ("/login/second-factor", "/login/set-up-factor"):
        assert guest.get(path).goes_to == "/login"


def test_both_steps_are_read_in_vietnamese(app, cast, app_of_ana, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    for email, heading in ((ANA, "Còn một bước nữa"), (ESTHER, "Thiết lập bước xác minh thứ hai")):
        page = Visitor(app, "vi").get("/login").press("Đăng nhập", email=email, password=PASSWORD).follow()
        assert page.h1 == heading


def test_a_recovery_code_signs_in(guest, app_of_ana):
    assert password(guest).follow().press("Sign in", code=app_of_ana.recovery_codes[0]).goes_to == "/patient/"


# --- setting up -------------------------------------------------------------------------------------------------------


def test_it_is_set_up_from_ones_own_account_and_removed_again(app, as_, guest):
    ana = as_("ana")
    page = ana.get("/account/").click("Second step").click("Set up an app")
    authenticator = scanned(page)
    wrong = page.press("Set it up", code=wrong_code(app, authenticator))
    assert (wrong.status, scanned(wrong)) == (422, authenticator)
    shown = wrong.press("Set it up", code=code_of(app, authenticator))
    assert (shown.status, len(codes_on(shown))) == (200, 10)
    overview = shown.click("I've kept them")
    assert "You have 10 recovery codes left." in overview.main.text
    assert not codes_on(overview)
    assert authenticator.secret not in overview.html

    assert password(guest).goes_to == "/login/second-factor"
    assert overview.click("Remove the app").press("Remove the app").status == 303
    assert password(Visitor(app)).goes_to == "/patient/"


def test_new_recovery_codes_are_made_and_shown_once(app, as_, app_of_ana, guest):
    page = as_("ana").get("/account/second-factor").click("New recovery codes")
    assert not codes_on(page)
    codes = codes_on(page.press("Make new codes"))
    step = password(guest).follow()
    refused = step.press("Sign in", code=app_of_ana.recovery_codes[0])
    assert refused.status == 422
    assert refused.press("Sign in", code=codes[0]).status == 303


def test_staff_set_it_up_as_they_sign_in_where_it_is_needed(app, guest, cast, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    step = password(guest, "/login?next=/admin/patients", ESTHER)
    assert step.goes_to == "/login/set-up-factor?next=/admin/patients"
    page = step.follow()
    shown = page.press("Set it up and sign in", code=code_of(app, scanned(page)))
    assert len(codes_on(shown)) == 10
    assert shown.click("I've kept them").h1 == guest.get("/admin/patients").h1
    assert guest.get("/account/second-factor").main.text.count("Remove the app") == 0
    assert password(Visitor(app), email=ANA).goes_to == "/patient/"


# --- proof ------------------------------------------------------------------------------------------------------------


def test_whoever_signed_in_long_ago_is_asked_for_the_password_first(app, cast, clock_at):
    clock_at("2026-03-02 12:00")
    ana = signed_in(app, cast.ana)
    clock_at("2026-03-02 12:06")
    asked = ana.get("/account/second-factor/totp")
    assert asked.goes_to == "/account/prove?next=/account/second-factor/totp"
    question = asked.follow()
    assert question.h1 == "Is it you?"
    wrong = question.press("Confirm", password="wrong")
    assert (wrong.status, "This isn't your current password." in wrong.main.text) == (422, True)
    arrived = wrong.press("Confirm", password=PASSWORD)
    assert arrived.goes_to == "/account/second-factor/totp"
    assert arrived.follow().h1 == "Set up an app"


def test_who_has_a_second_step_proves_by_it(app, cast, app_of_ana, clock_at):
    clock_at("2026-03-02 12:00")
    ana = signed_in(app, cast.ana)
    clock_at("2026-03-02 12:06")
    question = ana.get("/account/recovery-codes").follow()
    assert question.press("Confirm", code=code_of(app, app_of_ana)).goes_to == "/account/recovery-codes"


def test_a_copied_cookie_is_worth_nothing_after_a_proof_and_an_open_form_still_is(app, cast):
    ana, thief = signed_in(app, cast.ana), Visitor(app)
    with ana.client.session_transaction() as cookie:
        copied = dict(cookie)
    with thief.client.session_transaction() as cookie:
        cookie.update(copied)
    assert thief.get("/account/").status == 200
    form = ana.get("/account/password")
    assert ana.get("/account/prove").press("Confirm", password=PASSWORD).status == 303
    assert thief.get("/account/").goes_to.startswith("/login")
    assert form.press("Change password", old_password="wrong", new_password="sen-nở-tháng-tám-91").status == 422


def test_the_fifth_wrong_password_signs_out(app, cast, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    ana = signed_in(app, cast.ana)
    page = ana.get("/account/prove")
    for _ in range(4):
        page = page.press("Confirm", password="wrong")
        assert page.status == 422
    over = page.press("Confirm", password="wrong")
    assert over.goes_to.startswith("/login")
    assert "so we've signed you out" in over.follow().text
    assert ana.get("/account/").goes_to.startswith("/login")


# --- what asks for it, and what the office does -------------------------------------------------------------------------


@pytest.fixture
def esther_of_long_ago(app, cast, clock_at) -> Visitor:
    """Esther, who signed in longer ago than a proof is good for."""
    clock_at("2026-03-02 12:00")
    esther = signed_in(app, cast.esther)
    clock_at("2026-03-02 12:06")
    return esther


def test_the_question_comes_before_anything_is_typed(esther_of_long_ago, cast):
    for path in ("users/new", "doctors/new", f"users/{cast.boris}/switch", f"users/{cast.boris}/reset-factor"):
        assert esther_of_long_ago.get(f"/admin/{path}").goes_to == f"/account/prove?next=/admin/{path}"
    assert esther_of_long_ago.get(f"/admin/users/{cast.boris}").status == 200


def test_another_e_mail_waits_for_the_proof_and_is_not_typed_twice(esther_of_long_ago, cast):
    page = esther_of_long_ago.get(f"/admin/users/{cast.chen}")
    question = page.press("Save", email="thief@example.com")
    assert (question.status, question.h1) == (422, "Is it you?")
    kept = question.press("Confirm", password=PASSWORD)
    assert "thief@example.com" in kept.main.text
    assert kept.press("Send it now").goes_to == f"/admin/users/{cast.chen}"


def test_an_invitation_that_is_sent_again_waits_for_the_proof(app, esther_of_long_ago, cast):
    with app.app_context():
        invited = accounts.invite_admin(
            cast.actor("esther"), email="fay@clinic.example", full_name="Fay", phone_num="0911222333"
        )
    page = f"/admin/users/{invited}"
    asked = esther_of_long_ago.get(page).press("Invite again")
    assert asked.goes_to == f"/account/prove?next={page}"
    back = asked.follow().press("Confirm", password=PASSWORD)
    assert back.follow().press("Invite again").goes_to == page


def test_the_own_password_asks_whoever_has_a_second_step(app, cast, app_of_ana, clock_at):
    clock_at("2026-03-02 12:00")
    ana, boris = signed_in(app, cast.ana), signed_in(app, cast.boris)
    clock_at("2026-03-02 12:06")
    assert boris.get("/account/password").status == 200
    assert ana.get("/account/password").goes_to == "/account/prove?next=/account/password"


def test_the_office_resets_the_second_step_of_others(app, as_, app_of_ana, cast, guest):
    esther = as_("esther")
    account = esther.get(f"/admin/users/{cast.ana}")
    assert "with a second step" in account.main.text
    page = account.click("Reset the second step")
    assert page.h1 == "Reset the second step of Ana Nguyễn?"
    done = page.press("Reset the second step").follow()
    assert "The second step is reset." in done.text
    assert "with a second step" not in done.main.text
    assert password(guest).goes_to == "/patient/"
    again = page.press("Reset the second step")
    assert (again.status, "No second step is set up." in again.main.text) == (409, True)


def test_nobody_is_offered_to_reset_their_own(app, as_, cast):
    with app.app_context():
        set_up(cast.esther)
    esther = as_("esther")
    assert "Reset the second step" not in esther.get(f"/admin/users/{cast.esther}").main.text
    page = esther.get(f"/admin/users/{cast.esther}/reset-factor")
    assert "You can't do this with your own account." in page.main.text
    assert not page.main.all("button")


def test_the_office_sees_which_colleagues_have_none(as_, cast):
    assert "without a second step" in as_("esther").get(f"/admin/users/{cast.chen}").main.text
    assert "second step" not in as_("esther").get(f"/admin/users/{cast.boris}").main.text


# --- invitations ------------------------------------------------------------------------------------------------------


def test_who_is_invited_sets_it_up_at_once_where_it_is_needed(app, guest, cast, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    with app.app_context():
        accounts.invite_admin(
            cast.actor("esther"), email="mai@clinic.example", full_name="Mai Lan", phone_num="0912345670"
        )
    (link,) = links(app, "mai@clinic.example")
    chosen = opened(guest, link).press("Save this password", new_password="sen-nở-tháng-tám-91")
    assert chosen.goes_to == "/login/set-up-factor"
    page = chosen.follow()
    assert "Your password is set. One step is left." in page.text
    shown = page.press("Set it up and sign in", code=code_of(app, scanned(page)))
    assert len(codes_on(shown)) == 10
    assert shown.click("I've kept them").path == "/admin/"


def test_a_forgotten_password_gives_no_way_round_the_second_step(app, guest, app_of_ana):
    with app.app_context():
        accounts.forgot_password(ANA)
    (link,) = links(app, ANA)
    assert opened(guest, link).press("Save this password", new_password="sen-nở-tháng-tám-91").goes_to == "/login"
    step = guest.get("/login").press("Sign in", email=ANA, password="sen-nở-tháng-tám-91")
    assert step.goes_to == "/login/second-factor"
