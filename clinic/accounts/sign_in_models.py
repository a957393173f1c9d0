"""Tables about signing in: tries, the browsers that somebody is known by, and what waits between two requests."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.accounts.models import DIGEST_MAX
from clinic.audit import DEVICE_MAX
from clinic.db import Base, UtcDateTime
from clinic.text.ip_addresses import IP_ADDRESS_MAX
from clinic.word_lists import Word, one_of

CHALLENGE_MAX = 100


class KnownDevice(Base):
    """A browser in which somebody has signed in before. Several people may share one: it has a row for each of them."""

    __tablename__ = "known_devices"
    __table_args__ = (Index("uq_known_devices_digest_user_id", "digest", "user_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: Of the secret in the browser's cookie.
    digest: Mapped[str] = mapped_column(String(DIGEST_MAX))
    device: Mapped[str] = mapped_column(String(DEVICE_MAX), default="")
    address: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="")
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AttemptOutcome(StrEnum):
    """What became of a try to sign in; it is pending while the password is checked."""

    PENDING = "pending"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    LIMITED = "limited"


class SignInAttempt(Base):
    """A try to sign in, written before it is checked so that many at once are all counted."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        CheckConstraint(one_of("outcome", AttemptOutcome), name="outcome_known"),
        Index("ix_sign_in_attempts_account_key_at", "account_key", "at"),
        Index("ix_sign_in_attempts_network_at", "network", "at"),
        Index("ix_sign_in_attempts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: What stands for the e-mail that was tried, whether an account has it or not.
    account_key: Mapped[str] = mapped_column(String(DIGEST_MAX))
    network: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="")
    #: No foreign key: devices are forgotten before their tries or after.
    device_id: Mapped[int | None]
    outcome: Mapped[AttemptOutcome] = mapped_column(Word(AttemptOutcome), default=AttemptOutcome.PENDING)


class TicketPurpose(StrEnum):
    """What a ticket is good for."""

    SECOND_FACTOR = "second_factor"
    SET_UP = "set_up"
    PASSKEY = "passkey"
    PROOF = "proof"
    ADD_PASSKEY = "add_passkey"


class SignInTicket(Base):
    """What waits between two requests of one sign-in or proof, for minutes: good once, and only with its secret."""

    __tablename__ = "sign_in_tickets"
    __table_args__ = (
        CheckConstraint(one_of("purpose", TicketPurpose), name="purpose_known"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        Index("uq_sign_in_tickets_digest", "digest", unique=True),
        Index("ix_sign_in_tickets_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: None as long as nobody has said who they are.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_sessions.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[TicketPurpose] = mapped_column(Word(TicketPurpose, least=20))
    digest: Mapped[str] = mapped_column(String(DIGEST_MAX))
    #: What an authenticator has to sign.
    challenge: Mapped[str | None] = mapped_column(String(CHALLENGE_MAX))
    #: How many wrong answers it had.
    tries: Mapped[int] = mapped_column(default=0)
    address: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="")
    device: Mapped[str] = mapped_column(String(DEVICE_MAX), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
