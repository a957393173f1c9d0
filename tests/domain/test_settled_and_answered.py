"""Visits that are settled, and what their patients answer: one story, from a doctor's leave to the last call."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic import mail, scheduling
from clinic.cli.job_list import JOBS
from clinic.db import session
from clinic.errors import DomainError, InvalidInput
from clinic.scheduling import Answer, Choice, SettlingCause, ToCall, Way
from clinic.scheduling.calendar_models import SlotHold, VisitToSettle
from clinic.scheduling.models import AppointmentEvent
from tests import factories
from tests.mailed import letters, link_to
from tests.people import Cast, actor_of

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
TIMES = (time(8), time(8, 30), time(9))
HANDED_OVER, MOVED = "visit_handed_over", "visit_rescheduled"


@pytest.fixture
def colleague(cast: Cast, clock_at: Any) -> int:
    """Another doctor of Dr Chen's department; it is seven on Monday."""
    clock_at("2026-03-02 07:00")
    return factories.doctor("Dr Tran", department_id=cast.cardiology)


@pytest.fixture
def leave(cast: Cast, colleague: int) -> int:
    """Dr Chen's leave on Tuesday, over three visits."""
    for number, at in enumerate(TIMES):
        patient = factories.patient(f"Patient {number}", email=address(number))
        factories.appointment(patient, cast.chen, TUESDAY, f"{at:%H:%M}", status="confirmed")
    return scheduling.take_leave(cast.actor("chen"), first_day=TUESDAY)


@pytest.fixture
def visits(cast: Cast, leave: int) -> list[int]:
    """Their ids."""
    return [each.id for each in scheduling.visits_to_settle(cast.actor("esther"))]


@pytest.fixture
def handed(cast: Cast, colleague: int, visits: list[int]) -> list[int]:
    """The three visits, handed over to the colleague."""
    done = scheduling.settle(cast.actor("esther"), [choice(each, colleague) for each in visits], reason="Ill")
    assert [row["id"] for row in done.settled] == visits
    return visits


def address(number: int) -> str:
    return f"patient{number}@example.com"


def choice(number: int, doctor_id: int, on: date = TUESDAY) -> Choice:
    of_visit = session().get(scheduling.models.Appointment, number)
    assert of_visit
    return Choice(number, Way.MOVE, doctor_id, on, of_visit.appointment_time)


def waits(cast: Cast) -> list[tuple[int, ToCall | None]]:
    return [(each.id, each.to_call) for each in scheduling.visits_to_settle(cast.actor("esther"))]


def settled(cast: Cast, leave: int) -> scheduling.SettledVisits:
    return scheduling.settled_visits(cast.actor("esther"), cause=SettlingCause.LEAVE, cause_id=leave)


def answers(cast: Cast, leave: int) -> dict[int, Answer | None]:
    return {each.appointment["id"]: each.answer for each in settled(cast, leave).latest}


def outcomes(number: int) -> list[str | None]:
    rows = select(VisitToSettle).where(VisitToSettle.appointment_id == number).order_by(VisitToSettle.id)
    return [row.outcome and str(row.outcome) for row in session().scalars(rows)]


def test_each_gets_one_letter_and_what_they_answer_is_seen(cast: Cast, leave: int, handed: list[int]) -> None:
    assert sorted(to for to, text in letters(HANDED_OVER) if "/visits/answer/" in text) == [
        address(n) for n in range(3)
    ]
    assert len(list(session().scalars(select(mail.OutboxMail.id)))) == 3
    says_yes, declines, moves = handed
    assert answers(cast, leave) == dict.fromkeys(handed, Answer.NONE_YET)
    scheduling.keep_offer(**link_to(address(0), HANDED_OVER))
    scheduling.decline_offer(**link_to(address(1), HANDED_OVER))
    offer = scheduling.offer_by(**link_to(address(2), HANDED_OVER), language="en")
    assert offer
    scheduling.reschedule(offer.patient, moves, on=FRIDAY, at=time(10))
    assert answers(cast, leave) == {says_yes: Answer.YES, moves: Answer.ANOTHER_TIME}
    now = settled(cast, leave)
    assert (now.in_all, now.said_yes, now.unanswered) == (2, 1, 0)
    [called] = scheduling.visits_to_settle(cast.actor("esther"))
    assert (called.id, called.to_call, called.cause_id) == (declines, ToCall.DECLINED, leave)
    assert called.appointment["patient"]["phone_num"]


def test_whoever_declined_and_is_settled_again_isnt_counted_twice(
    cast: Cast, leave: int, handed: list[int], colleague: int
) -> None:
    number = handed[1]
    scheduling.decline_offer(**link_to(address(1), HANDED_OVER))
    again = Choice(number, Way.MOVE, colleague, FRIDAY, time(9), by_phone=True)
    scheduling.settle(cast.actor("esther"), [again])
    assert (waits(cast), settled(cast, leave).in_all, outcomes(number)) == ([], 3, ["declined", "moved"])
    assert answers(cast, leave)[number] is Answer.NONE_YET
    scheduling.keep_offer(**link_to(address(1), MOVED))
    assert answers(cast, leave)[number] is Answer.YES
    scheduling.take_leave(cast.actor("esther"), doctor_id=colleague, first_day=FRIDAY)
    assert waits(cast) == [(number, None)], "they declined something else"


def test_an_answer_twice_or_to_what_has_changed_does_nothing(cast: Cast, leave: int, handed: list[int]) -> None:
    first, second, third = (link_to(address(number), HANDED_OVER) for number in range(3))
    scheduling.decline_offer(**first)
    scheduling.reschedule(cast.actor("esther"), handed[1], on=FRIDAY, at=time(11))
    scheduling.cancel(cast.actor("esther"), handed[2])
    for link in (first, second, third):
        assert scheduling.offer_by(**link, language="en") is None
        for answer in (scheduling.keep_offer, scheduling.decline_offer):
            with pytest.raises(InvalidInput):
                answer(**link)
    assert waits(cast) == [(handed[0], ToCall.DECLINED)]
    assert answers(cast, leave) == {handed[1]: Answer.NONE_YET, handed[2]: None}
    scheduling.keep_offer(**link_to(address(1), MOVED))
    assert answers(cast, leave)[handed[1]] is Answer.YES, "the last letter counts"


def test_declining_leaves_what_was_settled_before_as_it_was(cast: Cast, colleague: int, visits: list[int]) -> None:
    number = visits[0]
    scheduling.settle(cast.actor("esther"), [Choice(number, Way.KEEP)])
    scheduling.hand_over(cast.actor("esther"), number, doctor_id=colleague)
    scheduling.decline_offer(**link_to(address(0), HANDED_OVER))
    assert outcomes(number) == ["kept", "declined", None]


def test_whoever_declines_while_it_waits_anew_waits_once(
    cast: Cast, colleague: int, leave: int, handed: list[int]
) -> None:
    scheduling.take_leave(cast.actor("esther"), doctor_id=colleague, first_day=TUESDAY)
    assert (settled(cast, leave).in_all, len(waits(cast))) == (0, 3)
    scheduling.decline_offer(**link_to(address(0), HANDED_OVER))
    assert waits(cast) == [(handed[0], ToCall.DECLINED), (handed[1], None), (handed[2], None)]


def test_a_doctor_who_goes_away_between_is_refused_and_the_hold_runs_out(
    cast: Cast, colleague: int, visits: list[int], clock_at: Any
) -> None:
    esther = cast.actor("esther")
    scheduling.proposals(esther, scheduling.visits_to_settle(esther))
    scheduling.take_leave(esther, doctor_id=colleague, first_day=TUESDAY, from_time=time(8), to_time=time(8, 30))
    clock_at("2026-03-03 07:30")  # what was held until seven is free for all, and for them too
    done = scheduling.settle(esther, [choice(each, colleague) for each in visits])
    assert list(done.choose_again) == visits[:1]
    assert isinstance(done.choose_again[visits[0]], DomainError)
    assert [row["id"] for row in done.settled] == visits[1:]
    assert len(letters(HANDED_OVER)) == 2


def test_two_of_the_office_settle_with_different_choices_and_the_first_counts(
    cast: Cast, colleague: int, visits: list[int]
) -> None:
    other = factories.admin("Ada", "ada@clinic.example")
    scheduling.settle(cast.actor("esther"), [choice(visits[0], colleague)])
    late = scheduling.settle(actor_of(other), [Choice(visits[0], Way.CANCEL)])
    assert (late.settled, late.already) == ([], [visits[0]])
    assert outcomes(visits[0]) == ["handed_over"]


def test_a_hostile_reason_is_text_and_each_change_is_in_the_history(
    cast: Cast, colleague: int, visits: list[int]
) -> None:
    hostile = "<script>alert(1)</script> {{ 7 * 7 }} %(x)s http://evil.example"
    scheduling.settle(cast.actor("esther"), [choice(each, colleague) for each in visits], reason=hostile)
    assert all(hostile in text for _to, text in letters(HANDED_OVER))
    told = session().scalars(select(AppointmentEvent).where(AppointmentEvent.what == "handed_over"))
    assert [(each.appointment_id, each.details["reason"], each.by_user_id) for each in told] == [
        (each, hostile, cast.esther) for each in visits
    ]


def test_what_has_begun_isnt_counted_and_is_settled_as_gone(
    cast: Cast, colleague: int, visits: list[int], clock_at: Any
) -> None:
    esther = cast.actor("esther")
    scheduling.proposals(esther, scheduling.visits_to_settle(esther))
    before = scheduling.day_desk(esther, TUESDAY)
    clock_at("2026-03-03 08:30")
    desk = scheduling.day_desk(esther, TUESDAY)
    assert (before.to_settle, desk.to_settle, scheduling.count_to_settle(esther)) == (3, 1, 1)
    assert [each.to_settle for each in desk.appointments] == [False, False, True]
    assert before.revision != desk.revision
    [job] = [each for each in JOBS if each.name == "settle-begun"]
    assert job.run() == "2 visits begun that waited to be settled"
    assert job.run() is None
    assert [outcomes(each) for each in visits] == [["gone"], ["gone"], [None]]
    held = select(SlotHold.for_appointment_id).where(SlotHold.released_at.is_(None))
    assert list(session().scalars(held)) == visits[2:]
