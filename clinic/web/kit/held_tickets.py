"""The ticket of a sign-in that waits for its second step, in the browser's cookie: signed, and gone with the sign-in."""

from __future__ import annotations

from flask import session

from clinic.accounts import TicketPurpose, ticket_is_good

_KEY = "second_step"


def hold(ticket: str) -> None:
    """Let the browser hold the ticket to the step that is left."""
    session[_KEY] = ticket


def held(purpose: TicketPurpose) -> str | None:
    """Return the ticket that the browser holds, if it is still good for this."""
    ticket = session.get(_KEY)
    return ticket if isinstance(ticket, str) and ticket_is_good(ticket, purpose) else None
