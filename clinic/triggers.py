"""The triggers of a table as the database has them, how a migration keeps those of a table that it changes, and those by
which a table refuses what would rewrite it.

SQLite copies a table for most changes and loses its triggers with the first one, and with them what the database holds by
itself: a history's refusal to be rewritten (docs/decisions/0004), the directory's revision (0024).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text

#: The statements that make a trigger.
Definition = tuple[str, ...]
#: By which statement a trigger is switched on that was made another way, as PostgreSQL keeps it (``pg_trigger.tgenabled``).
_SWITCH = {"A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}


def triggers_of(connection: Connection, table: str) -> dict[str, Definition]:
    """Return the triggers of a table by name, each as the statements that make it."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        return {row[0]: (row[1],) for row in connection.execute(text(query), {"table": table})}
    query = (
        "SELECT tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger"
        " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
    )
    found = {}
    for name, definition, state in connection.execute(text(query), {"table": table}):
        switch = (f"ALTER TABLE {table} {_SWITCH[state]} TRIGGER {name}",) if state in _SWITCH else ()
        found[name] = (definition, *switch)
    return found


def make(connection: Connection, definition: Definition) -> None:
    """Make a trigger."""
    for statement in definition:
        # Straight to the driver: a colon in a trigger is no parameter.
        connection.exec_driver_sql(statement)


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
            make(connection, definition)


# --- refusals ---------------------------------------------------------------------------------------------------------


def refusal(dialect: str, table: str, action: str) -> Definition:
    """Return the trigger ``<table>_no_<action>`` by which a table refuses ``DELETE``, ``UPDATE`` or, on PostgreSQL, ``TRUNCATE``.

    PostgreSQL heeds it also where a session's replication role switches others off.
    """
    name = f"{table}_no_{action.lower()}"
    if dialect == "sqlite":
        return (f"CREATE TRIGGER {name} BEFORE {action} ON {table} {_raise(table, action)}",)
    each = "STATEMENT" if action == "TRUNCATE" else "ROW"
    return (
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_deed()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )


def replacing_is_refused(table: str, keys: Sequence[Sequence[str]]) -> Definition:
    """Return SQLite's trigger ``<table>_no_replace``: an ``INSERT`` takes no row's place, of whose unique ``keys`` it has one.

    ``INSERT OR REPLACE`` deletes that row without asking the triggers for ``DELETE``. A key that isn't given, as the
    database numbers the row, is no row's.
    """
    same = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {each})" for each in same)  # noqa: S608 - names of a migration
    return (f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {_raise(table, 'REPLACE')}",)


def _raise(table: str, action: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{table} keeps its rows: {action} is refused'); END"
