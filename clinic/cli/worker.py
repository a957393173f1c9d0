"""``flask worker``: sends the outbox's mail until it is stopped, says every now and then that it is there, seals the audit,
and does the timed jobs."""

import signal
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import FrameType

import click
import structlog
from flask import current_app

from clinic import audit, jobs, mail
from clinic.cli.job_list import JOBS
from clinic.db_errors import DatabaseUnavailable
from clinic.mail import smtp
from clinic.mail.transport import Letter, ServerAway
from clinic.operations.readiness import why_not_ready
from clinic.operations.system import present_maintenance
from clinic.version import VERSION

CLOSED = "the portal is closed for maintenance"
NO_MAIL_SERVER = "MAIL_URL is not set"
#: Why mail waits that is no fault of anybody's: it is said once, and looked at again as ever.
NO_FAULTS = (CLOSED, NO_MAIL_SERVER)

log = structlog.get_logger("clinic.worker")

Sending = smtp.SmtpTransport | smtp.ConsoleTransport


@click.command("worker")
@click.option("--once", is_flag=True, help="Send and do what is due, and stop.")
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
    """Send the outbox's mail by MAIL_URL and do the timed jobs until stopped; the mail in hand is finished first."""
    if check:
        click.echo(_seen_here())
        return
    problem = why_not_ready(current_app)
    if problem is not None and present_maintenance() is None:
        raise click.ClickException(problem)
    sender = _Sender(_transport(), timedelta(seconds=claim_lasts), _stopped_by_signals())
    if once:
        why = sender.send_what_is_due()
        while sender.do_jobs():
            pass
        if why == NO_MAIL_SERVER:
            raise click.ClickException(f"{why}, so mail stays queued; set it to send (console:// prints it).")
        if why:
            raise click.ClickException(f"Mail stays queued, {why}.")
        return
    log.info("worker started", version=VERSION)
    sender.run(every)


def _transport() -> Sending | None:
    """Return what sends mail, None where the operator named no server."""
    settings = current_app.config
    if settings["MAIL_URL"] is None:
        return None
    return smtp.transport_of(settings["MAIL_URL"], settings["MAIL_FROM"], settings["CLINIC_NAME"])


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
    """Sends what is due by a transport, if there is one, and does the timed jobs, until it is told to stop."""

    transport: Sending | None
    claim_lasts: timedelta
    stop: threading.Event

    def __post_init__(self) -> None:
        """Begin to be seen."""
        self._sightings = mail.Sightings()
        self._sealer = audit.Sealer()

    def run(self, every: float) -> None:
        """Send what is due, look again after ``every`` seconds, and so on until told to stop.

        While the audit waits for seals, as after an upgrade, there is no pause between two rounds of sealing.
        """
        pause, was, next_look = every, None, 0.0
        while not self.stop.is_set():
            if time.monotonic() >= next_look:
                why = self.send_what_is_due()
                if why is None or why in NO_FAULTS:
                    pause = every
                    if why and why != was:
                        log.info("mail waits", why=why)
                else:
                    # A short absence delays mail by seconds only, a long one is asked after ever less often.
                    pause = min(pause * 2, max(every, mail.AWAY_WAIT.total_seconds()))
                    log.error("mail waits", why=why, seconds=pause)
                was = why
                next_look = time.monotonic() + pause
            if not self.do_jobs():
                self.stop.wait(max(0.0, next_look - time.monotonic()))

    def do_jobs(self) -> bool:
        """Seal the newest entries of the audit, and do the timed jobs that are due; return whether more wait for seals."""
        if present_maintenance() is not None:
            self._sealer.forget()
            return False
        try:
            self._seal()
            jobs.run_due(JOBS, stopped=self._has_to_stop)
        except DatabaseUnavailable:
            log.warning("jobs not done", why="the database is away")
            return False
        return self._sealer.is_behind and not self._has_to_stop()

    def _seal(self) -> None:
        """Seal the newest entries; an entry that can't be sealed holds up neither the other jobs nor the mail."""
        try:
            self._sealer.seal(self._has_to_stop)
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("audit not sealed")

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
            if self.transport is not None:
                self.transport.close()
            if sent := self._sightings.sent - before:
                log.info("mail sent", count=sent)
        return why

    def _send(self) -> str | None:
        if self.transport is None:
            return CLOSED if present_maintenance() is not None else NO_MAIL_SERVER
        try:
            mail.deliver(
                partial(self._counted, self.transport), claim_lasts=self.claim_lasts, stopped=self._has_to_stop
            )
        except ServerAway as error:
            return f"the mail server is away: {error}"
        return CLOSED if present_maintenance() is not None else None

    def _counted(self, transport: Sending, letter: Letter) -> None:
        transport(letter)
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
