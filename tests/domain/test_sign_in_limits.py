"""How often somebody may show who they are: counted by session, in the database, before it is checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from clinic import accounts, clock
from clinic.accounts import proof_limits, sign_in_limits
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin
from clinic.accounts.sign_in_models import AttemptOutcome, SignInAttempt
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session, transaction
from clinic.dry_run import would_refuse
from clinic.errors import InvalidInput, TooManyTries, Unauthenticated
from clinic.settings import AccountRules
from tests import factories
from tests.domain.post import written
from tests.people import CHEN, PASSWORD, actor_of
from tests.settings import PATIENCE

pytestmark = pytest.mark.usefixtures("app_context", "counted")

NEW = "Another-demo-2027"


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
        assert not proof_limits.try_proof(chen, lambda: False)
    assert proof_limits.try_proof(chen, lambda: True)
    assert outcomes() == [AttemptOutcome.SUCCEEDED]
    for _ in range(4):
        assert not proof_limits.try_proof(chen, lambda: False)
    assert is_signed_in(chen)


def test_old_mistakes_count_no_more(cast, clock_at):
    chen, at = actor_of(cast.chen), clock_at(clock.now())
    for _ in range(4):
        proof_limits.try_proof(chen, lambda: False)
    clock_at(at + proof_limits.PROOFS_COUNT_FOR + timedelta(seconds=1))
    assert not proof_limits.try_proof(chen, lambda: False)
    assert is_signed_in(chen)


def test_what_a_clock_noted_that_was_ahead_keeps_nobody_out(cast, clock_at):
    """Neither where the password is wrong nor where a proof is; nor does it keep the next refusal from being noted."""
    chen, at = actor_of(cast.chen), clock_at(clock.now() + timedelta(days=400))
    assert tries(11) == ["wrong"] * 10 + ["limited"]
    for _ in range(4):
        proof_limits.try_proof(chen, lambda: False)
    clock_at(at - timedelta(days=400))
    assert tries(11) == ["wrong"] * 10 + ["limited"]
    limited = SignInAttempt.outcome == AttemptOutcome.LIMITED
    assert session().scalar(select(func.count()).where(limited)) == 2
    assert not proof_limits.try_proof(chen, lambda: False)
    assert is_signed_in(chen)


def test_a_machine_whose_clock_is_ahead_by_seconds_counts(cast, clock_at):
    at = clock_at(clock.now())
    tries(10)
    clock_at(at - timedelta(seconds=30))
    assert tries(1) == ["limited"]


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
            proof_limits.try_proof(chen, killed)
    assert outcomes() == [AttemptOutcome.PENDING] * 5
    with pytest.raises(Unauthenticated):
        proof_limits.try_proof(chen, lambda: True)


def test_the_rows_name_nobody(cast):
    proof_limits.try_proof(actor_of(cast.chen), lambda: False)
    with transaction() as current:
        [row] = current.scalars(select(SignInAttempt))
    assert len(row.account_key) == 64
    assert (row.network, row.device_id) == ("", None)


# --- signing in -------------------------------------------------------------------------------------------------------

HOME, AWAY = "198.51.100.7", "203.0.113.9"


def sign_in(email=CHEN, password=PASSWORD, address=HOME):
    return accounts.sign_in(email=email, password=password, kind=SessionKind.API, origin=Origin("tests", address))


def tries(number: int, **how) -> list[str]:
    """What came of so many tries with a wrong password."""
    found = []
    for _ in range(number):
        with pytest.raises((Unauthenticated, TooManyTries)) as refusal:
            sign_in(**{"password": "wrong", **how})
        found.append("wrong" if isinstance(refusal.value, Unauthenticated) else "limited")
    return found


def test_strangers_keep_nobody_from_their_own_account(cast):
    assert tries(11, address=AWAY) == ["wrong"] * 10 + ["limited"]
    sign_in(address=HOME)
    with pytest.raises(TooManyTries):
        sign_in(address=AWAY)


def test_how_long_to_wait_is_told_to_the_second_and_the_window_moves(cast, clock_at):
    at = clock_at(clock.now())
    tries(1)
    clock_at(at + timedelta(minutes=10))
    tries(9)
    with pytest.raises(TooManyTries) as refusal:
        sign_in()
    assert refusal.value.seconds == 5 * 60
    clock_at(at + timedelta(minutes=15))
    assert tries(2) == ["wrong", "limited"], "one left the window, not all of them"


def test_an_account_has_a_hundred_tries_a_day_from_where_it_is_never_used(cast):
    sign_in(address=HOME)
    for number in range(10):
        assert tries(10, address=f"203.0.113.{number}") == ["wrong"] * 10
    assert tries(1, address="203.0.113.99") == ["limited"]
    sign_in(address=HOME)


@pytest.mark.parametrize(
    ("addresses", "most"),
    [("198.51.100.7", 50), ("2001:db8:1:2::{0:x}", 50), ("::ffff:198.51.100.7", 50), ("2001:db8:1:{0:x}::1", 500)],
)
def test_an_address_a_household_and_a_large_network_try_only_so_many_accounts(cast, monkeypatch, addresses, most):
    monkeypatch.setattr(sign_in_limits, "BY_SITE", replace(sign_in_limits.BY_SITE, most=60))
    most = min(most, 60)
    found = [tries(1, email=f"x{n}@y.example", address=addresses.format(n))[0] for n in range(most + 2)]
    assert found == ["wrong"] * most + ["limited"] * 2
    assert tries(1, address=AWAY) == ["wrong"]


def test_thirty_honest_people_at_one_address_get_in(cast):
    """Each mistypes twice, all of them before the first gets in."""
    people = [factories.patient(f"Patient {number}") for number in range(30)]
    with transaction() as current:
        emails = [current.get_one(User, person).email for person in people]
    for email in emails:
        assert tries(2, email=email) == ["wrong"] * 2
    for email in emails:
        with sign_in_limits.counted(email, None, Origin("tests", HOME)) as attempt, transaction():
            attempt.succeeded()
    assert set(outcomes()) == {AttemptOutcome.SUCCEEDED}


def test_of_forty_at_once_ten_are_tried_at_most(app, cast):
    together, found = Barrier(40), []

    def guess() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            found.extend(tries(1))

    threads = [Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 40
    assert found.count("wrong") <= 10
    assert tries(11)[-1] == "limited"


def being_checked(number: int, email: str = CHEN) -> None:
    """Begin so many tries of which nobody knows yet whether they are right."""
    for _ in range(number):
        with sign_in_limits.counted(email, None, Origin("tests", HOME)):
            pass


def limited() -> list[int]:
    """Of whom the audit says that it was tried too often."""
    session().rollback()
    entries = select(AuditEvent.subject_id).where(AuditEvent.action == AuditAction.SIGN_IN_LIMITED)
    return list(session().scalars(entries.order_by(AuditEvent.id)))


def test_what_is_still_being_checked_keeps_out_for_a_second_and_alarms_nobody(cast, clock_at):
    at = clock_at(clock.now())
    being_checked(sign_in_limits.BY_ACCOUNT.most)
    with pytest.raises(TooManyTries) as refusal:
        sign_in()
    assert refusal.value.seconds == 1
    assert outcomes() == [AttemptOutcome.PENDING] * 10
    assert (written(), limited()) == ([], [])
    clock_at(at + sign_in_limits.CHECKED_WITHIN)
    with pytest.raises(TooManyTries) as refusal:
        sign_in()
    assert refusal.value.seconds == 14 * 60, "what was cut off was wrong"
    assert ([letter.kind for letter in written()], limited()) == (["sign_in_limited"], [cast.chen])


def test_of_many_right_ones_at_once_each_gets_in_or_comes_again_in_a_second(app, cast):
    together, found = Barrier(16), []

    def enter() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            try:
                sign_in()
                found.append(0)
            except TooManyTries as refusal:
                found.append(refusal.seconds)

    threads = [Thread(target=enter) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 16
    assert set(found) <= {0, 1}
    assert set(outcomes()) <= {AttemptOutcome.SUCCEEDED}
    assert "sign_in_limited" not in [letter.kind for letter in written()]
    assert limited() == []
    sign_in()


def test_what_is_refused_is_noted_once_in_a_while_and_leaves_no_rows(cast, clock_at):
    at = clock_at(clock.now())
    assert tries(30) == ["wrong"] * 10 + ["limited"] * 20
    assert outcomes() == [AttemptOutcome.FAILED] * 10 + [AttemptOutcome.LIMITED]
    assert limited() == [cast.chen]
    clock_at(at + sign_in_limits.NOTED_ONCE_IN)
    assert tries(12) == ["wrong"] * 10 + ["limited"] * 2
    assert limited() == [cast.chen] * 2
    assert [letter.kind for letter in written()] == ["sign_in_limited"], "told once a day"


def test_a_network_that_tries_account_after_account_is_noted_once(cast):
    found = [tries(1, email=f"x{number}@y.example")[0] for number in range(70)]
    assert found == ["wrong"] * 50 + ["limited"] * 20
    assert outcomes() == [AttemptOutcome.FAILED] * 50 + [AttemptOutcome.LIMITED]
    assert limited() == [0]
    with transaction() as current:
        assert current.scalar(select(func.count()).select_from(AuditEvent)) == 2, "one was refused, and one kept out"
    assert tries(1, email=CHEN) == ["limited"]
    assert (written(), limited()) == ([], [0]), "nobody's own account is shut by it"


def test_where_nothing_is_counted_nothing_is_written(cast, clinic_has):
    clinic_has(accounts=AccountRules(limits_tries=False))
    assert tries(12) == ["wrong"] * 12
    assert outcomes() == []
