"""The walk through the API in ``docs/api.md``: every command runs, and says what the page says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.people import plant
from tests.servers import LiveServer
from tests.settings import PATIENCE


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """One walk is enough."""
    return str(request.param)


def test_every_command_of_the_guide_runs(root: Path, live_server: LiveServer) -> None:
    with live_server.app.app_context():
        plant()
    blocks = re.findall(r"```sh\n(.*?)```", (root / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 8
    script = "set -eo pipefail\n" + "\n".join(blocks).replace("http://127.0.0.1:8000", live_server.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stderr == ""
    said = done.stdout
    for word in ("Lan Phạm", "Dr Chen", "key_reused", "slot_taken", "cancelled", "not_found", "invalid_page", "stale"):
        assert word in said, said
    assert "\nPalpitations\n" in said
    assert said.rstrip().endswith("304")


def test_the_guides_errors_are_the_servers(root: Path, live_server: LiveServer) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    schema = live_server.app.test_client().get("/api/v1/schema/").get_json()
    paths = " ".join(schema["paths"])
    for path in re.findall(r"`((?:auth|token|appointments|user)/[\w/-]*)`", text):
        assert f"/api/v1/{path}" in paths, path
    statuses = {
        status
        for path in schema["paths"].values()
        for m, o in path.items()
        if m != "parameters"
        for status in o["responses"]
    }
    for status in re.findall(r"\| ([\d, ]+) \|", text):
        assert set(status.split(", ")) <= statuses | {"405"}, json.dumps(sorted(statuses))
