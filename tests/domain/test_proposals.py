"""What is proposed in place of visits that can't stay as they are: one of each kind, and no slot twice."""

from __future__ import annotations

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.scheduling.calendar import SLOT_TIMES, Moment
from clinic.scheduling.proposals import DoctorSlot, ProposalKind, Wanted, propose

MONDAY = date(2026, 3, 2)
LONG_AGO = Moment(date.min, time.min)


def at(day: int, clock: str) -> Moment:
    return Moment(MONDAY + timedelta(days=day), time.fromisoformat(clock))


NINE = at(0, "09:00")


def wanted(number: int = 1, moment: Moment = NINE, doctor: int = 1, **more: object) -> Wanted:
    values = {
        "patient_id": number, "colleagues": [1, 2, 3], "busy": set(), "earliest": LONG_AGO,
        "earliest_before": LONG_AGO, "held": None, **more,
    }  # fmt: skip
    return Wanted(id=number, doctor_id=doctor, moment=moment, **values)  # type: ignore[arg-type]


def free(**of_doctor: list[Moment]) -> dict[int, dict[Moment, None]]:
    """The free times of doctors: ``free(d1=[...])``."""
    return {int(name[1:]): dict.fromkeys(sorted(times)) for name, times in of_doctor.items()}


def proposed(visit: Wanted, times: dict[int, dict[Moment, None]]) -> list[tuple[str, int, Moment]]:
    return [(str(each.kind), each.doctor_id, each.moment) for each in propose([visit], times)[visit.id]]


def test_one_of_each_kind_is_proposed() -> None:
    times = free(d1=[at(0, "15:00"), at(3, "09:00"), at(9, "09:00")], d2=[at(0, "10:00")], d3=[at(0, "09:00")])
    assert proposed(wanted(), times) == [
        ("colleague", 3, at(0, "09:00")),
        ("same_doctor", 1, at(3, "09:00")),
        ("nearest", 2, at(0, "10:00")),
    ]


def test_another_time_of_day_is_nearer_than_the_same_one_weeks_ahead() -> None:
    assert proposed(wanted(), free(d1=[at(1, "10:00"), at(8, "09:00")]))[0] == ("same_doctor", 1, at(1, "10:00"))


def test_what_the_patient_can_not_have_is_not_proposed() -> None:
    """They have another visit then, or can't be told in time; later than their own time they are there anyway."""
    visit = wanted(moment=at(0, "14:00"), busy={at(0, "14:30")}, earliest=at(0, "12:00"))
    times = free(d1=[at(0, "11:30"), at(0, "12:00"), at(0, "14:30")], d2=[at(0, "11:30")])
    assert proposed(visit, times) == [("same_doctor", 1, at(0, "12:00"))]
    soon = wanted(moment=at(0, "09:00"), earliest=at(0, "10:00"))
    assert proposed(soon, free(d2=[at(0, "08:30"), at(0, "09:00"), at(0, "09:30")])) == [
        ("colleague", 2, at(0, "09:00")),
        ("nearest", 2, at(0, "09:30")),
    ]


def test_a_day_before_theirs_they_are_told_a_day_ahead() -> None:
    visit = wanted(moment=at(2, "09:00"), earliest=at(0, "10:00"), earliest_before=at(1, "08:00"))
    times = free(d1=[at(0, "11:00"), at(1, "08:00"), at(8, "10:00")])
    assert proposed(visit, times)[0] == ("same_doctor", 1, at(1, "08:00"))


def test_nothing_is_proposed_where_nothing_is_free() -> None:
    assert proposed(wanted(), {}) == []


def test_what_is_held_comes_first_and_nobody_else_is_offered_it() -> None:
    held = DoctorSlot(2, at(0, "10:00"))
    visits = [wanted(1, at(0, "09:30"), held=held), wanted(2, at(0, "10:00"))]
    found = propose(visits, free(d2=[at(0, "09:30")], d3=[at(0, "10:00")]))
    assert [(each.kind, each.doctor_id) for each in found[1]] == [
        (ProposalKind.NEAREST, 2),
        (ProposalKind.COLLEAGUE, 2),
    ]
    assert [(each.kind, each.doctor_id) for each in found[2]] == [(ProposalKind.COLLEAGUE, 3)]


def test_everybody_gets_a_first_proposal_before_anybody_a_second_one() -> None:
    found = propose([wanted(1), wanted(2, at(0, "09:30"))], free(d2=[at(0, "09:00"), at(0, "10:00")]))
    assert [len(found[each]) for each in (1, 2)] == [1, 1]


def test_a_patient_is_not_offered_one_time_for_two_visits() -> None:
    visits = [wanted(1), wanted(2, at(0, "09:00"), doctor=3, patient_id=1)]
    found = propose(visits, free(d1=[at(1, "09:00")], d2=[at(0, "09:00"), at(1, "09:00")]))
    moments = [each.moment for every in found.values() for each in every]
    assert len(moments) == len(set(moments))


moments = st.builds(Moment, st.dates(MONDAY, MONDAY + timedelta(days=2)), st.sampled_from(SLOT_TIMES[:4]))
doctors = st.integers(1, 4)
visits = st.lists(st.tuples(doctors, moments, st.integers(1, 3), st.sets(moments, max_size=2)), max_size=8)


@settings(max_examples=60)
@given(visits, st.dictionaries(doctors, st.sets(moments)))
def test_no_slot_is_proposed_twice_and_only_free_ones(
    rows: list[tuple[int, Moment, int, set[Moment]]], times: dict[int, set[Moment]]
) -> None:
    visits = [
        wanted(number, moment, doctor, patient_id=patient, busy=busy, colleagues=[1, 2, 3, 4])
        for number, (doctor, moment, patient, busy) in enumerate(rows)
    ]
    found = propose(visits, {each: dict.fromkeys(sorted(free)) for each, free in times.items()})
    slots = [(each.doctor_id, each.moment) for every in found.values() for each in every]
    assert len(slots) == len(set(slots))
    assert all(moment in times[doctor] for doctor, moment in slots)
    by_patient = [(visit.patient_id, each.moment) for visit in visits for each in found[visit.id]]
    assert len(by_patient) == len(set(by_patient))
    assert all(len({each.kind for each in every}) == len(every) for every in found.values())
