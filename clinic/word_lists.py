"""Columns that hold words of a closed list: the conditions by which the database holds them to it, and how a list changes.

A migration that brings a word calls ``widen`` and its way back ``narrow`` (docs/decisions/0019): no table is written out
again. Both keep indexes, triggers, keys and rows as they are, on SQLite, which has to copy the table, and on PostgreSQL.
Knows no list.
"""

import re
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, inspect, text

Condition = Callable[[str, Iterable[str]], str]


def one_of(column: str, words: Iterable[str]) -> str:
    """Return the condition that ``column`` holds one of ``words``.

    >>> one_of("role", ["patient", "doctor"])
    "role IN ('patient', 'doctor')"
    """
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def lists_only(column: str, words: Iterable[str]) -> str:
    """Return the condition that a column's JSON is a list of ``words`` and nothing else.

    SQLite looks into no JSON within a check, so the text must be an empty list once the known words are taken out.
    """
    rest = f"CAST({column} AS TEXT)"
    for known in (*(f'"{word}"' for word in words), ",", " "):
        rest = f"replace({rest}, '{known}', '')"
    return f"{rest} = '[]'"


def widen(
    connection: Connection,
    table: str,
    column: str,
    words: Iterable[str],
    *,
    condition: Condition = one_of,
    kept: str | None = None,
) -> None:
    """Let ``column`` hold these ``words``, which include those it held before.

    Takes back the rows that ``narrow`` has set aside in ``kept``, under new ids.
    """
    _replace_check(connection, table, f"ck_{table}_{column}_known", condition(column, words))
    if kept is not None and inspect(connection).has_table(kept):
        names = ", ".join(each["name"] for each in inspect(connection).get_columns(table) if each["name"] != "id")
        _run(connection, f"INSERT INTO {table} ({names}) SELECT {names} FROM {kept} ORDER BY id")  # noqa: S608
        _run(connection, f"DROP TABLE {kept}")


def narrow(
    connection: Connection,
    table: str,
    column: str,
    words: Iterable[str],
    *,
    condition: Condition = one_of,
    kept: str | None = None,
) -> None:
    """Let ``column`` hold these ``words`` only, the way back of ``widen``.

    Rows with another word are set aside in a table ``kept``, which keeps its rows as this one does; without ``kept``
    they make a ``RuntimeError``: an account's role can't be thought up.
    """
    known = condition(column, words)
    count = connection.scalar(text(f"SELECT count(*) FROM {table} WHERE NOT ({known})"))  # noqa: S608
    if count and kept is None:
        raise RuntimeError(
            f"{count} rows of {table} have a {column} that the older version doesn't know: change them first"
        )
    if count and kept is not None:
        _set_aside(connection, table, kept, f"NOT ({known})")
    _replace_check(connection, table, f"ck_{table}_{column}_known", known)


def _run(connection: Connection, statement: str) -> None:
    # Straight to the driver: a colon in a trigger or a check is no parameter.
    connection.exec_driver_sql(statement)


def _set_aside(connection: Connection, table: str, kept: str, which: str) -> None:
    """Move rows into a table of their own, with triggers like those of ``table``, which must not refuse the move."""
    triggers = _triggers(connection, table)
    _run(connection, f"CREATE TABLE {kept} AS SELECT * FROM {table} WHERE {which}")  # noqa: S608
    for name in triggers:
        _run(connection, f"DROP TRIGGER {name}" + ("" if _on_sqlite(connection) else f" ON {table}"))
    _run(connection, f"DELETE FROM {table} WHERE {which}")  # noqa: S608
    for definition in triggers.values():
        _run(connection, definition)
        _run(connection, re.sub(rf"\b(?:public\.)?{table}(?=\b|_no_)", kept, definition))


def _on_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _triggers(connection: Connection, table: str) -> dict[str, str]:
    """Return the triggers of a table by name, each as the statement that makes it."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if _on_sqlite(connection)
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
    )
    return {row[0]: row[1] for row in connection.execute(text(query), {"table": table})}


def _replace_check(connection: Connection, table: str, name: str, condition: str) -> None:
    if not _on_sqlite(connection):
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
        return
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError(
            "foreign keys must be off: a table is copied and the first one dropped, with what refers to it"
        )
    written = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    made = connection.scalars(written, {"table": table}).one()
    rest = text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type <> 'table' AND sql IS NOT NULL ORDER BY rowid"
    )
    others = connection.scalars(rest, {"table": table}).all()
    copy = f"{table}_copied"
    head, _, body = made.partition("(")
    _run(connection, f"{head.replace(table, copy)}({_with_check(body, name, condition)}")
    _run(connection, f"INSERT INTO {copy} SELECT * FROM {table}")  # noqa: S608
    _run(connection, f"DROP TABLE {table}")
    # Otherwise what refers to the table by its name, which is gone for a moment, is an error.
    _run(connection, "PRAGMA legacy_alter_table = ON")
    _run(connection, f"ALTER TABLE {copy} RENAME TO {table}")
    _run(connection, "PRAGMA legacy_alter_table = OFF")
    for statement in others:
        _run(connection, statement)


def _with_check(columns: str, name: str, condition: str) -> str:
    """Return the inside of a CREATE TABLE with another condition in the check ``name``.

    >>> _with_check("a TEXT, CONSTRAINT ck_a CHECK (a IN ('(', 'b')), CONSTRAINT pk PRIMARY KEY (a))", "ck_a", "a = 'c'")
    "a TEXT, CONSTRAINT ck_a CHECK (a = 'c'), CONSTRAINT pk PRIMARY KEY (a))"
    """
    begin = re.search(rf'CONSTRAINT "?{name}"? CHECK \(', columns)
    if begin is None:
        raise RuntimeError(f"there is no check {name}")
    depth, quoted = 1, False
    for position in range(begin.end(), len(columns)):
        letter = columns[position]
        quoted ^= letter == "'"
        if not quoted:
            depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return columns[: begin.end()] + condition + columns[position:]
    raise RuntimeError(f"the check {name} doesn't end")
