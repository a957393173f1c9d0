"""Work that is done from time to time, one row a job: whichever worker claims it does it, and the others leave it.

A job may be done twice where a worker dies after its work, so it has to bear that. Knows no job.
"""

import os
import socket
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, TypedDict, cast

import structlog
from sqlalchemy import CheckConstraint, ColumnElement, CursorResult, String, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, ReadModel, UtcDateTime, session, transaction
from clinic.db_errors import DatabaseUnavailable, in_short, is_of_database

NAME_MAX, WORKER_MAX, ERROR_MAX = 40, 100, 500
#: No job pauses for longer.
LONGEST_PAUSE = timedelta(days=1)
#: A job that no worker of the present version knows and that nobody has done for so long is of another version.
FORGOTTEN_AFTER = timedelta(hours=1)
#: So many places of the code are logged of an error of the database.
PLACES = 10

log = structlog.get_logger("clinic.jobs")


class JobState(Base):
    """When a job is due, who does it now, and how it went."""

    __tablename__ = "jobs"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    name: Mapped[str] = mapped_column(String(NAME_MAX), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    claimed_by: Mapped[str | None] = mapped_column(String(WORKER_MAX))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it was last done to the end, and how many milliseconds that took.
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    took_ms: Mapped[int | None]
    #: How often in a row it went wrong, and the last error.
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(ERROR_MAX))


@dataclass(frozen=True)
class Job:
    """Something that is done every now and then, by one worker at a time."""

    name: str
    every: timedelta
    #: Does it, and returns what the log is to say of it; None for nothing worth a line.
    run: Callable[[], str | None]
    #: After so long the job of a worker that died is another's.
    lasts: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        """Refuse what ``lateness`` wouldn't understand."""
        if self.every > LONGEST_PAUSE:
            raise ValueError(f"a job pauses for {LONGEST_PAUSE} at most")

    def is_due(self, at: datetime) -> ColumnElement[bool]:
        """Return whether it is due: also where a clock that was ahead has put it off for longer than it ever pauses."""
        return (JobState.due_at <= at) | (JobState.due_at > at + self.every + clock.CLOCKS_DIFFER)

    def is_free(self, at: datetime) -> ColumnElement[bool]:
        """Return whether nobody does it, or who did must have died."""
        claimed = JobState.claimed_at
        return claimed.is_(None) | (claimed <= at - self.lasts) | (claimed > at + clock.CLOCKS_DIFFER)


class JobRow(TypedDict):
    """How it stands with a job."""

    name: str
    due_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    done_at: datetime | None
    took_ms: int | None
    failures: int
    last_error: str | None


_ROWS = ReadModel(
    JobRow,
    select(
        JobState.name,
        JobState.due_at,
        JobState.claimed_by,
        JobState.claimed_at,
        JobState.done_at,
        JobState.took_ms,
        JobState.failures,
        JobState.last_error,
    ).order_by(JobState.name),
)


#: A job that should have been done for so long isn't done by anybody; a moment late is every one.
LATE_AFTER = timedelta(minutes=15)


def lateness(row: JobRow) -> timedelta:
    """Return for how long a job should have been done, or, where a clock that was ahead has put it off for longer than any
    job pauses, how far ahead of the clock it is due."""
    waits = clock.now() - row["due_at"]
    return -waits if -waits > LONGEST_PAUSE + clock.CLOCKS_DIFFER else max(waits, timedelta())


def rows() -> list[JobRow]:
    """Return how it stands with each job that a worker has seen, by name."""
    return [_ROWS.shape(row) for row in session().execute(_ROWS.select)]


def run_due(jobs: Sequence[Job], *, stopped: Callable[[], bool] = lambda: False) -> int:
    """Do what is due and nobody else does, until told to stop; return how many jobs were done.

    A job that goes wrong is logged and tried again after 1, 2, 4 ... minutes, at most after its own time; the others go on.
    Jobs of another version that nobody does any more are forgotten.
    """
    _make_known(jobs)
    at = clock.now()
    due = _due(jobs, at)
    done = 0
    for job in jobs:
        if stopped():
            break
        if job.name in due and run(job, only_due=True):
            done += 1
    return done


def run(job: Job, *, only_due: bool = False) -> bool:
    """Do a job now unless another worker does it; return whether it was done to the end."""
    _make_known([job])
    claim = _claimed(job, only_due)
    if claim is None:
        return False
    began = time.monotonic()
    try:
        result = job.run()
    except DatabaseUnavailable as error:
        with suppress(DatabaseUnavailable):  # it may be back already, or only somebody else's lock was in the way
            _note_failure(job, claim, error)
        raise
    except Exception as error:  # whatever goes wrong with one job, the others are done
        if is_of_database(error):
            where = "".join(traceback.format_tb(error.__traceback__)[-PLACES:])
            log.error("job failed", job=job.name, kind=type(error).__name__, where=where)
        else:
            log.error("job failed", job=job.name, exc_info=error)
        _note_failure(job, claim, error)
        return False
    took = round((time.monotonic() - began) * 1000)
    at = clock.now()
    _release(job, claim, due_at=at + job.every, done_at=at, took_ms=took, failures=0, last_error=None)
    if result:
        log.info("job done", job=job.name, result=result, took_ms=took)
    return True


def _make_known(jobs: Sequence[Job]) -> None:
    """Give each job its row; a new one is due at once."""
    known = set(session().scalars(select(JobState.name)))
    for name in (job.name for job in jobs if job.name not in known):
        try:
            with transaction() as current:
                current.add(JobState(name=name))
        except IntegrityError:
            continue  # another worker has just done so


def _due(jobs: Sequence[Job], at: datetime) -> set[str]:
    """Return the names of the jobs that are due, and forget those of other versions: they would be late for ever."""
    is_due = {job.name: job.is_due(at) for job in jobs}
    of_ours = [(JobState.name == name) & due for name, due in is_due.items()]
    left = JobState.due_at <= at - FORGOTTEN_AFTER
    found = set(session().scalars(select(JobState.name).where(or_(left, *of_ours))))
    if forgotten := found - is_due.keys():
        with transaction() as current:
            unclaimed = JobState.claimed_at.is_(None) | (JobState.claimed_at <= at - LONGEST_PAUSE)
            current.execute(delete(JobState).where(JobState.name.in_(forgotten), left, unclaimed))
    return found & is_due.keys()


def _claimed(job: Job, only_due: bool) -> str | None:
    """Claim a job and return the claim; None where another worker has it, or has just done it."""
    at, claim = clock.now(), f"{socket.gethostname()[:60]}:{os.getpid()}:{token_hex(8)}"
    due = [job.is_due(at)] if only_due else []
    with transaction() as current:
        found = current.execute(
            update(JobState)
            .where(JobState.name == job.name, job.is_free(at), *due)
            .values(claimed_by=claim, claimed_at=at)
            .execution_options(synchronize_session=False)
        )
        return claim if cast(CursorResult[Any], found).rowcount else None


def _note_failure(job: Job, claim: str, error: Exception) -> None:
    failures = 1 + (session().scalar(select(JobState.failures).where(JobState.name == job.name)) or 0)
    pause = min(timedelta(minutes=2 ** min(failures - 1, 20)), job.every)
    _release(job, claim, due_at=clock.now() + pause, failures=failures, last_error=in_short(error)[:ERROR_MAX])


def _release(job: Job, claim: str, **values: object) -> None:
    """Write how a job went, unless it took so long that another worker has it by now."""
    with transaction() as current:
        current.execute(
            update(JobState)
            .where(JobState.name == job.name, JobState.claimed_by == claim)
            .values(claimed_by=None, claimed_at=None, **values)
            .execution_options(synchronize_session=False)
        )
