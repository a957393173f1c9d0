"""Only clinic/clock.py reads the time, so that a test can let the clinic's clock stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

READERS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
IN_SQL = {"now", "current_timestamp", "current_date", "current_time", "localtimestamp", "sysdate"}


def readings(source: str) -> Iterator[str]:
    """Each place in a module where it asks for the time, by line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in READERS or (owner == "func" and node.attr in IN_SQL):
                yield f"line {node.lineno}: {owner}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if ("time", name.name) in READERS:
                    yield f"line {node.lineno}: from time import {name.name}"


def test_only_the_clock_reads_the_time(root: Path):
    """Any other module takes `clock.now()` or `clock.today()`."""
    clock = root / "clinic" / "clock.py"
    found = [
        f"{path.relative_to(root)} {reading}"
        for path in sorted((root / "clinic").rglob("*.py"))
        if path != clock
        for reading in readings(path.read_text(encoding="utf-8"))
    ]
    assert not found, "take clock.now() or clock.today() instead: " + "; ".join(found)
    assert list(readings(clock.read_text(encoding="utf-8"))), "this test no longer sees how the clock reads the time"


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "import datetime as d\nd.date.today()",
        "f = datetime.now",
        "time.time()",
        "from time import time",
        "select(func.now())",
    ],
)
def test_a_reading_is_seen(source: str):
    assert list(readings(source))


@pytest.mark.parametrize(
    "source", ["clock.now()", "time.monotonic()", "from datetime import time", "clock.today()", "at.strftime('%H')"]
)
def test_nothing_else_is_taken_for_one(source: str):
    assert not list(readings(source))
