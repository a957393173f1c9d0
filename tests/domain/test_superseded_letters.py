"""What a letter tells is true as it leaves: one of a visit that was moved, cancelled or has begun since stays, one that was
refused never follows a later one, and whatever the reader hasn't heard of yet is told by the letter that leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from threading import Barrier, Lock, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from clinic import clock, mail, scheduling
from clinic.db import transaction
from clinic.mail import MailStatus, OutboxMail
from clinic.mail.superseding import OUTDATED, OVERTAKEN
from clinic.mail.transport import Letter, Transport
from tests.domain.post import stored
from tests.letterbox import Letterbox

pytestmark = pytest.mark.usefixtures("app_context")

ANA = "ana@example.com"
QUEUED, SENT, SUPERSEDED = MailStatus.QUEUED, MailStatus.SENT, MailStatus.SUPERSEDED


@pytest.fixture
def visit(book, clock_at) -> int:
    """A visit of Ana's on Thursday at 14:30, of which nothing has been mailed yet."""
    clock_at("2026-03-02 12:00")
    number: int = book(at="14:30")["id"]
    return number


@pytest.fixture
def move(cast, day):
    """Has Dr Chen move a visit to Friday at the start of a slot."""

    def move(number: int, slot: int = 3) -> None:
        scheduling.reschedule(cast.actor("chen"), number, on=day(4), at=scheduling.SLOT_TIMES[slot])

    return move


def stands() -> list[tuple[str, str]]:
    return [(row.kind.removeprefix("visit_"), row.status) for row in stored()]


def text_of(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def refuse_once(letterbox: Letterbox, transport: Transport) -> None:
    """Have the letters that are due refused for now; the server takes the next ones."""
    letterbox.refuse(ANA, "451 greylisted")
    assert mail.deliver(transport) == 0
    letterbox.refuse(ANA, None)


# --- what isn't so any more -------------------------------------------------------------------------------------------


def test_nothing_leaves_about_a_visit_that_has_begun_meanwhile(cast, visit, clock_at, letterbox, transport):
    scheduling.confirm(cast.actor("chen"), visit)
    starts = scheduling.appointment(cast.actor("ana"), visit)["starts_at"]
    clock_at(starts)
    assert mail.deliver(transport) == 0
    assert letterbox.arrived == []
    assert stands() == [("booked", SUPERSEDED), ("confirmed", SUPERSEDED)]
    assert {row.last_error for row in stored()} == {OUTDATED}


def test_until_it_begins_a_letter_leaves(cast, visit, clock_at, letterbox, transport):
    starts = scheduling.appointment(cast.actor("ana"), visit)["starts_at"]
    clock_at(starts - timedelta(seconds=1))
    assert mail.deliver(transport) == 1


def test_a_cancellation_leaves_alone_and_even_late(cast, visit, clock_at, letterbox, transport):
    scheduling.cancel(cast.actor("esther"), visit)
    clock_at(clock.now() + timedelta(days=9))
    assert mail.deliver(transport) == 1
    assert letterbox.subjects() == ["Visit cancelled: Thursday 5 March 2026, 14:30, Dr Chen"]
    assert stands() == [("booked", SUPERSEDED), ("cancelled", SENT)]


def test_of_a_visit_that_was_moved_twice_the_last_letter_leaves_with_the_first_time(visit, move, letterbox, transport):
    assert mail.deliver(transport) == 1
    move(visit)
    move(visit, 5)
    assert mail.deliver(transport) == 1
    last = letterbox.arrived[-1]
    assert last["Subject"] == "Visit moved to Friday 6 March 2026, 10:30, Dr Chen"
    assert "\nBefore: Thursday 5 March 2026, 14:30\n" in text_of(last)
    assert stands() == [("booked", SENT), ("rescheduled", SUPERSEDED), ("rescheduled", SENT)]


def test_a_visit_that_is_back_at_its_time_says_from_where(cast, visit, day, move, letterbox, transport):
    mail.deliver(transport)
    move(visit)
    scheduling.reschedule(cast.actor("chen"), visit, on=day(3), at=time(14, 30))
    assert mail.deliver(transport) == 1
    assert "\nBefore: Friday 6 March 2026, 09:30\n" in text_of(letterbox.arrived[-1])


def test_who_never_heard_of_a_move_is_told_which_visit_was_cancelled(cast, visit, move, letterbox, transport):
    """Otherwise they would come at the time that they know."""
    mail.deliver(transport)
    move(visit)
    scheduling.cancel(cast.actor("esther"), visit)
    assert mail.deliver(transport) == 1
    said = text_of(letterbox.arrived[-1])
    assert "When: Friday 6 March 2026, 09:30\nBefore: Thursday 5 March 2026, 14:30\nDoctor: " in said


def test_who_has_heard_of_a_move_isnt_told_again(cast, visit, move, letterbox, transport):
    move(visit)
    mail.deliver(transport)
    scheduling.cancel(cast.actor("esther"), visit)
    mail.deliver(transport)
    assert "Before" not in text_of(letterbox.arrived[-1])


def test_what_is_still_so_leaves_in_its_order(cast, visit, letterbox, transport):
    scheduling.confirm(cast.actor("chen"), visit)
    scheduling.edit_appointment(cast.actor("esther"), visit, {"room_id": cast.heart_room})
    assert mail.deliver(transport) == 3
    assert [subject.partition(":")[0] for subject in letterbox.subjects()] == [
        "Visit booked", "Visit confirmed", "New room for your visit",
    ]  # fmt: skip


def test_a_letter_that_the_version_before_queued_is_asked_too(cast, visit, letterbox, transport):
    with transaction() as current:
        current.execute(update(OutboxMail).values(thread=None))
    scheduling.cancel(cast.actor("esther"), visit)
    assert mail.deliver(transport) == 1
    assert stands() == [("booked", SUPERSEDED), ("cancelled", SENT)]


# --- what was refused for now -----------------------------------------------------------------------------------------


def test_a_refused_letter_never_follows_a_later_one(cast, visit, clock_at, letterbox, transport):
    refuse_once(letterbox, transport)
    scheduling.confirm(cast.actor("chen"), visit)
    assert mail.deliver(transport) == 1
    clock_at(stored()[0].next_attempt_at)
    assert mail.deliver(transport) == 0
    assert letterbox.subjects() == ["Visit confirmed: Thursday 5 March 2026, 14:30, Dr Chen"]
    assert stands() == [("booked", SUPERSEDED), ("confirmed", SENT)]
    assert stored()[0].last_error == OVERTAKEN


@pytest.mark.parametrize("later", ["confirm", "room"])
def test_a_letter_that_overtakes_a_refused_move_tells_the_move(cast, visit, move, letterbox, transport, later):
    mail.deliver(transport)
    move(visit)
    refuse_once(letterbox, transport)
    if later == "confirm":
        scheduling.confirm(cast.actor("chen"), visit)
    else:
        scheduling.edit_appointment(cast.actor("esther"), visit, {"room_id": cast.heart_room})
    assert mail.deliver(transport) == 1
    said = text_of(letterbox.arrived[-1])
    assert "When: Friday 6 March 2026, 09:30\nBefore: Thursday 5 March 2026, 14:30\n" in said
    assert ("Your visit is at another time and in another room." in said) == (later == "room")
    assert "stay the same" not in said


def test_letters_of_other_visits_supersede_nothing(book, visit, clock_at, letterbox, transport):
    refuse_once(letterbox, transport)
    book(at="10:00")
    assert mail.deliver(transport) == 1
    clock_at(stored()[0].next_attempt_at)
    assert mail.deliver(transport) == 1
    assert stands() == [("booked", SENT), ("booked", SENT)]


def test_a_letter_waits_for_the_one_before_it_that_is_being_sent(cast, visit, clock_at, letterbox, transport):
    scheduling.confirm(cast.actor("chen"), visit)
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.kind == "visit_booked")
            .values(claimed_by="other", claimed_at=clock.now())
        )
    assert mail.deliver(transport) == 0
    assert stands() == [("booked", QUEUED), ("confirmed", QUEUED)]
    clock_at(clock.now() + mail.CLAIM_LASTS + timedelta(seconds=1))
    assert mail.deliver(transport) == 2, "the other worker is gone"
    assert letterbox.subjects()[0].startswith("Visit booked")


def in_context(app: Flask, work: Callable[[], None]) -> None:
    with app.app_context():
        work()


def test_an_earlier_letter_waits_for_the_later_one_that_is_being_sent(app, cast, visit, clock_at, letterbox, transport):
    """It was refused, and falls due while another worker has the later one at the server."""
    refuse_once(letterbox, transport)
    scheduling.edit_appointment(cast.actor("esther"), visit, {"room_id": cast.heart_room})
    due, sent = stored()[0].next_attempt_at, []

    def other_worker() -> None:
        clock_at(due)
        sent.append(mail.deliver(transport))

    def slow(letter: Letter) -> None:
        thread = Thread(target=in_context, args=(app, other_worker))
        thread.start()
        thread.join(30)
        transport(letter)

    assert mail.deliver(slow) == 1
    assert sent == [0]
    assert stands() == [("booked", QUEUED), ("room_changed", SENT)]
    assert stored()[0].attempts == 1, "waiting is no try"
    clock_at(due + timedelta(seconds=10))
    assert mail.deliver(transport) == 0
    assert stands() == [("booked", SUPERSEDED), ("room_changed", SENT)]
    assert len(letterbox.arrived) == 1


def test_two_workers_at_once_never_wait_for_each_other(app, cast, book, day, clock_at):
    """Each has a letter of the same visit; at the same moment one of the two may leave, and not the earlier after the later."""
    clock_at("2026-03-02 12:00")
    visits = [book(at=at)["id"] for at in ("08:00", "09:00", "10:00", "13:00", "14:00", "15:00")]
    for number in visits:
        scheduling.confirm(cast.actor("chen"), number)
    order = {row.id: row.thread for row in stored()}
    left: list[int] = []
    together, lock = Barrier(2), Lock()

    def take(letter: Letter) -> None:
        with lock:
            left.append(letter.number)

    def work() -> None:
        together.wait(10)
        mail.deliver(take)

    threads = [Thread(target=in_context, args=(app, work)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {order[number] for number in left} == set(order.values()), "of each visit one has left"
    clock_at(clock.now() + mail.CLAIM_LASTS)
    mail.deliver(take)
    assert {row.status for row in stored()} <= {SENT, SUPERSEDED}
    for thread in set(order.values()):
        numbers = [number for number in left if order[number] == thread]
        assert numbers == sorted(set(numbers))


# --- who sees it ------------------------------------------------------------------------------------------------------


def test_the_outbox_says_so(app, cast, visit, transport):
    scheduling.cancel(cast.actor("esther"), visit)
    mail.deliver(transport)
    assert [(row["subject"][:15], row["status"]) for row in mail.all_mail()] == [
        ("Visit booked: T", "superseded"), ("Visit cancelled", "sent"),
    ]  # fmt: skip
    (row,) = mail.in_outbox(cast.actor("esther"), status="superseded").results
    assert (row["written"], row["given_up"]) == (True, False)
    assert mail.outbox_state().queued == mail.outbox_state().failed == 0
    assert mail.send_all_again() == 0
