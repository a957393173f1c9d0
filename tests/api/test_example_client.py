"""The client script in ``examples/``, run as anybody would run it, against a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from clinic.db import transaction
from clinic.scheduling.models import Appointment
from tests.people import ANA, PASSWORD, Cast, plant
from tests.servers import LiveServer
from tests.settings import PATIENCE


@pytest.fixture
def served(live_server: LiveServer) -> Cast:
    """The cast in the server's database."""
    with live_server.app.app_context():
        return plant()


def run(root: Path, server: LiveServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    command = [sys.executable, "-I", str(root / "examples" / "book_and_cancel.py"), server.url, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def statuses(server: LiveServer) -> list[str]:
    """The statuses of all visits."""
    with server.app.app_context(), transaction() as session:
        return [str(status) for status in session.scalars(select(Appointment.status))]


@pytest.mark.usefixtures("served")
def test_it_books_once_and_cancels(root: Path, live_server: LiveServer) -> None:
    for arguments in (["--register"], ["--email", ANA, "--password", PASSWORD]):
        done = run(root, live_server, *arguments)
        assert done.returncode == 0, done.stderr
        assert "Booked visit" in done.stdout
        assert done.stdout.strip().endswith("is cancelled.")
    assert statuses(live_server) == ["cancelled", "cancelled"]


@pytest.mark.usefixtures("served")
def test_it_tells_a_refusal_in_a_sentence(root: Path, live_server: LiveServer) -> None:
    done = run(root, live_server, "--email", ANA, "--password", "wrong")
    assert done.returncode == 1
    assert "401 invalid_credentials" in done.stderr
    assert "Traceback" not in done.stderr
    assert statuses(live_server) == []
