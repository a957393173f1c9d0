"""Conditions on many ids or days, in one statement whose text is the same for any number of them, so that it is prepared once.

PostgreSQL gets an array, SQLite a JSON list. The ids may be those that a select finds.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, TableValuedAlias, Text, and_, bindparam, column
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine, UserDefinedType

from clinic.db import AnySelect


class _Array(UserDefinedType[str]):
    """An array of PostgreSQL, written as it reads it: the driver would look at each element for how to send it."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, of: str) -> None:
        self.of = of

    def get_col_spec(self, **_: Any) -> str:
        return f"{self.of}[]"

    def literal_processor(self, dialect: Dialect) -> Callable[[str], str]:
        """Return what writes it into a statement's text: braces, numbers and commas need no care."""
        return lambda written: f"'{written}'"


def _written(values: Iterable[object]) -> str:
    """Return an array as PostgreSQL reads it; of numbers, days and None, which need no quotes."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


class _IdList(TypeDecorator[Sequence[int]]):
    """A list of ids as the database at hand takes it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else _Array("INTEGER"))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return json.dumps(ids) if dialect.name == "sqlite" else _written(ids)

    def process_literal_param(self, value: Sequence[int] | None, dialect: Dialect) -> str:
        # Into the statement's text go numbers and nothing else.
        return str(self.process_bind_param([int(number) for number in value or ()], dialect))


class _DayList(TypeDecorator[Sequence[date]]):
    """A list of days as the database at hand takes it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else _Array("DATE"))

    def process_bind_param(self, value: Sequence[date] | None, dialect: Dialect) -> Any:
        days = list(value or ())
        return json.dumps([day.isoformat() for day in days]) if dialect.name == "sqlite" else _written(days)


class _Among(FunctionElement[bool]):
    # No Boolean: SQLite, which has none, would compare the condition with 1, and look into no index.
    type = NullType()  # type: ignore[assignment] # it is only ever a condition
    inherit_cache = True


class _AmongFound(FunctionElement[bool]):
    type = NullType()  # type: ignore[assignment] # as above
    inherit_cache = True


class _Place(FunctionElement[int]):
    type = Integer()
    inherit_cache = True


def among(column: Any, ids: Collection[int] | BindParameter[Sequence[int]], *, many_at: int | None = None) -> _Among:
    """Return the condition that ``column`` is one of ``ids``, which never holds for none.

    More than ``many_at`` of them stand in the statement's text: PostgreSQL plans a prepared statement once, for ten or so.
    """
    if isinstance(ids, BindParameter):
        return _Among(column, ids)
    in_text = many_at is not None and len(ids) > many_at
    return _Among(column, bindparam(None, tuple(ids), type_=_IdList(), unique=True, literal_execute=in_text))


def among_days(column: Any, days: Collection[date]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``days``, which never holds for none."""
    return and_(_Among(column, bindparam(None, tuple(days), type_=_DayList(), unique=True)))


def among_found(column: Any, found: AnySelect) -> _AmongFound:
    """Return the condition that ``column`` is one of the ids that a select finds, whatever the statement around it asks.

    PostgreSQL finds them once and looks each up by an index, also where this is one condition of several that may hold.
    """
    return _AmongFound(column, found.correlate(None).scalar_subquery())


def id_list(name: str) -> BindParameter[Sequence[int]]:
    """Return a parameter for ids, for a statement that is built once: ``execute(statement, {name: [1, 2]})``."""
    return bindparam(name, type_=_IdList())


def place_in(column: Any, ids: BindParameter[Sequence[int]]) -> _Place:
    """Return at which place of ``ids`` a ``column`` stands, to order by."""
    return _Place(column, ids)


class _Pairs(FunctionElement[Any]):
    type = NullType()
    inherit_cache = True


def pairs(left: str, right: str) -> TableValuedAlias:
    """Return a table of two columns, called ``left`` and ``right``, from two parameters for ids of the same names.

    A place may hold None. ``execute(select(pairs("a", "b")), {"a": [1, 2], "b": [7, None]})`` finds (1, 7) and (2, None).
    """
    names = (column(name, Integer) for name in (left, right))
    return _Pairs(id_list(left), id_list(right)).table_valued(*names, name="pairs")


@compiles(_Pairs)
def _pairs(element: _Pairs, compiler: SQLCompiler, **kw: Any) -> str:
    lists, names = _listed(element, compiler, **kw)
    return f"(SELECT * FROM unnest({', '.join(lists)}) AS each ({', '.join(names)}))"  # noqa: S608 - as below


@compiles(_Pairs, "sqlite")
def _pairs_in_json(element: _Pairs, compiler: SQLCompiler, **kw: Any) -> str:
    (left, right), names = _listed(element, compiler, **kw)
    return (
        f"(SELECT l.value AS {names[0]}, r.value AS {names[1]}"  # noqa: S608 - parts of a statement, no text of people
        f" FROM json_each({left}) AS l JOIN json_each({right}) AS r ON r.key = l.key)"
    )


def _listed(element: _Pairs, compiler: SQLCompiler, **kw: Any) -> tuple[list[str], list[str]]:
    lists = list(element.clauses)
    return [compiler.process(each, **kw) for each in lists], [str(each.key) for each in lists]


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> tuple[str, str]:
    column, ids = (compiler.process(each, **kw) for each in element.clauses)
    return column, ids


@compiles(_Among)
def _any(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = _parts(element, compiler, **kw)
    return f"{column} = ANY ({ids})"


@compiles(_Among, "sqlite")
def _any_in_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = _parts(element, compiler, **kw)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - parts of a statement, no text of people


@compiles(_AmongFound)
def _any_found(element: _AmongFound, compiler: SQLCompiler, **kw: Any) -> str:
    column, found = _parts(element, compiler, **kw)
    return f"{column} = ANY (ARRAY{found})"


@compiles(_AmongFound, "sqlite")
def _in_found(element: _AmongFound, compiler: SQLCompiler, **kw: Any) -> str:
    column, found = _parts(element, compiler, **kw)
    return f"{column} IN {found}"


@compiles(_Place)
def _place(element: _Place, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = _parts(element, compiler, **kw)
    return f"array_position({ids}, {column})"


@compiles(_Place, "sqlite")
def _place_in_json(element: _Place, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = _parts(element, compiler, **kw)
    return f"(SELECT key FROM json_each({ids}) WHERE value = {column})"  # noqa: S608 - as above
