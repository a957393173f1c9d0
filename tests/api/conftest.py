"""Callers of the API, at nine in the morning of Monday 2 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller, Document, signed_in
from tests.people import Cast

TODAY = date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)
#: More than 24 hours ahead.
LATER = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def morning(clock_at: Callable[[str], datetime]) -> datetime:
    """Let the clock stand."""
    return clock_at("2026-03-02 09:00")


@cache
def document_of(app: Flask) -> Document:
    """Read an application's document once."""
    return Document(app)


@pytest.fixture
def document(app: Flask) -> Document:
    """The OpenAPI document."""
    return document_of(app)


@pytest.fixture
def anyone(app: Flask, document: Document) -> Caller:
    """Somebody without a token."""
    return Caller(app, document)


@pytest.fixture
def as_(app: Flask, document: Document, cast: Cast) -> Callable[[str], Caller]:
    """Callers of the cast, each signed in once: ``as_("ana").get("user/me/")``."""
    return cache(lambda name: signed_in(app, document, getattr(cast, name)))


@pytest.fixture
def appointment(app: Flask, cast: Cast) -> Callable[..., int]:
    """Make visits of Ana to Dr Chen: ``visit(status="confirmed")``."""

    def make(on: date = LATER, at: str = "09:00", **more: Any) -> int:
        with app.app_context():
            people = {"patient_id": cast.ana, "doctor_id": cast.chen, **more}
            return factories.appointment(people.pop("patient_id"), people.pop("doctor_id"), on, at, **people)

    return make


@pytest.fixture
def booking(cast: Cast) -> dict[str, Any]:
    """What Ana sends to book Dr Chen."""
    return {
        "doctor_id": cast.chen,
        "department_id": cast.cardiology,
        "appointment_date": LATER.isoformat(),
        "appointment_time": "10:00",
        "symptoms": "Palpitations",
        "reason": "Check-up",
        "notes": "",
    }
