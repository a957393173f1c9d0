"""What becomes of the outbox's mail on the way down and up."""

from __future__ import annotations

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from clinic.db import Base


def test_mail_that_waits_is_the_offices_to_tell_after_a_way_down(blank):
    """An older version can't write it from its facts; what was sent stays as it was, and the way up changes nothing."""
    letter = {"recipient": "ana@example.com", "kind": "visit_booked", "language": "en", "claimed_by": None}
    waits = letter | {"facts": {"version": 1}, "subject": None, "body": None, "status": "queued"}
    sent = letter | {"facts": None, "subject": "Visit booked", "body": "Hello", "status": "sent"}
    read = text("SELECT subject, body, status FROM outbox ORDER BY id")
    with blank("mail") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(Base.metadata.tables["outbox"]), [waits, sent])
        with pytest.raises(DBAPIError, match="ck_outbox_facts_or_text"), engine.begin() as connection:
            connection.execute(insert(Base.metadata.tables["outbox"]), [sent | {"body": None}])
        for move in (lambda: downgrade(revision="0025"), upgrade):
            move()
            with engine.begin() as connection:
                assert [tuple(row) for row in connection.execute(read)] == [
                    ("visit_booked", "", "failed"), ("Visit booked", "Hello", "sent"),
                ]  # fmt: skip


def test_superseded_mail_is_nothing_to_send_again_after_a_way_down(blank):
    """The version before sends again what has failed and has facts or a text: an old time, a cancelled visit."""
    letter = {"recipient": "ana@example.com", "kind": "visit_booked", "language": "en", "claimed_by": None}
    facts, texts = (
        {"facts": {"version": 1}, "subject": None, "body": None},
        {"facts": None, "subject": "x", "body": "x"},
    )
    mails = [letter | what | {"status": "superseded", "last_error": "Overtaken."} for what in (facts, texts)]
    again = text("SELECT count(*) FROM outbox WHERE status = 'failed' AND (facts IS NOT NULL OR body != '')")
    with blank("superseded") as engine:
        upgrade()
        with engine.begin() as connection:
            for each in (*mails, letter | facts | {"status": "failed", "last_error": "550"}):
                connection.execute(insert(Base.metadata.tables["outbox"]), [each])
        for move in (lambda: downgrade(revision="0036"), upgrade):
            move()
            with engine.begin() as connection:
                kept = connection.execute(text("SELECT subject, status, last_error FROM outbox ORDER BY id")).all()
                assert [tuple(row) for row in kept[:2]] == [("visit_booked", "failed", "Overtaken.")] * 2
                assert connection.scalar(again) == 1, "what really failed stays the office's to send again"
