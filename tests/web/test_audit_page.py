"""How far the audit is sealed, as the office and whoever watches the portal are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask

from clinic import audit, clock
from clinic.audit import AuditAction
from clinic.policy import Role
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]


def noted(app: Flask, cast: Cast) -> None:
    """Somebody has read a record."""
    with app.app_context():
        factories.audit_event(AuditAction.RECORD_READ, (cast.chen, Role.DOCTOR), cast.ana)


def test_the_page_tells_the_newest_seal_and_what_has_none_yet(app: Flask, as_: As, cast: Cast) -> None:
    noted(app, cast)
    assert "1 entry is sealed in a moment." in as_("esther").get("/admin/trail").main.text
    with app.app_context():
        audit.seal()
        head = audit.state().head
    assert head is not None
    # That the page was read is an entry, too.
    assert f"Newest seal: {head.sequence} ({head.mac[:16]})." in as_("esther").get("/admin/trail").main.text


def test_the_page_warns_where_nobody_seals(
    app: Flask, as_: As, cast: Cast, clock_at: Callable[[datetime | str], datetime]
) -> None:
    noted(app, cast)
    clock_at(clock.now() + timedelta(minutes=6))
    page = as_("esther").get("/admin/trail")
    [warning] = page.main.all(class_="msg")
    assert "1 entry has waited for its seal since 2 March 2026, 09:00." in warning.text.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_the_head_is_announced_once_a_day(
    app: Flask, cast: Cast, clock_at: Callable[[datetime | str], datetime]
) -> None:
    noted(app, cast)
    with app.app_context():
        audit.seal()
        audit.announce_head_daily()
        audit.announce_head_daily()
        assert audit.seal() == 1
        clock_at(clock.now() + timedelta(days=1))
        audit.announce_head_daily()
        assert audit.seal() == 1
