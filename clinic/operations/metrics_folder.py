"""The folder in which the server's processes keep their counts, so that each can answer for all of them.

Loads nothing of prometheus-client, which has to be told of the folder before it is loaded.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

#: Where prometheus-client looks for the folder.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True)
class MetricsFolder:
    """A folder with a few files of each process."""

    path: Path

    @classmethod
    def make(cls) -> Self:
        """Make the folder for the processes to come: a new one, or the operator's own, emptied."""
        given = os.environ.get(_VARIABLE)
        path = Path(given) if given else Path(tempfile.mkdtemp(prefix="clinic-metrics-"))
        path.mkdir(parents=True, exist_ok=True)
        for left in path.glob("*.db"):
            left.unlink()
        os.environ[_VARIABLE] = str(path)
        return cls(path)

    @classmethod
    def present(cls) -> Self | None:
        """Return the folder of the server that this process belongs to, None where it counts for itself."""
        given = os.environ.get(_VARIABLE)
        return cls(Path(given)) if given else None

    def processes(self) -> list[int]:
        """Return the numbers of the processes that count here at present."""
        return sorted(int(file.stem.rpartition("_")[2]) for file in self.path.glob("gauge_liveall_*.db"))

    def forget(self, process: int) -> None:
        """Forget what a process that is gone was doing; what it has counted stays."""
        for left in self.path.glob(f"gauge_live*_{process}.db"):
            left.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder, at the server's end."""
        shutil.rmtree(self.path, ignore_errors=True)
