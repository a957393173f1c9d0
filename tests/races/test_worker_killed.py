"""The worker under failure: killed at random points, two at once, the mail server away and back. Every mail arrives.

A mail may arrive twice only where nobody can know better: its worker was killed, or the server went away, between the
server's taking it and our mark. It then comes under the same Message-ID.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.db import session, transaction
from clinic.mail import MailStatus, OutboxMail
from tests.letterbox import Letterbox
from tests.settings import PATIENCE

WORKERS = 2
ROUNDS = 16
MAILS_A_ROUND = 24
#: In this round the mail server goes away in the midst of the flow, with mails still coming in.
ABSENCE = 3
CLAIM_SECONDS = "10"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    box = Letterbox()
    # So that a kill falls now and then between the taking of a letter and our mark.
    box.hesitates = 0.05
    box.start()
    yield box
    box.stop()


def put(app: Flask, round_number: int) -> None:
    """Queues the mails of a round."""
    with app.app_context(), transaction() as current:
        for number in range(MAILS_A_ROUND):
            to = f"patient{round_number * MAILS_A_ROUND + number}@example.com"
            current.add(OutboxMail(to=to, kind="note", language="en", subject=f"For {to}", body="Hello\n"))


def waiting(app: Flask) -> int:
    """How many mails are not marked as sent."""
    with app.app_context():
        unsent = select(func.count()).select_from(OutboxMail).where(OutboxMail.status != MailStatus.SENT)
        return session().scalar(unsent) or 0


def test_every_mail_arrives_whatever_is_killed(app: Flask, letterbox: Letterbox, run_worker: Start) -> None:
    chance = random.Random(20261125)  # noqa: S311 - the same each time, on purpose

    def start() -> subprocess.Popen[str]:
        return run_worker(letterbox.url, "--every", "0.1", "--claim-lasts", CLAIM_SECONDS)

    workers = [start() for _ in range(WORKERS)]
    kills = 0
    for round_number in range(ROUNDS):
        put(app, round_number)
        letterbox.wait_for_letters(len(letterbox.arrived) + chance.randint(4, MAILS_A_ROUND - 4))
        time.sleep(chance.uniform(0, 0.1))
        if round_number == ABSENCE:
            letterbox.stop()
        victim = chance.randrange(WORKERS)
        workers[victim].kill()
        workers[victim].communicate()
        kills += 1
        workers[victim] = start()
        if round_number == ABSENCE:
            time.sleep(1)
            letterbox.start()

    letterbox.wait_for(lambda: waiting(app) == 0)
    for worker in workers:
        worker.terminate()
    said = [worker.communicate(timeout=PATIENCE)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WORKERS, said

    arrived = Counter(str(message["To"]) for message in letterbox.arrived)
    assert set(arrived) == {f"patient{number}@example.com" for number in range(ROUNDS * MAILS_A_ROUND)}
    assert arrived.total() - len(arrived) <= kills + WORKERS, "each kill, and each worker at the absence, explains one"
    names = {(str(message["To"]), str(message["Message-ID"])) for message in letterbox.arrived}
    assert len(names) == len(arrived) == len({name for _, name in names})
