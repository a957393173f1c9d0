"""Links that are mailed to somebody. The token of a link is derived from its row and never stored.

So whoever reads the database, a backup or the outbox has no link, and a mail that is sent twice has the same one twice.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock, settings
from clinic.db import Base, UtcDateTime, session
from clinic.word_lists import Word, one_of

#: Stands in a mail for the token of its link, until the mail leaves and again afterwards.
TOKEN_PLACE = "LINK-IS-MADE-WHEN-SENT"  # noqa: S105 - stands for a token
#: For what tokens are made with a key (``clinic.keys``).
_KEY_PURPOSE = "mailed links"
_NONCE_BYTES = 16
#: Characters of 16 random bytes in base64url.
NONCE_MAX = 22
#: Of what says what a link is about.
ABOUT_MAX = 60


class LinkPurpose(StrEnum):
    """What a link is good for."""

    PASSWORD = "password"  # noqa: S105 - a purpose's name
    INVITATION = "invitation"
    CONFIRM_EMAIL = "confirm_email"
    VETO_EMAIL = "veto_email"
    OWN_SIGN_IN = "own_sign_in"
    VISIT_ANSWER = "visit_answer"


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
    #: What it is about, where that isn't the account itself, in the words of whoever makes and opens it.
    about: Mapped[str | None] = mapped_column(String(ABOUT_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it was used, or died with another change of what it is for.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_good(self) -> bool:
        """Whether it may be used now."""
        return self.ended_at is None and self.expires_at > clock.now()


def new_link(user_id: int, purpose: LinkPurpose, *, lasts: timedelta, about: str | None = None) -> MailedLink:
    """Add a link for a person in the present transaction; its id goes with the mail that it stands in (``mail.queue``)."""
    at = clock.now()
    link = MailedLink(
        user_id=user_id,
        purpose=purpose,
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        about=about,
        created_at=at,
        expires_at=at + lasts,
    )
    session().add(link)
    session().flush()
    return link


def found_link(link_id: int | None) -> MailedLink | None:
    """Return a link, good or not; None if there is none."""
    return None if link_id is None else session().get(MailedLink, link_id, populate_existing=True)


def token_of(link: MailedLink) -> str:
    """Return the token of a link, as it is mailed."""
    return _token(link, settings.current().keys.derive(_KEY_PURPOSE))


def _token(link: MailedLink, key: bytes) -> str:
    text = f"{link.id}.{link.purpose}.{link.nonce}"
    return urlsafe_b64encode(hmac.digest(key, text.encode(), sha256)).decode().rstrip("=")


def open_link(user_id: int, token: str, *purposes: LinkPurpose) -> MailedLink | None:
    """Return the good link of a person that has this token and one of these purposes; None if there is none."""
    keys = settings.current().keys.all(_KEY_PURPOSE)
    good = select(MailedLink).where(
        MailedLink.user_id == user_id,
        MailedLink.purpose.in_(purposes),
        MailedLink.ended_at.is_(None),
        MailedLink.expires_at > clock.now(),
    )
    given = token.encode("utf-8", "replace")
    for link in session().scalars(good.execution_options(populate_existing=True)):
        if any(hmac.compare_digest(_token(link, key).encode(), given) for key in keys):
            return link
    return None


def use_link(link: MailedLink) -> None:
    """Note in the present transaction that a link was used: it opens nothing any more."""
    link.used_at = link.ended_at = clock.now()


def end_links(user_id: int, *purposes: LinkPurpose) -> None:
    """End every link of these purposes that was mailed to a person, in the present transaction."""
    session().execute(
        update(MailedLink)
        .where(MailedLink.user_id == user_id, MailedLink.purpose.in_(purposes), MailedLink.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
