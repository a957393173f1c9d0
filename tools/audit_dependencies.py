"""Asks whether a known vulnerability is in what the portal runs on, by the versions that are pinned.

    python -m tools.audit_dependencies

`make check` calls it. Where the database of vulnerabilities can't be reached it says so and fails nothing: it isn't known then.
A vulnerability that the portal isn't open to is accepted below, by its name and with the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: What is installed where people are served.
LOCKS = ("base.lock", "otel.lock")
#: Accepted: by its name (``GHSA-...``, ``CVE-...``, ``PYSEC-...``), why the portal isn't open to it.
ACCEPTED: Mapping[str, str] = {}
#: Seconds for one answer, and for all of them.
PATIENCE, PATIENCE_FOR_ALL = 5, 60
UNKNOWN = "Whether dependencies have known vulnerabilities can't be told now"


class Unreachable(Exception):
    """The database of vulnerabilities told nothing; the message says why."""


def ask() -> dict[str, Any]:
    """Return what pip-audit reports of the pinned versions; ``Unreachable`` where it can't."""
    files = [word for name in LOCKS for word in ("--requirement", str(ROOT / "requirements" / name))]
    words = ["--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off", f"--timeout={PATIENCE}"]
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pip_audit", *words, *files],
            capture_output=True,
            text=True,
            timeout=PATIENCE_FOR_ALL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(f"no answer within {PATIENCE_FOR_ALL} seconds") from None
    return read(ended.stdout, ended.stderr)


def read(report: str, errors: str = "") -> dict[str, Any]:
    """Return a report of pip-audit; ``Unreachable`` where it is none, or where nothing of it was looked up."""
    try:
        found: dict[str, Any] = json.loads(report)
    except ValueError:
        raise Unreachable((errors.strip() or "pip-audit said nothing").splitlines()[-1][:200]) from None
    if all("skip_reason" in each for each in found["dependencies"]):
        raise Unreachable("it knows none of them")
    return found


def problems(report: Mapping[str, Any], accepted: Mapping[str, str]) -> Iterator[str]:
    """Yield each vulnerability that isn't accepted, and each that is for nothing."""
    met = set()
    for package in report["dependencies"]:
        for each in package.get("vulns", ()):
            names = {each["id"], *each.get("aliases", ())}
            met |= names
            if not names & accepted.keys():
                newer = ", ".join(each.get("fix_versions", ())) or "none yet"
                yield f"{package['name']} {package['version']}: {each['id']}; mended in {newer}"
    for name in sorted(accepted.keys() - met):
        yield f"{name} is accepted, and nothing has it any more: take it out of ACCEPTED"


def main() -> int:
    """Say what was found; answer how much of it has to be mended."""
    try:
        report = ask()
    except Unreachable as reason:
        print(f"{UNKNOWN}: {reason}.")
        return 0
    found = list(problems(report, ACCEPTED))
    for line in found:
        print(line)
    skipped = sum("skip_reason" in each for each in report["dependencies"])
    print(f"{len(report['dependencies']) - skipped} dependencies looked up, {skipped} unknown, {len(found)} problems.")
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
