"""Migrations: one line of them, each reversible, and what they build is what the models say, on both databases."""

from __future__ import annotations

import inspect as source_of
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from clinic.db import Base, db
from clinic.operations import migrations

# Nobody reflects an index over an expression on SQLite; `indexes` below reads its SQL instead.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


@pytest.fixture
def script(root: Path) -> ScriptDirectory:
    """The revisions."""
    config = Config()
    config.set_main_option("script_location", str(root / "migrations"))
    return ScriptDirectory.from_config(config)


def test_there_is_one_line_of_revisions(script: ScriptDirectory):
    assert len(script.get_heads()) == 1, "two heads: give the newer revision the older one as its down_revision"
    assert len(script.get_bases()) == 1
    assert all(not revision.is_merge_point for revision in script.walk_revisions())


def test_every_revision_can_be_taken_back(script: ScriptDirectory):
    for revision in script.walk_revisions():
        body = source_of.getsource(revision.module.downgrade).split(":", 1)[1].strip()
        assert body not in {"pass", "..."}, f"{revision.path} has a downgrade that does nothing"


def test_up_down_and_up_again(blank):
    """All the way down leaves nothing but Alembic's own table, and up again builds the same."""
    with blank("up_and_down") as engine:
        migrations.upgrade(engine)
        first = picture(engine)
        migrations.downgrade(engine, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        assert leftovers(engine) == []
        migrations.upgrade(engine)
        assert picture(engine) == first


def test_the_models_are_what_is_migrated(blank):
    """Alembic finds nothing to change; and what it can't see (conditions of partial indexes, checks, defaults) is
    compared with tables made straight from the models."""
    with blank("migrated") as engine:
        upgrade()
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": migrations.comparable}
            )
            differing = compare_metadata(context, Base.metadata)
            assert differing == [], (
                "write a revision (of a longer word with clinic.word_lists.set_length for each column)"
            )
        migrated = picture(engine)
    with blank("models") as engine:
        Base.metadata.create_all(engine)
        made = picture(engine)
    assert set(migrated) == set(made)
    apart = [
        f"{table}, {part}: migrated {migrated[table][part]}, the model says {parts[part]}"
        for table, parts in made.items()
        for part in parts
        if migrated[table][part] != parts[part]
    ]
    assert not apart, "write a revision that brings them together:\n" + "\n".join(apart)


NOBODY_WRITES_TO = {
    "full_name": "Lan", "name_key": "lan", "phone_num": "0901234567", "role": "patient", "password_hash": "x",
}  # fmt: skip
PATIENT = {"user_id": 1, "date_of_birth": date(1990, 5, 17), "gender": "female"}
LINES = [
    {"actor_id": actor, "actor_role": role, "session_id": actor, "deed": deed, "subject_id": number}
    for number, (actor, role, deed) in enumerate(
        [
            (1, "admin", "record.read"),
            (None, "operator", "account.switched"),
            (1, "admin", "account.read"),
            (1, "admin", "appointment.reopened"),
            (1, "admin", "account.invited"),
            (1, "admin", "leave.changed"),
            (None, "guest", "sign_in.refused"),
        ],
        1,
    )
]
#: What the older version writes meanwhile: on SQLite it gets the number of a line that was set aside.
MEANWHILE = text(
    "INSERT INTO audit_events (at, actor_id, actor_role, session_id, deed, subject_id, request_id, details)"
    " VALUES ('2026-03-02 09:00:00', 1, 'doctor', 1, 'record.read', 8, '', '{}')"
)
#: Deeds with their subjects, in the order of these.
ALL_LINES = [
    ("record.read", 1), ("account.switched", 2), ("account.read", 3), ("appointment.reopened", 4),
    ("account.invited", 5), ("leave.changed", 6), ("sign_in.refused", 7), ("record.read", 8),
]  # fmt: skip


def test_what_newer_revisions_brought_survives_the_way_down_and_up(blank):
    """Patients without an e-mail, and audit lines that an older revision has no word for; and still nobody erases."""
    with blank("there_and_back") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(Base.metadata.tables["users"]), [NOBODY_WRITES_TO])
            connection.execute(insert(Base.metadata.tables["audit_events"]), LINES)
        downgrade(revision="0002")
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT email FROM users")) == "patient-1@no-email.invalid"
            assert connection.scalars(text("SELECT deed FROM audit_events")).all() == ["record.read"]
            connection.execute(MEANWHILE)
        erasing_is_refused(engine)
        erasing_is_refused(engine, "audit_events_kept")
        erasing_is_refused(engine, "audit_events_kept_0016")
        erasing_is_refused(engine, "audit_events_kept_0018")
        erasing_is_refused(engine, "audit_events_kept_0027")
        upgrade()
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT email FROM users")) is None
            lines = text("SELECT deed, subject_id FROM audit_events ORDER BY subject_id")
            assert [tuple(line) for line in connection.execute(lines)] == ALL_LINES
            connection.execute(insert(Base.metadata.tables["audit_events"]), LINES[:1])
        assert not [name for name in inspect(engine).get_table_names() if name.startswith("audit_events_kept")]
        erasing_is_refused(engine)
        downgrade(revision="base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        assert leftovers(engine) == []


#: A visit of the first two people, so that an older revision and a newer one hold it alike.
APPOINTMENT = {
    "patient_id": 1, "doctor_id": 2, "department_id": 1, "appointment_date": date(2026, 3, 2),
    "appointment_time": time(9, 30), "status": "confirmed", "examination_fee": 200_000, "estimated_fee": 350_000,
    "service_fee": 150_000,
}  # fmt: skip


def test_that_a_visit_was_reopened_survives_the_way_down_and_up_and_its_fee_is_kept(blank):
    tables = Base.metadata.tables
    people = [NOBODY_WRITES_TO | {"email": f"p{number}@example.com"} for number in range(2)]
    with blank("reopened") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(tables["users"]), people)
            connection.execute(insert(tables["departments"]), [{"name": "Heart", "health_examination_fee": 999_000}])
            connection.execute(insert(tables["patients"]), [PATIENT])
            connection.execute(insert(tables["doctors"]), [{"user_id": 2, "department_id": 1, "license_number": "L"}])
            connection.execute(insert(tables["appointments"]), [APPOINTMENT])
            lines = [
                {"appointment_id": 1, "by_user_id": 1, "by_role": "admin", "what": what, "to_status": "confirmed"}
                for what in ("created", "reopened")
            ]
            connection.execute(insert(tables["appointment_events"]), lines)
        downgrade(revision="0008")
        history = text("SELECT what FROM appointment_events ORDER BY id")
        with engine.begin() as connection:
            assert connection.scalars(history).all() == ["created"]
        erasing_is_refused(engine, "appointment_events", "appointment_id")
        erasing_is_refused(engine, "appointment_events_kept", "appointment_id")
        upgrade()
        with engine.begin() as connection:
            assert connection.scalars(history).all() == ["created", "reopened"]
            assert connection.scalar(text("SELECT examination_fee FROM appointments")) == 200_000
        assert "appointment_events_kept" not in inspect(engine).get_table_names()
        erasing_is_refused(engine, "appointment_events", "appointment_id")
        downgrade(revision="base")
        assert leftovers(engine) == []


def test_who_was_invited_and_never_signed_in_has_no_password(blank):
    """Of four accounts, the office made three; one of these signed in, one chose a password, the last did neither."""
    users, events = Base.metadata.tables["users"], Base.metadata.tables["audit_events"]
    sessions = Base.metadata.tables["sign_in_sessions"]
    people = [NOBODY_WRITES_TO | {"email": f"p{number}@example.com"} for number in range(4)]
    made = {"actor_id": 1, "actor_role": "admin", "session_id": 1, "deed": "account.created"}
    reset = {"actor_id": 3, "actor_role": "patient", "session_id": None, "deed": "password.reset", "subject_id": 3}
    with blank("invited") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(users), people)
            connection.execute(insert(events), [made | {"subject_id": number} for number in (1, 2, 3, 4)])
            connection.execute(insert(events), [reset])
            signed_in = {"user_id": 2, "kind": "browser", "secret_digest": "x", "expires_at": datetime.now(UTC)}
            connection.execute(insert(sessions), [signed_in])
        downgrade(revision="0008")
        upgrade()
        with engine.begin() as connection:
            hashes = connection.scalars(text("SELECT password_hash FROM users ORDER BY id")).all()
        assert hashes == ["x", "x", "x", "!"]
        downgrade(revision="0008")
        with engine.begin() as connection:
            assert connection.scalars(text("SELECT password_hash FROM users ORDER BY id")).all() == ["x", "x", "x", "-"]


def test_who_used_a_mailed_link_has_a_confirmed_email_and_admins_look_after_everything(blank):
    """Of four accounts one never used a link; of another the office has changed the e-mail since; the last has none now."""
    users, events = Base.metadata.tables["users"], Base.metadata.tables["audit_events"]
    people = [NOBODY_WRITES_TO | {"email": f"p{number}@example.com", "role": "admin"} for number in range(3)]
    reset = {"actor_id": 1, "actor_role": "patient", "session_id": None, "deed": "password.reset"}
    edit = {"actor_id": 9, "actor_role": "admin", "session_id": 1, "deed": "account.changed"}
    first, second = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    lines = [
        reset | {"subject_id": 1, "at": first, "details": {}},
        reset | {"subject_id": 1, "at": second, "details": {}},
        edit | {"subject_id": 1, "at": first, "details": {"fields": ["email"]}},
        edit | {"subject_id": 1, "at": second + timedelta(days=1), "details": {"fields": ["phone_num"]}},
        reset | {"subject_id": 2, "at": first, "details": {}},
        edit | {"subject_id": 2, "at": second, "details": {"fields": ["full_name", "email"]}},
        reset | {"subject_id": 4, "at": first, "details": {}},
    ]
    with blank("confirmed") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(users), [*people, NOBODY_WRITES_TO | {"email": None}])
            connection.execute(insert(events), lines)
        downgrade(revision="0029")
        upgrade()
        with engine.begin() as connection:
            read = select(users.c.email_confirmed_at, users.c.duties).order_by(users.c.id)
            rows = [tuple(row) for row in connection.execute(read)]
        everything = ["reception", "catalogue", "records", "accounts", "audit"]
        assert rows == [(second, everything), (None, everything), (None, everything), (None, [])]


def test_a_session_of_before_ends_for_good_a_month_after_it_began(blank):
    users, sessions = Base.metadata.tables["users"], Base.metadata.tables["sign_in_sessions"]
    began = datetime(2026, 3, 2, 5, 6, 7, 890123, tzinfo=UTC)
    session = {"user_id": 1, "kind": "browser", "secret_digest": "x", "expires_at": began, "created_at": began}
    with blank("month") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(users), [NOBODY_WRITES_TO])
            connection.execute(insert(sessions), [session])
        downgrade(revision="0028")
        upgrade()
        with engine.begin() as connection:
            assert connection.scalar(select(sessions.c.ends_at)) == began + timedelta(days=30)


def test_passkeys_without_an_app_keep_the_version_before_away(blank):
    """It knows no passkeys, and would let the password in alone."""
    at = datetime(2026, 11, 27, tzinfo=UTC)
    account = {"full_name": "Ana", "name_key": "ana", "phone_num": "0901234567", "role": "patient", "is_active": True}
    account |= {"is_staff": False, "password_hash": "x", "language": "en", "created_at": at, "updated_at": at}
    passkey = {
        "public_key": "k",
        "sign_count": 0,
        "transports": [],
        "name": "Phone",
        "is_backed_up": False,
        "created_at": at,
    }
    tables = Base.metadata.tables
    app = {"user_id": 1, "sealed_secret": "s", "confirmed_at": at, "last_step": 0, "created_at": at}
    with blank("passkeys") as engine:
        upgrade()
        with engine.begin() as connection:
            connection.execute(insert(tables["users"]), [account | {"id": 1, "email": "ana@example.com"}])
            for ended_at in (None, at):
                values = passkey | {"user_id": 1, "credential_id": f"c{ended_at}", "ended_at": ended_at}
                connection.execute(insert(tables["passkeys"]), [values])
        with pytest.raises(migrations.MigrationError, match="1 accounts have a passkey and no app"):
            migrations.downgrade(engine, "0039")
        with engine.begin() as connection:
            connection.execute(insert(tables["totp_factors"]), [app])
        migrations.downgrade(engine, "0039")
        with engine.begin() as connection:
            assert connection.execute(text("SELECT COUNT(*) FROM passkeys")).scalar_one() == 2


#: E-mails as older versions kept them, with whether the account is on, and what becomes of each.
SPELLINGS = [
    ("anna@bücher.example", False, "anna@bücher.example"),  # switched off: the mailbox is the next one's
    ("Anna@xn--bcher-kva.example", True, "anna@xn--bcher-kva.example"),
    ("bo@bücher.example", True, "bo@bücher.example"),  # the next one has the one form already
    ("bo@xn--bcher-kva.example", False, "bo@xn--bcher-kva.example"),
    ("chi@bücher.example", True, "chi@xn--bcher-kva.example"),
    ("none at all", True, "none at all"),
    (None, True, None),
]


def test_older_emails_and_names_get_their_one_form(blank):
    """And of two accounts with one mailbox neither is lost: one keeps its spelling."""
    with blank("one_form") as engine:
        upgrade(revision="0008")
        rows = [
            {**NOBODY_WRITES_TO, "full_name": "Chi D’Amour", "name_key": "chi d’amour", "email": email, "is_active": on}
            | {
                "is_staff": False,
                "language": "en",
                "created_at": datetime(2026, 1, 1),
                "updated_at": datetime(2026, 1, 1),
            }
            for email, on, _kept in SPELLINGS
        ]
        with engine.begin() as connection:
            connection.execute(insert(Table("users", MetaData(), autoload_with=connection)), rows)
        upgrade()
        read = text("SELECT name_key, email FROM users ORDER BY id")
        with engine.begin() as connection:
            assert [tuple(row) for row in connection.execute(read)] == [("chi d'amour", kept) for *_, kept in SPELLINGS]
        downgrade(revision="0008")
        with engine.begin() as connection:
            assert connection.execute(read).first().name_key == "chi d’amour"


def erasing_is_refused(engine: Engine, table: str = "audit_events", column: str = "subject_id") -> None:
    """The table keeps its rows: its triggers are there."""
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 2"):  # noqa: S608
        with pytest.raises(DBAPIError, match="keeps its rows"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_migrated_database_is_empty(database, apps):
    """Tests empty the tables: a row that a migration brings would be there in the first test and never again."""
    with apps(database.engine).app_context(), db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            count = connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar()  # noqa: S608
            assert count == 0, f"{table.name} has rows after the migrations: tests/databases.py must learn to keep them"


def picture(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything about the tables that can be compared."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "primary key": (
                seen.get_pk_constraint(table)["name"],
                seen.get_pk_constraint(table)["constrained_columns"],
            ),
            "foreign keys": sorted(
                (key["name"], key["constrained_columns"], key["referred_table"], sorted(key["options"].items()))
                for key in seen.get_foreign_keys(table)
            ),
            "unique": sorted((rule["name"], rule["column_names"]) for rule in seen.get_unique_constraints(table)),
            "checks": sorted((rule["name"], rule["sqltext"]) for rule in seen.get_check_constraints(table)),
            "indexes": indexes(engine, table),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def indexes(engine: Engine, table: str) -> list[str]:
    """Each index as the database itself would write it, conditions and expressions included."""
    if engine.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :table"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = :table"
    with engine.connect() as connection:
        return sorted(" ".join(line.split()) for line in connection.execute(text(query), {"table": table}).scalars())


def leftovers(engine: Engine) -> list[str]:
    """What the way down has forgotten: triggers, functions, types, sequences. What an extension brought is the database's."""
    if engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
    else:
        query = (
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')"
            " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"
            " UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
        )
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())
