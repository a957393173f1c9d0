"""The operator's `seed`: at once for a clinic to try, and for one in production only if it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic import cli
from clinic.accounts.models import User
from clinic.db import session
from tests.settings import PRODUCTION


def run_seed(app: Flask, *options: str) -> Any:
    """Run the operator's command."""
    with app.app_context():
        return app.test_cli_runner().invoke(cli.seed_command, options)


def count_of_people(app: Flask) -> int:
    """How many accounts there are."""
    with app.app_context():
        return session().scalar(select(func.count()).select_from(User)) or 0


def test_a_clinic_in_production_gets_no_demo_accounts_unless_it_is_told_to(make_app: Callable[..., Flask]) -> None:
    production = make_app(**PRODUCTION)
    refused = run_seed(production)
    assert refused.exit_code != 0
    assert "--yes-demo-accounts" in refused.output
    assert count_of_people(production) == 0
    assert run_seed(production, "--yes-demo-accounts").exit_code == 0
    assert count_of_people(production) > 0


@pytest.mark.parametrize("env", ["development", "testing"])
def test_elsewhere_the_command_plants_at_once(make_app: Callable[..., Flask], env: str) -> None:
    planted = run_seed(make_app(env=env))
    assert (planted.exit_code, "Planted the demo clinic" in planted.output) == (0, True)
