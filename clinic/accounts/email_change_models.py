"""Tables of an account's e-mail: changes that wait for the new address, and what was told to a person."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.accounts.models import REASON_MAX
from clinic.db import Base, UtcDateTime
from clinic.text.emails import EMAIL_MAX
from clinic.word_lists import Word, one_of


class EmailChangeEnd(StrEnum):
    """Why a change of an e-mail is no longer open."""

    CONFIRMED = "confirmed"
    TAKEN_BACK = "taken_back"
    REPLACED = "replaced"
    EXPIRED = "expired"


class EmailChange(Base):
    """Another e-mail for an account: nothing changes until the new address has confirmed it, and for some days the old one
    may take it back. Of an account one change at most waits to be confirmed."""

    __tablename__ = "email_changes"
    __table_args__ = (
        CheckConstraint(one_of("ended_because", EmailChangeEnd), name="ended_because_known"),
        Index(
            "uq_email_changes_user_id_open",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND confirmed_at IS NULL"),
            postgresql_where=text("ended_at IS NULL AND confirmed_at IS NULL"),
        ),
        Index("ix_email_changes_user_id_requested_at", "user_id", "requested_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    old_email: Mapped[str | None] = mapped_column(String(EMAIL_MAX))
    new_email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    #: Who requested it, themselves or the office; no foreign key, as it must not block anybody's account.
    requested_by_id: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: The links that were mailed (``clinic.mail``), to the new address and to the old one.
    confirm_link_id: Mapped[int | None]
    veto_link_id: Mapped[int | None]
    vetoable_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[EmailChangeEnd | None] = mapped_column(Word(EmailChangeEnd, least=REASON_MAX))


class Notice(Base):
    """What a person was told of their account. The key makes sure that they are told once."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_user_id_kind_key", "user_id", "kind", "key", unique=True),
        Index("ix_notices_user_id_created_at", "user_id", "created_at"),
        # What isn't read yet is counted for every page that somebody opens.
        Index(
            "ix_notices_user_id_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(64))
    #: What the letter told (``clinic.mail.letter_kinds``), so that it can be told in another language.
    details: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
