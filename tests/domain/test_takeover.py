"""Nobody takes over an account unseen: what an admin may do to others' accounts, what ends with it, and who is told."""

from __future__ import annotations

from datetime import date

import pytest

from clinic import accounts, directory, mail, scheduling
from clinic.db import session
from clinic.errors import InvalidInput
from clinic.mail import OutboxMail
from clinic.policy import Role
from clinic.scheduling import EntryKind
from tests import factories
from tests.domain.test_office_accounts import INVITED, choose, link_in
from tests.domain.test_office_directory import doctor_values
from tests.people import ANA, CHEN

pytestmark = pytest.mark.usefixtures("app_context")

BORN = date(1990, 4, 1)
FRAN = "fran@clinic.example"


@pytest.fixture
def fran():
    """Another admin, who wasn't there."""
    return factories.user("Fran Front", FRAN, Role.ADMIN)


def received() -> list[tuple[str, str]]:
    """Who was mailed what, by kind."""
    return [(row.to, row.kind) for row in session().query(OutboxMail).order_by(OutboxMail.id)]


# --- links end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["office", "operator"])
def test_a_link_ends_when_its_account_is_switched_off_and_stays_dead(cast, by):
    accounts.forgot_password(ANA)
    [letter] = mail.all_mail()
    for active in (False, True):
        if by == "office":
            scheduling.switch(cast.actor("esther"), EntryKind.ACCOUNT, cast.ana, active=active)
        else:
            scheduling.switch_account(ANA, active=active)
    assert not accounts.reset_link_is_good(*link_in(letter))
    with pytest.raises(InvalidInput) as refusal:
        choose(letter, "Bright-morning-71")
    assert list(refusal.value.errors) == ["token"]


def test_an_invitation_ends_when_its_account_is_switched_off(cast):
    esther = cast.actor("esther")
    number = accounts.invite_admin(esther, **INVITED)
    [letter] = mail.all_mail()
    for active in (False, True):
        scheduling.switch(esther, EntryKind.ACCOUNT, number, active=active)
    assert not accounts.reset_link_is_good(*link_in(letter))


# --- another e-mail ---------------------------------------------------------------------------------------------------


def test_a_first_e_mail_invites_and_tells_nothing_else(cast):
    esther = cast.actor("esther")
    number = accounts.admit_patient(
        esther, full_name="Lan Lê", phone_num="0911222444", date_of_birth=BORN, gender="female"
    )
    accounts.edit_person(esther, number, {"email": "lan@example.com"})
    assert received() == [("lan@example.com", "invitation")]


# --- invitations ------------------------------------------------------------------------------------------------------


def test_the_other_admins_hear_of_an_invitation(cast, fran):
    esther = cast.actor("esther")
    number = accounts.invite_admin(esther, **INVITED)
    accounts.invite_again(esther, number)
    told = [letter for letter in mail.all_mail() if letter["to"] == FRAN]
    assert len(told) == 2
    assert all("Esther Office invited Fay Front to the office" in letter["body"] for letter in told)
    assert not any("/reset-password/" in letter["body"] for letter in told)


def test_the_other_admins_hear_of_a_doctor_and_not_of_a_patient(cast, fran):
    esther = cast.actor("esther")
    accounts.admit_patient(
        esther,
        full_name="Lan Lê",
        phone_num="0911222444",
        date_of_birth=BORN,
        gender="female",
        email="lan@example.com",
    )
    assert FRAN not in [to for to, _ in received()]
    directory.invite_doctor(esther, **INVITED, values=doctor_values(cast))
    assert received()[-1] == (FRAN, "staff_changed")


def test_an_admin_who_is_off_hears_nothing(cast, fran):
    esther = cast.actor("esther")
    scheduling.switch(esther, EntryKind.ACCOUNT, fran, active=False)
    accounts.edit_person(esther, cast.chen, {"email": "taken@example.com"})
    assert FRAN not in [to for to, _ in received()]
    assert CHEN in [to for to, _ in received()]
