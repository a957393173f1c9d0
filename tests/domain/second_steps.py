"""What the tests of the second step do again and again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from clinic import accounts
from clinic.accounts import Origin, SessionKind
from clinic.audit import AuditEvent
from clinic.db import session
from clinic.policy import Actor
from tests.authenticator import Authenticator
from tests.factories import PASSWORD
from tests.people import ANA

PHONE = Origin("Safari on a phone", "203.0.113.9")


def sign_in(email: str = ANA, kind: SessionKind = SessionKind.BROWSER) -> accounts.SignedIn:
    """Sign somebody in by the password."""
    return accounts.sign_in(email=email, password=PASSWORD, kind=kind, origin=PHONE)


def ticket_of(email: str = ANA) -> str:
    """The ticket that somebody with a second step gets for the password."""
    with pytest.raises(accounts.SecondStepRequired) as refusal:
        sign_in(email)
    return refusal.value.ticket


def finish(ticket: str, code: str) -> accounts.SignedIn:
    """Take the second step."""
    return accounts.finish_sign_in(ticket=ticket, code=code, kind=SessionKind.BROWSER, origin=PHONE)


def pending(actor: Actor) -> tuple[accounts.Pending, Authenticator]:
    """What somebody scanned and typed, and their app."""
    offer = accounts.offer_totp(actor)
    app = Authenticator(offer.secret, [])
    return accounts.Pending(offer.sealed, app.code()), app


def actions(*, signing_in: bool = False) -> list[str]:
    """What the audit says was done, in order: of signing in, or else of everything but that."""
    found = [str(action) for action in session().scalars(select(AuditEvent.action).order_by(AuditEvent.id))]
    return [action for action in found if action.startswith("sign_in.") is signing_in]
