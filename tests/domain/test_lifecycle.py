"""The life of a visit: every status with every change, the 24 hours, and the diagram in the docs."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from clinic.scheduling import lifecycle
from clinic.scheduling.lifecycle import AppointmentStatus, Transition
from clinic.settings import BookingRules

STARTS = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
LONG_BEFORE = STARTS - timedelta(days=5)
SECOND = timedelta(seconds=1)
RULES = BookingRules()

#: Where each change leads from each status; what is not written here is refused.
LEADS_TO = {
    (Transition.CONFIRM, AppointmentStatus.BOOKED): AppointmentStatus.CONFIRMED,
    (Transition.COMPLETE, AppointmentStatus.CONFIRMED): AppointmentStatus.COMPLETED,
    (Transition.REOPEN, AppointmentStatus.COMPLETED): AppointmentStatus.CONFIRMED,
    (Transition.CANCEL, AppointmentStatus.BOOKED): AppointmentStatus.CANCELLED,
    (Transition.CANCEL, AppointmentStatus.CONFIRMED): AppointmentStatus.CANCELLED,
    (Transition.RESCHEDULE, AppointmentStatus.BOOKED): AppointmentStatus.BOOKED,
    (Transition.RESCHEDULE, AppointmentStatus.CONFIRMED): AppointmentStatus.BOOKED,
    (Transition.HAND_OVER, AppointmentStatus.BOOKED): AppointmentStatus.BOOKED,
    (Transition.HAND_OVER, AppointmentStatus.CONFIRMED): AppointmentStatus.CONFIRMED,
    (Transition.ASSIGN_SERVICE, AppointmentStatus.CONFIRMED): AppointmentStatus.CONFIRMED,
    (Transition.ASSIGN_SERVICE, AppointmentStatus.COMPLETED): AppointmentStatus.COMPLETED,
    (Transition.WRITE_RECORD, AppointmentStatus.CONFIRMED): AppointmentStatus.CONFIRMED,
    (Transition.WRITE_RECORD, AppointmentStatus.COMPLETED): AppointmentStatus.COMPLETED,
}


@pytest.mark.parametrize(("change", "status"), list(product(Transition, AppointmentStatus)))
def test_each_change_is_possible_from_its_statuses_only(change, status):
    refusal = lifecycle.why_not(change, status, starts_at=STARTS, now=LONG_BEFORE, rules=RULES)
    if (change, status) in LEADS_TO:
        assert refusal is None
        assert lifecycle.status_after(change, status) is LEADS_TO[change, status]
    else:
        assert refusal is not None
        assert refusal.code == "invalid_transition"
        assert refusal.message.endswith(".")


@pytest.mark.parametrize("change", list(Transition))
def test_nothing_can_be_done_with_a_cancelled_visit(change):
    refusal = lifecycle.why_not(
        change, AppointmentStatus.CANCELLED, starts_at=STARTS, now=LONG_BEFORE, rules=RULES, may_be_late=True
    )
    assert refusal is not None
    assert refusal.message == "This visit was cancelled."


@pytest.mark.parametrize("status", [AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED])
@pytest.mark.parametrize(
    ("moment", "in_time"),
    [
        (STARTS - timedelta(hours=24) - SECOND, True),
        (STARTS - timedelta(hours=24), True),
        (STARTS - timedelta(hours=24) + SECOND, False),
        (STARTS, False),
        (STARTS + timedelta(days=9), False),
    ],
)
def test_cancelling_takes_24_hours_notice_unless_one_may_be_late(status, moment, in_time):
    refusal = lifecycle.why_not(Transition.CANCEL, status, starts_at=STARTS, now=moment, rules=RULES)
    assert (refusal is None) is in_time
    if refusal is not None:
        assert refusal.code == "too_late"
    assert (
        lifecycle.why_not(Transition.CANCEL, status, starts_at=STARTS, now=moment, rules=RULES, may_be_late=True)
        is None
    )


def test_the_wrong_status_is_told_before_the_lateness():
    refusal = lifecycle.why_not(
        Transition.CANCEL, AppointmentStatus.COMPLETED, starts_at=STARTS, now=STARTS, rules=RULES
    )
    assert refusal is not None
    assert refusal.code == "invalid_transition"


@pytest.mark.parametrize(
    ("moment", "code"), [(STARTS - SECOND, None), (STARTS, "too_late"), (STARTS + SECOND, "too_late")]
)
@pytest.mark.parametrize("may_be_late", [False, True])
def test_a_visit_can_be_moved_until_the_second_in_which_it_begins(moment, code, may_be_late):
    refusal = lifecycle.why_not(
        Transition.RESCHEDULE,
        AppointmentStatus.BOOKED,
        starts_at=STARTS,
        now=moment,
        rules=RULES,
        may_be_late=may_be_late,
    )
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize("moment", [LONG_BEFORE, STARTS, STARTS + timedelta(days=400)])
@pytest.mark.parametrize("change", [Transition.COMPLETE, Transition.ASSIGN_SERVICE, Transition.WRITE_RECORD])
def test_the_doctors_work_doesnt_look_at_the_clock(change, moment):
    assert lifecycle.why_not(change, AppointmentStatus.CONFIRMED, starts_at=STARTS, now=moment, rules=RULES) is None


def test_where_a_visit_stands_tells_its_status_its_moment_and_its_doctor():
    assert lifecycle.state_of(AppointmentStatus.BOOKED, STARTS, 7) == "booked@20260310T0200Z/7"
    told = {
        lifecycle.state_of(status, STARTS + late, doctor_id)
        for status in AppointmentStatus
        for late in (0 * SECOND, timedelta(minutes=30))
        for doctor_id in (7, 8)
    }
    assert len(told) == 4 * len(AppointmentStatus)


def test_the_deadline_is_24_hours_before_the_start():
    assert lifecycle.change_deadline(STARTS, RULES) == STARTS - timedelta(hours=24)


def test_a_clinic_may_decide_on_another_notice():
    rules, moment = BookingRules(notice_hours=12), STARTS - timedelta(hours=12)
    assert (
        lifecycle.why_not(Transition.CANCEL, AppointmentStatus.BOOKED, starts_at=STARTS, now=moment, rules=rules)
        is None
    )
    refusal = lifecycle.why_not(
        Transition.CANCEL, AppointmentStatus.BOOKED, starts_at=STARTS, now=moment + SECOND, rules=rules
    )
    assert refusal is not None
    assert (refusal.code, refusal.params) == ("too_late", {"hours": 12})


def test_the_docs_show_the_table_as_it_is(root: Path):
    shown = (root / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    block = f"```mermaid\n{lifecycle.diagram()}\n```"
    assert block in shown, (
        f"docs/lifecycle.md no longer shows {inspect.getsourcefile(lifecycle)}'s table. Put this into it:\n\n{block}"
    )
