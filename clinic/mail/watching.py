"""How sending goes: what waits in the outbox and for how long, and when each worker was last seen.

Asked by whoever watches the portal, often: each answer costs a few rows, however long the outbox is.
"""

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import delete, func, insert, select, update

from clinic import clock
from clinic.db import ReadModel, session, transaction
from clinic.mail.delivery import CLAIM_LASTS
from clinic.mail.models import ERROR_MAX, HOST_MAX, MailStatus, MailWorker, OutboxMail

#: How often a worker says that it is there.
SEEN_EVERY = timedelta(seconds=15)
#: A worker that wasn't seen for so long is gone, or hangs: even a slow mail server takes no longer over one mail.
LOST_AFTER = CLAIM_LASTS
#: A worker that wasn't seen for so long is of no interest any more.
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class OutboxState:
    """What hasn't been sent."""

    queued: int
    failed: int
    #: When the mail was written that waits the longest, and since when one is due that isn't sent; None where none is.
    oldest_queued_at: datetime | None
    due_since: datetime | None


def outbox_state() -> OutboxState:
    """Return what waits in the outbox and what was given up."""
    waits = OutboxMail.status == MailStatus.QUEUED
    at = clock.now()
    row = (
        session()
        .execute(
            select(
                select(func.count()).where(waits).scalar_subquery().label("queued"),
                select(func.count()).where(OutboxMail.status == MailStatus.FAILED).scalar_subquery().label("failed"),
                select(OutboxMail.created_at)
                .where(waits)
                .order_by(OutboxMail.id)
                .limit(1)
                .scalar_subquery()
                .label("oldest"),
                select(func.min(OutboxMail.next_attempt_at))
                .where(waits, OutboxMail.next_attempt_at <= at)
                .scalar_subquery()
                .label("due"),
            )
        )
        .one()
    )
    return OutboxState(row.queued, row.failed, row.oldest, row.due)


class WorkerRow(TypedDict):
    """A process that sends mail: where it runs, since when, when it was last seen, and what it has done since it started."""

    host: str
    process: int
    started_at: datetime
    seen_at: datetime
    sent: int
    trouble: str | None


_WORKERS = ReadModel(
    WorkerRow,
    select(
        MailWorker.host,
        MailWorker.process,
        MailWorker.started_at,
        MailWorker.seen_at,
        MailWorker.sent,
        MailWorker.trouble,
    ).order_by(MailWorker.seen_at.desc(), MailWorker.host, MailWorker.process),
)


def workers() -> list[WorkerRow]:
    """Return the workers of the last day, those seen last first."""
    return [_WORKERS.shape(row) for row in session().execute(_WORKERS.select)]


def is_lost(worker: WorkerRow) -> bool:
    """Return whether a worker should have been seen since."""
    return worker["seen_at"] < clock.now() - LOST_AFTER


def runs_here() -> bool:
    """Return whether a worker of this machine was seen lately."""
    host = _host()
    return any(worker["host"] == host and not is_lost(worker) for worker in workers())


def _host() -> str:
    return socket.gethostname()[:HOST_MAX]


@dataclass
class Sightings:
    """What the worker of this process says of itself, every now and then (``SEEN_EVERY``)."""

    host: str = field(default_factory=_host)
    process: int = field(default_factory=os.getpid)
    started_at: datetime = field(default_factory=clock.now)
    sent: int = 0
    trouble: str | None = None
    _said: tuple[datetime, str | None, int] | None = None

    def say(self, *, done: bool = False) -> None:
        """Say that the worker is there and how it goes, unless it said so a moment ago.

        Between two mails only a change of ``trouble`` is worth a write; when a batch is ``done`` its count is, too.
        """
        at = clock.now()
        if self._said is not None and at - self._said[0] < SEEN_EVERY:
            _, trouble, sent = self._said
            if trouble == self.trouble and (sent == self.sent or not done):
                return
        trouble = None if self.trouble is None else self.trouble[:ERROR_MAX]
        values = {"started_at": self.started_at, "seen_at": at, "sent": self.sent, "trouble": trouble}
        ours = (MailWorker.host == self.host) & (MailWorker.process == self.process)
        with transaction() as current:
            known = current.scalars(update(MailWorker).where(ours).values(values).returning(MailWorker.process)).first()
            if known is None:
                current.execute(delete(MailWorker).where(MailWorker.seen_at < at - FORGOTTEN_AFTER))
                current.execute(insert(MailWorker).values(host=self.host, process=self.process, **values))
        self._said = (at, self.trouble, self.sent)
