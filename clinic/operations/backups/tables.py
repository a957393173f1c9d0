"""Which tables a backup is of: the portal's own and those that its migrations set aside, whatever a file or a server says.

A table that a migration drops has to stay known here as long as there are backups with it.
"""

import re
from collections.abc import Iterable, Mapping

from clinic.db import Base
from clinic.operations.backups.archive import BackupError, Table

REVISIONS = "alembic_version"
#: A table in which a migration's way back waits for the next way up with lines of a history.
_SET_ASIDE = re.compile(r"([a-z_]+)_kept(?:_\d{4})?")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,62}")


def is_set_aside(name: str) -> bool:
    """Return whether a migration's way back may have made this table."""
    found = _SET_ASIDE.fullmatch(name)
    return found is not None and found[1] in Base.metadata.tables


def is_ours(name: str) -> bool:
    """Return whether this is a table of the portal's."""
    return name in Base.metadata.tables or is_set_aside(name)


def only_ours(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return those of a manifest's tables that are the portal's; nobody makes the others."""
    return {name: table for name, table in tables.items() if is_ours(name)}


def check_columns(table: str, columns: Iterable[str]) -> None:
    """Raise ``BackupError`` where a column of a table that was set aside is called as none of ours is."""
    if strange := [column for column in columns if not _COLUMN.fullmatch(column)]:
        raise BackupError(f"The backup has a column of {table} that can't be the portal's: {strange[0][:60]!r}.")


def check_same_columns(table: str, found: Iterable[str], wanted: Iterable[str], revision: str) -> None:
    """Raise ``BackupError`` where a table's columns aren't those that it has at a revision: its rows can't be restored."""
    if others := other_columns(found, wanted):
        raise BackupError(f"The columns of {table} aren't those that revision {revision} has: {others}.")


def other_columns(found: Iterable[str], wanted: Iterable[str]) -> str:
    """Return which columns are too many or missing, "" where they are the same."""
    has, needs = set(found), set(wanted)
    parts = (("too many", has - needs), ("missing", needs - has))
    return "; ".join(f"{what}: {', '.join(sorted(names))[:100]}" for what, names in parts if names)
