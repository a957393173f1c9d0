"""Browsers and networks that people are known by: nobody else's tries keep them out there, and news of elsewhere are told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, clock, scheduling
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, digest_of
from clinic.accounts.sign_in_models import KnownDevice
from clinic.db import session, transaction
from clinic.errors import InvalidInput, TooManyTries, Unauthenticated
from tests.domain.post import stored, written
from tests.people import ANA, BORIS, CHEN, PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

HOME = Origin("Firefox", "198.51.100.7")
AWAY = Origin("Chrome", "203.0.113.9")
BROWSER, API = SessionKind.BROWSER, SessionKind.API


def sign_in(origin: Origin, email: str = CHEN, password: str = PASSWORD, kind: SessionKind = BROWSER):
    return accounts.sign_in(email=email, password=password, kind=kind, origin=origin)


def fail(number: int, origin: Origin, email: str = CHEN) -> list[str]:
    """What came of so many tries with a wrong password."""
    found = []
    for _ in range(number):
        with pytest.raises((Unauthenticated, TooManyTries)) as refusal:
            sign_in(origin, email, "wrong")
        found.append("wrong" if isinstance(refusal.value, Unauthenticated) else "limited")
    return found


def told(kind: str) -> list[str]:
    """To whom mails of a kind are queued."""
    return [row.to for row in stored() if row.kind == kind]


def known() -> list[KnownDevice]:
    session().rollback()
    return list(session().scalars(select(KnownDevice).order_by(KnownDevice.id)))


# --- what is told -----------------------------------------------------------------------------------------------------


def test_the_first_sign_in_of_an_account_is_told_to_nobody_and_the_next_elsewhere_is(cast):
    first = sign_in(HOME)
    assert told("new_device") == []
    sign_in(replace(HOME, browser=first.browser))
    assert told("new_device") == []
    sign_in(AWAY)
    assert told("new_device") == [CHEN]
    assert "203.0.113.9" in next(letter.body for letter in written() if letter.kind == "new_device")


def test_a_browser_that_forgets_its_cookies_is_no_news_where_it_always_is(cast):
    sign_in(HOME)
    sign_in(HOME)
    assert told("new_device") == []
    sign_in(replace(HOME, device="Chrome"))
    assert told("new_device") == [CHEN]


def test_a_known_browser_may_travel(cast):
    first = sign_in(HOME)
    sign_in(Origin("Firefox of tomorrow", AWAY.address, first.browser))
    assert told("new_device") == []


def test_a_program_is_told_of_once_for_each_network(cast, clock_at):
    at = clock_at(clock.now())
    sign_in(HOME, kind=API)
    for _ in range(2):
        sign_in(AWAY, kind=API)
    assert told("new_device") == [CHEN]
    clock_at(at + timedelta(days=31))
    sign_in(AWAY, kind=API)
    assert told("new_device") == [CHEN], "each network once"
    sign_in(replace(AWAY, address="203.0.113.10"), kind=API)
    assert told("new_device") == [CHEN, CHEN]


# --- what a browser keeps ---------------------------------------------------------------------------------------------


def test_a_browser_keeps_one_secret_for_all_who_sign_in_there_and_only_its_digest_is_stored(cast):
    first = sign_in(HOME)
    second = sign_in(replace(HOME, browser=first.browser), BORIS)
    again = sign_in(replace(HOME, browser=first.browser))
    assert first.browser == second.browser == again.browser
    assert len(first.browser) == 43
    assert [row.digest for row in known()] == [digest_of(first.browser)] * 2
    assert sign_in(HOME, kind=API).browser == ""


def test_a_secret_that_somebody_else_made_up_is_never_taken(cast):
    assert sign_in(replace(HOME, browser="chosen by a thief")).browser != "chosen by a thief"


def test_no_browser_is_known_after_signing_out_everywhere_or_a_new_password(cast):
    for forget in (accounts.end_other_sessions, accounts.end_all_sessions, change_password):
        signed_in = sign_in(HOME, BORIS)
        forget(signed_in.actor)
        again = sign_in(replace(HOME, browser=signed_in.browser), BORIS, NEW if forget is change_password else PASSWORD)
        assert again.browser != signed_in.browser
    assert [row.ended_at is None for row in known()] == [False] * 5 + [True]


def test_no_browser_is_known_once_an_account_was_off(cast):
    signed_in = sign_in(HOME)
    for active in (False, True):
        scheduling.switch_account(CHEN, active=active)
    assert sign_in(replace(HOME, browser=signed_in.browser)).browser != signed_in.browser


NEW = "Another-demo-2027"


def change_password(actor) -> None:
    accounts.change_password(actor, old_password=PASSWORD, new_password=NEW, confirm_password=NEW)


def test_people_see_the_browsers_that_they_are_known_by_and_nobody_elses(cast):
    sign_in(HOME, BORIS)
    mine = sign_in(AWAY)
    rows = accounts.my_known_devices(mine.actor)
    assert [(row["device"], row["address"]) for row in rows] == [("Chrome", "203.0.113.9")]


def test_who_registers_is_known_from_then_on(cast):
    registered = accounts.register_patient(
        email="new@example.com", password=PASSWORD, password_confirm=PASSWORD, full_name="Thu Trần", phone_num="0912345678",
        date_of_birth=date(1990, 5, 17), gender="female", kind=BROWSER, origin=HOME,
    )  # fmt: skip
    assert sign_in(replace(AWAY, browser=registered.browser), "new@example.com").browser == registered.browser
    assert told("new_device") == []


# --- being kept out ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("counted")
def test_a_known_browser_is_kept_out_by_nobody_but_itself(cast, clock_at):
    clock_at(clock.now())
    own = replace(HOME, browser=sign_in(HOME).browser)
    assert fail(11, HOME) == ["wrong"] * 10 + ["limited"], "somebody else at the same address"
    sign_in(own)
    assert fail(11, own) == ["wrong"] * 10 + ["limited"]
    with pytest.raises(TooManyTries):
        sign_in(own)


@pytest.mark.usefixtures("counted")
def test_a_browser_known_to_somebody_else_opens_no_other_account(cast):
    boris = replace(AWAY, browser=sign_in(AWAY, BORIS).browser)
    assert fail(11, AWAY)[-1] == "limited"
    with pytest.raises(TooManyTries):
        sign_in(boris)


@pytest.mark.usefixtures("counted")
def test_a_crowd_at_the_same_address_keeps_no_known_browser_out(cast):
    own = replace(HOME, browser=sign_in(HOME).browser)
    found = [fail(1, HOME, f"x{number}@y.example")[0] for number in range(51)]
    assert found[-1] == "limited"
    sign_in(own)


@pytest.mark.usefixtures("counted")
def test_somebody_is_told_once_a_day_that_others_are_kept_out(cast, clock_at):
    at = clock_at(clock.now())
    fail(15, AWAY)
    assert told("sign_in_limited") == [CHEN]
    clock_at(at + timedelta(hours=1))
    fail(15, HOME)
    assert told("sign_in_limited") == [CHEN]
    clock_at(at + timedelta(hours=26))
    fail(11, AWAY)
    assert told("sign_in_limited") == [CHEN, CHEN]


@pytest.mark.usefixtures("counted")
def test_nobody_is_told_of_an_e_mail_without_account_of_a_crowd_or_of_an_account_that_is_off(cast):
    fail(11, AWAY, "nobody@example.com")
    with transaction() as current:
        current.scalars(select(User).where(User.email == ANA)).one().is_active = False
    fail(11, AWAY, ANA)
    for number in range(60):
        fail(1, HOME, f"x{number}@y.example")
    fail(1, HOME, BORIS)
    assert told("sign_in_limited") == []


# --- "it was me" ------------------------------------------------------------------------------------------------------


@pytest.fixture
def link(cast, counted) -> tuple[str, str]:
    """What Dr Chen was mailed when strangers tried too often: uid and token."""
    fail(11, AWAY)
    [letter] = [letter for letter in written() if letter.kind == "sign_in_limited"]
    found = re.search(r"/own-sign-in/([\w-]+)/([\w-]+)", letter.body)
    assert found is not None
    return found[1], found[2]


def test_by_the_link_the_person_gets_in_where_strangers_tried(link):
    uid, token = link
    assert accounts.own_link_is_good(uid, token)
    browser = accounts.know_by_link(uid=uid, token=token, origin=AWAY)
    with pytest.raises(TooManyTries):
        sign_in(AWAY)
    assert sign_in(replace(AWAY, browser=browser)).browser == browser


def test_the_link_works_once_and_for_a_day(link, clock_at):
    uid, token = link
    at = clock_at(clock.now())
    assert not accounts.own_link_is_good(uid, token + "x")
    assert not accounts.own_link_is_good("MTIz", token)
    clock_at(at + timedelta(days=1, seconds=1))
    assert not accounts.own_link_is_good(uid, token)
    clock_at(at)
    accounts.know_by_link(uid=uid, token=token, origin=AWAY)
    assert not accounts.own_link_is_good(uid, token)
    with pytest.raises(InvalidInput) as refusal:
        accounts.know_by_link(uid=uid, token=token, origin=AWAY)
    assert set(refusal.value.errors) == {"token"}


def test_the_link_opens_nothing_else(link):
    uid, token = link
    assert not accounts.reset_link_is_good(uid, token)
