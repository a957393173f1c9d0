"""How each process learns what the clinic has saved: it looks at most once a second, when somebody asks it something.

The look is one select of one row by the key, straight to the driver and in autocommit. Where the database can't answer, what
was known stays.
"""

import threading
import time
from itertools import count

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from clinic.autocommit import in_autocommit
from clinic.configuration.details import laid_over
from clinic.configuration.models import SavedSettings
from clinic.db import built_once, db
from clinic.settings import ClinicSettings

#: Seconds between looks of a process.
LOOKS_EVERY = 1.0
_NEWEST = "SELECT max(version) FROM clinic_settings"
_OVERRIDES = built_once(
    select(SavedSettings.version, SavedSettings.overrides).order_by(SavedSettings.version.desc()).limit(1)
)

log = structlog.get_logger("clinic.configuration")
_savings = count(1)
#: Counts what this process itself has saved.
_saved_here = 0


def look_again() -> None:
    """Let every application of this process look when it is asked next, for something was saved here."""
    global _saved_here  # noqa: PLW0603 - one number a process
    _saved_here = next(_savings)


class PresentSettings:
    """The settings of one application in one process: the environment's, and what the clinic has saved over them."""

    def __init__(self, environment: ClinicSettings) -> None:
        self.environment = environment
        #: What is known now.
        self.present = environment
        self._version: int | None = None
        self._looks_every = LOOKS_EVERY
        #: ``time.monotonic()`` of the next look.
        self._looks_at = 0.0
        self._seen = _saved_here
        self._looking = threading.Lock()

    def look_in(self, seconds: float) -> None:
        """Look after so many seconds next, and then as often."""
        self._looks_every, self._looks_at = seconds, time.monotonic() + seconds

    def forget(self) -> None:
        """Know the environment's alone, until the next look."""
        self.present, self._version = self.environment, None

    def fresh(self) -> ClinicSettings:
        """Return what holds, at most a second old; within an application's context."""
        if self._is_due() and self._looking.acquire(blocking=False):
            try:
                self._look_once()
            finally:
                self._looking.release()
        return self.present

    def _is_due(self) -> bool:
        return self._seen != _saved_here or time.monotonic() >= self._looks_at

    def _look_once(self) -> None:
        self._seen, self._looks_at = _saved_here, time.monotonic() + self._looks_every
        try:
            self.look()
        except SQLAlchemyError as error:
            log.warning("settings not looked at", error=type(error).__name__)

    def look(self) -> None:
        """Ask the database now; an error of it is raised."""
        engine = db.engine
        with (engine if engine.dialect.name == "sqlite" else in_autocommit(engine)).connect() as connection:
            self._ask(connection)

    def _ask(self, connection: Connection) -> None:
        version = connection.exec_driver_sql(_NEWEST).scalar()
        if version == self._version:
            return
        row = connection.execute(_OVERRIDES).first()
        if row is None:
            self.forget()
        else:
            self.present, self._version = laid_over(self.environment, row.overrides), row.version
