"""A backup that somebody else has written: nothing that it says is run, and nobody who was signed out is signed in again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, event, inspect, text

from clinic import accounts
from clinic.accounts import Origin, SessionKind
from clinic.operations import backups
from clinic.operations.backups import BackupError
from clinic.operations.backups.archive import ArchiveWriter, Contents, Table, opened
from clinic.operations.backups.postgresql import FUNCTIONS
from clinic.web.kit import unsent_forms
from tests import factories
from tests.people import ANA, CHEN, PASSWORD

SET_ASIDE = "audit_events_kept_0020"


def with_table(file: Path, into: Path, name: str, columns: dict[str, str]) -> Path:
    """A backup of PostgreSQL that has another table, empty."""
    with file.open("rb") as source, opened(source, "copy") as archive, into.open("wb") as target:
        manifest = archive.manifest
        with ArchiveWriter(target) as writer:
            for member in manifest.members:
                with writer.member(member) as copied:
                    for chunk in archive.read(member):
                        copied.write(chunk)
            with writer.member(f"tables/{name}.copy"):
                pass
            tables = {**manifest.tables, name: Table(rows=0, columns=columns)}
            contents = Contents(revision=manifest.revision, tables=tables, sequences=manifest.sequences)
            writer.finish(portal="1.0.0", engine="postgresql", at=manifest.at, contents=contents)
    return into


def with_statements(file: Path, into: Path, statements: str) -> Path:
    """A backup of SQLite in whose file statements were run."""
    with file.open("rb") as source, opened(source, "copy") as archive, into.open("wb") as target:
        manifest, database = archive.manifest, into.with_suffix(".db")
        archive.extract("clinic.db", database)
        with closing(sqlite3.connect(database)) as strange:
            strange.executescript(statements)
        with ArchiveWriter(target) as writer:
            with writer.member("clinic.db") as member:
                member.write(database.read_bytes())
            contents = Contents(revision=manifest.revision, tables=manifest.tables)
            writer.finish(portal="1.0.0", engine="sqlite", at=manifest.at, contents=contents)
    return into


def schema(engine: Engine) -> set[tuple[str, ...]]:
    """What SQLite has, and what it would run."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT type, name, tbl_name, CASE type WHEN 'trigger' THEN sql END FROM sqlite_master")
        )
        return {tuple(row) for row in found}


COMMAND = "integer); CREATE TABLE seized (b integer"


@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"id": COMMAND}, "names a type"),
        ({"id": "integer primary key"}, "names a type|refuses"),
        ({"id": "int"}, "names a type"),
        ({"id": "pg_catalog.int4"}, "names a type"),
        ({'id" integer); CREATE TABLE seized (b integer); --': "integer"}, "has a column"),
    ],
)
def test_no_word_of_a_file_becomes_a_statement_of_postgresql(engine, tmp_path, columns, sentence):
    backups.back_up(engine, tmp_path / "copy.zip")
    strange = with_table(tmp_path / "copy.zip", tmp_path / "strange.zip", SET_ASIDE, columns)
    with pytest.raises(BackupError, match=sentence):
        backups.restore(engine, strange, is_closed=True, replace=True)
    assert {"seized", SET_ASIDE} & set(inspect(engine).get_table_names()) == set()
    other = with_table(tmp_path / "copy.zip", tmp_path / "other.zip", "payroll", columns)
    backups.restore(engine, other, is_closed=True, replace=True)
    assert {"seized", "payroll"} & set(inspect(engine).get_table_names()) == set()


STRANGE = """
    CREATE TRIGGER seized AFTER INSERT ON sign_in_sessions BEGIN UPDATE users SET role = 'admin'; END;
    DROP TRIGGER audit_events_no_delete;
    CREATE VIEW seized_view AS SELECT * FROM users;
    CREATE INDEX seized_index ON users (full_name);
    CREATE TABLE payroll (id INTEGER);
"""


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_of_a_sqlite_file_only_the_rows_are_taken(engine, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    before = schema(engine)
    strange = with_statements(tmp_path / "copy.zip", tmp_path / "strange.zip", STRANGE)
    backups.restore(engine, strange, is_closed=True, replace=True)
    assert schema(engine) == before
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == 5
        connection.execute(text("INSERT INTO people_trigrams (people_trigrams) VALUES ('integrity-check')"))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_sqlite_file_with_other_columns_is_refused(engine, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    statements = "ALTER TABLE rooms ADD COLUMN seized TEXT;"
    strange = with_statements(tmp_path / "copy.zip", tmp_path / "strange.zip", statements)
    with pytest.raises(BackupError, match="The columns of rooms aren't"):
        backups.verify(strange)
    with pytest.raises(BackupError, match="The columns of rooms aren't"):
        backups.restore(engine, strange, is_closed=True, replace=True)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_functions_of_others_outlast_a_restore(engine, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    with engine.begin() as connection:
        connection.execute(text("CREATE FUNCTION own_report() RETURNS integer LANGUAGE sql AS 'SELECT 1'"))
    backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    query = """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    """
    with engine.connect() as connection:
        assert set(connection.scalars(text(query))) == {*FUNCTIONS, "own_report"}


def test_what_is_written_before_the_restore_holds_the_database_is_not_lost(engine, database, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    database.reset()
    connected = []

    @event.listens_for(engine, "engine_connect")
    def somebody_registers(_connection: Any) -> None:
        connected.append(1)
        if len(connected) == 2:  # it was looked whether the database is empty
            database.reset(with_cast=True)

    with pytest.raises(BackupError, match="The database has data"):
        backups.restore(engine, tmp_path / "copy.zip", is_closed=False)


# --- who was signed in ------------------------------------------------------------------------------------------------


def _sign_in(app: Flask, email: str = ANA) -> dict[str, str]:
    signed_in = app.test_client().post("/api/v1/auth/login/", json={"email": email, "password": PASSWORD})
    tokens: dict[str, str] = signed_in.get_json()["tokens"]
    return tokens


def _registered(app: Flask, email: str) -> dict[str, str]:
    factories.patient("Somebody New", email)
    return _sign_in(app, email)


def _good(app: Flask, tokens: dict[str, str]) -> tuple[int, int]:
    client = app.test_client()
    asked = client.get("/api/v1/appointments/", headers={"Authorization": f"Bearer {tokens['access']}"})
    return asked.status_code, client.post("/api/v1/token/refresh/", json={"refresh": tokens["refresh"]}).status_code


def test_a_restore_signs_everybody_out_and_kills_links(app, engine, tmp_path):
    tokens = _sign_in(app)
    app.test_client().post("/api/v1/auth/forgot-password/", json={"email": ANA})
    backups.back_up(engine, tmp_path / "copy.zip")
    backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    assert _good(app, tokens) == (401, 401)
    with engine.connect() as connection:
        for table in ("sign_in_sessions", "mailed_links"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table} WHERE ended_at IS NULL")) == 0, table  # noqa: S608
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")), table  # noqa: S608
    assert _good(app, _sign_in(app)) == (200, 200)


def test_no_token_of_somebody_who_is_gone_fits_whoever_gets_their_ids(app, engine, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    gone = _registered(app, "gone@example.com")
    assert _good(app, gone)[0] == 200
    backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    new = _registered(app, "new@example.com")
    ids = [jwt.decode(tokens["access"], options={"verify_signature": False}) for tokens in (gone, new)]
    assert [ids[0][name] == ids[1][name] for name in ("sub", "sid")] == [True, True]
    assert _good(app, gone) == (401, 401)


def test_nobody_who_gets_its_id_after_a_restore_is_taken_for_the_owner_of_a_form(app, engine, tmp_path, cast):
    backups.back_up(engine, tmp_path / "copy.zip")
    tokens = []
    for email in (ANA, CHEN):
        signed_in = accounts.sign_in(email=email, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin())
        named = unsent_forms.name_token(signed_in.actor.session_id, accounts.session_mark(signed_in.actor), "random")
        tokens.append((signed_in.actor.session_id, named))
        if email == ANA:
            backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    assert tokens[0][0] == tokens[1][0]
    sealing = URLSafeTimedSerializer(app.config["WTF_CSRF_SECRET_KEY"], salt="wtf-csrf-token")
    owners = []
    for _session_id, named in tokens:
        with app.test_request_context(method="POST", data={"csrf_token": sealing.dumps(named)}):
            owners.append(unsent_forms.owner())
    assert owners == [None, cast.chen]
