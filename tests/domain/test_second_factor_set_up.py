"""Setting up the second step, where the clinic wants it, and taking it away; and what is kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from clinic import accounts, settings
from clinic.accounts import SessionKind, TicketPurpose
from clinic.accounts.factor_models import TotpFactor
from clinic.accounts.models import User
from clinic.accounts.second_factor import totp
from clinic.accounts.second_factor.tickets import issue_ticket
from clinic.audit import AuditEvent
from clinic.cli import reset_factor
from clinic.db import session, transaction
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, ProofRequired, Unauthenticated
from clinic.keys import Keyring
from tests import factories
from tests.authenticator import Authenticator, set_up
from tests.domain.post import written
from tests.domain.second_steps import PHONE, actions, finish, pending, sign_in, ticket_of
from tests.people import ANA, ESTHER

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def app_of_ana(cast) -> Authenticator:
    """The app with which Ana takes her second step."""
    return set_up(cast.ana)


@pytest.fixture
def needed(clinic_has) -> None:
    """People who work here need a second step."""
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))


# --- one's own --------------------------------------------------------------------------------------------------------


def test_an_app_is_set_up_by_its_first_code(cast):
    actor = cast.actor("ana")
    assert accounts.my_second_factor(actor) == {"since": None, "passkeys": [], "codes_left": 0, "is_needed": False}
    added, app = pending(actor)
    assert app.secret in accounts.offer_totp(actor, added.offer).address
    with pytest.raises(InvalidInput):
        accounts.add_totp(actor, replace(added, code=app.wrong_code()))
    assert len(accounts.add_totp(actor, added)) == 10
    shown = accounts.my_second_factor(actor)
    assert (shown["since"] is not None, shown["codes_left"]) == (True, 10)
    assert actions() == ["factor.added", "recovery_codes.made"]
    with pytest.raises(InvalidInput):
        finish(ticket_of(), added.code)
    assert finish(ticket_of(), app.code(1))


def test_the_secret_is_stored_sealed(cast):
    actor = cast.actor("ana")
    added, app = pending(actor)
    accounts.add_totp(actor, added)
    stored = session().execute(text("SELECT sealed_secret FROM totp_factors")).scalar_one()
    assert app.secret not in stored
    assert app.secret not in added.offer
    assert totp.secret_of(session().scalars(select(TotpFactor)).one()) == app.secret


def test_an_older_key_still_opens_the_secret_and_without_it_nobody_gets_in(cast, clinic_has):
    clinic_has(keys=Keyring("old" * 20))
    app = set_up(cast.ana)
    clinic_has(keys=Keyring("new" * 20, ("old" * 20,)))
    assert finish(ticket_of(), app.code())
    clinic_has(keys=Keyring("new" * 20))
    with pytest.raises(InvalidInput):
        finish(ticket_of(), app.code(1))
    assert finish(ticket_of(), app.recovery_codes[0])


def test_secrets_are_sealed_anew_so_that_an_older_key_may_go(cast, clinic_has):
    clinic_has(keys=Keyring("old" * 20))
    app = set_up(cast.ana)
    assert accounts.seal_secrets_anew() == 0
    clinic_has(keys=Keyring("new" * 20, ("old" * 20,)))
    set_up(cast.boris)
    assert (accounts.seal_secrets_anew(), accounts.seal_secrets_anew()) == (1, 0)
    clinic_has(keys=Keyring("new" * 20))
    assert finish(ticket_of(), app.code())


def test_what_is_sealed_is_the_secret_alone_which_the_version_before_reads_too(cast):
    """Servers of two versions run beside each other in an upgrade, and a version is taken back without its keys' help."""
    app = set_up(cast.ana)
    for _ in range(2):
        stored = session().scalars(select(TotpFactor.sealed_secret)).one()
        assert settings.current().keys.fernet("second factor").decrypt(stored).decode() == app.secret
        assert accounts.seal_secrets_anew() == 0


def test_a_secret_that_was_sealed_with_whose_it_is_opens_for_them_alone_and_is_sealed_without(cast):
    app = set_up(cast.ana)
    keys = settings.current().keys.fernet("second factor")
    with transaction() as current:
        stored = current.scalars(select(TotpFactor)).one()
        stored.sealed_secret = keys.encrypt(f"{cast.ana} {app.secret}".encode()).decode()
        stored.user_id = cast.boris
    assert totp.secret_of(session().scalars(select(TotpFactor)).one()) is None
    with transaction() as current:
        current.scalars(select(TotpFactor)).one().user_id = cast.ana
    assert finish(ticket_of(), app.code())
    assert (accounts.seal_secrets_anew(), accounts.seal_secrets_anew()) == (1, 0)
    stored = session().scalars(select(TotpFactor.sealed_secret)).one()
    assert keys.decrypt(stored).decode() == app.secret
    assert finish(ticket_of(), app.code(1))


def test_what_was_offered_is_for_its_person_and_for_a_quarter_of_an_hour(cast, clock_at, field_of):
    moment = clock_at("2026-03-02 12:00")
    added, app = pending(cast.actor("ana"))
    for who, later, offer in (("boris", 0, added.offer), ("ana", 0, "nothing"), ("ana", 16, added.offer)):
        clock_at(moment + timedelta(minutes=later))
        with pytest.raises(InvalidInput) as refusal:
            accounts.add_totp(cast.actor(who), accounts.Pending(offer, app.code()))
        assert field_of(refusal) == ["offer"]


def test_another_app_takes_the_place_of_the_first_and_codes_stay(cast, app_of_ana):
    actor = cast.actor("ana")
    added, app = pending(actor)
    assert accounts.add_totp(actor, added) == []
    with pytest.raises(Conflict):
        accounts.add_totp(actor, added)
    with pytest.raises(InvalidInput):
        finish(ticket_of(), app_of_ana.code())
    assert finish(ticket_of(), app.code(1))
    assert finish(ticket_of(), app_of_ana.recovery_codes[0])


def test_removed_the_password_is_enough_again(cast, app_of_ana):
    accounts.remove_totp(cast.actor("ana"))
    assert sign_in().actor.user_id == cast.ana
    assert actions() == ["factor.removed"]
    for command in (accounts.remove_totp, accounts.make_recovery_codes):
        with pytest.raises(Conflict):
            command(cast.actor("ana"))


def test_what_changes_a_second_step_needs_a_fresh_proof(cast, app_of_ana, clock_at):
    moment = clock_at("2026-03-02 12:00")
    actor = cast.actor("ana")
    added, _ = pending(actor)
    clock_at(moment + timedelta(minutes=6))
    for command in (
        lambda: accounts.offer_totp(actor),
        lambda: accounts.add_totp(actor, added),
        lambda: accounts.remove_totp(actor),
        lambda: accounts.make_recovery_codes(actor),
        lambda: accounts.reset_second_factor(replace(cast.actor("esther"), proven_at=moment), cast.ana),
    ):
        with pytest.raises(ProofRequired):
            command()


# --- where it is needed -----------------------------------------------------------------------------------------------


def test_staff_set_it_up_as_they_sign_in_where_it_is_needed(cast, needed):
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in(ESTHER)
    assert refusal.value.code == "second_factor_not_set_up"
    ticket = refusal.value.ticket
    with pytest.raises(Unauthenticated):
        finish(ticket, "123456")
    offer = accounts.offer_by_ticket(ticket)
    app = Authenticator(offer.secret, [])
    accounts.finish_set_up(
        ticket=ticket, pending=accounts.Pending(offer.sealed, app.code()), kind=SessionKind.BROWSER, origin=PHONE
    )
    with pytest.raises(Unauthenticated):
        accounts.offer_by_ticket(ticket)
    signed_in = finish(ticket_of(ESTHER), app.code(1))
    assert accounts.actor_of_browser(signed_in.secret) == signed_in.actor
    with pytest.raises(Conflict) as refused:
        accounts.remove_totp(signed_in.actor)
    assert refused.value.code == "factor_needed"


def set_up_ticket() -> str:
    """What Esther gets for her password while she has no second step and needs one."""
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in(ESTHER)
    return refusal.value.ticket


def set_up_by(ticket: str) -> Authenticator:
    """Set up an app by a ticket."""
    offer = accounts.offer_by_ticket(ticket)
    app = Authenticator(offer.secret, [])
    chosen = accounts.Pending(offer.sealed, app.code())
    accounts.finish_set_up(ticket=ticket, pending=chosen, kind=SessionKind.BROWSER, origin=PHONE)
    return app


def test_an_older_ticket_replaces_no_second_step_that_was_set_up_meanwhile(cast, needed):
    of_a_thief, own = set_up_ticket(), set_up_ticket()
    app = set_up_by(own)
    with pytest.raises(Unauthenticated) as refusal:
        set_up_by(of_a_thief)
    assert refusal.value.code == "ticket_invalid"
    assert not accounts.ticket_is_good(of_a_thief, TicketPurpose.SET_UP)
    assert finish(ticket_of(ESTHER), app.code(1))


def test_of_two_who_set_up_at_once_by_two_tickets_one_does(cast, needed):
    """The other has been shown what to scan before the first was done, and the ticket was given after that, too."""
    first, second = set_up_ticket(), set_up_ticket()
    offer = accounts.offer_by_ticket(second)
    app = set_up_by(first)
    with transaction():
        late = issue_ticket(session().get_one(User, cast.esther), TicketPurpose.SET_UP, PHONE)
    code = Authenticator(offer.secret, []).code()
    for ticket in (second, late):
        with pytest.raises(Unauthenticated):
            accounts.finish_set_up(
                ticket=ticket, pending=accounts.Pending(offer.sealed, code), kind=SessionKind.BROWSER, origin=PHONE
            )
    assert finish(ticket_of(ESTHER), app.code(1))


def test_setting_up_another_app_ends_the_tickets_of_the_one_before(cast, app_of_ana):
    ticket, actor = ticket_of(), cast.actor("ana")
    accounts.add_totp(actor, pending(actor)[0])
    with pytest.raises(Unauthenticated):
        finish(ticket, app_of_ana.code())


def test_five_wrong_codes_end_the_setting_up(cast, needed):
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in(ESTHER)
    offer = accounts.offer_by_ticket(refusal.value.ticket)
    wrong = accounts.Pending(offer.sealed, Authenticator(offer.secret, []).wrong_code())
    for _ in range(5):
        with pytest.raises(InvalidInput):
            accounts.finish_set_up(ticket=refusal.value.ticket, pending=wrong, kind=SessionKind.BROWSER, origin=PHONE)
    with pytest.raises(Unauthenticated):
        accounts.offer_by_ticket(refusal.value.ticket)


def test_programs_of_staff_are_sent_to_the_pages_and_patients_go_on_as_before(cast, needed):
    with pytest.raises(Forbidden) as refusal:
        sign_in(ESTHER, SessionKind.API)
    assert (refusal.value.code, refusal.value.extra) == ("second_factor_not_set_up", {})
    assert sign_in(ANA).actor.user_id == cast.ana


def test_a_session_without_it_is_none_where_it_is_needed(cast, clinic_has):
    signed_in = sign_in(ESTHER)
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    assert accounts.actor_of_browser(signed_in.secret) is None


# --- taken away by others ---------------------------------------------------------------------------------------------


def test_another_admin_resets_it_and_the_person_is_told_and_signed_out(cast, app_of_ana):
    ticket, browser = ticket_of(), finish(ticket_of(), app_of_ana.code())
    accounts.reset_second_factor(cast.actor("esther"), cast.ana)
    assert accounts.actor_of_browser(browser.secret) is None
    with pytest.raises(Unauthenticated):
        finish(ticket, app_of_ana.recovery_codes[0])
    assert sign_in().actor.user_id == cast.ana
    assert actions()[-1] == "factor.reset"
    assert [letter.to for letter in written() if letter.kind == "second_factor"] == [ANA]
    with pytest.raises(Conflict):
        accounts.reset_second_factor(cast.actor("esther"), cast.ana)


def test_nobody_resets_their_own_and_only_the_office_anybodys(cast, app_of_ana):
    set_up(cast.esther)
    with pytest.raises(Conflict) as refusal:
        accounts.reset_second_factor(cast.actor("esther"), cast.esther)
    assert refusal.value.code == "own_account"
    for who in ("ana", "chen"):
        with pytest.raises(Forbidden):
            accounts.reset_second_factor(cast.actor(who), cast.ana)


def test_the_other_admins_are_told_of_a_colleagues_reset(cast):
    set_up(cast.chen)
    factories.admin("Fay", "fay@clinic.example")
    accounts.reset_second_factor(cast.actor("esther"), cast.chen)
    (letter,) = (letter for letter in written() if letter.kind == "staff_changed")
    assert letter.to == "fay@clinic.example"
    assert "Esther Office reset the second step of Dr Chen's account" in letter.body


def test_the_operator_resets_it_by_the_email(cast, app_of_ana):
    accounts.reset_second_factor_of("ANA@example.com")
    event = session().scalars(select(AuditEvent)).one()
    assert (event.actor_role, str(event.action), event.subject_id) == ("operator", "factor.reset", cast.ana)
    assert sign_in().actor.user_id == cast.ana
    with pytest.raises(NotFound):
        accounts.reset_second_factor_of("nobody@example.com")


def test_the_operators_command_says_what_it_did(app, cast, app_of_ana):
    runner = app.test_cli_runner()
    assert runner.invoke(reset_factor, [ANA]).output == f"{ANA} has no second step any more.\n"
    again = runner.invoke(reset_factor, [ANA])
    assert (again.exit_code, again.output) == (1, "Error: No second step is set up.\n")


# --- nothing else is written ------------------------------------------------------------------------------------------


def test_neither_codes_nor_secrets_are_in_the_audit_or_the_mail(cast):
    actor = cast.actor("ana")
    added, app = pending(actor)
    codes = accounts.add_totp(actor, added)
    finish(ticket_of(), codes[0])
    with transaction():
        found = json.dumps([event.details for event in session().scalars(select(AuditEvent))]) + json.dumps(
            [letter.body for letter in written()]
        )
    for secret in (app.secret, added.code, added.offer, *codes):
        assert secret not in found
