"""How the portal connects to its database: what it tells SQLite, and what it tells PostgreSQL.

A session reads PostgreSQL in autocommit: each statement sees what is committed, as it would in READ COMMITTED, and no
ROLLBACK ends a request, at which psycopg forgets every statement that it has prepared. What writes opens a transaction
(``clinic.db.transaction``) and ends it with COMMIT (docs/decisions/0021-how-transactions-end.md).
"""

import sqlite3
from typing import Any

import orjson
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext, make_url

from clinic.db import is_writing, longest_wait
from clinic.db_errors import is_outdated_plan

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
        # The driver takes eight megabytes of memory: only where it is used.
        from clinic import postgresql_driver  # noqa: PLC0415 - see above

        event.listen(engine, "connect", postgresql_driver.prepare)
        event.listen(engine, "handle_error", _forget_outdated_plans)
        # The dialect's own text answers nothing, so it would be prepared anew each time.
        engine.dialect._dialect_specific_select_one = "SELECT 1"  # type: ignore[attr-defined] # there is no other way to it
        engine.dialect.do_ping = postgresql_driver.ping_with(engine.dialect.do_ping)  # type: ignore[assignment, method-assign] # nor to that


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


def _forget_outdated_plans(context: ExceptionContext) -> None:
    """Give up connections whose prepared statements a migration has outdated: each would fail for ever."""
    if is_outdated_plan(context.original_exception):
        context.is_disconnect = True
