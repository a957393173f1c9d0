"""What Prometheus reads: requests by page and operation, visits, sign-ins, refusals, the outbox; no id, no name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from clinic import audit, jobs, scheduling
from clinic.audit import AuditAction
from clinic.db import rolled_back, transaction
from clinic.jobs import Job
from clinic.mail import MailStatus, OutboxMail, Sightings
from clinic.operations import maintenance
from clinic.policy import Role
from clinic.version import VERSION
from tests import factories
from tests.databases import Database
from tests.people import ANA, PASSWORD, Cast
from tests.web.visitor import Visitor, signed_in

TOKEN = "a-token-of-these-tests"
Labels = frozenset[tuple[str, str]]


class Watcher:
    """Somebody who reads the metrics of an application."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def text(self) -> str:
        """The metrics as they are sent."""
        answer = self._client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/plain", "no-store")
        return answer.text

    def value(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name that have these labels."""
        wanted = labels.items()
        families = text_string_to_metric_families(self.text())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if wanted <= sample.labels.items())


@pytest.fixture
def watched(make_app: Callable[..., Flask], cast: Cast) -> Flask:
    """An application with a token for its metrics."""
    return make_app(metrics_token=TOKEN)


@pytest.fixture
def watcher(watched: Flask) -> Watcher:
    return Watcher(watched.test_client())


def test_without_the_setting_there_are_none(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9"])
def test_who_lacks_the_token_reads_nothing(watched: Flask, given: str) -> None:
    answer = watched.test_client().get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "clinic_" not in answer.text


def test_requests_are_counted_by_page_and_status_with_what_they_cost(
    watched: Flask, watcher: Watcher, cast: Cast
) -> None:
    page = {"endpoint": "public.doctor"}
    before = [
        watcher.value(f"clinic_{name}", **page)
        for name in ("request_duration_seconds_count", "database_statements_total")
    ]
    client = watched.test_client()
    answered = [client.get(f"/doctors/{number}").status_code for number in (cast.chen, cast.diallo, 999_999)]
    assert answered == [200, 200, 404]
    assert watcher.value("clinic_requests_total", **page, method="GET", status="200") >= 2
    assert watcher.value("clinic_requests_total", **page, method="GET", status="404") >= 1
    assert watcher.value("clinic_request_duration_seconds_count", **page) == before[0] + 3
    assert watcher.value("clinic_database_statements_total", **page) >= before[1] + 3
    assert watcher.value("clinic_database_seconds_total", **page) > 0
    assert watcher.value("clinic_requests_in_progress") == 1, "the one that asks"


def test_no_address_and_no_word_of_a_sender_becomes_a_label(watched: Flask, watcher: Watcher, cast: Cast) -> None:
    client = watched.test_client()
    client.get(f"/nowhere/{cast.ana}?name=Ana")
    client.open("/departments", method="PROPFIND")
    client.post("/api/v1/auth/login/", json={"email": ANA, "password": "wrong"})
    text = watcher.text()
    assert watcher.value("clinic_requests_total", endpoint="none", status="404") >= 1
    assert not re.search(r"nowhere|PROPFIND|ana@|Ana\b", text)
    labels = {name for found in re.findall(r"\{(.*)\}", text) for name in re.findall(r'(\w+)="', found)}
    assert labels <= {
        "endpoint", "method", "status", "le", "event", "result", "code", "delivery",
        "pid", "host", "version", "revision", "database", "python",
    }  # fmt: skip


def test_visits_are_counted_once_they_are_committed(watched: Flask, watcher: Watcher, cast: Cast) -> None:
    def counted() -> dict[str, float]:
        return {
            event: watcher.value("clinic_appointments_total", event=event)
            for event in ("created", "rescheduled", "cancelled")
        }

    before = counted()
    ana = signed_in(watched, cast.ana)
    review = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    ana.get(review).press("Confirm my visit")
    with watched.app_context():
        (booked,) = scheduling.appointments(cast.actor("ana")).results
        with rolled_back():
            scheduling.cancel(cast.actor("ana"), booked["id"])
    assert counted() == {**before, "created": before["created"] + 1}, "what is only rehearsed is nothing"
    api = watched.test_client()
    said = api.post("/api/v1/token/", json={"email": ANA, "password": PASSWORD}).get_json()
    header = {"Authorization": f"Bearer {said['access']}"}
    api.post(
        f"/api/v1/appointments/{booked['id']}/reschedule/",
        json={"new_date": "2026-03-05", "new_time": "10:00"},
        headers=header,
    )
    api.post(f"/api/v1/appointments/{booked['id']}/cancel/", headers=header)
    assert counted() == {event: number + 1 for event, number in before.items()}


def test_sign_ins_and_refusals_are_counted_of_pages_and_api(watched: Flask, watcher: Watcher, cast: Cast) -> None:
    def counted() -> list[float]:
        return [
            watcher.value("clinic_sign_ins_total", result="succeeded"),
            watcher.value("clinic_sign_ins_total", result="invalid_credentials"),
            watcher.value("clinic_refusals_total", code="invalid_credentials", delivery="api"),
            watcher.value("clinic_refusals_total", code="invalid_credentials", delivery="pages"),
        ]

    before = counted()
    client = watched.test_client()
    for password in ("wrong", PASSWORD):
        client.post("/api/v1/auth/login/", json={"email": ANA, "password": password})
    Visitor(watched).get("/login").press("Sign in", email=ANA, password="wrong")
    assert counted() == [count + more for count, more in zip(before, (1, 2, 1, 1), strict=True)]


def test_timed_work_is_told_with_its_lag_and_its_failures(
    watched: Flask, watcher: Watcher, cast: Cast, clock_at: Callable[[str], datetime]
) -> None:
    def break_down() -> None:
        raise RuntimeError("no disk")

    began = clock_at("2026-03-02 09:00")
    with watched.app_context():
        jobs.run_due([Job("good", timedelta(minutes=5), lambda: None), Job("bad", timedelta(days=1), break_down)])
    clock_at("2026-03-02 09:10")
    assert watcher.value("clinic_job_late_seconds", job="good") == 300
    assert watcher.value("clinic_job_done_timestamp_seconds", job="good") == began.timestamp()
    assert [watcher.value("clinic_job_failures", job=job) for job in ("good", "bad")] == [0, 1]


def test_entries_without_a_seal_are_told_with_their_age(
    watched: Flask, watcher: Watcher, cast: Cast, clock_at: Callable[[str], datetime]
) -> None:
    assert watcher.value("clinic_audit_unsealed") == watcher.value("clinic_audit_unsealed_seconds") == 0
    with watched.app_context():
        factories.audit_event(AuditAction.RECORD_READ, (cast.chen, Role.DOCTOR), cast.ana)
    clock_at("2026-03-02 09:10")
    assert (watcher.value("clinic_audit_unsealed"), watcher.value("clinic_audit_unsealed_seconds")) == (1, 600)
    with watched.app_context():
        audit.seal()
    assert watcher.value("clinic_audit_unsealed") == watcher.value("clinic_audit_unsealed_seconds") == 0


def test_mail_that_waits_is_told_with_its_age(
    watched: Flask, watcher: Watcher, clock_at: Callable[[str], datetime]
) -> None:
    assert watcher.value("clinic_outbox_mails") == watcher.value("clinic_outbox_oldest_queued_seconds") == 0
    with watched.app_context(), transaction() as current:
        current.add_all(
            OutboxMail(to="a@b.example", kind="note", language="en", subject="s", body="b", status=status)
            for status in (MailStatus.QUEUED, MailStatus.QUEUED, MailStatus.SENT, MailStatus.FAILED)
        )
    clock_at("2026-03-02 09:10")
    assert watcher.value("clinic_outbox_mails", status="queued") == 2
    assert watcher.value("clinic_outbox_mails", status="failed") == 1
    assert watcher.value("clinic_outbox_oldest_queued_seconds") == 600
    assert watcher.value("clinic_outbox_overdue_seconds") == 600
    with watched.app_context(), transaction() as current:
        later = clock_at("2026-03-02 09:30")
        current.execute(update(OutboxMail).values(next_attempt_at=later))
    clock_at("2026-03-02 09:20")
    assert watcher.value("clinic_outbox_overdue_seconds") == 0, "what was refused for now isn't late"
    assert watcher.value("clinic_outbox_oldest_queued_seconds") == 1200


def test_a_worker_is_told_with_what_it_has_sent(
    watched: Flask, watcher: Watcher, clock_at: Callable[[str], datetime]
) -> None:
    with watched.app_context():
        worker = Sightings(host="mail-1", process=7)
        worker.say()
        worker.sent = 3
        last = clock_at("2026-03-02 09:01")
        worker.say()
    assert watcher.value("clinic_mail_worker_seen_timestamp_seconds", host="mail-1", pid="7") == last.timestamp()
    assert watcher.value("clinic_mails_sent_total", host="mail-1") == 3


def test_a_database_that_is_away_is_told_and_the_rest_too(watched: Flask, watcher: Watcher, database: Database) -> None:
    assert watcher.value("clinic_database_up") == 1
    assert watcher.value("clinic_database_size_bytes") > 10_000
    with database.away():
        text = watcher.text()
    # Of SQLite only the writing is taken away, and nothing is written here.
    reads = database.engine == "sqlite"
    assert f"clinic_database_up {float(reads)}" in text
    assert "clinic_requests_total{" in text
    assert ("clinic_outbox_mails{" in text) is reads


def test_during_maintenance_the_database_is_left_alone(
    make_app: Callable[..., Flask], tmp_path: Path, cast: Cast
) -> None:
    file = tmp_path / "maintenance.json"
    watcher = Watcher(make_app(metrics_token=TOKEN, maintenance_file=file).test_client())
    maintenance.begin(file)
    text = watcher.text()
    assert "clinic_maintenance 1.0" in text
    assert "clinic_database_up" not in text


def test_its_version_is_told_everywhere(watched: Flask, watcher: Watcher) -> None:
    assert watched.test_client().get("/healthz").json == {"status": "ok", "version": VERSION}
    assert watcher.value("clinic_build_info", version=VERSION) == 1
