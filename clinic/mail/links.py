"""Links that are mailed to somebody. The token of a link is derived from its row and never stored."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, UtcDateTime
from clinic.word_lists import Word, one_of

#: Characters of 16 random bytes in base64url.
NONCE_MAX = 22


class LinkPurpose(StrEnum):
    """What a link is good for."""

    PASSWORD = "password"  # noqa: S105 - a purpose's name
    INVITATION = "invitation"
    CONFIRM_EMAIL = "confirm_email"
    VETO_EMAIL = "veto_email"
    OWN_SIGN_IN = "own_sign_in"


class MailedLink(Base):
    """A link to one person for one purpose, good once and for a time."""

    __tablename__ = "mailed_links"
    __table_args__ = (
        CheckConstraint(one_of("purpose", LinkPurpose), name="purpose_known"),
        Index("ix_mailed_links_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[LinkPurpose] = mapped_column(Word(LinkPurpose, least=20))
    nonce: Mapped[str] = mapped_column(String(NONCE_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it was used, or died with another change of what it is for.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
