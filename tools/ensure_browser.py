"""Makes sure that there is a Chromium for the browser tests, and knows where it is.

    python -m tools.ensure_browser    install one if none is found; prints its path

Looked for in this order: the environment's CHROMIUM, a Chromium or Chrome of the system, the one that Playwright
has installed. If there is none: root on a system with apt installs Debian's, anybody else gets Playwright's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
ADVICE = (
    "The browser tests need Chromium and none could be installed here. Install it with your system's package manager "
    "(Debian: apt-get install chromium), or name one with CHROMIUM=/path/to/chromium."
)


def find() -> str | None:
    """The path of a Chromium that is installed, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if MAC.exists():
        return str(MAC)
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Installs a Chromium by the way that this machine offers."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        commands = [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ]
        for command in commands:
            if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode != 0:
                break
        else:
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False)


def ensure() -> str:
    """The path of a Chromium; installs one if need be, and ends the program with advice if that fails."""
    path = find()
    if path is None:
        print("Installing Chromium for the browser tests ...", file=sys.stderr)
        install()
        path = find()
    if path is None:
        raise SystemExit(ADVICE)
    return path


if __name__ == "__main__":
    print(f"Browser tests use {ensure()}")
