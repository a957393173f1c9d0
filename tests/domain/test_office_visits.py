"""The office's work that touches visits: what hangs on an entry, switching it off, finding, numbers, trail, outbox."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from clinic import directory, records, scheduling
from clinic.errors import Conflict, Forbidden, InvalidInput, Unauthenticated
from clinic.paging import PageRequest
from clinic.scheduling import AppointmentStatus, EntryKind
from tests import factories
from tests.entries import entries
from tests.people import actor_of

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(clock_at) -> None:
    """It is Monday noon and the clock stands."""
    clock_at("2026-03-02 12:00")


def coming(cast, **more) -> int:
    """Ana's visit to Dr Chen on Tuesday in Chen's room, with an ECG."""
    return factories.appointment(
        cast.ana, cast.chen, TUESDAY, more.pop("at", "09:00"),
        **{"room_id": cast.chens_room, "service_id": cast.ecg, **more},
    )  # fmt: skip


def entry(cast, kind: EntryKind) -> int:
    """What the visits of ``coming`` hang on."""
    return {
        EntryKind.DEPARTMENT: cast.cardiology,
        EntryKind.SERVICE: cast.ecg,
        EntryKind.ROOM: cast.chens_room,
        EntryKind.ACCOUNT: cast.chen,
    }[kind]


# --- switching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(EntryKind))
def test_what_hangs_on_an_entry_are_its_coming_visits(cast, kind):
    first, second = coming(cast), coming(cast, at="10:00", status="confirmed")
    coming(cast, at="11:00", status="cancelled")
    factories.appointment(cast.ana, cast.chen, MONDAY - timedelta(days=3), room_id=cast.chens_room, service_id=cast.ecg)
    found = scheduling.dependents(cast.actor("esther"), kind, entry(cast, kind))
    assert [row["id"] for row in found.appointments] == [first, second]
    assert (found.appointment_count, found.doctor_count) == (2, 1 if kind is EntryKind.DEPARTMENT else 0)
    assert len(scheduling.dependents(cast.actor("esther"), kind, entry(cast, kind), most=1).appointments) == 1


def test_a_patients_visits_hang_on_the_patient(cast):
    coming(cast)
    assert scheduling.dependents(cast.actor("esther"), EntryKind.ACCOUNT, cast.ana).appointment_count == 1
    assert scheduling.dependents(cast.actor("esther"), EntryKind.ACCOUNT, cast.boris).appointment_count == 0


@pytest.mark.parametrize("kind", list(EntryKind))
@pytest.mark.parametrize("expected_count", [0, 2])
def test_nothing_with_coming_visits_is_switched_off_silently(cast, kind, expected_count):
    esther = cast.actor("esther")
    appointment = coming(cast)
    with pytest.raises(Conflict) as refusal:
        scheduling.switch(esther, kind, entry(cast, kind), active=False, expected_count=expected_count)
    assert (refusal.value.code, refusal.value.params) == ("visits_booked", {"count": 1})
    scheduling.switch(esther, kind, entry(cast, kind), active=False, expected_count=1)
    assert scheduling.appointment(esther, appointment)["status"] == "booked"
    scheduling.switch(esther, kind, entry(cast, kind), active=True)


@pytest.mark.parametrize("kind", list(EntryKind))
def test_what_is_off_already_is_not_switched_off_twice(cast, kind):
    esther = cast.actor("esther")
    scheduling.switch(esther, kind, entry(cast, kind), active=False)
    coming(cast)
    scheduling.switch(esther, kind, entry(cast, kind), active=False)
    assert [row["details"]["active"] for row in entries(esther)] == [False]


@pytest.mark.parametrize("kind", [EntryKind.DEPARTMENT, EntryKind.ACCOUNT])
def test_what_is_off_is_not_booked_any_more(cast, book, kind):
    esther = cast.actor("esther")
    scheduling.switch(esther, kind, entry(cast, kind), active=False)
    with pytest.raises(InvalidInput):
        book()
    scheduling.switch(esther, kind, entry(cast, kind), active=True)
    assert book()["status"] == "booked"


def test_a_service_and_a_room_that_are_off_are_offered_no_more(cast, book):
    esther = cast.actor("esther")
    scheduling.switch(esther, EntryKind.SERVICE, cast.ecg, active=False)
    scheduling.switch(esther, EntryKind.ROOM, cast.chens_room, active=False)
    assert directory.services(department_id=cast.cardiology, lang="en").results == []
    assert book()["room"]["room_number"] == "202"


# --- finding ----------------------------------------------------------------------------------------------------------


def found(cast, text: str) -> tuple[list[str], list[str], list[int]]:
    """The names of patients and doctors, and the numbers of visits."""
    result = scheduling.find(cast.actor("esther"), text)
    return (
        [row["full_name"] for row in result.patients.results],
        [row["full_name"] for row in result.doctors.results],
        [row["id"] for row in result.appointments.results],
    )


def test_patients_and_doctors_are_found_with_their_next_visits(cast):
    appointment = coming(cast)
    factories.appointment(cast.ana, cast.chen, MONDAY, "08:00", status="completed")
    assert found(cast, "nguyen") == (["Ana Nguyễn"], [], [appointment])
    assert found(cast, "CHEN") == ([], ["Dr Chen"], [])
    assert found(cast, "boris@") == (["Boris Đặng"], [], [])
    assert found(cast, "0901 234 567")[:2] == (["Ana Nguyễn", "Boris Đặng"], ["Dr Chen", "Dr Diallo"])
    assert found(cast, "esther") == ([], [], [])
    assert found(cast, "  ") == found(cast, "%") == found(cast, "qq\x00\ud800") == ([], [], [])


def test_a_visit_is_found_by_its_number(cast):
    appointment = coming(cast, status="cancelled")
    assert found(cast, f"#{appointment}")[2] == found(cast, str(appointment))[2] == [appointment]
    assert found(cast, "#999999999999") == ([], [], [])


def test_digits_that_are_no_visits_number_are_those_of_a_phone(cast):
    appointment = coming(cast)
    assert found(cast, "901234567") == (["Ana Nguyễn", "Boris Đặng"], ["Dr Chen", "Dr Diallo"], [appointment])


def test_many_patients_of_a_name_hide_no_doctor(cast):
    for number in range(40):
        factories.patient(f"An Lê {number:02}")
    factories.doctor("Zed An Lê", department_id=cast.cardiology)
    patients, doctors, _appointments = found(cast, "an le")
    assert (len(patients), doctors) == (8, ["Zed An Lê"])
    assert scheduling.find(cast.actor("esther"), "an le").patients.count == 40


def test_the_next_visit_of_each_is_told(cast):
    coming(cast, at="10:00", status="cancelled")
    later = coming(cast, at="11:00")
    sooner = coming(cast, at="09:00", status="confirmed")
    factories.appointment(cast.boris, cast.diallo, MONDAY, "08:00", status="completed")
    told = scheduling.next_appointments(cast.actor("esther"), [cast.ana, cast.boris])
    assert {patient: (each.id, each.doctor_name) for patient, each in told.items()} == {cast.ana: (sooner, "Dr Chen")}
    assert set(scheduling.next_appointments(cast.actor("chen"), [cast.ana])) == {cast.ana}
    assert scheduling.next_appointments(cast.actor("diallo"), [cast.ana]) == {}
    assert found(cast, "nguyen")[2] in ([sooner, later], [later, sooner])


@pytest.mark.parametrize("who", ["ana", "chen"])
def test_only_the_office_finds_anybody_and_sees_the_numbers(cast, who):
    for verb in (
        lambda each: scheduling.find(each, "a"),
        lambda each: scheduling.statistics(each, first=MONDAY, last=MONDAY),
    ):
        with pytest.raises(Forbidden):
            verb(cast.actor(who))
        with pytest.raises(Unauthenticated):
            verb(None)


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_of_a_period(cast):
    coming(cast)
    coming(cast, at="10:00", status="completed")
    coming(cast, at="11:00", status="cancelled")
    factories.appointment(cast.boris, cast.diallo, MONDAY, "09:00")
    factories.appointment(cast.boris, cast.diallo, MONDAY + timedelta(days=9), "09:00")
    told = scheduling.statistics(cast.actor("esther", "vi"), first=MONDAY, last=TUESDAY)
    assert told.total == 3
    assert told.by_day == [(MONDAY, 1), (TUESDAY, 2)]
    assert told.by_status == {
        AppointmentStatus.BOOKED: 2,
        AppointmentStatus.CONFIRMED: 0,
        AppointmentStatus.COMPLETED: 1,
        AppointmentStatus.CANCELLED: 1,
    }
    assert told.by_department == [("Tim mạch", 2), ("Thần kinh", 1)]
    assert told.by_doctor == [("Dr Chen", 2), ("Dr Diallo", 1)]
    assert told.heat[1, time(9)] == told.heat[2, time(9)] == told.heat[2, time(10)] == 0.5
    assert told.heat[1, time(10)] == 0
    assert {weekday for weekday, _at in told.heat} == {1, 2}


def test_numbers_of_an_empty_clinic(app):
    told = scheduling.statistics(actor_of(factories.admin("Esther", "e@clinic.example")), first=MONDAY, last=MONDAY)
    assert (told.total, told.by_day, told.by_department) == (0, [(MONDAY, 0)], [])
    assert set(told.heat.values()) == {None}, "nobody is there to be booked"


@pytest.mark.parametrize(("first", "last"), [(1, 0), (0, 367)])
def test_a_period_is_forward_and_at_most_a_year(cast, first, last):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.statistics(
            cast.actor("esther"), first=MONDAY + timedelta(days=first), last=MONDAY + timedelta(days=last)
        )
    assert list(refusal.value.errors) == ["last"]


# --- the trail -----------------------------------------------------------------------------------------


def test_the_trail_is_newest_first_with_filters(cast, clock_at):
    appointment = coming(cast, status="confirmed")
    factories.record(appointment, cast.chen)
    chen, esther = cast.actor("chen"), cast.actor("esther")
    records.record_of(chen, appointment)
    clock_at("2026-03-03 00:30")
    directory.save_room(esther, {"room_number": "9", "floor": 1})
    newest, oldest = entries(esther)
    assert (newest["action"], newest["actor_name"], newest["patient_name"]) == (
        "directory.changed",
        "Esther Office",
        None,
    )
    assert (oldest["action"], oldest["actor_name"], oldest["patient_name"]) == ("record.read", "Dr Chen", "Ana Nguyễn")
    assert [row["id"] for row in entries(esther, search="esther")] == [newest["id"]]
    assert [row["id"] for row in records.audit_trail(esther, action="record.read").results] == [oldest["id"]]
    assert [row["id"] for row in entries(esther, date_to=MONDAY)] == [oldest["id"]]
    assert [row["id"] for row in entries(esther, date_from=TUESDAY, date_to=TUESDAY)] == [newest["id"]]
    of_ana = records.audit_trail(esther, patient_id=cast.ana, page=PageRequest(1, 1))
    assert of_ana.results == [oldest]
    with pytest.raises(InvalidInput):
        records.audit_trail(esther, action="x")


def test_a_patient_sees_who_else_read_their_records(cast):
    appointment = coming(cast, status="confirmed")
    factories.record(appointment, cast.chen)
    ana = cast.actor("ana")
    records.record_of(cast.actor("chen"), appointment)
    records.record_of(ana, appointment)
    assert [row["actor_name"] for row in records.own_access_log(ana).results] == ["Dr Chen"]
    assert records.own_access_log(cast.actor("boris")).results == []
