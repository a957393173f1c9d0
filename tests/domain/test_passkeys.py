"""One's own passkeys: adding them with real signatures of a device in software, naming them, and taking them away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, clock, settings
from clinic.accounts import Origin, PasskeyAnswer, PendingPasskey, RelyingParty, SessionKind
from clinic.accounts.factor_models import Passkey
from clinic.audit import AuditEvent
from clinic.db import session, transaction
from clinic.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from tests.domain.passkey_steps import HERE, WRONG, add, finish_by, finish_with, told
from tests.domain.post import written
from tests.domain.second_steps import PHONE, actions, pending, sign_in, ticket_of
from tests.passkey_device import BACKED_UP, PRESENT, PasskeyDevice
from tests.people import ANA, ESTHER

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def device(cast) -> PasskeyDevice:
    """The device with Ana's passkey."""
    device = PasskeyDevice()
    add(cast.actor("ana"), device)
    return device


@pytest.fixture
def needed(clinic_has) -> None:
    """People who work here need a second step."""
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))


# --- adding -----------------------------------------------------------------------------------------------------------


def test_the_first_passkey_comes_with_recovery_codes_and_the_next_without(cast):
    actor = cast.actor("ana")
    assert len(add(actor, PasskeyDevice(), "  My  phone ")) == 10
    assert add(actor, PasskeyDevice(flags=PRESENT | 4 | BACKED_UP), "Key ring") == []
    shown = accounts.my_second_factor(actor)
    assert [(each["name"], each["last_used_at"]) for each in shown["passkeys"]] == [
        ("My phone", None),
        ("Key ring", None),
    ]
    assert (shown["since"], shown["codes_left"]) == (None, 10)
    assert actions() == ["factor.added", "recovery_codes.made", "factor.added"]
    assert len(told()) == 2
    assert [row.is_backed_up for row in session().scalars(select(Passkey).order_by(Passkey.id))] == [False, True]


def test_what_a_browser_is_asked_names_no_id_of_the_account(cast, device):
    actor = cast.actor("ana")
    first, second = (json.loads(accounts.passkey_options(actor, HERE)) for _ in range(2))
    assert first["rp"] == {"name": settings.current().clinic_name, "id": "localhost"}
    assert first["user"]["id"] != second["user"]["id"]
    assert first["challenge"] == second["challenge"], "what waits in a session isn't made anew by looking at a page"
    assert first["authenticatorSelection"]["userVerification"] == "required"
    assert first["attestation"] == "none"
    assert len(first["excludeCredentials"]) == 1


@pytest.mark.parametrize(
    ("address", "origin", "name"),
    [
        ("http://localhost:8000/", "http://localhost:8000", "localhost"),
        ("https://Clinic.Example", "https://clinic.example", "clinic.example"),
        ("https://clinic.example:443", "https://clinic.example", "clinic.example"),
        ("http://clinic.example:80/", "http://clinic.example", "clinic.example"),
        ("https://clinic.example:8443", "https://clinic.example:8443", "clinic.example"),
        ("https://Phòng-Khám.example:443/", "https://xn--phng-khm-fza8n.example", "xn--phng-khm-fza8n.example"),
        ("https://straße.example", "https://xn--strae-oqa.example", "xn--strae-oqa.example"),
    ],
)
def test_the_portal_is_known_as_browsers_write_its_address(address, origin, name):
    here = RelyingParty.at(address)
    assert (here.origin, here.id) == (origin, name)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_made_elsewhere_is_no_passkey(cast, wrong, field_of):
    with pytest.raises(InvalidInput) as refusal:
        add(cast.actor("ana"), WRONG[wrong]())
    assert field_of(refusal) == ["passkey"]
    assert accounts.my_second_factor(cast.actor("ana"))["passkeys"] == []


def test_what_a_browser_made_is_good_once_and_for_its_session(cast, field_of, clock_at):
    moment = clock_at("2026-03-02 12:00")
    ana, boris, device = cast.actor("ana"), cast.actor("boris"), PasskeyDevice()
    made = PendingPasskey("Phone", PasskeyAnswer(device.make(accounts.passkey_options(ana, HERE)), HERE))
    accounts.passkey_options(boris, HERE)
    with pytest.raises(InvalidInput):
        accounts.add_passkey(boris, made)
    accounts.add_passkey(ana, made)
    with pytest.raises(InvalidInput) as refusal:
        accounts.add_passkey(ana, made)
    assert field_of(refusal) == ["passkey"]
    late = PendingPasskey("Phone", PasskeyAnswer(PasskeyDevice().make(accounts.passkey_options(ana, HERE)), HERE))
    clock_at(moment + timedelta(minutes=16))
    with pytest.raises(InvalidInput):
        accounts.add_passkey(replace(ana, proven_at=moment + timedelta(minutes=16)), late)


def test_a_passkey_is_one_persons_and_stays_so_after_its_end(cast, device):
    with pytest.raises(Conflict) as refusal:
        add(cast.actor("boris"), device)
    assert refusal.value.code == "already_set_up"
    (own,) = accounts.my_second_factor(cast.actor("ana"))["passkeys"]
    accounts.remove_passkey(cast.actor("ana"), own["id"])
    with pytest.raises(Conflict):
        add(cast.actor("boris"), device)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_name_is_needed_and_short(cast, name, field_of):
    with pytest.raises(InvalidInput) as refusal:
        add(cast.actor("ana"), PasskeyDevice(), name)
    assert field_of(refusal) == ["name"]


def test_an_account_has_a_number_of_them_at_most(cast):
    for each in range(20):
        add(cast.actor("ana"), PasskeyDevice(), f"Key {each}")
    with pytest.raises(Conflict) as refusal:
        add(cast.actor("ana"), PasskeyDevice())
    assert refusal.value.code == "too_many_passkeys"


# --- naming and taking away -------------------------------------------------------------------------------------------


def test_only_its_person_names_and_removes_a_passkey(cast, device):
    ana, boris = cast.actor("ana"), cast.actor("boris")
    (own,) = accounts.my_second_factor(ana)["passkeys"]
    accounts.rename_passkey(ana, own["id"], "Old phone")
    assert accounts.my_passkey(ana, own["id"])["name"] == "Old phone"
    for command in (
        lambda: accounts.my_passkey(boris, own["id"]),
        lambda: accounts.rename_passkey(boris, own["id"], "Mine"),
        lambda: accounts.remove_passkey(boris, own["id"]),
    ):
        with pytest.raises(NotFound):
            command()


def test_removing_the_last_one_leaves_the_password_alone(cast, device):
    ana = cast.actor("ana")
    add(ana, PasskeyDevice(), "Key ring")
    first, second = (each["id"] for each in accounts.my_second_factor(ana)["passkeys"])
    accounts.remove_passkey(ana, first)
    with pytest.raises(InvalidInput):
        finish_by(ticket_of(), device)
    assert accounts.my_second_factor(ana)["codes_left"] == 10
    accounts.remove_passkey(ana, second)
    assert sign_in().actor.user_id == cast.ana
    assert accounts.my_second_factor(ana) == {"since": None, "passkeys": [], "codes_left": 0, "is_needed": False}
    assert actions()[-2:] == ["factor.removed", "factor.removed"]
    assert len(set(told())) == 3


def test_with_a_refused_passkey_left_the_mail_names_recovery_codes_as_the_way(cast, device):
    """It still is a second step, but nothing that signs anybody in."""
    actor = cast.actor("ana")
    added, _ = pending(actor)
    accounts.add_totp(actor, added)
    with transaction() as current:
        current.scalars(select(Passkey)).one().refused_at = clock.now()
    accounts.remove_totp(actor)
    assert told()[-1].startswith("A way to sign in was removed at ")
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in()
    assert "passkey" not in str(refusal.value)
    assert accounts.my_second_factor(actor)["codes_left"] == 10


def test_a_session_has_one_challenge_also_where_two_pages_ask_at_once(cast, meanwhile):
    actor, shown = cast.actor("ana"), []

    def ask() -> None:
        shown.append(json.loads(accounts.passkey_options(actor, HERE))["challenge"])

    failed = meanwhile(("BEGIN IMMEDIATE", "FOR NO KEY UPDATE"), ask)
    ask()
    assert (failed, len(shown), len(set(shown))) == ([], 2, 1)


def test_removing_the_app_leaves_the_passkeys(cast, device):
    actor = cast.actor("ana")
    added, _ = pending(actor)
    accounts.add_totp(actor, added)
    accounts.remove_totp(actor)
    assert accounts.my_second_factor(actor)["codes_left"] == 10
    assert finish_by(ticket_of(), device)


def test_staff_who_need_one_keep_the_last_that_is_taken(cast, needed):
    device, actor = PasskeyDevice(), cast.actor("esther")
    add(actor, device)
    (own,) = accounts.my_second_factor(actor)["passkeys"]
    with pytest.raises(Conflict) as refusal:
        accounts.remove_passkey(actor, own["id"])
    assert refusal.value.code == "factor_needed"
    added, _ = pending(actor)
    accounts.add_totp(actor, added)
    accounts.remove_passkey(actor, own["id"])
    with pytest.raises(Conflict):
        accounts.remove_totp(actor)


def test_staff_set_up_a_passkey_as_they_sign_in_where_it_is_needed(cast, needed):
    device, ticket = PasskeyDevice(), ticket_of(ESTHER)
    made = device.make(accounts.passkey_options_by_ticket(ticket, HERE))
    chosen = PendingPasskey("Reception", PasskeyAnswer(made, HERE))
    done = accounts.finish_set_up(ticket=ticket, pending=chosen, kind=SessionKind.BROWSER, origin=PHONE)
    assert len(done.recovery_codes) == 10
    assert accounts.actor_of_browser(done.signed_in.secret) == done.signed_in.actor
    with pytest.raises(Unauthenticated):
        accounts.passkey_options_by_ticket(ticket, HERE)
    assert finish_by(ticket_of(ESTHER), device)


def test_a_passkey_of_elsewhere_sets_nothing_up_and_counts_as_a_try(cast, needed):
    ticket = ticket_of(ESTHER)
    for _ in range(5):
        made = PasskeyDevice(origin="http://thief.example").make(accounts.passkey_options_by_ticket(ticket, HERE))
        with pytest.raises(InvalidInput):
            accounts.finish_set_up(
                ticket=ticket,
                pending=PendingPasskey("Phone", PasskeyAnswer(made, HERE)),
                kind=SessionKind.BROWSER,
                origin=Origin(),
            )
    with pytest.raises(Unauthenticated):
        accounts.passkey_options_by_ticket(ticket, HERE)


def test_another_admin_resets_passkeys_too_and_ends_the_sessions(cast, device):
    browser = finish_by(ticket_of(), device)
    assert accounts.open_account(cast.actor("esther"), cast.ana)["second_factor_since"] is not None
    accounts.reset_second_factor(cast.actor("esther"), cast.ana)
    assert accounts.actor_of_browser(browser.secret) is None
    assert sign_in().actor.user_id == cast.ana
    assert accounts.open_account(cast.actor("esther"), cast.ana)["second_factor_since"] is None
    assert session().scalars(select(Passkey.ended_because)).one() == "reset"


def test_the_operator_resets_passkeys_too(cast, device):
    accounts.reset_second_factor_of(ANA)
    assert sign_in().actor.user_id == cast.ana


def test_nothing_that_a_device_keeps_is_written(cast, device):
    ticket = ticket_of()
    signed = device.sign(accounts.second_step_by_ticket(ticket, HERE).passkey_options)
    finish_with(ticket, signed)
    found = json.dumps([event.details for event in session().scalars(select(AuditEvent))])
    found += json.dumps([letter.body for letter in written()])
    for secret in (*json.loads(signed)["response"].values(), json.loads(signed)["id"], ticket):
        assert secret not in found
