"""What a page costs: no more statements as its rows grow, and no more bytes than were promised."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from clinic import records
from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import TODAY
from tests.web.visitor import Visitor

BOOKING_MOST = 8
PAGE_MOST = 10
BOOKING_BYTES = 25_000
LATER_PAGE_BYTES = 25_000
FIRST_VISIT_BYTES = 200_000

PAGES = [
    "/",
    "/departments",
    "/departments/{cardiology}",
    "/doctors",
    "/doctors?department={cardiology}&search=d",
    "/doctors/{chen}",
    "/book",
    "/book?department={cardiology}",
    "/book?department={cardiology}&doctor={chen}",
    "/book?department={cardiology}&doctor={chen}&day={day}",
    "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00&review=1",
    "/patient/",
    "/patient/appointments",
    "/patient/appointments?status=completed&page=2",
    "/patient/records",
    "/patient/records?page=2",
    "/suggest-department",
    "/rooms",
    "/patient/appointments?status=completed&date_from=2025-01-01&date_to=2026-02-01",
    "/patient/profile",
    "/patient/trail",
    "/account/",
    "/account/password",
    "/account/devices",
    "/privacy",
    "/forgot-password",
]


def grow(app: Flask, cast: Cast, number: int, since: date) -> None:
    """Add so many departments, doctors, services, visits and records."""
    with app.app_context():
        for each in range(number // 10):
            department = factories.department(f"Department {since} {each}")
            factories.service(f"Service {each}", department_id=department)
        for each in range(number):
            factories.doctor(f"Dr {since} {each}", department_id=cast.cardiology)
        for visit in factories.visits(number, cast.ana, cast.chen, first_day=since, status="completed"):
            factories.record(visit, cast.chen)
            records.record_of(cast.actor("chen"), visit)
            cast.actor("ana")
        factories.visits(number // 2, cast.ana, cast.diallo, first_day=TODAY + timedelta(days=2))


def statements(app: Flask, visitor: Visitor, path: str) -> int:
    """Count what a page asks of the database."""
    with app.app_context():
        engine = db.engine
    with count_statements(engine) as asked:
        assert visitor.get(path).status == 200
    return len(asked)


def test_no_page_asks_more_as_its_rows_grow(app: Flask, cast: Cast, as_: Callable[[str], Visitor]) -> None:
    ana = as_("ana")
    paths = [path.format(cardiology=cast.cardiology, chen=cast.chen, day=TODAY + timedelta(days=9)) for path in PAGES]
    grow(app, cast, 12, date(2026, 1, 5))
    few = {path: statements(app, ana, path) for path in paths}
    with app.app_context():
        factories.visits(60, cast.boris, cast.chen, first_day=TODAY + timedelta(days=3))
    grow_more(app, cast)
    many = {path: statements(app, ana, path) for path in paths}

    assert many == few
    for path, number in many.items():
        assert number <= (BOOKING_MOST if path.startswith("/book") else PAGE_MOST), (path, number)


def grow_more(app: Flask, cast: Cast) -> None:
    """Ten times as many rows, without a second visit at one time."""
    with app.app_context():
        for each in range(100):
            factories.doctor(f"Dr Many {each}", department_id=cast.cardiology)
        for each in range(20):
            factories.service(f"Many {each}", department_id=cast.cardiology)
            factories.department(f"Many {each}")
        for visit in factories.visits(100, cast.ana, cast.chen, first_day=date(2025, 1, 6), status="completed"):
            factories.record(visit, cast.chen)


def test_booking_asks_no_more_than_promised_and_stays_small(
    app: Flask, cast: Cast, as_: Callable[[str], Visitor]
) -> None:
    """A clinic like the demo's: eight departments, six doctors in the chosen one, some times taken."""
    with app.app_context():
        for name in (
            "Ophthalmology",
            "Orthopaedics",
            "Paediatrics",
            "Dentistry",
            "Respiratory medicine",
            "Dermatology",
        ):
            factories.department(name)
        for number in range(5):
            factories.doctor(f"Nguyễn Thị Phương Uyên {number}", department_id=cast.cardiology)
        factories.visits(40, cast.boris, cast.chen, first_day=TODAY + timedelta(days=1))
    day = TODAY + timedelta(days=2)
    path = f"/book?department={cast.cardiology}&doctor={cast.chen}&day={TODAY + timedelta(days=3)}&time=10:00&review=1"
    for language in ("en", "vi"):
        ana = as_("ana")
        ana.language = language
        for each in (path, f"/book?department={cast.cardiology}&doctor={cast.chen}&day={day}"):
            page = ana.get(each)
            assert len(page.html.encode()) < BOOKING_BYTES, (language, len(page.html.encode()))


def test_the_first_visit_of_the_booking_page_is_light(root: Path, cast: Cast, as_: Callable[[str], Visitor]) -> None:
    """Everything that Chromium fetches for the page, as the server compresses what doesn't change; fonts included."""
    page = as_("ana").get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={TODAY + timedelta(days=3)}")
    named = [
        (node.get("href") or node.get("src") or "").removeprefix("/").partition("?")[0]
        for node in page.tree
        if node.tag in ("link", "script")
    ]
    texts = sum(len(gzip.compress((root / each).read_bytes())) for each in [*named, "static/img/icons.svg"])
    fonts = sum(path.stat().st_size for path in (root / "static" / "fonts").glob("*.woff2"))

    assert texts + fonts + len(page.html.encode()) <= FIRST_VISIT_BYTES


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/doctors",
        "/patient/",
        "/patient/appointments",
        "/patient/records",
        "/patient/profile",
        "/patient/trail",
        "/account/",
        "/account/devices",
        "/privacy",
    ],
)
def test_a_later_page_is_light(as_: Callable[[str], Visitor], app: Flask, cast: Cast, path: str) -> None:
    grow(app, cast, 12, date(2026, 1, 5))

    assert len(as_("ana").get(path).html.encode()) <= LATER_PAGE_BYTES
