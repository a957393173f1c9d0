"""How long sign-in sessions live: without use and at most, by role and kind; and the secret that is renewed in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clinic import accounts, audit, clock
from clinic.accounts import Origin, SessionKind, SignedIn
from clinic.accounts.models import SignInSession, User
from clinic.accounts.sessions import renew, start_session
from clinic.db import db, session, transaction
from clinic.errors import ProofRequired, Unauthenticated
from clinic.policy import Actor, require_recent
from clinic.settings import AccountRules, SessionLimits
from tests.factories import PASSWORD
from tests.people import actor_of
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

MINUTE, HOUR, DAY, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
PEOPLE = ("ana", "chen", "esther")
IDLE = {"ana": DAY, "chen": 30 * MINUTE, "esther": 30 * MINUTE}
MOST = {"ana": 30 * DAY, "chen": 12 * HOUR, "esther": 12 * HOUR}
NEW = "Another-word-for-2027"


@pytest.fixture
def begun(clock_at, clinic_has) -> datetime:
    """The moment at which people sign in, with the limits of a clinic that set none; the clock stands."""
    clinic_has(sessions=SessionLimits())
    return clock_at("2026-03-02 09:00")


@pytest.fixture
def enter(cast, begun) -> Callable[..., SignedIn]:
    """Signs somebody of the cast in, by a browser if nothing else is said."""

    def sign_in(name: str, kind: SessionKind = SessionKind.BROWSER, *, with_factor: bool = False) -> SignedIn:
        with transaction() as current:
            return start_session(current.get_one(User, getattr(cast, name)), kind, Origin(), with_factor=with_factor)

    return sign_in


def row_of(signed_in: SignedIn) -> SignInSession:
    """A session's row as it stands committed."""
    session().rollback()
    return session().get_one(SignInSession, signed_in.actor.session_id, populate_existing=True)


def access(signed_in: SignedIn) -> Actor | None:
    """Who an API client with these tokens is."""
    of = signed_in.actor
    return accounts.actor_of_access(of.session_id, of.user_id, signed_in.began, signed_in.key)


# --- idle and absolute ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
def test_a_browser_is_signed_out_when_it_is_not_used(enter, begun, clock_at, name):
    secret = enter(name).secret
    clock_at(begun + IDLE[name] - SECOND)
    assert accounts.actor_of_browser(secret) is not None
    clock_at(begun + 2 * IDLE[name] - 2 * SECOND)
    assert accounts.actor_of_browser(secret) is not None, "it was used"
    clock_at(begun + 3 * IDLE[name])
    assert accounts.actor_of_browser(secret) is None


@pytest.mark.parametrize("name", PEOPLE)
def test_a_browser_is_signed_out_in_the_end_however_much_it_is_used(enter, begun, clock_at, name):
    secret, at = enter(name).secret, begun
    while at < begun + MOST[name]:
        clock_at(at)
        actor = accounts.actor_of_browser(secret)
        assert actor is not None, at
        assert actor.session_ends_at_most == begun + MOST[name]
        assert actor.session_ends_at == min(at + IDLE[name], begun + MOST[name])
        at += IDLE[name] - 2 * MINUTE
    clock_at(begun + MOST[name])
    assert accounts.actor_of_browser(secret) is None


def test_an_api_client_signs_in_anew_in_the_end_however_often_it_refreshes(enter, begun, clock_at):
    client = enter("chen", SessionKind.API)
    for day in range(1, 30):
        clock_at(begun + day * DAY)
        client = accounts.rotate_refresh(client.actor.session_id, client.actor.user_id, client.secret, client.key)
        assert access(client) is not None
    clock_at(begun + 30 * DAY)
    assert access(client) is None
    with pytest.raises(Unauthenticated) as refusal:
        accounts.rotate_refresh(client.actor.session_id, client.actor.user_id, client.secret, client.key)
    assert refusal.value.code == "token_invalid"


@pytest.mark.parametrize(("name", "every"), [("ana", 5 * MINUTE), ("chen", MINUTE)])
def test_being_used_is_noted_as_exactly_as_the_idle_time_wants(enter, begun, clock_at, name, every):
    signed_in = enter(name)
    clock_at(begun + every)
    accounts.actor_of_browser(signed_in.secret)
    assert row_of(signed_in).last_used_at == begun
    clock_at(begun + every + SECOND)
    accounts.actor_of_browser(signed_in.secret)
    assert row_of(signed_in).last_used_at == clock.now()


def test_what_is_shortened_counts_for_sessions_of_before(enter, begun, clock_at, clinic_has):
    secret = enter("ana").secret
    clock_at(begun + 2 * HOUR)
    clinic_has(sessions=SessionLimits(patient_idle=HOUR))
    assert accounts.actor_of_browser(secret) is None
    clinic_has(sessions=SessionLimits(patient_lasts=HOUR))
    assert accounts.actor_of_browser(secret) is None


def test_what_is_lengthened_brings_no_session_back(enter, begun, clock_at, clinic_has):
    signed_in = enter("chen")
    clock_at(begun + HOUR)
    clinic_has(sessions=SessionLimits(staff_idle=2 * HOUR, staff_lasts=DAY))
    assert accounts.actor_of_browser(signed_in.secret) is None
    used = enter("chen")
    for hour in range(1, 13):
        clock_at(begun + HOUR + hour * HOUR)
        assert accounts.actor_of_browser(used.secret) is not None
    assert row_of(used).ends_at == begun + HOUR + DAY


def test_a_session_of_before_there_were_ends_has_one_from_its_beginning(enter, begun, clock_at):
    signed_in = enter("chen")
    with transaction() as write:
        row = write.get_one(SignInSession, signed_in.actor.session_id)
        row.ends_at, row.expires_at = None, begun + 7 * DAY
    clock_at(begun + 20 * MINUTE)
    assert accounts.actor_of_browser(signed_in.secret) is not None
    clock_at(begun + 12 * HOUR)
    assert accounts.actor_of_browser(signed_in.secret) is None


def test_where_a_second_factor_is_required_a_session_without_one_is_none(enter, clinic_has):
    without, doctor = enter("esther"), enter("chen", SessionKind.API)
    patient, with_it = enter("ana"), enter("esther", with_factor=True)
    clinic_has(accounts=AccountRules(staff_need_second_factor=True))
    assert accounts.actor_of_browser(without.secret) is None
    assert access(doctor) is None
    assert accounts.actor_of_browser(with_it.secret) is not None
    assert accounts.actor_of_browser(patient.secret) is not None


# --- another secret in place ------------------------------------------------------------------------------------------


@pytest.fixture
def renewed(enter, begun, clock_at) -> Callable[..., tuple[SignedIn, SignedIn]]:
    """Somebody's session before and after its secret was renewed."""

    def renew_it(kind: SessionKind, *, proven: bool = False) -> tuple[SignedIn, SignedIn]:
        before = enter("ana", kind)
        clock_at(begun + HOUR)
        with transaction():
            return before, renew(before.actor.session_id, proven=proven)

    return renew_it


def test_a_copied_cookie_is_dead_once_the_secret_is_renewed(renewed):
    before, after = renewed(SessionKind.BROWSER)
    assert accounts.actor_of_browser(before.secret) is None
    assert accounts.actor_of_browser(after.secret) == after.actor


def test_copied_tokens_are_dead_once_the_secret_is_renewed(renewed):
    before, after = renewed(SessionKind.API)
    assert access(before) is None
    assert access(after) == after.actor
    with pytest.raises(Unauthenticated) as refusal:
        accounts.rotate_refresh(before.actor.session_id, before.actor.user_id, before.secret, before.key)
    assert refusal.value.code == "token_invalid", "its key is old: whoever has it can't end the session either"
    assert access(after) is not None
    again = accounts.rotate_refresh(after.actor.session_id, after.actor.user_id, after.secret, after.key)
    assert access(again) is not None


@pytest.mark.parametrize("kind", SessionKind)
def test_a_renewed_session_stays_the_same_and_ends_no_later(renewed, kind):
    before, after = renewed(kind)
    assert (after.actor.session_id, after.began) == (before.actor.session_id, before.began)
    assert after.actor.session_ends_at_most == before.actor.session_ends_at_most
    assert after.actor.proven_at == before.actor.proven_at
    assert row_of(after).ended_at is None


def test_a_proof_is_noted_with_the_new_secret(renewed, begun):
    before, after = renewed(SessionKind.BROWSER, proven=True)
    with pytest.raises(ProofRequired) as refusal:
        require_recent(before.actor)
    assert refusal.value.code == "proof_required"
    assert require_recent(after.actor) == after.actor


@pytest.mark.parametrize("minutes", [None, 20])
def test_a_sign_in_is_a_proof_for_some_minutes(enter, begun, clock_at, minutes):
    actor = enter("esther").actor
    lasts = (minutes or 5) * MINUTE
    clock_at(begun + lasts)
    assert require_recent(actor, minutes) == actor
    clock_at(begun + lasts + SECOND)
    with pytest.raises(ProofRequired):
        require_recent(actor, minutes)


def test_nobody_and_who_never_proved_anything_is_refused(enter):
    with pytest.raises(Unauthenticated):
        require_recent(None)
    with pytest.raises(ProofRequired):
        require_recent(Actor(1, enter("ana").actor.role, "Somebody", "somebody@example.com", 1))


@pytest.mark.parametrize(
    "act",
    [
        lambda actor: accounts.change_password(actor, old_password=PASSWORD, new_password=NEW, confirm_password=NEW),
        accounts.end_other_sessions,
    ],
    ids=["new password", "others signed out"],
)
@pytest.mark.parametrize("kind", SessionKind)
def test_who_takes_care_of_their_account_leaves_a_copied_secret_behind(enter, act, kind):
    mine, elsewhere = enter("ana", kind), enter("ana")
    renewed = act(mine.actor)
    assert accounts.actor_of_browser(elsewhere.secret) is None
    assert accounts.actor_of_browser(mine.secret) is None
    assert access(mine) is None
    if kind is SessionKind.BROWSER:
        assert accounts.actor_of_browser(renewed.secret) == renewed.actor
    else:
        assert access(renewed) == renewed.actor


def test_devices_that_sign_out_each_other_take_turns(cast):
    """The person's row is taken before any session's: else each would wait for the row that the other holds."""
    actor = actor_of(cast.chen)
    for command in (accounts.end_other_sessions, accounts.end_all_sessions):
        with count_statements(db.engine) as statements:
            command(actor)
        assert statements[0].split()[0] == "SELECT"
        assert "FROM users" in statements[0].replace("\n", " ")
        if db.engine.dialect.name == "postgresql":
            assert "FOR NO KEY UPDATE" in statements[0]


def test_the_seal_stops_between_batches(cast):
    accounts.end_other_sessions(actor_of(cast.chen))
    assert audit.Sealer().seal(lambda: True) == 0
    assert audit.seal() > 0
