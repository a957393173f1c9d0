"""How many bytes come over the wire for a page in Chromium, headers included, what is cached not counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page


@dataclass
class Transfer:
    """What one page took: the bytes of each address."""

    by_address: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.by_address.values())

    def __str__(self) -> str:
        heaviest = sorted(self.by_address.items(), key=lambda item: -item[1])
        return "\n".join([f"{self.total:>8} in all", *(f"{size:>8} {address}" for address, size in heaviest)])


class Meter:
    """Weighs the pages that a window opens."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._addresses: dict[str, str] = {}
        self._transfer = Transfer()
        # The protocol tells what really came over the wire; Playwright's own sizes leave out what is compressed.
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._begin)
        session.on("Network.loadingFinished", self._end)
        session.send("Network.enable")

    def _begin(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _end(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "?")
        size = int(event["encodedDataLength"])
        if size:
            self._transfer.by_address[address] = self._transfer.by_address.get(address, 0) + size

    def open(self, address: str) -> Transfer:
        """Open a page, wait until everything of it is there, fonts too, and tell what it took."""
        self._transfer = Transfer()
        self._page.goto(address, wait_until="networkidle")
        self._page.evaluate("() => document.fonts.ready")
        return self._transfer
