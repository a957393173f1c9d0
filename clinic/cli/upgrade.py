"""``flask db upgrade | downgrade``: each revision is named as it runs, and the portal may be closed meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path

import click
import flask_migrate
from alembic import command
from alembic.util import CommandError
from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.exc import NoInspectionAvailable, SQLAlchemyError

from clinic.cli.database_owner import let_serve, owner_engine
from clinic.db import db
from clinic.operations import maintenance, migrations
from clinic.operations.migrations import BASE, HEAD, PATIENCE_SECONDS, MigrationError, Step
from clinic.operations.readiness import MIGRATIONS, migration_config, present_revision

#: Seconds between closing the portal and the first revision: whoever is being answered just then gets an answer.
GRACE_SECONDS = 2

_maintenance = click.option(
    "--maintenance",
    "is_closing",
    is_flag=True,
    help="Close the portal meanwhile; the version that fits the new revision opens it when it starts.",
)
_wait = click.option(
    "--wait",
    type=click.FloatRange(0),
    default=PATIENCE_SECONDS,
    show_default=True,
    help="Seconds to try a revision again while somebody holds the tables.",
)


@click.command("upgrade")
@click.argument("revision", default=HEAD)
@_maintenance
@_wait
@click.option("--sql", is_flag=True, help="Run nothing: print the statements of FROM:TO.")
def upgrade(revision: str, is_closing: bool, wait: float, sql: bool) -> None:
    """Bring the database to REVISION, the newest one by default; each one that was run stays, whatever the next does."""
    if sql:
        _print_statements(revision)
        return
    _run(migrations.steps_up, revision, is_closing, wait)


# So that "-2" is a revision.
@click.command("downgrade", context_settings={"ignore_unknown_options": True})
@click.argument("revision", default="-1")
@_maintenance
@_wait
def downgrade(revision: str, is_closing: bool, wait: float) -> None:
    """Take the database back to REVISION: by one revision by default, "base" for all of them."""
    _run(migrations.steps_down, revision, is_closing, wait)


def _print_statements(revisions: str) -> None:
    """Print what revisions would run, all of it or nothing."""
    if not revisions.partition(":")[2]:
        raise click.UsageError("--sql wants FROM:TO, for example 0024:0025.")
    config = migration_config()
    config.output_buffer = StringIO()
    try:
        command.upgrade(config, revisions, sql=True)
    except NoInspectionAvailable as error:
        raise click.ClickException(
            f"A revision of {revisions} looks at the database before it changes it, so its statements can't be printed."
        ) from error
    except CommandError as error:
        raise click.ClickException(f"{error}.") from error
    click.echo(config.output_buffer.getvalue(), nl=False)


def know_migrations(app: Flask) -> None:
    """Let Flask-Migrate know the application and where its migrations are."""
    flask_migrate.Migrate().init_app(app, db, directory=str(MIGRATIONS), compare_type=True)


def with_ours(group: click.Group) -> click.Group:
    """Return Flask-Migrate's ``group`` with our commands in the place of its own of these names."""
    ours = {each.name or "": each for each in (upgrade, downgrade)}
    return click.Group(
        group.name, commands={**group.commands, **ours}, params=group.params, callback=group.callback, help=group.help
    )


def _run(plan: Callable[..., list[Step]], target: str, is_closing: bool, wait: float) -> None:
    with owner_engine() as engine:
        try:
            steps = plan(engine, target)
            if steps:
                with _closed(current_app.config["MAINTENANCE_FILE"], steps, is_closing):
                    _run_steps(engine, steps, wait)
        except MigrationError as error:
            raise click.ClickException(str(error)) from error
        if not steps:
            let_serve(engine)
            click.echo(f"The database is already at {present_revision(engine) or BASE}.")
            return
    click.echo(f"The database is at {steps[-1].after or BASE} now.")


def _run_steps(engine: Engine, steps: list[Step], wait: float) -> None:
    """Run ``steps``, and let the portal serve from the tables that there are then, whatever became of the last one."""
    try:
        migrations.run(engine, steps, patience=wait, tell=click.echo)
    except MigrationError:
        with suppress(SQLAlchemyError):
            let_serve(engine)
        raise
    let_serve(engine)


@contextmanager
def _closed(file: Path, steps: list[Step], is_closing: bool) -> Iterator[None]:
    """Close the portal until a version starts that fits the revision after ``steps``.

    Where nothing came of them the version that serves still fits, and it is opened at once; where some were done it stays
    closed.
    """
    before = maintenance.present(file)
    is_ours = is_closing and (before is None or before.opens_at is not None)
    if is_closing and not is_ours:
        click.echo("The portal is closed already, and stays so until 'maintenance off'.")
    if is_ours:
        _close(file, steps)
    try:
        yield
    except BaseException:
        if is_ours:
            _open_if_nothing_was_done(file, steps[0], was_closed=before is not None)
        raise
    if is_ours:
        click.echo("The portal is closed until the version for this revision starts, or 'maintenance off'.")


def _close(file: Path, steps: list[Step]) -> None:
    try:
        maintenance.begin(file, opens_at=steps[-1].after)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written ({error.strerror}); see MAINTENANCE_FILE.") from error
    click.echo("The portal is closed for maintenance.")
    if steps[0].before is not None:
        time.sleep(GRACE_SECONDS)


def _open_if_nothing_was_done(file: Path, first: Step, *, was_closed: bool) -> None:
    try:
        is_as_before = present_revision(db.engine) == first.before
    except SQLAlchemyError:
        is_as_before = False
    if is_as_before and not was_closed:
        maintenance.end(file)
        click.echo("Nothing was changed: the portal is open again.")
    else:
        click.echo("The portal stays closed.")
