"""How much a patient may book themselves, as a clinic sets it."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from clinic import scheduling
from clinic.errors import Conflict, InvalidInput
from clinic.settings import BookingRules
from tests import factories

pytestmark = pytest.mark.usefixtures("app_context", "monday")

MONDAY = date(2026, 3, 2)
#: As a clinic in production has them, where it sets nothing.
RULES = BookingRules(most_open=8, most_open_per_doctor=3, most_per_day=12)


@pytest.fixture
def monday(clock_at):
    """Monday before the first slot; the clock stands."""
    return clock_at("2026-03-02 07:00")


def refused(call, *args, **kwargs) -> str:
    """What is said against too many visits."""
    with pytest.raises(Conflict) as refusal:
        call(*args, **kwargs)
    assert (refusal.value.code, refusal.value.errors) == ("too_many_visits", {})
    return refusal.value.text(str)


def test_one_account_takes_three_slots_of_a_doctor_where_it_took_all(cast, book, clinic_has, day):
    clinic_has(booking=RULES)
    booked, said = 0, set()
    for number in range(104):
        try:
            book(on=MONDAY + timedelta(days=1 + number // 18), at=f"{scheduling.SLOT_TIMES[number % 18]:%H:%M}")
            booked += 1
        except Conflict as refusal:
            said.add(refusal.code)
        except InvalidInput:
            pass  # A slot that the doctor doesn't offer.
    assert (booked, said) == (3, {"too_many_visits"})


def test_each_limit_says_which_it_is(cast, book, clinic_has):
    clinic_has(booking=BookingRules(most_open=4, most_open_per_doctor=3, most_per_day=6))
    for number in range(3):
        book(on=MONDAY + timedelta(days=number))
    assert refused(book, on=MONDAY + timedelta(days=3)) == (
        "You already have 3 visits to come with this doctor. Please call us if you need another one."
    )
    moved = book(doctor="diallo", on=MONDAY, at="10:00")
    assert refused(book, doctor="diallo", on=MONDAY + timedelta(days=1), at="10:00") == (
        "You already have 4 visits to come. Please call us if you need another one."
    )
    ana = cast.actor("ana")
    for number in range(2):
        scheduling.reschedule(ana, moved["id"], on=MONDAY + timedelta(days=1 + number), at=time(11))
    today = "You've booked or moved 6 times today. Please call us, or try again tomorrow."
    assert refused(scheduling.reschedule, ana, moved["id"], on=MONDAY, at=time(11)) == today
    scheduling.cancel(ana, moved["id"])
    assert refused(book, doctor="diallo", on=MONDAY, at="10:00") == today, "cancelling gives no new tries"


def test_a_new_day_and_what_is_over_count_no_more(cast, book, clinic_has, clock_at):
    clinic_has(booking=BookingRules(most_open=2, most_open_per_doctor=2, most_per_day=2))
    for number in range(2):
        book(on=MONDAY, at=f"{8 + number:02}:00")
    clock_at("2026-03-02 08:30")
    assert "today" in refused(book, on=MONDAY, at="10:00")
    clock_at("2026-03-03 00:00")
    book(on=MONDAY + timedelta(days=1), at="10:00")
    book(on=MONDAY + timedelta(days=1), at="11:00")


def test_the_office_books_more_for_anybody_and_moves_what_it_likes(cast, book, clinic_has):
    clinic_has(booking=BookingRules(most_open=1, most_open_per_doctor=1, most_per_day=1))
    first = book(on=MONDAY + timedelta(days=1))
    esther = cast.actor("esther")
    for number in range(3):
        row = book("esther", on=MONDAY + timedelta(days=2), at=f"{9 + number:02}:00", patient_id=cast.ana)
        scheduling.reschedule(esther, row["id"], on=MONDAY + timedelta(days=3), at=time(9 + number))
    scheduling.reschedule(cast.actor("chen"), first["id"], on=MONDAY + timedelta(days=4), at=time(9))
    book("boris", on=MONDAY + timedelta(days=1))


def test_nothing_is_limited_where_the_clinic_says_so(cast, book):
    for number in range(5):
        book(on=MONDAY + timedelta(days=1), at=f"{9 + number:02}:00")


def test_a_repeated_request_gets_what_it_booked(cast, book, clinic_has):
    clinic_has(booking=BookingRules(most_open=1))
    chosen = {"on": MONDAY + timedelta(days=1), "at": "09:00"}
    first = book(**chosen, idempotency_key="one")
    assert book(**chosen, idempotency_key="one")["id"] == first["id"]
    with pytest.raises(Conflict) as refusal:
        book(**chosen)
    assert refusal.value.params["booked"] == first["id"], "a form that was sent twice leads to the visit"


def test_a_visit_that_can_not_be_had_is_told_first(cast, book, clinic_has):
    clinic_has(booking=BookingRules(most_open=1))
    factories.appointment(cast.ana, cast.chen, MONDAY, time(9))
    with pytest.raises(InvalidInput):
        book(on=MONDAY - timedelta(days=1))
