"""Passkeys on pages: what a browser's script would send is sent by a device in software; without a script other ways are named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from clinic import clock, settings
from clinic.accounts.factor_models import Passkey
from clinic.db import transaction
from tests.authenticator import set_up
from tests.passkey_device import PasskeyDevice, give_passkey, passkey_id_of
from tests.people import ANA, ESTHER, PASSWORD, Cast
from tests.web.test_second_step import codes_on, password
from tests.web.visitor import Sheet, Visitor, signed_in

REFUSED = "That passkey didn't work here."
NEEDS_SCRIPT = "Passkeys need JavaScript"


def options_on(page: Sheet, kind: str) -> str:
    """What a page lets the browser be asked for a passkey."""
    (place,) = [node for node in page.tree if node.get("data-passkey") == kind]
    return place.attrs["data-options"]


def signed(page: Sheet, device: PasskeyDevice) -> str:
    """What a device signs for a page."""
    return device.sign(options_on(page, "get"))


def made(page: Sheet, device: PasskeyDevice) -> str:
    """The passkey that a device makes for a page."""
    return device.make(options_on(page, "create"))


@pytest.fixture
def device(app: Flask, cast: Cast) -> PasskeyDevice:
    """The device with Ana's passkey."""
    with app.app_context():
        return give_passkey(cast.ana, "My phone")


# --- signing in -------------------------------------------------------------------------------------------------------


def test_after_the_password_a_passkey_leads_to_where_one_was_going(guest, device):
    page = password(guest, "/login?next=/patient/records").follow()
    assert "Recovery code" in page.main.text
    assert NEEDS_SCRIPT in page.html
    refused = page.press("Sign in", passkey=signed(page, PasskeyDevice(credential_id=device.credential_id)))
    assert (refused.status, REFUSED in refused.main.text) == (422, True)
    assert not refused.values("Sign in")["passkey"]
    assert refused.press("Sign in", passkey=signed(refused, device)).goes_to == "/patient/records"


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "http://localhost:8001"}, {"rp_id": "thief.example"}, {"challenge": "B" * 43}, {"flags": 1}],
    ids=str,
)
def test_what_was_signed_elsewhere_signs_nobody_in(guest, device, wrong):
    page = password(guest).follow()
    assert REFUSED in page.press("Sign in", passkey=signed(page, replace(device, **wrong))).main.text
    assert guest.get("/patient/").goes_to.startswith("/login")


def test_what_was_signed_once_is_worth_nothing_in_another_sign_in(app, guest, device):
    page = password(guest).follow()
    answer = signed(page, device)
    assert page.press("Sign in", passkey=answer).status == 303
    again = password(Visitor(app)).follow()
    assert REFUSED in again.press("Sign in", passkey=answer).main.text


def test_the_address_is_the_clinics_own_where_it_has_one(guest, device, clinic_has):
    clinic_has(public_url="https://clinic.example")
    page = password(guest).follow()
    assert '"rpId": "clinic.example"' in options_on(page, "get")
    assert REFUSED in page.press("Sign in", passkey=signed(page, device)).main.text
    at_home = replace(device, origin="https://clinic.example", rp_id="clinic.example")
    again = password(guest).follow()
    assert again.press("Sign in", passkey=signed(again, at_home)).status == 303


def test_without_a_script_a_recovery_code_signs_in(app, guest, cast):
    page_codes = codes_on(_added(signed_in(app, cast.ana), PasskeyDevice()))
    assert password(guest).follow().press("Sign in", code=page_codes[0]).goes_to == "/patient/"


def test_neither_passkey_nor_code_is_no_answer(guest, device):
    assert "Please fill this in." in password(guest).follow().press("Sign in").main.text


# --- one's own --------------------------------------------------------------------------------------------------------


def _added(visitor: Visitor, device: PasskeyDevice, name: str = "My phone") -> Sheet:
    page = visitor.get("/account/second-factor").click("Add a passkey")
    return page.press("Add a passkey", name=name, passkey=made(page, device))


def test_it_is_added_named_anew_and_removed(as_, app, guest):
    ana, device = as_("ana"), PasskeyDevice()
    shown = _added(ana, device)
    assert (shown.status, len(codes_on(shown))) == (200, 10)
    overview = shown.click("I've kept them")
    assert "Not used yet" in overview.main.text
    renamed = overview.click("Rename : My phone").press("Save", name="Old phone").follow()
    assert "Old phone" in renamed.main.text

    page = password(guest).follow()
    assert page.press("Sign in", passkey=signed(page, device)).goes_to == "/patient/"
    assert "Last used" in ana.get("/account/second-factor").main.text

    question = renamed.click("Remove : Old phone")
    assert "Your recovery codes are good no more." in question.main.text
    assert "Your password alone signs you in now." in question.press("Remove the passkey").follow().text
    assert password(Visitor(app)).goes_to == "/patient/"


def test_what_is_wrong_stays_on_the_page_and_the_name_too(as_):
    page = as_("ana").get("/account/second-factor/passkeys/new")
    assert page.values("Add a passkey")["name"]
    nameless = page.press("Add a passkey", name=" ", passkey=made(page, PasskeyDevice()))
    assert (nameless.status, "Please fill this in." in nameless.main.text) == (422, True)
    scriptless = page.press("Add a passkey", name="My phone")
    assert (scriptless.status, "This needs JavaScript." in scriptless.main.text) == (422, True)
    assert scriptless.values("Add a passkey")["name"] == "My phone"
    elsewhere = page.press("Add a passkey", passkey=made(page, PasskeyDevice(origin="http://thief.example")))
    assert (elsewhere.status, REFUSED in elsewhere.main.text) == (422, True)


def test_a_device_is_added_once(as_, device):
    refused = _added(as_("ana"), device)
    assert (refused.status, "This passkey is set up already." in refused.main.text) == (409, True)


def test_nobody_sees_names_or_removes_anothers(app, as_, cast, device):
    with app.app_context():
        number = passkey_id_of(cast.ana)
    boris = as_("boris")
    for path in (f"/account/second-factor/passkeys/{number}", f"/account/second-factor/passkeys/{number}/remove"):
        assert boris.get(path).status == 404
        assert boris.post(path, {"name": "Mine", "csrf_token": boris.token()}).status == 404
    assert "My phone" in as_("ana").get("/account/second-factor").main.text


def test_a_copied_one_is_shown_and_not_offered_any_more(app, as_, guest, device):
    copied = replace(device)
    for _ in range(2):
        page = password(Visitor(app)).follow()
        assert page.press("Sign in", passkey=signed(page, device)).status == 303
    page = password(guest).follow()
    refused = page.press("Sign in", passkey=signed(page, copied))
    assert REFUSED in refused.main.text
    assert "data-passkey" not in refused.html
    overview = as_("ana").get("/account/second-factor").main.text
    assert "Not accepted" in overview
    assert "Remove it, and add a new one." in overview
    log = as_("esther").get("/admin/trail").text
    assert "A passkey of Ana Nguyễn was refused, as it may have been copied." in log
    assert "Ana Nguyễn signed in with a passkey." in log


def test_who_has_a_refused_one_besides_hears_that_only_recovery_codes_are_left(app, as_, cast, device):
    with app.app_context():
        set_up(cast.ana)
    ana = as_("ana")
    assert "Your passkeys stay." in ana.get("/account/second-factor/totp/remove").main.text
    with app.app_context(), transaction() as current:
        current.scalars(select(Passkey)).one().refused_at = clock.now()
    page = ana.get("/account/second-factor/totp/remove")
    assert "Only your recovery codes sign you in then" in page.main.text
    assert "/account/devices" in [link.get("href") for link in page.main.all("a")]
    assert "Your other ways stay." in ana.get(f"/account/second-factor/passkeys/{_id(app, cast)}/remove").main.text


def _id(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return passkey_id_of(cast.ana)


def test_the_office_resets_passkeys_too(as_, cast, device, guest):
    page = as_("esther").get(f"/admin/users/{cast.ana}").click("Reset the second step")
    assert page.press("Reset the second step").status == 303
    assert password(guest).goes_to == "/patient/"


# --- proof ------------------------------------------------------------------------------------------------------------


def test_who_has_a_passkey_proves_by_it_and_nothing_typed_is_lost(app, cast, device, clock_at):
    clock_at("2026-03-02 12:00")
    ana = signed_in(app, cast.ana)
    page = ana.get("/account/second-factor/passkeys/new")
    key_ring = PasskeyDevice()
    clock_at("2026-03-02 12:06")
    question = page.press("Add a passkey", name="Key ring", passkey=made(page, key_ring))
    assert (question.status, question.h1) == (422, "Is it you?")
    kept = question.press("Confirm", passkey=signed(question, device))
    assert "Key ring" in kept.main.text
    assert kept.press("Send it now").status == 200
    assert "Key ring" in ana.get("/account/second-factor").main.text


def test_a_proof_is_good_once(app, cast, device):
    ana = signed_in(app, cast.ana)
    page = ana.get("/account/prove?next=/account/recovery-codes")
    answer = signed(page, device)
    assert page.press("Confirm", passkey=answer).goes_to == "/account/recovery-codes"
    refused = ana.get("/account/prove").press("Confirm", passkey=answer)
    assert (refused.status, REFUSED in refused.main.text) == (422, True)


def test_five_wrong_ones_sign_out(app, cast, device, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    page = signed_in(app, cast.ana).get("/account/prove")
    for _ in range(4):
        page = page.press("Confirm", passkey=signed(page, PasskeyDevice()))
        assert page.status == 422
    assert page.press("Confirm", passkey=signed(page, PasskeyDevice())).goes_to.startswith("/login")


# --- where it is needed -----------------------------------------------------------------------------------------------


@pytest.fixture
def needed(clinic_has) -> None:
    """People who work here need a second step."""
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))


def test_staff_set_up_a_passkey_as_they_sign_in(app, guest, cast, needed):
    device = PasskeyDevice()
    page = password(guest, "/login?next=/admin/patients", ESTHER).follow()
    scriptless = page.press("Add a passkey and sign in", name="Reception")
    assert (scriptless.status, "This needs JavaScript." in scriptless.main.text) == (422, True)
    wrong = scriptless.press("Add a passkey and sign in", passkey=made(page, replace(device, rp_id="thief.example")))
    assert (wrong.status, REFUSED in wrong.main.text) == (422, True)
    shown = wrong.press("Add a passkey and sign in", passkey=made(wrong, device))
    assert len(codes_on(shown)) == 10
    assert shown.click("I've kept them").h1 == guest.get("/admin/patients").h1
    overview = guest.get("/account/second-factor").main.text
    assert "Remove : Reception" not in overview, "it is the only one"
    again = password(Visitor(app), email=ESTHER).follow()
    assert again.press("Sign in", passkey=signed(again, device)).goes_to == "/admin/"


def test_the_second_step_is_read_in_vietnamese(app, cast, device):
    page = Visitor(app, "vi").get("/login").press("Đăng nhập", email=ANA, password=PASSWORD).follow()
    for words in ("Dùng khoá truy cập", "Mã dự phòng", "Khoá truy cập cần JavaScript"):
        assert words in page.html
