"""A booking under an Idempotency-Key: repeated, it books nothing; many at once, it books once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.api.caller import PREFIX, Caller
from tests.people import ANA, PASSWORD, plant
from tests.servers import LiveServer
from tests.settings import PATIENCE

AsCaller = Callable[[str], Caller]
Booking = dict[str, Any]


def book(caller: Caller, body: Booking, key: str = "a1") -> Any:
    """Book under a key."""
    return caller.post("appointments/", body, headers={"Idempotency-Key": key})


def appointments(caller: Caller) -> int:
    """How many visits the caller has."""
    count: int = caller.get("appointments/").get_json()["count"]
    return count


def test_a_repeat_answers_the_first_success_again(as_: AsCaller, booking: Booking) -> None:
    ana = as_("ana")
    first = book(ana, booking)
    again = book(ana, booking)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    # The same request, written another way.
    assert (
        book(ana, {**booking, "appointment_time": "10:00:00", "notes": None, "more": 1}).get_json() == first.get_json()
    )
    assert appointments(ana) == 1


def test_another_body_under_the_key_is_refused(as_: AsCaller, booking: Booking) -> None:
    ana = as_("ana")
    book(ana, booking)
    for other in ({"appointment_time": "11:00"}, {"reason": "Another"}, {"doctor_id": 999}):
        answer = book(ana, {**booking, **other})
        assert answer.status_code == 409
        assert answer.get_json()["code"] == "key_reused"
    assert appointments(ana) == 1


def test_a_key_is_its_users_own(as_: AsCaller, booking: Booking) -> None:
    book(as_("ana"), booking)
    assert book(as_("boris"), {**booking, "appointment_time": "11:00"}).status_code == 201


def test_a_refusal_is_not_kept(as_: AsCaller, booking: Booking) -> None:
    ana, boris = as_("ana"), as_("boris")
    taken = boris.post("appointments/", booking).get_json()["appointment"]["id"]
    assert book(ana, booking).get_json()["code"] == "slot_taken"
    assert book(ana, {**booking, "appointment_time": "07:15"}).status_code == 400
    boris.post(f"appointments/{taken}/cancel/")
    assert book(ana, booking).status_code == 201


def test_a_key_is_forgotten_after_24_hours(
    as_: AsCaller, booking: Booking, clock_at: Callable[[str], datetime]
) -> None:
    ana = as_("ana")
    book(ana, booking)
    clock_at("2026-03-03 08:59")
    assert book(ana, {**booking, "appointment_time": "11:00"}).status_code == 409
    clock_at("2026-03-03 09:01")
    assert book(ana, {**booking, "appointment_time": "11:00"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "tab\there"])
def test_a_key_that_can_not_be_kept(as_: AsCaller, booking: Booking, key: str) -> None:
    answer = book(as_("ana"), booking, key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.get_json()["errors"]
    assert appointments(as_("ana")) == 0


def test_ten_at_once_book_once(live_server: LiveServer) -> None:
    with live_server.app.app_context():
        cast = plant()
    with httpx.Client(
        base_url=live_server.url + PREFIX, headers={"Idempotency-Key": "once"}, timeout=PATIENCE
    ) as client:
        access = client.post("token/", json={"email": ANA, "password": PASSWORD}).json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        slots = client.get("available-slots/", params={"doctor_id": cast.chen, "date": some_day(client)}).json()
        free = next(slot["time"] for slot in slots["available_slots"] if slot["available"])
        body = {
            "doctor_id": cast.chen,
            "department_id": cast.cardiology,
            "appointment_date": slots["date"],
            "appointment_time": free,
        }
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: client.post("appointments/", json=body), range(10)))
        assert [answer.status_code for answer in answers] == [201] * 10, [answer.text for answer in answers]
        assert len({answer.text for answer in answers}) == 1
        assert client.get("appointments/").json()["count"] == 1


def some_day(client: httpx.Client) -> str:
    """A day that can be booked, by the server's own clock."""
    at = parsedate_to_datetime(client.get("").headers["Date"])
    return (at.date() + timedelta(days=3)).isoformat()
