"""Which error of the database is which: it is away or too busy, it refuses, or it has another schema. Knows no domain."""

import re
import sqlite3

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

#: The database is away, or too busy to answer in time.
DatabaseUnavailable = OperationalError


def is_of_database(error: Exception) -> bool:
    """Return whether an error came from the database, whose messages may hold what people typed."""
    return isinstance(error, SQLAlchemyError)


#: PostgreSQL's codes of an unknown table and column.
_UNKNOWN_NAMES = frozenset({"42P01", "42703"})
_UNKNOWN_IN_SQLITE = re.compile(r"\bno such (table|column)\b|\bhas no column\b")


def is_of_schema(error: Exception) -> bool:
    """Return whether a statement was written for another schema: it isn't migrated yet, or was just now."""
    origin = getattr(error, "orig", None)
    if isinstance(origin, sqlite3.OperationalError):
        return _UNKNOWN_IN_SQLITE.search(str(origin)) is not None
    return getattr(origin, "sqlstate", None) in _UNKNOWN_NAMES or is_outdated_plan(origin)


def is_outdated_plan(origin: BaseException | None) -> bool:
    """Return whether a driver's error is of a statement that was prepared before a column that it reads was changed."""
    diagnostics = getattr(origin, "diag", None)
    return getattr(diagnostics, "source_function", None) == "RevalidateCachedQuery"


def is_passing(error: Exception) -> bool:
    """Return whether an error of the database is of a moment, or of an upgrade: the same may go well a little later."""
    of_a_moment = DatabaseUnavailable, InterfaceError, InternalError, PendingRollbackError, NoConnectionFree
    return isinstance(error, of_a_moment) or getattr(error, "connection_invalidated", False) or is_of_schema(error)


def in_short(error: Exception) -> str:
    """Return an error as it is kept: of the database without its statement and values, which may be what people typed."""
    kind = type(error).__name__
    if isinstance(error, DatabaseUnavailable):
        return f"{kind}: {error.orig}"
    if is_of_database(error):
        code = getattr(getattr(error, "orig", None), "sqlstate", None)
        return f"{kind} {code}" if code else kind
    return f"{kind}: {error}"


def is_refusal(error: Exception) -> bool:
    """Return whether the database refused a statement, by a constraint for example."""
    return isinstance(error, DBAPIError) and not isinstance(error, DatabaseUnavailable)
