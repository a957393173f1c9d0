"""Tables of second factors: apps that make codes, passkeys, and codes for whoever has lost both."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.accounts.models import DIGEST_MAX, REASON_MAX
from clinic.db import Base, UtcDateTime

CREDENTIAL_MAX = 1400
PASSKEY_NAME_MAX = 60


class TotpFactor(Base):
    """The secret that somebody's app makes codes from (RFC 6238), sealed. One at most is in use."""

    __tablename__ = "totp_factors"
    __table_args__ = (
        Index(
            "uq_totp_factors_user_id_living",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND confirmed_at IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND confirmed_at IS NOT NULL"),
        ),
        Index("ix_totp_factors_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    sealed_secret: Mapped[str] = mapped_column(Text)
    #: When the person typed a first code of it; None while it is set up.
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The step of the newest code that was taken: no code of it or before is taken again.
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str | None] = mapped_column(String(REASON_MAX))


class Passkey(Base):
    """A passkey (WebAuthn): the public half of a key that stays in somebody's device or password manager."""

    __tablename__ = "passkeys"
    __table_args__ = (
        Index("uq_passkeys_credential_id", "credential_id", unique=True),
        Index("ix_passkeys_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential_id: Mapped[str] = mapped_column(String(CREDENTIAL_MAX))
    public_key: Mapped[str] = mapped_column(Text)
    #: As the authenticator counts its signatures: 32 bits without a sign; 0 where it doesn't count.
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]] = mapped_column(JSON, default=list)
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_MAX))
    is_backed_up: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Since when it isn't taken any more, as its count went back: it may have been copied. It is a second step all the same.
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str | None] = mapped_column(String(REASON_MAX))


class RecoveryCode(Base):
    """A code that stands once for a second factor; only its digest is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        Index("uq_recovery_codes_user_id_digest", "user_id", "digest", unique=True),
        Index("ix_recovery_codes_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(DIGEST_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
