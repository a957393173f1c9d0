"""How the portal stands, for whoever runs it: version, database, Redis, maintenance, mail. Says nothing of persons."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic import clock, jobs, mail
from clinic.audit import AuditAction, AuditEvent
from clinic.db import db, session
from clinic.db_errors import is_of_schema
from clinic.jobs import JobRow
from clinic.limits import store_answers
from clinic.mail import OutboxState, WorkerRow
from clinic.operations import maintenance
from clinic.operations.maintenance import Maintenance
from clinic.operations.readiness import known_revisions, why_not_ready, why_unfit
from clinic.policy import Action, Actor, require
from clinic.version import VERSION

log = structlog.get_logger("clinic.start")

#: A backup is made each night: one that is older was missed, or a night is being missed.
BACKUP_LATE_AFTER = timedelta(hours=36)

#: When this process began to serve.
_STARTED_AT = clock.now()


@dataclass(frozen=True)
class DatabaseState:
    """The database: what it is, at which revision, and how large."""

    engine: str
    revision: str | None
    size_bytes: int
    #: How much of it the outbox takes, with its indexes; SQLite doesn't tell without reading all of it.
    outbox_bytes: int | None = None

    @property
    def fits(self) -> bool:
        """Whether it is at the revision that this version of the portal is written for."""
        return why_unfit(self.revision) is None


@dataclass(frozen=True)
class SystemState:
    """How the portal stands at present."""

    version: str
    #: Since when the process that was asked serves.
    started_at: datetime
    database: DatabaseState
    outbox: OutboxState
    workers: list[WorkerRow]
    jobs: list[JobRow]
    maintenance: Maintenance | None
    #: Whether Redis answers, None where none is used.
    redis_answers: bool | None
    last_backup_at: datetime | None

    @property
    def is_backup_late(self) -> bool:
        """Whether no backup was made for too long; one that nobody has made yet isn't late, but missing."""
        return self.last_backup_at is not None and clock.now() - self.last_backup_at > BACKUP_LATE_AFTER


def _revision(current: Session) -> str | None:
    """Return the revision that the database is at, None for one without tables."""
    try:
        found: str | None = current.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        if not is_of_schema(error):
            raise
        current.rollback()
        return None
    return found


def database_state() -> DatabaseState:
    """Return what the database is, at which revision and how large; ``SQLAlchemyError`` where it is away."""
    current = session()
    revision = _revision(current)
    if db.engine.dialect.name == "sqlite":
        size = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return DatabaseState(f"SQLite {sqlite3.sqlite_version}", revision, current.scalar(size) or 0)
    row = current.execute(
        text(
            "SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,"
            " pg_total_relation_size(to_regclass('outbox')) AS outbox"
        )
    ).one()
    # What the packager added to the number says nothing of the server.
    return DatabaseState(f"PostgreSQL {row.version.partition(' ')[0]}", revision, row.size, row.outbox)


def log_start(app: Flask) -> None:
    """Write down which version serves from now on, on which database."""
    with app.app_context():
        try:
            found = database_state()
        except SQLAlchemyError:
            found = DatabaseState("away", None, 0)
    log.info("serving", version=VERSION, revision=found.revision, database=found.engine)
    if problem := why_not_ready(app):
        log.warning("the database doesn't fit", why=problem)


def serving_revision(app: Flask) -> str:
    """Return the revision that this version and the database are both at, "" where they don't fit."""
    return "" if why_not_ready(app) else known_revisions()[0]


def present_maintenance() -> Maintenance | None:
    """Return the present maintenance, None if the portal is open."""
    return maintenance.present(current_app.config["MAINTENANCE_FILE"])


def last_backup_at() -> datetime | None:
    """Return when a backup was made last, as the audit tells, None where none is known."""
    return session().scalar(select(func.max(AuditEvent.at)).where(AuditEvent.action == AuditAction.BACKUP_MADE))


def system_state(actor: Actor | None) -> SystemState:
    """Return how the portal stands. For the office alone."""
    require(actor, Action.SEE_SYSTEM)
    return SystemState(
        version=VERSION,
        started_at=_STARTED_AT,
        database=database_state(),
        outbox=mail.outbox_state(),
        workers=mail.workers(),
        jobs=jobs.rows(),
        maintenance=present_maintenance(),
        redis_answers=store_answers(),
        last_backup_at=last_backup_at(),
    )
