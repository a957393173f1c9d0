"""How a part of somebody's name, phone number or e-mail is found without reading everybody: by its trigrams.

PostgreSQL has indexes for that (extension pg_trgm), SQLite a table of its own (FTS5) that triggers keep in step. Either only
says who may fit; what decides is the same LIKE on both.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    event,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from clinic.text.normalization import FORBIDDEN, like_pattern
from clinic.text.word_search import TRIGRAM, unindexed

#: The columns of users that are searched, and SQLite's table of their trigrams.
SEARCHED = ("name_key", "phone_num", "email")
FTS = "people_trigrams"


def create_with(users: Table) -> None:
    """Let what is found by come with the table of users, where that is made from the models."""

    # Before any table: others have such indexes, too.
    @event.listens_for(users.metadata, "before_create")
    def create_extension(_tables: MetaData, connection: Connection, **_more: object) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))

    @event.listens_for(users, "after_create")
    def create_table(_table: Table, connection: Connection, **_more: object) -> None:
        if connection.dialect.name == "sqlite":
            columns = ", ".join(SEARCHED)
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE {FTS} USING fts5"
                f"({columns}, content = 'users', content_rowid = 'id', tokenize = 'trigram')"
            )


class _HasPart(FunctionElement[bool]):
    """The condition that a column of users matches a LIKE pattern; its clauses are both, the id, and SQLite's query."""

    type = NullType()  # type: ignore[assignment] # it is only ever a condition
    inherit_cache = True


@compiles(_HasPart)
def _like(element: _HasPart, compiler: SQLCompiler, **kw: Any) -> str:
    column, pattern = (compiler.process(each, **kw) for each in list(element.clauses)[:2])
    return f"{column} LIKE {pattern} ESCAPE '/'"


@compiles(_HasPart, "sqlite")
def _match_and_like(element: _HasPart, compiler: SQLCompiler, **kw: Any) -> str:
    column, pattern, number, query = (compiler.process(each, **kw) for each in element.clauses)
    found = f"SELECT rowid FROM {FTS} WHERE {FTS} MATCH {query}"  # noqa: S608 - our own names and a parameter
    return f"({number} IN ({found}) AND {column} LIKE {pattern} ESCAPE '/')"


def has_part(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    number: InstrumentedAttribute[int],
    part: str,
    *,
    then: str = "",
) -> ColumnElement[bool]:
    """Return the condition that a ``SEARCHED`` column of users, whose id is ``number``, holds ``part`` as it stands.

    ``then`` is what has to stand somewhere behind it.
    """
    pattern = like_pattern(part) + (like_pattern(then)[1:] if then else "")
    plain = FORBIDDEN.sub("", part)
    if len(plain) < TRIGRAM:
        return unindexed(column).like(pattern, escape="/")
    quoted = plain.replace('"', '""')
    query = bindparam(None, f'{column.key} : "{quoted}"', String, unique=True)
    return and_(_HasPart(column, bindparam(None, pattern, String, unique=True), number, query))
