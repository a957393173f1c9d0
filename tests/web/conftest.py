"""Readers of pages, at nine in the morning of Monday 2 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.monday import LATER, TODAY, TOMORROW, YESTERDAY, appointment, morning
from tests.people import Cast
from tests.settings import PRODUCTION
from tests.web.visitor import Visitor, signed_in

__all__ = ["LATER", "TODAY", "TOMORROW", "YESTERDAY", "appointment", "morning"]


@pytest.fixture
def guest(app: Flask) -> Visitor:
    """Somebody who isn't signed in."""
    return Visitor(app)


@pytest.fixture
def as_(app: Flask, cast: Cast) -> Callable[[str], Visitor]:
    """Readers of the cast, each signed in once: ``as_("ana").get("/patient/")``."""
    return cache(lambda name: signed_in(app, getattr(cast, name)))


@pytest.fixture
def production(make_app: Callable[..., Flask], app: Flask) -> Flask:
    """A clinic's own portal, on the present database; of what it may be set to, only what it must be."""
    return make_app(database_url=app.config["SQLALCHEMY_DATABASE_URI"], **PRODUCTION)


@pytest.fixture
def mailbox(make_app: Callable[..., Flask], app: Flask) -> Flask:
    """The same, tried out: it shows the links of mails, which a clinic's own doesn't."""
    tried = {"secret_key": PRODUCTION["secret_key"], "frontend_url": PRODUCTION["frontend_url"]}
    return make_app(database_url=app.config["SQLALCHEMY_DATABASE_URI"], **tried)


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
