"""A mail server that tests can ask, and the outbox as it stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from clinic.db import session
from clinic.mail import OutboxMail
from clinic.mail.composing import READ, SENT, letter_of
from clinic.mail.transport import Letter, Refused

REFUSED = "gone@example.com"


class Post:
    """A mail server: keeps what it was given, refuses one address for the time being."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, letter: Letter) -> None:
        if letter.to == REFUSED:
            raise Refused("451 greylisted", for_good=False)
        self.sent.append(letter.subject)


def stored() -> list[OutboxMail]:
    """The outbox as it stands committed."""
    session().rollback()
    return list(session().scalars(select(OutboxMail).order_by(OutboxMail.id)))


@dataclass(frozen=True)
class Written(Letter):
    """A mail as it would leave."""

    kind: str = ""
    language: str = ""


def written() -> list[Written]:
    """The mails that the outbox holds, each as it would leave now."""
    session().rollback()
    rows = session().execute(select(*READ, *SENT).order_by(OutboxMail.id))
    return [Written(**vars(letter_of(row)), kind=row.kind, language=row.language) for row in rows]
