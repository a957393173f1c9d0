"""What is told of what happened: a listener that fails takes nothing of it back."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from clinic import events
from clinic.db import session, transaction
from clinic.directory.models import Room
from clinic.events import Event


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, str]]:
    """What somebody hears who listens behind a listener that fails."""
    told: list[tuple[Event, str]] = []

    def fail(event: Event, detail: str) -> None:
        raise RuntimeError(f"{event} {detail}")

    monkeypatch.setattr(events, "_listeners", [])
    events.listen(fail)
    events.listen(lambda event, detail: told.append((event, detail)))
    return told


def test_what_is_committed_stays_and_is_told_to_the_others(app_context: None, heard: list[tuple[Event, str]]) -> None:
    with capture_logs() as logs, transaction():
        session().add(Room(room_number="1"))
        events.tell_on_commit(Event.APPOINTMENT, "created")
        events.tell_on_commit(Event.APPOINTMENT, "moved")
    assert session().query(Room).count() == 1
    assert heard == [(Event.APPOINTMENT, "created"), (Event.APPOINTMENT, "moved")]
    assert [(line["event"], line["happened"], line["log_level"]) for line in logs] == [
        ("listener", "appointment", "error")
    ] * 2


def test_a_refusal_is_answered_all_the_same(client, heard: list[tuple[Event, str]]) -> None:
    assert client.get("/api/v1/nowhere/").status_code == 404
    assert heard == [(Event.REFUSAL, "not_found")]
