"""Mail: queued in the transaction of what it tells of, sent once, and nobody waits for a refused address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from sqlalchemy import select

from clinic import clock, mail, scheduling
from clinic.db import atomic, session, transaction
from clinic.mail import Letter, MailStatus, OutboxMail

pytestmark = pytest.mark.usefixtures("app_context")

REFUSED = "gone@example.com"


class Post:
    """A mail server: keeps what it was given, refuses one address."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, letter: Letter) -> None:
        if letter.to == REFUSED:
            raise ConnectionError("550 no such mailbox")
        self.sent.append(letter.subject)


@pytest.fixture
def post() -> Post:
    """The mail server of the test."""
    return Post()


@pytest.fixture
def queue(app) -> Callable[..., None]:
    """Queues mails as they would be: `queue("first", "second", to="boris@example.com")`."""

    def queue(*subjects: str, to: str = "ana@example.com") -> None:
        with transaction() as current:
            for subject in subjects:
                current.add(OutboxMail(to=to, kind="visit_booked", language="en", subject=subject, body="Hello\n"))

    return queue


def stored() -> list[OutboxMail]:
    """The outbox as it stands committed."""
    session().rollback()
    return list(session().scalars(select(OutboxMail).order_by(OutboxMail.id)))


# --- queueing ---------------------------------------------------------------------------------------------------------


def test_a_mail_is_undone_with_what_it_tells_of(book):
    @atomic
    def book_and_fail() -> None:
        book()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        book_and_fail()
    assert stored() == []


def test_each_change_that_a_patient_must_know_of_is_written_to_them(cast, book, day):
    row = book()
    chen = cast.actor("chen")
    scheduling.confirm(chen, row["id"])
    scheduling.reschedule(chen, row["id"], on=day(4), at=scheduling.SLOT_TIMES[0], reason="Congress")
    scheduling.cancel(chen, row["id"], "Ill")
    letters = stored()
    assert [letter.kind for letter in letters] == [
        "visit_booked", "visit_confirmed", "visit_rescheduled", "visit_cancelled",
    ]  # fmt: skip
    assert {letter.to for letter in letters} == {"ana@example.com"}
    assert "Reason: Congress" in letters[2].body
    assert "Reason: Ill" in letters[3].body


def test_a_mail_tells_when_where_with_whom_and_for_how_much(cast, book, clock_at):
    clock_at("2026-03-02 12:00")
    row = book(at="14:30")
    [letter] = stored()
    assert letter.subject == "Your visit at Sen Clinic on Thursday, March 5, 2026 is booked"
    for said in (
        "Dear Ana Nguyễn,",
        "When: Thursday, March 5, 2026, 14:30",
        "Doctor: Dr Chen, Cardiology",
        "Where: room 201, floor 2",
        "Fee: ₫200,000",
        f"http://localhost:8000/patient/appointments/{row['id']}",
    ):
        assert said in letter.body
    assert letter.body.endswith("Sen Clinic\n")


def test_a_vietnamese_patient_is_written_to_in_vietnamese_whoever_acts(cast, book, clock_at):
    from clinic import accounts  # noqa: PLC0415

    clock_at("2026-03-02 12:00")
    row = book(at="14:30")
    accounts.set_language(cast.actor("ana"), "vi")
    scheduling.confirm(cast.actor("chen"), row["id"])
    letter = stored()[-1]
    assert letter.language == "vi"
    assert "Thứ Năm, 5 tháng 3 năm 2026" in letter.subject
    assert "Your visit" not in letter.subject + letter.body
    assert "Dear" not in letter.body
    assert "BS. Chen, Tim mạch" in letter.body
    assert "200.000\xa0₫" in letter.body


def test_names_come_as_they_are_into_plain_text(cast, book):
    from clinic.accounts.models import User  # noqa: PLC0415

    with transaction() as current:
        current.get_one(User, cast.ana).full_name = "Ana <b>&\nBcc: all"
    book()
    [letter] = stored()
    assert "Ana <b>&\nBcc: all" in letter.body
    assert "\n" not in letter.subject


# --- sending ----------------------------------------------------------------------------------------------------------


def test_each_mail_is_sent_once_and_in_order(queue, post):
    queue("first", "second")
    assert mail.deliver(post) == 2
    assert mail.deliver(post) == 0
    assert post.sent == ["first", "second"]
    assert [(letter.status, letter.attempts, letter.claimed_by) for letter in stored()] == [
        (MailStatus.SENT, 1, None), (MailStatus.SENT, 1, None),
    ]  # fmt: skip
    assert [sorted(entry) for entry in mail.outbox()] == [
        ["body", "created_at", "sent_at", "status", "subject", "to"]
    ] * 2


def test_a_long_queue_is_sent_batch_by_batch(queue, post):
    subjects = [str(number) for number in range(mail.BATCH + 5)]
    queue(*subjects)
    assert [mail.deliver(post), mail.deliver(post), mail.deliver(post)] == [mail.BATCH, 5, 0]
    assert post.sent == subjects


def test_a_refused_address_holds_up_nobody(queue, post):
    queue("first")
    queue("never", to=REFUSED)
    queue("last")
    assert mail.deliver(post) == 2
    assert post.sent == ["first", "last"]
    refused = stored()[1]
    assert (refused.status, refused.attempts, refused.sent_at) == (MailStatus.QUEUED, 1, None)
    assert refused.last_error == "ConnectionError: 550 no such mailbox"


def test_it_is_tried_again_after_ever_longer_waits_and_then_given_up(queue, post, clock_at):
    now = clock_at("2026-03-02 12:00")
    queue("never", to=REFUSED)
    for attempt in range(mail.MOST_ATTEMPTS):
        mail.deliver(post)
        refused = stored()[0]
        wait = timedelta(minutes=2**attempt)
        assert (refused.attempts, refused.next_attempt_at) == (attempt + 1, clock.now() + wait)
        clock_at(now := now + wait - timedelta(seconds=1))
        mail.deliver(post)
        assert stored()[0].attempts == attempt + 1
        clock_at(now := now + timedelta(seconds=1))
    assert stored()[0].status == MailStatus.FAILED
    clock_at(now + timedelta(days=365))
    assert mail.deliver(post) == 0
    assert stored()[0].attempts == mail.MOST_ATTEMPTS


def test_what_was_refused_once_goes_out_later(queue, clock_at):
    now = clock_at("2026-03-02 12:00")
    queue("patience", to=REFUSED)
    mail.deliver(Post())
    clock_at(now + timedelta(minutes=1))
    arrived: list[Letter] = []
    assert mail.deliver(arrived.append) == 1
    assert [(each.to, each.subject) for each in arrived] == [(REFUSED, "patience")]
    assert (stored()[0].status, stored()[0].last_error) == (MailStatus.SENT, None)


def test_workers_at_once_never_send_a_mail_twice(app, queue):
    subjects = [str(number) for number in range(60)]
    queue(*subjects)
    workers, sent, lock = 4, [], Lock()
    together = Barrier(workers)

    def transport(letter: Letter) -> None:
        with lock:
            sent.append(letter.subject)

    def worker() -> None:
        with app.app_context():
            together.wait(10)
            while mail.deliver(transport):
                pass

    threads = [Thread(target=worker) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(sent, key=int) == subjects
    assert {letter.status for letter in stored()} == {MailStatus.SENT}


def test_what_a_worker_left_when_it_died_is_swept_up_after_five_minutes(queue, post, clock_at):
    now = clock_at("2026-03-02 12:00")
    queue("orphan")

    def dies(_letter: Letter) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        mail.deliver(dies)
    clock_at(now + mail.CLAIM_LASTS)
    assert mail.deliver(post) == 0
    clock_at(now + mail.CLAIM_LASTS + timedelta(seconds=1))
    assert mail.deliver(post) == 1
    assert post.sent == ["orphan"]


def test_a_slow_mail_server_makes_no_second_worker_send_the_rest_again(app, queue, post, clock_at):
    """The first mail takes longer than a claim lasts; meanwhile another worker takes what looks left behind.

    The first mail itself can't be told from one whose worker died, so it is not counted here.
    """
    now = clock_at("2026-03-02 12:00")
    queue("slow", "second", "third")

    def other_worker() -> None:
        with app.app_context():
            mail.deliver(post)

    def slow(letter: Letter) -> None:
        post(letter)
        if letter.subject == "slow":
            clock_at(now + mail.CLAIM_LASTS + timedelta(seconds=1))
            thread = Thread(target=other_worker)
            thread.start()
            thread.join(30)

    mail.deliver(slow)
    assert post.sent.count("second") == 1
    assert post.sent.count("third") == 1
