"""How the portal connects to its database: what it tells SQLite, and what it tells PostgreSQL.

A session reads PostgreSQL in autocommit: each statement sees what is committed, as it would in READ COMMITTED, and no
ROLLBACK ends a request, at which psycopg forgets every statement that it has prepared. What writes opens a transaction
(``clinic.db.transaction``) and ends it with COMMIT (docs/decisions/0021-how-transactions-end.md).
"""

import select
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import orjson
import psycopg
from psycopg import Column
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext, make_url

from clinic.db import is_writing, longest_wait
from clinic.db_errors import is_outdated_plan

#: How many statements a connection keeps prepared: more than the portal has.
PREPARED_MAX = 400
#: Seconds that a writer waits for another one, of which SQLite has one at a time.
_WRITER_WAITS = 15
#: Seconds to wait for a database host, and milliseconds until a silent one is given up: it mustn't hold every thread for minutes.
_WAITS = {"connect_timeout": 5, "tcp_user_timeout": 15_000}


def engine_options(url: str, *, prepared: bool = True) -> dict[str, Any]:
    """Return how SQLAlchemy is to connect to the database of ``url``; what the URL says itself comes first.

    ``prepared``: whether statements are kept prepared, which a pooler that shares connections by transaction can't bear.
    """
    # What people typed stands in the parameters: it belongs into no log.
    options: dict[str, Any] = {"hide_parameters": True, "json_deserializer": orjson.loads}
    if url.startswith("sqlite"):
        return options
    waits = {name: value for name, value in _WAITS.items() if name not in make_url(url).query}
    return options | {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        # Each statement is prepared the first time: nearly all are asked again.
        "connect_args": {**waits, "prepare_threshold": 0 if prepared else None},
    }


def replica_options(url: str, *, prepared: bool = True) -> dict[str, Any]:
    """Return how to connect to a replica: by few connections, and without waiting long for one that is away."""
    options = engine_options(url, prepared=prepared)
    waits = {} if "connect_timeout" in make_url(url).query else {"connect_timeout": 2}
    return options | {"pool_size": 2, "max_overflow": 2, "connect_args": options["connect_args"] | waits}


def prepare_engine(engine: Engine) -> None:
    """Tell each new connection of ``engine`` what it has to know."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "handle_error", _forget_outdated_plans)
        # The dialect's own text answers nothing, so it would be prepared anew each time.
        engine.dialect._dialect_specific_select_one = "SELECT 1"  # type: ignore[attr-defined] # there is no other way to it
        engine.dialect.do_ping = _ping(engine.dialect.do_ping)  # type: ignore[assignment, method-assign] # nor to that


def _ping(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return how to tell whether a pooled connection is alive: asked only where something came while nobody used it.

    A server that ends a connection says so or closes it, and either can be seen at the socket without a statement. Of one
    that fell silent a question would learn no sooner than the statement that follows.
    """

    def ping(connection: psycopg.Connection[Any]) -> bool:
        return not (connection.closed or _has_something_to_read(connection)) or ask(connection)

    return ping


def _has_something_to_read(connection: psycopg.Connection[Any]) -> bool:
    sockets = select.poll()
    sockets.register(connection.fileno(), select.POLLIN)
    return bool(sockets.poll(0))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Give a connection foreign keys, WAL, durable commits and explicit BEGIN."""
    # The driver would begin by itself, late and never for a savepoint: it is told to leave that to us.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(_wait_of(_WRITER_WAITS))
    cursor.execute("PRAGMA journal_mode = WAL")
    # A confirmed booking survives a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = is_writing() or connection.get_execution_options().get("begins_writing", False)
    most = longest_wait()
    if not writes or most is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        return
    connection.exec_driver_sql(_wait_of(most))
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(_wait_of(_WRITER_WAITS))


def _wait_of(seconds: float) -> str:
    return f"PRAGMA busy_timeout = {round(seconds * 1000)}"


class _Columns(Sequence[Column]):
    """The columns of what a statement found, described once somebody looks at them."""

    def __init__(self, describe: Callable[[], list[Column] | None]) -> None:
        self._describe = describe

    @cached_property
    def _described(self) -> list[Column]:
        return self._describe() or []

    @overload
    def __getitem__(self, place: int) -> Column: ...
    @overload
    def __getitem__(self, place: slice) -> list[Column]: ...
    def __getitem__(self, place: int | slice) -> Column | list[Column]:
        return self._described[place]

    def __len__(self) -> int:
        return len(self._described)

    def __iter__(self) -> Iterator[Column]:
        return iter(self._described)


class _Cursor(psycopg.Cursor[Any]):
    """A cursor that describes no columns unasked.

    SQLAlchemy wants to know at each statement whether it found rows, and reads at the first one only what they are made of. To
    describe forty columns takes longer than to fetch ten rows of them.
    """

    @property
    def description(self) -> _Columns | None:  # type: ignore[override] # a sequence is all that the standard wants
        found = self.pgresult
        return _Columns(lambda: super(_Cursor, self).description) if found and found.nfields else None


def _prepare_postgresql(connection: psycopg.Connection[Any], _record: object) -> None:
    """Let whole numbers be sent as one type, whatever their size: a statement is prepared for the types it was sent with."""
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.prepared_max = PREPARED_MAX
    connection.cursor_factory = _Cursor


def _forget_outdated_plans(context: ExceptionContext) -> None:
    """Give up connections whose prepared statements a migration has outdated: each would fail for ever."""
    if is_outdated_plan(context.original_exception):
        context.is_disconnect = True
