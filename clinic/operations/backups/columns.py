"""Which columns the portal's tables have at a revision: with one more or less their rows can't be restored, so that is said
when a backup is made.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy import Engine, inspect

from clinic.db import Base
from clinic.operations.backups import sqlite
from clinic.operations.backups.archive import Archive
from clinic.operations.backups.sqlite import Migrate
from clinic.operations.backups.tables import check_same_columns, other_columns
from clinic.operations.readiness import known_revisions

#: The columns of each table, by its name.
Columns = Mapping[str, Collection[str]]


def check_archive(archive: Archive, folder: Path, migrate: Migrate) -> None:
    """Raise ``BackupError`` where a table of a backup has other columns than at its revision, as far as that is known.

    ``migrate`` makes the tables of an older revision, in ``folder``.
    """
    manifest = archive.manifest
    if manifest.revision not in known_revisions():
        return
    if manifest.engine == "sqlite":
        found: Columns = sqlite.columns_in(archive, folder)
    else:
        found = {name: table.columns for name, table in manifest.tables.items()}
    wanted = _columns_at(manifest.revision, folder, migrate)
    for table in sorted(found.keys() & wanted.keys()):
        check_same_columns(table, found[table], wanted[table], manifest.revision)


def why_unrestorable(engine: Engine) -> str | None:
    """Return one sentence on why a backup of this database, which is at the newest revision, couldn't be restored."""
    wanted = _newest()
    for (_schema, table), columns in inspect(engine).get_multi_columns(filter_names=list(wanted)).items():
        # What the database computes is in no backup.
        found = [column["name"] for column in columns if "computed" not in column]
        if others := other_columns(found, wanted[table]):
            return (
                f"{table} has other columns than the portal's ({others}), so no backup can be made: drop or add them."
            )
    return None


def _columns_at(revision: str, folder: Path, migrate: Migrate) -> Columns:
    if revision == known_revisions()[0]:
        return _newest()
    file = folder / "revision.db"
    with sqlite.made_at(file) as connection:
        migrate(connection, revision)
    found = sqlite.columns_of(file)
    file.unlink()
    return found


def _newest() -> Columns:
    return {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}
