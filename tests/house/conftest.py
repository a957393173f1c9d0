"""What the tests of the house share: a database with nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask, current_app
from sqlalchemy import Engine

from clinic.db import db
from tests.run import Run


@pytest.fixture
def blank(
    engine_name: str, run: Run, worker: str, tmp_path: Path, build_app: Callable[..., Flask]
) -> Iterator[Callable[[str], Any]]:
    """Opens an application on a database with nothing in it: `with blank("models") as engine:`."""
    made: list[str] = []

    @contextmanager
    def open_blank(name: str) -> Iterator[Engine]:
        if engine_name == "sqlite":
            url = f"sqlite:///{tmp_path / name}.sqlite3"
        else:
            made.append(f"{run.name}_{worker}_{name}")
            run.postgres().create(made[-1])
            url = run.postgres().url_of(made[-1])
        app = build_app(database_url=url)
        with app.app_context():
            yield db.engine
            db.session.remove()
            db.engine.dispose()

    yield open_blank
    for name in made:
        run.postgres().drop(name)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """``compose.yaml``, its anchors followed."""
    file = Path(__file__).resolve().parent.parent.parent / "compose.yaml"
    parsed: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return parsed


@pytest.fixture
def run_command(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Run a command on the application whose context is open: its status and lines."""

    def invoke(command: Any, *words: str) -> tuple[int, list[str]]:
        current_app.config["MAINTENANCE_FILE"] = tmp_path / "closed.json"
        ended = current_app.test_cli_runner().invoke(command, words)
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
        return ended.exit_code, ended.output.splitlines()

    return invoke
