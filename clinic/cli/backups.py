"""``flask --app wsgi backup | restore``: everything that the database holds, in one file, and back again."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from sqlalchemy import Engine

from clinic import clock, mail
from clinic.cli.database_owner import let_serve, owner_engine
from clinic.operations import backups, maintenance
from clinic.operations.backups import BackupError, Manifest

P = ParamSpec("P")
T = TypeVar("T")

STANDARD_STREAM = Path("-")


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Write a file with the moment in its name into this folder."
)
@click.option(
    "--keep", type=click.IntRange(1), help="With --folder: remove the oldest such files until so many are left."
)
@click.option("--verify", is_flag=True, help="Make nothing: read FILE and say what it is a backup of.")
def backup(file: Path | None, folder: Path | None, keep: int | None, verify: bool) -> None:
    """Copy all data into FILE while the portal is used; "-" is standard output.

    The file gets its name only when all of it was read again and found whole. It is not encrypted: docs/operations.md
    shows how to do that.
    """
    if (file is None) == (folder is None):
        raise click.UsageError("Name a FILE or a --folder.")
    if keep is not None and folder is None:
        raise click.UsageError("--keep goes with --folder.")
    if verify and (file is None or file == STANDARD_STREAM):
        raise click.UsageError("--verify wants the FILE to read.")
    if verify and file is not None:
        _say(f"{file} is whole: {_what(_run(backups.verify, file))}.")
        return
    with owner_engine() as engine:
        _back_up(engine, file, folder, keep)


def _back_up(engine: Engine, file: Path | None, folder: Path | None, keep: int | None) -> None:
    if folder is not None:
        new, manifest, removed = _run(backups.back_up_to_folder, engine, folder, keep)
        _say(f"Backed up {_what(manifest)} to {new}." + (f" Removed {len(removed)} older." if removed else ""))
    elif file is None or file == STANDARD_STREAM:
        _say(f"Backed up {_what(_run(backups.back_up_to_stream, engine, sys.stdout.buffer))}.")
    else:
        _say(f"Backed up {_what(_run(backups.back_up, engine, file))} to {file}.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Lose what the database holds now. The portal has to be closed for maintenance."
)
def restore(file: Path, replace: bool) -> None:
    """Put the backup in FILE in the place of what the database holds; "-" is standard input.

    All of FILE is checked first. Whatever goes wrong, the database stays as it was.
    """
    is_closed = maintenance.present(current_app.config["MAINTENANCE_FILE"]) is not None
    with owner_engine() as engine:
        # Before, too: that it was restored is written down as the portal writes.
        let_serve(engine)
        if file == STANDARD_STREAM:
            restored = _run(backups.restore_from_stream, engine, sys.stdin.buffer, is_closed=is_closed, replace=replace)
        else:
            restored = _run(backups.restore, engine, file, is_closed=is_closed, replace=replace)
        let_serve(engine)
    _say(f"Restored {_what(restored.manifest)}.")
    if restored.needs_upgrade:
        _say("That is an older revision: run 'flask --app wsgi db upgrade' before the portal is opened.")
    elif waiting := mail.outbox_state().queued:
        _say(f"{waiting} mails waited then. The worker sends them; some may have been sent since.")
    if is_closed:
        _say("The portal is still closed: open it by 'flask --app wsgi maintenance off'.")


def _run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do ``work``; what it refuses ends the command with its sentence."""
    try:
        with cleaning_up_when_stopped():
            return work(*args, **kwargs)
    except BackupError as error:
        raise click.ClickException(str(error)) from error


def _what(manifest: Manifest) -> str:
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables ({manifest.engine}, revision {manifest.revision}, "
        f"portal {manifest.portal}, {clock.local(manifest.at):%Y-%m-%d %H:%M})"
    )


def _say(sentence: str) -> None:
    # Beside the backup itself, which may go to standard output.
    click.echo(sentence, err=True)


@contextmanager
def cleaning_up_when_stopped() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, so that what is unfinished is removed."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
