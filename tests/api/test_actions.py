"""What can be done to a visit: cancel, move, confirm, complete, assign a service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import TOMORROW
from tests.people import ONE_OF_EACH_ROLE, Cast

AsCaller = Callable[[str], Caller]
Appointment = Callable[..., int]


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_cancelling_with_a_reason(as_: AsCaller, appointment: Appointment, name: str) -> None:
    answer = as_(name).post(f"appointments/{appointment()}/cancel/", {"reason": "I am travelling."})
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["success"] is True
    assert body["appointment"]["status"] == "cancelled"
    assert body["appointment"]["cancellation_reason"] == "I am travelling."
    assert body["appointment"]["cancelled_at"] == "2026-03-02T02:00:00+00:00"


@pytest.mark.parametrize(
    "request_body", [{}, {"json": {}}, {"json": {"reason": ""}}, {"content_type": "application/json"}]
)
def test_cancelling_without_a_reason(as_: AsCaller, appointment: Appointment, request_body: dict[str, object]) -> None:
    answer = as_("ana").call("POST", f"appointments/{appointment()}/cancel/", **request_body)
    assert answer.status_code == 200
    assert answer.get_json()["appointment"]["cancellation_reason"] is None


@pytest.mark.parametrize("reason", ["x" * 501, 5, ["because"], "\x00"])
def test_a_bad_reason_is_400(as_: AsCaller, appointment: Appointment, reason: object) -> None:
    answer = as_("ana").post(f"appointments/{appointment()}/cancel/", {"reason": reason})
    assert answer.status_code == 400
    assert "reason" in answer.get_json()["errors"]


def test_deleting_cancels(as_: AsCaller, appointment: Appointment) -> None:
    number = appointment()
    answer = as_("ana").delete(f"appointments/{number}/")
    assert answer.status_code == 204
    assert answer.data == b""
    assert as_("ana").get(f"appointments/{number}/").get_json()["status"] == "cancelled"
    assert as_("ana").delete(f"appointments/{number}/").status_code == 409


def test_less_than_24_hours_ahead_only_an_admin_cancels(as_: AsCaller, appointment: Appointment) -> None:
    number = appointment(TOMORROW, "08:30")
    for name in ("ana", "chen"):
        for answer in (
            as_(name).post(f"appointments/{number}/cancel/"),
            as_(name).delete(f"appointments/{number}/"),
        ):
            assert answer.status_code == 409
            assert answer.get_json()["code"] == "too_late"
    assert as_("ana").post(f"appointments/{appointment(TOMORROW, '09:00')}/cancel/").status_code == 200
    assert as_("esther").post(f"appointments/{number}/cancel/").status_code == 200


@pytest.mark.parametrize("name", ["chen", "esther"])
def test_confirming_then_completing(as_: AsCaller, appointment: Appointment, name: str) -> None:
    number = appointment()
    assert as_(name).post(f"appointments/{number}/complete/").get_json()["code"] == "invalid_transition"
    answer = as_(name).post(f"appointments/{number}/confirm/", {})
    assert answer.get_json()["appointment"]["status"] == "confirmed"
    assert as_(name).post(f"appointments/{number}/confirm/").status_code == 409
    answer = as_(name).post(f"appointments/{number}/complete/", {"extra": 1})
    assert answer.get_json()["appointment"]["status"] == "completed"
    for action in ("confirm", "complete", "cancel"):
        answer = as_(name).post(f"appointments/{number}/{action}/")
        assert answer.status_code == 409
        assert answer.get_json()["code"] == "invalid_transition"


def test_an_admin_reopens_a_completed_visit(as_: AsCaller, appointment: Appointment) -> None:
    number = appointment(status="completed")
    answer = as_("esther").post(f"appointments/{number}/reopen/", {"reason": "Completed by mistake"})
    assert answer.status_code == 200
    assert (answer.get_json()["success"], answer.get_json()["appointment"]["status"]) == (True, "confirmed")
    again = as_("esther").post(f"appointments/{number}/reopen/", {"reason": "Completed by mistake"})
    assert (again.status_code, again.get_json()["code"]) == (409, "invalid_transition")


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}, {"reason": 1}, {"reason": "x" * 501}]
)
def test_reopening_without_a_reason_is_400(as_: AsCaller, appointment: Appointment, body: dict[str, object]) -> None:
    answer = as_("esther").post(f"appointments/{appointment(status='completed')}/reopen/", body)
    assert answer.status_code == 400
    assert list(answer.get_json()["errors"]) == ["reason"]


@pytest.mark.parametrize("status", ["confirmed", "completed"])
def test_assigning_a_service(as_: AsCaller, cast: Cast, appointment: Appointment, status: str) -> None:
    answer = as_("chen").post(f"appointments/{appointment(status=status)}/assign-service/", {"service_id": cast.ecg})
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["appointment"]["service"]["name"] == "ECG"
    assert body["appointment"]["estimated_fee"] == "350000.00"
    assert body["fee_breakdown"] == {
        "health_examination_fee": "200000.00",
        "service_fee": "150000.00",
        "total_fee": "350000.00",
    }


@pytest.mark.parametrize("service", ["", None, "ecg", 999, 10**20, [1], True])
def test_a_bad_service_is_400(as_: AsCaller, appointment: Appointment, service: object) -> None:
    answer = as_("chen").post(
        f"appointments/{appointment(status='confirmed')}/assign-service/", {"service_id": service}
    )
    assert answer.status_code == 400
    assert "service_id" in answer.get_json()["errors"]


def test_a_service_of_elsewhere_or_switched_off_is_400(
    as_: AsCaller, app: Flask, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(status="confirmed")
    with app.app_context():
        off = factories.service("Off", department_id=cast.cardiology, is_active=False)
    for service in (cast.eeg, off):
        assert as_("chen").post(f"appointments/{number}/assign-service/", {"service_id": service}).status_code == 400


def test_a_service_waits_for_confirmation(as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    answer = as_("chen").post(f"appointments/{appointment()}/assign-service/", {"service_id": cast.ecg})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "invalid_transition"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_moving(as_: AsCaller, appointment: Appointment, method: str) -> None:
    body = {"new_date": "2026-03-05", "new_time": "11:00", "reason": "A meeting"}
    answer = as_("ana").call(method, f"appointments/{appointment(status='confirmed')}/reschedule/", json=body)
    assert answer.status_code == 200
    moved = answer.get_json()["appointment"]
    assert (moved["appointment_date"], moved["appointment_time"]) == ("2026-03-05", "11:00:00")
    assert moved["rescheduled_from"] == {"date": "2026-03-04", "time": "09:00"}
    assert moved["status"] == "booked"
    assert moved["notes"] == "Rescheduled: A meeting"


def test_moving_into_a_taken_slot(as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    number = appointment()
    appointment(at="10:00", patient_id=cast.boris)
    appointment(at="11:00", doctor_id=cast.diallo)
    for time, status, code in (
        ("10:00", 409, "slot_taken"),
        ("11:00", 409, "patient_busy"),
        ("09:00", 400, "validation_error"),
        ("09:10", 400, "validation_error"),
        ("", 400, "validation_error"),
    ):
        answer = as_("ana").post(
            f"appointments/{number}/reschedule/", {"new_date": "2026-03-04", "new_time": time, "reason": ""}
        )
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
        assert set(answer.get_json()["errors"]) == {"new_time"}


def test_the_office_hands_over(as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    number = appointment(status="confirmed")
    path = f"appointments/{number}/hand-over/"
    answer = as_("esther").post(path, {"doctor_id": cast.diallo, "reason": "Ill"})
    assert answer.status_code == 200
    given = answer.get_json()["appointment"]
    assert (given["doctor"]["id"], given["department"]["id"]) == (cast.diallo, cast.neurology)
    assert (given["appointment_time"], given["status"], given["rescheduled_from"]) == ("09:00:00", "confirmed", None)
    answer = as_("esther").post(path, {"doctor_id": cast.chen, "new_date": "2026-03-05", "new_time": "11:00"})
    moved = answer.get_json()["appointment"]
    assert (moved["appointment_date"], moved["appointment_time"], moved["status"]) == (
        "2026-03-05",
        "11:00:00",
        "booked",
    )


def test_a_hand_over_that_cant_be_names_the_doctor_or_the_time(
    as_: AsCaller, cast: Cast, appointment: Appointment
) -> None:
    path = f"appointments/{appointment()}/hand-over/"
    appointment(at="09:00", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(at="10:00", doctor_id=cast.diallo, patient_id=cast.boris)
    for body, status, code, at_fault in (
        ({"doctor_id": cast.diallo}, 409, "slot_taken", "doctor_id"),
        ({"doctor_id": cast.diallo, "new_time": "10:00"}, 409, "slot_taken", "new_time"),
        ({"doctor_id": cast.chen}, 400, "validation_error", "doctor_id"),
        ({"doctor_id": 10**9}, 400, "validation_error", "doctor_id"),
        ({}, 400, "validation_error", "doctor_id"),
        ({"doctor_id": cast.diallo, "new_time": "10:10"}, 400, "validation_error", "new_time"),
    ):
        answer = as_("esther").post(path, body)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
        assert set(answer.get_json()["errors"]) == {at_fault}


def test_a_doctor_proposes_another_one(as_: AsCaller, cast: Cast, appointment: Appointment) -> None:
    path = f"appointments/{appointment()}/hand-over/"
    answer = as_("chen").post(path, {"doctor_id": cast.diallo, "reason": "His field"})
    assert (answer.status_code, answer.get_json()["appointment"]["doctor"]["id"]) == (202, cast.chen)
    for empty in ("", None):
        body = {"doctor_id": cast.diallo, "new_date": empty, "new_time": empty, "reason": empty}
        assert as_("chen").post(path, body).status_code == 202
    refused = as_("chen").post(path, {"doctor_id": cast.diallo, "new_time": "10:00"})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (400, ["new_time"])


def test_what_has_begun_is_not_moved(
    as_: AsCaller, appointment: Appointment, clock_at: Callable[[str], datetime]
) -> None:
    number = appointment(TOMORROW, "09:00")
    clock_at("2026-03-03 09:00")
    body = {"new_date": "2026-03-05", "new_time": "11:00", "reason": ""}
    assert as_("ana").post(f"appointments/{number}/reschedule/", body).status_code == 409
