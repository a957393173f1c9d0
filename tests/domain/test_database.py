"""What the portal makes of what its databases say: faults by their kind and name, moments, rehearsals, settings."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError, StatementError

from clinic import clock, mail, settings
from clinic.accounts.account_letters import PASSWORD_CHANGED, PasswordChangeFacts
from clinic.db import atomic, db, rolled_back, session, transaction, translate_violation
from clinic.db_errors import DatabaseUnavailable, is_of_schema
from clinic.directory.models import Room
from clinic.mail import OutboxMail
from clinic.settings import LinkedPage
from tests.people import Cast

NAIVE = datetime(2026, 3, 2, 9)

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.mark.parametrize(
    ("statement", "unmigrated"),
    [
        ("SELECT 1 FROM a_table_to_come", True),
        ("SELECT a_column_to_come FROM users", True),
        ("INSERT INTO rooms (a_column_to_come) VALUES (1)", True),
        ("SELECT FROM WHERE", False),
        ("SELECT no_such_function(1)", False),
    ],
)
def test_a_database_that_isnt_migrated_is_told_from_a_wrong_statement(statement, unmigrated):
    with pytest.raises((OperationalError, ProgrammingError)) as error:
        session().execute(text(statement))
    assert is_of_schema(error.value) is unmigrated


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_statement_that_a_migration_has_outdated_fails_once(new_database, build_app):
    """PostgreSQL refuses a prepared statement for ever once a column that it reads has another type."""
    app = build_app(database_url=new_database("postgresql").url)
    read = select(Room.room_number)
    with app.app_context():
        for _ in range(2):
            session().execute(read).all()
        with db.engine.begin() as migrating:
            migrating.execute(text("ALTER TABLE rooms ALTER room_number TYPE varchar(999)"))
        with pytest.raises(DBAPIError) as error:
            session().execute(read).all()
        assert is_of_schema(error.value)
        session().rollback()
        assert session().execute(read).all() == []


def test_a_moment_without_a_zone_is_not_written(cast):
    with pytest.raises(StatementError, match="a moment needs its time zone"), transaction() as current:
        current.add(OutboxMail(to="a@example.com", kind="k", language="en", subject="s", body="b", created_at=NAIVE))
    assert session().scalar(select(func.count(OutboxMail.id))) == 0


def test_a_violation_in_a_table_that_isnt_ours_has_the_name_that_the_database_tells(engine_name):
    with db.engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE strange (number INTEGER UNIQUE)"))
        connection.execute(text("INSERT INTO strange VALUES (1)"))
        with pytest.raises(IntegrityError) as error:
            connection.execute(text("INSERT INTO strange VALUES (1)"))
        connection.rollback()
    assert translate_violation(error.value) == {"sqlite": None, "postgresql": "strange_number_key"}[engine_name]


def test_a_rehearsal_within_a_command_takes_back_its_own_part_alone():
    @atomic
    def add(number: str) -> None:
        session().add(Room(room_number=number))

    @atomic
    def command() -> list[str]:
        add("before")
        with rolled_back():
            add("rehearsed")
            seen = list(session().scalars(select(Room.room_number).order_by(Room.id)))
        add("after")
        return seen

    assert command() == ["before", "rehearsed"]
    session().rollback()
    assert list(session().scalars(select(Room.room_number).order_by(Room.id))) == ["before", "after"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_database_that_goes_away_while_a_mail_is_written_is_no_fault_of_the_mail(cast, book, meanwhile):
    """The booking fails as a whole; otherwise the mail would stand there as one that can't be written."""

    def end_all_others() -> None:
        session().execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )
        )

    failed = meanwhile("INSERT INTO outbox", end_all_others)
    with pytest.raises(DatabaseUnavailable):
        book("ana", "chen")
    assert failed == []
    session().rollback()
    assert session().scalar(select(func.count(OutboxMail.id))) == 0


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_connection_that_the_server_ended_while_nobody_used_it_is_replaced(cast: Cast):
    """As after a restart: each connection of the pool is a dead one, and whoever takes it notices nothing."""

    def ask() -> int | None:
        session().rollback()
        return session().scalar(text("SELECT pg_backend_pid()"))

    before = {ask() for _ in range(5)}
    session().rollback()
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as other:
        for process in before:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))
    after = {ask() for _ in range(5)}
    assert after.isdisjoint(before | {None})


def test_nobody_is_written_to_who_has_no_email(cast):
    with transaction():
        mail.queue(PASSWORD_CHANGED, PasswordChangeFacts("Ana", clock.now()), to=None, language="en")
    assert session().scalar(select(func.count(OutboxMail.id))) == 0


def test_without_an_application_every_link_leads_to_the_front_page():
    with settings.using(settings.ClinicSettings()):
        assert settings.link(LinkedPage.APPOINTMENT, appointment_id=1) == "http://localhost:8000/"
