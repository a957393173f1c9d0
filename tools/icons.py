"""Adds icons of Tabler Icons (MIT) to the sprite that the pages use, static/img/icons.svg.

    python -m tools.icons heartbeat calendar-plus

Each name is an outline icon of the @tabler/icons version that `tools/vendor.json` pins; needs npm. A symbol that the
sprite has already is left as it is.
"""

from __future__ import annotations

import re
import sys
import tarfile
import tempfile
from pathlib import Path

from tools.vendor import ROOT, download, manifest

SPRITE = ROOT / "static" / "img" / "icons.svg"
PACKAGE = "@tabler/icons"
STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


def symbol(name: str, svg: str) -> str:
    """One icon's file as a symbol of the sprite."""
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", svg, flags=re.DOTALL)
    if drawing is None:
        raise SystemExit(f"The icon {name} is not an SVG file of the expected kind.")
    # The package draws an invisible square first, for editors; it is of no use in a sprite.
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", drawing.group(1))
    inside = " ".join(shapes.split())
    return f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE}>{inside}</symbol>'


def add(names: list[str]) -> None:
    """Writes the sprite with the named symbols added at its end."""
    sprite = SPRITE.read_text(encoding="utf-8")
    wanted = [name for name in dict.fromkeys(names) if f'id="{name}"' not in sprite]
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = download(PACKAGE, manifest()[PACKAGE]["version"], Path(folder))
        symbols = []
        with tarfile.open(archive) as tar:
            for name in wanted:
                try:
                    member = tar.extractfile(f"package/icons/outline/{name}.svg")
                except KeyError:
                    raise SystemExit(f"Tabler Icons has no outline icon called {name}.") from None
                if member is None:
                    raise SystemExit(f"Tabler Icons has no outline icon called {name}.")
                symbols.append(symbol(name, member.read().decode("utf-8")))
    head, end, _ = sprite.rpartition("</svg>")
    SPRITE.write_text(head.rstrip("\n") + "\n" + "\n".join(symbols) + "\n" + end + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    add(sys.argv[1:])
