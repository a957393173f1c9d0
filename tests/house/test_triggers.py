"""The triggers that the newest revision has on each table: none is lost where a migration has a table copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_migrate import upgrade
from sqlalchemy import Column, Engine, Integer, inspect

from clinic.triggers import triggers_kept, triggers_of
from tests.house.test_word_lists import migrating

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")

#: Histories, which refuse to be changed (docs/decisions/0004), and what is never erased.
HISTORIES = ("appointment_events", "note_revisions", "staff_note_revisions", "record_revisions", "audit_events")
NEVER_ERASED = ("appointments", "medical_records")
#: What the public directory is made of (docs/decisions/0024).
SHOWN = ("departments", "services", "rooms", "doctors")
#: What keeps SQLite's table of trigrams in step (clinic/accounts/trigrams.py).
TRIGRAMS = {f"users_trigrams_{deed}" for deed in ("insert", "update", "delete")}


def expected(engine: str) -> dict[str, set[str]]:
    """The names of the triggers by table."""
    names = {table: {f"{table}_no_update", f"{table}_no_delete"} for table in HISTORIES}
    names |= {table: {f"{table}_no_delete"} for table in NEVER_ERASED}
    names["appointments"] |= {"appointments_note_insert", "appointments_note_update"}
    if engine == "sqlite":
        names |= {table: {f"{table}_revise_{deed}" for deed in ("insert", "update", "delete")} for table in SHOWN}
        return names | {"users": {"users_revise_update", *TRIGRAMS}}
    names |= {table: {f"{table}_revise", f"{table}_revise_truncate"} for table in SHOWN}
    return names | {"users": {"users_revise"}}


def present(engine: Engine) -> dict[str, set[str]]:
    """The same as the database has them."""
    with engine.connect() as connection:
        found = {table: set(triggers_of(connection, table)) for table in inspect(engine).get_table_names()}
    return {table: names for table, names in found.items() if names}


def test_the_newest_revision_has_every_trigger(blank: Callable[[str], Any]) -> None:
    with blank("triggers") as engine:
        upgrade()
        assert present(engine) == expected(engine.dialect.name), (
            "a migration lost one (clinic.triggers keeps them), or made one: write it down here"
        )


def test_a_table_that_is_copied_keeps_its_triggers(blank: Callable[[str], Any]) -> None:
    with blank("copied") as engine:
        upgrade()
        for table in ("users", "doctors", "audit_events"):
            with migrating(engine) as connection:
                before = triggers_of(connection, table)
                operations = Operations(MigrationContext.configure(connection))
                with triggers_kept(connection, table), operations.batch_alter_table(table, recreate="auto") as batch:
                    batch.add_column(Column("shoe_size", Integer, nullable=False, server_default="42"))
                    batch.alter_column("shoe_size", server_default=None)
                assert triggers_of(connection, table) == before
