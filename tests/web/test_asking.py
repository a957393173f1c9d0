"""Asking what a page would say does nothing: HEAD, which link checkers and previews send, is a GET without its body.

Every page that also takes a POST is here, at the addresses of ``test_statements``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed

from clinic import accounts
from clinic.audit import AuditAction, AuditEvent
from clinic.db import Base, db
from tests.entries import OF_LISTS
from tests.people import BORIS, Cast
from tests.web.test_passwords import links
from tests.web.test_statements import Clinic, pages
from tests.web.visitor import Visitor

#: When somebody was last seen, and what they read, is written down while they read.
OF_READING = ("sign_in_sessions", "audit_events")
READINGS = {AuditAction.RECORD_READ, AuditAction.REVISIONS_READ, AuditAction.ACCOUNT_READ, *OF_LISTS}


def rows(app: Flask) -> dict[str, list[Any]]:
    """Everything that is kept, table by table."""
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in OF_READING
        }


def deeds(app: Flask) -> list[str]:
    """What the audit trail tells."""
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_asking_for_the_head_of_a_page_does_nothing(
    app: Flask, cast: Cast, as_: Callable[[str], Visitor], guest: Visitor
) -> None:
    as_("ana")
    with app.app_context():
        clinic = Clinic.open(cast)
        accounts.forgot_password(BORIS)
        for number in (cast.ana, cast.boris, cast.chen, cast.diallo):
            # Reading an account is told to its person, once an hour: here it was.
            accounts.open_account(cast.actor("esther"), number)
    adapter = app.url_map.bind("localhost")

    def posts(path: str) -> bool:
        try:
            adapter.match(urlsplit(path).path, "POST")
        except MethodNotAllowed:
            return False
        return True

    wanted = [(name, clinic.address(path)) for name, path in pages(app)] + [("guest", links(app, BORIS)[-1])]
    wanted = [(name, path) for name, path in wanted if posts(path)]
    assert len(wanted) > 30
    for page in ("/account/second-factor/passkeys/new", "/account/prove"):
        # What a passkey is to sign waits for the session that opened a page, for some minutes: here it does.
        assert as_("ana").get(page).status == 200
    before, told = rows(app), deeds(app)
    for name, path in wanted:
        reader = guest if name == "guest" else as_(name)
        answer = reader.client.head(path)
        assert answer.status_code == reader.get(path).status, path
        assert not answer.data
        assert rows(app) == before, f"HEAD {path} changed something: only POST may"
    assert set(deeds(app)[len(told) :]) <= READINGS
