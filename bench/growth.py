"""What a larger clinic costs: the same pages and calls of a clinic of 20,000 visits and of one of a million, in turn in each round.

Both on a PostgreSQL server of this run's own. A day is as full in both, so each should cost the same; the ratio is the
median of the rounds'. To write a million visits takes a quarter of an hour and 3 GB.

python -m bench.growth [ROUNDS [VISITS]]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote_plus

import psycopg

from bench.calls import ADMIN, Clinic, backends, database, driver_url, get, postgres
from bench.clinic import ROOT, Server, demo_clinic, table
from bench.grow import grow
from bench.processor import Call, ProcessTree, Served, Window, measure, quartiles
from clinic import clock
from clinic.paging import cursors

ROUNDS, FEW, MANY = 5, 20_000, 1_000_000
#: The most that growth by fifty may cost: an exact count and a page by number, and all else.
MOST, MOST_BY_NUMBER = 1.3, 3.0
_IN_ORDER = "SELECT appointment_date, appointment_time, id FROM appointments ORDER BY appointment_date DESC, appointment_time, id"


class GrownClinic(Clinic):
    """Whom and what the probes are about, and the portal that serves them."""

    def __init__(self, url: str, portal: Server) -> None:
        super().__init__(url, portal.url)
        self.served = Served(portal.url, ProcessTree(portal.pid), backends(url))
        patient, doctor = self.patients[0][1], self.doctors[0]
        with psycopg.connect(driver_url(url)) as connection:

            def ask(statement: str, *values: Any) -> Any:
                row = connection.execute(statement.encode(), values).fetchone()
                assert row is not None
                return row

            self.visits: int = ask("SELECT count(*) FROM appointments")[0]
            self.name, self.phone = ask("SELECT full_name, phone_num FROM users WHERE email = %s", patient)
            self.middle, self.last = (
                cursors.written([1, *ask(f"{_IN_ORDER} OFFSET %s LIMIT 1", place)])
                for place in (self.visits // 2, self.visits - 21)
            )
            own = connection.execute(
                "SELECT patient_id FROM appointments WHERE doctor_id = %s AND status = 'completed' ORDER BY id DESC LIMIT 30",
                [doctor[0]],
            ).fetchall()
        self.own_patients = [row[0] for row in own]
        self.as_patient, self.as_doctor, self.as_admin = map(self.browser, (patient, doctor[1], ADMIN))


@dataclass(frozen=True)
class Probe:
    """What is asked of both, so often in a round, and what growth may make of its cost."""

    name: str
    calls: int
    make: Callable[[GrownClinic, int], Call]
    most: float = MOST


def _day(ahead: int) -> date:
    return clock.today() + timedelta(days=ahead)


def _slots(clinic: GrownClinic, number: int) -> Call:
    doctor = clinic.doctors[number % 30][0]
    return get(f"/api/v1/available-slots/?doctor_id={doctor}&date={_day(3 + number % 20)}")


def _book(clinic: GrownClinic, number: int) -> Call:
    doctor, _, department = clinic.doctors[number % 30]
    return get(f"/book?department={department}&doctor={doctor}&day={_day(4)}")


def _of_api(path: str) -> Callable[[GrownClinic, int], Call]:
    return lambda clinic, _: get(f"/api/v1/{path}", clinic.bearers[ADMIN])


def _by_number(share: float) -> Callable[[GrownClinic, int], Call]:
    """Return what fetches the page of the API's list that has so much of it before it."""
    return lambda clinic, _: get(
        f"/api/v1/appointments/?page={max(1, round(-(-clinic.visits // 10) * share))}", clinic.bearers[ADMIN]
    )


def _of_doctor(path: str) -> Callable[[GrownClinic, int], Call]:
    return lambda clinic, _: get(path, clinic.as_doctor)


def _of_office(path: str) -> Callable[[GrownClinic, int], Call]:
    """Return what fetches a page of the office; in ``path`` stand names of what a clinic has."""
    return lambda clinic, _: get(
        path.format(
            middle=clinic.middle, last=clinic.last, name=quote_plus(clinic.name), phone=clinic.phone,
            doctor=clinic.doctors[0][0], address=clinic.patients[0][1],
        ),
        clinic.as_admin,
    )  # fmt: skip


def probes() -> list[Probe]:
    """Return everything that is measured."""
    year, yesterday = f"first={_day(-364)}&last={_day(0)}", _day(-1)
    return [
        Probe("API: slots", 40, _slots),
        Probe("API: ten visits of a patient", 40, lambda c, i: get("/api/v1/appointments/", c.bearers[c.patients[i % 4][1]])),
        Probe("API: a hundred visits of a doctor", 12, lambda c, _: get("/api/v1/appointments/?page_size=100", c.bearers[c.doctors[0][1]])),
        Probe("API: all visits, first page", 20, _by_number(0), MOST_BY_NUMBER),
        Probe("API: all visits, middle", 10, _by_number(0.5), MOST_BY_NUMBER),
        Probe("API: all visits, last page", 10, _by_number(1), MOST_BY_NUMBER),
        Probe("home", 20, lambda c, _: get("/")),
        Probe("booking, a day chosen", 12, _book),
        Probe("a patient's home", 20, lambda c, _: get("/patient/", c.as_patient)),
        Probe("a patient's records", 20, lambda c, _: get("/patient/records", c.as_patient)),
        Probe("a doctor's day", 16, _of_doctor(f"/doctor/?day={yesterday}")),
        Probe("a doctor's visits", 16, _of_doctor("/doctor/appointments")),
        Probe("a doctor's patients", 16, _of_doctor("/doctor/patients")),
        Probe("a doctor's one patient", 16, lambda c, i: get(f"/doctor/patients/{c.own_patients[i % 30]}", c.as_doctor)),
        Probe("a doctor's records", 16, _of_doctor("/doctor/records")),
        Probe("the office's day", 4, _of_office(f"/admin/?day={yesterday}")),
        Probe("the office's visits, first page", 16, _of_office("/admin/appointments")),
        Probe("the office's visits, middle", 16, _of_office("/admin/appointments?after={middle}")),
        Probe("the office's visits, last page", 16, _of_office("/admin/appointments?after={last}")),
        Probe("the office's visits, of a status", 12, _of_office("/admin/appointments?status=completed")),
        Probe("the office's visits, of a doctor", 12, _of_office("/admin/appointments?doctor={doctor}")),
        Probe("the office's visits, of a name", 10, _of_office("/admin/appointments?search={name}")),
        Probe("the office's visits, of a first name", 10, _of_office("/admin/appointments?search=linh")),
        Probe("finding a name", 10, _of_office("/admin/find?q={name}")),
        Probe("finding a phone number", 10, _of_office("/admin/find?q={phone}")),
        Probe("finding two letters", 10, _of_office("/admin/find?q=ng")),
        Probe("numbers of four weeks", 10, _of_office("/admin/numbers")),
        Probe("numbers of a year", 8, _of_office(f"/admin/numbers?{year}")),
        Probe("the office's users", 12, _of_office("/admin/users")),
        Probe("the office's records", 12, _of_office("/admin/records")),
        Probe("the office's records of a day on", 12, _of_office(f"/admin/records?purpose=quality&date_from={_day(-20)}")),
        Probe("the trail", 12, _of_office("/admin/trail")),
        Probe("the trail of a name", 12, _of_office("/admin/trail?whose={name}")),
        Probe("the outbox", 12, _of_office("/admin/outbox")),
        Probe("the outbox, of an address", 12, _of_office("/admin/outbox?search={address}")),
    ]  # fmt: skip


def compare(few: GrownClinic, many: GrownClinic, rounds: int, wanted: str = "") -> list[list[str]]:
    """Measure the probes whose names hold ``wanted`` in turn, and return a row of each."""
    chosen = [probe for probe in probes() if wanted in probe.name]
    found: dict[str, list[tuple[Window, Window]]] = {probe.name: [] for probe in chosen}
    for round_ in range(rounds + 1):
        for probe in chosen:
            number = probe.calls if round_ else 3
            windows = {
                clinic: measure(clinic.served, [probe.make(clinic, each) for each in range(number)], clients=1)
                for clinic in ((few, many) if round_ % 2 else (many, few))
            }
            if failures := [*windows[few].failures, *windows[many].failures]:
                raise SystemExit(f"{probe.name} was answered with {failures[0]}.")
            if round_:
                found[probe.name].append((windows[few], windows[many]))
    return [_row(probe, found[probe.name]) for probe in chosen]


def _row(probe: Probe, windows: list[tuple[Window, Window]]) -> list[str]:
    def cost(window: int) -> str:
        own, of_database = (
            quartiles([getattr(pair[window], part) for pair in windows])[0] for part in ("processor", "database")
        )
        return f"{own:.1f} ({of_database:.1f})"

    median, low, high = quartiles([many.processor / few.processor for few, many in windows])
    waited = quartiles([many.median / few.median for few, many in windows])[0]
    return [probe.name, cost(0), cost(1), f"{median:.2f} [{low:.2f}-{high:.2f}]", f"{probe.most:g}", f"{waited:.2f}"]


def count_days(environment: dict[str, str]) -> None:
    """Count the days that are over, as the worker of a clinic does every few seconds; none runs here."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "count-days"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


HEADS = ["page or call", "few, ms (database)", "many, ms (database)", "ratio", "at most", "ratio of medians of latency"]


def main() -> None:
    """Grow both, measure and print."""
    given = [int(each) for each in sys.argv[1:]]
    rounds, visits = (*given, *(ROUNDS, MANY)[len(given) :])
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        clinics = []
        for name, number in (("few", FEW), ("many", visits)):
            url = stack.enter_context(database(server, name))
            environment = stack.enter_context(demo_clinic(url))
            grow(url, number, number // 12)
            count_days(environment)
            portal = Server(environment)
            stack.callback(portal.stop)
            clinics.append(GrownClinic(url, portal))
        few, many = clinics
        table(f"{few.visits:,} and {many.visits:,} visits", HEADS, compare(few, many, rounds))


if __name__ == "__main__":
    main()
