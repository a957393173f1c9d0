"""``flask worker``: sends the outbox's mail until it is stopped, says every now and then that it is there, counts days,
and seals the audit."""

import signal
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

import click
import structlog
from flask import current_app

from clinic import audit, mail, scheduling
from clinic.db import DatabaseUnavailable
from clinic.mail import smtp
from clinic.mail.transport import Letter, ServerAway
from clinic.operations.readiness import why_not_ready
from clinic.operations.system import present_maintenance
from clinic.version import VERSION

#: Seconds between looks for days that are over and have changed.
COUNT_EVERY = 60.0
#: Seconds between looks for entries of the audit that later ones were sealed before.
LOOK_BACK_EVERY = 60.0
CLOSED = "the portal is closed for maintenance"

log = structlog.get_logger("clinic.worker")


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
@click.option("--check", is_flag=True, help="Only say whether a worker of this machine is there; status 1 if none is.")
def worker(once: bool, every: float, claim_lasts: int, check: bool) -> None:
    """Send the outbox's mail by MAIL_URL until stopped; the mail in hand is finished first."""
    if check:
        click.echo(_seen_here())
        return
    problem = why_not_ready(current_app)
    if problem is not None and present_maintenance() is None:
        raise click.ClickException(problem)
    settings = current_app.config
    if settings["MAIL_URL"] is None:
        raise click.ClickException("MAIL_URL is not set, so mail stays queued; set it to send (console:// prints it).")
    transport = smtp.transport_of(settings["MAIL_URL"], settings["MAIL_FROM"], settings["CLINIC_NAME"])
    sender = _Sender(transport, timedelta(seconds=claim_lasts), _stopped_by_signals())
    if once:
        if why := sender.send_what_is_due():
            raise click.ClickException(f"Mail stays queued, {why}.")
        return
    log.info("worker started", version=VERSION)
    sender.run(every)


def _seen_here() -> str:
    """Return that a worker of this machine is there; ``ClickException`` where none is."""
    if present_maintenance() is not None:
        return f"Nothing is sent, {CLOSED}."
    try:
        runs = mail.runs_here()
    except DatabaseUnavailable as error:
        raise click.ClickException("No worker can send, the database is away.") from error
    if not runs:
        minutes = int(mail.LOST_AFTER.total_seconds() // 60)
        raise click.ClickException(f"No worker of this machine was seen for {minutes} minutes.")
    return "A worker of this machine is there."


@dataclass
class _Sender:
    """Sends what is due by a transport, until it is told to stop."""

    transport: smtp.SmtpTransport | smtp.ConsoleTransport
    claim_lasts: timedelta
    stop: threading.Event

    def __post_init__(self) -> None:
        """Begin to be seen."""
        self._sightings = mail.Sightings()
        self._count_at = self._look_back_at = time.monotonic()

    def run(self, every: float) -> None:
        """Send what is due, look again after ``every`` seconds, and so on until told to stop."""
        pause, was = every, None
        while not self.stop.is_set():
            why = self.send_what_is_due()
            if why is None or why == CLOSED:
                # It goes on as soon as the portal is open again; that it is closed is no fault, and is said once.
                pause = every
                if why and why != was:
                    log.info("mail waits", why=why)
            else:
                # A short absence delays mail by seconds only, a long one is asked after ever less often.
                pause = min(pause * 2, max(every, mail.AWAY_WAIT.total_seconds()))
                log.error("mail waits", why=why, seconds=pause)
            was = why
            self._count_days()
            self._seal_audit()
            self.stop.wait(pause)

    def _count_days(self) -> None:
        """Store the counts of days that have changed, every now and then."""
        if time.monotonic() < self._count_at or present_maintenance() is not None:
            return
        self._count_at = time.monotonic() + COUNT_EVERY
        try:
            if counted := scheduling.store_changed_days():
                log.info("days counted", count=counted)
        except DatabaseUnavailable:
            log.warning("days not counted", why="the database is away")

    def _seal_audit(self) -> None:
        """Seal the newest entries of the audit; every now and then also those that came late, and say how far it is sealed."""
        if present_maintenance() is not None:
            return
        look_back = time.monotonic() >= self._look_back_at
        try:
            audit.seal(late=look_back)
            if look_back:
                self._look_back_at = time.monotonic() + LOOK_BACK_EVERY
                audit.announce_head_daily()
        except DatabaseUnavailable:
            log.warning("audit not sealed", why="the database is away")

    def send_what_is_due(self) -> str | None:
        """Send until nothing is due or told to stop; return why mail has to wait, None if it doesn't."""
        before = self._sightings.sent
        try:
            why = self._send()
            if why != CLOSED:
                self._sightings.trouble = why
                self._sightings.say(done=True)
        except DatabaseUnavailable:
            return "the database is away"
        finally:
            self.transport.close()
            if sent := self._sightings.sent - before:
                log.info("mail sent", count=sent)
        return why

    def _send(self) -> str | None:
        try:
            mail.deliver(self._counted, claim_lasts=self.claim_lasts, stopped=self._has_to_stop)
        except ServerAway as error:
            return f"the mail server is away: {error}"
        return CLOSED if present_maintenance() is not None else None

    def _counted(self, letter: Letter) -> None:
        self.transport(letter)
        self._sightings.sent += 1

    def _has_to_stop(self) -> bool:
        if self.stop.is_set() or present_maintenance() is not None:
            return True
        self._sightings.say()
        return False


def _stopped_by_signals() -> threading.Event:
    """Return what SIGTERM and SIGINT set."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
