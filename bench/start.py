"""How long `make run` takes until the portal answers, on a tree that is set up: a warm start, as a developer has it many times a day.

It runs on a demo clinic of its own. The first run is the cold one and isn't counted. Processor time is that of `make run`
with all that it starts, and of the server alone.

python -m bench.start [TIMES]
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Sequence

from bench.clinic import ROOT, demo_clinic, first_answer, table
from bench.processor import ProcessTree
from tests.servers import free_port

TIMES = 5
HEADS = ["what", "median", "least", "most", "budget"]
MAKE_RUN, SERVER = ["make", "--silent", "run"], [sys.executable, "-m", "clinic.server"]


def start(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Start; the seconds until /healthz has answered, and of processor until then. It is stopped again."""
    port = str(free_port())
    process = subprocess.Popen(
        [*command, f"PORT={port}"] if command is MAKE_RUN else command,
        cwd=ROOT, env=environment | {"PORT": port}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return first_answer(f"http://127.0.0.1:{port}/healthz"), ProcessTree(process.pid).seconds()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def row(what: str, found: Sequence[float], budget: str) -> list[str]:
    """Return a line of the table."""
    return [what, f"{statistics.median(found):.2f}", f"{min(found):.2f}", f"{max(found):.2f}", budget]


def main() -> None:
    """Measure and print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    with demo_clinic(settings={"CLINIC_ENV": "development"}) as environment:
        made, served = ([start(command, environment) for _ in range(times + 1)][1:] for command in (MAKE_RUN, SERVER))
    rows = [
        row("`make run` to the first answer", [seconds for seconds, _ in made], "2"),
        row("processor time of `make run`", [processor for _, processor in made], ""),
        row("processor time of the server", [processor for _, processor in served], "1"),
    ]
    table("Seconds of a warm start", HEADS, rows)


if __name__ == "__main__":
    main()
