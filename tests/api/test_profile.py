"""What people may change of their own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic.accounts.models import User
from clinic.db import transaction
from clinic.policy import Role
from tests import factories
from tests.api.caller import Caller
from tests.people import ONE_OF_EACH_ROLE, Cast

AsCaller = Callable[[str], Caller]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_a_whole_account_may_be_sent_back(as_: AsCaller, name: str, method: str) -> None:
    caller = as_(name)
    user = caller.get("user/me/").get_json()
    sent = {**user, "full_name": "Mai Đỗ", "created_at": "never", "updated_at": None, "something": "else"}
    answer = caller.call(method, "user/me/", json=sent)
    assert answer.status_code == 200
    changed = answer.get_json()
    assert changed == {**user, "full_name": "Mai Đỗ", "updated_at": changed["updated_at"]}
    assert caller.get("user/me/").get_json() == changed


def test_a_patient_changes_their_profile_key_by_key(as_: AsCaller) -> None:
    ana = as_("ana")
    before = ana.get("user/me/").get_json()["patient_profile"]
    sent = {"emergency_contact": "Bình", "emergency_contact_phone": "0900000001", "address": ""}
    answer = ana.call("PATCH", "user/me/", json={"patient_profile": sent})
    assert answer.status_code == 200
    assert answer.get_json()["patient_profile"] == {**before, **sent, "address": None}


def test_a_doctor_changes_four_things_and_nothing_else(as_: AsCaller, cast: Cast) -> None:
    chen = as_("chen")
    before = chen.get("user/me/").get_json()["doctor_profile"]
    sent = {"room": cast.heart_room, "title": "Professor", "specialization": "Arrhythmia", "bio": ""}
    answer = chen.put("user/me/", {"doctor_profile": sent})
    assert answer.status_code == 200
    del sent["room"]
    assert answer.get_json()["doctor_profile"] == {**before, **sent, "room_id": cast.heart_room}
    assert chen.put("user/me/", {"doctor_profile": {"room": None}}).get_json()["doctor_profile"]["room_id"] is None


@pytest.mark.parametrize(
    ("name", "sent", "field"),
    [
        ("ana", {"id": 999}, "id"),
        ("ana", {"email": "other@example.com"}, "email"),
        ("ana", {"role": "admin"}, "role"),
        ("ana", {"is_active": False}, "is_active"),
        ("ana", {"is_active": 1}, "is_active"),
        ("ana", {"role": None}, "role"),
        ("ana", {"doctor_profile": {"title": "Dr"}}, "doctor_profile"),
        ("esther", {"doctor_profile": {"license_number": "1"}}, "doctor_profile"),
        ("esther", {"patient_profile": {"gender": "male"}}, "patient_profile"),
        ("chen", {"patient_profile": {"gender": "male"}}, "patient_profile"),
        ("chen", {"doctor_profile": {"department_id": 999}}, "doctor_profile.department_id"),
        ("chen", {"doctor_profile": {"department_name": "Alchemy"}}, "doctor_profile.department_name"),
        ("chen", {"doctor_profile": {"total_reviews": 1}}, "doctor_profile.total_reviews"),
        ("chen", {"doctor_profile": {"avatar_url": "https://example.com"}}, "doctor_profile.avatar_url"),
        ("chen", {"doctor_profile": {"license_number": "L-1x"}}, "doctor_profile.license_number"),
        ("chen", {"doctor_profile": {"consultation_fee": "1.00"}}, "doctor_profile.consultation_fee"),
        ("chen", {"doctor_profile": {"rating": "5.00"}}, "doctor_profile.rating"),
        ("chen", {"doctor_profile": {"experience_years": 60}}, "doctor_profile.experience_years"),
        ("chen", {"doctor_profile": {"room_id": 999}}, "doctor_profile.room_id"),
        ("chen", {"doctor_profile": {"room": 999}}, "doctor_profile.room"),
        ("chen", {"doctor_profile": {"room": 10**12}}, "doctor_profile.room"),
        ("chen", {"doctor_profile": {"bio": "x" * 10_000}}, "doctor_profile.bio"),
        ("chen", {"doctor_profile": "Chen"}, "doctor_profile"),
        ("ana", {"full_name": ""}, "full_name"),
        ("ana", {"full_name": "x" * 151}, "full_name"),
        ("ana", {"phone_num": "12"}, "phone_num"),
        ("ana", {"phone_num": None}, "phone_num"),
        ("ana", {"patient_profile": {"date_of_birth": "2026-03-03"}}, "patient_profile.date_of_birth"),
        ("ana", {"patient_profile": {"date_of_birth": None}}, "patient_profile.date_of_birth"),
        ("ana", {"patient_profile": {"gender": "unknown"}}, "patient_profile.gender"),
        ("ana", {"patient_profile": {"emergency_contact_phone": "1"}}, "patient_profile.emergency_contact_phone"),
        ("ana", {"patient_profile": {"insurance_id": "x" * 10_000}}, "patient_profile.insurance_id"),
        ("ana", {"patient_profile": {"address": "\ud800"}}, "patient_profile.address"),
    ],
)
def test_what_can_not_be_changed_is_named_and_nothing_is(
    as_: AsCaller, name: str, sent: dict[str, Any], field: str
) -> None:
    caller = as_(name)
    before = caller.get("user/me/").get_json()
    for method in ("PUT", "PATCH"):
        answer = caller.call(method, "user/me/", json={"full_name": "Somebody Else", **sent})
        assert answer.status_code == 400
        assert list(answer.get_json()["errors"]) == [field]
        assert answer.get_json()[field] == answer.get_json()["errors"][field]
    assert caller.get("user/me/").get_json() == before


def test_another_doctors_room_is_taken(as_: AsCaller, cast: Cast) -> None:
    answer = as_("diallo").call("PATCH", "user/me/", json={"doctor_profile": {"room": cast.chens_room, "title": "X"}})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "room_taken"
    assert "doctor_profile.room" in answer.get_json()["errors"]
    assert as_("diallo").get("user/me/").get_json()["doctor_profile"]["title"] != "X"


def test_an_inactive_room_is_refused(app: Flask, as_: AsCaller) -> None:
    with app.app_context():
        closed = factories.room("999", is_active=False)
    answer = as_("chen").put("user/me/", {"doctor_profile": {"room": closed}})
    assert answer.status_code == 400
    assert "doctor_profile.room" in answer.get_json()["errors"]


def test_a_stale_profile_is_not_written_over(as_: AsCaller) -> None:
    ana = as_("ana")
    tag = ana.get("user/me/").headers["ETag"]
    first = ana.put("user/me/", {"full_name": "One"}, headers={"If-Match": tag})
    assert first.status_code == 200
    assert first.headers["ETag"] != tag
    assert ana.get("user/me/").headers["ETag"] == first.headers["ETag"]
    stale = ana.put("user/me/", {"full_name": "Two"}, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale.get_json()["code"] == "stale"
    for header in ("{}", '"x", {}', "*"):
        answer = ana.put("user/me/", {}, headers={"If-Match": header.format(first.headers["ETag"])})
        assert answer.status_code == 200
        assert answer.headers["ETag"] == first.headers["ETag"], "what changes nothing makes no new version"
    assert ana.get("user/me/").get_json()["full_name"] == "One"


@pytest.mark.parametrize("who", ONE_OF_EACH_ROLE)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_whole_profile_sent_back_changes_nothing(as_: AsCaller, who: str, method: str) -> None:
    caller = as_(who)
    read = caller.get("user/me/")
    answer = caller.call(method, "user/me/", json=read.get_json())
    assert (answer.status_code, answer.headers["ETag"]) == (200, read.headers["ETag"])
    assert answer.get_json() == read.get_json(), "the time of the last change, too"


def test_a_profile_may_be_read_in_one_language_and_sent_back_in_another(as_: AsCaller) -> None:
    read = as_("chen").get("user/me/", headers={"Accept-Language": "vi"}).get_json()
    answer = as_("chen").put("user/me/", read, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert answer.get_json()["doctor_profile"]["department_name"] != read["doctor_profile"]["department_name"]


@pytest.mark.parametrize(
    ("who", "body"),
    [
        ("ana", {"patient_profile": {"gender": "other"}}),
        ("chen", {"doctor_profile": {"bio": "New words"}}),
        ("chen", {"doctor_profile": {"room": None}}),
        ("esther", {"phone_num": "0999999999"}),
    ],
)
def test_each_change_is_a_new_version(as_: AsCaller, who: str, body: dict[str, object]) -> None:
    caller = as_(who)
    before = caller.get("user/me/").headers["ETag"]
    assert caller.put("user/me/", body).headers["ETag"] != before


def test_a_changed_role_acts_at_the_next_request(app: Flask, as_: AsCaller, cast: Cast) -> None:
    ana, esther = as_("ana"), as_("esther")
    assert ana.get("patient/appointments/").status_code == 200
    assert esther.get("patients/").status_code == 403
    with app.app_context(), transaction() as session:
        session.get_one(User, cast.ana).role = Role.ADMIN
    assert ana.get("patient/appointments/").status_code == 403
    assert "patient_profile" not in ana.get("user/me/").get_json()
