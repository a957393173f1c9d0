"""What is mailed about the e-mail of an account: to confirm it, that another one was requested, and what became of that.

None of these letters says whose account it is or names an address: whoever reads it may have been mistaken for the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic import clock, mail, settings
from clinic.settings import LinkedPage


@dataclass(frozen=True)
class EmailLinkFacts:
    """What a link is made of, and until when it is good."""

    uid: str
    until: datetime
    token: str = field(default=mail.TOKEN_PLACE, kw_only=True)


@dataclass(frozen=True)
class EmailRequestFacts(EmailLinkFacts):
    """Also when another e-mail was requested, and whether the clinic did it."""

    at: datetime
    by_clinic: bool


@dataclass(frozen=True)
class EmailChangeFacts:
    """When an e-mail was changed, or the change was undone; with a link where the reader may do something about it."""

    at: datetime
    uid: str = ""
    until: datetime | None = None
    token: str = field(default=mail.TOKEN_PLACE, kw_only=True)


@dataclass(frozen=True)
class EmailUndoneFacts(EmailChangeFacts):
    """Also since when what was added to the sign-in has ended with it; None where nothing was. Without a link, in the mail to
    the address that is kept, which role its account has: the office opens it."""

    factors_ended_since: datetime | None = field(default=None, kw_only=True)
    office_opens_to: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class NoFacts:
    """Nothing to tell but what stands in the letter itself."""


def _to_confirm(facts: EmailLinkFacts) -> Mapping[str, object]:
    url = settings.link(LinkedPage.CONFIRM_EMAIL, uid=facts.uid, token=facts.token)
    return {"url": url, "until": clock.local(facts.until)}


def _to_keep(facts: EmailRequestFacts) -> Mapping[str, object]:
    return {**_of_change(facts, LinkedPage.KEEP_EMAIL), "by_clinic": facts.by_clinic}


def _of_change(facts: EmailChangeFacts | EmailRequestFacts, leads_to: LinkedPage) -> Mapping[str, object]:
    url = settings.link(leads_to, uid=facts.uid, token=facts.token) if facts.uid else ""
    return {"at": clock.local(facts.at), "url": url, "until": facts.until and clock.local(facts.until)}


def _changed(facts: EmailChangeFacts) -> Mapping[str, object]:
    return _of_change(facts, LinkedPage.KEEP_EMAIL)


def _undone(facts: EmailUndoneFacts) -> Mapping[str, object]:
    since = facts.factors_ended_since
    return {
        **_of_change(facts, LinkedPage.NEW_PASSWORD),
        "factors_ended_since": since and clock.local(since),
        "office_opens_to": facts.office_opens_to,
    }


#: To the e-mail that an account has, and to the one that it is to have.
CONFIRM_EMAIL = mail.register(mail.LetterKind("confirm_email", EmailLinkFacts, _to_confirm))
CONFIRM_NEW_EMAIL = mail.register(mail.LetterKind("confirm_new_email", EmailLinkFacts, _to_confirm))
#: To the one before, with what takes the change back; the last also to the one after.
EMAIL_REQUESTED = mail.register(mail.LetterKind("email_requested", EmailRequestFacts, _to_keep))
EMAIL_CHANGED = mail.register(mail.LetterKind("email_changed", EmailChangeFacts, _changed))
EMAIL_UNDONE = mail.register(mail.LetterKind("email_undone", EmailUndoneFacts, _undone, version=2))
#: To one that another account has already, where nobody else is told so.
EMAIL_IN_USE = mail.register(mail.LetterKind("email_in_use", NoFacts))
