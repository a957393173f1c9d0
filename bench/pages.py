"""What pages cost: bytes in Chromium, the time to the first answer, and the server's memory after some load.

python -m bench.pages [DATABASE_URL of an empty PostgreSQL database]
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from bench.clinic import Server, demo_clinic, server, table
from tests.weight import Meter
from tools import ensure_browser

#: What a page may cost.
FIRST_VISIT, LATER_PAGE = 200_000, 25_000
START_SECONDS, MEMORY_MB = 10.0, 160.0
PAGES = ("/", "/departments", "/doctors", "/book", "/login")
REQUESTS, CLIENTS = 600, 8


def share(value: float, budget: float) -> str:
    """How much of its budget a value takes."""
    return f"{value / budget:.0%}"


def booking_page(url: str) -> str:
    """The booking page with everything chosen but the time: the heaviest one."""
    doctor: dict[str, Any] = httpx.get(f"{url}/api/v1/doctors/").json()["results"][0]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 24 * 3600))
    return f"/book?department={doctor['department_id']}&doctor={doctor['id']}&day={day}"


def weigh(running: Server) -> list[list[str]]:
    """The bytes of a first visit of the booking page and of later pages, in both languages."""
    rows = []
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser.ensure(), args=flags)
        for locale in ("en-GB", "vi-VN"):
            window = browser.new_context(base_url=running.url, locale=locale)
            meter = Meter(window.new_page())
            first = meter.open(booking_page(running.url)).total
            later = {page: meter.open(page).total for page in PAGES}
            heaviest = max(later, key=lambda page: later[page])
            rows.append([f"first visit, {locale}", f"{first:,}", f"{FIRST_VISIT:,}", share(first, FIRST_VISIT)])
            rows.append(
                [f"heaviest later page, {locale}: {heaviest}", f"{later[heaviest]:,}", f"{LATER_PAGE:,}",
                 share(later[heaviest], LATER_PAGE)]
            )  # fmt: skip
            window.close()
        browser.close()
    return rows


def load(running: Server) -> list[float]:
    """Ask for pages from some clients at once; answer the milliseconds of each."""
    addresses = [*PAGES, booking_page(running.url)]

    def client(number: int) -> list[float]:
        times = []
        with httpx.Client(base_url=running.url, timeout=30) as window:
            for turn in range(REQUESTS // CLIENTS):
                began = time.perf_counter()
                window.get(addresses[(number + turn) % len(addresses)]).raise_for_status()
                times.append((time.perf_counter() - began) * 1000)
        return times

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [each for times in pool.map(client, range(CLIENTS)) for each in times]


def main() -> None:
    """Measure and print."""
    with demo_clinic(sys.argv[1] if len(sys.argv) > 1 else None) as environment:
        with server(environment) as cold:
            first_start = cold.started_in
        with server(environment) as running:
            idle = max(running.memory().values())
            weights = weigh(running)
            began = time.perf_counter()
            times = load(running)
            seconds = time.perf_counter() - began
            busy = running.memory()
        table("Bytes over the wire, headers included", ["what", "bytes", "budget", "taken"], weights)
        show_start(first_start, running.started_in)
        show_memory(idle, busy, f"server process, after {len(times)} pages")
        speed = [f"{len(times) / seconds:.0f}", *(f"{each:.1f}" for each in middle_and_slow(times))]
        table(f"Pages to {CLIENTS} clients at once, on this machine", ["pages/s", "p50 ms", "p95 ms"], [speed])


def show_start(first: float, warm: float) -> None:
    """Print how long a start takes, in seconds: the first of all, and one after it."""
    budget = [f"{START_SECONDS:.0f}", share(warm, START_SECONDS)]
    rows = [["first start", f"{first:.2f}", "", ""], ["warm start", f"{warm:.2f}", *budget]]
    table("Start, until the booking page is answered", ["what", "seconds", "budget", "taken"], rows)


def show_memory(idle: float, busy: dict[str, float], words: str) -> None:
    """Print what the server's processes take, in MB; ``words`` name the one that has been working."""

    def row(what: str, taken: float) -> list[str]:
        return [what, f"{taken:.0f}", f"{MEMORY_MB:.0f}", share(taken, MEMORY_MB)]

    parent = ["with its parent", f"{sum(busy.values()):.0f}", "", ""]
    rows = [row("server process, idle", idle), row(words, max(busy.values())), parent]
    table("Memory (resident)", ["what", "MB", "budget", "taken"], rows)


def middle_and_slow(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


if __name__ == "__main__":
    main()
