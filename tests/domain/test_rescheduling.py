"""Moving a visit: the slot rules of a booking, and what is kept of where it came from."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import update

from clinic import mail, scheduling
from clinic.accounts.models import User
from clinic.db import transaction
from clinic.directory.models import Room
from clinic.errors import Conflict, InvalidInput
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def anas(cast, clock_at) -> int:
    """Ana's confirmed visit to Dr Chen on Tuesday at nine; it is Monday noon and the clock stands."""
    clock_at("2026-03-02 12:00")
    return appointment(
        cast.ana, cast.chen, TUESDAY, "09:00", status="confirmed", room_id=cast.chens_room, notes="By bus"
    )


def move(actor, appointment_id, on: date = FRIDAY, at: str = "10:30", **more):
    """Move a visit, to Friday half past ten as far as a test doesn't tell otherwise."""
    return scheduling.reschedule(actor, appointment_id, on=on, at=time.fromisoformat(at), **more)


@pytest.mark.parametrize("who", ["ana", "chen", "esther"])
def test_a_moved_visit_waits_for_confirmation_and_tells_where_it_came_from(cast, anas, who):
    row = move(cast.actor(who), anas, reason=" Exam ")
    assert row["status"] == "booked"
    assert (row["appointment_date"], row["appointment_time"]) == (FRIDAY, time(10, 30))
    assert row["rescheduled_from"] == {"date": "2026-03-03", "time": "09:00"}
    assert row["notes"] == "By bus\nRescheduled: Exam"
    assert row["room"]["room_number"] == "201"
    told = scheduling.history(cast.actor("esther"), anas)[-1]
    assert (told["what"], told["from_status"], told["to_status"], told["details"]) == (
        "rescheduled",
        "confirmed",
        "booked",
        {
            "from": {"date": "2026-03-03", "time": "09:00"},
            "to": {"date": "2026-03-06", "time": "10:30"},
            "reason": "Exam",
        },
    )
    [letter] = mail.all_mail()
    assert letter["to"] == "ana@example.com"


def test_without_a_reason_the_notes_stay(cast, anas):
    assert move(cast.actor("ana"), anas)["notes"] == "By bus"


def test_the_reason_begins_the_notes_of_a_visit_without_any(cast, anas):
    other = appointment(cast.boris, cast.chen, TUESDAY, "11:00")
    assert move(cast.actor("boris"), other, reason="Exam")["notes"] == "Rescheduled: Exam"


def test_the_notes_take_the_lines_of_moves_and_can_still_be_edited(cast, day):
    esther = cast.actor("esther")
    told, why = "n" * scheduling.NOTES_MAX, "w" * scheduling.REASON_MAX
    number = appointment(cast.ana, cast.chen, day(3), notes=told)
    line = f"\nRescheduled: {why}"
    for moves in range(1, 4):
        row = move(esther, number, day(3 + moves), reason=why)
        assert row["notes"] == told + moves * line
    again = scheduling.edit_appointment(esther, number, {"notes": row["notes"]})
    assert again["notes"] == row["notes"], "what is shown can be saved"


def test_a_move_whose_reason_does_not_fit_is_refused_and_goes_without_one(cast, day):
    esther = cast.actor("esther")
    full = "n" * (scheduling.NOTES_STORED_MAX - len("\nRescheduled: Exam") + 1)
    number = appointment(cast.ana, cast.chen, day(3), notes=full)
    with pytest.raises(InvalidInput) as refusal:
        move(esther, number, day(4), reason="Exam")
    assert list(refusal.value.errors) == ["reason"]
    assert scheduling.appointment(esther, number)["appointment_date"] == day(3)
    assert move(esther, number, day(4), reason="Exa")["notes"] == f"{full}\nRescheduled: Exa"
    assert move(esther, number, day(5))["appointment_date"] == day(5)


def test_the_last_slot_before_is_kept_not_the_first(cast, anas):
    ana = cast.actor("ana")
    move(ana, anas)
    assert move(ana, anas, at="11:00")["rescheduled_from"] == {"date": "2026-03-06", "time": "10:30"}


def test_the_old_slot_is_free_again(cast, anas, book):
    move(cast.actor("ana"), anas)
    assert book("boris", on=TUESDAY, at="09:00")["room"]["room_number"] == "201"


def test_moving_needs_no_24_hours_only_a_visit_that_hasnt_begun(cast, anas, clock_at):
    ana = cast.actor("ana")
    clock_at("2026-03-03 08:59:59")
    move(ana, anas, on=TUESDAY, at="10:00")
    clock_at("2026-03-03 10:00")
    for who in ("ana", "esther"):
        with pytest.raises(Conflict) as refusal:
            move(cast.actor(who), anas)
        assert refusal.value.code == "too_late"


@pytest.mark.parametrize(
    ("on", "at", "field"),
    [
        (TUESDAY, "09:00", "new_time"),  # where it is
        (MONDAY, "09:00", "new_time"),  # past
        (FRIDAY, "09:10", "new_time"),
        (FRIDAY, "17:00", "new_time"),
        (MONDAY - timedelta(days=1), "09:00", "new_date"),
        (MONDAY + timedelta(days=31), "09:00", "new_date"),
    ],
)
def test_the_slot_rules_are_those_of_a_booking(cast, anas, on, at, field):
    with pytest.raises(InvalidInput) as refusal:
        move(cast.actor("ana"), anas, on=on, at=at)
    assert list(refusal.value.errors) == [field]


def test_a_reason_has_an_end(cast, anas):
    with pytest.raises(InvalidInput) as refusal:
        move(cast.actor("ana"), anas, reason="x" * 501)
    assert list(refusal.value.errors) == ["reason"]


@pytest.mark.parametrize(
    ("patient", "doctor", "code"),
    [("boris", "chen", "slot_taken"), ("ana", "diallo", "patient_busy"), ("ana", "chen", "slot_taken")],
)
def test_a_taken_time_is_reported_on_new_time_and_nothing_moves(cast, anas, patient, doctor, code):
    appointment(getattr(cast, patient), getattr(cast, doctor), FRIDAY, "10:30")
    ana = cast.actor("ana")
    before = scheduling.appointment(ana, anas)
    with pytest.raises(Conflict) as refusal:
        move(ana, anas)
    assert (refusal.value.code, list(refusal.value.errors)) == (code, ["new_time"])
    assert scheduling.appointment(ana, anas) == before
    assert (len(scheduling.history(ana, anas)), mail.all_mail()) == (1, [])


def test_the_room_is_chosen_anew(cast, anas):
    appointment(cast.boris, cast.diallo, FRIDAY, "10:30", room_id=cast.chens_room)
    assert move(cast.actor("ana"), anas)["room"]["room_number"] == "202"
    with transaction() as session:
        session.execute(update(Room).values(is_active=False))
    assert move(cast.actor("ana"), anas, at="11:00")["room"] is None


def test_the_fee_and_the_service_stay(cast, anas):
    scheduling.assign_service(cast.actor("chen"), anas, cast.ecg)
    row = move(cast.actor("ana"), anas)
    assert (row["service"]["id"], f"{row['estimated_fee']:.0f}") == (cast.ecg, "350000")


def test_nobody_moves_to_a_doctor_who_sees_no_patients(cast, anas):
    with transaction() as session:
        session.execute(update(User).where(User.id == cast.chen).values(is_active=False))
    with pytest.raises(InvalidInput) as refusal:
        move(cast.actor("esther"), anas)
    assert list(refusal.value.errors) == ["new_date"]


def test_a_cancelled_visit_is_in_nobodys_way(cast, anas):
    appointment(factories.patient("Third"), cast.chen, FRIDAY, "10:30", status="cancelled")
    assert move(cast.actor("ana"), anas)["status"] == "booked"
