"""What may be edited of a visit, its status by name, and the lists that are one role's alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import LATER, TODAY
from tests.people import Cast

AsCaller = Callable[[str], Caller]
Appointment = Callable[..., int]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("ana", {"symptoms": "Dizzy", "reason": ""}),
        ("ana", {"reason": "Second look"}),
        ("chen", {"notes": "Bring the old ECG"}),
        ("esther", {"symptoms": "Dizzy", "reason": "R", "notes": "N", "room_id": "{heart_room}"}),
        ("esther", {"room_id": None}),
    ],
)
def test_each_role_edits_its_own_part(
    as_: AsCaller, cast: Cast, appointment: Appointment, name: str, sent: dict[str, Any], method: str
) -> None:
    path = f"appointments/{appointment(room_id=cast.chens_room)}/"
    before = as_(name).get(path).get_json()
    if sent.get("room_id"):
        sent = {**sent, "room_id": cast.heart_room}
    answer = as_(name).call(method, path, json=sent)
    assert answer.status_code == 200
    after = answer.get_json()
    for key, value in sent.items():
        told = after["room"] and after["room"]["id"] if key == "room_id" else after[key]
        assert told == (value or None)
    changed = {"room" if key == "room_id" else key for key in sent} | {"updated_at"}
    assert {key: after[key] for key in after if key not in changed} == {
        key: before[key] for key in before if key not in changed
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ana", "notes"),
        ("ana", "room_id"),
        ("ana", "status"),
        ("ana", "appointment_date"),
        ("ana", "appointment_time"),
        ("ana", "estimated_fee"),
        ("ana", "id"),
        ("ana", "message"),
        ("ana", "a\ud800b"),
        ("ana", "x" * 10_000),
        ("chen", "symptoms"),
        ("chen", "reason"),
        ("chen", "status"),
        ("esther", "status"),
        ("esther", "doctor"),
        ("esther", "patient_id"),
    ],
)
def test_anything_else_in_the_body_is_refused_by_its_name(
    as_: AsCaller, appointment: Appointment, name: str, key: str
) -> None:
    path = f"appointments/{appointment()}/"
    before = as_(name).get(path).get_json()
    for method in ("PUT", "PATCH"):
        answer = as_(name).call(method, path, json={key: before.get(key, 1)})
        assert answer.status_code == 400
        assert list(answer.get_json()["errors"]) == [key.replace("\ud800", "?")[:100]]
    assert as_(name).get(path).get_json() == before


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_patient_edits_open_visits_only(as_: AsCaller, appointment: Appointment, status: str) -> None:
    path = f"appointments/{appointment(status=status)}/"
    answer = as_("ana").put(path, {"reason": "Later"})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "invalid_transition"
    assert as_("chen").put(path, {"notes": "Afterwards"}).status_code == 200


def test_a_room_in_use_then_is_a_conflict(app: Flask, as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    appointment(patient_id=cast.boris, doctor_id=cast.diallo, room_id=cast.nerve_room)
    path = f"appointments/{appointment()}/"
    answer = as_("esther").put(path, {"room_id": cast.nerve_room, "notes": "x"})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "room_taken"
    assert as_("esther").get(path).get_json()["notes"] is None
    with app.app_context():
        closed = factories.room("999", is_active=False)
    for number in (closed, 999, 10**12):
        answer = as_("esther").put(path, {"room_id": number})
        assert answer.status_code == 400
        assert "room_id" in answer.get_json()["errors"]


# --- status by name ---------------------------------------------------------------------------------------------------


def test_a_status_by_its_name_keeps_the_rules_of_each(as_: AsCaller, appointment: Appointment) -> None:
    path = f"appointments/{appointment()}/update-status/"

    def change(name: str, status: object) -> tuple[int, str]:
        answer = as_(name).call("PATCH", path, json={"status": status})
        body = answer.get_json()
        return answer.status_code, body["appointment"]["status"] if answer.status_code == 200 else body["code"]

    assert change("chen", "completed") == (409, "invalid_transition")
    assert change("ana", "confirmed") == (403, "permission_denied")
    assert change("ana", "completed") == (403, "permission_denied")
    assert change("chen", "confirmed") == (200, "confirmed")
    assert change("chen", "confirmed") == (409, "invalid_transition")
    for status in ("booked", "rescheduled", "", None, 5, "CONFIRMED"):
        assert change("chen", status) == (400, "validation_error")
    assert change("esther", "completed") == (200, "completed")
    assert change("ana", "cancelled") == (409, "invalid_transition")


def test_cancelling_by_name_is_too_late_as_cancelling_is(as_: AsCaller, appointment: Appointment) -> None:
    path = f"appointments/{appointment(on=TODAY, at='15:00')}/update-status/"
    for name in ("ana", "chen"):
        answer = as_(name).call("PATCH", path, json={"status": "cancelled"})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "too_late")
    assert as_("esther").call("PATCH", path, json={"status": "cancelled"}).status_code == 200


# --- one role's lists -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "path"), [("ana", "patient/appointments/"), ("chen", "doctor/appointments/")])
def test_a_roles_own_list_is_the_same_as_the_list(
    as_: AsCaller, cast: Cast, appointment: Appointment, name: str, path: str
) -> None:
    appointment()
    appointment(at="10:00", status="confirmed")
    appointment(patient_id=cast.boris, doctor_id=cast.diallo, at="11:00")
    for query in ({}, {"status": "confirmed"}, {"page_size": 1}, {"date_from": LATER.isoformat()}):
        own = as_(name).get(path, query).get_json()
        everything = as_(name).get("appointments/", query).get_json()
        assert own["results"] == everything["results"]
        assert own["count"] == everything["count"]
    assert as_(name).get(path, {"page_size": 1}).get_json()["next"].endswith(f"/{path}?page_size=1&page=2")
    assert as_(name).get(path, {"page": 99}).get_json()["code"] == "invalid_page"


def test_a_doctors_patients(app: Flask, as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    first, second = appointment(status="completed"), appointment(at="10:00")
    cancelled = appointment(patient_id=cast.boris, at="11:00", status="cancelled")
    appointment(doctor_id=cast.diallo, at="14:00")
    with app.app_context():
        factories.record(first, cast.chen)
    body = as_("chen").get("patients/").get_json()
    assert body["count"] == 1, "whoever only cancelled was never seen"
    [ana] = body["results"]
    assert ana["id"] == ana["patient_id"] == cast.ana
    assert (ana["age"], ana["appointment_count"], ana["last_appointment"]) == (35, 2, LATER.isoformat())
    assert [row["id"] for row in ana["appointments"]] == [first, second]
    assert cancelled not in [row["id"] for row in ana["appointments"]]
    assert ana["appointments"][0]["medical_record"] == ana["medical_records"][0]
    assert ana["appointments"][1]["medical_record"] is None
    assert as_("chen").get("appointments/my-patients/").get_json() == body
    assert as_("chen").get("patients/", {"search": "NGUYEN"}).get_json()["count"] == 1
    assert as_("chen").get("patients/", {"search": "nobody"}).get_json()["count"] == 0


@pytest.mark.parametrize(
    ("symptoms", "urgency", "said"),
    [
        ("I want to kill myself", "high", "We're glad you told us."),
        ("my face is drooping", "high", "This could be an emergency. Don't wait for an appointment: call 115 now."),
        ("itchy eyes", "low", "A few words can't tell us how serious this is, and this isn't a diagnosis."),
    ],
)
def test_a_reason_says_when_to_call_for_help(as_: AsCaller, cast: Cast, symptoms: str, urgency: str, said: str) -> None:
    body = as_("ana").post("appointments/suggest-department/", {"symptoms": symptoms}).get_json()
    assert set(body) == {"success", "primary_department", "reason", "urgency"}
    assert set(body["primary_department"]) == {"id", "name", "icon", "description"}
    assert body["urgency"] == urgency
    assert said in body["reason"]
    assert "115" in body["reason"]


def test_which_department_suits(as_: AsCaller, cast: Cast) -> None:
    answer = as_("ana").post("appointments/suggest-department/", {"symptoms": "Headache and dizzy, getting worse"})
    body = answer.get_json()
    assert body["primary_department"]["id"] == cast.neurology
    assert body["urgency"] == "medium"
    assert body["reason"].endswith(".")
    vietnamese = as_("ana").post(
        "appointments/suggest-department/", {"symptoms": "Đau ngực"}, headers={"Accept-Language": "vi"}
    )
    assert vietnamese.get_json()["primary_department"]["name"] == "Tim mạch"
    assert vietnamese.get_json()["urgency"] == "high"
    assert "115" in vietnamese.get_json()["reason"]
    for symptoms in ("", "   ", None, 5, "x" * 10_000):
        answer = as_("ana").post("appointments/suggest-department/", {"symptoms": symptoms})
        assert answer.status_code == 400
        assert "symptoms" in answer.get_json()["errors"]
