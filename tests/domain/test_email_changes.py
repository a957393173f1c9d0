"""Another e-mail for an account: it waits for the new address, and the old one takes it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic import accounts, scheduling
from clinic.accounts.email_change_models import EmailChange, EmailChangeEnd
from clinic.accounts.models import User
from clinic.db import session
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, TooManyTries, Unauthenticated
from clinic.policy import Actor, Role
from clinic.scheduling import EntryKind
from clinic.settings import AccountRules
from tests import factories
from tests.authenticator import set_up
from tests.entries import entries
from tests.mailed import letters, link_to
from tests.passkey_device import give_passkey
from tests.people import ANA, BORIS, CHEN, PASSWORD, actor_of

pytestmark = pytest.mark.usefixtures("app_context")

NEW, FRAN = "ana.new@example.com", "fran@clinic.example"
NEW_PASSWORD = "Bright-morning-71"


def email_of(user_id: int) -> str | None:
    """The e-mail that an account has now."""
    return session().get_one(User, user_id, populate_existing=True).email


def sign_in(email: str, password: str = PASSWORD) -> Actor:
    """Sign in as a program does."""
    return accounts.sign_in(
        email=email, password=password, kind=accounts.SessionKind.API, origin=accounts.Origin("tests", "127.0.0.1")
    ).actor


def requested(actor: Actor, address: str = NEW) -> None:
    accounts.request_email_change(actor, address)


@pytest.fixture
def ana(cast) -> Actor:
    return cast.actor("ana")


# --- by oneself -------------------------------------------------------------------------------------------------------


def test_nothing_changes_until_the_new_address_confirms(cast, ana):
    assert accounts.request_email_change(ana, " Ana.New@Example.com ") == NEW
    assert email_of(cast.ana) == ANA
    assert accounts.my_sessions(ana) != []
    assert [to for to, _ in letters("confirm_new_email")] == [NEW]
    assert [to for to, _ in letters("email_requested")] == [ANA]


def test_the_link_makes_it_the_accounts_and_ends_what_the_old_one_opened(cast, ana):
    accounts.forgot_password(ANA)
    reset = link_to(ANA, "password_reset")
    requested(ana)
    assert accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    user = session().get_one(User, cast.ana, populate_existing=True)
    assert (user.email, user.email_confirmed_at is not None) == (NEW, True)
    assert accounts.my_sessions(ana) == []
    assert not accounts.reset_link_is_good(**reset)
    assert sorted(to for to, _ in letters("email_changed")) == sorted([ANA, NEW])
    assert sign_in(NEW).user_id == cast.ana
    with pytest.raises(Unauthenticated):
        sign_in(ANA)


def test_a_link_is_good_once(ana):
    requested(ana)
    link = link_to(NEW, "confirm_new_email")
    accounts.confirm_email(ana, **link)
    with pytest.raises(InvalidInput) as refusal:
        accounts.confirm_email(ana, **link)
    assert list(refusal.value.errors) == ["token"]
    assert accounts.confirmation_by(**link) is None


@pytest.mark.parametrize("who", [None, "boris"])
def test_whoever_only_has_the_mailbox_confirms_nobody_elses_account(cast, ana, who):
    """Somebody opens an account, and has the e-mail of another person confirm it: with the account, they'd have them."""
    requested(ana)
    with pytest.raises(Forbidden) as refusal:
        accounts.confirm_email(cast.actor(who) if who else None, **link_to(NEW, "confirm_new_email"))
    assert refusal.value.code == "sign_in_to_confirm"
    assert email_of(cast.ana) == ANA


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 300, BORIS, ANA, "ANA@example.com"])
def test_what_can_not_become_the_e_mail_is_refused(cast, ana, typed):
    with pytest.raises(InvalidInput) as refusal:
        accounts.request_email_change(ana, typed)
    assert list(refusal.value.errors) == ["email"]
    assert letters("email_requested") == []


def test_where_nobody_is_told_of_accounts_the_address_is_told_itself(cast, ana, clinic_has):
    clinic_has(accounts=AccountRules(hides_unknown_emails=True))
    assert accounts.request_email_change(ana, BORIS) == BORIS
    assert [to for to, _ in letters("email_in_use")] == [BORIS]
    assert letters("confirm_new_email") == []
    assert email_of(cast.boris) == BORIS


def test_the_same_address_again_is_written_to_once(ana):
    requested(ana)
    requested(ana)
    assert len(letters("confirm_new_email")) == len(letters("email_requested")) == 1


def test_another_address_takes_the_place_of_the_one_that_waits(cast, ana):
    requested(ana, "mistyped@example.com")
    astray = link_to("mistyped@example.com", "confirm_new_email")
    requested(ana)
    with pytest.raises(InvalidInput):
        accounts.confirm_email(ana, **astray)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    assert email_of(cast.ana) == NEW


def test_a_change_is_withdrawn(cast, ana):
    requested(ana)
    link = link_to(NEW, "confirm_new_email")
    accounts.withdraw_email_change(ana)
    with pytest.raises(InvalidInput):
        accounts.confirm_email(ana, **link)
    with pytest.raises(Conflict):
        accounts.withdraw_email_change(ana)
    with pytest.raises(Conflict):
        accounts.resend_email_change(ana)


def test_the_link_is_sent_again_and_runs_out(ana, clock_at):
    begun = clock_at("2026-03-02 12:00")
    requested(ana)
    clock_at(begun + timedelta(hours=47))
    assert accounts.resend_email_change(ana) == NEW
    clock_at(begun + timedelta(hours=49))
    link = link_to(NEW, "confirm_new_email")
    assert accounts.confirmation_by(**link) is not None
    clock_at(begun + timedelta(hours=96))
    assert accounts.confirmation_by(**link) is None


def test_mails_to_other_peoples_addresses_are_few(ana, clock_at):
    begun = clock_at("2026-03-02 12:00")
    for number in range(5):
        requested(ana, f"victim{number}@example.com")
    clock_at(begun + timedelta(minutes=20))
    with pytest.raises(TooManyTries) as refusal:
        requested(ana, "victim5@example.com")
    assert 0 < refusal.value.seconds <= 2401
    clock_at(begun + timedelta(minutes=61))
    requested(ana, "victim5@example.com")


def test_two_who_want_one_address_and_one_gets_it(cast, ana):
    boris = cast.actor("boris")
    for each in (ana, boris):
        requested(each)
    first, second = [text for _, text in letters("confirm_new_email")]
    assert first != second
    links = [{"uid": uid, "token": token} for uid, token in map(_parts, (first, second))]
    accounts.confirm_email(ana, **links[0])
    with pytest.raises(InvalidInput, match="already an account"):
        accounts.confirm_email(boris, **links[1])
    assert (email_of(cast.ana), email_of(cast.boris)) == (NEW, BORIS)


def _parts(text: str) -> tuple[str, str]:
    uid, token = text.partition("/confirm-email/")[2].split()[0].split("/")
    return uid, token


# --- taken over -------------------------------------------------------------------------------------------------------


@pytest.fixture
def fran() -> int:
    """Another admin, who wasn't there."""
    return factories.user("Fran Front", FRAN, Role.ADMIN)


@pytest.mark.parametrize("who", ["ana", "chen", "fran"])
def test_the_office_takes_over_nobody_by_another_e_mail(cast, fran, who):
    number = fran if who == "fran" else getattr(cast, who)
    theirs = actor_of(number)
    before = email_of(number)
    accounts.edit_person(cast.actor("esther"), number, {"email": "thief@example.com"})
    assert email_of(number) == before
    assert accounts.my_sessions(theirs) != []
    assert [to for to, _ in letters("email_requested")] == [before]
    admins = [to for to, _ in letters("staff_changed")]
    assert admins == ([FRAN] if who == "chen" else []), "the other admins hear of colleagues"
    assert sign_in(str(before)).user_id == number


@pytest.mark.parametrize("who", ["ana", "chen"])
def test_what_the_office_asked_for_needs_the_link_alone(cast, who):
    number = getattr(cast, who)
    accounts.edit_person(cast.actor("esther"), number, {"email": NEW})
    accounts.confirm_email(None, **link_to(NEW, "confirm_new_email"))
    assert email_of(number) == NEW


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("who", ["ana", "chen", "fran"])
def test_the_old_address_takes_it_back_before_and_after(cast, fran, who, confirmed):
    number = fran if who == "fran" else getattr(cast, who)
    before = str(email_of(number))
    accounts.edit_person(cast.actor("esther"), number, {"email": "thief@example.com"})
    thief = None
    if confirmed:
        accounts.confirm_email(None, **link_to("thief@example.com", "confirm_new_email"))
        thief = actor_of(number)
    accounts.keep_email(**link_to(before, "email_requested"))
    user = session().get_one(User, number, populate_existing=True)
    assert user.email == before
    with pytest.raises(Unauthenticated):
        sign_in(before)
    assert thief is None or accounts.my_sessions(thief) == []
    with pytest.raises(InvalidInput):
        accounts.confirm_email(None, **link_to("thief@example.com", "confirm_new_email"))
    accounts.reset_password(**link_to(before, "email_undone"), new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD)
    assert sign_in(before, NEW_PASSWORD).user_id == number
    heard = [to for to, text in letters("staff_changed") if "undid its change" in text]
    assert "esther@clinic.example" in heard, "an admin who did it hears that it was seen"


@pytest.mark.parametrize(("days", "ends"), [(6, True), (8, False)])
def test_a_second_step_that_was_added_shortly_before_ends_too(cast, clock_at, days, ends):
    """Whoever has the password adds theirs first, and asks for another e-mail a few days later."""
    begun = clock_at("2026-03-02 12:00")
    set_up(cast.ana)
    clock_at(begun + timedelta(days=days))
    thief = actor_of(cast.ana)
    requested(thief)
    accounts.confirm_email(thief, **link_to(NEW, "confirm_new_email"))
    accounts.keep_email(**link_to(ANA, "email_requested"))
    owner = actor_of(cast.ana)
    assert (accounts.my_second_factor(owner)["since"] is None) == ends
    assert accounts.my_known_devices(owner) == []
    [told] = [text for to, text in letters("email_undone") if to == ANA]
    assert ("A second step was added to your sign-in after" in told) == ends
    assert "second step" not in dict(letters("email_undone"))[NEW], "not to the thief"
    removed = [row["details"] for row in entries(cast.actor("esther"), action="factor.removed")]
    assert [row["kind"] for row in removed] == (["totp"] if ends else [])


def test_a_passkey_that_a_thief_added_ends_too(cast):
    thief = actor_of(cast.ana)
    give_passkey(cast.ana)
    requested(thief)
    accounts.keep_email(**link_to(ANA, "email_requested"))
    assert accounts.my_second_factor(actor_of(cast.ana))["passkeys"] == []
    removed = [row["details"] for row in entries(cast.actor("esther"), action="factor.removed")]
    assert [row["kind"] for row in removed] == ["passkey"]


def test_the_link_is_in_both_mails_and_is_good_for_a_week(cast, ana, clock_at):
    begun = clock_at("2026-03-02 12:00")
    requested(ana)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    link = link_to(ANA, "email_requested")
    assert link == link_to(ANA, "email_changed")
    assert "/keep-email/" not in dict(letters("email_changed"))[NEW], "who has the account now can't take it back"
    clock_at(begun + timedelta(days=7))
    assert accounts.veto_by(**link) is None
    with pytest.raises(InvalidInput):
        accounts.keep_email(**link)
    assert email_of(cast.ana) == NEW


def test_a_thief_who_goes_on_changing_it_is_thrown_out_all_the_same(cast, ana):
    requested(ana, "first@example.com")
    accounts.confirm_email(ana, **link_to("first@example.com", "confirm_new_email"))
    thief = actor_of(cast.ana)
    requested(thief, "second@example.com")
    accounts.confirm_email(thief, **link_to("second@example.com", "confirm_new_email"))
    accounts.keep_email(**link_to(ANA, "email_requested"))
    assert email_of(cast.ana) == ANA
    for kind in ("email_requested", "email_changed"):
        assert accounts.veto_by(**link_to("first@example.com", kind)) is None


def test_nobody_else_gets_the_old_address_while_it_may_come_back(cast, ana, clock_at):
    begun = clock_at("2026-03-02 12:00")
    requested(ana)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    boris = cast.actor("boris")
    with pytest.raises(InvalidInput):
        requested(boris, ANA)
    requested(actor_of(cast.ana), ANA)
    clock_at(begun + timedelta(days=7, minutes=1))
    requested(actor_of(cast.boris), ANA)


def test_a_change_is_taken_back_where_the_account_was_switched_off_meanwhile(cast, ana):
    requested(ana)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    scheduling.switch(cast.actor("esther"), EntryKind.ACCOUNT, cast.ana, active=False)
    accounts.keep_email(**link_to(ANA, "email_changed"))
    assert email_of(cast.ana) == ANA
    assert [to for to, text in letters("email_undone") if "/reset-password/" in text] == []


def test_no_link_to_a_password_goes_to_a_colleagues_new_address_for_three_days(cast, clock_at):
    begun = clock_at("2026-03-02 12:00")
    accounts.edit_person(cast.actor("esther"), cast.chen, {"email": NEW})
    accounts.confirm_email(None, **link_to(NEW, "confirm_new_email"))
    accounts.forgot_password(NEW)
    assert letters("password_reset") == []
    clock_at(begun + timedelta(hours=73))
    accounts.forgot_password(NEW)
    assert [to for to, _ in letters("password_reset")] == [NEW]


def test_what_the_office_asked_for_on_a_colleague_ends_their_links_at_once(cast):
    accounts.forgot_password(CHEN)
    link = link_to(CHEN, "password_reset")
    accounts.edit_person(cast.actor("esther"), cast.chen, {"email": NEW})
    assert not accounts.reset_link_is_good(**link)


def test_the_office_withdraws_what_it_asked_for(cast):
    esther = cast.actor("esther")
    accounts.edit_person(esther, cast.ana, {"email": NEW})
    link = link_to(NEW, "confirm_new_email")
    assert accounts.open_account(esther, cast.ana)["pending_email"] == NEW
    accounts.withdraw_email_change(esther, cast.ana)
    assert accounts.open_account(esther, cast.ana)["pending_email"] is None
    with pytest.raises(InvalidInput):
        accounts.confirm_email(None, **link)
    with pytest.raises(Forbidden):
        accounts.withdraw_email_change(cast.actor("ana"), cast.boris)


# --- what is noted and said -------------------------------------------------------------------------------------------


def test_no_letter_names_the_person_or_an_address(cast, ana):
    requested(ana)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    accounts.keep_email(**link_to(ANA, "email_changed"))
    for kind in ("confirm_new_email", "email_requested", "email_changed", "email_undone"):
        assert letters(kind)
        for _, text in letters(kind):
            assert "@example.com" not in text
            assert "Ana" not in text


def test_the_audit_has_digests_of_both_addresses(cast, ana):
    requested(ana)
    accounts.confirm_email(ana, **link_to(NEW, "confirm_new_email"))
    accounts.keep_email(**link_to(ANA, "email_changed"))
    noted = [row for row in reversed(entries(cast.actor("esther"))) if row["action"].startswith("email.")]
    assert [row["action"] for row in noted] == ["email.change_requested", "email.confirmed", "email.change_undone"]
    for row in noted:
        digests = row["details"]["old_digest"], row["details"]["new_digest"]
        assert len(set(digests)) == 2
        assert not any("@" in digest for digest in digests)


def test_how_each_change_ended_is_kept(cast, ana):
    requested(ana, "one@example.com")
    requested(ana, "two@example.com")
    accounts.confirm_email(ana, **link_to("two@example.com", "confirm_new_email"))
    requested(actor_of(cast.ana), "three@example.com")
    accounts.withdraw_email_change(actor_of(cast.ana))
    ends = [each.ended_because for each in session().query(EmailChange).order_by(EmailChange.id)]
    assert ends == [EmailChangeEnd.REPLACED, EmailChangeEnd.CONFIRMED, EmailChangeEnd.TAKEN_BACK]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_link_made_while_the_e_mail_changes_opens_nothing_from_the_old_address(cast, ana, meanwhile):
    """Somebody asks for a link to the old address in the very moment in which the new one is confirmed."""
    requested(ana)
    link = link_to(NEW, "confirm_new_email")
    failed = meanwhile(("INSERT INTO mailed_links", "FOR UPDATE"), lambda: accounts.confirm_email(ana, **link))
    with pytest.raises(NotFound):
        accounts.forgot_password(ANA)
    assert failed == []
    assert email_of(cast.ana) == NEW
    assert letters("password_reset") == []
