"""Timed jobs: each is done by one worker when it is due, and what goes wrong holds up nobody."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.testing import capture_logs

from clinic import clock, jobs
from clinic.cli.job_list import JOBS, jobs_group
from clinic.db import session, transaction
from clinic.db_errors import DatabaseUnavailable
from clinic.jobs import Job
from tests.settings import PATIENCE

pytestmark = pytest.mark.usefixtures("app_context")

MINUTE = timedelta(minutes=1)


class Work:
    """Something to do, that goes wrong as often as it is told to."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.times = 0

    def __call__(self) -> str | None:
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        return "all done"

    def job(self, name: str = "work", every: timedelta = timedelta(hours=1)) -> Job:
        return Job(name, every, self)


def row_of(name: str = "work") -> jobs.JobRow:
    session().rollback()
    [row] = [row for row in jobs.rows() if row["name"] == name]
    return row


def test_a_job_is_done_at_once_and_then_when_it_is_due(clock_at):
    at, work = clock_at(clock.now()), Work()
    assert jobs.run_due([work.job()]) == 1
    assert jobs.run_due([work.job()]) == 0
    row = row_of()
    assert (row["done_at"], row["due_at"], row["claimed_by"], row["failures"]) == (at, at + timedelta(hours=1), None, 0)
    clock_at(at + timedelta(hours=1))
    assert jobs.run_due([work.job()]) == 1
    assert work.times == 2


def test_one_that_goes_wrong_waits_longer_each_time_and_the_others_go_on(clock_at):
    at, bad, good = clock_at(clock.now()), Work(*[RuntimeError("no disk")] * 5), Work()
    every = timedelta(minutes=5)
    waits = []
    for number in range(5):
        assert jobs.run_due([bad.job("bad", every), good.job("good")]) == (number == 0)
        row = row_of("bad")
        assert (row["failures"], row["last_error"], row["claimed_by"]) == (number + 1, "RuntimeError: no disk", None)
        waits.append((row["due_at"] - at) // MINUTE)
        at = clock_at(row["due_at"])
    assert waits == [1, 2, 4, 5, 5]
    assert jobs.run_due([bad.job("bad", every)]) == 1
    assert (row_of("bad")["failures"], row_of("bad")["last_error"]) == (0, None)


def test_of_two_workers_one_does_it(app: Flask, database):
    work, together, done = Work(), Barrier(2), []

    def worker() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            done.append(jobs.run_due([work.job()]))

    jobs.run_due([Job("work", timedelta(0), lambda: None)])
    threads = [Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (sorted(done), work.times) == ([0, 1], 1)


def test_that_of_a_worker_that_was_killed_is_done_by_another_later(clock_at):
    at, killed, other = clock_at(clock.now()), Work(KeyboardInterrupt()), Work()
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due([killed.job()])
    assert row_of()["claimed_by"] is not None
    assert jobs.run_due([other.job()]) == 0
    assert not jobs.run(other.job()), "by hand neither"
    clock_at(at + timedelta(minutes=10))
    assert jobs.run_due([other.job()]) == 1


def test_what_a_clock_that_was_ahead_has_put_off_is_done_now(clock_at):
    at, work = clock_at(clock.now() + timedelta(days=400)), Work()
    jobs.run_due([work.job()])
    now = clock_at(at - timedelta(days=400))
    assert jobs.lateness(row_of()) == timedelta(days=400, hours=1), "the office and the metrics see it"
    assert jobs.run_due([work.job()]) == 1
    assert (row_of()["due_at"], jobs.lateness(row_of())) == (now + timedelta(hours=1), timedelta())
    assert jobs.run_due([work.job()]) == 0


def test_a_claim_of_a_clock_that_was_ahead_holds_nobody_up(clock_at):
    at, killed, other = clock_at(clock.now() + timedelta(days=400)), Work(KeyboardInterrupt()), Work()
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due([killed.job()])
    clock_at(at - timedelta(days=400))
    assert jobs.run_due([other.job()]) == 1


def test_two_machines_whose_clocks_differ_by_seconds_do_a_job_once(clock_at):
    at, work = clock_at(clock.now()), Work()
    jobs.run_due([work.job()])
    clock_at(at - timedelta(seconds=30))
    assert jobs.run_due([work.job()]) == 0


def test_jobs_of_another_version_are_forgotten_once_nobody_does_them(clock_at):
    at, older, ours = clock_at(clock.now()), Work(), Work()
    jobs.run_due([older.job("older", MINUTE), ours.job("ours", MINUTE)])
    clock_at(at + timedelta(minutes=59))
    jobs.run_due([ours.job("ours", MINUTE)])
    assert [row["name"] for row in jobs.rows()] == ["older", "ours"], "a worker of the other version may still be there"
    clock_at(at + timedelta(minutes=61))
    assert jobs.run_due([ours.job("ours", MINUTE)]) == 1
    assert [row["name"] for row in jobs.rows()] == ["ours"]


def test_no_job_pauses_for_longer_than_lateness_understands():
    with pytest.raises(ValueError, match="pauses"):
        Job("work", timedelta(days=2), lambda: None)


def test_who_took_too_long_changes_nothing_of_the_one_after(clock_at):
    at, second = clock_at(clock.now()), Work(KeyboardInterrupt())

    def slow() -> None:
        clock_at(at + timedelta(minutes=11))
        with pytest.raises(KeyboardInterrupt):
            jobs.run_due([second.job()])

    jobs.run_due([Job("work", timedelta(hours=1), slow)])
    assert (row_of()["done_at"], row_of()["claimed_at"]) == (None, at + timedelta(minutes=11))


def test_a_database_that_is_away_ends_the_round():
    work, after = Work(DatabaseUnavailable("SELECT 1", None, OSError("away"))), Work()
    with pytest.raises(DatabaseUnavailable):
        jobs.run_due([work.job(), after.job("after")])
    assert (after.times, row_of()["failures"]) == (0, 1)


def test_an_error_of_the_database_is_kept_without_what_people_typed():
    def break_a_rule() -> None:
        with transaction() as current:
            current.execute(
                text("INSERT INTO jobs (name, due_at, failures) VALUES (:name, :at, -1)"),
                {"name": "Ana N.", "at": "2026-01-01"},
            )

    with capture_logs() as logged:
        jobs.run_due([Job("work", timedelta(hours=1), break_a_rule)])
    row = row_of()
    assert row["failures"] == 1
    assert row["last_error"].startswith("IntegrityError")
    assert [entry["event"] for entry in logged] == ["job failed"]
    assert "exc_info" not in logged[0]
    assert "Ana N." not in f"{row} {logged}"
    assert "INSERT" not in row["last_error"]


def test_a_worker_that_is_told_to_stop_begins_no_other():
    first, second = Work(), Work()
    jobs.run_due([first.job("first"), second.job("second")], stopped=lambda: first.times == 1)
    assert (first.times, second.times) == (1, 0)


def test_the_operator_sees_the_jobs_and_does_one_by_hand(app: Flask, cast):
    runner = app.test_cli_runner()
    assert runner.invoke(jobs_group, []).output.splitlines() == [f"{job.name}: never done" for job in JOBS]
    assert runner.invoke(jobs_group, ["run", "count-days"]).output == "count-days is done.\n"
    assert "count-days: due 20" in runner.invoke(jobs_group, []).output
    assert runner.invoke(jobs_group, ["run", "nothing"]).exit_code == 2
