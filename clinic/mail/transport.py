"""The interface between the outbox and what sends its mail, and the errors that a transport raises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Letter:
    """What a transport sends."""

    to: str
    subject: str
    body: str
    html: str | None = None
    calendar: str | None = None
    #: These two are the same each time that the mail is tried, so that a receiver can tell a repetition.
    number: int = 0
    written: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    #: The secret part of the link that stands in it, "" without one.
    token: str = field(default="", repr=False)


class ServerAway(Exception):
    """The mail server can't be reached or takes no mail at present: nothing is wrong with the mail."""


class CutOff(ServerAway):
    """The connection broke while a mail was being sent: it may have been accepted or not.

    So the mail is counted as refused for now: one that always ends so is given up some day and holds up nobody for ever.
    """


class Refused(Exception):
    """The mail server refused this mail, temporarily or ``for_good``."""

    def __init__(self, answer: str, *, for_good: bool) -> None:
        super().__init__(answer)
        self.for_good = for_good


#: What sends one letter; it raises one of the three above where the letter was not taken.
Transport = Callable[[Letter], None]
