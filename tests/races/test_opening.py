"""Who opens the portal that `db upgrade --maintenance` has closed, and when."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from clinic.operations import maintenance
from clinic.operations.readiness import known_revisions
from tests.databases import Database
from tests.races.server_process import Start
from tests.races.test_server import GOOD, SETTLED
from tests.settings import PATIENCE

OLD, HEAD = known_revisions()[1], known_revisions()[0]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_reload_opens_the_portal_once_no_old_process_is_left(
    start: Start, database: Database, tmp_path: Path
) -> None:
    """After `db upgrade --maintenance`: an old process must not answer on the new database."""
    marked = "{good}\napp.after_request(lambda answer: (answer.headers.set('X-Version', '{version}'), answer)[1])\n"
    wsgi, closed = tmp_path / "wsgi.py", tmp_path / "closed.json"
    wsgi.write_text(marked.format(good=GOOD, version="old"))
    _stamp(database, OLD)
    server = start(folder=tmp_path, maintenance_file=closed)
    server.wait(server.answers)
    time.sleep(SETTLED)
    maintenance.begin(closed, opens_at=HEAD)
    _stamp(database, HEAD)
    wsgi.write_text(marked.format(good=GOOD, version="new"))
    before = server.workers()
    os.kill(before[0], signal.SIGKILL)
    server.wait(lambda: len(set(server.workers()) - {before[0]}) == len(before))
    time.sleep(SETTLED)
    assert closed.exists(), "one of two is new"
    seen: set[tuple[int, str | None]] = set()

    def is_open() -> bool:
        with suppress(httpx.TransportError):
            answer = httpx.get(f"http://127.0.0.1:{server.port}/api/v1/departments/", timeout=PATIENCE)
            seen.add((answer.status_code, answer.headers.get("X-Version")))
        return 200 in {status for status, _ in seen}

    server.process.send_signal(signal.SIGHUP)
    server.wait(is_open)
    assert (200, "old") not in seen
    assert not closed.exists()
    assert "The portal is open again" in server.log.read_text()


def _stamp(database: Database, revision: str) -> None:
    engine = create_engine(database.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()
