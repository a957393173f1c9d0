"""How long `make run` takes until the portal answers, on a tree that is set up: a warm start, as a developer has it many times a day.

It runs on a demo clinic of its own. The first run is the cold one and isn't counted.

python -m bench.start [TIMES]
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time

import httpx

from bench.clinic import READY_WITHIN, ROOT, demo_clinic, table
from tests.servers import free_port

TIMES, MOST = 5, 2.0


def seconds(environment: dict[str, str]) -> float:
    """Start by `make run`; seconds until /healthz has answered. It is stopped again."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--silent", "run", f"PORT={port}"], cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while time.perf_counter() - began < READY_WITHIN:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=READY_WITHIN).status_code == httpx.codes.OK:
                    return time.perf_counter() - began
            except httpx.TransportError:
                time.sleep(0.01)
        raise SystemExit("The portal did not answer within a minute.")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def main() -> None:
    """Measure and print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    with demo_clinic(settings={"CLINIC_ENV": "development"}) as environment:
        found = sorted(seconds(environment) for _ in range(times + 1))
    row = [f"{statistics.median(found):.2f}", f"{found[0]:.2f}", f"{found[-1]:.2f}", f"{MOST:.0f}"]
    table("Seconds from `make run` to the first answer", ["median", "least", "most", "budget"], [row])


if __name__ == "__main__":
    main()
