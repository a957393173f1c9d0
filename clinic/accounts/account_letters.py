"""What people are mailed about their own accounts: a link to choose a password, and that it was changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic import clock, mail, settings
from clinic.settings import LinkedPage


@dataclass(frozen=True)
class LinkFacts:
    """Whom a link to choose a password is for, what it is made of, and until when it is good."""

    name: str
    uid: str
    token: str
    until: datetime


@dataclass(frozen=True)
class InvitationFacts(LinkFacts):
    """Also who invites somebody, and to an account of which role."""

    by: str
    role: str


@dataclass(frozen=True)
class PasswordChangeFacts:
    """Whose password was changed, and when."""

    name: str
    at: datetime


def _with_link(facts: LinkFacts) -> Mapping[str, object]:
    url = settings.link(LinkedPage.NEW_PASSWORD, uid=facts.uid, token=facts.token)
    return {**vars(facts), "url": url, "until": clock.local(facts.until)}


def _of_change(facts: PasswordChangeFacts) -> Mapping[str, object]:
    return {"name": facts.name, "at": clock.local(facts.at)}


PASSWORD_RESET = mail.register(mail.LetterKind("password_reset", LinkFacts, _with_link))
INVITATION = mail.register(mail.LetterKind("invitation", InvitationFacts, _with_link))
PASSWORD_CHANGED = mail.register(mail.LetterKind("password_changed", PasswordChangeFacts, _of_change))
