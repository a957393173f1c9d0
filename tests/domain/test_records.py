"""Medical records: written by the visit's doctor, changed key by key, every version kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from clinic import clock, records, scheduling
from clinic.audit import AuditEvent
from clinic.db import MAX_ID, session
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, Unauthenticated
from clinic.records.models import MedicalRecord, RecordRevision
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
WHOLE: dict[str, Any] = {
    "diagnosis": "Stage 1 hypertension",
    "prescription": "Amlodipine 5 mg",
    "treatment_plan": "Less salt",
    "notes": "Nervous",
    "follow_up_date": MONDAY + timedelta(days=14),
    "vital_signs": {"blood_pressure": "148/92", "heart_rate": 81, "mood": "good"},
}


@pytest.fixture
def anas(cast, clock_at) -> Callable[..., int]:
    """Makes a visit of Ana to Dr Chen this Monday; the clock stands."""
    clock_at("2026-03-02 12:00")

    def make(status: str = "confirmed") -> int:
        return appointment(cast.ana, cast.chen, MONDAY, "09:00", status=status)

    return make


@pytest.fixture
def chen(cast):
    """Dr Chen, signed in."""
    return cast.actor("chen")


def count(model: type) -> int:
    """How many rows a table has."""
    return session().scalar(select(func.count()).select_from(model)) or 0


# --- creating ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["confirmed", "completed"])
def test_a_record_tells_the_apis_keys_and_its_version(cast, chen, anas, status):
    row, created = records.write_record(chen, appointment_id := anas(status), **WHOLE)
    assert created is True
    assert {key: row[key] for key in WHOLE} == WHOLE
    assert (row["appointment"], row["appointment_id"]) == (appointment_id, appointment_id)
    assert (row["created_by"], row["created_by_name"], row["version"]) == (cast.chen, "Dr Chen", 1)
    assert row["created_at"] == row["updated_at"] == clock.now()
    assert records.record_of(cast.actor("ana"), appointment_id) == row


def test_a_diagnosis_is_enough_and_texts_are_tidied(chen, anas):
    row, _created = records.write_record(chen, anas(), diagnosis=" Cold\r\n ", notes="  ", vital_signs={})
    assert row["diagnosis"] == "Cold"
    assert [row[key] for key in list(WHOLE)[1:]] == [None] * 5


@pytest.mark.parametrize("nothing", [{}, {"diagnosis": ""}, {"diagnosis": "  "}, {"diagnosis": None}, {"notes": "x"}])
def test_without_a_diagnosis_there_is_no_record(chen, anas, nothing):
    with pytest.raises(InvalidInput) as refusal:
        records.write_record(chen, anas(), **nothing)
    assert refusal.value.field_texts(str) == {"diagnosis": ["Please fill this in."]}
    assert (count(MedicalRecord), count(RecordRevision), count(AuditEvent)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"diagnosis": "x" * 2001}, "diagnosis"),
        ({"diagnosis": "a\x00b"}, "diagnosis"),
        ({"prescription": "x" * 5001}, "prescription"),
        ({"treatment_plan": "x" * 5001}, "treatment_plan"),
        ({"notes": "x" * 5001}, "notes"),
        ({"follow_up_date": MONDAY - timedelta(days=1)}, "follow_up_date"),
        ({"vital_signs": "120/80"}, "vital_signs"),
        ({"vital_signs": {"blood_pressure": "80/120"}}, "vital_signs.blood_pressure"),
        ({"vital_signs": {"heart_rate": 5}}, "vital_signs.heart_rate"),
        ({"vital_signs": {"pain": float("nan")}}, "vital_signs"),
    ],
)
def test_each_field_is_refused_by_itself_on_creation_and_on_change(chen, anas, fields, field):
    appointment_id = anas()
    with pytest.raises(InvalidInput) as refusal:
        records.write_record(chen, appointment_id, **{"diagnosis": "Cold", **fields})
    assert list(refusal.value.errors) == [field]
    records.write_record(chen, appointment_id, **WHOLE)
    with pytest.raises(InvalidInput) as refusal:
        records.write_record(chen, appointment_id, **fields)
    assert list(refusal.value.errors) == [field]
    assert records.record_of(chen, appointment_id)["version"] == 1


def test_the_follow_up_may_be_on_the_day_of_the_visit(chen, anas):
    row, _created = records.write_record(chen, anas(), diagnosis="Cold", follow_up_date=MONDAY)
    assert row["follow_up_date"] == MONDAY


@pytest.mark.parametrize("status", ["booked", "cancelled"])
def test_there_is_nothing_to_record_before_confirmation_or_after_cancelling(chen, anas, status):
    with pytest.raises(Conflict) as refusal:
        records.write_record(chen, anas(status), diagnosis="Cold")
    assert refusal.value.code == "invalid_transition"


@pytest.mark.parametrize(
    ("who", "refused"), [("ana", Forbidden), ("boris", Forbidden), ("esther", Forbidden), ("diallo", NotFound)]
)
def test_only_the_visits_doctor_writes(cast, anas, who, refused):
    appointment_id = anas()
    for target in (appointment_id, 0, 424242, MAX_ID + 1):
        with pytest.raises(refused):
            records.write_record(cast.actor(who), target, diagnosis="Cold")
    with pytest.raises(Unauthenticated):
        records.write_record(None, appointment_id, diagnosis="Cold")
    assert count(MedicalRecord) == 0


# --- changing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "stored"),
    [
        ({"diagnosis": "Stage 2"}, {"diagnosis": "Stage 2"}),
        ({"prescription": ""}, {"prescription": None}),
        ({"notes": None}, {"notes": None}),
        ({"follow_up_date": None}, {"follow_up_date": None}),
        ({"follow_up_date": MONDAY}, {"follow_up_date": MONDAY}),
        ({"vital_signs": {"heart_rate": 70}}, {"vital_signs": {"heart_rate": 70}}),
        ({"vital_signs": None}, {"vital_signs": None}),
        ({"vital_signs": {"heart_rate": ""}}, {"vital_signs": None}),
        ({"notes": "New", "treatment_plan": "Rest"}, {"notes": "New", "treatment_plan": "Rest"}),
    ],
)
def test_only_the_keys_that_are_sent_change(chen, anas, clock_at, changed, stored):
    before, _created = records.write_record(chen, appointment_id := anas(), **WHOLE)
    clock_at("2026-03-02 13:00")
    row, created = records.write_record(chen, appointment_id, **changed)
    assert created is False
    assert row == before | stored | {"version": 2, "updated_at": clock.now()}


@pytest.mark.parametrize(
    "same", [{}, {"diagnosis": " Stage 1 hypertension "}, WHOLE, {"vital_signs": dict(WHOLE["vital_signs"])}]
)
def test_what_changes_nothing_makes_no_version_but_is_a_reading(chen, anas, clock_at, same):
    before, _created = records.write_record(chen, appointment_id := anas(), **WHOLE)
    clock_at("2026-03-02 13:00")
    assert records.write_record(chen, appointment_id, **same) == (before, False)
    assert (count(RecordRevision), count(AuditEvent)) == (1, 2), "the whole record was answered"


def test_the_diagnosis_cant_be_taken_away(chen, anas):
    records.write_record(chen, appointment_id := anas(), **WHOLE)
    with pytest.raises(InvalidInput) as refusal:
        records.write_record(chen, appointment_id, diagnosis="")
    assert list(refusal.value.errors) == ["diagnosis"]


def test_a_record_is_changed_after_completion_and_stays_after_it(chen, anas):
    records.write_record(chen, appointment_id := anas(), **WHOLE)
    scheduling.complete(chen, appointment_id)
    assert records.write_record(chen, appointment_id, notes="Later")[0]["version"] == 2


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_stale_version_changes_nothing(chen, anas):
    records.write_record(chen, appointment_id := anas(), **WHOLE)
    records.write_record(chen, appointment_id, notes="Second", expected_version=1)
    for stale in (0, 1, 3):
        with pytest.raises(Stale) as refusal:
            records.write_record(chen, appointment_id, notes="Third", expected_version=stale)
        assert refusal.value.code == "stale"
    row = records.record_of(chen, appointment_id)
    assert (row["notes"], row["version"], count(RecordRevision)) == ("Second", 2, 2)


def test_a_new_record_is_expected_to_have_no_version(chen, anas):
    appointment_id = anas()
    with pytest.raises(Stale):
        records.write_record(chen, appointment_id, diagnosis="Cold", expected_version=1)
    assert records.write_record(chen, appointment_id, diagnosis="Cold", expected_version=0)[1] is True
    with pytest.raises(Stale):
        records.write_record(chen, appointment_id, diagnosis="Flu", expected_version=0)


def test_every_version_is_kept_complete_the_newest_first(cast, chen, anas, clock_at):
    records.write_record(chen, appointment_id := anas(), **WHOLE)
    clock_at("2026-03-02 13:00")
    records.write_record(chen, appointment_id, diagnosis="Stage 2", vital_signs=None)
    second, first = records.revisions(cast.actor("esther"), appointment_id)
    assert list(first) == ["version", "at", "by_name", *WHOLE]
    assert {key: first[key] for key in WHOLE} == WHOLE
    assert (first["version"], second["version"], second["by_name"]) == (1, 2, "Dr Chen")
    assert {key: second[key] for key in WHOLE} == WHOLE | {"diagnosis": "Stage 2", "vital_signs": None}
    assert second["at"] == clock.now() > first["at"]


@pytest.mark.parametrize(
    ("who", "answer"),
    [("ana", Forbidden), ("boris", Forbidden), ("chen", None), ("diallo", NotFound), ("esther", None)],
)
def test_earlier_versions_are_for_the_doctor_and_the_office(cast, chen, anas, who, answer):
    records.write_record(chen, appointment_id := anas(), **WHOLE)
    if answer is None:
        assert len(records.revisions(cast.actor(who), appointment_id)) == 1
        return
    with pytest.raises(answer):
        records.revisions(cast.actor(who), appointment_id)
