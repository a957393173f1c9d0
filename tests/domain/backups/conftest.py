"""A database of a test's own: a restore makes its tables anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from clinic.db import db
from tests.databases import Database


@pytest.fixture
def database(engine_name: str, new_database: Callable[[str], Database]) -> Iterator[Database]:
    """A database of the test's own, with the cast: a restore makes its tables anew."""
    own = new_database(engine_name)
    own.reset(with_cast=True)
    yield own
    own.drop()


@pytest.fixture
def app(database: Database, make_app: Callable[..., Flask]) -> Flask:
    """An application on it."""
    return make_app()


@pytest.fixture
def engine(app: Flask, app_context: None) -> Engine:
    """What it connects by."""
    return db.engine
