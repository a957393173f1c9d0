"""Which error of the database is which: it is away or too busy, it refuses, or it has another schema. Knows no domain."""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

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


def is_refusal(error: Exception) -> bool:
    """Return whether the database refused a statement, by a constraint for example."""
    return isinstance(error, DBAPIError) and not isinstance(error, DatabaseUnavailable)
