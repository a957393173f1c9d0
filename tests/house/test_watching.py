"""Alerts and dashboard: well formed, and of metrics that the portal has; the docs name every metric and every alert."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from clinic.operations.metrics import reading
from clinic.operations.system import BACKUP_LATE_AFTER

TOKEN = "a-token-of-these-tests"
NAME = re.compile(r"\bclinic_[a-z_]+")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}
#: Strings, and the lists behind `by` and `on`: what may stand in an expression without being balanced against it.
BRACKETS = {"(": ")", "[": "]", "{": "}"}


@pytest.fixture
def metrics(make_app: Callable[..., Flask]) -> set[str]:
    """The names of all metrics as they are asked for, those too that are only there with Redis, a standby, PostgreSQL or a backup."""
    client = make_app(metrics_token=TOKEN).test_client()
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    names = {name + suffix for name, kind in kinds.items() for suffix in SUFFIXES.get(kind, ("",))}
    now_and_then = {
        "clinic_redis_up",
        "clinic_database_replica_up",
        "clinic_outbox_size_bytes",
        "clinic_backup_timestamp_seconds",
    }
    assert now_and_then <= set(NAME.findall(Path(reading.__file__).read_text(encoding="utf-8")))
    return names | now_and_then


@pytest.fixture
def rules(root: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load((root / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture
def panels(root: Path) -> list[dict[str, Any]]:
    dashboard = json.loads((root / "deploy/grafana/clinic.json").read_text(encoding="utf-8"))
    assert {"uid", "title", "schemaVersion", "templating"} <= set(dashboard)
    found: list[dict[str, Any]] = dashboard["panels"]
    return found


def is_balanced(expression: str) -> bool:
    """Whether each bracket of an expression is closed, outside of its strings."""
    waiting: list[str] = []
    for letter in re.sub(r'"(?:[^"\\]|\\.)*"', "", expression):
        if letter in BRACKETS:
            waiting.append(BRACKETS[letter])
        elif letter in BRACKETS.values() and (not waiting or waiting.pop() != letter):
            return False
    return not waiting


def test_every_alert_says_whom_to_wake_and_what_to_do(rules: list[dict[str, Any]], metrics: set[str]) -> None:
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m")), rule["alert"]
        assert is_balanced(rule["expr"]), rule["alert"]
        assert set(NAME.findall(rule["expr"])) <= metrics, rule["alert"]


def test_a_backup_is_late_for_the_alerts_when_it_is_for_the_office(rules: list[dict[str, Any]]) -> None:
    alerts = {rule["alert"]: rule for rule in rules}
    assert alerts["ClinicBackupOld"]["expr"].endswith(f" > {BACKUP_LATE_AFTER.total_seconds():.0f}")
    assert alerts["ClinicBackupMissing"]["for"] == f"{BACKUP_LATE_AFTER.total_seconds() / 3600:.0f}h"


def test_every_panel_shows_a_metric_of_the_portal(panels: list[dict[str, Any]], metrics: set[str]) -> None:
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        for target in panel["targets"]:
            assert is_balanced(target["expr"]), panel["title"]
            assert (used := set(NAME.findall(target["expr"]))), panel["title"]
            assert used <= metrics, panel["title"]


def test_no_panel_stands_on_another(panels: list[dict[str, Any]]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_prometheus_own_tool_takes_the_files(root: Path) -> None:
    """Where it is installed; elsewhere the files are at least the YAML that it reads."""
    folder = root / "deploy" / "prometheus"
    assert yaml.safe_load((folder / "prometheus.yml").read_text(encoding="utf-8"))["rule_files"] == ["alerts.yml"]
    if promtool := shutil.which("promtool"):
        found = subprocess.run(
            [promtool, "check", "config", "--syntax-only", "prometheus.yml"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stdout + found.stderr
        rules = subprocess.run(
            [promtool, "check", "rules", "alerts.yml"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert rules.returncode == 0, rules.stdout + rules.stderr


def test_the_docs_name_every_metric_and_every_alert(root: Path, rules: list[dict[str, Any]], metrics: set[str]) -> None:
    text = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in metrics if "clinic_process_" not in name}
    missing = {name for name in families | {rule["alert"] for rule in rules} if f"`{name}`" not in text}
    assert not missing, f"docs/operations.md, Watch: {sorted(missing)}"
