"""The demo clinic that benchmarks and pictures are made with: a database and, where wanted, a server of their own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.load import wait_until
from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
READY_WITHIN = 60.0


@contextmanager
def demo_clinic(database_url: str | None = None, settings: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Migrate and plant a clinic, compress its static files as ``make run`` does; answer the environment of its processes.

    It stands in a SQLite file that is removed afterwards, or in the empty database of ``database_url``, which is left.
    ``settings`` are further variables of its environment.
    """
    folder = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "DATABASE_URL": database_url or f"sqlite:///{folder}/bench.sqlite3",
        "CLINIC_ENV": "testing",
        "SECRET_KEY": "only-for-benchmarks-" + "x" * 32,
        "RATELIMIT_ENABLED": "0",
        **(settings or {}),
    }
    try:
        for command in (
            ["flask", "--app", "wsgi", "db", "upgrade"],
            ["flask", "--app", "wsgi", "seed"],
            ["tools.compress_static"],
        ):
            subprocess.run(
                [sys.executable, "-m", *command],
                cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        yield environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def first_answer(url: str) -> float:
    """Return the seconds until a page that nobody answers yet is answered."""

    def is_answered() -> bool:
        try:
            return httpx.get(url, timeout=READY_WITHIN).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return wait_until(is_answered, READY_WITHIN)


class Server:
    """One server's process tree, as ``make run`` starts it."""

    def __init__(self, environment: dict[str, str], threads: int = 8) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "clinic.server"]
        environment = {**environment, "HOST": "127.0.0.1", "PORT": str(port), "THREADS": str(threads)}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.pid = self._process.pid
        self.started_in = first_answer(f"{self.url}/book")

    def memory(self) -> dict[str, float]:
        """Resident megabytes of each process of the tree, the greatest last."""
        found: dict[str, float] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = dict(
                    line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
                )
                own_group = os.getpgid(int(folder.name)) == self._process.pid
            except (OSError, ProcessLookupError):
                continue
            if own_group and "VmRSS" in status:
                found[folder.name] = int(status["VmRSS"].split()[0]) / 1024
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def stop(self) -> None:
        """End the whole tree."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)


@contextmanager
def server(environment: dict[str, str]) -> Iterator[Server]:
    """A server on the demo clinic."""
    running = Server(environment)
    try:
        yield running
    finally:
        running.stop()


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    widths = [max(len(str(row[column])) for row in [heads, *rows]) for column in range(len(heads))]
    print(f"\n{title}\n")
    for number, row in enumerate([heads, *rows]):
        print("| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
