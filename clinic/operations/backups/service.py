"""Taking a backup, checking one, and restoring one: what is refused, in which order, and where files stand meanwhile."""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
import structlog
from alembic import command
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from clinic import audit, clock
from clinic.audit import OPERATOR, AuditAction, Subject
from clinic.db import transaction
from clinic.operations import database_errors
from clinic.operations.backups import columns, postgresql, sqlite
from clinic.operations.backups.archive import CHUNK, Archive, ArchiveWriter, BackupError, Manifest, opened
from clinic.operations.backups.tables import only_ours
from clinic.operations.readiness import known_revisions, migration_config
from clinic.version import VERSION

log = structlog.get_logger("clinic.backup")

#: The names of files in a folder of backups, and of the folders in which they are made.
_NAMED = re.compile(r"clinic-\d{8}T\d{6}Z\.zip")
_UNFINISHED = ".clinic-backup-"
_UNFINISHED_FOR = timedelta(days=1)
_TAKEN = "{file} is there already: name a new file."
#: Tables that are empty in a database without data: nothing can be noted without an account or a line of the audit.
_TELLING = ("users", "audit_events")


@dataclass(frozen=True)
class Restored:
    """What was restored, and whether it is of an older revision than this version of the portal wants."""

    manifest: Manifest
    needs_upgrade: bool


def back_up(engine: Engine, file: Path) -> Manifest:
    """Write a backup to ``file``, which isn't there yet; it gets its name when it was read again and found whole."""
    if file.exists():
        raise BackupError(_TAKEN.format(file=file))
    if not file.parent.is_dir():
        raise BackupError(f"There is no folder {file.parent}.")
    with _errors("made"), _folder_beside(file) as folder:
        draft = folder / "backup.zip"
        manifest = _write(engine, draft, folder)
        _publish(draft, file)
        _sync(file.parent)
    log.info("backup made", file=str(file), rows=manifest.rows, revision=manifest.revision)
    return manifest


def back_up_to_folder(engine: Engine, folder: Path, keep: int | None) -> tuple[Path, Manifest, list[Path]]:
    """Write a backup into ``folder``, named after the moment; then remove the oldest so that ``keep`` remain.

    Only what has such a name is removed, and never the new one. Returns its path and those that were removed.
    """
    file = folder / f"clinic-{clock.now():%Y%m%dT%H%M%SZ}.zip"
    manifest = back_up(engine, file)
    with _errors("made"):
        _remove_unfinished(folder)
        return file, manifest, [] if keep is None else _remove_oldest(folder, keep, file)


def back_up_to_stream(engine: Engine, stream: IO[bytes]) -> Manifest:
    """Write a backup to ``stream`` once it was made and checked in a temporary folder."""
    with _errors("made"), tempfile.TemporaryDirectory(prefix=_UNFINISHED) as name:
        draft = Path(name) / "backup.zip"
        manifest = _write(engine, draft, Path(name))
        with draft.open("rb") as made:
            shutil.copyfileobj(made, stream, CHUNK)
        stream.flush()
    log.info("backup made", file="-", rows=manifest.rows, revision=manifest.revision)
    return manifest


def verify(file: Path) -> Manifest:
    """Return what a backup is of, having read all of it; ``BackupError`` where it isn't as it was written, or where its tables
    have other columns than they are restored with."""
    with _errors("read"), file.open("rb") as source, opened(source, str(file)) as archive:
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED) as folder:
            columns.check_archive(archive, Path(folder), _migrate)
        return archive.manifest


def restore(engine: Engine, file: Path, *, is_closed: bool, replace: bool = False) -> Restored:
    """Put the backup in the place of what the database holds; it stays as it was if anything goes wrong.

    A database with data is only replaced where ``replace`` says so and the portal ``is_closed``.
    """
    with _errors("restored"), file.open("rb") as source:
        return _restore(engine, source, str(file), is_closed=is_closed, replace=replace)


def restore_from_stream(engine: Engine, stream: IO[bytes], *, is_closed: bool, replace: bool = False) -> Restored:
    """Restore what comes from ``stream``, having kept all of it in a temporary folder first."""
    with _errors("restored"), tempfile.TemporaryDirectory(prefix=_UNFINISHED) as folder:
        file = Path(folder) / "backup.zip"
        with file.open("w+b") as source:
            shutil.copyfileobj(stream, source, CHUNK)
            return _restore(engine, source, "standard input", is_closed=is_closed, replace=replace)


# --- what a backup needs ----------------------------------------------------------------------------------------------


def _write(engine: Engine, draft: Path, folder: Path) -> Manifest:
    """Write a backup to ``draft`` and read it again; it is noted in the audit before anybody has it."""
    at = clock.now().replace(microsecond=0)
    with draft.open("w+b") as file:
        with ArchiveWriter(file) as archive:
            if _on_sqlite(engine):
                contents = sqlite.copy_out(engine, archive, folder)
            else:
                contents = postgresql.copy_out(engine, archive)
            archive.finish(portal=VERSION, engine=engine.dialect.name, at=at, contents=contents)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        with opened(file, "The new backup") as made:
            manifest = made.manifest
            columns.check_archive(made, folder, _migrate)
    draft.chmod(0o600)
    if manifest.revision == known_revisions()[0]:
        _note(AuditAction.BACKUP_MADE, manifest)
    return manifest


def _note(action: AuditAction, manifest: Manifest) -> None:
    """Write a line of the audit; a database that takes none (a standby, a full disk) is no reason to be without a backup."""
    try:
        with transaction():
            audit.record(OPERATOR, action, [Subject(0)], moment=manifest.at.isoformat())
    except SQLAlchemyError as error:
        log.warning("not in the audit trail", action=str(action), why=type(error).__name__)


def _on_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """Make a folder that only we can read, on the disk of ``file``, for as long as it takes."""
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=file.parent) as name:
        yield Path(name)


def _sync(folder: Path) -> None:
    """Let a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish(draft: Path, file: Path) -> None:
    """Give a draft its name, unless another run has taken it meanwhile."""
    try:
        file.hardlink_to(draft)
    except FileExistsError as error:
        raise BackupError(_TAKEN.format(file=file)) from error
    except OSError:  # a disk that knows no links
        try:
            file.touch(exist_ok=False)
        except FileExistsError as error:
            raise BackupError(_TAKEN.format(file=file)) from error
        draft.replace(file)


def _remove_oldest(folder: Path, keep: int, new: Path) -> list[Path]:
    older = sorted(path for path in folder.iterdir() if _NAMED.fullmatch(path.name) and path != new)
    surplus = older[: max(0, len(older) - keep + 1)]
    for path in surplus:
        path.unlink(missing_ok=True)
    return surplus


def _remove_unfinished(folder: Path) -> None:
    """Remove what a run left that was killed; another that is still at it is younger."""
    before = (clock.now() - _UNFINISHED_FOR).timestamp()
    for path in folder.glob(f"{_UNFINISHED}*"):
        # Another run may take its own away just now.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                shutil.rmtree(path)


# --- what a restore needs ---------------------------------------------------------------------------------------------


def _restore(engine: Engine, source: IO[bytes], name: str, *, is_closed: bool, replace: bool) -> Restored:
    with opened(source, name) as archive:
        manifest = archive.manifest
        _refuse_what_does_not_fit(engine, manifest)
        refuse_to_lose = partial(_refuse_to_lose_data, replace=replace, is_closed=is_closed)
        with engine.connect() as connection:
            refuse_to_lose(connection)
        _put_in_place(engine, archive, refuse_to_lose)
    if strange := sorted(manifest.tables.keys() - only_ours(manifest.tables)):
        log.warning("not the portal's, so it isn't restored", tables=strange)
    restored = Restored(manifest, manifest.revision != known_revisions()[0])
    log.info("backup restored", file=name, rows=manifest.rows, revision=manifest.revision, of=manifest.at.isoformat())
    if not restored.needs_upgrade:
        _note(AuditAction.BACKUP_RESTORED, manifest)
    return restored


def _refuse_to_lose_data(connection: Connection, *, replace: bool, is_closed: bool) -> None:
    """Raise ``BackupError`` where there is data that isn't to be lost; asked first, and again when nobody writes any more."""
    if not _has_data(connection):
        return
    if not replace:
        raise BackupError("The database has data: restore into an empty one, or say --replace to lose what it holds.")
    if not is_closed:
        raise BackupError("People may be writing: close the portal first, by 'flask --app wsgi maintenance on'.")


def _refuse_what_does_not_fit(engine: Engine, manifest: Manifest) -> None:
    if manifest.engine != engine.dialect.name:
        raise BackupError(
            f"The backup is of {manifest.engine}, and DATABASE_URL is a database of {engine.dialect.name}."
        )
    if manifest.revision not in known_revisions():
        raise BackupError(
            f"The backup is at revision {manifest.revision or '(none)'}, which this version of the portal ({VERSION}) "
            f"doesn't know: restore it with version {manifest.portal}."
        )


def _has_data(connection: Connection) -> bool:
    present = [name for name in _TELLING if inspect(connection).has_table(name)]
    return any(connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM {name})")) for name in present)  # noqa: S608 - names of our own tables


def _put_in_place(engine: Engine, archive: Archive, refuse_to_lose: Callable[[Connection], None]) -> None:
    if not _on_sqlite(engine):
        postgresql.copy_in(engine, archive, migrate=_migrate, refuse_to_lose=refuse_to_lose)
        return
    if not engine.url.database or engine.url.database == ":memory:":
        raise BackupError("DATABASE_URL names no file to restore into.")
    with _folder_beside(Path(engine.url.database)) as folder:
        sqlite.copy_in(engine, archive, folder, migrate=_migrate, refuse_to_lose=refuse_to_lose)


def _migrate(connection: Connection, revision: str) -> None:
    """Make the tables of a revision in the transaction of ``connection``."""
    config = migration_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


# --- errors -----------------------------------------------------------------------------------------------------------


@contextmanager
def _errors(done: str) -> Iterator[None]:
    """Make one sentence of whatever the disk or the database says; it names no row."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise BackupError(f"The backup can't be {done} ({where}{error.strerror or error}).") from error
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        raise BackupError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    if database_errors.is_held(error):
        return "Somebody holds the database for more than a minute: stop the portal and the worker, then again."
    return database_errors.sentence(error)
