"""What the tests need that isn't in the repository: packages, compressed static files, a browser.

`make test` brings all of it. Who calls pytest without is told what is missing, instead of what fails for want of it; the
compressed files are made anew, since stale ones would hide what has changed. Imports nothing that may be missing.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_BROWSER = "The tests in the browser need Chromium: `make test`, or `python -m tools.ensure_browser`, installs it."


def packages(folder: Path = ROOT / "requirements") -> list[str]:
    """What the portal and its tests are written for, by the names of the package index."""
    wishes = "\n".join((folder / f"{name}.in").read_text(encoding="utf-8") for name in ("base", "dev"))
    return re.findall(r"^[A-Za-z0-9][\w.-]*", wishes, flags=re.MULTILINE)


def missing(names: list[str]) -> list[str]:
    """Those that aren't installed for this Python."""
    found = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            found.append(name)
    return found


def check() -> None:
    """End the run in one sentence if packages are missing."""
    if names := missing(packages()):
        pytest.exit(
            f"The tests need packages that this Python hasn't: {', '.join(names)}. `make test` installs them into .venv;"
            " afterwards, .venv/bin/python -m pytest runs what you name.",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )


def compress_static() -> None:
    """Make the compressed static files anew if one is missing, or older than what it is made from."""
    from tools import compress_static as tool  # noqa: PLC0415 - it needs a package

    if tool.stale():
        tool.main()
