"""Work that is done from time to time, one row a job: whichever worker claims it does it, and the others leave it.

Knows no job.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, UtcDateTime

NAME_MAX, WORKER_MAX, ERROR_MAX = 40, 100, 500


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
