"""What the audit costs: each page with its entry and without, in turn in each round, on both databases.

Processor time of this process, which answers the pages itself, and of PostgreSQL's processes for the database. The first
column is the page without its entries; what they add is the median of the rounds' differences.

python -m bench.audit [ROUNDS]
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from bench.calls import PASSWORD, backends, database, postgres
from bench.clinic import demo_clinic, table
from bench.like_data import ADMIN
from bench.processor import Backends, quartiles
from clinic.app import create_app
from clinic.audit import readings

ROUNDS, REQUESTS = 20, 20
DOCTOR = "doctor@clinic.example"
#: What is read, who reads it, and by which link of it the page of one is found.
PAGES = {
    "the office's visits, 20 of them": (ADMIN, "/admin/appointments", None),
    "the office's patients": (ADMIN, "/admin/patients", None),
    "a doctor's patients": (DOCTOR, "/doctor/patients", None),
    "a doctor's day": (DOCTOR, "/doctor/", None),
    "one patient of a doctor": (DOCTOR, "/doctor/patients", r"/doctor/patients/\d+"),
}


def main() -> None:
    """Measure on both databases and print a table each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with demo_clinic() as environment:
        measure("SQLite", environment, None, rounds)
    with postgres() as server, database(server, "audited") as url, demo_clinic(url) as environment:
        measure("PostgreSQL", environment, backends(url), rounds)


def measure(title: str, environment: dict[str, str], server: Backends | None, rounds: int) -> None:
    """Measure each page with its entries and without and print what they add."""
    app = create_app(
        {
            "database_url": environment["DATABASE_URL"], "secret_key": environment["SECRET_KEY"],
            "env": "testing", "ratelimit_enabled": False,
        }
    )  # fmt: skip
    rows = [
        [name, *compared(page_of(signed_in(app.test_client(), email), path, link), server, rounds)]
        for name, (email, path, link) in PAGES.items()
    ]
    table(title, ["page", "without, ms", "entries add, ms (database)", "ratio"], rows)


def signed_in(browser: FlaskClient, email: str) -> FlaskClient:
    """Sign a browser in."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login").text)
    assert token is not None
    answer = browser.post("/login", data={"csrf_token": token[1], "email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def page_of(browser: FlaskClient, path: str, link: str | None) -> Callable[[], object]:
    """Return what gets a page, or the first behind a link of it."""

    def fetch(path: str) -> str:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    found = path if link is None else re.findall(link, fetch(path))[0]
    return lambda: fetch(found)


@contextmanager
def unwritten() -> Iterator[None]:
    """Let readings be gathered as ever and written nowhere."""
    write: Callable[..., Any] = readings._write
    readings._write = lambda _: None
    try:
        yield
    finally:
        readings._write = write


def compared(deed: Callable[[], object], server: Backends | None, rounds: int) -> list[str]:
    """Return what a deed takes without entries, what these add, and the ratio of both."""
    for _ in range(REQUESTS):
        deed()
    without, added, of_database, ratios = [], [], [], []
    for number in range(rounds):
        taken: dict[bool, tuple[float, float]] = {}
        for audited in (number % 2 == 0, number % 2 == 1):
            taken[audited] = timed(deed, server, audited)
        without.append(sum(taken[False]))
        added.append(sum(taken[True]) - sum(taken[False]))
        of_database.append(taken[True][1] - taken[False][1])
        ratios.append(sum(taken[True]) / sum(taken[False]))
    middle, low, high = quartiles(ratios)
    least, most = quartiles(added)[1:]
    return [
        f"{statistics.median(without):.2f}",
        f"{statistics.median(added):.2f} [{least:.2f}-{most:.2f}] ({statistics.median(of_database):.2f})",
        f"{middle:.2f} [{low:.2f}-{high:.2f}]",
    ]


def timed(deed: Callable[[], object], server: Backends | None, audited: bool) -> tuple[float, float]:
    """Return milliseconds of this process and of the database for a request."""
    began = time.process_time(), server.seconds() if server else 0.0
    if audited:
        for _ in range(REQUESTS):
            deed()
    else:
        with unwritten():
            for _ in range(REQUESTS):
                deed()
    ended = time.process_time(), server.seconds() if server else 0.0
    own, database_ = ((end - start) * 1000 / REQUESTS for start, end in zip(began, ended, strict=True))
    return own, database_


if __name__ == "__main__":
    main()
