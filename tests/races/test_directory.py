"""The public directory while the office changes it: whoever asks after a change sees it, from memory or not."""

from __future__ import annotations

import re
import time
from threading import Event, Thread

import httpx

from clinic.db import transaction
from clinic.directory.models import Department
from tests.people import Cast
from tests.servers import LiveServer
from tests.settings import PATIENCE

CHANGES = 40
READERS = 4
_NAME = re.compile(r"Cardiology (\d+)")


class Reader(Thread):
    """Reads the departments again and again, as a program that keeps what it has and as a browser."""

    def __init__(self, url: str, committed: list[int], done: Event) -> None:
        super().__init__()
        self._url, self._committed, self._done = url, committed, done
        self.too_old: list[str] = []
        self.fresh = self.not_modified = 0

    def run(self) -> None:
        tag, body = "", ""
        with httpx.Client(base_url=self._url, timeout=PATIENCE, verify=False) as client:  # noqa: S501 - speaks no TLS
            while not self._done.is_set():
                least = self._committed[0]
                answer = client.get("/api/v1/departments/", headers={"If-None-Match": tag})
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    self.not_modified += 1
                else:
                    self.fresh += 1
                    tag, body = answer.headers["ETag"], answer.text
                self._compare(body, least)
                least = self._committed[0]
                self._compare(client.get("/departments").text, least)

    def _compare(self, body: str, least: int) -> None:
        found = _NAME.search(body)
        if found is None or int(found[1]) < least:
            self.too_old.append(f"{found and found[0]} after {least} was committed")


def until_asked_twice(readers: list[Reader]) -> None:
    """Wait until somebody was told that nothing has changed."""
    before, deadline = sum(reader.not_modified for reader in readers), time.monotonic() + PATIENCE
    while sum(reader.not_modified for reader in readers) == before:
        assert time.monotonic() < deadline, "nobody was told that nothing has changed"
        time.sleep(0.01)


def rename(department_id: int, number: int) -> None:
    """Give a department the name that says which change it is."""
    with transaction() as session:
        session.get_one(Department, department_id).name = f"Cardiology {number}"


def test_nobody_is_shown_less_than_was_there_when_they_asked(live_server: LiveServer, cast: Cast) -> None:
    with live_server.app.app_context():
        rename(cast.cardiology, 0)
        committed, done = [0], Event()
        readers = [Reader(live_server.url, committed, done) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, CHANGES + 1):
                rename(cast.cardiology, number)
                committed[0] = number
                if number % 10 == 0:
                    until_asked_twice(readers)
        finally:
            done.set()
            for reader in readers:
                reader.join(PATIENCE)
    assert not [line for reader in readers for line in reader.too_old]
    assert sum(reader.fresh for reader in readers) > READERS
