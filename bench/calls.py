"""What the portal's calls cost in processor time, beside the limit of what Flask and one statement cost (``bench/limit.py``).

Both are served by granian on the same PostgreSQL database of 20,000 visits, in turn in each round; the ratio of a call is
the median of its rounds. It starts and removes a PostgreSQL server of its own.

python -m bench.calls [ROUNDS]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from bench.clinic import ROOT, Server, demo_clinic, table
from bench.grow import grow
from bench.like_data import ADMIN, pages
from bench.processor import Backends, Call, Client, ProcessTree, Served, get, measure, quartiles
from clinic import clock
from clinic.scheduling.calendar import SLOT_TIMES
from tests.run import new_run
from tests.servers import free_port

ROUNDS = 5
VISITS = 20_000
#: Ends the name of a page that is measured beside the main call alone.
ALONE = ", beside the main call"
PASSWORD = "Clinic-demo-2026"  # noqa: S105 - of the demo clinic


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server of this run's own; its URL. What would be lost with the power doesn't wait for the disk."""
    run = new_run()
    try:
        yield run.postgres().url_of()
    finally:
        run.take_down()


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Make an empty database on the server; its URL."""
    with psycopg.connect(driver_url(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", server, count=1) if server.count("/") > 2 else f"{server}/{name}"


def driver_url(url: str) -> str:
    """Return a SQLAlchemy URL as the driver reads it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def backends(url: str) -> Backends:
    """Return the processes behind a database."""
    with psycopg.connect(driver_url(url)) as connection:
        row = connection.execute("SELECT pg_backend_pid(), current_database()").fetchone()
        assert row is not None
        return Backends(psutil.Process(row[0]).ppid(), row[1])


@contextmanager
def limit_server(url: str) -> Iterator[Served]:
    """Serve the limit on the database of ``url``."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "8", "--log-level", "error", "bench.limit:app"],
        cwd=ROOT, env={**os.environ, "LIMIT_DATABASE": driver_url(url)},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                Client(f"http://127.0.0.1:{port}").fetch("/api/v1/departments/")
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield Served(f"http://127.0.0.1:{port}", ProcessTree(process.pid), backends(url))
    finally:
        process.terminate()
        process.wait(20)


class Clinic:
    """Whom and what the calls are about."""

    def __init__(self, url: str, portal: str, *, booking: int = 4) -> None:
        self._portal = portal
        with psycopg.connect(driver_url(url)) as self._connection:
            self.doctors = self._ask(
                "SELECT u.id, u.email, d.department_id FROM users u JOIN doctors d ON d.user_id = u.id"
                " WHERE u.email LIKE 'grown.doctor%' ORDER BY u.id LIMIT 40"
            )
            self.patients = self._ask(
                "SELECT u.id, u.email FROM users u WHERE u.email ~ '^grown[0-9]+@' AND"
                " (SELECT count(*) FROM appointments a WHERE a.patient_id = u.id) >= 10 ORDER BY u.id LIMIT 8"
            )
            recorded = self._ask(
                "SELECT a.id FROM appointments a JOIN medical_records m ON m.appointment_id = a.id"
                f" WHERE a.doctor_id = {self.doctors[0][0]} ORDER BY a.id LIMIT 200"
            )
            self.recorded = [row[0] for row in recorded]
            self.booking = self._ask(
                f"SELECT u.id, u.email FROM users u WHERE u.email ~ '^grown[0-9]+@' ORDER BY u.id DESC LIMIT {booking}"
            )
            self.slots = iter(self._free_slots())
        people = [*self.patients, self.doctors[0][:2], *self.booking, (0, ADMIN)]
        self.bearers = {email: self.bearer(email) for _, email in people}

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement.encode()).fetchall()

    def _free_slots(self) -> list[tuple[int, str, tuple[Any, ...], Any, Any]]:
        """Return free slots, each for one of the booking patients in turn."""
        moments = "appointment_date, appointment_time FROM appointments WHERE status <> 'cancelled'"
        taken, busy = (set(self._ask(f"SELECT {column}, {moments}")) for column in ("doctor_id", "patient_id"))
        return [
            (number, email, doctor, day, at)
            for day in (clock.today() + timedelta(days=ahead) for ahead in range(2, 28))
            for at in SLOT_TIMES
            for (number, email), doctor in zip(self.booking, self.doctors[-len(self.booking) :], strict=False)
            if (doctor[0], day, at) not in taken and (number, day, at) not in busy
        ]

    def best_doctors(self) -> list[int]:
        """Return the ids of the doctors, best rated first, as the API lists them."""
        status, body = Client(self._portal).fetch("/api/v1/doctors/")
        assert status == 200, body
        return [row["id"] for row in json.loads(body)["results"]]

    def bearer(self, email: str) -> dict[str, str]:
        """Sign in as a program; the header that says so."""
        status, body = Client(self._portal).fetch("/api/v1/auth/login/", body={"email": email, "password": PASSWORD})
        assert status == 200, body
        return {"Authorization": f"Bearer {json.loads(body)['tokens']['access']}"}

    def unchanged(self, path: str) -> Call:
        """Return the call by which a program asks again for what it has already: 200 for "not modified"."""
        first = Client(self._portal)
        first.fetch(path)
        tag = {"If-None-Match": first.headers["ETag"]}
        return lambda client: 200 if client.fetch(path, tag)[0] == 304 else 0

    def guest(self) -> dict[str, str]:
        """Come as a browser that nobody signs in with; its cookies."""
        client = Client(self._portal)
        client.fetch("/")
        cookies = client.headers.get_all("Set-Cookie") or []
        return {"Cookie": "; ".join(each.partition(";")[0] for each in cookies)}

    def browser(self, email: str) -> dict[str, str]:
        """Sign in as a browser; its cookies."""
        client, jar, cookies = Client(self._portal), dict[str, str](), dict[str, str]()
        _, body = client.fetch("/login")
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', body)
        assert token is not None
        for _turn in (0, 1):
            for header in client.headers.get_all("Set-Cookie") or []:
                name, _, value = header.partition(";")[0].partition("=")
                jar[name] = value
            cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
            if _turn == 0:
                form = urlencode({"csrf_token": token[1].decode(), "email": email, "password": PASSWORD})
                status, body = client.fetch("/login", {**cookies, "Referer": f"{self._portal}/login"}, form=form)
                assert status in (302, 303), body
        return cookies


@dataclass(frozen=True)
class Compared:
    """Two ways to the same data, what is measured of each in a round, and the most that the first may cost of the second."""

    name: str
    most: float
    first: Callable[[int], Call]
    second: Callable[[int], Call]
    calls: int = 60
    #: How many times as many of the second.
    times: int = 1
    expected: int = 200


#: Role, id and e-mail.
Person = tuple[str, int, str]


def who(role: str, number: int) -> dict[str, str]:
    """Return the header by which the limit is told who asks."""
    return {"X-Who": f"{role}:{number}"}


def bookings(clinic: Clinic, *, of_limit: bool) -> Callable[[int], Call]:
    """Return what makes the bookings, each of another free slot."""

    def make(_number: int) -> Call:
        patient, email, (doctor, _, department), on, at = next(clinic.slots)
        body = {
            "doctor_id": doctor, "department_id": department, "appointment_date": str(on),
            "appointment_time": f"{at:%H:%M}", "symptoms": "Cough", "reason": "Examination",
        }  # fmt: skip
        headers = who("patient", patient) if of_limit else clinic.bearers[email]
        return lambda client: client.fetch("/api/v1/appointments/", headers, body=body)[0]

    return make


def api_calls(clinic: Clinic) -> list[Compared]:
    """Return the API's calls beside those of the limit."""
    day = clock.today()

    def same(
        path: Callable[[int], str], person: Callable[[int], Person] | None = None
    ) -> tuple[Callable[[int], Call], Callable[[int], Call]]:
        if person is None:
            return (lambda i: get(path(i))), (lambda i: get(path(i)))
        return (lambda i: get(path(i), clinic.bearers[person(i)[2]])), (lambda i: get(path(i), who(*person(i)[:2])))

    def slots(i: int) -> str:
        doctor = clinic.doctors[i % len(clinic.doctors)][0]
        return f"/api/v1/available-slots/?doctor_id={doctor}&date={day + timedelta(days=3 + i % 20)}"

    def patient(i: int) -> Person:
        return ("patient", *clinic.patients[i % len(clinic.patients)])

    def doctor(_: int) -> Person:
        return ("doctor", *clinic.doctors[0][:2])

    visits = "/api/v1/appointments/"
    one, hundred = (
        (lambda i: f"{visits}{clinic.recorded[i % len(clinic.recorded)]}/"),
        (lambda i: f"{visits}?page_size=100"),
    )
    departments, doctors = "/api/v1/departments/", "/api/v1/doctors/"
    departments_again, doctors_again = clinic.unchanged(departments), clinic.unchanged(doctors)
    booking = bookings(clinic, of_limit=False), bookings(clinic, of_limit=True)
    return [
        Compared("departments", 3, *same(lambda i: departments), calls=300, times=2),
        Compared(
            "departments, not modified", 2, lambda i: departments_again, lambda i: get(departments), calls=300, times=2
        ),
        Compared("doctors", 3, *same(lambda i: doctors), calls=300, times=2),
        Compared("doctors, not modified", 2, lambda i: doctors_again, lambda i: get(doctors), calls=300, times=2),
        Compared("slots", 5, *same(slots), calls=100, times=5),
        Compared("ten visits of a patient", 5, *same(lambda i: visits, patient), times=5),
        Compared("one visit with its record and audit", 6, *same(one, doctor), times=5),
        Compared("a hundred visits of a doctor", 4, *same(hundred, doctor), calls=40, times=3),
        Compared("booking, with audit, history and outbox", 10, *booking, calls=30, times=3, expected=201),
    ]


def page_calls(clinic: Clinic) -> list[Compared]:
    """Return pages beside all of the API's calls for like data, and each beside the main one of them."""
    return [
        compared
        for each in pages(clinic)
        for compared in (
            Compared(each.name, 2, each.page, each.all_calls, calls=40),
            Compared(f"{each.name}{ALONE}", 2, each.page, each.main_call, calls=40, times=2),
        )
    ]


def beside_both(rows: list[list[str]]) -> list[list[str]]:
    """Return a row of each page out of its two: beside all calls, and what it costs of the main one alone."""
    alone = {row[0]: row for row in rows if row[0].endswith(ALONE)}
    return [
        [*row[:4], alone[row[0] + ALONE][3], *row[4:-1], ", ".join({row[-1], alone[row[0] + ALONE][-1]})]
        for row in rows
        if row[0] not in alone
    ]


def compare(pairs: list[Compared], first: Served, second: Served, rounds: int) -> list[list[str]]:
    """Measure all pairs in turn, and return a row of each: milliseconds of both, the ratio with its quartiles, the most."""
    rows = []
    found: dict[str, list[tuple[float, float, float]]] = {pair.name: [] for pair in pairs}
    bad: dict[str, list[int]] = {pair.name: [] for pair in pairs}
    for round_ in range(rounds + 1):
        for pair in pairs:
            # The clock of processor time ticks a hundred times a second: what costs little is called more often.
            sides = [(first, pair.first, pair.calls), (second, pair.second, pair.calls * pair.times)]
            windows = {}
            for side, (served, make, number) in sorted(enumerate(sides), reverse=bool(round_ % 2)):
                calls = [make(each) for each in range(number if round_ else max(3, number // 5))]
                windows[side] = measure(served, calls, expected=pair.expected)
                bad[pair.name] += windows[side].failures
            if round_:
                found[pair.name].append((windows[0].processor, windows[0].database, windows[1].processor))
    for pair in pairs:
        median, low, high = quartiles([ours / theirs for ours, _, theirs in found[pair.name]])
        ours, database_part, theirs = (quartiles(column)[0] for column in zip(*found[pair.name], strict=True))
        rows.append([
            pair.name, f"{ours:.2f} ({database_part:.2f})", f"{theirs:.2f}", f"{median:.1f} [{low:.1f}-{high:.1f}]", f"{pair.most:g}",
            ", ".join(f"{bad[pair.name].count(status)} times {status}" for status in sorted(set(bad[pair.name]))) or "none",
        ])  # fmt: skip
    return rows


def main() -> None:
    """Measure and print both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with ExitStack() as stack:
        url = stack.enter_context(database(stack.enter_context(postgres()), "bench"))
        environment = stack.enter_context(demo_clinic(url))
        grow(url, VISITS, VISITS // 15)
        portal = Server(environment)
        stack.callback(portal.stop)
        served = Served(portal.url, ProcessTree(portal.pid), backends(url))
        limit = stack.enter_context(limit_server(url))
        clinic = Clinic(url, portal.url)
        heads = ["call", "portal, ms (database)", "other, ms", "ratio", "at most", "failed"]
        table("The API beside the limit", heads, compare(api_calls(clinic), served, limit, rounds))
        found = beside_both(compare(page_calls(clinic), served, served, rounds))
        table("Pages beside the API", [*heads[:4], "to the main call", *heads[4:]], found)


if __name__ == "__main__":
    main()
