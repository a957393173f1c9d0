"""A soak: mixed requests for minutes on PostgreSQL with four server processes, and what they leave behind.

Patients read pages, ask the API, book and cancel; the office looks at its lists; guests look around. Errors are whatever
isn't expected: a booking that another client got first is (409). Memory, open files and connections are read each minute; they
shouldn't grow after the first. It starts and removes a PostgreSQL server of its own.

With --requests it ends when so many were answered, if that comes first: a process of the server has had them all where
there is one (--workers 1).

With --sqlite the clinic stands in a file: what a process holds without PostgreSQL's driver.

With --pgbouncer the server reaches it through PgBouncer, which shares five connections by transaction.

python -m bench.soak [MINUTES] [--workers N] [--requests N] [--sqlite | --pgbouncer PROGRAM]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
import psutil
import psycopg

from bench.calls import database, driver_url, postgres
from bench.clinic import Server, demo_clinic, table
from bench.pages import middle_and_slow
from bench.pooler import pgbouncer

MINUTES, WORKERS, PATIENTS, GUESTS, OFFICES = 10.0, 4, 4, 3, 1
PASSWORD = "Clinic-demo-2026"  # noqa: S105 - of the demo clinic
#: What is worth a line while it runs.
SAMPLE_SECONDS = 60.0


@dataclass
class Findings:
    """What the clients were answered, by everybody."""

    times: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int | str, milliseconds: float, expected: tuple[int, ...]) -> None:
        """Count an answer, and whether it is an error."""
        with self._lock:
            self.times.append(milliseconds)
            self.answers[what] += 1
            if status not in expected:
                self.errors[f"{what}: {status}"] += 1


class Person:
    """A client with connections and cookies of its own."""

    def __init__(self, url: str, findings: Findings, seed: int) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Accept-Language": "vi" if seed % 2 else "en"})
        self.random = random.Random(seed)
        self._findings = findings
        self.bearer: dict[str, str] = {}

    def ask(self, what: str, method: str, path: str, *expected: int, **more: Any) -> httpx.Response | None:
        """Send a request and count its answer; None where there was none."""
        began = time.perf_counter()
        status: int | str
        try:
            answer = self.http.request(method, path, headers=self.bearer if "/api/" in path else {}, **more)
            status = answer.status_code
        except httpx.TransportError as error:
            answer, status = None, type(error).__name__
        self._findings.note(what, status, (time.perf_counter() - began) * 1000, expected or (200,))
        return answer

    def note_strange_answer(self, who: str, error: Exception) -> None:
        """Count an answer that isn't what the API's document says."""
        self._findings.note(f"{who} can't read an answer", repr(error), 0, ())

    def sign_in(self, email: str) -> None:
        """Sign in as a program and as a browser."""
        answer = self.http.post("/api/v1/auth/login/", json={"email": email, "password": PASSWORD}).raise_for_status()
        self.bearer = {"Authorization": f"Bearer {answer.json()['tokens']['access']}"}
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.http.get("/login").text)
        assert token is not None
        form = {"csrf_token": token[1], "email": email, "password": PASSWORD}
        answer = self.http.post("/login", data=form, headers={"Referer": f"{self.http.base_url}/login"})
        assert answer.status_code == 303, answer.status_code


def guest(person: Person, doctors: list[dict[str, Any]]) -> None:
    """Look around."""
    doctor = person.random.choice(doctors)
    day = date.today() + timedelta(days=person.random.randint(1, 25))  # noqa: DTZ011 - any day will do
    for path in ("/", "/departments", f"/doctors/{doctor['id']}", "/doctors", "/contact"):
        person.ask("page", "GET", path)
    person.ask(
        "page of free times", "GET", f"/book?department={doctor['department_id']}&doctor={doctor['id']}&day={day}"
    )
    person.ask("API", "GET", "/api/v1/departments/")
    person.ask("API", "GET", "/api/v1/doctors/")
    person.ask("not there", "GET", "/nowhere", 404)


def patient(person: Person, doctors: list[dict[str, Any]]) -> None:
    """Book the first free time of a day, look at it, and cancel it."""
    doctor = person.random.choice(doctors)
    day = date.today() + timedelta(days=person.random.randint(3, 28))  # noqa: DTZ011 - any day will do
    slots = person.ask("free slots", "GET", f"/api/v1/available-slots/?doctor_id={doctor['id']}&date={day}")
    free = [each["time"] for each in slots.json()["available_slots"] if each["available"]] if slots is not None else []
    if free:
        booking = {
            "doctor_id": doctor["id"], "department_id": doctor["department_id"], "appointment_date": str(day),
            "appointment_time": person.random.choice(free), "symptoms": "Cough", "reason": "Examination",
        }  # fmt: skip
        booked = person.ask("booking", "POST", "/api/v1/appointments/", 201, 409, json=booking)
        if booked is not None and booked.status_code == 201:
            body = booked.json()
            number = body.get("appointment", body)["id"]
            person.ask("page of a visit", "GET", f"/patient/appointments/{number}")
            person.ask("cancellation", "POST", f"/api/v1/appointments/{number}/cancel/", json={"reason": "Soak"})
    person.ask("API", "GET", "/api/v1/appointments/")
    person.ask("page", "GET", "/patient/")
    person.ask("page", "GET", "/patient/appointments")
    person.ask("refused booking", "POST", "/api/v1/appointments/", 400, 422, json={"doctor_id": "x"})


def office(person: Person, _doctors: list[dict[str, Any]]) -> None:
    """Look at the day, at lists and at the numbers."""
    for path in (
        "/admin/",
        "/admin/appointments",
        "/admin/patients?q=an",
        "/admin/numbers",
        "/admin/outbox",
        "/admin/system",
    ):
        person.ask("page of the office", "GET", path)
    person.ask("API", "GET", "/api/v1/appointments/?page_size=100")


@dataclass
class Sample:
    """What the server holds at a moment."""

    minute: float
    #: Megabytes of the largest worker and of all processes.
    largest: float
    all_of_them: float
    files: int
    connections: int


def sample(server: Server, url: str | None, began: float) -> Sample:
    """Look at the server's processes and at its connections to the database."""
    parent = psutil.Process(server.pid)
    sizes, files = [], 0
    for process in [parent, *parent.children(recursive=True)]:
        sizes.append(process.memory_info().rss / 1024**2)
        files += process.num_fds()
    connections = 0 if url is None else _connections(url)
    return Sample((time.monotonic() - began) / 60, max(sizes), sum(sizes), files, connections)


def _connections(url: str) -> int:
    with psycopg.connect(driver_url(url)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    found: int = row[0]
    return found


def soak(server: Server, url: str | None, minutes: float, requests: float) -> tuple[Findings, list[Sample]]:
    """Let everybody go on for so long, or for so many requests; what they found, and the server's size each minute."""
    findings, stop = Findings(), threading.Event()
    doctors: list[dict[str, Any]] = httpx.get(f"{server.url}/api/v1/doctors/?page_size=100").json()["results"]
    threads = []
    roles: list[tuple[Callable[[Person, list[dict[str, Any]]], None], str | None, int]] = [
        (guest, None, GUESTS), (patient, "patient@clinic.example", PATIENTS), (office, "admin@clinic.example", OFFICES),
    ]  # fmt: skip
    for role, email, count in roles:
        for _ in range(count):
            person = Person(server.url, findings, seed=len(threads))
            if email is not None:
                person.sign_in(email)
            threads.append(threading.Thread(target=_go_on, args=(role, person, doctors, stop), daemon=True))
    began = time.monotonic()
    for each in threads:
        each.start()
    samples, ends = [], began + minutes * 60
    while time.monotonic() < ends and len(findings.times) < requests:
        next_one = min(time.monotonic() + SAMPLE_SECONDS, ends)
        while time.monotonic() < next_one and len(findings.times) < requests:
            time.sleep(0.1)
        samples.append(sample(server, url, began))
    stop.set()
    for each in threads:
        each.join(60)
    return findings, samples


def _go_on(
    role: Callable[[Person, list[dict[str, Any]]], None],
    person: Person,
    doctors: list[dict[str, Any]],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            role(person, doctors)
        except (KeyError, TypeError, ValueError) as error:
            person.note_strange_answer(role.__name__, error)


def show(findings: Findings, samples: list[Sample]) -> None:
    """Print what was found."""
    table(
        "Memory (MB), open files and connections, minute by minute",
        ["minute", "largest process", "all processes", "open files", "connections"],
        [
            [
                f"{each.minute:.1f}",
                f"{each.largest:.0f}",
                f"{each.all_of_them:.0f}",
                str(each.files),
                str(each.connections),
            ]
            for each in samples
        ],
    )
    rows = [[name, f"{count:,}"] for name, count in findings.answers.most_common()]
    table("Requests", ["what", "number"], [*rows, ["all", f"{len(findings.times):,}"]])
    middle, slow = middle_and_slow(findings.times)
    last = statistics.quantiles(findings.times, n=100)[98]
    table(
        "Milliseconds",
        ["p50", "p95", "p99", "most"],
        [[f"{each:.0f}" for each in (middle, slow, last, max(findings.times))]],
    )
    print(f"\nErrors: {sum(findings.errors.values())} {json.dumps(findings.errors) if findings.errors else ''}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Let many people use the portal for minutes.")
    parser.add_argument("minutes", type=float, nargs="?", default=MINUTES)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--requests", type=float, default=math.inf, help="end after so many of them")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--sqlite", action="store_true", help="put the clinic into a file of SQLite")
    where.add_argument("--pgbouncer", metavar="PROGRAM", help="reach the database through this PgBouncer")
    return parser.parse_args()


def main() -> None:
    """Soak and print; status 1 after an error."""
    options = _options()
    with ExitStack() as stack:
        url = None if options.sqlite else stack.enter_context(database(stack.enter_context(postgres()), "soak"))
        environment = stack.enter_context(demo_clinic(url, {"WORKERS": str(options.workers)}))
        if options.pgbouncer and url is not None:
            pooled = stack.enter_context(pgbouncer(url, options.pgbouncer))
            environment |= {"DATABASE_URL": pooled, "DATABASE_PREPARED_STATEMENTS": "0"}
        running = Server(environment)
        stack.callback(running.stop)
        findings, samples = soak(running, url, options.minutes, options.requests)
    show(findings, samples)
    raise SystemExit(1 if findings.errors else 0)


if __name__ == "__main__":
    main()
