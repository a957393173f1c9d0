"""What people are mailed about accounts: a link to choose a password, what happened to theirs, and to colleagues' accounts.

What they are mailed about e-mails is in ``email_letters``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from clinic import clock, mail, settings
from clinic.settings import LinkedPage


@dataclass(frozen=True)
class LinkFacts:
    """Whom a link to choose a password is for, what it is made of, and until when it is good."""

    name: str
    uid: str
    until: datetime
    #: Mails that an earlier version queued hold the token itself.
    token: str = field(default=mail.TOKEN_PLACE, kw_only=True)


@dataclass(frozen=True)
class InvitationFacts(LinkFacts):
    """Also who invites somebody, and to an account of which role."""

    by: str
    role: str


class StaffChange(StrEnum):
    """What was done to an account that the admins are told of."""

    INVITED = "invited"
    EMAIL_REQUESTED = "email_requested"
    EMAIL_CHANGED = "email_changed"
    EMAIL_CONFIRMED = "email_confirmed"
    EMAIL_UNDONE = "email_undone"
    FACTOR_RESET = "factor_reset"
    DUTIES_CHANGED = "duties_changed"
    PATIENT_INVITED = "patient_invited"


@dataclass(frozen=True)
class StaffChangeFacts:
    """What ``by`` did, to whose account (``whose``) of which role, and when; ``name`` is the admin who is told."""

    name: str
    what: str
    by: str
    whose: str
    role: str
    at: datetime


@dataclass(frozen=True)
class PasswordChangeFacts:
    """Whose password was changed, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class OpeningFacts:
    """Whose account the office opened, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class TokenReuseFacts:
    """Whose program was signed out because its sign-in was used twice, and when."""

    name: str
    at: datetime


def _with_link(facts: LinkFacts) -> Mapping[str, object]:
    url = settings.link(LinkedPage.NEW_PASSWORD, uid=facts.uid, token=facts.token)
    return {**vars(facts), "url": url, "until": clock.local(facts.until)}


def _at_time(
    facts: PasswordChangeFacts | StaffChangeFacts | OpeningFacts | TokenReuseFacts,
) -> Mapping[str, object]:
    return {**vars(facts), "at": clock.local(facts.at)}


PASSWORD_RESET = mail.register(mail.LetterKind("password_reset", LinkFacts, _with_link, version=2))
INVITATION = mail.register(mail.LetterKind("invitation", InvitationFacts, _with_link, version=2))
STAFF_CHANGED = mail.register(mail.LetterKind("staff_changed", StaffChangeFacts, _at_time, version=2))
PASSWORD_CHANGED = mail.register(mail.LetterKind("password_changed", PasswordChangeFacts, _at_time))
ACCOUNT_OPENED = mail.register(mail.LetterKind("account_opened", OpeningFacts, _at_time))
TOKEN_REUSED = mail.register(mail.LetterKind("token_reused", TokenReuseFacts, _at_time))
