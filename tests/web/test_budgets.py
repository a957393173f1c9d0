"""What a page weighs: no more bytes than were promised. What it asks of the database is in test_statements.py."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from clinic import records
from clinic.i18n import LANGUAGES
from tests import factories
from tests.people import Cast
from tests.web.conftest import TODAY
from tests.web.visitor import Visitor

BOOKING_BYTES = 25_000
LATER_PAGE_BYTES = 25_000
FIRST_VISIT_BYTES = 200_000


def grow(app: Flask, cast: Cast, number: int, since: date) -> None:
    """Add so many departments, doctors, services, visits and records."""
    with app.app_context():
        for each in range(number // 10):
            department = factories.department(f"Department {since} {each}")
            factories.service(f"Service {each}", department_id=department)
        for each in range(number):
            factories.doctor(f"Dr {since} {each}", department_id=cast.cardiology)
        for appointment in factories.appointments(number, cast.ana, cast.chen, first_day=since, status="completed"):
            factories.record(appointment, cast.chen)
            records.record_of(cast.actor("chen"), appointment)
            cast.actor("ana")
        factories.appointments(number // 2, cast.ana, cast.diallo, first_day=TODAY + timedelta(days=2))


def test_booking_stays_small(app: Flask, cast: Cast, as_: Callable[[str], Visitor]) -> None:
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
        factories.appointments(40, cast.boris, cast.chen, first_day=TODAY + timedelta(days=1))
    day = TODAY + timedelta(days=2)
    path = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day={TODAY + timedelta(days=3)}&time=10:00"
    for language in LANGUAGES:
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
        if node.tag == "script" or (node.tag == "link" and node.get("rel") in ("stylesheet", "icon"))
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
        "/patient/appointments?status=past",
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
