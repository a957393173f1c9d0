"""The second step of signing in: codes of an app, recovery codes, tickets; and who takes it away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, scheduling, settings
from clinic.accounts import TicketPurpose, sign_in_limits
from clinic.accounts.factor_models import RecoveryCode
from clinic.accounts.models import SignInSession
from clinic.accounts.sign_in_models import SignInTicket
from clinic.audit import AuditEvent
from clinic.db import session
from clinic.errors import Forbidden, InvalidInput, TooManyTries, Unauthenticated
from tests.authenticator import Authenticator, set_up
from tests.domain.post import written
from tests.domain.second_steps import actions, finish, pending, sign_in, ticket_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

NEW_PASSWORD = "Another-demo-2027"


@pytest.fixture
def app_of_ana(cast) -> Authenticator:
    """The app with which Ana takes her second step."""
    return set_up(cast.ana)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_without_a_second_step_the_password_signs_in(cast):
    assert sign_in().actor.user_id == cast.ana


def test_the_password_alone_only_gets_a_ticket(cast, app_of_ana):
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in()
    assert refusal.value.code == "second_factor_required"
    assert refusal.value.extra == {
        "ticket": refusal.value.ticket, "methods": ["totp", "recovery_code"], "expires_in": 300,
    }  # fmt: skip
    assert session().scalars(select(SignInSession)).all() == []
    stored = session().scalars(select(SignInTicket)).one()
    assert refusal.value.ticket not in (stored.digest, stored.challenge)


def test_a_code_signs_in_and_the_session_knows_it(cast, app_of_ana):
    signed_in = finish(ticket_of(), app_of_ana.code())
    assert signed_in.actor.user_id == cast.ana
    assert accounts.actor_of_browser(signed_in.secret) == signed_in.actor
    assert session().get_one(SignInSession, signed_in.actor.session_id).factor_at == signed_in.actor.proven_at


@pytest.mark.parametrize("typed", ["{0}{1}{2} {3}{4}{5}", " {0}-{1}{2}{3}{4}{5}\n"])
def test_a_code_may_be_typed_with_blanks(cast, app_of_ana, typed):
    assert finish(ticket_of(), typed.format(*app_of_ana.code()))


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_step_early_and_late(cast, app_of_ana, clock_at, steps, good):
    clock_at("2026-03-02 12:00:15")
    code = app_of_ana.code(steps)
    if good:
        assert finish(ticket_of(), code)
    else:
        with pytest.raises(InvalidInput):
            finish(ticket_of(), code)


def test_a_code_that_was_taken_and_those_before_it_are_taken_no_more(cast, app_of_ana, clock_at, field_of):
    clock_at("2026-03-02 12:00:15")
    finish(ticket_of(), app_of_ana.code())
    for steps in (0, -1):
        with pytest.raises(InvalidInput) as refusal:
            finish(ticket_of(), app_of_ana.code(steps))
        assert field_of(refusal) == ["code"]
    assert finish(ticket_of(), app_of_ana.code(1))


def test_of_two_with_one_code_at_once_one_gets_in(cast, app_of_ana, meanwhile):
    first, second, code = ticket_of(), ticket_of(), app_of_ana.code()
    failed = meanwhile(("BEGIN", "UPDATE sign_in_tickets", "FOR NO KEY UPDATE"), lambda: finish(second, code))
    with pytest.raises(InvalidInput):
        finish(first, code)
    assert not failed
    assert len(session().scalars(select(SignInSession)).all()) == 1


def test_the_audit_notes_wrong_codes_and_who_got_in_by_one(cast, app_of_ana):
    ticket = ticket_of()
    assert actions(signing_in=True) == ["sign_in.refused"], "a stolen password leaves a trace"
    [entry] = session().scalars(select(AuditEvent).where(AuditEvent.action == "sign_in.refused"))
    assert (entry.subject_id, entry.actor_id, entry.details["reason"]) == (cast.ana, None, "second_factor_required")
    with pytest.raises(InvalidInput):
        finish(ticket, app_of_ana.wrong_code())
    finish(ticket, app_of_ana.code())
    assert actions(signing_in=True) == ["sign_in.refused"] * 2 + ["sign_in.succeeded"]


@pytest.mark.parametrize("code", ["", " - ", "12345", "1234567", "abcdef", "\x00\ud800", "９９９９９９", "x" * 100_000])
def test_what_is_no_code_is_refused(cast, app_of_ana, code, field_of):
    with pytest.raises(InvalidInput) as refusal:
        finish(ticket_of(), code)
    assert field_of(refusal) == ["code"]


def test_five_wrong_codes_end_a_ticket(cast, app_of_ana):
    ticket = ticket_of()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            finish(ticket, app_of_ana.wrong_code())
    with pytest.raises(Unauthenticated) as refusal:
        finish(ticket, app_of_ana.code())
    assert refusal.value.code == "ticket_invalid"
    assert finish(ticket_of(), app_of_ana.code())


def test_ever_new_tickets_are_no_way_to_try_ever_more_codes(cast, app_of_ana, clock_at, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    moment = clock_at("2026-03-02 12:00")
    for _ in range(2):
        ticket = ticket_of()
        for _ in range(5):
            with pytest.raises(InvalidInput):
                finish(ticket, app_of_ana.wrong_code())
    with pytest.raises(TooManyTries) as refusal:
        finish(ticket_of(), app_of_ana.code())
    assert 0 < refusal.value.seconds <= 15 * 60
    clock_at(moment + timedelta(seconds=refusal.value.seconds))
    assert finish(ticket_of(), app_of_ana.code())


def test_whoever_waits_between_wrong_codes_has_some_tens_a_day(cast, app_of_ana, clock_at, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    moment = clock_at("2026-03-02 00:00")
    for _ in range(sign_in_limits.CODES_BY_ACCOUNT.most):
        moment = clock_at(moment + timedelta(minutes=2))
        with pytest.raises(InvalidInput):
            finish(ticket_of(), app_of_ana.wrong_code())
    with pytest.raises(TooManyTries) as refusal:
        finish(ticket_of(), app_of_ana.code())
    assert refusal.value.seconds > 60 * 60


def test_a_recovery_code_is_read_as_people_write_it_down(cast, app_of_ana):
    for code in app_of_ana.recovery_codes:
        written_down = code.upper().replace("-", " ").replace("O", "0").replace("L", "1").replace("B", "8")
        assert finish(ticket_of(), written_down)


def test_right_codes_are_never_too_many(cast, app_of_ana, clock_at, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    moment = clock_at("2026-03-02 12:00")
    for _ in range(25):
        moment = clock_at(moment + timedelta(seconds=30))
        assert finish(ticket_of(), app_of_ana.code())


def test_a_ticket_is_good_once_for_five_minutes_and_for_its_purpose(cast, app_of_ana, clock_at):
    moment = clock_at("2026-03-02 12:00")
    used, late, of_another_purpose = ticket_of(), ticket_of(), ticket_of()
    finish(used, app_of_ana.code())
    clock_at(moment + timedelta(minutes=4, seconds=59))
    assert accounts.ticket_is_good(late, TicketPurpose.SECOND_FACTOR)
    with pytest.raises(Unauthenticated):
        accounts.offer_by_ticket(of_another_purpose)
    clock_at(moment + timedelta(minutes=5))
    for ticket in (used, late, "", "\ud800", "nobody's"):
        with pytest.raises(Unauthenticated) as refusal:
            finish(ticket, app_of_ana.code())
        assert refusal.value.code == "ticket_invalid"


def test_a_ticket_takes_the_codes_of_its_own_person_only(cast, app_of_ana):
    app_of_boris = set_up(cast.boris)
    with pytest.raises(InvalidInput):
        finish(ticket_of(), app_of_boris.code())


def test_a_new_password_ends_the_tickets_of_the_old_one(cast, app_of_ana):
    ticket = ticket_of()
    accounts.change_password(
        cast.actor("ana"), old_password=PASSWORD, new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD
    )
    with pytest.raises(Unauthenticated):
        finish(ticket, app_of_ana.code())


def test_a_switched_off_account_has_no_ticket_left(cast, app_of_ana):

    ticket = ticket_of()
    scheduling.switch(cast.actor("esther"), scheduling.EntryKind.ACCOUNT, cast.ana, active=False)
    with pytest.raises(Unauthenticated):
        finish(ticket, app_of_ana.code())
    with pytest.raises(Forbidden):
        sign_in()


# --- recovery codes ---------------------------------------------------------------------------------------------------


def test_each_recovery_code_signs_in_once_and_is_told(cast, app_of_ana):
    code = app_of_ana.recovery_codes[0]
    assert finish(ticket_of(), code.upper().replace("-", " "))
    with pytest.raises(InvalidInput):
        finish(ticket_of(), code)
    assert finish(ticket_of(), app_of_ana.recovery_codes[1])
    assert actions().count("recovery_codes.used") == 2
    letters = [letter.body for letter in written() if letter.kind == "second_factor"]
    assert ["You have 9 left." in letters[0], "You have 8 left." in letters[1]] == [True, True]


def test_ten_codes_are_shown_once_and_only_digests_are_stored(cast):
    actor = cast.actor("ana")
    codes = accounts.add_totp(actor, pending(actor)[0])
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {19}
    stored = json.dumps([[row.digest] for row in session().scalars(select(RecoveryCode))])
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


def test_new_codes_end_the_old_ones(cast, app_of_ana):
    codes = accounts.make_recovery_codes(cast.actor("ana"))
    with pytest.raises(InvalidInput):
        finish(ticket_of(), app_of_ana.recovery_codes[0])
    assert finish(ticket_of(), codes[0])
