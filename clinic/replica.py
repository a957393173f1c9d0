"""Reports that are read from a replica of the database where there is one: a standby of PostgreSQL that follows it.

``from_replica`` marks a report that needs not be true to the second and whose reading nobody writes down. It is read from
the database itself where the replica is away, too far behind or no standby, which the log says once. Everything else, and
whether the portal is ready, never asks it. Knows no domain.
"""

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from clinic import settings
from clinic.db import AnyRow, db, is_writing, reading_from, session

P = ParamSpec("P")
T = TypeVar("T")

#: Its name among the engines of the application.
REPLICA = "replica"
#: Seconds for which a replica that can't be used isn't asked again.
REST = 30.0
#: Seconds to wait, each after another, for what the database wrote a moment ago to arrive.
_WAITS = (0.05, 0.2)

_WRITTEN = text("SELECT CAST(pg_current_wal_flush_lsn() AS text)")
_REPLAYED = text(
    "SELECT pg_is_in_recovery() AS follows, pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn) AS has_all,"
    " pg_last_xact_replay_timestamp() AS at, now() AS now"
)

log = structlog.get_logger("clinic.replica")
_as_of: ContextVar[datetime | None] = ContextVar("replica_as_of", default=None)


@dataclass(frozen=True)
class ReplicaState:
    """How a replica stands: what keeps it from being read, else the moment that it shows, None for the present one."""

    problem: str | None = None
    as_of: datetime | None = None


class _Replica:
    """An engine, and what came of asking it last."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._problem: str | None = None
        self._rests_until = 0.0

    def resting(self) -> ReplicaState | None:
        """Return why it isn't asked at present, None where it may be."""
        return ReplicaState(self._problem) if time.monotonic() < self._rests_until else None

    def note(self, problem: str | None) -> None:
        """Remember how it was found, and write that down where it is news."""
        self._rests_until = 0.0 if problem is None else time.monotonic() + REST
        if problem == self._problem:
            return
        self._problem = problem
        if problem is None:
            log.info("replica", state="is read again")
        else:
            log.warning("replica", problem=problem, instead="reports are read from DATABASE_URL")


@functools.lru_cache(maxsize=8)
def _known(engine: Engine) -> _Replica:
    return _Replica(engine)


def _present() -> _Replica | None:
    """Return the application's replica, None without one."""
    engine = db.engines.get(REPLICA)
    return None if engine is None else _known(engine)


def replica_state() -> ReplicaState | None:
    """Return how the replica stands, asked now or a moment ago; None where there is none."""
    replica = _present()
    return None if replica is None else _ask(replica)


def as_of() -> datetime | None:
    """Return the moment that a report which is being read shows, None for the present one."""
    return _as_of.get()


def from_replica(report: Callable[P, T]) -> Callable[P, T]:
    """Let ``report``, which only reads, be read from the replica where there is one that can be used."""

    @functools.wraps(report)
    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        replica = None if is_writing() else _present()
        state = None if replica is None else _ask(replica)
        if replica is None or state is None or state.problem is not None:
            return report(*args, **kwargs)
        token = _as_of.set(state.as_of)
        try:
            with reading_from(replica.engine):
                return report(*args, **kwargs)
        except DBAPIError as error:
            # Away meanwhile, or it had to take back rows that were being read to follow on.
            _lost(replica, error)
        finally:
            _as_of.reset(token)
        return report(*args, **kwargs)

    return read


def _ask(replica: _Replica) -> ReplicaState:
    if (resting := replica.resting()) is not None:
        return resting
    written = session().scalar(_WRITTEN)
    try:
        with reading_from(replica.engine):
            state = _compare(written)
    except DBAPIError as error:
        return _lost(replica, error)
    replica.note(state.problem)
    return state


def _compare(written: str | None) -> ReplicaState:
    """Return how far the replica is: a moment's patience makes it the present one while both are at work."""
    found = _replayed(written)
    for wait in _WAITS:
        if not found.follows or found.has_all:
            break
        time.sleep(wait)
        found = _replayed(written)
    if not found.follows:
        return ReplicaState("it is no standby that follows a database")
    if found.has_all:
        return ReplicaState()
    # Nothing was ever replayed: as far behind as can be.
    at: datetime = found.at or datetime.min.replace(tzinfo=UTC)
    if found.now - at > settings.current().replica_lag:
        return ReplicaState("it is too far behind")
    return ReplicaState(as_of=at)


def _replayed(written: str | None) -> AnyRow:
    return session().execute(_REPLAYED, {"written": written}).one()


def _lost(replica: _Replica, error: DBAPIError) -> ReplicaState:
    # What the session holds of a connection that broke goes; nothing of it was written.
    session().rollback()
    problem = f"it can't be read: {type(error.orig).__name__}"
    replica.note(problem)
    return ReplicaState(problem)
