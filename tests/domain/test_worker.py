"""The worker's mail through a real SMTP server: what arrives, when the server is away, two at once, a stop in between."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError

from clinic import audit, cli, clock, jobs, mail
from clinic.audit import sealing
from clinic.cli.worker import _Sender
from clinic.db import db, session, transaction
from clinic.mail import MailStatus, OutboxMail, delivery
from clinic.mail.transport import CutOff, Letter, ServerAway
from clinic.operations import maintenance
from clinic.scheduling.models import ChangedDay, DailyCount
from tests import factories
from tests.domain.chained import write
from tests.settings import PATIENCE

NOBODY = "nobody@example.com"


def put(*addresses: str) -> None:
    with transaction() as current:
        current.add_all(
            OutboxMail(to=each, kind="note", language="en", subject=f"For {each}", body="Hello\n") for each in addresses
        )


def statuses() -> dict[str, str]:
    session().rollback()
    return {row.to: row.status for row in session().scalars(select(OutboxMail))}


@pytest.mark.usefixtures("app_context", "cast")
def test_mail_waits_while_the_server_is_away(letterbox, transport):
    put("ana@example.com", "boris@example.com")
    letterbox.stop()
    with pytest.raises(ServerAway):
        mail.deliver(transport)
    assert set(statuses().values()) == {MailStatus.QUEUED}
    assert [row.attempts for row in session().scalars(select(OutboxMail))] == [0, 0], "an absence is no mail's fault"
    letterbox.start()
    assert mail.deliver(transport) == 2
    assert {message["To"] for message in letterbox.arrived} == {"ana@example.com", "boris@example.com"}


@pytest.mark.usefixtures("app_context", "cast")
def test_one_bad_address_holds_up_nobody(letterbox, transport):
    letterbox.refuse(NOBODY, "550 no such mailbox")
    put("ana@example.com", NOBODY, "boris@example.com")
    assert mail.deliver(transport) == 2
    assert [message["To"] for message in letterbox.arrived] == ["ana@example.com", "boris@example.com"]
    assert statuses()[NOBODY] == MailStatus.FAILED


@pytest.mark.usefixtures("app_context", "cast")
def test_a_greylisted_address_is_tried_again(letterbox, transport, clock_at):
    now = clock_at(clock.now())
    letterbox.refuse("ana@example.com", "451 4.7.1 greylisted, try again later")
    put("ana@example.com")
    assert mail.deliver(transport) == 0
    letterbox.refuse("ana@example.com", None)
    assert mail.deliver(transport) == 0
    clock_at(now + timedelta(minutes=1))
    assert mail.deliver(transport) == 1


@pytest.mark.usefixtures("app_context", "cast")
def test_a_mail_that_breaks_the_server_does_not_hold_up_the_others(letterbox, transport):
    letterbox.refuse("ana@example.com", "cut", at="CONTENT")
    put("ana@example.com", "boris@example.com")
    with pytest.raises(CutOff):
        mail.deliver(transport)
    assert mail.deliver(transport) == 1
    assert statuses() == {"ana@example.com": MailStatus.QUEUED, "boris@example.com": MailStatus.SENT}


@pytest.mark.usefixtures("app_context", "cast")
@pytest.mark.parametrize(
    "answer", ["cut", "421 4.7.0 not from you", "530 5.7.0 sign in first", "454 4.7.1 no relaying"]
)
def test_one_address_holds_up_nobody_for_ever(letterbox, transport, clock_at, answer):
    """However a server treats it, others pass in between, and some day it is given up."""
    now = clock_at(clock.now())
    letterbox.refuse(NOBODY, answer)
    put(NOBODY)
    for attempt in range(mail.MOST_ATTEMPTS):
        put(f"patient{attempt}@example.com")
        with suppress(CutOff):
            mail.deliver(transport)
        mail.deliver(transport)
        assert len(letterbox.arrived) == attempt + 1
        clock_at(now := now + timedelta(minutes=2**attempt))
    assert statuses()[NOBODY] == MailStatus.FAILED


@pytest.mark.usefixtures("cast")
def test_a_database_that_is_away_after_the_sending_makes_no_mail_leave_twice(make_app, database, letterbox, transport):
    """The mail has left; its mark is written when the database is back."""
    app = make_app()
    with app.app_context():
        if database.engine == "sqlite":
            # Long patience with another writer would only make this test long.
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 100").close())
        put("ana@example.com")
        absence = ExitStack()

        def sends_and_loses_the_database(letter: Letter) -> None:
            transport(letter)
            absence.enter_context(database.away())
            threading.Timer(1, absence.close).start()

        assert mail.deliver(sends_and_loses_the_database) == 1
        assert statuses() == {"ana@example.com": MailStatus.SENT}
        assert mail.deliver(transport) == 0
    assert len(letterbox.arrived) == 1


@pytest.mark.usefixtures("cast")
def test_a_database_that_stays_away_after_the_sending_stops_the_worker(make_app, database, transport, monkeypatch):
    """Until the claim runs out nobody sends the mail again."""
    monkeypatch.setattr(delivery, "MARK_ATTEMPTS", 2)
    monkeypatch.setattr(delivery, "MARK_WAIT", 0.05)
    app = make_app()
    with app.app_context():
        if database.engine == "sqlite":
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 100").close())
        put("ana@example.com")
        with ExitStack() as absence:

            def sends_and_loses_the_database(letter: Letter) -> None:
                transport(letter)
                absence.enter_context(database.away())

            with pytest.raises(SQLAlchemyError):
                mail.deliver(sends_and_loses_the_database)
        assert statuses() == {"ana@example.com": MailStatus.QUEUED}
        assert mail.deliver(transport) == 0, "it is still claimed"


def test_two_workers_at_once_send_each_mail_once(app, cast, letterbox, run_worker):
    addresses = [f"patient{number}@example.com" for number in range(30)]
    with app.app_context():
        put(*addresses)
    workers = [run_worker(letterbox.url, "--once") for _ in range(2)]
    said = [each.communicate(timeout=PATIENCE)[1] for each in workers]
    assert [each.returncode for each in workers] == [0, 0], said
    assert sorted(message["To"] for message in letterbox.arrived) == sorted(addresses)
    with app.app_context():
        assert set(statuses().values()) == {MailStatus.SENT}


def test_a_worker_that_is_stopped_finishes_the_mail_in_hand_and_the_next_sends_the_rest_at_once(
    app, cast, letterbox, run_worker
):
    """A deploy delays no mail: nothing is left claimed."""
    letterbox.refuse("first@example.com", 2.0, at="CONTENT")
    with app.app_context():
        put("first@example.com", *(f"patient{number}@example.com" for number in range(30)))
    old = run_worker(letterbox.url)
    letterbox.wait_for(lambda: letterbox.connections > 0)
    old.send_signal(signal.SIGTERM)
    _, said = old.communicate(timeout=PATIENCE)
    assert old.returncode == 0, said
    assert letterbox.subjects() == ["For first@example.com"]
    new = run_worker(letterbox.url, "--once")
    _, said = new.communicate(timeout=PATIENCE)
    assert (new.returncode, len(letterbox.arrived)) == (0, 31), said
    with app.app_context():
        assert set(statuses().values()) == {MailStatus.SENT}


def test_once_says_that_the_server_is_away(app, cast, letterbox, run_worker):
    letterbox.stop()
    with app.app_context():
        put("ana@example.com")
    ended = run_worker(letterbox.url, "--once")
    _, said = ended.communicate(timeout=PATIENCE)
    assert ended.returncode == 1
    assert "Error: Mail stays queued, the mail server is away: ConnectionRefusedError" in said


def test_without_a_mail_server_the_worker_does_its_jobs_and_says_that_mail_waits(app, cast, run_worker):
    ended = run_worker(None, "--once")
    _, said = ended.communicate(timeout=PATIENCE)
    assert ended.returncode == 1
    assert "Error: MAIL_URL is not set, so mail stays queued" in said
    with app.app_context():
        assert all(row["done_at"] for row in jobs.rows())
        assert "count-days" in [row["name"] for row in jobs.rows()]


def test_jobs_wait_while_the_portal_is_closed(app, cast, run_worker, tmp_path):
    file = tmp_path / "maintenance.json"
    maintenance.begin(file)
    run_worker(None, "--once", maintenance_file=file).communicate(timeout=PATIENCE)
    with app.app_context():
        assert jobs.rows() == []


def test_the_console_is_a_mail_server_for_trying(app, cast, run_worker):
    with app.app_context():
        put("ana@example.com")
    ended = run_worker("console://", "--once")
    printed, _ = ended.communicate(timeout=PATIENCE)
    assert printed == "To: ana@example.com\nSubject: For ana@example.com\n\nHello\n\n"
    with app.app_context():
        assert statuses() == {"ana@example.com": MailStatus.SENT}


def test_the_operator_lets_given_up_mail_be_tried_again(app, cast, letterbox, run_worker):
    letterbox.refuse("ana@example.com", "554 relay access denied")
    with app.app_context():
        put("ana@example.com")
        run_worker(letterbox.url, "--once").wait(60)
        assert statuses() == {"ana@example.com": MailStatus.FAILED}
        letterbox.refuse("ana@example.com", None)
        said = app.test_cli_runner().invoke(cli.outbox, ["--retry"]).output
        assert said == "1 given up, now waiting again.\n"
        run_worker(letterbox.url, "--once").wait(60)
        assert statuses() == {"ana@example.com": MailStatus.SENT}


def test_while_the_portal_is_closed_no_mail_leaves(app, cast, letterbox, run_worker, tmp_path):
    """Its database may be in the midst of a migration; that is no fault, and said once."""
    file = tmp_path / "maintenance.json"
    maintenance.begin(file)
    with app.app_context():
        put("ana@example.com")
    ended = run_worker(letterbox.url, "--once", maintenance_file=file)
    _, said = ended.communicate(timeout=PATIENCE)
    assert (ended.returncode, letterbox.arrived) == (1, [])
    assert "Error: Mail stays queued, the portal is closed for maintenance." in said
    waiting = run_worker(letterbox.url, "--every", "0.1", maintenance_file=file, env="development")
    lines = [waiting.stderr.readline() for _ in range(2)]
    assert "worker started" in lines[0]
    assert "[info" in lines[1], "nobody is to be woken for it"
    assert "the portal is closed for maintenance" in lines[1]
    with app.app_context():
        assert mail.workers() == [], "nothing is written meanwhile"
    maintenance.end(file)
    letterbox.wait_for_letters(1)
    waiting.terminate()
    _, said = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0
    assert "mail waits" not in said


def test_a_worker_is_seen_with_what_it_has_sent_and_why_mail_waits(app, cast, letterbox, run_worker):
    def check():
        found = app.test_cli_runner().invoke(cli.worker, ["--check"])
        return found.exit_code, found.output

    with app.app_context():
        put("ana@example.com", "boris@example.com")
        assert check()[0] == 1
        assert run_worker(letterbox.url, "--once").wait(PATIENCE) == 0
        letterbox.stop()
        put("ana@example.com")
        assert run_worker(letterbox.url, "--once").wait(PATIENCE) == 1
        session().rollback()
        last, first = mail.workers()
        assert (first["sent"], first["trouble"], last["sent"]) == (2, None, 0)
        assert last["trouble"].startswith("the mail server is away: ConnectionRefusedError")
        assert check() == (0, "A worker of this machine is there.\n")
        with clock.freeze(clock.now() + mail.LOST_AFTER + timedelta(seconds=1)):
            assert check() == (1, "Error: No worker of this machine was seen for 10 minutes.\n")


def test_a_worker_counts_the_days_that_have_changed(app, cast, run_worker):
    with app.app_context():
        factories.appointment(cast.ana, cast.chen, clock.today() - timedelta(days=1), status="completed")
    working = run_worker("console://", env="development")
    assert any("days counted" in line for line in working.stderr), "it ended before"
    working.send_signal(signal.SIGTERM)
    working.communicate(timeout=PATIENCE)
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(DailyCount)) == 4
        assert session().scalar(select(func.count(ChangedDay.id))) == 0


@pytest.mark.usefixtures("app_context", "cast")
@pytest.mark.parametrize("every", [0.0, 3600.0])
def test_mail_is_looked_after_while_years_of_the_audit_are_sealed(transport, monkeypatch, every):
    """Between any two rounds where it is time for it, and sealing doesn't wait until it is."""
    monkeypatch.setattr(sealing, "BATCH", 2)
    monkeypatch.setattr(sealing, "BATCHES_A_ROUND", 2)
    write(11)
    stop, order = threading.Event(), []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO audit_seals"):
            order.append("seal")
        elif "ORDER BY outbox.next_attempt_at" in statement and order[-1:] != ["mail"]:
            order.append("mail")
        if order.count("seal") == 6:
            stop.set()

    event.listen(db.engine, "after_cursor_execute", note)
    _Sender(transport, mail.CLAIM_LASTS, stop).run(every)
    event.remove(db.engine, "after_cursor_execute", note)
    expected = "mail seal seal " * 3 if every == 0 else "mail" + " seal" * 6
    assert " ".join(order) == expected.strip()
    assert audit.state().unsealed == 0


@pytest.mark.usefixtures("app_context", "cast")
def test_a_worker_says_that_it_is_there_every_now_and_then(clock_at):
    at = clock_at("2026-03-02 09:00")
    worker = mail.Sightings(host="mail-1", process=1)
    worker.say()
    clock_at("2026-03-02 09:00:14")
    worker.say()
    assert [each["seen_at"] for each in mail.workers()] == [at], "a look into the outbox is no write"
    worker.trouble = "the mail server is away"
    worker.say()
    assert [each["trouble"] for each in mail.workers()] == ["the mail server is away"], "a change is said at once"
    clock_at("2026-03-03 09:01")
    mail.Sightings(host="mail-2", process=1).say()
    assert [each["host"] for each in mail.workers()] == ["mail-2"], "who was gone for a day is forgotten"
