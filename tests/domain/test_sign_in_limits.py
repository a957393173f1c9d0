"""How often somebody may show who they are: counted by session, in the database, before it is checked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, clock
from clinic.accounts import sign_in_limits
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.db import session, transaction
from clinic.dry_run import would_refuse
from clinic.errors import InvalidInput, Unauthenticated
from clinic.settings import AccountRules
from tests.people import PASSWORD, actor_of

pytestmark = pytest.mark.usefixtures("app_context", "counted")

NEW = "Another-demo-2027"


@pytest.fixture
def counted(clinic_has):
    """The clinic counts tries, as it does outside of tests."""
    clinic_has(accounts=AccountRules(limits_tries=True))


def change(actor, old="wrong", new=NEW):
    return accounts.change_password(actor, old_password=old, new_password=new, confirm_password=new)


def is_signed_in(actor) -> bool:
    session().rollback()
    return any(row["is_this_one"] for row in accounts.my_sessions(actor))


def outcomes() -> list[str]:
    session().rollback()
    return [str(outcome) for outcome in session().scalars(select(SignInAttempt.outcome).order_by(SignInAttempt.id))]


def test_a_stolen_cookie_has_five_guesses_wherever_they_come_from(cast):
    thief, owner = actor_of(cast.chen), actor_of(cast.chen)
    for _ in range(4):
        with pytest.raises(InvalidInput):
            change(thief)
    assert is_signed_in(thief)
    with pytest.raises(Unauthenticated) as refusal:
        change(thief)
    assert refusal.value.code == "session_ended"
    assert not is_signed_in(thief)
    assert is_signed_in(owner), "whoever else is signed in stays so"
    with pytest.raises(Unauthenticated):
        change(thief, PASSWORD)
    change(actor_of(cast.boris), PASSWORD)
    change(owner, PASSWORD)
    assert is_signed_in(owner), "whose password is right, and who needs the change most"


def test_the_right_one_gives_back_those_before_it(cast):
    chen = actor_of(cast.chen)
    for _ in range(4):
        assert not sign_in_limits.try_proof(chen, lambda: False)
    assert sign_in_limits.try_proof(chen, lambda: True)
    assert outcomes() == [AttemptOutcome.SUCCEEDED]
    for _ in range(4):
        assert not sign_in_limits.try_proof(chen, lambda: False)
    assert is_signed_in(chen)


def test_old_mistakes_count_no_more(cast, clock_at):
    chen, at = actor_of(cast.chen), clock_at(clock.now())
    for _ in range(4):
        sign_in_limits.try_proof(chen, lambda: False)
    clock_at(at + sign_in_limits.PROOFS_COUNT_FOR + timedelta(seconds=1))
    assert not sign_in_limits.try_proof(chen, lambda: False)
    assert is_signed_in(chen)


def test_a_form_that_is_only_tried_counts_too(cast):
    """A new password that can't be one must not make guesses of the present one free."""
    chen = actor_of(cast.chen)
    for _ in range(4):
        assert "old_password" in would_refuse(lambda: change(chen, new="short"))
    assert outcomes() == [AttemptOutcome.FAILED] * 4
    assert would_refuse(lambda: change(chen, PASSWORD, "short")).keys() == {"new_password"}
    assert outcomes() == [AttemptOutcome.SUCCEEDED]


def test_a_try_that_was_cut_off_counts_as_wrong(cast):
    chen = actor_of(cast.chen)

    def killed() -> bool:
        raise KeyboardInterrupt

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            sign_in_limits.try_proof(chen, killed)
    assert outcomes() == [AttemptOutcome.PENDING] * 5
    with pytest.raises(Unauthenticated):
        sign_in_limits.try_proof(chen, lambda: True)


def test_the_rows_name_nobody(cast):
    sign_in_limits.try_proof(actor_of(cast.chen), lambda: False)
    with transaction() as current:
        [row] = current.scalars(select(SignInAttempt))
    assert len(row.account_key) == 64
    assert (row.network, row.device_id) == ("", None)
