"""Reports are read from a standby where there is one that follows, and from the database itself where it doesn't."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from clinic import clock, replica, scheduling
from clinic.db import db, session, transaction
from clinic.operations.readiness import why_not_ready
from clinic.replica import ReplicaState, from_replica, replica_state
from clinic.scheduling import Statistics
from tests import factories
from tests.conftest import migrate, plant
from tests.people import Cast
from tests.servers import free_port
from tests.standby import Pair, pair
from tests.statements import count_statements

Build = Callable[..., Flask]
#: The statements that the statistics take.
SELECTS = 6
#: A day for each test: they share the servers.
days = (date(2026, 3, 2) + timedelta(days=number) for number in itertools.count())


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    """A migrated database and its standby."""
    with pair() as made:
        migrate(made.url)
        yield made


@pytest.fixture(scope="module")
def cast(servers: Pair) -> Cast:
    """The cast, in both."""
    return Cast(**plant(servers.url))


@dataclass
class Office:
    """Counts the visits of a day by a portal that has a standby."""

    app: Flask
    cast: Cast
    day: date = field(default_factory=lambda: next(days))
    times: Iterator[time] = field(default_factory=lambda: iter(scheduling.SLOT_TIMES))

    def statistics(self) -> Statistics:
        return scheduling.statistics(self.cast.actor("esther"), first=self.day, last=self.day)

    def count(self) -> int:
        """How many visits the statistics tell."""
        return self.statistics().total

    def book(self) -> None:
        """Adds a visit."""
        factories.appointment(self.cast.ana, self.cast.chen, self.day, next(self.times), status="completed")

    def statements(self) -> tuple[list[str], list[str]]:
        """The statements of a count: by the database, and by the standby but for how far it is."""
        actor = self.cast.actor("esther")
        with count_statements(db.engine) as own, count_statements(db.engines[replica.REPLICA]) as others:
            scheduling.statistics(actor, first=self.day, last=self.day)
        return own, [statement for statement in others if "pg_last_wal_replay_lsn" not in statement]


@pytest.fixture
def office(servers: Pair, cast: Cast, build_app: Build, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office whose standby may be two seconds behind and is asked again at once."""
    monkeypatch.setattr(replica, "REST", 0.0)
    app = build_app(database_url=servers.url, database_replica_url=servers.standby_url, database_replica_lag=2)
    servers.catch_up()
    with app.app_context():
        yield Office(app, cast)


def test_statistics_are_read_from_the_standby_and_nothing_else_is(servers: Pair, office: Office) -> None:
    office.book()
    servers.catch_up()
    own, others = office.statements()
    assert len(own) == 1, "how far the database is"
    assert len(others) == SELECTS
    assert (office.count(), office.statistics().as_of) == (1, None)
    with count_statements(db.engines[replica.REPLICA]) as others:
        scheduling.appointments(office.cast.actor("ana"))
    assert others == []


def test_a_standby_that_is_a_little_behind_says_as_of_when(servers: Pair, office: Office) -> None:
    office.book()
    servers.catch_up()
    with servers.standing_still():
        office.book()
        found = office.statistics()
    assert found.total == 1
    assert found.as_of is not None
    assert timedelta() < clock.now() - found.as_of < timedelta(minutes=5)


def test_one_that_is_too_far_behind_is_left_alone_and_the_log_says_so_once(servers: Pair, office: Office) -> None:
    office.book()
    servers.catch_up()
    with capture_logs() as lines, servers.standing_still():
        office.book()
        sleep(2.1)
        assert [office.count(), office.count()] == [2, 2]
        assert office.statistics().as_of is None
        assert replica_state() == ReplicaState("it is too far behind")
    told = [line for line in lines if line["event"] == "replica"]
    assert [(line["log_level"], line.get("problem")) for line in told] == [("warning", "it is too far behind")]
    servers.catch_up()
    own, others = office.statements()
    assert (len(own), len(others)) == (1, SELECTS), "it is read again"


def test_what_breaks_while_it_is_read_is_read_from_the_database(servers: Pair, office: Office) -> None:
    tried = []

    @from_replica
    def report() -> bool:
        on_standby = session().scalar(text("SELECT pg_is_in_recovery()"))
        tried.append(on_standby)
        if on_standby:
            # As a standby does that has to take back rows which are being read.
            session().execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return bool(on_standby)

    with capture_logs() as lines:
        assert report() is False
    assert tried == [True, False]
    assert lines[0]["problem"] == "it can't be read: AdminShutdown"
    assert office.count() == 0


def test_a_command_reads_what_it_decides_on_from_the_database(office: Office) -> None:
    with transaction():
        own, others = office.statements()
    assert (len(own), len(others)) == (SELECTS, 0)


def test_the_database_itself_is_no_replica(servers: Pair, office: Office, build_app: Build) -> None:
    """Say a standby that was promoted: it goes its own way, and its numbers would stand still for ever."""
    app = build_app(database_url=servers.url, database_replica_url=servers.url)
    with app.app_context():
        assert replica_state() == ReplicaState("it is no standby that follows a database")
        assert Office(app, office.cast).count() == 0


def test_one_that_is_away_keeps_nobody_waiting(servers: Pair, office: Office, build_app: Build) -> None:
    away = f"postgresql://clinic:hidden-word@127.0.0.1:{free_port()}/clinic"
    app = build_app(database_url=servers.url, database_replica_url=away)
    assert why_not_ready(app) is None, "readiness doesn't depend on it"
    with app.app_context(), capture_logs() as lines:
        assert Office(app, office.cast).count() == 0
        assert replica_state() == ReplicaState("it can't be read: OperationalError")
    assert len(lines) == 1
    assert "hidden-word" not in str(lines)


def test_one_that_was_away_is_not_asked_again_at_once(
    servers: Pair, office: Office, build_app: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build_app(
        database_url=servers.url, database_replica_url=f"postgresql://clinic@127.0.0.1:{free_port()}/clinic"
    )
    with app.app_context():
        other = Office(app, office.cast)
        other.count()
        monkeypatch.setattr(replica, "REST", 60.0)
        other.count()
        own, others = other.statements()
    assert (len(own), len(others)) == (SELECTS, 0), "not even how far the database is"


def test_a_database_that_is_away_is_not_hidden_by_its_standby(servers: Pair, office: Office, build_app: Build) -> None:
    away = f"postgresql://clinic@127.0.0.1:{free_port()}/clinic"
    app = build_app(database_url=away, database_replica_url=servers.standby_url)
    with app.app_context(), pytest.raises(OperationalError):
        replica_state()


def test_without_the_setting_there_is_none(app: Flask) -> None:
    with app.app_context():
        assert replica_state() is None
