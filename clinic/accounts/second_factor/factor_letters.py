"""What people are mailed about the second step of signing in to their account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinic import clock, mail
from clinic.accounts.models import User
from clinic.accounts.notices import notify


class FactorChange(StrEnum):
    """What happened to somebody's second step."""

    ADDED = "added"
    REMOVED = "removed"
    RESET = "reset"
    CODE_USED = "code_used"
    #: Of one way among several; and of a passkey that may have been copied.
    PASSKEY_ADDED = "passkey_added"
    APP_REMOVED = "app_removed"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_REFUSED = "passkey_refused"
    #: One was removed, and no other is taken: passkeys that may have been copied still ask for recovery codes.
    CODES_LEFT = "codes_left"


@dataclass(frozen=True)
class FactorFacts:
    """Whose second step it is, what happened to it and when, and how many recovery codes they still have."""

    name: str
    change: str
    at: datetime
    codes_left: int


def _context(facts: FactorFacts) -> Mapping[str, object]:
    return {**vars(facts), "at": clock.local(facts.at)}


SECOND_FACTOR = mail.register(mail.LetterKind("second_factor", FactorFacts, _context, version=2))


def tell(user: User, change: FactorChange, key: int | str, codes_left: int = 0) -> None:
    """Tell somebody once what happened to the factor or code that ``key`` names, in the present transaction."""
    facts = FactorFacts(user.full_name, str(change), clock.now(), codes_left)
    notify(user, SECOND_FACTOR, facts, key=f"{change}:{key}")
