"""What a database's refusal means for whoever runs the portal: one sentence, which names no row."""

import sqlite3
import sys
from typing import Any

from clinic.db_errors import is_of_schema

MIGRATE_FIRST = "run 'flask --app wsgi db upgrade' first"
UNREACHABLE = "The database can't be reached: check DATABASE_URL and that the server is up."
UNREADABLE_FILE = "The database's file can't be opened or written: check DATABASE_URL and who may write in that folder."
HELD = "The database is held by somebody else: a backup, a report, an open session."
ENDED = "A statement took too long or was ended: see statement_timeout of the role of DATABASE_URL, or try again later."
UNKNOWN_TABLE = f"The database lacks a table or column that this version uses: {MIGRATE_FIRST}."

#: PostgreSQL is shutting down, was stopped, or starts.
_STOPPED = frozenset({"57P01", "57P02", "57P03"})
#: A lock wasn't given in time, or a deadlock was resolved: over once somebody else has finished.
_WAITED_IN_VAIN = frozenset({"55P03", "40P01"})
_SQLITE_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNREADABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})


def sentence(error: Exception) -> str:
    """Return what an error of the database, SQLAlchemy's or a driver's, means and what to do."""
    if is_away(error):
        return UNREADABLE_FILE if isinstance(_origin(error), sqlite3.Error) else UNREACHABLE
    if is_held(error):
        return HELD
    if is_ended(error):
        return ENDED
    origin = _origin(error)
    if _is_postgresql(origin, "InsufficientPrivilege"):
        return (
            f"The role that connects may not do that ({origin.diag.message_primary}): DATABASE_OWNER_URL names the owner of "
            "the tables, 'db upgrade' gives others their rights."
        )
    if is_of_schema(error):
        return UNKNOWN_TABLE
    words = getattr(getattr(origin, "diag", None), "message_primary", None) or str(origin)
    return f"The database refuses: {' '.join(words.split())}."


def is_away(error: Exception) -> bool:
    """Return whether the server doesn't answer, or the file can't be used."""
    origin = _origin(error)
    if isinstance(origin, sqlite3.Error):
        return _sqlite_code(origin) in _SQLITE_UNREADABLE
    return _is_postgresql(origin, "OperationalError") and (origin.sqlstate is None or origin.sqlstate in _STOPPED)


def is_held(error: Exception) -> bool:
    """Return whether somebody else holds what was wanted, so that it may go well later."""
    origin = _origin(error)
    if isinstance(origin, sqlite3.Error):
        return _sqlite_code(origin) in _SQLITE_HELD
    return _is_postgresql(origin, "Error") and origin.sqlstate in _WAITED_IN_VAIN


def is_ended(error: Exception) -> bool:
    """Return whether a statement was ended by ``statement_timeout`` or by an administrator."""
    return _is_postgresql(_origin(error), "QueryCanceled")


def is_operational(error: Exception) -> bool:
    """Return whether an operator can mend it, by hand or by waiting; anything else is a fault of ours."""
    origin = _origin(error)
    # SQLite has no class of its own for a file that is no database, or a broken one.
    of_sqlite = isinstance(origin, sqlite3.OperationalError) or type(origin) is sqlite3.DatabaseError
    return of_sqlite or _is_postgresql(origin, "OperationalError", "InsufficientPrivilege") or is_of_schema(error)


def _origin(error: Exception) -> Any:
    """Return the driver's error."""
    return getattr(error, "orig", None) or error


def _is_postgresql(error: object, *names: str) -> bool:
    """Return whether an error is one of these of psycopg, which where it was never loaded has raised none."""
    errors = sys.modules.get("psycopg.errors")
    return errors is not None and isinstance(error, tuple(getattr(errors, name) for name in names))


def _sqlite_code(error: sqlite3.Error) -> int:
    """Return the primary part of SQLite's code."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
