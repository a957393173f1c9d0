"""Mail: queued in the transaction of what it tells of, sent once, and nobody waits for a refused address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from sqlalchemy import select

from clinic import clock, mail, records, scheduling
from clinic.audit import AuditAction
from clinic.db import atomic, session, transaction
from clinic.errors import Conflict, Forbidden, NotFound, Unauthenticated
from clinic.mail import MailStatus, OutboxMail
from clinic.mail.transport import CutOff, Letter, Refused, ServerAway

pytestmark = pytest.mark.usefixtures("app_context")

REFUSED = "gone@example.com"


class Post:
    """A mail server: keeps what it was given, refuses one address for the time being."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, letter: Letter) -> None:
        if letter.to == REFUSED:
            raise Refused("451 greylisted", for_good=False)
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
    assert letter.subject == "Visit booked: Thursday 5 March 2026, 14:30, Dr Chen"
    for said in (
        "Dear Ana Nguyễn,",
        "When: Thursday 5 March 2026, 14:30",
        "Doctor: Dr Chen, Cardiology",
        "Where: room 201, floor 2",
        "Fee: 200,000\xa0₫",
        f"http://localhost:8000/patient/appointments/{row['id']}",
    ):
        assert said in letter.body
    assert "\n\nSen Clinic\n12 Lotus Street, Ward 6,\nHo Chi Minh City\n028 1234 5678\n" in letter.body


def test_a_vietnamese_patient_is_written_to_in_vietnamese_whoever_acts(cast, book, clock_at):
    from clinic import accounts  # noqa: PLC0415

    clock_at("2026-03-02 12:00")
    row = book(at="14:30")
    accounts.set_language(cast.actor("ana"), "vi")
    scheduling.confirm(cast.actor("chen"), row["id"])
    letter = stored()[-1]
    assert letter.language == "vi"
    assert "Thứ Năm, 5/3/2026" in letter.subject
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
    assert [sorted(entry) for entry in mail.all_mail()] == [
        ["body", "created_at", "sent_at", "status", "subject", "to"]
    ] * 2


def test_who_is_stopped_finishes_the_mail_in_hand_and_holds_no_other(queue, post):
    queue("first", "second", "third")
    assert mail.deliver(post, stopped=lambda: len(post.sent) == 2) == 2
    assert post.sent == ["first", "second"]
    assert [letter.claimed_by for letter in stored()] == [None, None, None]
    assert mail.deliver(post) == 1


def test_a_refused_address_holds_up_nobody(queue, post):
    queue("first")
    queue("never", to=REFUSED)
    queue("last")
    assert mail.deliver(post) == 2
    assert post.sent == ["first", "last"]
    refused = stored()[1]
    assert (refused.status, refused.attempts, refused.sent_at) == (MailStatus.QUEUED, 1, None)
    assert refused.last_error == "451 greylisted"


def test_a_mail_that_is_refused_for_good_is_given_up_at_once(queue, post):
    def transport(letter: Letter) -> None:
        if letter.subject == "never":
            raise Refused("550 no such mailbox", for_good=True)
        post(letter)

    queue("never", "next")
    assert mail.deliver(transport) == 1
    assert [(letter.status, letter.last_error) for letter in stored()] == [
        (MailStatus.FAILED, "550 no such mailbox"), (MailStatus.SENT, None),
    ]  # fmt: skip


def test_whatever_else_goes_wrong_with_a_mail_holds_up_nobody(queue, post):
    def transport(letter: Letter) -> None:
        if letter.subject == "odd":
            raise ZeroDivisionError("nobody thought of this")
        post(letter)

    queue("odd", "next")
    assert mail.deliver(transport) == 1
    assert (stored()[0].status, stored()[0].attempts) == (MailStatus.QUEUED, 1)
    assert stored()[0].last_error == "ZeroDivisionError: nobody thought of this"


def test_an_absent_server_counts_against_no_mail(queue, post):
    def away(_letter: Letter) -> None:
        raise ServerAway("nobody listens")

    queue("first", "second")
    for _ in range(mail.MOST_ATTEMPTS + 1):
        with pytest.raises(ServerAway):
            mail.deliver(away)
    assert [(letter.status, letter.attempts, letter.claimed_by) for letter in stored()] == [
        (MailStatus.QUEUED, 0, None), (MailStatus.QUEUED, 0, None),
    ]  # fmt: skip
    assert mail.deliver(post) == 2
    assert post.sent == ["first", "second"]


def test_a_mail_that_breaks_the_server_lets_the_others_pass(queue, post, clock_at):
    """Nobody knows whether it is the mail's fault: it goes last, and as with a refusal for now the tries are counted."""
    now = clock_at("2026-03-02 12:00")

    def fragile(letter: Letter) -> None:
        if letter.subject == "poison":
            raise CutOff("gone in the midst of it")
        post(letter)

    queue("poison", "second", "third")
    with pytest.raises(CutOff):
        mail.deliver(fragile)
    assert mail.deliver(fragile) == 2
    assert post.sent == ["second", "third"]
    assert (stored()[0].status, stored()[0].attempts) == (MailStatus.QUEUED, 1)
    clock_at(now + timedelta(minutes=1))
    assert mail.deliver(post) == 1


def test_a_mail_that_breaks_the_server_each_time_is_given_up(queue, clock_at):
    now = clock_at("2026-03-02 12:00")

    def fragile(_letter: Letter) -> None:
        raise CutOff("gone in the midst of it")

    queue("poison")
    for attempt in range(mail.MOST_ATTEMPTS):
        assert stored()[0].status == MailStatus.QUEUED
        with pytest.raises(CutOff):
            mail.deliver(fragile)
        assert mail.deliver(fragile) == 0, "it waits"
        clock_at(now := now + timedelta(minutes=2**attempt))
    assert (stored()[0].status, stored()[0].last_error) == (MailStatus.FAILED, "gone in the midst of it")


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


def test_what_a_worker_left_when_it_died_is_swept_up_when_its_claim_has_run_out(queue, post, clock_at):
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


def take_over(app, transport, clock_at) -> None:
    """Lets the present claims run out and another worker send what looks left behind."""
    clock_at(clock.now() + mail.CLAIM_LASTS + timedelta(seconds=1))

    def work() -> None:
        with app.app_context():
            mail.deliver(transport)

    thread = Thread(target=work)
    thread.start()
    thread.join(30)


def test_a_slow_mail_server_makes_no_second_worker_send_the_rest_again(app, queue, post, clock_at):
    """The first mail takes longer than a claim lasts; meanwhile another worker takes what looks left behind.

    The first mail itself can't be told from one whose worker died, so it is not counted here.
    """
    clock_at("2026-03-02 12:00")
    queue("slow", "second", "third")

    def slow(letter: Letter) -> None:
        post(letter)
        if post.sent == ["slow"]:
            take_over(app, post, clock_at)

    mail.deliver(slow)
    assert post.sent.count("second") == 1
    assert post.sent.count("third") == 1


@pytest.mark.parametrize("refusal", [Refused("550 no", for_good=True), CutOff("gone"), ServerAway("gone")])
def test_whoever_lost_the_claim_undoes_nothing_of_what_the_other_worker_did(app, queue, post, clock_at, refusal):
    clock_at("2026-03-02 12:00")
    queue("slow")

    def slow(_letter: Letter) -> None:
        take_over(app, post, clock_at)
        raise refusal

    with suppress(ServerAway):
        mail.deliver(slow)
    assert post.sent == ["slow"]
    assert (stored()[0].status, stored()[0].last_error) == (MailStatus.SENT, None)


def test_a_mail_that_left_stays_sent_although_the_other_worker_is_refused_it(app, queue, post, clock_at):
    clock_at("2026-03-02 12:00")
    queue("slow")

    def refuses(_letter: Letter) -> None:
        raise Refused("450 later", for_good=False)

    def slow(letter: Letter) -> None:
        post(letter)
        take_over(app, refuses, clock_at)

    assert mail.deliver(slow) == 1
    assert stored()[0].status == MailStatus.SENT


# --- trying again -----------------------------------------------------------------------------------------------------


def test_the_office_has_a_mail_sent_again_that_was_given_up(cast, queue, post):
    def refuses(_letter: Letter) -> None:
        raise Refused("550 no", for_good=True)

    queue("given up")
    mail.deliver(refuses)
    number, esther = stored()[0].id, cast.actor("esther")
    assert mail.given_up(esther, number)["last_error"] == "550 no"
    mail.send_again(esther, number)
    [event] = [row for row in records.audit_trail(esther).results if row["action"] == AuditAction.MAIL_SENT_AGAIN]
    assert (event["subject_id"], event["actor_id"]) == (number, cast.esther)
    for refused in (mail.given_up, mail.send_again):
        with pytest.raises(Conflict):
            refused(esther, number)
    assert mail.deliver(post) == 1
    assert (stored()[0].status, stored()[0].attempts) == (MailStatus.SENT, 1)


def test_only_the_office_has_mails_sent_again_and_only_those_that_are_there(cast):
    for act in (mail.given_up, mail.send_again):
        for who in ("ana", "chen"):
            with pytest.raises(Forbidden):
                act(cast.actor(who), 1)
        for missing in (999, 2**40, -1):
            with pytest.raises(NotFound):
                act(cast.actor("esther"), missing)


def test_the_operator_has_all_sent_again_that_was_given_up_and_nothing_else(cast, queue, post):
    def refuses(letter: Letter) -> None:
        if letter.subject != "arrived":
            raise Refused("554 no", for_good=letter.subject == "never")

    queue("never", "arrived", "later")
    mail.deliver(refuses)
    before = [letter.next_attempt_at for letter in stored()]
    assert mail.send_all_again() == 1
    assert [letter.status for letter in stored()] == [MailStatus.QUEUED, MailStatus.SENT, MailStatus.QUEUED]
    assert [letter.next_attempt_at for letter in stored()][1:] == before[1:]
    [event] = records.audit_trail(cast.actor("esther")).results
    assert (event["action"], event["actor_role"], event["subject_id"]) == (
        "mail.sent_again",
        "operator",
        stored()[0].id,
    )
    assert mail.deliver(post) == 1
    assert post.sent == ["never"]
    assert mail.send_all_again() == 0
    assert records.audit_trail(cast.actor("esther")).count == 1


def test_only_the_office_reads_the_outbox(cast, queue):
    queue("for nobody else's eyes")
    assert mail.in_outbox(cast.actor("esther")).count == 1
    for who in ("ana", "chen"):
        with pytest.raises(Forbidden):
            mail.in_outbox(cast.actor(who))
    with pytest.raises(Unauthenticated):
        mail.in_outbox(None)
