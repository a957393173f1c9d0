"""What the portal writes is for its own user alone: every local user could read a clinic otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.settings import PATIENCE, SETTINGS, as_environment

ROOT = Path(__file__).resolve().parents[2]


def test_the_database_and_its_folder_are_made_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "clinic.db"
    before = os.umask(0o022)
    try:
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
            cwd=ROOT,
            env=os.environ | as_environment(SETTINGS | {"database_url": f"sqlite:///{file}"}),
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
    finally:
        os.umask(before)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
