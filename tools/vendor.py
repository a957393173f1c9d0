"""Fetches the third-party files that the repository carries, and checks that nobody has changed them.

`tools/vendor.json` names each npm package, its exact version, the files taken from it, what is replaced in them, and
the SHA-256 of each.

    python -m tools.vendor           fetch everything again (needs npm), refuse any file whose hash has changed
    python -m tools.vendor --check   compare the files in the repository with the recorded hashes (needs nothing)
    python -m tools.vendor --record  fetch after a version was changed in vendor.json, and record the new hashes
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "tools" / "vendor.json"


def manifest() -> dict[str, Any]:
    """The packages, as recorded."""
    packages: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return packages


def sha256(content: bytes) -> str:
    """The hash that the manifest records."""
    return hashlib.sha256(content).hexdigest()


def differences() -> list[str]:
    """One sentence for each vendored file that is missing or isn't what was recorded."""
    found = []
    for name, package in manifest().items():
        for target in package["files"].values():
            path = ROOT / target
            if not path.is_file():
                found.append(f"{target} is missing: `make vendor` fetches it from {name} {package['version']}.")
            elif sha256(path.read_bytes()) != package.get("sha256", {}).get(target):
                found.append(f"{target} is not the file of {name} {package['version']}: `make vendor` restores it.")
    return found


def download(name: str, version: str, folder: Path) -> Path:
    """Fetches one npm package as published; no install script runs."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{name}@{version}"]
    packed = subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / packed.stdout.strip().splitlines()[-1]


def fetch(*, record: bool) -> list[str]:
    """Writes every vendored file; answers one sentence for each whose hash differs from the record."""
    packages = manifest()
    refused = []
    for name, package in packages.items():
        with tempfile.TemporaryDirectory() as folder:
            archive = download(name, package["version"], Path(folder))
            hashes: dict[str, str] = {}
            with tarfile.open(archive) as tar:
                for source, target in package["files"].items():
                    member = tar.extractfile(f"package/{source}")
                    if member is None:
                        raise SystemExit(f"{name} {package['version']} has no file {source}.")
                    content = member.read()
                    for found, instead in package.get("replace", {}).get(source, {}).items():
                        content = content.replace(found.encode(), instead.encode())
                    hashes[target] = sha256(content)
                    if not record and hashes[target] != package.get("sha256", {}).get(target):
                        refused.append(f"{target}: what {name} {package['version']} holds is not what was recorded.")
                        continue
                    path = ROOT / target
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            if record:
                package["sha256"] = hashes
    if record:
        MANIFEST.write_text(json.dumps(packages, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return refused


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="only compare what is here")
    action.add_argument("--record", action="store_true", help="record the hashes of what is fetched")
    arguments = parser.parse_args()
    problems = differences() if arguments.check else fetch(record=arguments.record)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
