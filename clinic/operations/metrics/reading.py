"""What is read when somebody asks: how the processes are, and how the portal stands.

It is the same whoever answers. A database that is away, or whose connections are all in use, is said to be so and not waited
for: that is when somebody needs the rest.
"""

import os
import platform
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Flask
from prometheus_client import Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from sqlalchemy import QueuePool
from sqlalchemy.exc import SQLAlchemyError

from clinic import audit, clock, jobs, mail
from clinic.db import db
from clinic.limits import store_answers
from clinic.operations import system
from clinic.operations.metrics_folder import MetricsFolder
from clinic.operations.system import DatabaseState
from clinic.replica import replica_state
from clinic.version import VERSION


class Processes(Collector):
    """Memory, processor time, open files and start of each process of this server."""

    def __init__(self, folder: MetricsFolder | None) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Return a family for each figure, with a sample for each process."""
        families: dict[str, Metric] = {}
        for process in self._folder.processes() if self._folder else [os.getpid()]:
            for found in _process(process):
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                family.samples += [Sample(each.name, {"pid": str(process)}, each.value) for each in found.samples]
        return families.values()


def _process(number: int) -> Iterable[Metric]:
    return ProcessCollector("clinic", lambda: number, registry=None).collect()


class State(Collector):
    """How the portal stands: version, database, what waits in the outbox, workers, jobs, Redis, maintenance."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Return what can be told at present."""
        with self._app.app_context():
            closed = system.present_maintenance() is not None
            yield _gauge("clinic_maintenance", "Whether the portal is closed for maintenance.", closed)
            if (answers := store_answers()) is not None:
                yield _gauge("clinic_redis_up", "Whether Redis answers.", answers)
            found = None if closed else _database()
            if not closed:
                is_up = found is not None
                yield _gauge("clinic_database_up", "Whether the database answers, by a connection that is free.", is_up)
            yield _build(found)
            if found is not None:
                if (replica := replica_state()) is not None:
                    yield _gauge(
                        "clinic_database_replica_up", "Whether reports are read from the replica.", not replica.problem
                    )
                yield _gauge("clinic_database_size_bytes", "Size of the database.", found.size_bytes)
                if found.outbox_bytes is not None:
                    yield _gauge("clinic_outbox_size_bytes", "Size of the outbox's table.", found.outbox_bytes)
                yield from _mail()
                yield from _audit()
                yield from _jobs()
                if (backup := system.last_backup_at()) is not None:
                    yield _gauge("clinic_backup_timestamp_seconds", "When a backup was made last.", backup.timestamp())


def _database() -> DatabaseState | None:
    """Return how the database stands, None where it is away or all connections to it are in use."""
    pool = db.engine.pool
    if isinstance(pool, QueuePool) and pool.checkedout() >= pool.size() + max(0, pool._max_overflow):
        return None
    try:
        return system.database_state()
    except SQLAlchemyError:
        return None


def _build(found: DatabaseState | None) -> Metric:
    names = {
        "version": VERSION,
        "revision": (found and found.revision) or "unknown",
        "database": found.engine if found else "unknown",
        "python": platform.python_version(),
    }
    family = GaugeMetricFamily("clinic_build_info", "What runs here; always 1.", labels=list(names))
    family.add_metric(list(names.values()), 1)
    return family


def _audit() -> Iterator[Metric]:
    chain = audit.state()
    yield _gauge("clinic_audit_unsealed", "Entries of the audit without a seal, counted up to 1000.", chain.unsealed)
    yield _gauge(
        "clinic_audit_unsealed_seconds", "How long the oldest of them waits for it.", chain.waits.total_seconds()
    )


def _jobs() -> Iterator[Metric]:
    late = GaugeMetricFamily(
        "clinic_job_late_seconds",
        "For how long a job should have been done, or how far a clock that was ahead has put it off.",
        labels=["job"],
    )
    failures = GaugeMetricFamily("clinic_job_failures", "How often in a row a job went wrong.", labels=["job"])
    done = GaugeMetricFamily("clinic_job_done_timestamp_seconds", "When a job was done last.", labels=["job"])
    for job in jobs.rows():
        late.add_metric([job["name"]], jobs.lateness(job).total_seconds())
        failures.add_metric([job["name"]], job["failures"])
        if job["done_at"] is not None:
            done.add_metric([job["name"]], job["done_at"].timestamp())
    yield from (late, failures, done)


def _mail() -> Iterator[Metric]:
    outbox = mail.outbox_state()
    waiting = GaugeMetricFamily("clinic_outbox_mails", "Mail that hasn't left: queued, failed.", labels=["status"])
    waiting.add_metric(["queued"], outbox.queued)
    waiting.add_metric(["failed"], outbox.failed)
    yield waiting
    yield _age(
        "clinic_outbox_oldest_queued_seconds", "Age of the mail that waits the longest.", outbox.oldest_queued_at
    )
    yield _age("clinic_outbox_overdue_seconds", "How long ago mail should have been tried.", outbox.due_since)
    seen = GaugeMetricFamily(
        "clinic_mail_worker_seen_timestamp_seconds", "When a worker was last seen.", labels=["host", "pid"]
    )
    sent = CounterMetricFamily("clinic_mails_sent", "Mail that a worker has sent.", labels=["host", "pid"])
    for worker in mail.workers():
        name = [worker["host"], str(worker["process"])]
        seen.add_metric(name, worker["seen_at"].timestamp())
        sent.add_metric(name, worker["sent"])
    yield seen
    yield sent


def _age(name: str, documentation: str, since: datetime | None) -> Metric:
    return _gauge(name, documentation, 0 if since is None else (clock.now() - since).total_seconds())


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=float(value))
