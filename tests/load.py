"""People who go on asking while something happens to a server, and waiting until something is so. For tests and ``bench``."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds between two looks.
LOOK_EVERY = 0.02


def wait_until(what: Callable[[], bool], within: float, log: Callable[[], str] = str) -> float:
    """Return the seconds until something was so; ``TimeoutError``, with what ``log`` tells, where it isn't in time."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > within:
            raise TimeoutError(f"not so within {within:.0f} s\n{log()}")
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


@contextmanager
def load(*questions: Callable[[], object], clients: int) -> Iterator[list[object]]:
    """Let each client ask the questions in turn, again and again; what they were answered, or what went wrong."""
    answers: list[object] = []
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            for ask in questions:
                try:
                    answers.append(ask())
                except (OSError, http.client.HTTPException) as error:
                    answers.append(error)

    threads = [threading.Thread(target=go_on) for _ in range(clients)]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        stop.set()
        for each in threads:
            each.join()
