"""The right password somewhere unknown, and no second step behind it: the person is told once, a few minutes later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, clock
from clinic.accounts import Origin, SecondStepRequired, SessionKind
from clinic.accounts.second_factor.tickets import MOST_TRIES
from clinic.accounts.sign_in_models import SignInTicket
from clinic.cli.job_list import JOBS
from clinic.db import session, transaction
from clinic.errors import InvalidInput
from clinic.settings import AccountRules
from tests import factories
from tests.authenticator import Authenticator, set_up
from tests.domain.post import written
from tests.people import ANA, CHEN, PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

HOME, STRANGE = Origin("Firefox", "198.51.100.7"), Origin("curl", "203.0.113.9")


def password_alone(origin: Origin = STRANGE, email: str = ANA) -> str:
    """Enter somebody's password; the ticket to the second step."""
    with pytest.raises(SecondStepRequired) as refusal:
        accounts.sign_in(email=email, password=PASSWORD, kind=SessionKind.BROWSER, origin=origin)
    return refusal.value.ticket


def finish(ticket: str, code: str, origin: Origin = STRANGE) -> None:
    accounts.finish_sign_in(ticket=ticket, code=code, kind=SessionKind.BROWSER, origin=origin)


def told() -> list[str]:
    """Whom the letter went to."""
    return [letter.to for letter in written() if letter.kind == "sign_in_unfinished"]


@pytest.fixture
def at_home(cast, clock_at) -> Authenticator:
    """Ana, who has a second step and used her account at home."""
    clock_at("2026-03-02 12:00")
    app = set_up(cast.ana)
    finish(password_alone(HOME), app.code(), HOME)
    return app


def later(clock_at, **time: int) -> int:
    """What is told of so much later."""
    clock_at(clock.now() + timedelta(**time))
    return accounts.tell_unfinished_sign_ins()


def test_it_is_told_once_the_ticket_has_run_out(at_home, clock_at):
    password_alone()
    assert (later(clock_at, minutes=4), told()) == (0, [])
    assert (later(clock_at, minutes=1), told()) == (1, [ANA])
    [letter] = [each for each in written() if each.kind == "sign_in_unfinished"]
    assert "203.0.113.9" in letter.body
    assert "12:00" in letter.body
    assert later(clock_at, minutes=1) == 0, "each ticket is looked at once"


def test_many_of_a_day_are_told_by_one_letter(at_home, clock_at):
    for address in range(3):
        password_alone(Origin("curl", f"203.0.113.{address}"))
    later(clock_at, minutes=6)
    assert told() == [ANA]
    clock_at(clock.now() + timedelta(days=1))
    password_alone()
    later(clock_at, minutes=6)
    assert told() == [ANA, ANA]


def test_wrong_codes_are_no_second_step(at_home, clock_at):
    ticket = password_alone()
    for _ in range(MOST_TRIES):
        with pytest.raises(InvalidInput):
            finish(ticket, "000000")
    later(clock_at, minutes=6)
    assert told() == [ANA]


def test_who_took_the_second_step_or_was_at_home_is_told_nothing(at_home, clock_at):
    password_alone(HOME)
    slow = password_alone()
    clock_at(clock.now() + timedelta(minutes=6))
    finish(password_alone(), at_home.code())
    assert accounts.tell_unfinished_sign_ins() == 0
    assert slow
    assert told() == []


def test_a_new_account_is_known_nowhere_yet(cast, clock_at):
    clock_at("2026-03-02 12:00")
    with transaction():
        fran = factories.admin("Fran Front", "fran@clinic.example")
    set_up(fran)
    password_alone(email="fran@clinic.example")
    assert later(clock_at, minutes=6) == 0


def test_who_has_to_set_a_second_step_up_is_told_as_well(cast, clock_at, clinic_has):
    clock_at("2026-03-02 12:00")
    accounts.sign_in(email=CHEN, password=PASSWORD, kind=SessionKind.BROWSER, origin=HOME)
    clinic_has(accounts=AccountRules(staff_need_second_factor=True))
    password_alone(email=CHEN)
    assert (later(clock_at, minutes=14), later(clock_at, minutes=1)) == (0, 1)
    assert told() == [CHEN]


def test_a_worker_does_it_every_minute(at_home, clock_at):
    [job] = [each for each in JOBS if each.name == "tell-unfinished-sign-ins"]
    assert job.run() is None
    password_alone()
    clock_at(clock.now() + timedelta(minutes=6))
    assert job.run() == "1 sign-ins told that stopped after the password"
    assert job.every == timedelta(minutes=1)
    assert session().scalars(select(SignInTicket.ended_at)).all().count(None) == 0
