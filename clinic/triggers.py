"""The triggers of a table as the database has them, and how a migration keeps those of a table that it changes.

SQLite copies a table for most changes and loses its triggers with the first one, and with them what the database holds by
itself: a history's refusal to be rewritten (docs/decisions/0004), the directory's revision (0024).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text


def triggers_of(connection: Connection, table: str) -> dict[str, str]:
    """Return the triggers of a table by name, each as the statement that makes it."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
    )
    return {row[0]: row[1] for row in connection.execute(text(query), {"table": table})}


@contextmanager
def triggers_kept(connection: Connection, table: str) -> Iterator[None]:
    """Let a table have the triggers afterwards that it has now, for a migration in Alembic's batch mode:

    with triggers_kept(op.get_bind(), "doctors"), op.batch_alter_table("doctors") as batch:
        ...
    """
    before = triggers_of(connection, table)
    yield
    present = triggers_of(connection, table)
    for name, definition in before.items():
        if name not in present:
            # Straight to the driver: a colon in a trigger is no parameter.
            connection.exec_driver_sql(definition)
