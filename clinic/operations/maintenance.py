"""Whether the portal is closed for maintenance, until when, and what the operator says of it.

A small file (setting MAINTENANCE_FILE): it holds while the database is away or being migrated, and every process sees
it at its next request (decision 11). Knows no HTTP.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from clinic import clock

NOTE_MAX = 300
#: Seconds after which to ask again where nobody said until when, and the least where somebody did.
RETRY_SECONDS = 300
RETRY_LEAST = 30


@dataclass(frozen=True)
class Maintenance:
    """What is known of the present maintenance: when it should be over, and a sentence for people."""

    until: datetime | None = None
    note: str = ""
    #: The revision of the database for which all processes of a server have to be written, before it opens the portal by itself.
    opens_at: str | None = None

    @property
    def is_late(self) -> bool:
        """Whether it takes longer than was said."""
        return self.until is not None and self.until <= clock.now()

    @property
    def retry_seconds(self) -> int:
        """After how many seconds it is worth asking again."""
        if self.until is None or self.is_late:
            return RETRY_SECONDS if self.until is None else RETRY_LEAST
        return max(RETRY_LEAST, int((self.until - clock.now()).total_seconds()))


def present(file: Path) -> Maintenance | None:
    """Return the present maintenance, None if the portal is open. A file that can't be read closes it all the same."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        until = found.get("until")
        moment = None if until is None else datetime.fromisoformat(until)
        opens_at = found.get("opens_at")
        return Maintenance(
            moment if moment and moment.tzinfo else None,
            str(found.get("note", ""))[:NOTE_MAX],
            None if opens_at is None else str(opens_at),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, AttributeError):
        return Maintenance()


def begin(file: Path, *, minutes: int | None = None, note: str = "", opens_at: str | None = None) -> Maintenance:
    """Close the portal, or change what is said of it; ``OSError`` where the file can't be written."""
    until = None if minutes is None else clock.now() + timedelta(minutes=minutes)
    closed = Maintenance(until, " ".join(note.split())[:NOTE_MAX], opens_at)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it first, so that nobody reads half of it; readable by whoever runs the server.
    draft = file.with_name(f"{file.name}.new")
    content = {"until": until and until.isoformat(), "note": closed.note, "opens_at": opens_at}
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(file)
    return closed


def end(file: Path) -> bool:
    """Open the portal; return whether it was closed."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


def end_after_upgrade(file: Path, serving: set[str]) -> bool:
    """Open a portal that an upgrade has closed; return whether it was.

    ``serving`` are the revisions that all processes of the server are at: nobody may be left who is written for another.
    """
    closed = present(file)
    return closed is not None and closed.opens_at is not None and serving == {closed.opens_at} and end(file)
