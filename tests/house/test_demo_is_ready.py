"""`make run` migrates and plants only where there is something to do."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from clinic import seed
from tests.databases import Database
from tools.demo_is_ready import is_ready


def test_a_database_is_ready_once_it_is_migrated_and_planted(app: Flask, database: Database) -> None:
    assert not is_ready(database.url), "it has no demo clinic"
    with app.app_context():
        seed.plant()
    assert is_ready(database.url)


def test_what_is_not_there_is_not_ready(tmp_path: Path) -> None:
    assert not is_ready(f"sqlite:///{tmp_path}/none.db")
    assert not is_ready(f"sqlite:///{tmp_path}/no/folder/none.db")
