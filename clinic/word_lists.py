"""Columns that hold words of a closed list: the conditions by which the database holds them to it, and how a list changes.

A migration that brings a word calls ``WordList.widen`` and its way back ``narrow`` (docs/decisions/0019): no table is written out
again. Where the word is longer than those before, ``set_length`` makes room in each column that holds such words. All keep indexes,
triggers, keys and rows as they are, on SQLite, which has to copy the table, and on PostgreSQL. Knows no list.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, String, inspect, text

from clinic import triggers

Condition = Callable[[str, Iterable[str]], str]


class Word(String):
    """The type of a column that holds one of ``words``: as long as the longest of them, and no shorter than ``least``.

    A longer word makes the column longer, so that ``tests/house/test_migrations.py`` names every column that a migration
    has to lengthen (``set_length``); SQLite would take the word without a word, PostgreSQL refuse it.

    >>> Word(["patient", "head of reception"]).length
    17
    """

    cache_ok = True

    def __init__(self, words: Iterable[str], *, least: int = 10) -> None:
        self.words = tuple(str(word) for word in words)
        self.least = least
        super().__init__(max(least, *map(len, self.words)))


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


@dataclass(frozen=True)
class WordList:
    """A column of a closed list, and what a migration does to it."""

    table: str
    column: str
    #: How the database is told the words.
    condition: Condition = one_of
    #: The name of the table in which rows wait whose word an older version doesn't know.
    waiting: str | None = None
    #: Columns of other tables, ``table.column``, that hold numbers of the rows: what tells of rows that are set aside goes,
    #: for these come back with other numbers. And a table that chains all rows to each other by them: it is emptied then.
    told_in: tuple[str, ...] = ()
    chained_in: str | None = None

    def widen(self, connection: Connection, words: Iterable[str]) -> None:
        """Let the column hold these ``words``, which include those it held before; take back the rows that wait."""
        self._replace_check(connection, self.condition(self.column, words))
        if self.waiting is not None and inspect(connection).has_table(self.waiting):
            columns = inspect(connection).get_columns(self.waiting)
            names = ", ".join(each["name"] for each in columns if each["name"] != "id")
            _run(connection, f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {self.waiting} ORDER BY id")
            _run(connection, f"DROP TABLE {self.waiting}")

    def narrow(self, connection: Connection, words: Iterable[str]) -> None:
        """Let the column hold these ``words`` only, the way back of ``widen``.

        Rows with another word are set aside in the table ``waiting``, which keeps its rows as this one does; without one
        they make a ``RuntimeError``: an account's role can't be thought up.
        """
        known = self.condition(self.column, words)
        count = connection.scalar(text(f"SELECT count(*) FROM {self.table} WHERE NOT ({known})"))
        if count and self.waiting is None:
            raise RuntimeError(
                f"{count} rows of {self.table} have a {self.column} that the older version doesn't know: "
                "change them first"
            )
        if count and self.waiting is not None:
            self._forget_numbers(connection, f"NOT ({known})")
            _set_aside(connection, self.table, self.waiting, f"NOT ({known})")
        self._replace_check(connection, known)

    def _forget_numbers(self, connection: Connection, which: str) -> None:
        set_aside = f"SELECT id FROM {self.table} WHERE {which}"
        for table, column in (each.split(".") for each in self.told_in):
            _delete(connection, table, f"{column} IN ({set_aside})")
        if self.chained_in is not None:
            _delete(connection, self.chained_in, "true")

    def _replace_check(self, connection: Connection, condition: str) -> None:
        replace_check(connection, self.table, f"ck_{self.table}_{self.column}_known", condition)


def _run(connection: Connection, statement: str) -> None:
    # Straight to the driver: a colon in a trigger or a check is no parameter.
    connection.exec_driver_sql(statement)


def _set_aside(connection: Connection, table: str, waiting: str, which: str) -> None:
    """Move rows into a table of their own, which refuses what ``table`` does; that must not refuse the move."""
    _run(connection, f"CREATE TABLE {waiting} AS SELECT * FROM {table} WHERE {which}")
    for name, definition in _delete(connection, table, which).items():
        if name.startswith(f"{table}_no_"):
            triggers.make(connection, _about(definition, table, waiting))


def _delete(connection: Connection, table: str, which: str) -> dict[str, triggers.Definition]:
    """Delete rows that a table's triggers, which are returned, would keep."""
    with _without_triggers(connection, table) as definitions:
        _run(connection, f"DELETE FROM {table} WHERE {which}")
    return definitions


def _about(definition: triggers.Definition, table: str, other: str) -> triggers.Definition:
    """Return a trigger of ``table`` as one of another table."""
    return tuple(re.sub(rf"\b(?:public\.)?{table}(?=\b|_no_)", other, statement) for statement in definition)


@contextmanager
def _without_triggers(connection: Connection, table: str) -> Iterator[dict[str, triggers.Definition]]:
    """Take the table's triggers away for a moment; yield the definition of each by its name."""
    definitions = triggers.triggers_of(connection, table)
    for name in definitions:
        _run(connection, f"DROP TRIGGER {name}" + ("" if _on_sqlite(connection) else f" ON {table}"))
    yield definitions
    for definition in definitions.values():
        triggers.make(connection, definition)


def _on_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def set_length(connection: Connection, table: str, column: str, length: int) -> None:
    """Let a column of a table hold texts of ``length`` letters; a text that is longer, on the way back, is an error.

    Before ``widen``, not after it: PostgreSQL writes a check on the column down in another form, and ``widen`` makes it anew;
    ``replace_check`` does so for a check on several columns.
    """
    if not _on_sqlite(connection):
        # It alters no column that a trigger names.
        with _without_triggers(connection, table):
            _run(connection, f"ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR({length})")
        return
    longest = connection.scalar(text(f"SELECT max(length({column})) FROM {table}")) or 0
    if longest > length:
        raise RuntimeError(f"{table} has a {column} of {longest} letters: change it first")
    _copy_table(connection, table, lambda columns: _with_length(columns, column, length))


def replace_check(connection: Connection, table: str, name: str, condition: str) -> None:
    """Give the check ``name`` of a table another condition, such as another grid of times; rows that break it are an error."""
    if not _on_sqlite(connection):
        _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        _run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")
        return
    _copy_table(connection, table, lambda columns: _with_check(columns, name, condition))


def _copy_table(connection: Connection, table: str, change: Callable[[str], str]) -> None:
    """Copy a table of SQLite with what ``change`` makes of the inside of its CREATE TABLE, and all that belongs to it."""
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
    _run(connection, f"{head.replace(table, copy)}({change(body)}")
    _run(connection, f"INSERT INTO {copy} SELECT * FROM {table}")
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


def _with_length(columns: str, column: str, length: int) -> str:
    """Return the inside of a CREATE TABLE with another length of a column.

    >>> _with_length("a VARCHAR(10) NOT NULL, by_a VARCHAR(10))", "a", 14)
    'a VARCHAR(14) NOT NULL, by_a VARCHAR(10))'
    """
    found, count = re.subn(rf'(?<![\w"])("?{column}"? VARCHAR)\(\d+\)', rf"\g<1>({length})", columns)
    if count != 1:
        raise RuntimeError(f"there is no column {column} of a length")
    return found
