"""What sealing the audit costs those who book meanwhile, and how long sealing and verifying many entries take.

Fifty bookings at once, in turn in each round without a worker, beside one that seals what they write, and beside one that
has years of entries to seal. On a PostgreSQL server of its own.

python -m bench.sealing [ROUNDS [ENTRIES]]
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.calls import Clinic, backends, bookings, database, driver_url, postgres
from bench.clinic import ROOT, Server, demo_clinic, table
from bench.grow import grow
from bench.processor import ProcessTree, Served, Window, measure, quartiles
from tests.load import wait_until

ROUNDS, ENTRIES, AT_ONCE, VISITS = 6, 100_000, 50, 5_000
#: Beyond those of the demo clinic, so that there are some who book; each has a doctor of their own.
PATIENTS, BOOKING = 1_200, 12
WITHOUT, WITH, BEHIND = "no worker", "a worker that seals what they write", "a worker that has years to seal"
_ENTRIES = """
INSERT INTO audit_events (at, actor_id, actor_role, session_id, deed, patient_id, subject_id, request_id, details)
SELECT now() - interval '2 years' + g * interval '1 second', 1, 'doctor', 1, CASE WHEN g %% 5 = 0 THEN 'appointments.read' ELSE 'record.read' END,
    CASE WHEN g %% 5 > 0 THEN g END, g, 'grown', CASE WHEN g %% 5 = 0 THEN '{"patients": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}' ELSE '{}' END::json
FROM generate_series(1, %(new)s::int) g"""


def main() -> None:
    """Measure and print two tables."""
    rounds, entries = (
        int(sys.argv[place]) if len(sys.argv) > place else default for place, default in ((1, ROUNDS), (2, ENTRIES))
    )
    with postgres() as server, database(server, "sealed") as url, demo_clinic(url) as environment:
        grow(url, VISITS, PATIENTS)
        portal = Server(environment)
        try:
            compared(url, portal, environment, rounds)
        finally:
            portal.stop()
        timed(url, environment, entries)


def compared(url: str, portal: Server, environment: dict[str, str], rounds: int) -> None:
    """Let people book at once, with and without a worker beside them."""
    served, clinic = (
        Served(portal.url, ProcessTree(portal.pid), backends(url)),
        Clinic(url, portal.url, booking=BOOKING),
    )
    book = bookings(clinic, of_limit=False)
    found: dict[str, list[Window]] = {WITHOUT: [], WITH: [], BEHIND: []}
    with worker(environment) as beside:
        for number in range(rounds + 1):
            for how in (*found,) if number % 2 else reversed((*found,)):
                if how == BEHIND:
                    write(url, 30_000)
                with beside if how == WITHOUT else nothing():
                    window = measure(served, [book(each) for each in range(AT_ONCE)], clients=AT_ONCE, expected=201)
                assert not window.failures, window.failures
                if number:
                    found[how].append(window)
                wait_until(lambda: unsealed(url) == 0, 300)
    rows = []
    for how, windows in found.items():
        ratios = [each.median / without.median for each, without in zip(windows, found[WITHOUT], strict=True)]
        costs = [each.processor / without.processor for each, without in zip(windows, found[WITHOUT], strict=True)]
        rows.append([how, f"{quartiles([each.median for each in windows])[0]:.0f}", *map(written, (ratios, costs))])
    table(
        f"{AT_ONCE} bookings at once",
        ["beside", "median, ms", "ratio", "processor of portal and database, ratio"],
        rows,
    )


def timed(url: str, environment: dict[str, str], entries: int) -> None:
    """Time the commands that seal and verify."""
    write(url, entries)
    rows = []
    for command in ("seal", "verify"):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        said = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "audit", command],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows.append([f"audit {command}", said.split(".")[0], f"{own:.1f}", f"{time.perf_counter() - began:.1f}"])
    table("Many entries", ["command", "says", "processor of its own, s", "elapsed, s"], rows)


def written(ratios: list[float]) -> str:
    """Return a median with its quartiles."""
    middle, low, high = quartiles(ratios)
    return f"{middle:.2f} [{low:.2f}-{high:.2f}]"


def write(url: str, entries: int) -> None:
    """Write entries that have no seal."""
    with psycopg.connect(driver_url(url), autocommit=True) as connection:
        connection.execute(_ENTRIES.encode(), {"new": entries})


def unsealed(url: str) -> int:
    """Return how many entries have no seal."""
    with psycopg.connect(driver_url(url), autocommit=True) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM audit_events) - (SELECT count(*) FROM audit_seals)"
        ).fetchone()
        assert row is not None
        return int(row[0])


class Paused:
    """A process that stands still within ``with``."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __enter__(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def nothing() -> Iterator[None]:
    """Pause nobody."""
    yield


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[Paused]:
    """Run a worker that looks for entries ten times a second; it seals until it is paused."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--every", "0.1"],
        cwd=ROOT, env={**environment, **{name: os.environ[name] for name in ("PATH",)}},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Paused(process)
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
