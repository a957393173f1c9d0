"""How much processor time servers take: of a process tree, and of PostgreSQL's processes for one database.

Ended children count too (threads of theirs, parallel workers), so that nothing is missed which ran inside a window.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil


def _seconds(process: psutil.Process, *, with_ended: bool) -> float:
    """Return what a process took so far, in seconds, 0 if it has gone."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        times = process.cpu_times()
        own: float = times.user + times.system
        return own + times.children_user + times.children_system if with_ended else own
    return 0.0


@dataclass(frozen=True)
class ProcessTree:
    """A process and all that it has started."""

    pid: int

    def seconds(self) -> float:
        """Return what the tree took so far."""
        root = psutil.Process(self.pid)
        return sum(_seconds(each, with_ended=True) for each in [root, *root.children(recursive=True)])


@dataclass(frozen=True)
class Backends:
    """The processes of a PostgreSQL server (``pid`` of its first one) that serve ``database``, and its parallel workers.

    Another database of the server must be idle meanwhile, and connections stay open: one that ends inside a window is
    billed to it.
    """

    pid: int
    database: str

    def seconds(self) -> float:
        """Return what they took so far."""
        server = psutil.Process(self.pid)
        ended = server.cpu_times()
        total: float = ended.children_user + ended.children_system
        for each in server.children():
            with suppress(psutil.NoSuchProcess):
                if f" {self.database} " in " ".join(each.cmdline()):
                    total += _seconds(each, with_ended=False)
        return total


class Client:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)

    def fetch(
        self, path: str, headers: dict[str, str] | None = None, *, body: object = None, form: str | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of a GET, or of a POST of ``body`` as JSON or of an encoded ``form``."""
        sent, kind = (form, "application/x-www-form-urlencoded") if form is not None else (None, "")
        if body is not None:
            sent, kind = json.dumps(body), "application/json"
        more = {"Content-Type": kind} if sent is not None else {}
        self._connection.request("GET" if sent is None else "POST", path, sent, {**(headers or {}), **more})
        answer = self._connection.getresponse()
        self.headers = answer.headers
        return answer.status, answer.read()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


#: What a client does once; it returns the status.
Call = Callable[[Client], int]


def get(path: str, headers: dict[str, str] | None = None) -> Call:
    """Return the call that fetches ``path``."""
    return lambda client: client.fetch(path, headers)[0]


@dataclass(frozen=True)
class Served:
    """A server that is measured: where it answers, its processes and those of its database."""

    url: str
    processes: ProcessTree
    database: Backends | None = None


@dataclass
class Window:
    """What some calls took: milliseconds of processor time each, of them the database's; all latencies; failures."""

    calls: int
    processor: float
    database: float
    latencies: list[float] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Return the median latency in milliseconds."""
        return statistics.median(self.latencies)


def measure(served: Served, calls: Sequence[Call], *, clients: int = 2, expected: int = 200) -> Window:
    """Let ``clients`` make the calls between them, and return what these took."""
    left, lock = iter(calls), threading.Lock()
    latencies: list[float] = []
    failures: list[int] = []

    def work() -> None:
        client = Client(served.url)
        while True:
            with lock:
                call = next(left, None)
            if call is None:
                client.close()
                return
            began = time.perf_counter()
            status = call(client)
            latencies.append((time.perf_counter() - began) * 1000)
            if status != expected:
                failures.append(status)

    def taken() -> tuple[float, float]:
        return served.processes.seconds(), served.database.seconds() if served.database else 0.0

    threads = [threading.Thread(target=work) for _ in range(clients)]
    before = taken()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    after = taken()
    server, database = ((end - start) * 1000 / len(calls) for start, end in zip(before, after, strict=True))
    return Window(len(calls), server + database, database, latencies, failures)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, and the lower and upper quartile (of a few values the least and the greatest)."""
    few = len(values) < 4
    low, _, high = (min(values), 0.0, max(values)) if few else statistics.quantiles(values, n=4)
    return statistics.median(values), low, high
