"""Sign-in and sessions: who gets in, what a session proves, and how it ends at once."""

from __future__ import annotations

import time as stopwatch

import pytest
from sqlalchemy import func, select

from clinic import accounts, scheduling
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import SignInSession, User
from clinic.db import session, transaction
from clinic.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from clinic.policy import Action, Actor, Role
from tests.factories import PASSWORD
from tests.people import ANA, CHEN, ESTHER
from tests.permissions import permitted

pytestmark = pytest.mark.usefixtures("app_context")

PHONE = Origin("Safari on a phone", "203.0.113.9")


def sign_in(email: str = ANA, password: str = PASSWORD, kind: SessionKind = SessionKind.BROWSER, **more):
    """Sign in as a test's person."""
    return accounts.sign_in(email=email, password=password, kind=kind, origin=PHONE, **more)


@pytest.fixture
def browser(cast):
    """Ana, signed in on a browser."""
    return sign_in()


@pytest.fixture
def api(cast):
    """Ana, signed in on an API client."""
    return sign_in(kind=SessionKind.API)


@pytest.mark.parametrize(("email", "role"), [(ANA, Role.PATIENT), (CHEN, Role.DOCTOR), (ESTHER, Role.ADMIN)])
def test_everybody_signs_in_with_their_password(cast, email, role):
    signed_in = sign_in(email)
    assert (signed_in.actor.email, signed_in.actor.role) == (email, role)
    assert accounts.actor_of_browser(signed_in.secret) == signed_in.actor


@pytest.mark.parametrize("email", ["ANA@example.com", " ana@Example.com\n"])
def test_an_email_is_known_in_any_case(cast, email):
    assert sign_in(email).actor.user_id == cast.ana


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ANA, "Clinic-demo-2027"),
        (ANA, ""),
        (ANA, PASSWORD + " "),
        (ANA, "x" * 100_000),
        (ANA, "\ud800"),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", "nobody's password"),
        ("", ""),
        ("\x00\ud800", PASSWORD),
        ("%", PASSWORD),
    ],
)
def test_every_failure_reads_the_same(cast, email, password):
    with pytest.raises(Unauthenticated) as refusal:
        sign_in(email, password)
    assert (refusal.value.code, refusal.value.text(str), refusal.value.errors) == (
        "invalid_credentials", "The e-mail or password isn't right.", {},
    )  # fmt: skip
    assert session().scalar(select(func.count()).select_from(SignInSession)) == 0


def test_an_unknown_email_takes_as_long_as_a_wrong_password(cast):
    """Generous bounds: without the comparison it would be a hundred times quicker."""

    def least(email: str) -> float:
        times = []
        for _ in range(3):
            began = stopwatch.process_time()
            with pytest.raises(Unauthenticated):
                sign_in(email, "Clinic-demo-2027")
            times.append(stopwatch.process_time() - began)
        return min(times)

    assert least("nobody@example.com") > least(ANA) / 3


def test_an_account_that_was_switched_off_is_told_so_only_for_its_password(cast):
    scheduling.switch_account(ANA, active=False)
    with pytest.raises(Forbidden) as refusal:
        sign_in()
    assert refusal.value.code == "account_disabled"
    with pytest.raises(Unauthenticated) as refusal:
        sign_in(password="Clinic-demo-2027")
    assert refusal.value.code == "invalid_credentials"


def test_switching_an_account_off_ends_its_sessions_at_once_and_on_again_leaves_them_ended(cast, browser, api):
    scheduling.switch_account(" ANA@example.com ", active=False)
    assert accounts.actor_of_browser(browser.secret) is None
    assert accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key) is None
    scheduling.switch_account(ANA, active=True)
    assert accounts.actor_of_browser(browser.secret) is None
    assert sign_in().actor.user_id == cast.ana


def test_only_known_accounts_can_be_switched(cast):
    with pytest.raises(NotFound):
        scheduling.switch_account("nobody@example.com", active=False)


def test_signing_in_remembers_the_language_that_was_chosen(cast):
    assert sign_in().actor.language == "en"
    assert sign_in(language="vi").actor.language == "vi"
    assert sign_in().actor.language == "vi"
    assert sign_in(language="xx").actor.language == "en"


def test_the_language_can_be_changed_later(cast, browser):
    accounts.set_language(browser.actor, "vi")
    actor = accounts.actor_of_browser(browser.secret)
    assert actor is not None
    assert actor.language == "vi"


# --- what a session proves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["", "guess", "\x00", "\ud800", "a" * 10_000])
def test_a_guessed_cookie_is_nobody(browser, secret):
    assert accounts.actor_of_browser(secret) is None


def test_the_table_holds_no_cookie(browser):
    row = session().get_one(SignInSession, browser.actor.session_id)
    assert browser.secret not in [str(getattr(row, column.key)) for column in SignInSession.__mapper__.columns]
    assert accounts.actor_of_browser(str(row.secret_digest)) is None


def test_a_session_is_good_for_its_person_and_kind_only(cast, browser, api):
    access = accounts.actor_of_access
    assert access(api.actor.session_id, cast.ana, api.began, api.key) == api.actor
    assert access(api.actor.session_id, cast.boris, api.began, api.key) is None
    assert access(api.actor.session_id, cast.ana, "", api.key) is None
    for key in ("", "guess", "\x00", "\ud800", browser.key):
        assert access(api.actor.session_id, cast.ana, api.began, key) is None
    assert access(browser.actor.session_id, cast.ana, browser.began, browser.key) is None
    assert accounts.actor_of_browser(api.secret) is None
    assert access(0, cast.ana, api.began, api.key) is None
    assert access(api.actor.session_id + 1000, cast.ana, api.began, api.key) is None


def test_where_a_sign_in_came_from_is_kept_within_bounds(cast):
    signed_in = accounts.sign_in(
        email=ANA, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin("Fire\x00fox\n" + "x" * 500, "f" * 99)
    )
    row = session().get_one(SignInSession, signed_in.actor.session_id)
    assert (row.device[:8], len(row.device), len(row.address)) == ("Firefoxx", 200, 45)


def test_a_changed_role_counts_from_the_next_request(cast, api):
    with transaction() as write:
        write.get_one(User, cast.ana).role = Role.ADMIN
    actor = accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key)
    assert actor is not None
    assert actor.role is Role.ADMIN


# --- how sessions end -------------------------------------------------------------------------------------------------


def test_signing_out_ends_this_session_and_no_other(cast, browser, api):
    accounts.sign_out(browser.actor)
    assert accounts.actor_of_browser(browser.secret) is None
    assert accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key) is not None


def lives(actor: Actor) -> bool:
    """Whether the session that somebody uses still is one."""
    return session().get_one(SignInSession, actor.session_id, populate_existing=True).ended_at is None


def test_signing_out_everywhere_ends_browsers_and_clients_but_nobody_elses(cast, browser, api):
    boris = cast.actor("boris")
    assert accounts.end_all_sessions(browser.actor) == 2
    assert accounts.actor_of_browser(browser.secret) is None
    assert accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key) is None
    assert lives(boris)
    assert accounts.end_all_sessions(browser.actor) == 0


def test_ones_own_session_can_be_ended_and_anothers_not(cast, browser, api):
    boris = cast.actor("boris")
    for not_hers in (boris.session_id, 10_000_000):
        with pytest.raises(InvalidInput) as refusal:
            accounts.end_session(browser.actor, not_hers)
        assert list(refusal.value.errors) == ["refresh"]
    accounts.end_session(browser.actor, api.actor.session_id)
    assert accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key) is None
    assert lives(boris)


def test_ending_twice_keeps_the_first_reason(browser, clock_at):
    ended = clock_at("2026-03-02 09:00")
    accounts.sign_out(browser.actor)
    clock_at("2026-03-02 10:00")
    accounts.end_all_sessions(browser.actor)
    row = session().get_one(SignInSession, browser.actor.session_id)
    assert (row.ended_at, row.ended_because) == (ended, "signed_out")


def test_whose_a_session_was_is_known_after_its_end(cast, browser):
    accounts.sign_out(browser.actor)
    mark = accounts.session_mark(browser.actor)
    assert accounts.user_of_session(browser.actor.session_id, mark) == cast.ana
    assert accounts.user_of_session(999_999, mark) is None
    assert accounts.user_of_session(browser.actor.session_id, "") is None


def test_one_ends_sessions_of_ones_own_alone(cast, browser, api):
    boris = cast.actor("boris")
    with pytest.raises(NotFound):
        accounts.end_my_session(boris, browser.actor.session_id)
    accounts.end_my_session(api.actor, browser.actor.session_id)
    assert accounts.actor_of_browser(browser.secret) is None
    assert accounts.actor_of_access(api.actor.session_id, cast.ana, api.began, api.key) is not None
    for end in (lambda: accounts.end_my_session(None, api.actor.session_id), lambda: accounts.end_other_sessions(None)):
        with pytest.raises(Unauthenticated):
            end()


def test_whoever_is_signed_in_can_always_sign_out(cast, browser, api):
    """Even where a role may change nothing of its account."""
    with permitted(Action.CHANGE_OWN_ACCOUNT, {}):
        accounts.end_my_session(browser.actor, api.actor.session_id)
        assert accounts.end_other_sessions(browser.actor).actor == browser.actor
        assert accounts.end_all_sessions(browser.actor) == 1
