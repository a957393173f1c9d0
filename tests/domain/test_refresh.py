"""Refresh tokens: each is good once, a quick retry is forgiven, reuse ends the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest

from clinic import accounts, scheduling
from clinic.accounts import Origin, SessionKind, SignedIn
from clinic.accounts.models import SignInSession
from clinic.db import session
from clinic.errors import Unauthenticated
from tests.factories import PASSWORD
from tests.people import ANA

pytestmark = pytest.mark.usefixtures("app_context")

WEEK = timedelta(seconds=604800)


@pytest.fixture
def begun(clock_at) -> datetime:
    """The moment at which Ana signs in; the clock stands."""
    return clock_at("2026-03-02 09:00")


@pytest.fixture
def ana(cast, begun) -> SignedIn:
    """Ana, signed in on an API client."""
    return accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.API, origin=Origin())


@pytest.fixture
def rotate(ana) -> Callable[[str], SignedIn]:
    """Exchanges one of Ana's refresh tokens."""
    return lambda token: accounts.rotate_refresh(ana.actor.session_id, ana.actor.user_id, token, ana.key)


def lives(ana: SignedIn) -> bool:
    """Whether Ana's session still is one."""
    return accounts.actor_of_access(ana.actor.session_id, ana.actor.user_id, ana.began, ana.key) is not None


def test_each_exchange_gives_another_token_for_the_same_session(ana, rotate):
    second = rotate(ana.secret)
    third = rotate(second.secret)
    assert len({ana.secret, second.secret, third.secret}) == 3
    assert ana.actor == second.actor == third.actor
    assert lives(ana)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=10)])
def test_the_last_token_again_within_ten_seconds_gets_the_present_one(ana, rotate, begun, clock_at, later):
    present = rotate(ana.secret).secret
    clock_at(begun + later)
    assert rotate(ana.secret).secret == present
    assert rotate(ana.secret).secret == present
    assert rotate(present).secret != present
    assert lives(ana)


def test_the_last_token_after_ten_seconds_is_reuse(ana, rotate, begun, clock_at):
    present = rotate(ana.secret).secret
    clock_at(begun + timedelta(seconds=10, milliseconds=1))
    with pytest.raises(Unauthenticated) as refusal:
        rotate(ana.secret)
    assert refusal.value.code == "token_reused"
    assert not lives(ana)
    with pytest.raises(Unauthenticated) as refusal:
        rotate(present)
    assert refusal.value.code == "token_reused"


def test_an_older_token_is_reuse_however_quick(ana, rotate):
    second = rotate(ana.secret).secret
    rotate(second)
    with pytest.raises(Unauthenticated) as refusal:
        rotate(ana.secret)
    assert refusal.value.code == "token_reused"
    assert not lives(ana)


def test_the_end_after_reuse_is_written_down_though_the_call_was_refused(ana, rotate):
    with pytest.raises(Unauthenticated):
        rotate("never one of ours")
    row = session().get_one(SignInSession, ana.actor.session_id, populate_existing=True)
    assert row.ended_because == "token_reused"


def test_reuse_ends_one_session_only(ana, rotate, cast):
    other = accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.API, origin=Origin())
    with pytest.raises(Unauthenticated):
        rotate("never one of ours")
    assert lives(other)


def test_a_refresh_token_lives_for_its_time_from_the_last_exchange_on(ana, rotate, begun, clock_at):
    clock_at(begun + WEEK - timedelta(seconds=1))
    second = rotate(ana.secret).secret
    clock_at(begun + WEEK + timedelta(days=1))
    assert lives(ana)
    third = rotate(second).secret
    clock_at(begun + 2 * WEEK + timedelta(days=1))
    with pytest.raises(Unauthenticated) as refusal:
        rotate(third)
    assert refusal.value.code == "token_invalid"
    assert not lives(ana)


@pytest.mark.parametrize(
    "end",
    [
        lambda ana: accounts.sign_out(ana.actor),
        lambda ana: accounts.end_all_sessions(ana.actor),
        lambda _ana: scheduling.switch_account(ANA, active=False),
    ],
    ids=["signed out", "signed out everywhere", "switched off"],
)
def test_after_the_end_no_token_is_good(ana, rotate, end):
    end(ana)
    with pytest.raises(Unauthenticated) as refusal:
        rotate(ana.secret)
    assert refusal.value.code == "token_invalid"


def test_a_token_is_good_for_its_own_session_and_person_only(ana, cast):
    boris = cast.actor("boris")
    browser = accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin())
    for session_id, user_id in [
        (boris.session_id, cast.ana),
        (ana.actor.session_id, cast.boris),
        (browser.actor.session_id, cast.ana),
        (10_000_000, cast.ana),
    ]:
        with pytest.raises(Unauthenticated) as refusal:
            accounts.rotate_refresh(session_id, user_id, ana.secret, ana.key)
        assert refusal.value.code == "token_invalid"
    assert lives(ana)


def test_two_tabs_that_exchange_one_token_at_once_both_go_on_with_the_same(ana, app):
    together, got = Barrier(2), []

    def tab() -> None:
        with app.app_context():
            together.wait(10)
            got.append(accounts.rotate_refresh(ana.actor.session_id, ana.actor.user_id, ana.secret, ana.key).secret)

    tabs = [Thread(target=tab) for _ in range(2)]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join(30)
    assert len(got) == 2
    assert len(set(got)) == 1
    assert lives(ana)
