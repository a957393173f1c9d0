"""An old mailbox takes a change of the e-mail back, and alone opens no account that had a second step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic import accounts
from clinic.errors import Conflict, Unauthenticated
from clinic.policy import Role
from tests import factories
from tests.authenticator import set_up
from tests.domain.test_email_changes import NEW, NEW_PASSWORD, email_of, requested, sign_in
from tests.mailed import letters, link_to
from tests.passkey_device import give_passkey
from tests.people import ANA, actor_of

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def fran() -> int:
    """Another admin."""
    return factories.user("Fran Front", "fran@clinic.example", Role.ADMIN)


def _got_a_link(address: str) -> bool:
    """Whether a link to choose a password went to an address."""
    found = [*letters("email_undone"), *letters("password_reset")]
    return any(to == address and "/reset-password/" in text for to, text in found)


@pytest.mark.parametrize("who", ["ana", "fran"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_an_old_mailbox_alone_opens_no_account_that_had_a_second_step(cast, fran, who, confirmed):
    """Whoever notices that somebody reads their mailbox sets up a second step, and changes the e-mail."""
    number = fran if who == "fran" else getattr(cast, who)
    before = str(email_of(number))
    if who == "ana":
        give_passkey(number)
    else:
        set_up(number)
    owner = actor_of(number)
    requested(owner)
    if confirmed:
        accounts.confirm_email(owner, **link_to(NEW, "confirm_new_email"))
    accounts.keep_email(**link_to(before, "email_requested"))
    accounts.forgot_password(before)
    assert not _got_a_link(before)
    [told] = [text for to, text in letters("email_undone") if to == before]
    assert ("with your ID" if who == "ana" else "another admin") in told
    assert "A second step was added to your sign-in after" in told
    with pytest.raises(Unauthenticated):
        sign_in(before)
    esther = cast.actor("esther")
    assert accounts.open_account(esther, number)["waits_for_office"]
    accounts.invite_again(esther, number)
    link = link_to(before, "password_reset")
    accounts.reset_password(**link, new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD)
    assert sign_in(before, NEW_PASSWORD).user_id == number
    assert not accounts.open_account(esther, number)["waits_for_office"]
    with pytest.raises(Conflict):
        accounts.invite_again(esther, number)


def test_neither_does_one_whose_second_step_was_removed_after_the_request(cast, clock_at):
    begun = clock_at("2026-03-02 12:00")
    set_up(cast.ana)
    clock_at(begun + timedelta(days=30))
    thief = actor_of(cast.ana)
    requested(thief)
    clock_at(begun + timedelta(days=30, minutes=1))
    accounts.remove_totp(thief)
    accounts.keep_email(**link_to(ANA, "email_requested"))
    accounts.forgot_password(ANA)
    assert not _got_a_link(ANA)


def test_a_second_step_that_stays_still_asks_whoever_has_the_link(cast, clock_at):
    begun = clock_at("2026-03-02 12:00")
    app = set_up(cast.ana)
    clock_at(begun + timedelta(days=30))
    requested(actor_of(cast.ana))
    accounts.keep_email(**link_to(ANA, "email_requested"))
    link = link_to(ANA, "email_undone")
    accounts.reset_password(**link, new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD)
    with pytest.raises(accounts.SecondStepRequired):
        sign_in(ANA, NEW_PASSWORD)
    assert app.recovery_codes
