"""The seals of the audit: each chains one entry to all before it, so that none can be edited, left out or slipped in."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.db import APPEND_ONLY, Base, UtcDateTime


class AuditSeal(Base):
    """The seal of one entry. It has no foreign key: it must outlive an entry that somebody made away with."""

    __tablename__ = "audit_seals"
    __table_args__ = (
        Index("uq_audit_seals_event_id", "event_id", unique=True),
        Index("ix_audit_seals_sealed_at", "sealed_at"),
        APPEND_ONLY,
    )

    #: 1, 2, 3 ... without a gap.
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Which key made it; nothing of the key can be told from this.
    key_id: Mapped[str] = mapped_column(String(16))
    #: HMAC-SHA256 of the seal before and the entry, in hexadecimal digits.
    mac: Mapped[str] = mapped_column(String(64))
