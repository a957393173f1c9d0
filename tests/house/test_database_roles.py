"""Two roles of a real PostgreSQL server: one owns the tables, the other serves the portal and can't rewrite a history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from clinic.cli import backups as backup_commands
from clinic.cli import create_admin, maintenance_group, seed_command, upgrade
from clinic.cli.audit_commands import audit_group
from clinic.cli.check import check
from clinic.cli.job_list import JOBS, jobs_group
from clinic.cli.worker import worker as worker_command
from clinic.db import Base, db, rolled_back, session
from clinic.errors import DomainError
from clinic.operations import database_roles
from tests import people
from tests.databases import PostgresServer
from tests.domain.doors import DOORS
from tests.domain.world import plant
from tests.people import ANA, PASSWORD
from tests.run import Run

ROOT = Path(__file__).resolve().parent.parent.parent
STRONG = "xoai-Cau-4-muoi-tram"
PASSWORD_OF_ROLES = "of-the-tests-alone"
HISTORIES = sorted(name for name in Base.metadata.tables if database_roles.rights_to(name) == database_roles.ADDS)
Commands = Callable[..., tuple[int, list[str]]]


@dataclass
class Clinic:
    """A database with an owner and a role that serves, and how each connects."""

    server: PostgresServer
    name: str
    serving: str
    owner: str
    build: Callable[..., Flask]

    @property
    def url(self) -> str:
        """The address for the role that serves."""
        return self._url_of(self.serving)

    @property
    def owner_url(self) -> str:
        """The address for the owner."""
        return self._url_of(self.owner)

    def app(self) -> Flask:
        """The portal with the owner at hand, as commands have it."""
        return self.build(database_url=self.url, database_owner_url=self.owner_url)

    def alone(self) -> Flask:
        """The portal as it serves, which knows of no owner."""
        return self.build(database_url=self.url)

    def as_owner(self, statement: sql.SQL | sql.Composed) -> None:
        """Run a statement as the owner."""
        url = make_url(self.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def _url_of(self, role: str) -> str:
        url = make_url(self.server.url_of(self.name)).set(username=role, password=PASSWORD_OF_ROLES)
        return url.render_as_string(hide_password=False)


@contextmanager
def context_of(app: Flask) -> Iterator[Flask]:
    """A context whose connections are closed at its end."""
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def empty(run: Run, worker: str, build_app: Callable[..., Flask]) -> Iterator[Clinic]:
    """A database as deploy/postgres/roles.sh leaves it, without a table."""
    server, name = run.postgres(), f"{run.name}_{worker}_roles"
    clinic = Clinic(server, name, f"{name}_serving", f"{name}_owner", build_app)
    server.create(name)
    script = ROOT / "deploy" / "postgres" / "roles.sh"
    with psycopg.connect(server.dsn_of(name), autocommit=True) as connection:
        for statement in statements_of(script.read_text(encoding="utf-8"), clinic):
            connection.execute(statement)
    yield clinic
    server.drop(name)
    with psycopg.connect(server.dsn_of(), autocommit=True) as connection:
        for role in (clinic.owner, clinic.serving):
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def statements_of(script: str, clinic: Clinic) -> list[bytes]:
    """What the script has psql run, with the roles and the database of the test."""
    lines = script.partition("<<'END'\n")[2].partition("\nEND\n")[0].splitlines()
    text_ = "\n".join(line for line in lines if not line.startswith("\\"))
    names = {
        '"clinic_owner"': clinic.owner,
        '"clinic"': clinic.serving,
        ':"database"': clinic.name,
        ":'owner_password'": f"'{PASSWORD_OF_ROLES}'",
        ":'password'": f"'{PASSWORD_OF_ROLES}'",
    }
    for name, value in names.items():
        assert name in text_, name
        text_ = text_.replace(name, value)
    return [statement.encode() for statement in text_.split(";") if statement.strip()]


def copy_of(clinic: Clinic, name: str) -> Iterator[Clinic]:
    """A copy of a database for one test; the owner is that of the copied one."""
    copied = replace(clinic, name=f"{clinic.name}_{name}")
    clinic.server.create(copied.name, clinic.name)
    with psycopg.connect(clinic.server.dsn_of(), autocommit=True) as connection:
        names = (sql.Identifier(copied.name), sql.Identifier(clinic.owner))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*names))
    yield copied
    clinic.server.drop(copied.name)


@pytest.fixture
def clinic(empty: Clinic) -> Iterator[Clinic]:
    """A database of the test's own without a table."""
    yield from copy_of(empty, "empty")


@pytest.fixture(scope="module")
def template(empty: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A database with every table, made by the owner."""
    for made in copy_of(empty, "template"):
        with context_of(made.app()) as app:
            ended = app.test_cli_runner().invoke(upgrade.upgrade)
            assert ended.exit_code == 0, ended.output
        yield made


@pytest.fixture
def migrated(template: Clinic) -> Iterator[Clinic]:
    """The same for one test."""
    yield from copy_of(template, "copy")


def rights(clinic: Clinic) -> dict[str, tuple[str, ...]]:
    """What the role that serves may do with each table."""
    query = (
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = 'public' AND grantee = current_user"
    )
    found: dict[str, set[str]] = {}
    with context_of(clinic.alone()), db.engine.connect() as connection:
        for table, right in connection.execute(text(query)):
            found.setdefault(table, set()).add(right)
    return {table: tuple(right for right in database_roles.DELETES if right in found[table]) for table in found}


def test_each_table_has_the_rights_that_serving_it_takes(migrated: Clinic) -> None:
    found = rights(migrated)
    assert found.pop("alembic_version") == database_roles.READS
    assert found == {name: database_roles.rights_to(name) for name in Base.metadata.tables}
    assert {"audit_events", "audit_seals", "appointment_events", "record_revisions"} <= set(HISTORIES)


def test_who_serves_rewrites_no_history(migrated: Clinic) -> None:
    statements = (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
        "CREATE TRIGGER x BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deed()",
    )
    with context_of(migrated.alone()):
        for table in HISTORIES:
            column = Base.metadata.tables[table].primary_key.columns.keys()[0]
            for statement in statements:
                assert refused(statement.format(table=table, column=column)), (table, statement)


def test_who_serves_changes_nothing_of_the_schema(migrated: Clinic) -> None:
    with context_of(migrated.alone()):
        for statement in (
            "SET session_replication_role = replica",
            "CREATE TABLE mine (id integer)",
            "CREATE OR REPLACE FUNCTION refuse_deed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "UPDATE alembic_version SET version_num = '0001'",
            "DELETE FROM appointments",
            "CREATE ROLE another SUPERUSER",
            f'SET ROLE "{migrated.owner}"',
        ):
            assert refused(statement), statement


def refused(statement: str) -> bool:
    """Whether the role that serves may not run a statement."""
    with db.engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except ProgrammingError as error:
            return isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
    return False


def test_all_that_people_do_is_served(migrated: Clinic, clock_at: Callable[[str], datetime]) -> None:
    """Every front door of the domain, as a patient, a doctor and the office."""
    clock_at("2026-03-02 12:00")
    with context_of(migrated.alone()):
        world = plant(people.plant())
        opened = 0
        for name, door in DOORS.items():
            for who in ("ana", "chen", "esther"):
                with rolled_back(), suppress(DomainError):
                    door.call(world, world.actors[who])
                    opened += 1
                assert session().scalar(text("SELECT 1")) == 1, name
        assert opened > len(DOORS), "most doors are open to two of them"


def test_the_demo_is_planted(migrated: Clinic, run_command: Commands) -> None:
    with context_of(migrated.alone()):
        assert run_command(seed_command)[0] == 0
        highest = session().scalar(text("SELECT max(id) FROM users")) or 0
        status, lines = run_command(
            create_admin,
            *("--email=new@clinic.example", "--full-name=New", "--phone=0912345678", f"--password={STRONG}"),
        )
        assert status == 0, lines
        assert session().scalar(text("SELECT max(id) FROM users")) == highest + 1


def test_programs_and_the_worker_are_served(migrated: Clinic, run_command: Commands) -> None:
    with context_of(migrated.alone()) as app:
        people.plant()
        client = app.test_client()
        signed_in = client.post("/api/v1/auth/login/", json={"email": ANA, "password": PASSWORD}).get_json()
        refreshed = client.post("/api/v1/token/refresh/", json={"refresh": signed_in["tokens"]["refresh"]}).get_json()
        header = {"Authorization": f"Bearer {refreshed['access']}"}
        assert client.get("/api/v1/user/me/", headers=header).status_code == 200
        wrong = client.post("/api/v1/auth/login/", json={"email": ANA, "password": "wrong"})
        assert wrong.status_code == 401
        assert client.post("/api/v1/auth/forgot-password/", json={"email": ANA}).status_code == 200
        assert client.get("/readyz").status_code == 200
        status, lines = run_command(worker_command, "--once")
        assert lines[-1].startswith("Error: MAIL_URL is not set"), "all jobs are done before"
        for job in JOBS:
            assert run_command(jobs_group, "run", job.name)[0] == 0, job.name
        status, lines = run_command(audit_group, "verify")
        assert status == 0, lines


def test_a_pooler_that_shares_connections_is_served_as_well(migrated: Clinic) -> None:
    """Without prepared statements, as DATABASE_PREPARED_STATEMENTS=0 wants it behind one."""
    with context_of(migrated.build(database_url=migrated.url, database_prepared_statements=False)) as app:
        people.plant()
        assert app.test_client().get("/api/v1/departments/").get_json()["count"] == 2


def test_the_owner_makes_backups_and_restores_them(migrated: Clinic, run_command: Commands, tmp_path: Path) -> None:
    file, before = tmp_path / "all.zip", rights(migrated)
    with context_of(migrated.app()):
        people.plant()
        assert run_command(backup_commands.backup, str(file))[0] == 0
        assert run_command(maintenance_group, "on")[0] == 0
        status, lines = run_command(backup_commands.restore, "--replace", str(file))
        assert status == 0, lines
        assert session().scalar(text("SELECT count(*) FROM audit_events WHERE deed = 'backup.restored'")) == 1
    assert rights(migrated) == before


def test_a_backup_is_restored_into_an_empty_database(clinic: Clinic, run_command: Commands, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    with context_of(clinic.app()):
        for command in ((upgrade.upgrade,), (backup_commands.backup, str(file)), (upgrade.downgrade, "base")):
            status, lines = run_command(*command)
            assert status == 0, lines
        assert run_command(backup_commands.restore, str(file))[0] == 0
    assert rights(clinic)["audit_events"] == database_roles.ADDS


def test_who_serves_neither_migrates_nor_restores(clinic: Clinic, run_command: Commands) -> None:
    with context_of(clinic.alone()):
        status, lines = run_command(upgrade.upgrade)
        assert status == 1
        assert "permission denied" in lines[-1]
        assert "DATABASE_OWNER_URL names the owner" in lines[-1]


def test_a_new_table_can_be_used_before_its_rights_are_set(migrated: Clinic) -> None:
    """A revision that fails leaves those before it, and the portal may serve on."""
    migrated.as_owner(sql.SQL("CREATE TABLE later (id serial PRIMARY KEY)"))
    with context_of(migrated.alone()), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO later DEFAULT VALUES"))
        assert connection.scalar(text("SELECT count(*) FROM later")) == 1


def test_an_upgrade_without_anything_to_run_sets_rights_anew(migrated: Clinic, run_command: Commands) -> None:
    role = sql.Identifier(migrated.serving)
    migrated.as_owner(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(role))
    with context_of(migrated.app()):
        assert any("may rewrite audit_events: run 'flask --app wsgi db upgrade'" in each for each in _doubts())
        assert run_command(upgrade.upgrade)[0] == 0
        assert _doubts() == []


def _doubts() -> list[str]:
    return list(database_roles.doubts(db.engine))


def test_the_check_says_who_serves_with_too_many_rights(migrated: Clinic, run: Run, run_command: Commands) -> None:
    with context_of(migrated.build(database_url=migrated.owner_url)):
        _, lines = run_command(check, "--deploy")
        assert [line for line in lines if "owns the tables that it serves from" in line and line.startswith("FAILED")]
    with context_of(migrated.build(database_url=run.postgres().url_of(migrated.name))):
        _, lines = run_command(check, "--deploy")
        assert [line for line in lines if "is a superuser" in line and line.startswith("FAILED")]
    with context_of(migrated.alone()):
        _, lines = run_command(check, "--deploy")
        assert not [line for line in lines if "the role" in line]
