"""Makes compressed copies of the static files that every page needs, for WhiteNoise to serve: `name.br`, `name.gz`.

`make` calls it when one of them has changed; nothing of it is committed. The documentation's large scripts are left out:
few people load them, and compressing them takes longer than everything else.
"""

from __future__ import annotations

from pathlib import Path

from whitenoise.compress import Compressor

STATIC = Path(__file__).resolve().parent.parent / "static"
SUFFIXES = {".css", ".js", ".svg"}
LARGE = {"swagger-ui", "redoc"}


def sources() -> list[Path]:
    """The files to compress."""
    return sorted(
        path
        for path in STATIC.rglob("*")
        if path.suffix in SUFFIXES and not LARGE.intersection(path.relative_to(STATIC).parts)
    )


def stale() -> list[Path]:
    """The files without a compressed copy, or with an older one. What is too small to gain by it has none."""
    newest = max((copy.stat().st_mtime for copy in STATIC.rglob("*.gz")), default=0.0)
    return [path for path in sources() if path.stat().st_mtime > newest]


def main() -> None:
    """Makes the copies anew."""
    for kind in ("*.br", "*.gz"):
        for old in STATIC.rglob(kind):
            old.unlink()
    compressor = Compressor(quiet=True)
    for path in sources():
        compressor.compress(str(path))


if __name__ == "__main__":
    main()
