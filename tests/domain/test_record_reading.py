"""Reading records: who may, and that every reading leaves its trace in the same transaction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic import audit, clock, records
from clinic.audit import AuditEvent
from clinic.db import MAX_ID, atomic, session
from clinic.errors import NotFound, Unauthenticated
from clinic.paging import PageRequest
from clinic.records.service import CONTENT
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)


@pytest.fixture
def appointments(cast) -> dict[str, int]:
    """Three visits with records and one without: Ana with Dr Chen, Ana with Dr Diallo, Boris with Dr Chen."""
    made = {
        "ana-chen": appointment(cast.ana, cast.chen, MONDAY, "09:00", status="completed"),
        "ana-diallo": appointment(cast.ana, cast.diallo, MONDAY + timedelta(days=1), "09:00", status="completed"),
        "boris-chen": appointment(cast.boris, cast.chen, MONDAY, "10:00", status="completed"),
    }
    for name, appointment_id in made.items():
        factories.record(appointment_id, cast.chen if name.endswith("chen") else cast.diallo, diagnosis=name)
    return made | {"empty": appointment(cast.ana, cast.chen, MONDAY, "11:00", status="confirmed")}


def trail() -> list[tuple[Any, ...]]:
    """Who did what with whose record, in order, as it stands committed."""
    session().rollback()
    columns = (AuditEvent.actor_id, AuditEvent.action, AuditEvent.patient_id, AuditEvent.subject_id)
    return [tuple(row) for row in session().execute(select(*columns).order_by(AuditEvent.id))]


def test_patients_read_all_of_these():
    """Whatever is added here is read by the patient, on pages, in the API and in print. What they don't read stands in a
    table of its own with permissions of its own, as the notes for colleagues do."""
    read_by_patients = {"diagnosis", "prescription", "treatment_plan", "notes", "follow_up_date", "vital_signs"}
    assert set(records.RecordContent.__annotations__) == set(CONTENT) == read_by_patients


READERS = {
    "ana": {"ana-chen", "ana-diallo"},
    "boris": {"boris-chen"},
    "chen": {"ana-chen", "boris-chen"},
    "diallo": {"ana-diallo"},
    "esther": {"ana-chen", "ana-diallo", "boris-chen"},
}


@pytest.mark.parametrize("who", READERS)
def test_a_record_is_read_by_its_own_people_and_each_reading_is_kept(cast, appointments, who):
    actor = cast.actor(who)
    expected = []
    for name, appointment_id in appointments.items():
        if name in READERS[who]:
            row = records.record_of(actor, appointment_id)
            assert row["diagnosis"] == name
            patient = cast.ana if name.startswith("ana") else cast.boris
            expected.append((actor.user_id, "record.read", patient, row["id"]))
        else:
            with pytest.raises(NotFound):
                records.record_of(actor, appointment_id)
    assert trail() == expected


@pytest.mark.parametrize("who", READERS)
def test_records_of_a_list_are_the_readers_own_and_each_is_kept(cast, appointments, who):
    actor = cast.actor(who)
    found = records.records_for(actor, list(appointments.values()))
    assert {appointment_id: row["diagnosis"] for appointment_id, row in found.items()} == {
        appointments[name]: name for name in READERS[who]
    }
    assert sorted(subject for *_, subject in trail()) == sorted(row["id"] for row in found.values())
    assert {deed for _, deed, *_ in trail()} == {"record.read"}


@pytest.mark.parametrize("who", READERS)
def test_the_list_of_records_is_the_readers_own_newest_visit_first_and_each_is_kept(cast, appointments, who):
    actor = cast.actor(who)
    page = records.my_records(actor, page=PageRequest(1, 2))
    in_order = [name for name in ("ana-diallo", "ana-chen", "boris-chen") if name in READERS[who]]
    assert [row["diagnosis"] for row in page.results] == in_order[:2]
    assert page.count == len(in_order)
    assert [subject for *_, subject in trail()] == [row["id"] for row in page.results]
    first = page.results[0]
    assert first["visit"]["appointment_id"] == first["appointment_id"]
    assert set(first["visit"]) >= {"date", "time", "doctor_name", "appointment_id"}


def test_nothing_read_leaves_no_trace(cast, appointments):
    assert records.records_for(cast.actor("ana"), []) == {}
    assert records.records_for(cast.actor("ana"), [appointments["boris-chen"], appointments["empty"], 424242]) == {}
    for unknown in (0, -1, 424242, MAX_ID + 1):
        with pytest.raises(NotFound):
            records.record_of(cast.actor("esther"), unknown)
        with pytest.raises(NotFound):
            records.revisions(cast.actor("esther"), unknown)
    with pytest.raises(NotFound):
        records.my_records(cast.actor("ana"), page=PageRequest(2, 10))
    for read in (
        lambda: records.record_of(None, appointments["ana-chen"]),
        lambda: records.records_for(None, [appointments["ana-chen"]]),
        lambda: records.my_records(None),
        lambda: records.revisions(None, appointments["ana-chen"]),
    ):
        with pytest.raises(Unauthenticated):
            read()
    assert trail() == []


def test_reading_and_its_trace_are_one_transaction(cast, appointments):
    """Whatever undoes the reading undoes the entry, and no reading comes out without one."""
    ana = cast.actor("ana")

    @atomic
    def read_and_fail() -> None:
        records.record_of(ana, appointments["ana-chen"])
        raise RuntimeError("after the reading")

    with pytest.raises(RuntimeError, match="after the reading"):
        read_and_fail()
    assert trail() == []


def test_earlier_versions_and_changes_are_kept_too(cast, appointments):
    chen = cast.actor("chen")
    records.revisions(chen, appointments["ana-chen"])
    records.write_record(chen, appointments["ana-chen"], notes="New")
    records.write_record(chen, appointments["empty"], diagnosis="Cold")
    assert [deed for _, deed, *_ in trail()] == ["record.revisions_read", "record.changed", "record.created"]


def test_an_entry_tells_who_in_which_session_when_and_by_which_request(cast, appointments, clock_at):
    clock_at("2026-03-02 12:00")
    chen = cast.actor("chen")
    token = audit.request_id.set("abc-123")
    try:
        records.write_record(chen, appointments["ana-chen"], notes="New")
    finally:
        audit.request_id.reset(token)
    entry = session().scalars(select(AuditEvent)).one()
    assert (entry.at, entry.actor_id, entry.actor_role, entry.session_id, entry.request_id, entry.details) == (
        clock.now(), cast.chen, "doctor", chen.session_id, "abc-123", {"version": 2},
    )  # fmt: skip
