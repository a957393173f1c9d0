"""A migration under a running portal: statements that were prepared before it are forgotten, not refused for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from clinic.accounts.models import Patient
from clinic.db import db, session
from tests.databases import Database


@pytest.fixture
def database(engine_name: str, new_database: Callable[[str], Database]) -> Iterator[Database]:
    """A database of the test's own: its schema is changed."""
    own = new_database(engine_name)
    own.reset(with_cast=True)
    yield own
    own.drop()


@pytest.fixture
def app(database: Database, make_app: Callable[..., Flask]) -> Flask:
    """An application on it."""
    return make_app()


def test_a_column_that_got_another_type_is_read_after_one_refusal(app, engine_name, database, app_context):
    addresses = select(Patient.address).order_by(Patient.user_id)
    before = session().scalars(addresses).all()
    assert session().scalars(addresses).all() == before
    if engine_name == "sqlite":  # prepares nothing
        return
    session().rollback()
    other = create_engine(db.engine.url)
    with other.begin() as migration:
        migration.execute(text("ALTER TABLE patients ALTER COLUMN address TYPE text"))
    other.dispose()
    with pytest.raises(OperationalError) as away:
        session().scalars(addresses).all()
    assert away.value.connection_invalidated
    session().rollback()
    assert session().scalars(addresses).all() == before
