"""Histories and what must never be erased: the database refuses every way to change, remove or replace a row of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from clinic.configuration.models import SavedSettings
from clinic.db import Base, db, session
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
ROOT = Path(__file__).resolve().parent.parent.parent
TABLES = Base.metadata.tables


@pytest.fixture
def history(cast, app) -> None:
    """One row in each table that keeps its rows."""
    from clinic import scheduling  # noqa: PLC0415

    appointment_id = appointment(cast.ana, cast.chen, MONDAY, status="completed", notes="Mornings suit me")
    factories.record(appointment_id, cast.chen)
    scheduling.write_staff_notes(cast.actor("chen"), appointment_id, "Hard of hearing")
    with db.engine.begin() as connection:
        seal = {"sequence": 1, "event_id": 1, "sealed_at": NOW, "key_id": "k", "mac": "m"}
        connection.execute(insert(TABLES["audit_seals"]), [seal])
        connection.execute(insert(TABLES["audit_event_patients"]), [{"event_id": 1, "patient_id": 1}])
        saved = {"version": 1, "at": NOW, "by_user_id": 1, "overrides": {}, "changes": {}}
        connection.execute(insert(SavedSettings), [saved])


#: What the database refuses to do with which table, by the models.
REFUSED = {(name, deed) for name, table in TABLES.items() for deed in table.info.get("refuses", ())}


@pytest.mark.parametrize(("table", "deed"), sorted(REFUSED))
def test_rows_that_must_stay_are_kept_whoever_asks(history, table, deed):
    refused(table, changing(table, deed), deed)


def changing(table: str, deed: str) -> str:
    """The statement that deletes every row of a table, or changes it."""
    if deed == "DELETE":
        return f"DELETE FROM {table}"  # noqa: S608
    key = next(iter(TABLES[table].primary_key))
    return f"UPDATE {table} SET {key.name} = {key.name}"  # noqa: S608


def refused(table: str, statement: str, deed: str, before: str = "SELECT 1") -> None:
    """The database does nothing of it, and the row stays."""
    with db.engine.connect() as connection:
        connection.execute(text(before))
        with pytest.raises(DBAPIError, match=f"keeps its rows: {deed} is refused"):
            connection.execute(text(statement))
    assert session().scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608


def unique_keys(table: str) -> list[list[str]]:
    """The columns by which a row of a table is the only one."""
    keys = [[column.name for column in index.columns] for index in TABLES[table].indexes if index.unique]
    return [[column.name for column in TABLES[table].primary_key], *keys]


@pytest.mark.parametrize("table", sorted(name for name, deed in REFUSED if deed == "UPDATE"))
@pytest.mark.parametrize("how", ["INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE", "INSERT ... ON CONFLICT"])
def test_no_row_takes_the_place_of_one_that_must_stay(history, table, how):
    """By none of its keys; PostgreSQL knows the last way only and takes it for an UPDATE."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    if not on_sqlite and "ON CONFLICT" not in how:
        return
    numbered = [column.name for column in TABLES[table].primary_key if column.autoincrement]
    for key in unique_keys(table):
        names = [column.name for column in TABLES[table].columns if column.name in key or column.name not in numbered]
        listed = ", ".join(names)
        rows = f"INTO {table} ({listed}) SELECT {listed} FROM {table} WHERE true"  # noqa: S608
        other = next((name for name in names if name not in key), key[0])
        upsert = f"INSERT {rows} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {other} = excluded.{other}"
        refused(table, upsert if "ON CONFLICT" in how else f"{how} {rows}", "REPLACE" if on_sqlite else "UPDATE")


@pytest.mark.parametrize("table", sorted({name for name, _deed in REFUSED}))
def test_postgresql_empties_no_table_whose_rows_must_stay(history, table):
    if db.engine.dialect.name == "postgresql":
        # With CASCADE it may be another table, which refers to this one, that refuses.
        refused(table, f"TRUNCATE {table} CASCADE", "TRUNCATE")


@pytest.mark.parametrize(("table", "deed"), sorted({*REFUSED, *((name, "TRUNCATE") for name, _deed in REFUSED)}))
def test_postgresql_refuses_who_calls_themselves_a_replica_too(history, table, deed):
    if db.engine.dialect.name == "postgresql":
        statement = f"TRUNCATE {table} CASCADE" if deed == "TRUNCATE" else changing(table, deed)
        refused(table, statement, deed, before="SET LOCAL session_replication_role = replica")


def test_new_rows_are_numbered_as_ever(history):
    """A key that isn't given is nobody's, whatever the trigger sees in its place."""
    with db.engine.begin() as connection:
        names = ", ".join(column.name for column in TABLES["audit_events"].columns if column.name != "id")
        again = f"INSERT INTO audit_events ({names}) SELECT {names} FROM audit_events"  # noqa: S608
        for _ in range(2):
            connection.execute(text(again))
    assert session().scalar(text("SELECT count(*) FROM audit_events")) == 4


def test_the_tables_that_refuse_are_those_of_the_models(app_context):
    """Every history is one: a forgotten mark, or a migration without the triggers, is found here on both databases."""
    written = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }
    # What each database adds to these stands in tests/house/test_triggers.py.
    refusals = re.compile(r'BEFORE (DELETE|UPDATE) ON (?:public\.)?"?(\w+)"? (?=.*(?:keeps its rows|refuse_deed))')
    found = [refusals.search(sql) for sql in session().scalars(text(written[db.engine.dialect.name]))]
    triggers = [(trigger[2], trigger[1]) for trigger in found if trigger]
    assert set(triggers) == REFUSED
    histories = {name for name in TABLES if name.endswith(("_revisions", "_events", "_seals"))}
    assert histories <= {name for name, deed in REFUSED if deed == "UPDATE"}


def test_the_decision_names_the_tables_that_refuse():
    decision = (ROOT / "docs" / "decisions" / "0004-append-only.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", decision.partition("**What follows.**")[0]))
    assert named & set(TABLES) == {name for name, _deed in REFUSED}
