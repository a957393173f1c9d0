"""The outbox: mail is a row written in the transaction of what it tells of, and leaves only after the commit.

Written when it is queued (``clinic.letters``), in the reader's language. Knows no transport: whoever runs
``deliver`` hands one in.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import CheckConstraint, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock, letters
from clinic.db import Base, UtcDateTime, session, transaction
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.texts import like_pattern

BATCH = 20
SUBJECT_MAX = 250
#: A claim so old belongs to a worker that died.
CLAIM_LASTS = timedelta(minutes=5)
#: After so many refusals a mail is given up; the waits in between double from one minute.
MOST_ATTEMPTS = 10
#: How long nothing is tried after the server was away.
AWAY_WAIT = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class MailStatus(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutboxMail(Base):
    """One mail to one person."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(str(status)) for status in MailStatus)})", name="status_known"),
        Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
        Index("ix_outbox_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    kind: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    #: The visit as an iCalendar entry, where the mail is about one.
    calendar: Mapped[str | None] = mapped_column(Text)
    status: Mapped[MailStatus] = mapped_column(String(10), default=MailStatus.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))


@dataclass(frozen=True)
class Letter:
    """What a transport sends."""

    to: str
    subject: str
    body: str
    html: str | None = None
    calendar: str | None = None
    #: The same each time that the mail is tried, so that a receiver can tell a repetition.
    number: int = 0


class ServerAway(Exception):
    """The mail server can't be reached or takes no mail at present: nothing is wrong with the mail."""


Transport = Callable[[Letter], None]


def queue(kind: str, *, to: str, language: str, context: Mapping[str, Any], calendar: bytes | None = None) -> None:
    """Queue the mail ``templates/mail/<kind>.txt`` in the present transaction.

    ``calendar`` is an iCalendar entry that goes with it.
    """
    written = letters.write(kind, language, context)
    session().add(
        OutboxMail(
            to=to,
            kind=kind,
            language=language,
            subject=written.subject[:SUBJECT_MAX],
            body=written.text,
            html=written.html,
            calendar=None if calendar is None else calendar.decode(),
        )
    )


def outbox() -> list[dict[str, Any]]:
    """Return all mail, queued and sent, oldest first: to, subject, body, status, created_at, sent_at."""
    columns = (
        OutboxMail.to,
        OutboxMail.subject,
        OutboxMail.body,
        OutboxMail.status,
        OutboxMail.created_at,
        OutboxMail.sent_at,
    )
    names = ("to", "subject", "body", "status", "created_at", "sent_at")
    rows = session().execute(select(*columns).order_by(OutboxMail.id))
    return [dict(zip(names, row, strict=True)) for row in rows]


def in_outbox(*, status: str | None = None, to: str = "", page: PageRequest | Keyset | None = None) -> Page:
    """Return the mail in the outbox, newest first, by status and part of the address. For the office alone."""
    rows = select(
        OutboxMail.id,
        OutboxMail.to.label("to"),
        OutboxMail.kind,
        OutboxMail.subject,
        OutboxMail.status,
        OutboxMail.created_at,
        OutboxMail.sent_at,
        OutboxMail.attempts,
        OutboxMail.last_error,
    )
    where = []
    if status in list(MailStatus):
        where.append(OutboxMail.status == status)
    if to.strip():
        where.append(OutboxMail.to.like(like_pattern(to.strip().lower()), escape="/"))
    return paginate(rows, (OutboxMail.id.desc(),), page, lambda row: dict(row._mapping), where=where)


def deliver(transport: Transport) -> int:
    """Send what is due, each mail in a transaction of its own; return how many were sent.

    Two workers never send the same mail: rows are claimed first. One refused address holds up nobody.
    """
    sent, worker = 0, secrets.token_hex(16)
    for mail_id, letter in _claim(worker):
        if not _renew(mail_id, worker):
            continue
        try:
            transport(letter)
        except ServerAway as error:
            _wait(worker, error)
            return sent
        except Exception as error:  # noqa: BLE001 - whatever a mail server does, the mail stays and the others go on
            _note_refusal(mail_id, error)
        else:
            _note_sent(mail_id)
            sent += 1
    return sent


def _claim(worker: str) -> list[tuple[int, Letter]]:
    """Take a batch of due mail for this worker."""
    at = clock.now()
    with transaction() as current:
        due = (
            select(OutboxMail.id)
            .where(OutboxMail.status == MailStatus.QUEUED, OutboxMail.next_attempt_at <= at)
            .where(or_(OutboxMail.claimed_at.is_(None), OutboxMail.claimed_at < at - CLAIM_LASTS))
            .order_by(OutboxMail.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = list(current.scalars(due))
        current.execute(update(OutboxMail).where(OutboxMail.id.in_(ids)).values(claimed_by=worker, claimed_at=at))
        rows = current.execute(
            select(
                OutboxMail.id,
                OutboxMail.to,
                OutboxMail.subject,
                OutboxMail.body,
                OutboxMail.html,
                OutboxMail.calendar,
            )
            .where(OutboxMail.id.in_(ids))
            .order_by(OutboxMail.id)
        ).all()
    return [(row.id, Letter(row.to, row.subject, row.body, row.html, row.calendar, row.id)) for row in rows]


def _renew(mail_id: int, worker: str) -> bool:
    """Renew this worker's claim on a mail; False if the mails before it took so long that another worker has it."""
    ours = (OutboxMail.id == mail_id) & (OutboxMail.claimed_by == worker)
    with transaction() as current:
        result = current.execute(update(OutboxMail).where(ours).values(claimed_at=clock.now()))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _wait(worker: str, error: ServerAway) -> None:
    """Give the batch back and try it again in a minute; an absent server is no mail's fault."""
    log.warning("mail server away", error=str(error)[:200])
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.claimed_by == worker, OutboxMail.status == MailStatus.QUEUED)
            .values(
                claimed_by=None,
                claimed_at=None,
                next_attempt_at=clock.now() + AWAY_WAIT,
                last_error=str(error)[:500],
            )
        )


def _note_sent(mail_id: int) -> None:
    """Write down that a mail left."""
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == mail_id)
            .values(
                status=MailStatus.SENT,
                sent_at=clock.now(),
                attempts=OutboxMail.attempts + 1,
                claimed_by=None,
                claimed_at=None,
                last_error=None,
            )
        )


def _note_refusal(mail_id: int, error: Exception) -> None:
    """Write down that a mail was refused, and when it is tried again."""
    log.warning("mail refused", mail_id=mail_id, error=type(error).__name__)
    with transaction() as current:
        mail = current.get_one(OutboxMail, mail_id)
        mail.attempts += 1
        mail.claimed_by = mail.claimed_at = None
        mail.last_error = f"{type(error).__name__}: {error}"[:500]
        if mail.attempts >= MOST_ATTEMPTS:
            mail.status = MailStatus.FAILED
        mail.next_attempt_at = clock.now() + timedelta(minutes=2 ** (mail.attempts - 1))
