"""Two workers seal the audit and are killed in the midst of it, again and again: the chain has every entry once and holds."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from clinic import audit
from clinic.audit import AuditEvent, AuditSeal
from clinic.db import session
from tests.domain.chained import run, write
from tests.load import wait_until
from tests.settings import PATIENCE

WORKERS = 2
ROUNDS = 5
#: Several batches, so that a kill falls between two of them or into one.
ENTRIES_A_ROUND = 4 * 1000

Start = Callable[..., subprocess.Popen[str]]


def counted(app: Flask) -> tuple[int, int]:
    """How many entries and seals there are."""
    with app.app_context():
        return (
            session().scalar(select(func.count(AuditEvent.id))) or 0,
            session().scalar(select(func.count(AuditSeal.sequence))) or 0,
        )


def has_more(app: Flask, seals: int) -> bool:
    """Whether there are more seals by now."""
    return counted(app)[1] > seals


def test_the_chain_is_whole_whoever_is_killed(app: Flask, run_worker: Start) -> None:
    chance = random.Random(20261127)  # noqa: S311 - the same each time, on purpose

    def start() -> subprocess.Popen[str]:
        return run_worker(None, "--every", "0.1")

    workers = [start() for _ in range(WORKERS)]
    in_the_midst = 0
    for _ in range(ROUNDS):
        _, sealed = counted(app)
        with app.app_context():
            write(ENTRIES_A_ROUND)
        wait_until(partial(has_more, app, sealed), PATIENCE)
        time.sleep(chance.uniform(0, 0.05))
        victim = chance.randrange(WORKERS)
        workers[victim].kill()
        workers[victim].communicate()
        entries, sealed = counted(app)
        in_the_midst += sealed < entries
        workers[victim] = start()
    assert in_the_midst, "no kill fell among the seals of a round"

    wait_until(lambda: len(set(counted(app))) == 1, PATIENCE)
    for worker in workers:
        worker.terminate()
    ended = [worker.communicate(timeout=PATIENCE)[1] for worker in workers]
    # The one that took the place of the last that was killed may not have got so far as to end in its own way.
    assert {worker.returncode for worker in workers} <= {0, -signal.SIGTERM}, ended

    with app.app_context():
        entries, sealed = counted(app)
        each_once = select(func.count(AuditSeal.event_id.distinct()), func.max(AuditSeal.sequence))
        assert tuple(session().execute(each_once).one()) == (entries, entries)
        verdict = audit.verify()
        assert (verdict.fault, verdict.sealed, verdict.unsealed) == (None, entries, 0)
        code, answer = run(app, "verify")
        assert code == 0, answer
        assert f"{sealed} entries are as they were written." in answer
