"""Another e-mail that somebody requests, a visit that is handed over, and the links that are mailed for it (needs an application
context)."""

from __future__ import annotations

import re

from sqlalchemy import select

from clinic import accounts, scheduling
from clinic.db import session
from clinic.mail import OutboxMail
from clinic.mail.composing import READ, text_with_link
from clinic.policy import Actor
from tests.people import ANA, Cast

_LINK = re.compile(r"/(?:confirm-email|keep-email|reset-password|visits/answer)/([\w-]+)/([\w-]+)")


def requested_email(actor: Actor) -> str:
    """Let another e-mail wait to become the actor's."""
    return accounts.request_email_change(actor, "another@example.com")


def letters(kind: str) -> list[tuple[str, str]]:
    """To whom the letters of a kind went, and what they say."""
    session().rollback()
    rows = session().execute(select(*READ, OutboxMail.to).where(OutboxMail.kind == kind).order_by(OutboxMail.id))
    texts = [(row.to, text_with_link(row)) for row in rows]
    return [(to, text.text) for to, text in texts if text is not None]


def address_to(address: str, kind: str) -> str:
    """The path of the link in the newest letter of a kind to an address."""
    found = [_LINK.search(text) for to, text in letters(kind) if to == address]
    newest = found[-1]
    assert newest
    return newest[0]


def answer_link(cast: Cast, number: int) -> str:
    """The path of the link by which Ana answers to a visit of hers, which is handed over to Dr Diallo for that."""
    scheduling.hand_over(cast.actor("esther"), number, doctor_id=cast.diallo)
    return address_to(ANA, "visit_handed_over")


def link_to(address: str, kind: str) -> dict[str, str]:
    """The ``uid`` and ``token`` of the newest letter of a kind to an address."""
    *_, uid, token = address_to(address, kind).split("/")
    return {"uid": uid, "token": token}
