"""Pages in a real Chromium, against a real server.

A test that takes `page` or `open_page` fails if a page asks anything of another host, if a script throws, if the
console shows an error, or if a style, script, font or picture doesn't load. What a test provokes on purpose it announces
with `open_page.expect("part of the message")`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakSet

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests import needs
from tests.servers import LiveServer
from tests.settings import PATIENCE
from tools import ensure_browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "mobile": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True},
}
#: The console repeats answers with an error status under this text; answers are judged by what they are for instead.
STATUS_ECHO = "Failed to load resource"
#: What a page is made of, and what must therefore load.
PARTS = ("stylesheet", "script", "font", "image", "manifest")
BAD_REQUEST = 400
SERVER_ERROR = 500

_scriptless: WeakSet[BrowserContext] = WeakSet()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for this test process."""
    chromium = ensure_browser.find()
    if chromium is None:
        pytest.fail(needs.NO_BROWSER, pytrace=False)
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


class Opener:
    """Opens windows on a server and watches what happens in them."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._host = urlsplit(url).netloc
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []
        self._problems: list[str] = []

    def __call__(
        self,
        device: Literal["desktop", "mobile"] = "desktop",
        *,
        javascript: bool = True,
        scheme: Literal["light", "dark"] = "light",
        language: str = "en",
        **options: Any,
    ) -> Page:
        """A window with its own cookies; `page.goto("/path")` is relative to the server.

        ``options`` are Playwright's own for a new context (viewport, reduced_motion, forced_colors, timezone_id, ...).
        """
        context = self._browser.new_context(
            **{
                "base_url": self._url,
                "java_script_enabled": javascript,
                "color_scheme": scheme,
                "locale": {"en": "en-GB", "vi": "vi-VN"}.get(language, language),
                "service_workers": "block",
                **DEVICES[device],
                **options,
            }
        )
        context.set_default_timeout(1000 * PATIENCE)
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._problems.append(f"a script threw: {error.error}"))
        self._contexts.append(context)
        if not javascript:
            _scriptless.add(context)
        return context.new_page()

    def expect(self, part: str) -> None:
        """Announces that a problem with this text in it will come and is meant to."""
        self._expected.append(part)

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc != self._host:
            self._problems.append(f"a page asked another host: {request.url}")

    def _on_response(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= SERVER_ERROR or (response.status >= BAD_REQUEST and kind in PARTS):
            self._problems.append(f"{kind} {response.request.method} {response.url} answered {response.status}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and STATUS_ECHO not in message.text:
            self._problems.append(f"console {message.type}: {message.text}")

    def problems(self) -> list[str]:
        """What happened and nobody had announced."""
        return [problem for problem in self._problems if not any(part in problem for part in self._expected)]

    def close(self) -> None:
        """Closes all windows."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Opener]:
    """Opens windows on `live_server`: `open_page("mobile", javascript=False, scheme="dark", language="vi")`."""
    opener = Opener(browser, live_server.url)
    yield opener
    opener.close()
    if problems := opener.problems():
        pytest.fail("In the browser:\n" + "\n".join(dict.fromkeys(problems)), pytrace=False)


@pytest.fixture
def page(open_page: Opener) -> Page:
    """A desktop window on `live_server`."""
    return open_page()


def wait_until(page: Page, condition: Callable[[], object]) -> None:
    """Wait for what the test is told, by a route or an exposed function: the page itself can't be asked about it."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came"
        page.wait_for_timeout(20)


def axe(page: Page, *, off: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong on the page as it is shown now: rule, help, and each element, in readable form.

    WCAG 2.2 A and AA and axe's best practices; ``off`` names rules to leave out, with a reason beside the call.
    """
    if page.context in _scriptless:
        raise ValueError("axe is a script: it would wait for ever in a window without JavaScript")
    if not page.evaluate("() => typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {rule: {"enabled": False} for rule in off}
    answer = page.evaluate("rules => window.axe.run(document, {rules, resultTypes: ['violations']})", rules)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in violation["nodes"])
        for violation in answer["violations"]
    ]
