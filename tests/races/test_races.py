"""What happens when people act at the same moment: one change, one clear refusal, and never a server error."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from clinic import scheduling
from clinic.db import session, transaction
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import Cast, actor_of
from tests.races.conftest import Crowd, at_once, by_api, by_page, sending
from tests.servers import LiveServer

ROUNDS = 6
HALF = 25


def outcome(answer: httpx.Response) -> str:
    """What an answer says, in a word; the whole of it where it is neither a success nor a clear refusal."""
    if answer.status_code == 303 and "booked=1" in answer.headers["Location"]:
        return "done"
    if answer.status_code in (200, 201) and answer.headers["Content-Type"].startswith("application/json"):
        return "done"
    if answer.status_code in (409, 412):
        is_api = answer.headers["Content-Type"].startswith("application/json")
        return str(answer.json()["code"]) if is_api else "refused"
    return f"{answer.status_code} {answer.text[:500]}"


def wish_for(cast: Cast, doctor: str, on: date, at: str = "09:00") -> dict[str, Any]:
    """The four choices of a booking, as the address of the page carries them."""
    departments = {"chen": cast.cardiology, "diallo": cast.neurology}
    return {"department": departments[doctor], "doctor": getattr(cast, doctor), "day": on.isoformat(), "time": at}


def appointments_at(server: LiveServer, on: date, at: str) -> list[Appointment]:
    """The visits that stand at a moment."""
    with server.app.app_context():
        rows = session().scalars(select(Appointment).where(Appointment.appointment_date == on))
        return [row for row in rows if f"{row.appointment_time:%H:%M}" == at]


def happenings(server: LiveServer, reader: int, appointment_id: int) -> list[str]:
    """A visit's history in a word each; it must lead, step by step, to the status that the visit has."""
    with server.app.app_context():
        actor = actor_of(reader)
        lines = scheduling.history(actor, appointment_id)
        status = scheduling.appointment(actor, appointment_id)["status"]
    steps = [(line["from_status"], line["to_status"]) for line in lines]
    assert steps[0][0] is None
    assert [before for before, _ in steps[1:]] == [after for _, after in steps[:-1]]
    assert steps[-1][1] == status
    return [str(line["what"]) for line in lines]


def test_fifty_people_want_one_slot_half_by_pages_half_by_the_api(live_server, crowd: Crowd, cast: Cast, friday: date):
    selection = wish_for(cast, "chen", friday)
    with live_server.app.app_context(), transaction():
        people = [factories.patient(f"Patient {number}") for number in range(2 * HALF)]
    deeds = [by_page(crowd.browser(person), selection) for person in people[:HALF]]
    deeds += [by_api(crowd.api(person), selection) for person in people[HALF:]]
    # Every second one by the API, so that neither delivery has a head start.
    in_turn = [deed for pair in zip(deeds[:HALF], deeds[HALF:], strict=True) for deed in pair]
    answers = at_once(in_turn)
    outcomes = Counter(map(outcome, answers))
    assert outcomes.pop("done") == 1
    assert outcomes.total() == 2 * HALF - 1
    assert set(outcomes) <= {"refused", "slot_taken"}
    assert len(appointments_at(live_server, friday, "09:00")) == 1
    for answer in answers:
        if outcome(answer) == "slot_taken":
            assert list(answer.json()["errors"]) == ["appointment_time"]


def test_whoever_lost_on_the_page_keeps_what_was_typed_and_is_offered_other_times(
    live_server, crowd: Crowd, cast: Cast, friday: date
):
    selection = wish_for(cast, "chen", friday)
    late = by_page(crowd.browser(cast.ana), selection)
    assert outcome(by_api(crowd.api(cast.boris), selection)()) == "done"
    answer = late()
    assert answer.status_code == 409
    assert "Palpitations" in answer.text
    assert answer.text.count('name="instead"') == 3


def test_two_visits_are_moved_into_one_slot(live_server, crowd: Crowd, cast: Cast, friday: date):
    with live_server.app.app_context():
        pairs = [
            (
                factories.appointment(cast.ana, cast.chen, friday, scheduling.SLOT_TIMES[number]),
                factories.appointment(cast.boris, cast.chen, friday, scheduling.SLOT_TIMES[number + ROUNDS]),
            )
            for number in range(ROUNDS)
        ]
    anas, boris = crowd.api(cast.ana), crowd.api(cast.boris)
    for number, (first, second) in enumerate(pairs):
        target = f"{scheduling.SLOT_TIMES[number + 2 * ROUNDS]:%H:%M}"
        body = {"new_date": friday.isoformat(), "new_time": target, "reason": "Exam"}
        moves = [
            sending(client, "POST", f"/api/v1/appointments/{appointment_id}/reschedule/", json=body)
            for client, appointment_id in ((anas, first), (boris, second))
        ]
        answers = at_once(moves)
        assert Counter(map(outcome, answers)) == {"done": 1, "slot_taken": 1}
        loser = answers[0] if answers[0].status_code == 409 else answers[1]
        assert list(loser.json()["errors"]) == ["new_time"]
        assert len(appointments_at(live_server, friday, target)) == 1
        told = [happenings(live_server, cast.esther, appointment_id) for appointment_id in (first, second)]
        assert sorted(told) == [["created"], ["created", "rescheduled"]]


@pytest.mark.parametrize(
    ("status", "deeds", "endings"),
    [
        # The patient cancels while the doctor completes: one of them comes too late.
        (
            "confirmed",
            [("ana", "cancel"), ("chen", "complete")],
            [["cancelled"], ["completed"]],
        ),
        # Two tabs confirm.
        ("booked", [("chen", "confirm"), ("esther", "confirm")], [["confirmed"]]),
        ("booked", [("ana", "cancel"), ("esther", "cancel")], [["cancelled"]]),
        # A visit may be cancelled after its confirmation, never confirmed after its cancellation.
        ("booked", [("ana", "cancel"), ("chen", "confirm")], [["cancelled"], ["confirmed", "cancelled"]]),
        # Two in the office reopen; and what is reopened may be completed at once, never the other way round.
        ("completed", [("esther", "reopen"), ("esther", "reopen")], [["reopened"]]),
        ("completed", [("esther", "reopen"), ("chen", "complete")], [["reopened"], ["reopened", "completed"]]),
    ],
    ids=["cancel-complete", "confirm-confirm", "cancel-cancel", "cancel-confirm", "reopen-reopen", "reopen-complete"],
)
def test_two_changes_of_one_visit_at_once_leave_one_story(
    live_server, crowd: Crowd, cast: Cast, friday: date, status, deeds, endings
):
    with live_server.app.app_context():
        appointments = [
            factories.appointment(cast.ana, cast.chen, friday, scheduling.SLOT_TIMES[number], status=status)
            for number in range(ROUNDS)
        ]
    clients = {who: crowd.api(getattr(cast, who)) for who, _ in deeds}
    for appointment_id in appointments:
        answers = at_once(
            [
                sending(clients[who], "POST", f"/api/v1/appointments/{appointment_id}/{verb}/", json={"reason": "Race"})
                for who, verb in deeds
            ]
        )
        outcomes = Counter(map(outcome, answers))
        assert set(outcomes) <= {"done", "invalid_transition"}
        with live_server.app.app_context():
            esther = actor_of(cast.esther)
            told = [line["what"] for line in scheduling.history(esther, appointment_id)][1:]
            assert told in endings
            assert outcomes["done"] == len(told)
            status = scheduling.appointment(esther, appointment_id)["status"]
            assert status == ("confirmed" if told[-1] == "reopened" else told[-1])


def test_two_doctors_patients_want_the_departments_last_room(live_server, crowd: Crowd, cast: Cast, friday: date):
    """Both are booked; the room goes to one of them, and the other visit has none yet."""
    with live_server.app.app_context():
        colleague = factories.doctor("Dr Eve", department_id=cast.neurology)
    anas, boris = crowd.api(cast.ana), crowd.api(cast.boris)
    for number in range(ROUNDS):
        at = f"{scheduling.SLOT_TIMES[number]:%H:%M}"
        selection = wish_for(cast, "diallo", friday, at)
        answers = at_once([by_api(anas, selection), by_api(boris, {**selection, "doctor": colleague})])
        assert [outcome(answer) for answer in answers] == ["done", "done"]
        rooms = {(answer.json()["appointment"]["room"] or {}).get("room_number") for answer in answers}
        assert rooms == {"301", None}
        assert {appointment.room_id for appointment in appointments_at(live_server, friday, at)} == {
            cast.nerve_room,
            None,
        }


def test_a_whole_departments_patients_want_rooms_at_once(live_server, crowd: Crowd, cast: Cast, friday: date):
    """Six doctors and four rooms: six visits, four different rooms, and nobody is sent away."""
    with live_server.app.app_context(), transaction():
        doctors = [factories.doctor(f"Dr No {number}", department_id=cast.neurology) for number in range(6)]
        people = [factories.patient(f"Patient {number}") for number in range(6)]
        rooms = [factories.room(f"31{number}", floor=3, department_id=cast.neurology) for number in range(3)]
    selection = wish_for(cast, "diallo", friday)
    deeds = [
        by_api(crowd.api(person), {**selection, "doctor": doctor})
        for person, doctor in zip(people, doctors, strict=True)
    ]
    assert Counter(map(outcome, at_once(deeds))) == {"done": 6}
    taken = [appointment.room_id for appointment in appointments_at(live_server, friday, "09:00")]
    assert taken.count(None) == 2
    assert {room_id for room_id in taken if room_id is not None} == {cast.nerve_room, *rooms}


def test_one_patient_in_two_browsers_books_two_doctors_at_one_time(live_server, crowd: Crowd, cast: Cast, friday: date):
    first, second = crowd.browser(cast.ana), crowd.browser(cast.ana)
    for number in range(ROUNDS):
        at = f"{scheduling.SLOT_TIMES[number]:%H:%M}"
        deeds = [
            by_page(first, wish_for(cast, "chen", friday, at)),
            by_page(second, wish_for(cast, "diallo", friday, at)),
        ]
        assert Counter(map(outcome, at_once(deeds))) == {"done": 1, "refused": 1}
        assert len(appointments_at(live_server, friday, at)) == 1


def test_a_button_that_is_pressed_twice_books_once_and_leads_to_the_visit(
    live_server, crowd: Crowd, cast: Cast, friday: date
):
    deed = by_page(crowd.browser(cast.ana), wish_for(cast, "chen", friday))
    answers = at_once([deed, deed])
    assert [outcome(answer) for answer in answers] == ["done", "done"]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(appointments_at(live_server, friday, "09:00")) == 1


def test_two_tabs_change_one_record_and_nothing_is_lost(live_server, crowd: Crowd, cast: Cast, friday: date):
    with live_server.app.app_context():
        appointment_id = factories.appointment(cast.ana, cast.chen, friday, status="confirmed")
        factories.record(appointment_id, cast.chen)
    address = f"/api/v1/appointments/{appointment_id}/medical-record/"
    tabs = [crowd.api(cast.chen), crowd.api(cast.chen)]
    for number in range(ROUNDS):
        seen = {"If-Match": tabs[0].get(address).headers["ETag"]}
        writings = [
            sending(tab, "PUT", address, json={"notes": f"{side} {number}"}, headers=seen)
            for tab, side in zip(tabs, ("left", "right"), strict=True)
        ]
        answers = at_once(writings)
        assert Counter(map(outcome, answers)) == {"done": 1, "stale": 1}
