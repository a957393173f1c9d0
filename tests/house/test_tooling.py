"""What is in the repository works on any machine: no path or host of one that it was written on, everything pinned."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml
from jinja2 import TemplateSyntaxError

import clinic
from tests import needs, run
from tools import audit_dependencies, translations, vendor

ROOT = Path(__file__).resolve().parent.parent.parent
#: Written so that this file doesn't name them itself.
MACHINE_PATHS = [f"/{start}/" for start in ("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers", "opt/py" + "pi")]
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "npmmirror" + ".", "deb.debian" + ".org"]
FORBIDDEN = re.compile(
    "|".join(rf"(?<![\w.}}]){re.escape(path)}" for path in MACHINE_PATHS)
    + "|"
    + "|".join(re.escape(host) for host in REGISTRIES)
)
BINARY = {".png", ".woff2", ".mo", ".ico", ".jpg", ".webp"}
THIRD_PARTY = ("static/vendor/", "static/fonts/", "tests/vendor/")


@cache
def committed() -> list[Path]:
    """The files that git knows and that are ours."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [name for name in listed.split("\0") if name and not name.startswith(THIRD_PARTY)]
    return [ROOT / name for name in paths if (ROOT / name).is_file() and Path(name).suffix not in BINARY]


def test_no_file_names_a_machine_or_a_registry():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in committed()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := FORBIDDEN.search(line))
    ]
    assert not found, "say it without the path or host: " + "; ".join(found)


@pytest.mark.parametrize("name", ["base", "dev", "otel"])
def test_every_pinned_package_has_a_hash(name: str):
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", package), f"not pinned: {package}"
        assert "--hash=sha256:" in package, f"no hash: {package.splitlines()[0]}"


def pins(name: str) -> dict[str, str]:
    """Package and version of a lock file, markers included."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()
    return dict(line.rstrip(" \\").split("==", 1) for line in lines if re.match(r"[a-z0-9]", line))


def test_tests_run_on_what_the_portal_runs_on():
    base, dev = pins("base"), pins("dev")
    differing = {name for name, version in base.items() if dev.get(name) != version}
    assert not differing, f"make lock: {differing} differ between base.lock and dev.lock"


def test_the_extra_fits_what_the_portal_runs_on():
    base, otel = pins("base"), pins("otel")
    differing = {name for name in base.keys() & otel.keys() if base[name] != otel[name]}
    assert not differing, f"make lock: {differing} differ between base.lock and otel.lock"


@pytest.mark.parametrize("name", ["base", "dev", "otel"])
def test_every_wish_is_pinned(name: str):
    wishes = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    for selection in wishes:
        if (
            wanted := re.match(r"[A-Za-z0-9._-]+(?<!-)", selection.removeprefix("-"))
            if selection[:1].isalnum()
            else None
        ):
            assert wanted.group().lower().replace("_", "-") in pins(name), f"make lock: {wanted.group()} isn't pinned"


def report_of(*packages: Mapping[str, object]) -> str:
    """What pip-audit reports."""
    return json.dumps({"dependencies": packages, "fixes": []})


HOLE = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"], "description": ""}
WELL = {"name": "flask", "version": "3.1.3", "vulns": []}
OPEN_TO_IT = {"name": "jinja2", "version": "1.9", "vulns": [HOLE]}
UNKNOWN = {"name": "clinic", "skip_reason": "not found"}


def test_a_known_vulnerability_is_told_until_it_is_accepted_by_name():
    report = audit_dependencies.read(report_of(WELL, OPEN_TO_IT, UNKNOWN))
    assert list(audit_dependencies.problems(report, {})) == ["jinja2 1.9: PYSEC-2026-1; mended in 2.0"]
    for name in ("PYSEC-2026-1", "CVE-2026-1"):
        assert list(audit_dependencies.problems(report, {name: "never called"})) == []
    (stale,) = audit_dependencies.problems(audit_dependencies.read(report_of(WELL)), {"CVE-2026-1": "never called"})
    assert stale.startswith("CVE-2026-1 is accepted, and nothing has it any more")


@pytest.mark.parametrize("report", ["", "no json", report_of(UNKNOWN, UNKNOWN)])
def test_where_vulnerabilities_cannot_be_looked_up_nothing_is_told(report: str):
    with pytest.raises(audit_dependencies.Unreachable):
        audit_dependencies.read(report, "Traceback\nConnectionError: no way there")


def test_each_accepted_vulnerability_has_its_reason():
    assert all(reason.strip() for reason in audit_dependencies.ACCEPTED.values())


def test_make_lists_its_targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    help_text = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert phony
    targets = set(phony.group(1).split())
    assert {"help", "run", "test", "test-all", "check", "fix", "seed", "migrate", "clean"} <= targets
    listed = set(re.findall(r"^ *make ([\w-]+)", help_text, flags=re.MULTILINE))
    assert listed == targets, "give each target its `## text` and its place in .PHONY"


def test_vendored_files_are_what_was_published():
    assert vendor.differences() == []


def test_vendored_folders_hold_nothing_else():
    recorded = {target for package in vendor.manifest().values() for target in package["files"].values()}
    listed = subprocess.run(
        ["git", "ls-files", *THIRD_PARTY], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(listed) <= recorded, "name it in tools/vendor.json"


def test_catalogs_are_in_step_with_the_texts():
    template = translations.collect()
    assert [problem for path in translations.catalogs() for problem in translations.problems(path, template)] == []


@pytest.mark.parametrize("name", ["page.html", "letter.txt"])
def test_a_template_that_cannot_be_parsed_is_no_template_without_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Its texts would go, with every translation of them."""
    for folder in translations.FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "babel.cfg").write_text((ROOT / "babel.cfg").read_text("utf-8"), "utf-8")
    (tmp_path / "templates" / name).write_text("{% if %}{{ _('Lost') }}", "utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    with pytest.raises(TemplateSyntaxError):
        translations.collect()


def test_the_container_starts_the_server_that_make_starts():
    assert '"python", "-m", "clinic.server"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "python -m clinic.server" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_compose_has_no_secret_and_every_service_that_the_portal_needs():
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    assert {"web", "worker", "migrate", "postgres", "redis"} <= set(services)
    for name, service in services.items():
        for variable, value in (service.get("environment") or {}).items():
            if re.search(r"SECRET|PASSWORD|KEY", variable) and value != f"${{{variable}:-}}":
                assert str(value).startswith("/run/secrets/"), f"{name}: {variable} must be given, not written"


def test_the_maps_name_every_part_of_the_portal():
    parts = {path.name for path in (ROOT / "clinic").iterdir() if path.is_dir() and not path.name.startswith("_")}
    modules = {path.name for path in (ROOT / "clinic").glob("[!_]*.py")}
    tree = re.search(
        r"^## Map\n\n```\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert tree
    assert {name for name in parts | modules if not re.search(rf"(?<!\w){name}(?!\w)", tree[1])} == set(), "README, Map"
    words = set(re.findall(r"``(\w+)``", str(clinic.__doc__)))
    code = {part for part in parts if (ROOT / "clinic" / part / "__init__.py").exists()}
    assert code | {name.removesuffix(".py") for name in modules} == words, "clinic/__init__.py"


#: Packages whose ``__init__`` says of each module what it is.
MAPPED = sorted(
    {path.parent for path in (ROOT / "clinic" / "web").glob("*/__init__.py")} | {ROOT / "clinic" / "triage"}
)


@pytest.mark.parametrize("room", MAPPED, ids=lambda room: room.name)
def test_a_rooms_map_names_each_of_its_modules(room: Path):
    said = str(ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))))
    there = {path.name for path in room.glob("[!_]*.py")}
    assert {name for name in there if not re.search(rf"(?<!\w){re.escape(name)}", said)} == set(), "not in the map"
    # ``kit`` is spoken of by other rooms' maps, so a name of another room isn't one that is gone.
    everywhere = {path.name for path in (ROOT / "clinic").rglob("*.py")}
    assert set(re.findall(r"\w+\.py", said)) <= everywhere, "in the map and gone"


def test_the_document_tells_what_every_room_of_pages_owns():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("### The rooms of `web/`")[2].partition("\n\nTemplates")[0]
    rooms = {path.parent.name for path in (ROOT / "clinic" / "web").glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)/`", table)) == rooms


def test_what_a_killed_run_left_is_taken_away(tmp_path, monkeypatch):
    """Its server may be gone with the machine, and its number may be another's by now: ours, here."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, home = tmp_path / f"{run.FOLDER_PREFIX}killed", tmp_path / "server"
    (home / "data").mkdir(parents=True)
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n")
    left.mkdir()
    (left / "leader.pid").write_text(str(gone.pid))
    (left / "postgres.home").write_text(str(home))
    run.take_down_the_dead()
    assert not left.exists()
    assert not home.exists()


def test_who_lacks_a_package_is_told_which(tmp_path):
    assert needs.missing(needs.packages()) == []
    (tmp_path / "base.in").write_text("# what it runs on\nFlask-Nothing~=3.0\npsycopg[binary]~=3.2\n")
    (tmp_path / "dev.in").write_text("-r base.in\npytest-nowhere\n")
    assert needs.missing(needs.packages(tmp_path)) == ["Flask-Nothing", "pytest-nowhere"]
