"""Sending the outbox: each mail once and in order, whatever the mail server and other workers do."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest

from clinic import clock, mail
from clinic.mail import MailStatus
from clinic.mail.transport import CutOff, Letter, Refused, ServerAway
from tests.domain.post import REFUSED, Post, stored

pytestmark = pytest.mark.usefixtures("app_context")


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
