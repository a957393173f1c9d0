"""The operator's commands: ``flask --app wsgi seed | create-admin | activate | deactivate | outbox | worker``."""

import json
import signal
import threading
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import click
import structlog
from flask import Flask, current_app

from clinic import accounts, mail, smtp
from clinic.db import DatabaseUnavailable
from clinic.errors import DomainError
from clinic.ready import why_not_ready

log = structlog.get_logger("clinic.worker")


def _english(text: str) -> str:
    return text


def _refuse(error: DomainError) -> click.ClickException:
    fields = [f"{name}: {' '.join(texts)}" for name, texts in error.field_texts(_english).items()]
    return click.ClickException(" ".join([error.text(_english), *fields]))


@click.command("seed")
def seed_command() -> None:
    """Plant the demo clinic; a second run changes nothing."""
    # Only here: a server has no use for the demo's texts.
    from clinic import seed  # noqa: PLC0415

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
        accounts.set_active(email, active)
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
    click.echo(json.dumps(mail.outbox(), default=_plain, ensure_ascii=False, indent=2))


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
    problem = why_not_ready(current_app._get_current_object())  # type: ignore[attr-defined]
    if problem is not None:
        raise click.ClickException(problem)
    settings = current_app.config
    if settings["MAIL_URL"] is None:
        raise click.ClickException("MAIL_URL is not set, so mail stays queued; set it to send (console:// prints it).")
    transport = smtp.transport_of(settings["MAIL_URL"], settings["MAIL_FROM"], settings["CLINIC_NAME"])
    stop = _stopped_by_signals()
    pause = every
    while not stop.is_set():
        away = None
        try:
            sent = mail.deliver(transport, claim_lasts=timedelta(seconds=claim_lasts), stopped=stop.is_set)
            if sent:
                log.info("mail sent", count=sent)
        except DatabaseUnavailable:
            away = "the database is away"
        except mail.ServerAway as error:
            away = f"the mail server is away: {error}"
        finally:
            transport.close()
        if once and away:
            raise click.ClickException(f"Mail stays queued, {away}.")
        if once:
            return
        # A short absence delays mail by seconds only, a long one is asked after ever less often.
        pause = min(pause * 2, max(every, mail.AWAY_WAIT.total_seconds())) if away else every
        if away:
            log.error("mail waits", why=away, seconds=pause)
        stop.wait(pause)


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
    for command in (seed_command, create_admin, activate, deactivate, outbox, worker):
        app.cli.add_command(command)
