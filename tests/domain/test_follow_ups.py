"""Follow-ups: kept, booked, due or overdue, from the day that was asked for and the visits since."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import records
from clinic.accounts.models import NO_PASSWORD, User
from clinic.db import transaction
from clinic.directory.models import Department
from clinic.errors import Unauthenticated
from clinic.records import FollowUpState, LaterAppointment, follow_up_state
from tests import factories
from tests.factories import appointment, at_clinic, record

SEEN, DUE = date(2026, 2, 2), date(2026, 3, 2)
TODAY = date(2026, 3, 2)


def later(day: str, *, attended: bool, number: int = 7, asks_again: bool = False) -> LaterAppointment:
    """A visit to the same doctor at nine."""
    return LaterAppointment(number, at_clinic(date.fromisoformat(day), "09:00"), attended, asks_again)


@pytest.mark.parametrize(
    ("appointments", "today", "state", "which"),
    [
        ([], "2026-02-10", "due", None),
        ([], "2026-03-02", "due", None),  # the day itself is no delay
        ([], "2026-03-03", "overdue", None),
        ([later("2026-02-28", attended=True)], "2026-03-10", "kept", 7),
        ([later("2026-05-04", attended=True)], "2026-06-01", "kept", 7),  # late, but kept
        ([later("2026-02-15", attended=True)], "2026-03-10", "overdue", None),  # less than half of the time: for something else
        ([later("2026-02-05", attended=True, asks_again=True)], "2026-02-10", "kept", 7),  # with a new day set at it
        ([later("2026-02-02", attended=True, asks_again=True)], "2026-02-10", "due", None),
        ([later("2026-02-16", attended=True)], "2026-03-10", "kept", 7),
        ([later("2026-02-27", attended=False)], "2026-02-10", "booked", 7),
        ([later("2026-03-10", attended=False)], "2026-03-10", "booked", 7),  # today, whatever the hour
        ([later("2026-03-05", attended=False)], "2026-03-10", "overdue", None),  # nobody knows whether the patient came
        ([later("2026-02-02", attended=True)], "2026-03-10", "overdue", None),  # the same day
        ([later("2026-03-20", attended=False, number=9), later("2026-03-04", attended=True)], "2026-03-10", "kept", 7),
        ([later("2026-03-20", attended=False, number=9), later("2026-03-12", attended=False)], "2026-03-10", "booked", 7),
    ],
)  # fmt: skip
def test_how_a_follow_up_stands(appointments, today, state, which):
    found, chosen = follow_up_state(SEEN, DUE, appointments, date.fromisoformat(today))
    assert (found, chosen and chosen.appointment_id) == (state, which)


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(
    seen=days, wait=st.integers(0, 400), today=days, appointments=st.lists(st.tuples(days, st.booleans()), max_size=6)
)
def test_it_is_kept_or_booked_exactly_if_a_visit_says_so(seen, wait, today, appointments):
    due = seen + timedelta(days=wait)
    those = [later(on.isoformat(), attended=attended) for on, attended in appointments]
    state, chosen = follow_up_state(seen, due, those, today)
    assert (chosen is not None) == (state in (FollowUpState.KEPT, FollowUpState.BOOKED))
    if chosen is None:
        assert (state is FollowUpState.OVERDUE) == (due < today)
    else:
        assert chosen.on > seen
        assert chosen.attended or chosen.on >= today
    assert follow_up_state(seen, due, reversed(those), today)[0] is state, "the order tells nothing"


# --- of people's records ----------------------------------------------------------------------------------------------


@pytest.fixture
def asked_again(app_context, cast, clock_at):
    """Ana was with Dr Chen on 2 February and is to come again on 2 March, which is today; the id of that visit."""
    clock_at("2026-03-02 07:00")
    seen = appointment(cast.ana, cast.chen, SEEN, status="completed")
    record(seen, cast.chen, follow_up_date=DUE)
    return seen


def states(cast, reader="ana", **more):
    """The follow-ups of a reader, by visit."""
    return {each.appointment_id: each.state for each in records.follow_ups_of(cast.actor(reader), **more)}


def test_cancelled_visits_and_those_to_others_do_not_count(cast, asked_again):
    appointment(cast.ana, cast.chen, TODAY + timedelta(days=1), status="cancelled")
    appointment(cast.ana, cast.diallo, TODAY + timedelta(days=2))
    appointment(cast.boris, cast.chen, TODAY + timedelta(days=3))
    colleague = factories.doctor("Dr Colleague", department_id=cast.cardiology)
    appointment(cast.ana, colleague, TODAY + timedelta(days=4))
    (found,) = records.follow_ups_of(cast.actor("ana"))
    assert (found.appointment_id, found.due, found.state, found.appointment) == (asked_again, DUE, "due", None)
    assert (found.doctor_id, found.doctor_name, found.department_id) == (cast.chen, "Dr Chen", cast.cardiology)
    assert found.is_open
    assert found.bookable


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [(User, "is_active", False), (User, "password_hash", NO_PASSWORD), (Department, "is_active", False)],
    ids=["switched off", "not here yet", "department closed"],
)
def test_who_cannot_be_booked_is_not_offered(cast, asked_again, kind, column, value):
    with transaction() as session:
        setattr(session.get_one(kind, cast.chen if kind is User else cast.cardiology), column, value)
    (found,) = records.follow_ups_of(cast.actor("ana"))
    assert found.is_open
    assert not found.bookable


def test_a_visit_with_a_record_was_held_though_nobody_completed_it(cast, asked_again):
    came = appointment(cast.ana, cast.chen, date(2026, 2, 27), status="confirmed")
    assert states(cast) == {asked_again: "due"}
    record(came, cast.chen)
    (found,) = records.follow_ups_of(cast.actor("ana"))
    assert found.state == "kept"
    assert (found.appointment.appointment_id, found.appointment.on) == (came, date(2026, 2, 27))


def test_a_visit_that_has_not_begun_is_booked_though_something_is_written_already(cast, asked_again):
    coming = appointment(cast.ana, cast.chen, TODAY + timedelta(days=4), status="confirmed")
    record(coming, cast.chen)
    (found,) = records.follow_ups_of(cast.actor("ana"))
    assert (found.state, found.appointment.appointment_id) == ("booked", coming)


def test_each_sees_their_own(cast, asked_again):
    assert states(cast, "ana") == states(cast, "chen") == states(cast, "esther") == {asked_again: "due"}
    assert states(cast, "boris") == states(cast, "diallo") == {}
    assert states(cast, "chen", patient_id=cast.boris) == states(cast, "chen", appointment_ids=[]) == {}
    assert states(cast, "chen", patient_id=cast.ana, appointment_ids=[asked_again]) == {asked_again: "due"}
    with pytest.raises(Unauthenticated):
        records.follow_ups_of(None)


@pytest.mark.parametrize(
    ("due", "to_book", "from_day"),
    [
        ("2026-03-01", None, None),  # never a day of the past
        ("2026-03-02", "2026-03-02", None),
        ("2026-04-01", "2026-04-01", None),
        ("2026-04-02", None, "2026-03-03"),  # 31 days ahead
        ("2026-08-31", None, "2026-08-01"),
    ],
)
def test_which_day_can_be_booked_and_from_when(app_context, cast, clock_at, due, to_book, from_day):
    clock_at("2026-03-02 07:00")
    record(
        appointment(cast.ana, cast.chen, SEEN, status="completed"), cast.chen, follow_up_date=date.fromisoformat(due)
    )
    (found,) = records.follow_ups_of(cast.actor("ana"))
    assert (found.day_to_book, found.bookable_from) == (
        to_book and date.fromisoformat(to_book),
        from_day and date.fromisoformat(from_day),
    )
