"""The operator's commands: ``flask --app wsgi seed | create-admin | activate | outbox | worker | maintenance | backup | ...``."""

import json
import signal
import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click
import structlog
from flask import Flask, current_app

from clinic import accounts, clock, mail, scheduling
from clinic.cli.backups import backup, restore
from clinic.db import DatabaseUnavailable
from clinic.errors import DomainError
from clinic.mail import smtp
from clinic.mail.transport import ServerAway
from clinic.operations import maintenance
from clinic.operations.readiness import why_not_ready

log = structlog.get_logger("clinic.worker")


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
    """Create an account for the clinic's office."""
    try:
        user_id = accounts.create_admin(email=email, password=password, full_name=full_name, phone_num=phone_num)
    except DomainError as error:
        raise _refuse(error) from error
    click.echo(f"Created admin {email} (id {user_id}).")


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


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@click.command("outbox")
@click.option("--retry", is_flag=True, help="Let all mail that was given up be tried again.")
def outbox(retry: bool) -> None:
    """Print queued and sent mail as JSON, or let what was given up be tried again."""
    if retry:
        click.echo(f"{mail.send_all_again()} given up, now waiting again.")
        return
    click.echo(json.dumps(mail.all_mail(), default=_plain, ensure_ascii=False, indent=2))


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


@click.command("worker")
@click.option("--once", is_flag=True, help="Send what is due and stop.")
@click.option("--every", default=5.0, show_default=True, help="Seconds between looks into the outbox.")
@click.option(
    "--claim-lasts",
    type=click.IntRange(min=10),
    default=int(mail.CLAIM_LASTS.total_seconds()),
    show_default=True,
    help="Seconds after which the mail of a worker that died is sent by another. A mail whose sending takes longer "
    "is sent twice, so make it less only for a quick server.",
)
def worker(once: bool, every: float, claim_lasts: int) -> None:
    """Send the outbox's mail by MAIL_URL until stopped; the mail in hand is finished first."""
    problem = why_not_ready(current_app)
    if problem is not None and maintenance.present(_file()) is None:
        raise click.ClickException(problem)
    settings = current_app.config
    if settings["MAIL_URL"] is None:
        raise click.ClickException("MAIL_URL is not set, so mail stays queued; set it to send (console:// prints it).")
    transport = smtp.transport_of(settings["MAIL_URL"], settings["MAIL_FROM"], settings["CLINIC_NAME"])
    stop = _stopped_by_signals()
    pause = every
    while not stop.is_set():
        why = _send_what_is_due(transport, timedelta(seconds=claim_lasts), stop)
        if once and why:
            raise click.ClickException(f"Mail stays queued, {why}.")
        if once:
            return
        # A short absence delays mail by seconds only, a long one is asked after ever less often.
        pause = min(pause * 2, max(every, mail.AWAY_WAIT.total_seconds())) if why else every
        if why:
            log.error("mail waits", why=why, seconds=pause)
        stop.wait(pause)


def _send_what_is_due(
    transport: smtp.SmtpTransport | smtp.ConsoleTransport, claim_lasts: timedelta, stop: threading.Event
) -> str | None:
    """Send until nothing is due or ``stop``; return why mail has to wait, None if it doesn't."""

    def closed() -> bool:
        return maintenance.present(_file()) is not None

    try:
        sent = mail.deliver(transport, claim_lasts=claim_lasts, stopped=lambda: stop.is_set() or closed())
    except DatabaseUnavailable:
        return "the database is away"
    except ServerAway as error:
        return f"the mail server is away: {error}"
    finally:
        transport.close()
    if sent:
        log.info("mail sent", count=sent)
    return "the portal is closed for maintenance" if closed() else None


def _stopped_by_signals() -> threading.Event:
    """Return what SIGTERM and SIGINT set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def install(app: Flask) -> None:
    """Add the commands to ``app``."""
    for command in (
        seed_command,
        create_admin,
        activate,
        deactivate,
        outbox,
        worker,
        maintenance_group,
        backup,
        restore,
    ):
        app.cli.add_command(command)
