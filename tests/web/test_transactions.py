"""How requests end on PostgreSQL: what was prepared stays so, and only what writes opens a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import event, insert, text

from clinic.db import db, session
from clinic.directory.models import Room
from tests.people import Cast
from tests.web.visitor import Visitor

#: Pages that only read, by who asks for them.
READINGS = {
    "guest": ["/", "/doctors", "/departments", "/book?department={cardiology}&doctor={chen}&day={later}"],
    "ana": ["/patient/", "/patient/appointments"],
    "chen": ["/doctor/?day={later}", "/doctor/appointments", "/doctor/patients"],
    "esther": ["/admin/", "/admin/appointments", "/admin/users", "/admin/numbers"],
}


@pytest.fixture(params=["postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """PostgreSQL alone: SQLite has neither autocommit nor statements that are prepared for a connection."""
    engine: str = request.param
    return engine


@contextmanager
def states(app: Flask) -> Iterator[list[tuple[TransactionStatus, str]]]:
    """Collect whether a transaction is open before each statement that ``app`` sends."""
    found: list[tuple[TransactionStatus, str]] = []

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        driver = connection.connection.driver_connection
        found.append((TransactionStatus.IDLE if driver.autocommit else TransactionStatus.INTRANS, statement))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def readings(as_: Callable[[str], Visitor], guest: Visitor, places: dict[str, Any]) -> Iterator[tuple[Visitor, str]]:
    """Who fetches what."""
    for name, paths in READINGS.items():
        for path in paths:
            yield (guest if name == "guest" else as_(name)), path.format(**places)


def prepared(app: Flask) -> set[str]:
    """Return what the one connection of this process has prepared."""
    with app.app_context():
        # Its own text is among them from the first time on.
        return set(session().scalars(text("SELECT statement FROM pg_prepared_statements")))


def test_a_page_that_was_read_before_prepares_nothing(
    app: Flask, guest: Visitor, as_: Callable[[str], Visitor], places: dict[str, Any]
) -> None:
    with app.app_context():
        db.engine.dispose()  # From here on there is one connection.
    for visitor, path in readings(as_, guest, places):
        assert visitor.get(path).status == 200
        before = prepared(app)
        assert visitor.get(path).status == 200
        assert prepared(app) == before, path
        assert any("FROM" in statement for statement in before)


def test_reading_opens_no_transaction(
    app: Flask, guest: Visitor, as_: Callable[[str], Visitor], places: dict[str, Any]
) -> None:
    for visitor, path in readings(as_, guest, places):
        visitor.get(path)
        with states(app) as found:
            visitor.get(path)
        assert found, path
        assert [statement for state, statement in found if state is not TransactionStatus.IDLE] == [], path
        # Whatever staff are shown of others is in the audit before they see it, by one statement that commits by itself.
        written = [statement for _, statement in found if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert all(statement.startswith("INSERT INTO audit_events") for statement in written), path
        assert not written or path.startswith(("/doctor/", "/admin/")), path
        assert len(written) <= 1, path


def test_a_command_is_one_transaction(app: Flask, as_: Callable[[str], Visitor], places: dict[str, Any]) -> None:
    shown = as_("chen").get(f"/doctor/appointments/{places['coming']}")
    with states(app) as found:
        answer = shown.press("Confirm")
    assert answer.status == 303
    written = [(state, statement) for state, statement in found if statement.startswith(("INSERT", "UPDATE"))]
    assert written
    assert {state for state, _ in written} == {TransactionStatus.INTRANS}


def test_nothing_is_written_outside_a_transaction(app: Flask) -> None:
    with app.app_context():
        session().add(Room(room_number="9", floor=1))
        with pytest.raises(RuntimeError, match="outside a transaction"):
            session().flush()
        session().rollback()
        with pytest.raises(RuntimeError, match="outside a transaction"):
            session().execute(insert(Room).values(room_number="9", floor=1))


def test_behind_a_pooler_nothing_is_prepared(make_app: Callable[..., Flask], cast: Cast) -> None:
    app = make_app(database_prepared_statements=False)
    for _ in range(8):
        assert app.test_client().get("/doctors").status_code == 200
    assert prepared(app) == set()


def test_changes_of_the_directory_hold_nobody_up(app: Flask, cast: Cast) -> None:
    """Its revision is raised when a change is committed: what is open until then neither waits nor locks crosswise."""
    rename = text("UPDATE departments SET name = name || '.' WHERE id = :id")
    with app.app_context():
        engine = db.engine
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        one.execute(rename, {"id": cast.cardiology})
        other.execute(rename, {"id": cast.neurology})
        other.commit()
        one.execute(text("UPDATE users SET full_name = 'Dr Ch' WHERE id = :id"), {"id": cast.diallo})
        one.commit()


def test_a_statement_describes_its_columns_to_whoever_looks(app: Flask) -> None:
    with app.app_context():
        connection = session().connection()
        for _ in range(2):  # SQLAlchemy looks the first time that it sees a statement.
            found = connection.execute(text("SELECT 7 AS number, 'seven' AS word"))
            assert (list(found.keys()), found.all()) == (["number", "word"], [(7, "seven")])
        with closing(connection.connection.cursor()) as cursor:
            for _ in range(2):
                cursor.execute("SELECT 7 AS number, 'seven' AS word")
                columns = cursor.description
                assert columns is not None
                assert ([each[0] for each in columns], len(columns)) == (["number", "word"], 2)
                assert [columns[1][0], *(each[0] for each in columns[:1])] == ["word", "number"]
            cursor.execute("SET work_mem = '4MB'")
            assert cursor.description is None


def test_what_reads_has_no_listeners_to_look_for_at_each_statement(app: Flask) -> None:
    with app.app_context():
        connection = session().connection()
        assert connection.connection.driver_connection.autocommit
        assert list(connection.engine.dispatch.engine_connect) == []
        session().rollback()
        with db.engine.connect() as lent_next:
            assert not lent_next.connection.driver_connection.autocommit
