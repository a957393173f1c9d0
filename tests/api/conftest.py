"""Callers of the API, at nine in the morning of Monday 2 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests.api.caller import Caller, Document, signed_in
from tests.monday import LATER, TODAY, TOMORROW, appointment, morning
from tests.people import Cast

__all__ = ["LATER", "TODAY", "TOMORROW", "appointment", "morning"]


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
