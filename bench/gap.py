"""How long nobody is answered when one of the server's processes is killed, and whose requests are lost with it.

Four people read on, each request by a connection of its own, while processes are killed by SIGKILL one after the other.

python -m bench.gap [WORKERS]
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from collections import Counter

import httpx
import psutil

from bench.clinic import Server, demo_clinic, table

WORKERS, KILLED, READERS, PAUSE = 2, 3, 4, 3.0


class Readers:
    """People who read on, and when each was answered."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self.answered: list[float] = []
        self.failures: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._read, daemon=True) for _ in range(READERS)]
        for each in self._threads:
            each.start()

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                status = httpx.get(f"{self._url}/healthz", timeout=30).status_code
            except httpx.TransportError as error:
                self.failures[type(error).__name__] += 1
                continue
            if status == httpx.codes.OK:
                self.answered.append(time.monotonic())
            else:
                self.failures[str(status)] += 1

    def stop(self) -> None:
        """Let everybody end."""
        self._stop.set()
        for each in self._threads:
            each.join(60)


def workers(server: Server) -> list[int]:
    """The processes that serve, by number."""
    return [each.pid for each in psutil.Process(server.pid).children()]


def longest_gap(answered: list[float], since: float) -> float:
    """The longest time between two answers after a moment, in seconds."""
    after = [since, *sorted(moment for moment in answered if moment > since)]
    return max(second - first for first, second in itertools.pairwise(after))


def main() -> None:
    """Measure and print."""
    count = sys.argv[1] if len(sys.argv) > 1 else str(WORKERS)
    rows = []
    with demo_clinic(settings={"WORKERS": count}) as environment:
        running = Server(environment)
        try:
            readers = Readers(running.url)
            for number in range(KILLED):
                time.sleep(PAUSE)
                lost, killed = readers.failures.total(), time.monotonic()
                os.kill(workers(running)[0], signal.SIGKILL)
                time.sleep(PAUSE)
                gap = longest_gap(readers.answered, killed)
                rows.append([str(number + 1), f"{gap:.2f}", str(readers.failures.total() - lost)])
            readers.stop()
        finally:
            running.stop()
    table(f"One of {count} processes killed", ["time", "longest gap, s", "requests lost"], rows)


if __name__ == "__main__":
    main()
