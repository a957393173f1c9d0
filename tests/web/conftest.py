"""Readers of pages, at nine in the morning of Monday 2 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor, signed_in

YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)
#: More than 24 hours ahead.
LATER = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def morning(clock_at: Callable[[str], datetime]) -> datetime:
    """Let the clock stand."""
    return clock_at("2026-03-02 09:00")


@pytest.fixture
def guest(app: Flask) -> Visitor:
    """Somebody who isn't signed in."""
    return Visitor(app)


@pytest.fixture
def as_(app: Flask, cast: Cast) -> Callable[[str], Visitor]:
    """Readers of the cast, each signed in once: ``as_("ana").get("/patient/")``."""
    return cache(lambda name: signed_in(app, getattr(cast, name)))


@pytest.fixture
def appointment(app: Flask, cast: Cast) -> Callable[..., int]:
    """Make visits of Ana to Dr Chen: ``visit(status="confirmed")``."""

    def make(on: date = LATER, at: str = "09:00", **more: Any) -> int:
        with app.app_context():
            people = {"patient_id": cast.ana, "doctor_id": cast.chen, **more}
            return factories.appointment(people.pop("patient_id"), people.pop("doctor_id"), on, at, **people)

    return make


@pytest.fixture
def record(app: Flask, cast: Cast) -> Callable[..., int]:
    """Make the record of a visit by Dr Chen: ``record(visit_id, diagnosis="...")``."""

    def make(appointment_id: int, **more: Any) -> int:
        with app.app_context():
            return factories.record(appointment_id, cast.chen, **more)

    return make


@pytest.fixture
def places(cast: Cast, appointment: Callable[..., int]) -> dict[str, Any]:
    """What the addresses are filled in with: a visit that can be recorded, one that can be cancelled."""
    return {
        **vars(cast),
        "seen": appointment(TODAY, "08:00", status="confirmed"),
        "coming": appointment(LATER, "09:00"),
        "later": LATER,
    }


@pytest.fixture
def chosen(cast: Cast) -> str:
    """The address of the choices with all four made: Dr Chen, the day after tomorrow, ten o'clock."""
    return f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=10:00"


@pytest.fixture
def review(chosen: str) -> str:
    """The address where these choices are reviewed."""
    return chosen.replace("/book?", "/book/review?")
