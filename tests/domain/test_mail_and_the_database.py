"""A mail is written from what the database tells: while it can't, the mail waits and the others leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import (
    DataError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    PendingRollbackError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from clinic import clock, mail, scheduling
from clinic.db import db
from clinic.mail import MailStatus
from tests.domain.post import stored

pytestmark = pytest.mark.usefixtures("app_context")

#: What a mail asks of its visit as it is written, and of nothing else that is sent.
ASKED = "FROM appointments"


class _OutdatedPlan(Exception):
    """As PostgreSQL ends a statement that was prepared before a migration."""

    diag = SimpleNamespace(source_function="RevalidateCachedQuery")


class _UnknownColumn(Exception):
    sqlstate = "42703"


class _BadValue(Exception):
    sqlstate = "22003"


PASSING = {
    "statement timeout, locked or ended": OperationalError("SELECT secret", None, OSError("away")),
    "plan of before a migration": NotSupportedError("SELECT secret", None, _OutdatedPlan()),
    "schema of another version": ProgrammingError("SELECT secret", None, _UnknownColumn()),
    "connection closed": InterfaceError("SELECT secret", None, OSError("closed")),
    "a fault of the server": InternalError("SELECT secret", None, OSError("XX000")),
    "all connections in use": NoConnectionFree("secret"),
    "rolled back before": PendingRollbackError("secret"),
}


@contextmanager
def failing(error: Exception, at: str = ASKED) -> Iterator[None]:
    """Have every statement fail that holds ``at``."""

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if at in statement:
            raise error

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)


@pytest.fixture
def visit(book, clock_at) -> int:
    clock_at("2026-03-02 12:00")
    number: int = book(at="14:30")["id"]
    return number


@pytest.mark.parametrize("error", PASSING.values(), ids=PASSING)
def test_a_passing_error_of_the_database_never_gives_a_mail_up(visit, queue, post, clock_at, error):
    queue("another")
    for _ in range(mail.MOST_ATTEMPTS + 1):
        with failing(error):
            mail.deliver(post)
        letter = stored()[0]
        assert (letter.status, letter.attempts, letter.claimed_by) == (MailStatus.QUEUED, 0, None)
        assert letter.last_error.startswith(type(error).__name__)
        assert "secret" not in letter.last_error
        clock_at(clock.now() + timedelta(minutes=1))
    assert post.sent == ["another"], "the others go on meanwhile"
    assert mail.deliver(post) == 1
    assert post.sent[-1].startswith("Visit booked")


def test_a_cancellation_waits_too_where_its_thread_cant_be_asked(cast, visit, post, clock_at):
    scheduling.cancel(cast.actor("esther"), visit)
    with failing(OperationalError("SELECT", None, OSError("away")), "outbox.thread ="):
        assert mail.deliver(post) == 0
    clock_at(clock.now() + timedelta(minutes=1))
    assert mail.deliver(post) == 1
    assert [row.status for row in stored()] == [MailStatus.SUPERSEDED, MailStatus.SENT]


def test_what_the_database_refuses_is_tried_again_and_given_up_without_what_was_said(visit, post, clock_at):
    refusal = DataError("SELECT secret", None, _BadValue("secret"))
    for attempt in range(mail.MOST_ATTEMPTS):
        assert (stored()[0].status, stored()[0].attempts) == (MailStatus.QUEUED, attempt)
        with failing(refusal):
            mail.deliver(post)
        assert stored()[0].last_error == "DataError 22003"
        clock_at(max(clock.now(), stored()[0].next_attempt_at))
    assert stored()[0].status == MailStatus.FAILED


def test_a_database_that_is_away_is_raised_and_the_claim_runs_out(visit, post, clock_at):
    """Its worker then waits (``DatabaseUnavailable``)."""
    away = OperationalError("SELECT", None, OSError("away"))
    with failing(away), failing(away, "next_attempt_at="), pytest.raises(OperationalError):
        mail.deliver(post)
    assert stored()[0].status == MailStatus.QUEUED
    clock_at(clock.now() + mail.CLAIM_LASTS + timedelta(seconds=1))
    assert mail.deliver(post) == 1
