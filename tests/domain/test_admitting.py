"""The office admits a patient who phones: with an e-mail they are invited, without one they are a patient all the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from clinic import accounts, clock, mail, scheduling
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, Unauthenticated
from tests import factories
from tests.entries import entries
from tests.people import PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

LAN = {
    "full_name": "Trần Thị Lan", "phone_num": "0911222333", "date_of_birth": date(1948, 2, 29), "gender": "female",
}  # fmt: skip


def seen(person: dict[str, Any]) -> dict[str, Any]:
    """What somebody may be alike in."""
    return {name: person[name] for name in ("full_name", "phone_num", "date_of_birth")}


def link_in(letter: dict) -> dict[str, str]:
    """The parts of the link in a mail."""
    found = re.search(r"/reset-password/([\w-]+)/([\w-]+)", letter["body"])
    assert found
    return {"uid": found[1], "token": found[2]}


def test_a_patient_without_an_email_is_admitted_and_booked_and_gets_no_mail(cast, day, book):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN, address="5 Hàng Bạc")
    shown = accounts.open_account(esther, lan)
    assert (shown["role"], shown["email"], shown["address"]) == ("patient", None, "5 Hàng Bạc")
    appointment = book("esther", patient_id=lan)
    assert appointment["patient"] == {
        "id": lan,
        "full_name": LAN["full_name"],
        "email": None,
        "phone_num": LAN["phone_num"],
    }
    scheduling.confirm(cast.actor("chen"), appointment["id"])
    scheduling.reschedule(esther, appointment["id"], on=day(4), at=appointment["appointment_time"])
    scheduling.cancel(esther, appointment["id"])
    assert mail.all_mail() == []
    assert [person["id"] for person in accounts.people(esther, search="tran thi lan").results] == [lan]
    assert [row["id"] for row in scheduling.find(esther, "0911 222 333").patients.results] == [lan]


@pytest.mark.parametrize("email", ["", "None", "null"])
def test_nobody_comes_in_as_a_patient_without_an_email(cast, email):
    accounts.admit_patient(cast.actor("esther"), **LAN)
    with pytest.raises(Unauthenticated):
        accounts.sign_in(email=email, password="", kind=accounts.SessionKind.API, origin=accounts.Origin())
    with pytest.raises(NotFound):
        accounts.forgot_password(email)


def test_a_patient_with_an_email_chooses_a_password_by_the_link(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN, email=" Lan@Example.com ", language="vi")
    [letter] = mail.all_mail()
    assert letter["to"] == "lan@example.com"
    assert "Trần Thị Lan" in letter["body"]
    accounts.reset_password(**link_in(letter), new_password=PASSWORD, confirm_password=PASSWORD)
    signed_in = accounts.sign_in(
        email="lan@example.com", password=PASSWORD, kind=accounts.SessionKind.API, origin=accounts.Origin()
    )
    assert (signed_in.actor.user_id, signed_in.actor.role, signed_in.actor.language) == (lan, "patient", "vi")


def test_two_patients_without_an_email_are_two_patients(cast):
    esther = cast.actor("esther")
    first = accounts.admit_patient(esther, **LAN)
    second = accounts.admit_patient(esther, **{**LAN, "full_name": "Lê Văn Bình", "phone_num": "0988777666"})
    assert first != second


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"full_name": " "}, "full_name"),
        ({"phone_num": "12"}, "phone_num"),
        ({"email": "nonsense"}, "email"),
        ({"email": "ana@example.com"}, "email"),
        ({"date_of_birth": None}, "date_of_birth"),
        ({"date_of_birth": date(1899, 12, 31)}, "date_of_birth"),
        ({"gender": "f"}, "gender"),
        ({"address": "x" * (accounts.ADDRESS_MAX + 1)}, "address"),
    ],
)
def test_what_is_wrong_is_refused_on_its_field_and_nothing_is_made(cast, change, field):
    esther = cast.actor("esther")
    with pytest.raises(InvalidInput) as refusal:
        accounts.admit_patient(esther, **{**LAN, **change})
    assert list(refusal.value.errors) == [field]
    assert accounts.people(esther, role="patient").count == 2
    assert mail.all_mail() == []


def test_who_is_born_tomorrow_is_refused(cast):
    with pytest.raises(InvalidInput):
        accounts.admit_patient(cast.actor("esther"), **{**LAN, "date_of_birth": clock.today() + timedelta(days=1)})


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"full_name": "TRAN  THI LAN"}, ["name"]),
        ({"phone_num": LAN["phone_num"]}, ["phone"]),
        ({"full_name": "Lan Trần", "date_of_birth": LAN["date_of_birth"]}, ["birth"]),
        ({"full_name": "tran thi lan", "date_of_birth": LAN["date_of_birth"]}, ["name", "birth"]),
    ],
)
def test_who_looks_alike_is_admitted_knowingly(cast, other, alike):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN)
    again = {**LAN, "full_name": "Lê Bình", "phone_num": "0988777666", "date_of_birth": date(1960, 1, 1), **other}
    with pytest.raises(Conflict) as refusal:
        accounts.admit_patient(esther, **again)
    assert refusal.value.code == "patient_known"
    [found] = accounts.look_alikes(esther, **seen(again))
    assert (found.id, list(found.alike), found.date_of_birth) == (lan, alike, LAN["date_of_birth"])
    assert accounts.people(esther, role="patient").count == 3, "nothing is made by the way"
    assert accounts.admit_patient(esther, **again, none_of=[lan]) != lan


def test_whoever_was_not_shown_is_shown_first(cast):
    esther = cast.actor("esther")
    accounts.admit_patient(esther, **LAN)
    with pytest.raises(Conflict):
        accounts.admit_patient(esther, **LAN, none_of=[cast.ana])


def test_who_is_born_on_that_day_by_another_name_is_somebody_else(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN)
    assert accounts.admit_patient(esther, **{**LAN, "full_name": "Lê Bình", "phone_num": "0988777666"}) != lan


def test_who_is_alike_in_most_comes_first_and_a_common_name_pushes_nobody_out(cast):
    esther = cast.actor("esther")
    for _ in range(30):
        factories.patient("Trần Thị Lan")
    shown = [each.id for each in accounts.look_alikes(esther, **seen(LAN))]
    lan = accounts.admit_patient(esther, **LAN, none_of=shown)
    found = accounts.look_alikes(
        esther, full_name="Tran Thi Lan", phone_num="0988777666", date_of_birth=LAN["date_of_birth"]
    )
    assert (found[0].id, len(found)) == (lan, 10)


def test_the_first_email_of_a_patient_brings_the_invitation(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN)
    accounts.edit_person(esther, lan, {"full_name": "Trần Lan", "email": ""})
    assert mail.all_mail() == []
    accounts.edit_person(esther, lan, {"email": "lan@example.com"})
    [letter] = mail.all_mail()
    assert letter["to"] == "lan@example.com"
    assert accounts.reset_link_is_good(**link_in(letter))


def test_the_first_email_of_a_patient_who_is_switched_off_brings_no_link_that_leads_nowhere(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN)
    scheduling.switch(esther, scheduling.EntryKind.ACCOUNT, lan, active=False)
    accounts.edit_person(esther, lan, {"email": "lan@example.com"})
    assert mail.all_mail() == []
    scheduling.switch(esther, scheduling.EntryKind.ACCOUNT, lan, active=True)
    accounts.invite_again(esther, lan)
    assert accounts.reset_link_is_good(**link_in(mail.all_mail()[0]))


def test_a_patients_mistyped_first_email_is_invited_again(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN, email="lam@example.com")
    accounts.edit_person(esther, lan, {"email": "lan@example.com"})
    accounts.invite_again(esther, lan)
    astray, right = mail.all_mail()
    assert (right["to"], "Esther Office" in right["body"]) == ("lan@example.com", True)
    assert not accounts.reset_link_is_good(**link_in(astray))
    accounts.reset_password(**link_in(right), new_password=PASSWORD, confirm_password=PASSWORD)
    accounts.sign_in(
        email="lan@example.com", password=PASSWORD, kind=accounts.SessionKind.API, origin=accounts.Origin()
    )


def test_who_has_no_email_is_not_invited(cast):
    esther = cast.actor("esther")
    lan = accounts.admit_patient(esther, **LAN)
    with pytest.raises(Conflict, match="has no e-mail"):
        accounts.invite_again(esther, lan)
    assert mail.all_mail() == []


@pytest.mark.parametrize("who", ["ana", "chen", "esther"])
def test_an_email_is_not_taken_away(cast, who):
    with pytest.raises(InvalidInput) as refusal:
        accounts.edit_person(cast.actor("esther"), getattr(cast, who), {"email": ""})
    assert list(refusal.value.errors) == ["email"]


def test_an_edit_that_changes_nothing_makes_no_version_and_no_line(cast):
    esther = cast.actor("esther")
    before = accounts.person(esther, cast.ana)
    accounts.edit_person(esther, cast.ana, {name: before[name] for name in ("full_name", "phone_num", "email")})
    assert accounts.person(esther, cast.ana) == before
    assert entries(esther) == []
    with pytest.raises(Stale):
        accounts.edit_person(esther, cast.ana, {}, expected_version=before["version"] + 1)


def test_only_the_office_admits(cast):
    for verb in (
        lambda each: accounts.admit_patient(each, **LAN),
        lambda each: accounts.look_alikes(each, full_name="Ana", phone_num="", date_of_birth=date(1990, 5, 17)),
    ):
        for who in ("ana", "chen"):
            with pytest.raises(Forbidden):
                verb(cast.actor(who))
        with pytest.raises(Unauthenticated):
            verb(None)
