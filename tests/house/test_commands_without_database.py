"""Commands that find no database, or one that isn't migrated, say it in one sentence."""

from __future__ import annotations

import pytest
from flask import Flask

from clinic import cli
from clinic.operations.database_errors import UNKNOWN_TABLE, UNREACHABLE
from tests.conftest import build
from tests.servers import free_port

COMMANDS = [
    ["outbox"],
    ["outbox", "--retry"],
    ["activate", "a@b.example"],
    ["deactivate", "a@b.example"],
    ["reset-factor", "a@b.example"],
    ["seed"],
    ["create-admin", "--email=a@b.example", "--full-name=Ada", "--phone=0900000001", "--password=Quite-new-words-2026"],
]


@pytest.fixture(params=["away", "empty"])
def said(request: pytest.FixtureRequest, tmp_path) -> tuple[Flask, str]:
    """A portal without its database, and what is to be said of it."""
    away = f"postgresql://clinic:hidden-word@127.0.0.1:{free_port()}/clinic"
    url, sentence = (
        (away, UNREACHABLE) if request.param == "away" else (f"sqlite:///{tmp_path}/empty.db", UNKNOWN_TABLE)
    )
    app = build(database_url=url)
    cli.install(app)
    return app, sentence


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_they_say_so(said: tuple[Flask, str], words: list[str]) -> None:
    app, sentence = said
    with app.app_context():
        found = app.test_cli_runner().invoke(app.cli, words)
    assert (found.exit_code, found.output.strip()) == (1, f"Error: {sentence}")
