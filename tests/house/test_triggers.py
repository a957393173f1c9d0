"""The triggers that the newest revision has on each table: none is lost where a migration has a table copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_migrate import upgrade
from sqlalchemy import Column, Engine, Integer, inspect, text

from clinic.db import Base
from clinic.triggers import triggers_kept, triggers_of
from tests.house.test_word_lists import migrating

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")


def expected(engine: str) -> dict[str, set[str]]:
    """The names of the triggers by table, as the models tell: what refuses (decision 4, and what each database takes
    for deleting without asking), what revises (decision 24), what notes
    changed days (decision 25), what names the patients of an entry (decision 28), and what keeps SQLite's table of trigrams in step (``clinic.accounts.trigrams``)."""
    found: dict[str, set[str]] = {}
    for name, table in Base.metadata.tables.items():
        refused = table.info.get("refuses", ())
        names = {f"{name}_no_{deed.lower()}" for deed in refused}
        if refused and engine == "postgresql":
            names |= {f"{name}_no_truncate"}
        if "UPDATE" in refused and engine == "sqlite":
            names |= {f"{name}_no_replace"}
        names |= {f"{name}_note_{deed.lower()}" for deed in table.info.get("notes", ())}
        names |= {f"{name}_name_{whom}" for whom in table.info.get("names", ())}
        revising = table.info.get("revises", ())
        if engine == "sqlite":
            names |= {f"{name}_revise_{deed.lower()}" for deed in revising}
            names |= {f"{name}_trigrams_{deed.lower()}" for deed in table.info.get("trigrams", ())}
        elif revising:
            names |= {f"{name}_revise"} | ({f"{name}_revise_truncate"} if "DELETE" in revising else set())
        if names:
            found[name] = names
    return found


def present(engine: Engine) -> dict[str, set[str]]:
    """The same as the database has them."""
    with engine.connect() as connection:
        found = {table: set(triggers_of(connection, table)) for table in inspect(engine).get_table_names()}
    return {table: names for table, names in found.items() if names}


def test_the_newest_revision_has_every_trigger(blank: Callable[[str], Any]) -> None:
    with blank("triggers") as engine:
        upgrade()
        assert present(engine) == expected(engine.dialect.name), (
            "a migration lost one (clinic.triggers keeps them), or made one that no model tells of"
        )


def test_what_refuses_is_heeded_by_replicas_too(blank: Callable[[str], Any]) -> None:
    """PostgreSQL sets other triggers aside where ``session_replication_role`` says so."""
    with blank("always") as engine:
        if engine.dialect.name == "sqlite":
            return
        upgrade()
        with engine.connect() as connection:
            query = (
                "SELECT tgname FROM pg_trigger WHERE tgname LIKE '%\\_no\\_%' AND NOT tgisinternal AND tgenabled <> 'A'"
            )
            assert connection.scalars(text(query)).all() == []


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
