"""What does lasting harm in the wrong hands asks whoever signed in a while ago to show first that it is still them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from clinic import accounts, scheduling, settings
from clinic.db import rolled_back
from clinic.errors import DomainError, ProofRequired, Unauthenticated
from clinic.policy import Actor
from clinic.scheduling import EntryKind
from tests.authenticator import set_up
from tests.domain.doors import DOORS
from tests.domain.second_steps import actions, sign_in
from tests.domain.world import World, plant
from tests.people import ANA, PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("app_context")
ASK_FOR_A_PROOF = {
    "accounts.add_totp",
    "accounts.change_duties",
    "accounts.invite_admin",
    "accounts.invite_again",
    "accounts.invite_again: a patient",
    "accounts.make_recovery_codes",
    "accounts.offer_totp",
    "accounts.remove_totp",
    "accounts.add_passkey",
    "accounts.passkey_options",
    "accounts.remove_passkey",
    "accounts.request_email_change",
    # These doors request a change first.
    "accounts.resend_email_change",
    "accounts.withdraw_email_change",
    "accounts.reset_second_factor",
    "directory.invite_doctor",
    "directory.invite_doctor: the account",
    "scheduling.switch: an account",
}


def of_long_ago(actor: Actor) -> Actor:
    """The same person, who signed in longer ago than a proof is good for."""
    assert actor.proven_at is not None
    return replace(actor, proven_at=actor.proven_at - settings.current().accounts.proof_lasts - timedelta(seconds=1))


def needs_proof(command: Callable[[], object]) -> bool:
    """Whether a command asks for a proof; nothing of it stays."""
    with rolled_back():
        try:
            command()
        except DomainError as refusal:
            return isinstance(refusal, ProofRequired)
        return False


@pytest.fixture
def world(cast, clock_at) -> World:
    """Ana's visit to Dr Chen with all that hangs on it; it is noon of Monday 2 March 2026."""
    clock_at("2026-03-02 12:00")
    return plant(cast)


def test_of_all_front_doors_these_ask_for_a_proof(world: World) -> None:
    people = {name: of_long_ago(world.actors[name]) for name in ("ana", "chen", "esther")}
    asking = {
        name
        for name, door in DOORS.items()
        if any(needs_proof(partial(door.call, world, actor)) for actor in people.values())
    }
    assert asking == ASK_FOR_A_PROOF


def test_another_e_mail_asks_for_it_and_another_name_does_not(cast: Cast) -> None:
    esther = of_long_ago(cast.actor("esther"))
    for email, asks in (("thief@example.com", True), ("ANA@example.com", False)):
        changes: accounts.PersonChanges = {"email": email, "full_name": "Ana Lê", "phone_num": "0901234567"}
        assert needs_proof(partial(accounts.edit_person, esther, cast.ana, changes)) is asks


@pytest.mark.parametrize("active", [True, False])
def test_switching_an_account_asks_for_it_and_a_room_does_not(cast: Cast, active: bool) -> None:
    esther = of_long_ago(cast.actor("esther"))
    for kind, number in ((EntryKind.ACCOUNT, cast.boris), (EntryKind.ROOM, cast.heart_room)):
        asks = needs_proof(partial(scheduling.switch, esther, kind, number, active=active))
        assert asks is (kind is EntryKind.ACCOUNT)


def test_the_present_password_is_the_proof_for_another_one_but_where_there_is_a_second_step(cast: Cast) -> None:
    new = "sen-nở-tháng-tám-91"
    ana = of_long_ago(cast.actor("ana"))

    def changes(actor: Actor) -> bool:
        return needs_proof(
            lambda: accounts.change_password(
                actor, old_password=PASSWORD, new_password=new, confirm_password=new
            )
        )  # fmt: skip

    assert not changes(ana)
    set_up(cast.ana)
    assert changes(ana)
    assert not changes(cast.actor("ana"))


# --- giving it --------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(clinic_has) -> None:
    """Tries are counted."""
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))


def test_a_proof_is_noted_and_lets_the_command_through(cast: Cast) -> None:
    browser = sign_in(ANA)
    proven = accounts.prove(browser.actor, password=PASSWORD)
    assert proven.actor.session_id == browser.actor.session_id
    assert accounts.actor_of_browser(browser.secret) is None, "what was copied before is worth nothing"
    assert not needs_proof(lambda: accounts.offer_totp(proven.actor))
    assert actions() == ["proof.given"]


def test_wrong_proofs_are_noted_and_the_last_of_them_ends_the_session(cast: Cast, counted: None) -> None:
    browser = sign_in(ANA)
    for _ in range(4):
        with pytest.raises(DomainError):
            accounts.prove(browser.actor, password="wrong")
    with pytest.raises(Unauthenticated) as refusal:
        accounts.prove(browser.actor, password="wrong")
    assert refusal.value.code == "session_ended"
    assert accounts.actor_of_browser(browser.secret) is None
    assert actions() == ["proof.refused"] * 5 + ["session.ended"]


def test_wrong_codes_end_the_session_too_and_a_right_one_begins_anew(cast: Cast, counted: None) -> None:
    app = set_up(cast.ana)
    with pytest.raises(accounts.SecondStepRequired) as step:
        sign_in(ANA)
    origin = accounts.Origin()
    browser = accounts.finish_sign_in(
        ticket=step.value.ticket, code=app.recovery_codes[0], kind=accounts.SessionKind.BROWSER, origin=origin
    )
    for _ in range(4):
        with pytest.raises(DomainError):
            accounts.prove(browser.actor, code=app.wrong_code())
    proven = accounts.prove(browser.actor, code=app.code())
    for _ in range(4):
        with pytest.raises(DomainError) as refusal:
            accounts.prove(proven.actor, code=app.wrong_code())
        assert list(refusal.value.errors) == ["code"]
    with pytest.raises(Unauthenticated):
        accounts.prove(proven.actor, code=app.wrong_code())
    assert accounts.actor_of_browser(proven.secret) is None


def test_the_password_is_no_proof_where_there_is_a_second_step(cast: Cast) -> None:
    set_up(cast.ana)
    with pytest.raises(DomainError) as refusal:
        accounts.prove(cast.actor("ana"), password=PASSWORD)
    assert list(refusal.value.errors) == ["code"]
