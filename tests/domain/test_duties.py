"""What admins look after: given by those who look after accounts, never to oneself, and never taken from the last one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic import accounts, mail, scheduling
from clinic.accounts.models import NO_PASSWORD, User
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from clinic.errors import Conflict, InvalidInput, NotFound, ProofRequired, Stale
from clinic.policy import Duty
from clinic.scheduling import EntryKind
from tests import factories
from tests.domain.test_office_accounts import INVITED
from tests.people import ANA, ESTHER, actor_of

pytestmark = pytest.mark.usefixtures("app_context")

RECEPTION, CATALOGUE, RECORDS, ACCOUNTS, AUDIT = Duty
FRAN = "fran@clinic.example"


@pytest.fixture
def fran() -> int:
    """A colleague at the reception."""
    return factories.admin("Fran Front", FRAN, RECEPTION)


def duties_of(user_id: int) -> list[str]:
    """What the database says that somebody looks after."""
    found = session().get_one(User, user_id, populate_existing=True).duties
    session().rollback()
    return found


def test_duties_are_given_in_one_order_and_the_change_is_audited(cast, fran):
    before = accounts.person(cast.actor("esther"), fran)["version"]
    accounts.change_duties(cast.actor("esther"), fran, ["audit", "reception", "audit"])
    row = accounts.person(cast.actor("esther"), fran)
    assert (row["duties"], row["version"]) == (["reception", "audit"], before + 1)
    [event] = session().query(AuditEvent).filter_by(action=AuditAction.DUTIES_CHANGED)
    assert (event.actor_id, event.subject_id, event.patient_id) == (cast.esther, fran, None)
    assert event.details == {"duties": ["reception", "audit"], "before": ["reception"]}


def test_what_is_given_again_changes_nothing(cast, fran):
    before = accounts.person(cast.actor("esther"), fran)["version"]
    accounts.change_duties(cast.actor("esther"), fran, [RECEPTION])
    assert accounts.person(cast.actor("esther"), fran)["version"] == before
    assert not session().query(AuditEvent).filter_by(action=AuditAction.DUTIES_CHANGED).count()


def test_a_change_holds_in_the_sessions_that_are_open(cast, fran):
    theirs = actor_of(fran)
    accounts.change_duties(cast.actor("esther"), fran, [AUDIT])
    [living] = accounts.my_sessions(theirs)
    again = actor_of(fran)
    assert (living["id"], again.duties) == (theirs.session_id, {AUDIT})


@pytest.mark.parametrize("duties", [[], ["reception", "pope"], ["RECEPTION"], [""]])
def test_only_known_duties_are_given_and_at_least_one(cast, fran, duties):
    with pytest.raises(InvalidInput) as refusal:
        accounts.change_duties(cast.actor("esther"), fran, duties)
    assert list(refusal.value.errors) == ["duties"]
    assert duties_of(fran) == ["reception"]


def test_nobody_changes_their_own(cast):
    with pytest.raises(Conflict) as refusal:
        accounts.change_duties(cast.actor("esther"), cast.esther, [ACCOUNTS])
    assert refusal.value.code == "own_account"
    assert duties_of(cast.esther) == [*Duty]


@pytest.mark.parametrize("who", ["ana", "chen"])
def test_only_admins_have_duties(cast, who):
    with pytest.raises(NotFound):
        accounts.change_duties(cast.actor("esther"), getattr(cast, who), [RECEPTION])
    assert duties_of(getattr(cast, who)) == []


def test_it_has_to_be_shown_first_that_it_is_still_oneself(cast, fran):
    with pytest.raises(ProofRequired):
        accounts.change_duties(replace(cast.actor("esther"), proven_at=None), fran, [AUDIT])
    assert duties_of(fran) == ["reception"]


def test_what_a_colleague_changed_meanwhile_is_not_written_over(cast, fran):
    esther = cast.actor("esther")
    read = accounts.person(esther, fran)["version"]
    accounts.change_duties(esther, fran, [AUDIT], expected_version=read)
    with pytest.raises(Stale):
        accounts.change_duties(esther, fran, [RECORDS], expected_version=read)
    assert duties_of(fran) == ["audit"]


def test_those_who_look_after_accounts_are_told(cast, fran):
    factories.admin("Gia Gate", "gia@clinic.example", ACCOUNTS)
    factories.admin("Hoa Hall", "hoa@clinic.example", RECEPTION, RECORDS)
    accounts.change_duties(cast.actor("esther"), fran, [AUDIT])
    [letter] = mail.all_mail()
    assert letter["to"] == "gia@clinic.example"
    assert "Esther Office changed the duties of Fran Front" in letter["body"]


# --- the last one who looks after accounts ----------------------------------------------------------------------------


def without_accounts(cast, other: int) -> None:
    """Each takes it from the other: the second one's page was open before."""
    esther, colleague = cast.actor("esther"), actor_of(other)
    accounts.change_duties(colleague, cast.esther, [RECEPTION])
    accounts.change_duties(esther, other, [RECEPTION])


def test_somebody_always_looks_after_accounts(cast):
    other = factories.admin("Gia Gate", "gia@clinic.example", ACCOUNTS)
    with pytest.raises(Conflict) as refusal:
        without_accounts(cast, other)
    assert refusal.value.code == "last_of_duty"
    assert (duties_of(cast.esther), duties_of(other)) == (["reception"], ["accounts"])


def test_the_last_one_stays_switched_on(cast):
    other = factories.admin("Gia Gate", "gia@clinic.example", ACCOUNTS)
    esther = cast.actor("esther")
    scheduling.switch(actor_of(other), EntryKind.ACCOUNT, cast.esther, active=False)
    with pytest.raises(Conflict) as refusal:
        scheduling.switch(esther, EntryKind.ACCOUNT, other, active=False)
    assert refusal.value.code == "last_of_duty"


def test_who_has_not_come_yet_or_is_off_looks_after_nothing(cast):
    other = factories.admin("Gia Gate", "gia@clinic.example", ACCOUNTS)
    factories.user("Invited", "invited@clinic.example", cast.actor("esther").role, password_hash=NO_PASSWORD)
    factories.user("Gone", "gone@clinic.example", cast.actor("esther").role, is_active=False)
    with pytest.raises(Conflict):
        without_accounts(cast, other)


def test_the_operator_may_take_it_from_the_last_one_and_gives_it_back(cast):
    accounts.set_duties_of(ESTHER.upper(), ["reception"])
    assert duties_of(cast.esther) == ["reception"]
    accounts.set_duties_of(ESTHER, [*map(str, Duty)])
    assert duties_of(cast.esther) == [*Duty]
    roles = {event.actor_role for event in session().query(AuditEvent).filter_by(action=AuditAction.DUTIES_CHANGED)}
    assert roles == {"operator"}
    for email in (ANA, "nobody@clinic.example"):
        with pytest.raises(NotFound):
            accounts.set_duties_of(email, ["reception"])


# --- invitations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "stored"), [({}, ["reception"]), ({"duties": ["audit", "records"]}, ["records", "audit"])]
)
def test_a_colleague_is_invited_with_duties_at_the_reception_unless_others_are_named(cast, given, stored):
    assert duties_of(accounts.invite_admin(cast.actor("esther"), **INVITED, **given)) == stored


def test_what_is_wrong_with_an_invitation_is_said_at_once(cast):
    with pytest.raises(InvalidInput) as refusal:
        accounts.invite_admin(cast.actor("esther"), email="x", full_name="", phone_num="1", duties=[])
    assert set(refusal.value.errors) == {"email", "full_name", "phone_num", "duties"}


def test_the_operators_admin_has_every_duty():
    number = accounts.create_admin(
        email="first@clinic.example", password="Bright-morning-71", full_name="First", phone_num="0911222333"
    )
    assert duties_of(number) == [*Duty]
