"""When the stories of pages and API begin, at nine in the morning of Monday 2 March 2026, and the visits in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.people import Cast

YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)
#: More than 24 hours ahead.
LATER = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def morning(clock_at: Callable[[str], datetime]) -> datetime:
    """Let the clock stand."""
    return clock_at("2026-03-02 09:00")


@pytest.fixture
def appointment(app: Flask, cast: Cast) -> Callable[..., int]:
    """Make visits of Ana to Dr Chen: ``visit(status="confirmed")``."""

    def make(on: date = LATER, at: str = "09:00", **more: Any) -> int:
        with app.app_context():
            people = {"patient_id": cast.ana, "doctor_id": cast.chen, **more}
            return factories.appointment(people.pop("patient_id"), people.pop("doctor_id"), on, at, **people)

    return make
