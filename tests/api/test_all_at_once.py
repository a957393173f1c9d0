"""One answer says everything that is wrong: what has not the right shape, what is missing, and what the clinic refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.accounts.models import User
from clinic.audit import AuditEvent
from clinic.db import session
from clinic.mail import OutboxMail
from tests.api.caller import Caller
from tests.people import ANA

AsCaller = Callable[[str], Caller]

GOOD = {
    "email": "thu@example.com", "password": "sen-nở-tháng-tám-91", "password_confirm": "sen-nở-tháng-tám-91",
    "full_name": "Lê Thu", "phone_num": "0912345678", "date_of_birth": "1991-04-30", "gender": "female",
}  # fmt: skip


def rows(app: Flask) -> list[int]:
    """How much is written."""
    with app.app_context():
        return [
            session().scalar(select(func.count()).select_from(each)) or 0 for each in (User, AuditEvent, OutboxMail)
        ]


def errors(answer: Any) -> dict[str, list[str]]:
    """What a 400 says of each key."""
    assert answer.status_code == 400
    said: dict[str, list[str]] = answer.get_json()["errors"]
    return said


def test_registration(app: Flask, anyone: Caller, as_: AsCaller) -> None:
    as_("ana")
    before = rows(app)
    wrong = {
        "email": ANA.upper(), "password": "short", "password_confirm": "other", "full_name": "12", "phone_num": "12",
        "date_of_birth": "30/4/1991", "gender": "dragon", "address": "a" * 501, "role": "doctor",
    }  # fmt: skip
    assert set(errors(anyone.post("auth/register/", wrong))) == set(wrong)
    assert set(errors(anyone.post("auth/register/", {"phone_num": "12"}))) == set(GOOD)
    assert rows(app) == before, "what is only rehearsed leaves nothing"


@pytest.mark.parametrize("missing", GOOD)
def test_what_is_missing_is_said_once(anyone: Caller, as_: AsCaller, missing: str) -> None:
    body = {key: value for key, value in GOOD.items() if key != missing}
    said = errors(anyone.post("auth/register/", body))
    also = {"password": {"password_confirm"}, "password_confirm": set()}.get(missing, set())
    assert set(said) == {missing, *also}
    assert said[missing] == ["This field is required."]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_profile(app: Flask, as_: AsCaller, method: str) -> None:
    ana = as_("ana")
    before, read = rows(app), ana.get("user/me/").get_json()
    wrong = {
        "full_name": "n" * 151, "phone_num": "12", "email": "other@example.com",
        "patient_profile": {"gender": "x", "date_of_birth": "2030-01-01", "emergency_contact_phone": "1", "address": 5},
    }  # fmt: skip
    assert set(errors(ana.call(method, "user/me/", json=wrong))) == {
        "full_name", "phone_num", "patient_profile.gender", "patient_profile.date_of_birth",
        "patient_profile.emergency_contact_phone", "patient_profile.address", "email",
    }  # fmt: skip
    assert (rows(app), ana.get("user/me/").get_json()) == (before, read)
    shaped = {"phone_num": "12", "email": "other@example.com", "full_name": " "}
    assert set(errors(ana.call(method, "user/me/", json=shaped))) == set(shaped)


def test_another_doctors_room_among_other_faults(as_: AsCaller, cast: Any) -> None:
    wrong = {"phone_num": "12", "doctor_profile": {"room": cast.chens_room, "bio": 7}}
    said = errors(as_("diallo").call("PATCH", "user/me/", json=wrong))
    assert set(said) == {"phone_num", "doctor_profile.room", "doctor_profile.bio"}


def test_a_refused_shape_is_still_the_only_answer_where_nothing_else_is_known(as_: AsCaller) -> None:
    said = errors(as_("ana").post("appointments/", {"doctor_id": "x", "symptoms": "s" * 9000}))
    assert {"doctor_id", "symptoms"} <= set(said)
