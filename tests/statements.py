"""Counts the statements that a piece of code sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

#: What begins and ends transactions; SQLite is told so in statements, PostgreSQL by its driver.
_TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def count_statements(engine: Engine) -> Iterator[list[str]]:
    """Collects the SQL that runs on ``engine`` inside the block, transaction control apart.

    with count_statements(db.engine) as statements:
        client.get("/")
    assert len(statements) <= 4, statements
    """
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_TRANSACTION):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
