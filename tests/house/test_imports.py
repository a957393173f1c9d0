"""Who may import whom, as setup.cfg's import-linter contracts say it."""

from __future__ import annotations

from pathlib import Path

from importlinter import cli


def test_the_import_contracts_hold(root: Path, capfd):
    """Each contract of setup.cfg; the report names the import to take out."""
    status = cli.lint_imports(config_filename=str(root / "setup.cfg"), no_cache=True)
    report = capfd.readouterr().out
    assert status == cli.EXIT_STATUS_SUCCESS, report
