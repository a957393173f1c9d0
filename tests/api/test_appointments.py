"""Booking, listing and reading visits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import LATER, TODAY, TOMORROW
from tests.people import Cast

AsCaller = Callable[[str], Caller]


def test_a_patient_books(as_: AsCaller, cast: Cast, booking: dict[str, Any]) -> None:
    answer = as_("ana").post("appointments/", {**booking, "status": "completed", "estimated_fee": "1"})
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["success"] is True
    appointment = body["appointment"]
    assert appointment["patient"] == {
        "id": cast.ana,
        "full_name": "Ana Nguyễn",
        "email": "ana@example.com",
        "phone_num": "0901234567",
    }
    assert appointment["doctor"]["id"] == cast.chen
    assert appointment["doctor"]["rating"] == 4.8
    assert appointment["department"]["id"] == cast.cardiology
    assert appointment["room"]["room_number"] == "201"
    assert (appointment["appointment_date"], appointment["appointment_time"]) == ("2026-03-04", "10:00:00")
    assert appointment["status"] == "booked"
    assert appointment["estimated_fee"] == "200000.00"
    assert appointment["symptoms"] == "Palpitations"
    for absent in ("service", "medical_record", "rescheduled_from", "cancelled_at", "cancellation_reason"):
        assert appointment[absent] is None
    assert as_("ana").get(f"appointments/{appointment['id']}/").get_json() == appointment


def test_ids_may_come_in_digits_and_times_with_seconds(as_: AsCaller, booking: dict[str, Any]) -> None:
    said = {
        **booking,
        "doctor_id": str(booking["doctor_id"]),
        "department_id": float(booking["department_id"]),
        "appointment_time": "10:30:00",
        "symptoms": None,
    }
    answer = as_("ana").post("appointments/", said)
    assert answer.status_code == 201
    assert answer.get_json()["appointment"]["appointment_time"] == "10:30:00"


def test_an_admin_books_for_a_patient(as_: AsCaller, cast: Cast, booking: dict[str, Any]) -> None:
    answer = as_("esther").post("appointments/", {**booking, "patient_id": cast.boris})
    assert answer.get_json()["appointment"]["patient"]["id"] == cast.boris
    for patient_id in ("", 999, cast.chen):
        answer = as_("esther").post("appointments/", {**booking, "patient_id": patient_id})
        assert answer.status_code == 400
        assert "patient_id" in answer.get_json()["errors"]


def test_a_doctor_may_not_book_whatever_the_body(as_: AsCaller, booking: dict[str, Any]) -> None:
    for body in (booking, {}, {"doctor_id": "x"}):
        assert as_("chen").post("appointments/", body).status_code == 403
    assert as_("chen").post("appointments/", data=b"{", content_type="application/json").status_code == 403


def test_a_taken_slot_is_told(as_: AsCaller, booking: dict[str, Any]) -> None:
    assert as_("ana").post("appointments/", booking).status_code == 201
    for name in ("boris", "ana"):
        answer = as_(name).post("appointments/", booking)
        assert answer.status_code == 409
        assert answer.get_json()["code"] == "slot_taken"
        assert "appointment_time" in answer.get_json()["errors"]


def test_a_busy_patient_is_told(as_: AsCaller, cast: Cast, booking: dict[str, Any]) -> None:
    as_("ana").post("appointments/", booking)
    answer = as_("ana").post("appointments/", {**booking, "doctor_id": cast.diallo, "department_id": cast.neurology})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "patient_busy"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"doctor_id": None}, "doctor_id"),
        ({"doctor_id": ""}, "doctor_id"),
        ({"doctor_id": 999}, "doctor_id"),
        ({"doctor_id": 10**30}, "doctor_id"),
        ({"doctor_id": -1}, "doctor_id"),
        ({"doctor_id": True}, "doctor_id"),
        ({"doctor_id": 1.5}, "doctor_id"),
        ({"doctor_id": [1]}, "doctor_id"),
        ({"department_id": 999}, "department_id"),
        ({"department_id": {}}, "department_id"),
        ({"appointment_date": "2026-03-01"}, "appointment_date"),
        ({"appointment_date": "2026-04-02"}, "appointment_date"),
        ({"appointment_date": "0001-01-01"}, "appointment_date"),
        ({"appointment_date": "9999-12-31"}, "appointment_date"),
        ({"appointment_date": 20260304}, "appointment_date"),
        ({"appointment_date": "2026-02-29"}, "appointment_date"),
        ({"appointment_date": TODAY.isoformat(), "appointment_time": "08:30"}, "appointment_time"),
        ({"appointment_time": "10:15"}, "appointment_time"),
        ({"appointment_time": "17:00"}, "appointment_time"),
        ({"appointment_time": "25:00"}, "appointment_time"),
        ({"appointment_time": "10:00:00.5"}, "appointment_time"),
        ({"appointment_time": "10"}, "appointment_time"),
        ({"appointment_time": 10}, "appointment_time"),
        ({"symptoms": "x" * 10_000}, "symptoms"),
        ({"symptoms": 5}, "symptoms"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"notes": "\udfff"}, "notes"),
        ({"notes": {"a": 1}}, "notes"),
    ],
)
def test_a_bad_booking_names_the_field(
    as_: AsCaller, booking: dict[str, Any], changed: dict[str, Any], field: str
) -> None:
    answer = as_("ana").post("appointments/", {**booking, **changed})
    assert answer.status_code == 400
    assert field in answer.get_json()["errors"]


def test_a_doctor_of_another_department_is_refused(as_: AsCaller, cast: Cast, booking: dict[str, Any]) -> None:
    answer = as_("ana").post("appointments/", {**booking, "department_id": cast.neurology})
    assert answer.status_code == 400


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def week(app: Flask, cast: Cast, appointment: Callable[..., int]) -> dict[str, int]:
    """Visits of Ana and Boris to both doctors."""
    made = {
        "past": appointment(TODAY.replace(day=1), "09:00", status="completed"),
        "late_today": appointment(TODAY, "15:00", status="confirmed"),
        "early_later": appointment(LATER, "08:00"),
        "late_later": appointment(LATER, "16:00", status="cancelled"),
        "boris": appointment(TOMORROW, "09:00", patient_id=cast.boris, doctor_id=cast.diallo),
    }
    with app.app_context():
        factories.record(made["past"], cast.chen)
    return made


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ana", ["early_later", "late_later", "late_today", "past"]),
        ("chen", ["early_later", "late_later", "late_today", "past"]),
        ("boris", ["boris"]),
        ("diallo", ["boris"]),
        ("esther", ["early_later", "late_later", "boris", "late_today", "past"]),
    ],
)
def test_everybody_sees_their_own_the_newest_day_first(
    as_: AsCaller, week: dict[str, int], name: str, found: list[str]
) -> None:
    body = as_(name).get("appointments/").get_json()
    assert body["count"] == len(found)
    assert [row["id"] for row in body["results"]] == [week[appointment] for appointment in found]
    assert as_(name).get("appointments/my-appointments/").get_json() == body["results"]


def test_the_record_comes_with_the_visit(as_: AsCaller, week: dict[str, int]) -> None:
    rows = {row["id"]: row["medical_record"] for row in as_("ana").get("appointments/").get_json()["results"]}
    assert rows[week["past"]]["diagnosis"] == "Stage 1 hypertension"
    assert rows[week["past"]]["appointment"] == rows[week["past"]]["appointment_id"] == week["past"]
    assert [record for appointment, record in rows.items() if appointment != week["past"]] == [None] * 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "booked"}, ["early_later"]),
        ({"status": "upcoming"}, ["early_later", "late_today"]),
        ({"status": ""}, ["early_later", "late_later", "late_today", "past"]),
        ({"date_from": "2026-03-02"}, ["early_later", "late_later", "late_today"]),
        ({"date_to": "2026-03-02"}, ["late_today", "past"]),
        ({"date_from": "2026-03-02", "date_to": "2026-03-03"}, ["late_today"]),
        ({"date_from": "2026-03-05", "date_to": "2026-03-01"}, []),
        ({"page_size": "1"}, ["early_later"]),
        ({"page_size": "1", "page": "4"}, ["past"]),
    ],
)
def test_filters(as_: AsCaller, week: dict[str, int], query: dict[str, str], found: list[str]) -> None:
    rows = as_("ana").get("appointments/", query).get_json()["results"]
    assert [row["id"] for row in rows] == [week[appointment] for appointment in found]


def test_an_admin_filters_by_people_and_department(as_: AsCaller, cast: Cast, week: dict[str, int]) -> None:
    for query in ({"doctor_id": cast.diallo}, {"patient_id": cast.boris}, {"department_id": cast.neurology}):
        rows = as_("esther").get("appointments/", query).get_json()["results"]
        assert [row["id"] for row in rows] == [week["boris"]]
    for name in ("doctor_id", "patient_id", "department_id"):
        for number in (999, 99999999999):
            assert as_("esther").get("appointments/", {name: number}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("date_from", "tomorrow"),
        ("date_to", "2026-3-1"),
        ("date_to", "\x00"),
        ("page", "0"),
        ("doctor_id", "chen"),
        ("patient_id", "1;"),
        ("department_id", "1.0"),
    ],
)
def test_an_ill_formed_filter_is_400_by_name(as_: AsCaller, name: str, value: str) -> None:
    answer = as_("ana").get("appointments/", {name: value})
    assert answer.status_code == 400
    assert set(answer.get_json()["errors"]) == {name}


def test_texts_of_the_clinic_come_in_the_language_of_the_request(as_: AsCaller, week: dict[str, int]) -> None:
    row = as_("ana").get(f"appointments/{week['past']}/", headers={"Accept-Language": "vi"}).get_json()
    assert row["department"]["name"] == "Tim mạch"
    assert row["doctor"]["title"] == "Bác sĩ chuyên khoa"
