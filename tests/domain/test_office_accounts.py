"""The office's work on accounts: finding people, correcting them, inviting them, switching them off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from clinic import accounts, mail, records, scheduling
from clinic.audit import AuditAction
from clinic.db import MAX_ID
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, Unauthenticated
from clinic.paging import PageRequest
from clinic.policy import Role
from clinic.scheduling import EntryKind
from tests import factories
from tests.people import ANA, CHEN, PASSWORD, actor_of

pytestmark = pytest.mark.usefixtures("app_context")

INVITED = {"email": "Fay@Clinic.example", "full_name": "Fay Front", "phone_num": "0911222333"}
OFFICE_ONLY = ["ana", "chen"]


def names(page) -> list[str]:
    """The names of a list, in its order."""
    return [row["full_name"] for row in page.results]


def link_in(letter: Mapping[str, Any]) -> tuple[str, str]:
    """The two parts of the link in a mail."""
    found = re.search(r"/reset-password/([\w-]+)/([\w-]+)", letter["body"])
    assert found
    return found[1], found[2]


def choose(letter: Mapping[str, Any], password: str) -> None:
    """Choose a password by the link in a mail."""
    uid, token = link_in(letter)
    accounts.reset_password(uid=uid, token=token, new_password=password, confirm_password=password)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_people_come_by_name_with_filters_and_search(cast):
    esther = cast.actor("esther")
    assert names(accounts.people(esther)) == ["Ana Nguyễn", "Boris Đặng", "Dr Chen", "Dr Diallo", "Esther Office"]
    assert names(accounts.people(esther, role="doctor")) == ["Dr Chen", "Dr Diallo"]
    factories.user("Gone", "gone@example.com", Role.PATIENT, is_active=False)
    assert names(accounts.people(esther, active=False)) == ["Gone"]
    assert names(accounts.people(esther, active=True, role="patient")) == ["Ana Nguyễn", "Boris Đặng"]
    page = accounts.people(esther, page=PageRequest(2, 4))
    assert (names(page), page.count, page.previous, page.next) == (["Esther Office", "Gone"], 6, "1", None)
    with pytest.raises(InvalidInput) as refusal:
        accounts.people(esther, role="astrologer")
    assert list(refusal.value.errors) == ["role"]


@pytest.mark.parametrize(
    "search",
    [
        "dang",
        "Đặng",
        "BORIS@EXAMPLE",
        "0987654321",
        "0987 654 321",
        " 98765 ",
        "dang bo",
        "+84 987 654",
        "dang ana",
        "%",
        "x\x00y",
    ],
)
def test_a_search_takes_name_mail_or_phone(cast, search):
    esther = cast.actor("esther")
    factories.user("Boris Đặng", "other@example.com", Role.PATIENT, phone_num="0987654321")
    found = names(accounts.people(esther, search=search))
    assert set(found) == (set() if search in ("dang ana", "%", "x\x00y") else {"Boris Đặng"})


def test_one_person_with_what_a_patient_adds(cast):
    esther = cast.actor("esther")
    ana = accounts.open_account(esther, cast.ana)
    assert (ana["full_name"], ana["gender"], ana["address"]) == ("Ana Nguyễn", "female", "12 Lê Lợi, Quận 1")
    assert accounts.open_account(esther, cast.chen)["date_of_birth"] is None
    assert "date_of_birth" not in accounts.person(esther, cast.ana)
    for unknown in (0, -1, 424242, MAX_ID + 1):
        for verb in (accounts.person, accounts.open_account):
            with pytest.raises(NotFound):
                verb(esther, unknown)


@pytest.mark.parametrize("who", OFFICE_ONLY)
def test_accounts_are_for_the_office_alone(cast, who):
    actor = cast.actor(who)
    for verb in (
        accounts.people,
        lambda each: accounts.person(each, cast.ana),
        lambda each: accounts.edit_person(each, cast.ana, {"full_name": "X"}),
        lambda each: accounts.invite_admin(each, **INVITED),
        lambda each: accounts.invite_again(each, cast.chen),
        lambda each: scheduling.switch(each, EntryKind.ACCOUNT, cast.ana, active=False),
        lambda each: scheduling.dependents(each, EntryKind.ACCOUNT, cast.ana),
        records.audit_trail,
    ):
        with pytest.raises(Forbidden):
            verb(actor)
        with pytest.raises(Unauthenticated):
            verb(None)


# --- correcting -------------------------------------------------------------------------------------------------------


def test_name_phone_and_mail_are_corrected_and_found_again(cast):
    esther = cast.actor("esther")
    changes = {"full_name": " Ánh Nguyễn ", "phone_num": "0911111111", "email": "ANH@example.com"}
    accounts.edit_person(esther, cast.ana, changes, expected_version=accounts.person(esther, cast.ana)["version"])
    shown = accounts.person(esther, cast.ana)
    assert (shown["full_name"], shown["phone_num"]) == ("Ánh Nguyễn", "0911111111")
    assert (shown["email"], accounts.open_account(esther, cast.ana)["pending_email"]) == (ANA, "anh@example.com")
    assert names(accounts.people(esther, search="anh nguyen")) == ["Ánh Nguyễn"]
    [entry] = records.audit_trail(esther, action="account.changed").results
    assert (entry["actor_name"], entry["patient_name"], entry["details"]) == (
        "Esther Office", "Ánh Nguyễn", {"fields": ["full_name", "phone_num"]},
    )  # fmt: skip


def test_the_audit_names_what_was_corrected_and_not_all_that_was_sent(cast):
    esther = cast.actor("esther")
    same = {name: accounts.person(esther, cast.ana)[name] for name in ("full_name", "email")}
    accounts.edit_person(esther, cast.ana, {**same, "phone_num": "0911111111", "role": "admin"})
    [entry] = records.audit_trail(esther, action="account.changed").results
    assert entry["details"] == {"fields": ["phone_num"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", " "), ("full_name", "x" * 151), ("phone_num", "123"), ("phone_num", ""), ("email", "nobody"),
     ("email", ""), ("email", "BORIS@example.com")],
)  # fmt: skip
def test_a_wrong_correction_changes_nothing(cast, field, value):
    esther = cast.actor("esther")
    before = accounts.person(esther, cast.ana)
    with pytest.raises(InvalidInput) as refusal:
        accounts.edit_person(esther, cast.ana, {"full_name": "Other", field: value})
    assert list(refusal.value.errors) == [field]
    assert accounts.person(esther, cast.ana) == before


def test_a_correction_of_an_old_version_is_stale(cast):
    esther = cast.actor("esther")
    version = accounts.person(esther, cast.ana)["version"]
    accounts.edit_person(esther, cast.ana, {"full_name": "First"}, expected_version=version)
    with pytest.raises(Stale):
        accounts.edit_person(esther, cast.ana, {"full_name": "Second"}, expected_version=version)
    assert accounts.person(esther, cast.ana)["full_name"] == "First"


def test_a_new_address_kills_the_links_sent_to_the_old_one(cast):
    esther = cast.actor("esther")
    accounts.invite_admin(esther, **INVITED)
    [letter] = mail.all_mail()
    user = accounts.people(esther, search="fay").results[0]
    accounts.edit_person(esther, user["id"], {"email": "right@clinic.example"})
    assert not accounts.reset_link_is_good(*link_in(letter))
    accounts.invite_again(esther, user["id"])
    assert mail.all_mail()[-1]["to"] == "right@clinic.example"
    assert accounts.reset_link_is_good(*link_in(mail.all_mail()[-1]))


# --- inviting ---------------------------------------------------------------------------------------------------------


def test_an_invited_admin_chooses_a_password_and_comes_in(cast):
    esther = cast.actor("esther")
    number = accounts.invite_admin(esther, **INVITED, language="vi")
    assert accounts.person(esther, number)["role"] == "admin"
    [letter] = mail.all_mail()
    assert letter["to"] == "fay@clinic.example"
    assert "Esther Office" in letter["body"]
    choose(letter, "Bright-morning-71")
    actor = accounts.sign_in(
        email="fay@clinic.example",
        password="Bright-morning-71",
        kind=accounts.SessionKind.API,
        origin=accounts.Origin("tests", "127.0.0.1"),
    ).actor
    assert actor.role is Role.ADMIN


def test_an_invitation_is_refused_on_every_field_at_once(cast):
    with pytest.raises(InvalidInput) as refusal:
        accounts.invite_admin(cast.actor("esther"), email="x", full_name="", phone_num="1")
    assert sorted(refusal.value.errors) == ["email", "full_name", "phone_num"]
    with pytest.raises(InvalidInput) as refusal:
        accounts.invite_admin(cast.actor("esther"), **{**INVITED, "email": "ANA@example.com"})
    assert list(refusal.value.errors) == ["email"]
    assert mail.all_mail() == []


def test_inviting_again_ends_the_earlier_link(cast):
    esther = cast.actor("esther")
    number = accounts.invite_admin(esther, **INVITED)
    accounts.invite_again(esther, number)
    first, second = mail.all_mail()
    assert not accounts.reset_link_is_good(*link_in(first))
    assert accounts.reset_link_is_good(*link_in(second))


def test_nobody_is_invited_who_is_switched_off_or_not_there(cast):
    esther = cast.actor("esther")
    with pytest.raises(NotFound):
        accounts.invite_again(esther, 424242)
    number = accounts.invite_admin(esther, **INVITED)
    scheduling.switch(esther, EntryKind.ACCOUNT, number, active=False)
    with pytest.raises(Conflict, match="switched off"):
        accounts.invite_again(esther, number)
    assert len(mail.all_mail()) == 1


@pytest.mark.parametrize("who", ["ana", "chen", "esther"])
def test_who_has_a_password_is_not_invited_again(cast, who):
    """A link that sets a new password is theirs alone to ask for."""
    with pytest.raises(Conflict, match="already has a password"):
        accounts.invite_again(cast.actor("esther"), getattr(cast, who))
    assert mail.all_mail() == []


def test_inviting_again_is_written_down(cast):
    esther = cast.actor("esther")
    number = accounts.invite_admin(esther, **INVITED)
    accounts.invite_again(esther, number)
    [line] = records.audit_trail(esther, action=AuditAction.ACCOUNT_INVITED).results
    assert (line["actor_id"], line["subject_id"], line["patient_id"]) == (cast.esther, number, None)


@pytest.mark.parametrize("by", ["office", "operator"])
def test_switching_what_is_so_already_writes_nothing(cast, by):
    esther = cast.actor("esther")
    before = accounts.person(esther, cast.chen)["version"]
    for _ in range(3):
        if by == "office":
            scheduling.switch(esther, EntryKind.ACCOUNT, cast.chen, active=True)
        else:
            scheduling.switch_account(CHEN, active=True)
    assert accounts.person(esther, cast.chen)["version"] == before
    assert records.audit_trail(esther, action=AuditAction.ACCOUNT_SWITCHED).count == 0


# --- switching --------------------------------------------------------------------------------------------------------


def test_an_account_that_is_off_ends_its_sessions_and_comes_back(cast):
    esther, ana = cast.actor("esther"), cast.actor("ana")
    scheduling.switch(esther, EntryKind.ACCOUNT, cast.ana, active=False)
    assert not accounts.person(esther, cast.ana)["is_active"]
    assert accounts.my_sessions(ana) == []
    scheduling.switch(esther, EntryKind.ACCOUNT, cast.ana, active=True)
    assert accounts.person(esther, cast.ana)["is_active"]
    off, on = sorted(records.audit_trail(esther, action="account.switched").results, key=lambda row: row["id"])
    assert (off["details"], on["details"]) == ({"active": False}, {"active": True})


def test_nobody_switches_off_their_own_account(cast):
    with pytest.raises(Conflict) as refusal:
        scheduling.switch(cast.actor("esther"), EntryKind.ACCOUNT, cast.esther, active=False)
    assert refusal.value.code == "own_account"
    assert actor_of(cast.esther).role is Role.ADMIN


def test_a_changed_password_is_no_part_of_an_edit(cast):
    """Only what the office may correct is looked at."""
    esther = cast.actor("esther")
    accounts.edit_person(esther, cast.ana, {"role": "admin", "password_hash": "x"})
    assert accounts.person(esther, cast.ana)["role"] == "patient"
    accounts.sign_in(
        email="ana@example.com",
        password=PASSWORD,
        kind=accounts.SessionKind.API,
        origin=accounts.Origin("tests", "127.0.0.1"),
    )
