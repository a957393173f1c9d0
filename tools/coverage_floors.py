"""Puts together what `coverage run` has measured in all processes, shows it, and holds it to its floors.

    python -m tools.coverage_floors

Lines and branches count alike. `make test-all` calls it; the settings stand in setup.cfg.
"""

from __future__ import annotations

import sys
from configparser import ConfigParser
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "setup.cfg"
#: The contract that names the domain.
CONTRACT = "importlinter:contract:domains-know-no-http"


def domain() -> list[str]:
    """Return the files of the domain: of every package and module that may know no HTTP."""
    settings = ConfigParser()
    settings.read(SETTINGS, encoding="utf-8")
    paths = [name.replace(".", "/") for name in settings[CONTRACT]["source_modules"].split()]
    return [f"{path}.py" if (ROOT / f"{path}.py").exists() else f"{path}/*" for path in paths]


#: What has to be covered in percent: the parts by their files, each from all tests of the portal.
FLOORS: dict[str, tuple[list[str], float]] = {"domain": (domain(), 100.0), "the portal": (["clinic/*"], 95.0)}


def main() -> int:
    """Report on each part; answer how many are below their floors."""
    coverage = Coverage(config_file=str(SETTINGS))
    try:
        coverage.combine()
    except NoDataError:
        sys.exit("Nothing was measured: run `coverage run -m pytest ...` first, as `make test-all` does.")
    coverage.save()
    below = 0
    for part, (files, floor) in FLOORS.items():
        print(f"\n{part}, at least {floor:g} %\n")
        reached = coverage.report(include=files, show_missing=True, skip_covered=True)
        if reached < floor:
            print(f"{part}: {reached:.2f} % is below {floor:g} %: test what is missing, or remove it", file=sys.stderr)
            below += 1
    return below


if __name__ == "__main__":
    sys.exit(main())
