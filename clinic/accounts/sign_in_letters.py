"""What people are mailed about signing in to their account: from a new device, tried too often, or not finished."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic import clock, mail, settings
from clinic.settings import LinkedPage


@dataclass(frozen=True)
class NewDeviceFacts:
    """Who signed in (or began to) from somewhere new, when and from which network address. How a browser calls itself is left
    out: whoever uses it may let it say anything."""

    name: str
    at: datetime
    address: str


@dataclass(frozen=True)
class LimitedFacts:
    """Whose account somebody tried too often, when, and the link by which the person's own browser is let in."""

    name: str
    at: datetime
    uid: str
    until: datetime
    token: str = field(default=mail.TOKEN_PLACE, kw_only=True)


def _of_device(facts: NewDeviceFacts) -> Mapping[str, object]:
    return {**vars(facts), "at": clock.local(facts.at)}


def _of_limit(facts: LimitedFacts) -> Mapping[str, object]:
    url = settings.link(LinkedPage.OWN_SIGN_IN, uid=facts.uid, token=facts.token)
    return {**vars(facts), "at": clock.local(facts.at), "until": clock.local(facts.until), "url": url}


NEW_DEVICE = mail.register(mail.LetterKind("new_device", NewDeviceFacts, _of_device))
SIGN_IN_LIMITED = mail.register(mail.LetterKind("sign_in_limited", LimitedFacts, _of_limit))
#: The password was right, and no second step came.
SIGN_IN_UNFINISHED = mail.register(mail.LetterKind("sign_in_unfinished", NewDeviceFacts, _of_device))
