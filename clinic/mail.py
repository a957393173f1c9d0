"""The outbox: mail is a row written in the transaction of what it tells of, and leaves only after the commit.

Rendered when it is queued, from ``templates/mail``, in the reader's language. Knows no transport: whoever runs
``deliver`` hands one in.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from babel import dates, numbers
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import CheckConstraint, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, Page, PageRequest, UtcDateTime, paginate, session, transaction
from clinic.texts import like_pattern

ROOT = Path(__file__).resolve().parent
BATCH = 20
#: A claim so old belongs to a worker that died.
CLAIM_LASTS = timedelta(minutes=5)
#: After so many refusals a mail is given up; the waits in between double from one minute.
MOST_ATTEMPTS = 10

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
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    kind: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(250))
    body: Mapped[str] = mapped_column(Text)
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


Transport = Callable[[Letter], None]


class _Sender:
    """What the mails say of the clinic; set once at start."""

    clinic_name = "Clinic"
    frontend_url = "http://localhost:8000"


def configure(*, clinic_name: str, frontend_url: str) -> None:
    """Set the clinic's name and the address that links in mails begin with."""
    _Sender.clinic_name = clinic_name
    _Sender.frontend_url = frontend_url.rstrip("/")


@cache
def _environment(language: str) -> Environment:
    """Return the environment that renders mails in ``language``."""
    environment = Environment(
        loader=FileSystemLoader(ROOT.parent / "templates" / "mail"),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    translations = Translations.load(ROOT / "translations", [language])
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]

    def day(value: date) -> str:
        return dates.format_date(value, "full", locale=language)

    def hour(value: time | datetime) -> str:
        return value.strftime("%H:%M")

    def money(value: Any) -> str:
        return numbers.format_currency(value, "VND", locale=language)

    environment.filters.update(day=day, hour=hour, money=money)
    return environment


def queue(kind: str, *, to: str, language: str, context: Mapping[str, Any]) -> None:
    """Queue the mail ``templates/mail/<kind>.txt`` (its first line is the subject) in the present transaction."""
    text = (
        _environment(language)
        .get_template(f"{kind}.txt")
        .render(clinic_name=_Sender.clinic_name, frontend_url=_Sender.frontend_url, **context)
    )
    subject, _, body = text.partition("\n")
    session().add(OutboxMail(to=to, kind=kind, language=language, subject=subject.strip(), body=body.strip() + "\n"))


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


def letters(*, status: str | None = None, to: str = "", page: PageRequest | None = None) -> Page:
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
    ).order_by(OutboxMail.id.desc())
    if status in list(MailStatus):
        rows = rows.where(OutboxMail.status == status)
    if to.strip():
        rows = rows.where(OutboxMail.to.like(like_pattern(to.strip().lower()), escape="/"))
    return paginate(rows, page, lambda row: dict(row._mapping))


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
            select(OutboxMail.id, OutboxMail.to, OutboxMail.subject, OutboxMail.body)
            .where(OutboxMail.id.in_(ids))
            .order_by(OutboxMail.id)
        ).all()
    return [(row.id, Letter(row.to, row.subject, row.body)) for row in rows]


def _renew(mail_id: int, worker: str) -> bool:
    """Renew this worker's claim on a mail; False if the mails before it took so long that another worker has it."""
    ours = (OutboxMail.id == mail_id) & (OutboxMail.claimed_by == worker)
    with transaction() as current:
        result = current.execute(update(OutboxMail).where(ours).values(claimed_at=clock.now()))
    return bool(result.rowcount)  # type: ignore[attr-defined]


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
