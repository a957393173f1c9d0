"""Visits that can't stay as they are: what is proposed and held for them, and what settling them does and tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from clinic import mail, scheduling
from clinic.db import db, rolled_back, session
from clinic.errors import Forbidden, InvalidInput
from clinic.scheduling import Choice, EntryKind, ProposalKind, Settlement, WaitingVisit, Way
from clinic.scheduling.calendar_models import SlotHold, VisitToSettle
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import CHEN, Cast
from tests.settings import PATIENCE
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
TIMES = [f"{at:%H:%M}" for at in scheduling.SLOT_TIMES]


@pytest.fixture
def colleague(cast: Cast, clock_at: Any) -> int:
    """Another doctor of Dr Chen's department; it is seven on Monday."""
    clock_at("2026-03-02 07:00")
    return factories.doctor("Dr Tran", department_id=cast.cardiology)


def away(cast: Cast, count: int = 2, on: date = TUESDAY) -> list[WaitingVisit]:
    """So many visits of Dr Chen, each of another patient, while they are away; Esther's list of them."""
    for at in TIMES[:count]:
        factories.appointment(factories.patient(f"Patient {at}"), cast.chen, on, at, status="confirmed")
    scheduling.take_leave(cast.actor("chen"), first_day=on)
    return scheduling.visits_to_settle(cast.actor("esther"))


def proposed(cast: Cast) -> dict[int, list[scheduling.Proposal]]:
    esther = cast.actor("esther")
    return {
        number: list(found)
        for number, found in scheduling.proposals(esther, scheduling.visits_to_settle(esther)).of_visit.items()
    }


def first_choices(cast: Cast) -> list[Choice]:
    """What the page has chosen: the first proposal of each visit."""
    return [
        Choice(number, Way.MOVE, found[0].doctor_id, found[0].moment.date, found[0].moment.time)
        for number, found in proposed(cast).items()
    ]


def holds() -> list[SlotHold]:
    return list(session().scalars(select(SlotHold).where(SlotHold.released_at.is_(None)).order_by(SlotHold.id)))


def rows() -> dict[int, VisitToSettle]:
    return {row.appointment_id: row for row in session().scalars(select(VisitToSettle))}


def letters() -> list[tuple[str, str]]:
    return sorted((row.kind, row.to) for row in session().scalars(select(mail.OutboxMail)))


# --- proposals and holds ----------------------------------------------------------------------------------------------


def test_the_first_proposal_of_each_is_held_for_it_alone(cast: Cast, colleague: int, clock_at: Any) -> None:
    first, second = away(cast)
    found = proposed(cast)
    assert [each.kind for each in found[first.id]] == [
        ProposalKind.COLLEAGUE, ProposalKind.SAME_DOCTOR, ProposalKind.NEAREST,
    ]  # fmt: skip
    assert found[first.id][0].doctor_id == colleague
    assert [(row.for_appointment_id, row.doctor_id, f"{row.appointment_time:%H:%M}") for row in holds()] == [
        (first.id, colleague, "08:00"),
        (second.id, colleague, "08:30"),
    ]
    shown = scheduling.day_slots(doctor_id=colleague, on=TUESDAY).slots
    assert [slot.reason for slot in shown[:3]] == ["taken", "taken", None]
    assert proposed(cast) == found, "what is held stays the first one"
    assert len(holds()) == 2


def test_a_hold_lasts_a_day_and_never_longer_than_until_the_visit(cast: Cast, colleague: int, clock_at: Any) -> None:
    away(cast, 1, on=MONDAY + timedelta(days=3))
    proposed(cast)
    [held] = holds()
    assert held.until == factories.at_clinic(TUESDAY, "07:00")
    clock_at("2026-03-03 07:00")
    assert scheduling.day_slots(doctor_id=colleague, on=held.appointment_date).slots[0].available
    again = proposed(cast)
    [anew] = holds()
    assert anew.id != held.id
    assert again[anew.for_appointment_id][0].doctor_id == colleague
    clock_at("2026-03-05 06:00")
    proposed(cast)
    assert [row.until for row in holds()] == [factories.at_clinic(MONDAY + timedelta(days=3), "08:00")]


def test_twelve_visits_are_read_and_proposed_in_so_many_statements(cast: Cast, colleague: int) -> None:
    """The visits, mail that was given up and the line of the audit; the rest however many visits there are."""
    esther = cast.actor("esther")
    away(cast, 12)
    with count_statements(db.engine) as reading:
        visits = scheduling.visits_to_settle(esther)
    with count_statements(db.engine) as holding:
        scheduling.proposals(esther, visits)
    with count_statements(db.engine) as again:
        scheduling.proposals(esther, visits)
    assert (len(reading), len(holding), len(again)) == (3, 8, 3)


def test_nothing_is_proposed_of_a_department_that_is_off(cast: Cast, colleague: int) -> None:
    [waiting] = away(cast, 1)
    scheduling.switch(cast.actor("esther"), EntryKind.DEPARTMENT, cast.cardiology, active=False, expected_count=1)
    assert proposed(cast) == {waiting.id: []}
    assert holds() == []


# --- settling ---------------------------------------------------------------------------------------------------------


def test_each_is_settled_by_what_is_chosen_and_told_once(cast: Cast, colleague: int) -> None:
    esther = cast.actor("esther")
    handed, moved, cancelled, kept = (each.id for each in away(cast, 4))
    found = proposed(cast)
    same = next(each for each in found[moved] if each.kind is ProposalKind.SAME_DOCTOR)
    done = scheduling.settle(
        esther,
        [
            Choice(handed, Way.MOVE, colleague, TUESDAY, time(8)),
            Choice(moved, Way.MOVE, cast.chen, same.moment.date, same.moment.time),
            Choice(cancelled, Way.CANCEL),
            Choice(kept, Way.KEEP),
        ],
        reason="Dr Chen is ill",
    )
    assert [row["id"] for row in done.settled] == [handed, moved, cancelled, kept]
    assert (done.already, done.choose_again) == ([], {})
    assert {number: str(row.outcome) for number, row in rows().items()} == {
        handed: "handed_over", moved: "moved", cancelled: "cancelled", kept: "kept",
    }  # fmt: skip
    assert [rows()[each].told_at is None for each in (handed, moved, cancelled, kept)] == [False, False, False, True]
    assert [rows()[each].reason for each in (handed, cancelled)] == ["Dr Chen is ill"] * 2
    kinds = [kind for kind, _to in letters()]
    assert kinds == ["visit_cancelled", "visit_handed_over", "visit_rescheduled"]
    assert holds() == []
    assert scheduling.count_to_settle(esther) == 0


def test_what_was_taken_meanwhile_is_chosen_again_and_the_rest_is_done(cast: Cast, colleague: int) -> None:
    esther = cast.actor("esther")
    first, second = (each.id for each in away(cast))
    factories.appointment(cast.boris, colleague, TUESDAY, "10:00")
    done = scheduling.settle(
        esther,
        [Choice(first, Way.MOVE, colleague, TUESDAY, time(10)), Choice(second, Way.MOVE, colleague, TUESDAY, time(9))],
        reason="Ill",
    )
    assert [row["id"] for row in done.settled] == [second]
    assert {number: refusal.code for number, refusal in done.choose_again.items()} == {first: "slot_taken"}
    assert scheduling.count_to_settle(esther) == 1
    assert [kind for kind, _to in letters()] == ["visit_handed_over"]


def test_pressing_twice_does_and_tells_each_once(cast: Cast, colleague: int) -> None:
    away(cast, 3)
    choices = first_choices(cast)
    assert len(scheduling.settle(cast.actor("esther"), choices).settled) == 3
    again = scheduling.settle(cast.actor("esther"), choices)
    assert (again.settled, sorted(again.already), again.choose_again) == (
        [], sorted(each.appointment_id for each in choices), {},
    )  # fmt: skip
    assert len(letters()) == 3


def test_whoever_was_told_on_the_phone_is_told(cast: Cast, colleague: int) -> None:
    patient = factories.patient_without_email("Lan")
    number = factories.appointment(patient, cast.chen, TUESDAY, "08:00")
    scheduling.take_leave(cast.actor("chen"), first_day=TUESDAY)
    choice = Choice(number, Way.MOVE, colleague, TUESDAY, time(8), by_phone=True)
    assert len(scheduling.settle(cast.actor("esther"), [choice]).settled) == 1
    assert rows()[number].told_at is not None
    assert letters() == []


def test_a_page_that_is_out_of_date_is_refused(cast: Cast, colleague: int) -> None:
    [waiting] = away(cast, 1)
    state = scheduling.state_of(waiting.appointment)
    done = scheduling.settle(cast.actor("esther"), [Choice(waiting.id, Way.CANCEL, expected_state="booked@x")])
    assert {each.code for each in done.choose_again.values()} == {"stale"}
    assert len(scheduling.settle(cast.actor("esther"), [Choice(waiting.id, Way.CANCEL, expected_state=state)]).settled)


@pytest.mark.parametrize("choice", [Choice(0, Way.MOVE), Choice(0, Way.CANCEL)])
def test_what_can_not_be_is_chosen_again(cast: Cast, colleague: int, choice: Choice) -> None:
    [waiting] = away(cast, 1)
    bad = Choice(waiting.id if choice.way is Way.MOVE else 999_999, choice.way)
    assert list(scheduling.settle(cast.actor("esther"), [bad]).choose_again) == [bad.appointment_id]
    assert scheduling.count_to_settle(cast.actor("esther")) == 1


def test_a_reason_that_is_too_long_settles_nothing(cast: Cast, colleague: int) -> None:
    away(cast, 1)
    with pytest.raises(InvalidInput):
        scheduling.settle(cast.actor("esther"), first_choices(cast), reason="x" * (scheduling.REASON_MAX + 1))
    with pytest.raises(Forbidden):
        scheduling.settle(cast.actor("chen"), [])
    assert scheduling.count_to_settle(cast.actor("esther")) == 1


# --- what is switched off ---------------------------------------------------------------------------------------------


def test_a_doctor_a_department_and_a_room_let_visits_wait_while_they_are_off(cast: Cast, colleague: int) -> None:
    esther = cast.actor("esther")
    number = factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00", room_id=cast.chens_room)
    for kind, entry in (
        (EntryKind.ACCOUNT, cast.chen), (EntryKind.DEPARTMENT, cast.cardiology), (EntryKind.ROOM, cast.chens_room),
    ):  # fmt: skip
        scheduling.switch(esther, kind, entry, active=False, expected_count=1)
        [found] = scheduling.visits_to_settle(esther)
        assert (found.id, found.cause, found.cause_id) == (number, "switched_off", entry)
        scheduling.switch(esther, kind, entry, active=True)
        assert scheduling.visits_to_settle(esther) == []
    scheduling.switch(esther, EntryKind.ACCOUNT, cast.ana, active=False, expected_count=1)
    assert scheduling.visits_to_settle(esther) == []


def test_whoever_is_on_again_in_a_department_that_is_off_keeps_no_visits(cast: Cast, colleague: int) -> None:
    esther = cast.actor("esther")
    factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00")
    scheduling.switch_account(CHEN, active=False)
    scheduling.switch(esther, EntryKind.DEPARTMENT, cast.cardiology, active=False, expected_count=1)
    scheduling.switch_account(CHEN, active=True)
    assert scheduling.count_to_settle(esther) == 1
    scheduling.switch(esther, EntryKind.DEPARTMENT, cast.cardiology, active=True)
    assert scheduling.count_to_settle(esther) == 0


# --- at once ----------------------------------------------------------------------------------------------------------


def test_two_of_the_office_press_at_once_and_each_visit_is_settled_once(app: Flask, cast: Cast, colleague: int) -> None:
    away(cast, 6)
    choices, esther = first_choices(cast), cast.actor("esther")
    found: list[Settlement] = []
    together = Barrier(2)

    def press() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            found.append(scheduling.settle(esther, choices))

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(len(each.settled) for each in found) == [0, 6]
    assert sorted(len(each.already) for each in found) == [0, 6]
    assert len(letters()) == 6


def test_two_who_open_the_list_at_once_hold_each_slot_once(app: Flask, cast: Cast, colleague: int) -> None:
    away(cast, 6)
    found: list[Any] = []
    together = Barrier(2)
    esther = cast.actor("esther")

    def look() -> None:
        with app.app_context():
            visits = scheduling.visits_to_settle(esther)
            together.wait(PATIENCE)
            found.append(scheduling.proposals(esther, visits).of_visit)

    threads = [Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [every[number][0] for every in found for number in every] == [
        found[0][number][0] for _ in range(2) for number in found[0]
    ]
    assert len(holds()) == 6


ways = st.one_of(
    st.builds(lambda: ("cancel", 0, 0)),
    st.tuples(st.just("move"), st.integers(0, 1), st.integers(0, 5)),
    st.tuples(st.just("keep"), st.just(0), st.just(0)),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ways, min_size=4, max_size=4))
def test_whatever_is_chosen_no_slot_is_given_twice(
    cast: Cast, colleague: int, clock_at: Callable[[str], object], chosen: list[tuple[str, int, int]]
) -> None:
    clock_at("2026-03-02 07:00")
    with rolled_back():
        visits = away(cast, 4)
        doctors = [cast.chen, colleague]
        choices = [
            Choice(
                each.id, Way(way), doctors[doctor], TUESDAY + timedelta(days=1 - doctor), scheduling.SLOT_TIMES[slot]
            )
            for each, (way, doctor, slot) in zip(visits, chosen, strict=True)
        ]
        done = scheduling.settle(cast.actor("esther"), choices)
        standing = select(Appointment.doctor_id, Appointment.appointment_date, Appointment.appointment_time).where(
            Appointment.status != "cancelled"
        )
        slots = session().execute(standing).all()
        assert len(slots) == len(set(slots))
        assert len(done.settled) + len(done.choose_again) == 4
        open_rows = select(VisitToSettle.appointment_id).where(VisitToSettle.settled_at.is_(None))
        assert set(session().scalars(open_rows)) == set(done.choose_again)
