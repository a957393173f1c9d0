"""The operator's commands: ``flask --app wsgi seed | create-admin | set-duties | activate | reset-factor | outbox | ...``."""

import copy
import functools
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from clinic import accounts, clock, mail, scheduling
from clinic.cli.audit_commands import audit_group
from clinic.cli.backups import backup, restore
from clinic.cli.check import check
from clinic.cli.count_days import count_days
from clinic.cli.job_list import jobs_group
from clinic.cli.prune import prune_command
from clinic.cli.upgrade import know_migrations, with_ours
from clinic.cli.worker import worker
from clinic.errors import DomainError
from clinic.operations import database_errors, maintenance
from clinic.policy import EVERY_DUTY, Duty, in_order

P = ParamSpec("P")
T = TypeVar("T")


def _english(text: str) -> str:
    return text


def _refuse(error: DomainError) -> click.ClickException:
    fields = [f"{name}: {' '.join(texts)}" for name, texts in error.field_texts(_english).items()]
    return click.ClickException(" ".join([error.text(_english), *fields]))


@click.command("seed")
@click.option("--yes-demo-accounts", is_flag=True, help="In production too, for a clinic that is only shown around.")
def seed_command(yes_demo_accounts: bool) -> None:
    """Plant the demo clinic; a second run changes nothing."""
    if current_app.config["CLINIC_ENV"] == "production" and not yes_demo_accounts:
        raise click.ClickException(
            "This is a clinic in production: the demo's accounts, the office's too, have a password that everybody "
            "knows. To plant them all the same, for a clinic without real patients: seed --yes-demo-accounts."
        )
    from clinic import seed  # noqa: PLC0415 - a server has no use for the demo's texts

    try:
        summary = seed.plant()
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(str(summary))


@click.command("create-admin")
@click.option("--email", prompt=True)
@click.option("--full-name", prompt=True)
@click.option("--phone", "phone_num", prompt="Phone (10 digits)")
@click.password_option(envvar="ADMIN_PASSWORD")
def create_admin(email: str, full_name: str, phone_num: str, password: str) -> None:
    """Create an account for the clinic's office, with every duty."""
    try:
        user_id = accounts.create_admin(email=email, password=password, full_name=full_name, phone_num=phone_num)
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(f"Created admin {email} (id {user_id}).")


@click.command("set-duties")
@click.argument("email")
@click.argument("duties", nargs=-1, required=True, type=click.Choice([*map(str, Duty), "all"]))
def set_duties(email: str, duties: tuple[str, ...]) -> None:
    """Let an admin look after these and nothing else: reception, catalogue, records, accounts, audit, or all."""
    wanted = EVERY_DUTY if "all" in duties else duties
    try:
        accounts.set_duties_of(email, wanted)
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(f"{email} looks after: {', '.join(in_order(wanted))}.")


def _switch(email: str, active: bool) -> None:
    try:
        scheduling.switch_account(email, active=active)
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(f"{email} is switched {'on' if active else 'off'}.")


@click.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Switch an account on."""
    _switch(email, True)


@click.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Switch an account off; all its sessions end at once."""
    _switch(email, False)


@click.command("reset-factor")
@click.argument("email")
def reset_factor(email: str) -> None:
    """Take the second step of an account away, whose owner has lost app, passkeys and codes; all its sessions end at once."""
    try:
        accounts.reset_second_factor_of(email)
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(f"{email} has no second step any more.")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@click.command("outbox")
@click.option("--retry", is_flag=True, help="Let all mail that was given up be tried again.")
def outbox(retry: bool) -> None:
    """Print queued and sent mail as JSON, or let what was given up be tried again; in production links are masked."""
    if retry:
        click.echo(f"{mail.send_all_again()} given up, now waiting again.")
        return
    rows = mail.all_mail(masked=current_app.config["CLINIC_ENV"] == "production")
    click.echo(json.dumps(rows, default=_plain, ensure_ascii=False, indent=2))


def _file() -> Path:
    found: Path = current_app.config["MAINTENANCE_FILE"]
    return found


@click.group("maintenance")
def maintenance_group() -> None:
    """Close the portal for maintenance and open it again; it works without the database."""


@maintenance_group.command("on")
@click.option("--minutes", type=click.IntRange(1, 7 * 24 * 60), help="How long it should take; people are told.")
@click.option(
    "--note", default="", help=f"A sentence for people, as they read it (at most {maintenance.NOTE_MAX} characters)."
)
def maintenance_on(minutes: int | None, note: str) -> None:
    """Close the portal: pages and API answer 503 at once. Again: say something else of it."""
    if len(note) > maintenance.NOTE_MAX:
        raise click.ClickException(f"The note must have at most {maintenance.NOTE_MAX} characters.")
    try:
        maintenance.begin(_file(), minutes=minutes, note=note)
    except OSError as error:
        raise click.ClickException(f"{_file()} can't be written ({error.strerror}); see MAINTENANCE_FILE.") from error
    _print_maintenance()


@maintenance_group.command("off")
def maintenance_off() -> None:
    """Open the portal."""
    try:
        was = maintenance.end(_file())
    except OSError as error:
        raise click.ClickException(f"{_file()} can't be removed ({error.strerror}).") from error
    click.echo("The portal is open." if was else "The portal was open already.")


@maintenance_group.command("status")
def maintenance_status() -> None:
    """Say whether the portal is closed."""
    _print_maintenance()


def _print_maintenance() -> None:
    closed = maintenance.present(_file())
    if closed is None:
        click.echo("The portal is open.")
        return
    until = f", until about {clock.local(closed.until):%Y-%m-%d %H:%M}" if closed.until else ""
    late = " (that is past: say something new, or open it)" if closed.is_late else ""
    click.echo(f"The portal is closed for maintenance{until}{late}, by {_file()}.")
    if closed.note:
        click.echo(f"People read: {closed.note}")


def _in_one_sentence(work: Callable[P, T]) -> Callable[P, T]:
    """Let a database that is away, held or not migrated end a command with a sentence."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except SQLAlchemyError as error:
            if not database_errors.is_operational(error):
                raise
            raise click.ClickException(database_errors.sentence(error)) from error

    return run


def _guarded(command: click.Command) -> click.Command:
    """Return ``command``, and those below it, made to say a sentence (``_in_one_sentence``)."""
    guarded = copy.copy(command)
    if command.callback is not None:
        guarded.callback = _in_one_sentence(command.callback)
    if isinstance(guarded, click.Group):
        guarded.commands = {name: _guarded(each) for name, each in guarded.commands.items()}
    return guarded


def install(app: Flask) -> None:
    """Add the commands to ``app``."""
    know_migrations(app)
    database = app.cli.commands["db"]
    assert isinstance(database, click.Group)  # noqa: S101 - as Flask-Migrate makes it
    for command in (
        seed_command,
        create_admin,
        set_duties,
        activate,
        deactivate,
        reset_factor,
        outbox,
        worker,
        check,
        count_days,
        jobs_group,
        prune_command,
        audit_group,
        maintenance_group,
        backup,
        restore,
        with_ours(database),
    ):
        app.cli.add_command(_guarded(command))
