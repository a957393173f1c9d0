"""Signing in and proving by a passkey: real signatures of a device in software, and everything about them that may be wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from clinic import accounts
from clinic.accounts import PasskeyAnswer, PendingPasskey
from clinic.accounts.models import SignInSession
from clinic.accounts.second_factor import tickets
from clinic.accounts.sign_in_models import SignInTicket
from clinic.audit import AuditEvent
from clinic.db import session
from clinic.errors import InvalidInput, ProofRequired, Unauthenticated
from tests.authenticator import set_up
from tests.domain.passkey_steps import HERE, WRONG, add, finish_by, finish_with, told
from tests.domain.second_steps import finish, sign_in, ticket_of
from tests.passkey_device import PasskeyDevice
from tests.people import ANA, BORIS

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def device(cast) -> PasskeyDevice:
    """The device with Ana's passkey."""
    device = PasskeyDevice()
    add(cast.actor("ana"), device)
    return device


# --- signing in -------------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_after_the_password_and_never_instead(cast, device):
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in()
    assert refusal.value.extra["methods"] == ["passkey", "recovery_code"]
    signed_in = finish_by(refusal.value.ticket, device)
    assert accounts.actor_of_browser(signed_in.secret) == signed_in.actor
    (own,) = accounts.my_second_factor(signed_in.actor)["passkeys"]
    assert own["last_used_at"] is not None
    (event,) = session().scalars(select(AuditEvent).where(AuditEvent.action == "sign_in.succeeded"))
    assert event.details["kind"] == "passkey"


def test_a_device_that_doesnt_count_signs_in_again_and_again(cast):
    device = PasskeyDevice(count=None)
    add(cast.actor("ana"), device)
    for _ in range(2):
        assert finish_by(ticket_of(), device)


def test_app_passkey_and_recovery_codes_stand_beside_each_other(cast, device):
    app = set_up(cast.ana)
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in()
    assert refusal.value.extra["methods"] == ["totp", "passkey", "recovery_code"]
    assert finish(refusal.value.ticket, app.code())
    assert finish_by(ticket_of(), device)
    assert finish(ticket_of(), app.recovery_codes[0])


@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_signed_elsewhere_signs_nobody_in(cast, device, wrong, field_of):
    lying = WRONG[wrong]()
    lying.credential_id, lying.key, lying.count = device.credential_id, device.key, device.count
    with pytest.raises(InvalidInput) as refusal:
        finish_by(ticket_of(), lying)
    assert field_of(refusal) == ["passkey"]
    assert finish_by(ticket_of(), device)


def test_another_key_under_the_same_name_signs_nobody_in(cast, device):
    with pytest.raises(InvalidInput):
        finish_by(ticket_of(), PasskeyDevice(credential_id=device.credential_id, count=50))
    (own,) = accounts.my_second_factor(cast.actor("ana"))["passkeys"]
    assert not own["is_refused"], "whoever has no key can't have it refused either"


def test_a_passkey_signs_its_own_person_in_and_nobody_else(cast, device):
    of_boris = PasskeyDevice()
    add(cast.actor("boris"), of_boris)
    for email, wrong in ((ANA, of_boris), (BORIS, device)):
        with pytest.raises(InvalidInput):
            finish_by(ticket_of(email), wrong)


def test_what_was_signed_is_good_once_and_for_its_ticket(cast):
    device = PasskeyDevice(count=None)
    add(cast.actor("ana"), device)
    ticket, other = ticket_of(), ticket_of()
    signed = device.sign(accounts.second_step_by_ticket(ticket, HERE).passkey_options)
    with pytest.raises(InvalidInput):
        finish_with(other, signed)
    assert finish_with(ticket, signed)
    with pytest.raises(Unauthenticated) as refusal:
        finish_with(ticket, signed)
    assert refusal.value.code == "ticket_invalid"


def test_a_count_that_goes_back_is_refused_told_and_takes_the_second_step_from_nobody(cast, device):
    copied = replace(device)
    for _ in range(3):
        finish_by(ticket_of(), device)
    with pytest.raises(InvalidInput):
        finish_by(ticket_of(), copied)
    assert told()[-1].startswith("A passkey was refused at ")
    (event,) = session().scalars(select(AuditEvent).where(AuditEvent.action == "proof.refused"))
    assert (event.details["reason"], event.subject_id) == ("copied_passkey", cast.ana)
    (own,) = accounts.my_second_factor(cast.actor("ana"))["passkeys"]
    assert own["is_refused"]
    ticket = ticket_of()  # the password alone is still not enough
    assert accounts.second_step_by_ticket(ticket, HERE).passkey_options == ""
    with pytest.raises(InvalidInput):
        finish_with(ticket, device.sign(json.dumps({"challenge": challenge_of(ticket)})))
    assert len(told()) == 2


def test_a_copy_that_is_noticed_signs_everybody_out_also_the_first_of_the_two(cast, device):
    copied = replace(device)
    thief = finish_by(ticket_of(), device)
    with pytest.raises(InvalidInput):
        finish_by(ticket_of(), copied)
    assert accounts.actor_of_browser(thief.secret) is None


def test_a_copy_that_is_noticed_in_a_session_ends_it_too(cast, device):
    copied, own = replace(device), finish_by(ticket_of(), device)
    options = accounts.my_second_step(own.actor, HERE).passkey_options
    finish_by(ticket_of(), device)
    with pytest.raises(InvalidInput):  # asked before the last use: it may only have come late
        accounts.prove_by_passkey(own.actor, PasskeyAnswer(copied.sign(options), HERE))
    options = accounts.my_second_step(own.actor, HERE).passkey_options
    copied.count = 0
    with pytest.raises(Unauthenticated) as refusal:
        accounts.prove_by_passkey(own.actor, PasskeyAnswer(copied.sign(options), HERE))
    assert refusal.value.code == "session_ended"
    assert accounts.actor_of_browser(own.secret) is None


def test_two_good_signatures_out_of_order_cost_nobody_the_passkey(cast, device):
    """Two tabs ask at once, and the answer of the first comes after that of the second."""
    first, second = ticket_of(), ticket_of()
    answers = [device.sign(accounts.second_step_by_ticket(each, HERE).passkey_options) for each in (first, second)]
    assert finish_with(second, answers[1])
    with pytest.raises(InvalidInput):
        finish_with(first, answers[0])
    (own,) = accounts.my_second_factor(cast.actor("ana"))["passkeys"]
    assert not own["is_refused"]
    assert finish_by(first, device), "the next signature counts on"


def challenge_of(ticket: str) -> str:
    """What a ticket wants signed."""
    found = tickets.challenge_of(ticket, accounts.TicketPurpose.SECOND_FACTOR)
    assert found is not None
    return found


def test_of_two_who_bring_what_was_signed_at_once_one_gets_in(cast, meanwhile):
    device = PasskeyDevice(count=None)
    add(cast.actor("ana"), device)
    ticket = ticket_of()
    signed = device.sign(accounts.second_step_by_ticket(ticket, HERE).passkey_options)
    before = len(session().scalars(select(SignInSession)).all())
    failed = meanwhile(("BEGIN", "UPDATE sign_in_tickets", "FOR NO KEY UPDATE"), lambda: finish_with(ticket, signed))
    with pytest.raises(Unauthenticated):
        finish_with(ticket, signed)
    assert not failed
    assert len(session().scalars(select(SignInSession)).all()) == before + 1


def test_of_two_proofs_by_one_signature_at_once_one_counts(cast, meanwhile):
    device = PasskeyDevice(count=None)
    add(cast.actor("ana"), device)
    actor = finish_by(ticket_of(), device).actor
    answer = PasskeyAnswer(device.sign(accounts.my_second_step(actor, HERE).passkey_options), HERE)
    failed = meanwhile(("BEGIN", "FOR NO KEY UPDATE"), lambda: accounts.prove_by_passkey(actor, answer))
    with pytest.raises(InvalidInput):
        accounts.prove_by_passkey(actor, answer)
    assert not failed


def test_five_wrong_passkeys_end_the_ticket(cast, device):
    ticket, thief = ticket_of(), PasskeyDevice(credential_id=device.credential_id)
    for _ in range(5):
        with pytest.raises(InvalidInput):
            finish_by(ticket, thief)
    assert accounts.second_step_by_ticket(ticket, HERE) == accounts.SecondStep(())
    with pytest.raises(Unauthenticated):
        finish_with(ticket, "{}")


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_browser_answers_is_refused_and_never_an_error(cast, device, data):
    good = json.loads(device.sign(json.dumps({"challenge": "A" * 43})))
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "attestationObject"]))
    junk = st.one_of(st.none(), st.integers(), st.text(max_size=50), st.binary(max_size=80).map(lambda raw: raw.hex()))
    good["response"][part] = data.draw(junk)
    text = data.draw(
        st.sampled_from(
            [
                json.dumps(good),
                "",
                "[]",
                "null",
                '{"id": 1}',
                "{" * 5000,
                "x" * 30_000,
                '{"id": "\\ud800"}',
                "\x00\ud800",
            ]
        )
    )
    ticket = ticket_of()
    with pytest.raises(InvalidInput):
        finish_with(ticket, text)
    actor = cast.actor("ana")
    accounts.passkey_options(actor, HERE)
    with pytest.raises(InvalidInput):
        accounts.add_passkey(actor, PendingPasskey("Phone", PasskeyAnswer(text, HERE)))


# --- proof ------------------------------------------------------------------------------------------------------------


def test_who_has_a_passkey_proves_by_it_once(cast, device):
    actor = finish_by(ticket_of(), device).actor
    step = accounts.my_second_step(actor, HERE)
    assert step.methods == ("passkey", "recovery_code")
    answer = PasskeyAnswer(device.sign(step.passkey_options), HERE)
    assert accounts.prove_by_passkey(actor, answer).actor.proven_at >= actor.proven_at
    with pytest.raises(InvalidInput):
        accounts.prove_by_passkey(actor, answer)
    with pytest.raises(InvalidInput):
        accounts.prove(actor, password="anything")


def test_the_challenge_of_another_session_proves_nothing(cast):
    device = PasskeyDevice(count=None)
    add(cast.actor("ana"), device)
    first, second = finish_by(ticket_of(), device).actor, finish_by(ticket_of(), device).actor
    accounts.my_second_step(second, HERE)
    signed = PasskeyAnswer(device.sign(accounts.my_second_step(first, HERE).passkey_options), HERE)
    with pytest.raises(InvalidInput):
        accounts.prove_by_passkey(second, signed)


def test_looking_at_the_question_again_and_again_leaves_one_row(cast, device):
    actor = cast.actor("ana")
    for _ in range(3):
        accounts.my_second_step(actor, HERE)
    waiting = select(SignInTicket).where(SignInTicket.purpose == accounts.TicketPurpose.PROOF)
    assert len(session().scalars(waiting).all()) == 1


def test_what_changes_passkeys_needs_a_fresh_proof(cast, device, clock_at):
    moment = clock_at("2026-03-02 12:00")
    actor = replace(cast.actor("ana"), proven_at=moment)
    (own,) = accounts.my_second_factor(actor)["passkeys"]
    clock_at(moment + timedelta(minutes=6))
    for command in (
        lambda: accounts.passkey_options(actor, HERE),
        lambda: accounts.add_passkey(actor, PendingPasskey("Phone", PasskeyAnswer("{}", HERE))),
        lambda: accounts.remove_passkey(actor, own["id"]),
    ):
        with pytest.raises(ProofRequired):
            command()
