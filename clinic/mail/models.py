"""The outbox as a table: one row a mail, from the change that it is about until it is sent or given up; and who sends."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, UtcDateTime
from clinic.i18n import LANGUAGES
from clinic.text.word_search import trigram_index
from clinic.word_lists import Word, one_of

SUBJECT_MAX = 250
ERROR_MAX = 500
HOST_MAX = 100
THREAD_MAX = 40
IN_THREAD = text("thread IS NOT NULL")


class MailStatus(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    #: Never sent: a later one tells how it is now, or it told what isn't so any more.
    SUPERSEDED = "superseded"


class OutboxMail(Base):
    """One mail to one person."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(one_of("status", MailStatus), name="status_known"),
        CheckConstraint("facts IS NOT NULL OR (subject IS NOT NULL AND body IS NOT NULL)", name="facts_or_text"),
        Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
        Index("ix_outbox_status_id", "status", "id"),
        Index("ix_outbox_thread_id", "thread", "id", sqlite_where=IN_THREAD, postgresql_where=IN_THREAD),
        # Sorted in together: what is booked mustn't wait for a search that somebody may make.
        trigram_index("ix_outbox_recipient_trigrams", "recipient", pending_kb=256),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    kind: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(Word(LANGUAGES, least=5))
    #: What it tells, as that was when it was queued (``clinic.mail.letter_kinds``); None once it has left.
    facts: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    #: What it is about, where letters follow each other (``LetterKind.thread``); None where it stands alone.
    thread: Mapped[str | None] = mapped_column(String(THREAD_MAX))
    #: How it was written when it left.
    subject: Mapped[str | None] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str | None] = mapped_column(Text)
    #: Versions of the portal before these facts wrote a mail when they queued it, whole: subject and body with the HTML and
    #: the iCalendar entry. Such a mail may still wait.
    html: Mapped[str | None] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    #: The link that stands in it, filled in when it is sent; and whose account it is about. No foreign keys: a mail outlives
    #: both.
    link_id: Mapped[int | None]
    about_user_id: Mapped[int | None]
    status: Mapped[MailStatus] = mapped_column(Word(MailStatus), default=MailStatus.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(ERROR_MAX))


class MailWorker(Base):
    """One process that sends mail, as it last said of itself."""

    __tablename__ = "mail_workers"
    __table_args__ = (CheckConstraint("sent >= 0", name="sent_not_negative"),)

    host: Mapped[str] = mapped_column(String(HOST_MAX), primary_key=True)
    process: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: How many mails it has sent since it started.
    sent: Mapped[int] = mapped_column(default=0)
    #: Why mail has to wait, None where it doesn't.
    trouble: Mapped[str | None] = mapped_column(String(ERROR_MAX))
