"""The medical record of a visit, its version and what may stand in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from clinic.policy import Duty
from clinic.settings import AccountRules
from tests import factories
from tests.api.caller import Caller, Document, signed_in
from tests.people import Cast

AsCaller = Callable[[str], Caller]
Appointment = Callable[..., int]
FULL = {
    "diagnosis": "Stage 1 hypertension",
    "prescription": "Amlodipine 5 mg",
    "treatment_plan": "",
    "notes": None,
    "follow_up_date": "2026-04-01",
    "vital_signs": {
        "blood_pressure": "148/92",
        "temperature": "36.6",
        "heart_rate": 81,
        "height": "",
        "mood": "good",
        "note": {"by": ["nurse"]},
    },
}


@pytest.fixture
def path(appointment: Appointment) -> str:
    """The record of a confirmed visit, not written yet."""
    return f"appointments/{appointment(status='confirmed')}/medical-record/"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_writing_creates_then_updates_the_keys_that_are_sent(as_: AsCaller, cast: Cast, path: str, method: str) -> None:
    answer = as_("chen").call(method, path, json=FULL)
    assert answer.status_code == 201
    record = answer.get_json()["medical_record"]
    assert record["created_by"] == cast.chen
    assert record["created_by_name"] == "Dr Chen"
    assert record["follow_up_date"] == "2026-04-01"
    assert record["treatment_plan"] is None
    assert record["vital_signs"]["mood"] == "good"
    assert "height" not in record["vital_signs"]
    answer = as_("chen").call(method, path, json={"notes": "Called back.", "follow_up_date": ""})
    assert answer.status_code == 200
    changed = answer.get_json()["medical_record"]
    assert changed["notes"] == "Called back."
    assert changed["follow_up_date"] is None
    assert changed["diagnosis"] == "Stage 1 hypertension"
    assert as_("ana").get(path).get_json() == changed


def test_there_is_none_before_it_is_written(as_: AsCaller, path: str) -> None:
    for name in ("ana", "chen", "esther"):
        assert as_(name).get(path).status_code == 404


@pytest.mark.parametrize("status", ["booked", "cancelled"])
def test_it_waits_for_confirmation(as_: AsCaller, appointment: Appointment, status: str) -> None:
    answer = as_("chen").post(f"appointments/{appointment(status=status)}/medical-record/", FULL)
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "invalid_transition"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"diagnosis": ""}, "diagnosis"),
        ({"diagnosis": None}, "diagnosis"),
        ({"diagnosis": 5}, "diagnosis"),
        ({"diagnosis": "x" * 10_000}, "diagnosis"),
        ({"diagnosis": "\x00"}, "diagnosis"),
        ({"prescription": "x" * 5001}, "prescription"),
        ({"treatment_plan": ["rest"]}, "treatment_plan"),
        ({"notes": "\ud800"}, "notes"),
        ({"follow_up_date": "2026-03-03"}, "follow_up_date"),
        ({"follow_up_date": "soon"}, "follow_up_date"),
        ({"vital_signs": "148/92"}, "vital_signs"),
        ({"vital_signs": [1]}, "vital_signs"),
        ({"vital_signs": {"heart_rate": 301}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"heart_rate": "fast"}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"heart_rate": True}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"heart_rate": 10**400}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"heart_rate": [80]}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"temperature": "1e1000"}}, "vital_signs.temperature"),
        ({"vital_signs": {"temperature": "NaN"}}, "vital_signs.temperature"),
        ({"vital_signs": {"blood_pressure": "80/120"}}, "vital_signs.blood_pressure"),
        ({"vital_signs": {"blood_pressure": 120}}, "vital_signs.blood_pressure"),
        ({"vital_signs": {"mood": "a\x00"}}, "vital_signs"),
        ({"vital_signs": {"a\x00": 1}}, "vital_signs"),
        ({"vital_signs": {"deep": [[[["\udfff"]]]]}}, "vital_signs"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(as_: AsCaller, path: str, changed: dict[str, Any], field: str) -> None:
    answer = as_("chen").post(path, {**FULL, **changed})
    assert answer.status_code == 400
    assert any(name == field or name.startswith(f"{field}.") for name in answer.get_json()["errors"])
    assert as_("chen").get(path).status_code == 404


def test_deep_nesting_is_refused(as_: AsCaller, path: str) -> None:
    deep: object = "x"
    for _level in range(60):
        deep = [deep]
    answer = as_("chen").post(path, {**FULL, "vital_signs": {"deep": deep}})
    assert answer.status_code == 400
    assert "vital_signs" in answer.get_json()["errors"]


def test_a_new_record_needs_a_diagnosis_an_old_one_keeps_it(as_: AsCaller, path: str) -> None:
    assert as_("chen").post(path, {"notes": "x"}).status_code == 400
    as_("chen").post(path, FULL)
    assert as_("chen").post(path, {"notes": "x"}).status_code == 200
    assert as_("chen").post(path, {"diagnosis": ""}).status_code == 400


# --- versions ---------------------------------------------------------------------------------------------------------


def test_the_etag_is_the_version_and_a_stale_one_changes_nothing(as_: AsCaller, path: str) -> None:
    chen = as_("chen")
    first = chen.post(path, FULL).headers["ETag"]
    assert chen.get(path).headers["ETag"] == first
    second = chen.put(path, {"notes": "one"}, headers={"If-Match": first}).headers["ETag"]
    assert second != first
    for stale in (first, '"99"', '"no"', f"W/{second}", '""', "x" * 500):
        answer = chen.put(path, {"notes": "two"}, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
        assert answer.get_json()["code"] == "stale"
    assert chen.get(path).get_json()["notes"] == "one"
    for fine in (second, f"{first}, {second}", "*"):
        answer = chen.put(path, {"notes": "one"}, headers={"If-Match": fine})
        assert answer.status_code == 200, fine


def test_a_record_that_is_not_there_matches_no_tag(as_: AsCaller, path: str) -> None:
    for tag in ('"1"', '"0"', '"-1"', "no", "*"):
        assert as_("chen").post(path, FULL, headers={"If-Match": tag}).status_code == 412, tag
    assert as_("chen").get(path).status_code == 404


def test_reading_is_written_down(as_: AsCaller, app: Flask, cast: Cast, appointment: Appointment) -> None:
    number = appointment(status="completed")
    with app.app_context():
        factories.record(number, cast.chen)
    assert as_("esther").get(f"appointments/{number}/medical-record/").status_code == 200
    from sqlalchemy import select  # noqa: PLC0415

    from clinic.audit import AuditEvent  # noqa: PLC0415
    from clinic.db import session  # noqa: PLC0415

    with app.app_context():
        readers = session().scalars(select(AuditEvent.actor_id)).all()
    assert readers == [cast.esther]


def test_an_account_that_nobody_confirmed_reads_no_record(
    app: Flask, as_: AsCaller, appointment: Appointment, cast: Cast, clinic_has: Callable[..., None]
) -> None:
    number = appointment(status="completed")
    with app.app_context():
        factories.record(number, cast.chen)
    clinic_has(accounts=AccountRules(records_need_proof=True))
    ana = as_("ana")
    for path in (f"appointments/{number}/medical-record/", "medical-records/"):
        answer = ana.get(path)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "confirmation_required"), path
    assert ana.get(f"appointments/{number}/").get_json()["medical_record"] is None


# --- what it is read for ----------------------------------------------------------------------------------------------


def reasons(app: Flask) -> list[str | None]:
    """What the audit says that records were read for, in order."""
    with app.app_context():
        events = session().query(AuditEvent).filter_by(action=AuditAction.RECORD_READ).order_by(AuditEvent.id)
        return [event.details.get("purpose") for event in events]


def test_a_program_of_the_office_says_what_it_reads_for(
    app: Flask, as_: AsCaller, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(status="confirmed")
    with app.app_context():
        record = factories.record(number, cast.chen)
    esther = as_("esther")
    paths = (
        f"appointments/{number}/medical-record/",
        f"medical-records/{record}/",
        "medical-records/",
        "appointments/",
    )
    for each in paths:
        assert esther.get(each, headers={"X-Purpose-Of-Use": "billing"}).status_code == 200
    assert esther.get(paths[0]).status_code == 200
    assert as_("chen").get(paths[0], headers={"X-Purpose-Of-Use": "quality"}).status_code == 200
    assert as_("ana").get(paths[0]).status_code == 200
    assert reasons(app) == ["billing"] * len(paths) + ["api", None, None]


@pytest.mark.parametrize("word", ["curiosity", "api", "", "Billing"])
def test_a_reason_that_is_not_known_reads_nothing(
    app: Flask, as_: AsCaller, cast: Cast, appointment: Appointment, word: str
) -> None:
    number = appointment(status="confirmed")
    with app.app_context():
        factories.record(number, cast.chen)
    answer = as_("esther").get(f"appointments/{number}/medical-record/", headers={"X-Purpose-Of-Use": word})
    assert answer.status_code == 400
    assert list(answer.get_json()["errors"]) == ["X-Purpose-Of-Use"]
    assert reasons(app) == []


def test_a_reason_is_looked_at_where_records_are_read_after_token_and_role(
    app: Flask, as_: AsCaller, anyone: Caller, appointment: Appointment
) -> None:
    number, wrong = appointment(), {"X-Purpose-Of-Use": "curiosity"}
    record = f"appointments/{number}/medical-record/"
    assert anyone.get(record, headers=wrong).status_code == 401
    assert as_("ana").get("doctor/appointments/", headers=wrong).status_code == 403
    assert as_("esther").put(record, {}, headers=wrong).status_code == 403
    esther = as_("esther")
    for elsewhere in ("user/me/", "notifications/"):
        assert esther.get(elsewhere, headers=wrong).status_code == esther.get(elsewhere).status_code
    assert esther.get("user/me/", headers=wrong).status_code == 200
    # What is done to a visit answers with it and its record, so nothing is done.
    assert esther.post(f"appointments/{number}/confirm/", headers=wrong).status_code == 400
    assert esther.get(f"appointments/{number}/").get_json()["status"] == "booked"


def test_whatever_answers_with_records_documents_the_reason(document: Document) -> None:
    content = document.content
    operations = {
        (method, path): operation
        for path, methods in content["paths"].items()
        for method, operation in methods.items()
        if "responses" in operation
    }

    def holds_records(part: object) -> bool:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            inner = content["components"]["schemas"].get(name)
            return name == "MedicalRecord" or holds_records(inner) or any(map(holds_records, part.values()))
        return isinstance(part, list) and any(map(holds_records, part))

    documented = {
        key
        for key, operation in operations.items()
        if "X-Purpose-Of-Use" in [each.get("name") for each in operation.get("parameters", [])]
    }
    assert documented == {key for key, operation in operations.items() if holds_records(operation["responses"])}


def test_whoever_sees_visits_and_may_read_no_record_is_handed_none_in_them(
    app: Flask, document: Document, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(status="confirmed")
    with app.app_context():
        factories.record(number, cast.chen)
        fran = factories.admin("Fran Front", "fran@clinic.example", Duty.RECEPTION)
    caller = signed_in(app, document, fran)
    [listed] = caller.get("appointments/").get_json()["results"]
    for row in (listed, caller.get(f"appointments/{number}/").get_json()):
        assert (row["id"], row["medical_record"]) == (number, None)
    assert reasons(app) == []
