"""The operator's commands: ``flask --app wsgi seed | create-admin | activate | deactivate | outbox | worker``."""

import json
import signal
import threading
from datetime import datetime
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

import click
import structlog
from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail

from clinic import accounts, mail
from clinic.db import DatabaseUnavailable
from clinic.errors import DomainError
from clinic.ready import why_not_ready

log = structlog.get_logger("clinic.worker")

SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
SMTP_TIMEOUT = 15


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
def outbox() -> None:
    """Print queued and sent mail as JSON."""
    click.echo(json.dumps(mail.outbox(), default=_plain, ensure_ascii=False, indent=2))


@click.command("worker")
@click.option("--once", is_flag=True, help="Send what is due and stop.")
@click.option("--every", default=5.0, show_default=True, help="Seconds between looks into the outbox.")
def worker(once: bool, every: float) -> None:
    """Send the outbox's mail by MAIL_URL until stopped."""
    problem = why_not_ready(current_app._get_current_object())  # type: ignore[attr-defined]
    if problem is not None:
        raise click.ClickException(problem)
    transport = transport_of(current_app.config["MAIL_URL"], current_app.config["MAIL_FROM"])
    if transport is None:
        raise click.ClickException("MAIL_URL is not set, so mail stays queued; set it to send (console:// prints it).")
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    while not stop.is_set():
        try:
            sent = mail.deliver(transport)
        except DatabaseUnavailable as error:
            # The outbox is away for a while; the mail in it is not.
            log.error("database away", kind=type(error).__name__)
            sent = 0
        if sent:
            log.info("mail sent", count=sent)
        if once and sent == 0:
            return
        if sent == 0:
            stop.wait(every)


def transport_of(url: str | None, sender: str) -> mail.Transport | None:
    """Return what sends mail by ``url``, None without one."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme == "console":
        return _print
    current_app.config.update(
        MAIL_SERVER=parts.hostname,
        MAIL_PORT=parts.port or SMTP_PORTS[parts.scheme],
        MAIL_USERNAME=unquote(parts.username) if parts.username else None,
        MAIL_PASSWORD=unquote(parts.password) if parts.password else None,
        MAIL_USE_SSL=parts.scheme == "smtps",
        MAIL_USE_TLS=parts.scheme == "smtp+starttls",
        MAIL_TIMEOUT=SMTP_TIMEOUT,
        MAIL_DEFAULT_SENDER=sender,
    )
    mailer = Mail(current_app)

    domain = parseaddr(sender)[1].partition("@")[2] or "localhost"

    def send(letter: mail.Letter) -> None:
        # Named, since in the testing environment the library would keep mail to itself.
        connection = mailer.get_connection(backend="smtp")
        message = EmailMultiAlternatives(
            letter.subject,
            letter.body,
            sender,
            [letter.to],
            connection=connection,
            headers={"Message-ID": f"<outbox-{letter.number}@{domain}>"},
        )
        if letter.html is not None:
            message.attach_alternative(letter.html, "text/html")
        if letter.calendar is not None:
            message.attach("visit.ics", letter.calendar, "text/calendar")
        try:
            message.send()
        except (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError):
            raise  # this mail's own fault, as far as SMTP tells
        except OSError as error:
            raise mail.ServerAway(f"{type(error).__name__}: {error}") from error
        finally:
            # The library leaves it open when a mail is refused.
            connection.close()

    return send


def _print(letter: mail.Letter) -> None:
    click.echo(f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.body}")


def install(app: Flask) -> None:
    """Add the commands to ``app``."""
    for command in (seed_command, create_admin, activate, deactivate, outbox, worker):
        app.cli.add_command(command)
