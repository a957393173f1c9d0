"""What makes a backup each night (systemd, compose) gives the command words that it knows, and may write where it writes."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import click
import pytest
import yaml

from clinic.cli import backups

COMMAND = re.compile(r"flask --app wsgi (backup|restore)((?: (?:--?[\w-]*|[\w./]+))*)")


def unit(root: Path, name: str) -> configparser.ConfigParser:
    """A unit of systemd."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((root / "deploy" / "systemd" / name).read_text(encoding="utf-8"))
    return parser


def words(command: str) -> list[str]:
    """What follows ``backup`` in a command."""
    return command.partition(" backup ")[2].split()


def test_the_timers_service_backs_up_into_its_own_folder(root: Path):
    service = unit(root, "clinic-backup.service")["Service"]
    given = backups.backup.make_context("backup", words(service["ExecStart"])).params
    assert str(given["folder"]) == f"/var/lib/{service['StateDirectory']}"
    assert given["keep"] >= 7
    assert service["StateDirectoryMode"] == "0700"
    assert unit(root, "clinic-backup.timer")["Timer"]["Persistent"] == "true"


def test_compose_backs_up_into_its_own_volume(root: Path):
    service = yaml.safe_load((root / "compose.yaml").read_text(encoding="utf-8"))["services"]["backup"]
    given = backups.backup.make_context("backup", words(" ".join(service["command"]))).params
    assert f"backups:{given['folder']}" in service["volumes"]
    assert f"-m 0700 {given['folder']}" in (root / "Dockerfile").read_text(encoding="utf-8"), (
        "a new volume is root's otherwise"
    )
    assert service["profiles"] == ["backup"], "compose up must not start it"


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_every_command_on_backups_in_the_docs_is_one(root: Path, page: str):
    found = COMMAND.findall((root / page).read_text(encoding="utf-8"))
    assert len(found) >= 2
    for name, given in found:
        command: click.Command = getattr(backups, name)
        command.make_context(name, given.split())
