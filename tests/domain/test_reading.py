"""Lists of visits: whose they are, in which order, filtered by what; a visit's history; the next one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from clinic import scheduling
from clinic.accounts.models import User
from clinic.db import MAX_ID, transaction
from clinic.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from clinic.paging import Keyset, PageRequest
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
SATURDAY, SUNDAY, TUESDAY = (MONDAY + timedelta(days=ahead) for ahead in (-2, -1, 1))


@pytest.fixture
def appointments(cast, clock_at) -> dict[str, int]:
    """Six visits around Monday 2 March 2026, by a name each; it is noon and the clock stands."""
    clock_at("2026-03-02 12:00")
    return {
        "past": appointment(cast.ana, cast.chen, SUNDAY, "09:00", status="completed"),
        "morning": appointment(cast.ana, cast.chen, MONDAY, "09:00", status="confirmed"),
        "gone": appointment(cast.ana, cast.chen, MONDAY, "08:00", status="cancelled"),
        "boris": appointment(cast.boris, cast.chen, MONDAY, "15:00"),
        "later": appointment(cast.ana, cast.diallo, TUESDAY, "16:00"),
        "early": appointment(cast.ana, cast.chen, TUESDAY, "08:30", status="confirmed"),
    }


def found(appointments: dict[str, int], rows) -> list[str]:
    """The visits of a list by their names here."""
    names = {appointment_id: name for name, appointment_id in appointments.items()}
    return [names[row["id"]] for row in rows]


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ana", ["early", "later", "gone", "morning", "past"]),
        ("boris", ["boris"]),
        ("chen", ["early", "gone", "morning", "boris", "past"]),
        ("diallo", ["later"]),
        ("esther", ["early", "later", "gone", "morning", "boris", "past"]),
    ],
)
def test_everybody_sees_their_own_and_the_office_all_newest_day_first_then_by_time(cast, appointments, who, expected):
    page = scheduling.appointments(cast.actor(who))
    assert found(appointments, page.results) == expected
    assert page.count == len(expected)
    assert found(appointments, scheduling.appointments(cast.actor(who), page=None).results) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["gone", "morning", "boris", "early", "later", "past", "ages", "evening", "ago"]),
        ({"status": "upcoming"}, ["morning", "boris", "early", "later"]),
        ({"status": "past"}, ["gone", "past", "ages", "evening", "ago"]),
        ({"status": "still_open"}, ["evening", "ago"]),
        ({"status": "confirmed"}, ["morning", "early", "ago"]),
        ({"date_from": MONDAY}, ["gone", "morning", "boris", "early", "later"]),
        ({"date_to": SUNDAY}, ["past", "ages", "evening", "ago"]),
        ({"patient_id": "boris"}, ["boris", "evening"]),
    ],
)
def test_people_read_what_is_coming_soonest_first_then_what_is_past_latest_first(cast, appointments, filters, expected):
    more = {
        "ages": appointment(cast.ana, cast.chen, SUNDAY, "08:00", status="completed"),
        "evening": appointment(cast.boris, cast.chen, SATURDAY, "16:30"),
        "ago": appointment(cast.ana, cast.diallo, SATURDAY, "09:00", status="confirmed"),
    }
    wanted = {name: getattr(cast, value) if name.endswith("_id") else value for name, value in filters.items()}
    esther = cast.actor("esther")
    whole = scheduling.appointments(esther, **wanted, page=Keyset(20))
    assert found(appointments | more, whole.results) == expected
    # Walked two by two, the list is the same, there and back.
    page, rows = scheduling.appointments(esther, **wanted, page=Keyset(2)), []
    rows += page.results
    while page.next:
        page = scheduling.appointments(esther, **wanted, page=Keyset(2, after=page.next))
        rows += page.results
        assert page.count == len(expected)
    assert rows == whole.results
    back = page.results
    while page.previous:
        page = scheduling.appointments(esther, **wanted, page=Keyset(2, before=page.previous))
        back = page.results + back
    assert back == rows


def test_past_visits_that_nobody_completed_or_cancelled_are_counted(cast, appointments, clock_at):
    counts = [scheduling.count_still_open(cast.actor(name)) for name in ("esther", "chen", "diallo", "ana")]
    assert counts == [0, 0, 0, 0]
    clock_at("2026-03-03 07:00")
    counts = [scheduling.count_still_open(cast.actor(name)) for name in ("esther", "chen", "diallo", "ana")]
    assert counts == [2, 2, 0, 1]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "confirmed"}, ["early", "morning"]),
        ({"status": "completed"}, ["past"]),
        ({"status": "cancelled"}, ["gone"]),
        ({"status": "booked"}, ["later", "boris"]),
        ({"status": "upcoming"}, ["early", "later", "morning", "boris"]),  # from today on, begun or not
        ({"date_from": MONDAY}, ["early", "later", "gone", "morning", "boris"]),
        ({"date_to": MONDAY}, ["gone", "morning", "boris", "past"]),
        ({"date_from": MONDAY, "date_to": MONDAY, "status": "upcoming"}, ["morning", "boris"]),
        ({"date_from": TUESDAY, "date_to": SUNDAY}, []),
        ({"doctor_id": "chen"}, ["early", "gone", "morning", "boris", "past"]),
        ({"patient_id": "boris"}, ["boris"]),
        ({"department_id": "neurology"}, ["later"]),
        ({"doctor_id": "chen", "patient_id": "ana", "status": "upcoming"}, ["early", "morning"]),
    ],
)
def test_the_office_filters(cast, appointments, filters, expected):
    wanted = {name: getattr(cast, value) if name.endswith("_id") else value for name, value in filters.items()}
    assert found(appointments, scheduling.appointments(cast.actor("esther"), **wanted).results) == expected


def test_what_is_filtered_stays_ones_own(cast, appointments):
    mine = scheduling.appointments(cast.actor("ana"), patient_id=cast.boris, doctor_id=cast.chen, status="upcoming")
    assert found(appointments, mine.results) == ["early", "later", "morning"]


@pytest.mark.parametrize("name", ["doctor_id", "patient_id", "department_id"])
@pytest.mark.parametrize("unknown", [0, -1, 424242, MAX_ID + 1, 10**30])
def test_an_unknown_filter_is_not_found(cast, appointments, name, unknown):
    with pytest.raises(NotFound):
        scheduling.appointments(cast.actor("esther"), **{name: unknown})


def test_a_doctor_who_was_switched_off_is_no_filter(cast, appointments):
    with transaction() as session:
        session.execute(update(User).where(User.id == cast.chen).values(is_active=False))
    with pytest.raises(NotFound):
        scheduling.appointments(cast.actor("esther"), doctor_id=cast.chen)


def test_an_unknown_status_is_bad_input(cast, appointments):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.appointments(cast.actor("ana"), status="soon")
    assert list(refusal.value.errors) == ["status"]


def test_lists_come_in_pages(cast, appointments):
    page = scheduling.appointments(cast.actor("esther"), page=PageRequest(2, 4))
    assert (found(appointments, page.results), page.count, page.previous, page.next) == (
        ["boris", "past"],
        6,
        "1",
        None,
    )
    with pytest.raises(NotFound) as refusal:
        scheduling.appointments(cast.actor("esther"), page=PageRequest(3, 4))
    assert refusal.value.code == "invalid_page"


def test_lists_are_for_people_who_are_signed_in(appointments):
    for look in (
        lambda: scheduling.appointments(None),
        lambda: scheduling.appointment(None, appointments["past"]),
        lambda: scheduling.history(None, appointments["past"]),
        lambda: scheduling.day_of(None, MONDAY),
        lambda: scheduling.next_appointment(None),
    ):
        with pytest.raises(Unauthenticated):
            look()


# --- one visit and its history ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"), [("ana", True), ("boris", False), ("chen", True), ("diallo", False), ("esther", True)]
)
def test_a_visit_and_its_history_are_seen_by_its_own_people(cast, appointments, who, sees):
    actor = cast.actor(who)
    for look in (scheduling.appointment, scheduling.history):
        if sees:
            assert look(actor, appointments["past"])
        else:
            with pytest.raises(NotFound):
                look(actor, appointments["past"])


@pytest.mark.parametrize("unknown", [0, -1, 424242, MAX_ID + 1])
def test_an_unknown_visit_is_not_found(cast, appointments, unknown):
    for look in (scheduling.appointment, scheduling.history):
        with pytest.raises(NotFound):
            look(cast.actor("esther"), unknown)


def test_a_visit_tells_the_apis_keys_then_when_it_starts_and_its_version(cast, appointments):
    row = scheduling.appointment(cast.actor("ana"), appointments["early"])
    assert list(row) == [
        "id", "patient", "doctor", "department", "service", "appointment_date", "appointment_time", "room", "status",
        "symptoms", "reason", "notes", "estimated_fee", "examination_fee", "service_fee", "cancellation_reason", "cancelled_at",
        "rescheduled_from",        "created_at", "updated_at", "starts_at", "version",
    ]  # fmt: skip
    assert list(row["patient"]) == ["id", "full_name", "email", "phone_num"]
    assert list(row["doctor"]) == ["id", "full_name", "specialization", "title", "rating", "avatar_url"]
    assert row["doctor"]["rating"] == 4.8
    assert type(row["doctor"]["rating"]) is float


def test_the_history_tells_the_whole_story_in_order(cast, book, clock_at):
    clock_at("2026-03-02 12:00")
    appointment_id = book(on=TUESDAY + timedelta(days=5))["id"]
    chen, ana = cast.actor("chen"), cast.actor("ana")
    scheduling.confirm(chen, appointment_id)
    scheduling.reschedule(ana, appointment_id, on=TUESDAY + timedelta(days=6), at=scheduling.SLOT_TIMES[0])
    scheduling.confirm(cast.actor("esther"), appointment_id)
    scheduling.assign_service(chen, appointment_id, cast.ecg)
    scheduling.complete(chen, appointment_id)
    assert [(line["what"], line["by_role"], line["from_status"], line["to_status"])
            for line in scheduling.history(ana, appointment_id)] == [
        ("created", "patient", None, "booked"),
        ("confirmed", "doctor", "booked", "confirmed"),
        ("rescheduled", "patient", "confirmed", "booked"),
        ("confirmed", "admin", "booked", "confirmed"),
        ("service_assigned", "doctor", "confirmed", "confirmed"),
        ("completed", "doctor", "confirmed", "completed"),
    ]  # fmt: skip


# --- a day, the next visit --------------------------------------------------------------------------------------------


def test_a_day_goes_by_time_with_the_cancelled_visits_last(cast, appointments):
    assert found(appointments, scheduling.day_of(cast.actor("chen"), MONDAY)) == ["morning", "boris", "gone"]
    assert found(appointments, scheduling.day_of(cast.actor("esther"), TUESDAY)) == ["early", "later"]
    assert found(appointments, scheduling.day_of(cast.actor("diallo"), MONDAY)) == []


@pytest.mark.parametrize(
    ("now", "who", "expected"),
    [
        ("2026-03-02 08:59:59", "ana", "morning"),
        ("2026-03-02 09:00", "ana", "early"),
        ("2026-03-03 08:30", "ana", "later"),
        ("2026-03-03 16:00", "ana", None),
        ("2026-03-02 12:00", "chen", "boris"),
        ("2026-03-02 12:00", "diallo", "later"),
    ],
)
def test_the_next_visit_is_the_first_that_hasnt_begun(cast, appointments, clock_at, now, who, expected):
    clock_at(now)
    row = scheduling.next_appointment(cast.actor(who))
    assert (found(appointments, [row]) if row else [None]) == [expected]


def test_days_and_upcoming_change_at_midnight_in_the_clinic(cast, appointments, clock_at):
    clock_at("2026-03-02 23:59:59")
    esther = cast.actor("esther")
    assert "boris" in found(appointments, scheduling.appointments(esther, status="upcoming").results)
    clock_at("2026-03-03 00:00")
    assert found(appointments, scheduling.appointments(esther, status="upcoming").results) == ["early", "later"]


def test_how_many_visits_a_patient_has_elsewhere_is_told_to_their_doctors_alone(cast, clock_at):
    clock_at("2026-03-02 12:00")
    appointment(cast.ana, cast.chen, date(2026, 2, 2), status="completed")
    for day, status in ((3, "completed"), (4, "cancelled"), (20, "booked")):
        appointment(cast.ana, cast.diallo, date(2026, 2, day), status=status)
    assert scheduling.appointments_to_others(cast.actor("chen"), cast.ana) == 2
    assert scheduling.appointments_to_others(cast.actor("diallo"), cast.ana) == 1
    for who, patient in (("chen", cast.boris), ("chen", 0)):
        with pytest.raises(NotFound):
            scheduling.appointments_to_others(cast.actor(who), patient)
    for who in ("ana", "esther"):
        with pytest.raises(Forbidden):
            scheduling.appointments_to_others(cast.actor(who), cast.ana)
