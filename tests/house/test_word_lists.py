"""A closed list of words grows and shrinks by one helper, which leaves everything else of the table as it was."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import JSON, CheckConstraint, Connection, Engine, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from clinic import audit, word_lists
from clinic.accounts.email_change_models import EmailChangeEnd
from clinic.accounts.sign_in_models import AttemptOutcome, TicketPurpose
from clinic.audit import AuditAction
from clinic.db import Base, db, session
from clinic.directory.models import SPOKEN_LANGUAGES
from clinic.i18n import LANGUAGES
from clinic.mail import LinkPurpose, MailStatus
from clinic.policy import Duty, Role
from clinic.scheduling.calendar import slot_times
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import EventType
from clinic.triggers import triggers_of
from clinic.word_lists import Word, WordList, lists_only, one_of, replace_check, set_length
from tests.domain.chained import write
from tests.house.test_migrations import APPOINTMENT, NOBODY_WRITES_TO, PATIENT, picture

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")


LISTS: dict[WordList, tuple[str, ...]] = {
    WordList("users", "role"): tuple(map(str, Role)),
    WordList("users", "language"): tuple(LANGUAGES),
    WordList("audit_events", "deed"): tuple(map(str, AuditAction)),
    WordList("doctors", "languages", lists_only): tuple(SPOKEN_LANGUAGES),
    WordList("appointments", "status"): tuple(map(str, AppointmentStatus)),
    WordList("appointment_events", "what"): tuple(map(str, EventType)),
    WordList("outbox", "status"): tuple(map(str, MailStatus)),
    WordList("users", "duties", lists_only): tuple(map(str, Duty)),
    WordList("sign_in_attempts", "outcome"): tuple(map(str, AttemptOutcome)),
    WordList("sign_in_tickets", "purpose"): tuple(map(str, TicketPurpose)),
    WordList("mailed_links", "purpose"): tuple(map(str, LinkPurpose)),
    WordList("email_changes", "ended_because"): tuple(map(str, EmailChangeEnd)),
    WordList("visits_to_settle", "cause"): tuple(map(str, SettlingCause)),
    WordList("visits_to_settle", "outcome"): tuple(map(str, SettlingOutcome)),
}
ROLES, KNOWN_ROLES = WordList("users", "role"), tuple(map(str, Role))
#: What no clinic has.
NO_ROLE = "astrologer"
TRAIL = WordList("audit_events", "deed", waiting="audit_events_kept_0099")


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection as ``migrations/env.py`` has it: one transaction, SQLite's foreign keys off."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
            if sqlite:
                assert driver.execute("PRAGMA foreign_key_check").fetchall() == []
        finally:
            if sqlite:
                driver.execute("PRAGMA foreign_keys = ON")


def triggers(engine: Engine) -> dict[str, dict[str, tuple[str, ...]]]:
    """Every trigger of the database by table, with how it is switched on."""
    with engine.connect() as connection:
        return {table: triggers_of(connection, table) for table in Base.metadata.tables}


def test_each_list_grows_and_shrinks_and_nothing_else_changes(blank: Callable[[str], Any]) -> None:
    with blank("words") as engine:
        upgrade()
        before, refusing = picture(engine), triggers(engine)
        assert refusing["audit_events"]
        for listed, words in LISTS.items():
            with migrating(engine) as connection:
                listed.widen(connection, (*words, "new word"))
            checks = dict(picture(engine)[listed.table]["checks"])
            assert "new word" in checks[f"ck_{listed.table}_{listed.column}_known"]
            assert triggers(engine) == refusing
            with migrating(engine) as connection:
                listed.narrow(connection, words)
            assert picture(engine) == before
            assert triggers(engine) == refusing


def test_the_lists_of_the_test_are_all_that_the_models_have() -> None:
    checks = {
        f"{table.name}.{str(check.name).removeprefix(f'ck_{table.name}_').removesuffix('_known')}"
        for table in Base.metadata.sorted_tables
        for check in table.constraints
        if str(check.name).endswith("_known")
    }
    small = {"patients.gender", "sign_in_sessions.kind"}
    assert checks - small == {f"{each.table}.{each.column}" for each in LISTS}


def word_columns() -> dict[tuple[str, str], Word]:
    """Each column that holds words of a closed list, and its type."""
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns]
    return {(each.table.name, each.name): each.type for each in columns if isinstance(each.type, Word)}


def other_checks(table: str, column: str) -> dict[str, str]:
    """The checks of a table that name a column beside that of its words, as the model writes them."""
    checks = [each for each in Base.metadata.tables[table].constraints if isinstance(each, CheckConstraint)]
    own = f"ck_{table}_{column}_known"
    return {str(each.name): str(each.sqltext) for each in checks if column in str(each.sqltext) and each.name != own}


def test_every_column_of_words_is_as_long_as_the_longest() -> None:
    """Whether a check holds it to the list or only what writes it: the type is ``Word``, so that a longer word is noticed."""
    lists = {(each.table, each.column) for each in LISTS if each.condition is not lists_only}
    typed = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith(("role", "status")) and not isinstance(column.type, JSON)
    ]
    assert lists | set(typed) <= set(word_columns()), "give the column the type Word (clinic.word_lists)"


def test_a_longer_word_makes_every_column_of_its_list_longer() -> None:
    assert (Word(["nurse"]).length, Word(["nurse", "head of reception"]).length, Word(["en"], least=5).length) == (
        10,
        17,
        5,
    )


def test_every_column_of_words_grows_longer_and_back_and_nothing_else_changes(blank: Callable[[str], Any]) -> None:
    with blank("longer") as engine:
        upgrade()
        before, refusing = picture(engine), triggers(engine)
        with migrating(engine) as connection:
            for table, column in word_columns():
                set_length(connection, table, column, 99)
        now = picture(engine)
        assert {now[table]["columns"][column][0] for table, column in word_columns()} == {"VARCHAR(99)"}
        assert triggers(engine) == refusing
        with migrating(engine) as connection:
            for (table, column), word in word_columns().items():
                set_length(connection, table, column, word.length or 0)
                if f"ck_{table}_{column}_known" in dict(before[table]["checks"]):
                    WordList(table, column).widen(connection, word.words)
                for name, condition in other_checks(table, column).items():
                    replace_check(connection, table, name, condition)
        assert picture(engine) == before
        assert triggers(engine) == refusing


def test_another_grid_of_slots_is_refused_while_a_visit_stands_beside_it(blank: Callable[[str], Any]) -> None:
    """Two visits can't be half over each other: whoever changes the slots' length moves the visits first."""
    grid = "ck_appointments_appointment_time_on_grid"
    tables = Base.metadata.tables
    with blank("grid") as engine:
        upgrade()
        people = [NOBODY_WRITES_TO | {"email": f"p{number}@example.com"} for number in range(2)]
        with engine.begin() as connection:
            connection.execute(insert(tables["users"]), people)
            connection.execute(insert(tables["departments"]), [{"name": "Heart", "health_examination_fee": 1}])
            connection.execute(insert(tables["patients"]), [PATIENT])
            connection.execute(insert(tables["doctors"]), [{"user_id": 2, "department_id": 1, "license_number": "L"}])
            connection.execute(insert(tables["appointments"]), [APPOINTMENT])
        of_twenty = one_of("appointment_time", (f"{at:%H:%M:%S}" for at in slot_times(time(8), time(17), 20)))
        with pytest.raises(IntegrityError), migrating(engine) as connection:
            replace_check(connection, "appointments", grid, of_twenty)
        with engine.begin() as connection:
            connection.execute(text("UPDATE appointments SET appointment_time = '10:00:00' WHERE id = 1"))
        with migrating(engine) as connection:
            replace_check(connection, "appointments", grid, of_twenty)
            connection.execute(text("UPDATE appointments SET appointment_time = '10:20:00' WHERE id = 1"))


def test_no_column_grows_shorter_than_what_it_holds(blank: Callable[[str], Any]) -> None:
    with blank("shorter") as engine:
        upgrade()
        person = NOBODY_WRITES_TO | {
            "full_name": "Nga",
            "name_key": "nga",
            "email": "nga@example.com",
            "role": "patient",
        }
        with engine.begin() as connection:
            connection.execute(insert(Base.metadata.tables["users"]), [person])
        with pytest.raises((RuntimeError, DBAPIError)), migrating(engine) as connection:
            set_length(connection, "users", "role", 5)


def test_a_new_role_is_refused_before_taken_after_and_held_on_the_way_back(blank: Callable[[str], Any]) -> None:
    users = Base.metadata.tables["users"]
    person = NOBODY_WRITES_TO | {"full_name": "Nga", "name_key": "nga", "email": "nga@example.com", "role": NO_ROLE}
    with blank("role") as engine:
        upgrade()
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(users), [person])
        with migrating(engine) as connection:
            ROLES.widen(connection, (*KNOWN_ROLES, NO_ROLE))
        with engine.begin() as connection:
            connection.execute(insert(users), [person])
        with pytest.raises(RuntimeError, match="1 rows of users have a role"), migrating(engine) as connection:
            ROLES.narrow(connection, KNOWN_ROLES)
        with engine.begin() as connection:
            connection.execute(text("UPDATE users SET role = 'admin'"))
        with migrating(engine) as connection:
            ROLES.narrow(connection, KNOWN_ROLES)
            assert connection.scalar(text("SELECT full_name FROM users")) == "Nga"


def test_lines_of_the_trail_are_set_aside_and_taken_back(blank: Callable[[str], Any]) -> None:
    """A trail is never thrown away, and nobody changes it while it waits."""
    deeds = tuple(map(str, AuditAction))
    line = {"actor_id": 1, "actor_role": "admin", "session_id": 1, "subject_id": 1, "request_id": "", "details": {}}
    read = text("SELECT deed FROM audit_events ORDER BY id")
    with blank("trail") as engine:
        upgrade()
        with migrating(engine) as connection:
            TRAIL.widen(connection, (*deeds, "stars.read"))
        with engine.begin() as connection:
            events = Base.metadata.tables["audit_events"]
            for deed in ("record.read", "stars.read"):
                connection.execute(insert(events), [line | {"deed": deed}])
        with migrating(engine) as connection:
            TRAIL.narrow(connection, deeds)
            assert connection.scalars(read).all() == ["record.read"]
        for table in (TRAIL.table, TRAIL.waiting):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET subject_id = 2"):  # noqa: S608
                with pytest.raises(DBAPIError, match="keeps its rows"), engine.begin() as connection:
                    connection.execute(text(statement))
        with engine.connect() as connection:
            there, waiting = (triggers_of(connection, table) for table in (TRAIL.table, str(TRAIL.waiting)))
        # What refuses goes along; entries that wait are found by no patient.
        there = {name: definition for name, definition in there.items() if "_no_" in name}
        assert {name.replace(f"{TRAIL.waiting}", TRAIL.table) for name in waiting} == set(there)
        assert {len(definition) for definition in waiting.values()} == {len(each) for each in there.values()}
        with migrating(engine) as connection:
            TRAIL.widen(connection, (*deeds, "stars.read"))
            assert connection.scalars(read).all() == ["record.read", "stars.read"]
        assert TRAIL.waiting not in picture(engine)


SEALED_TRAIL = replace(TRAIL, told_in=("audit_event_patients.event_id",), chained_in="audit_seals")


def sealed_well() -> int:
    """Seals what there is; how many entries the chain has, which holds."""
    audit.seal()
    verdict = audit.verify()
    assert (verdict.fault, verdict.unsealed) == (None, 0)
    return verdict.sealed


@pytest.mark.parametrize("used", [True, False])
def test_a_chain_of_seals_holds_on_the_way_back_and_up_again(make_app: Callable[..., Flask], used: bool) -> None:
    """Where entries are set aside it begins anew; else no seal is touched."""
    actions, more = tuple(map(str, AuditAction)), (*map(str, AuditAction), "stars.read")
    with make_app().app_context():
        with migrating(db.engine) as connection:
            SEALED_TRAIL.widen(connection, more)
            refusing = triggers_of(connection, "audit_seals")
        write(4)
        write(used, deed="stars.read", details={"patients": [2, 9]})
        assert sealed_well() == 4 + used
        for change, words, unsealed in ((SEALED_TRAIL.narrow, actions, 4 * used), (SEALED_TRAIL.widen, more, used)):
            session().rollback()
            with migrating(db.engine) as connection:
                change(connection, words)
                assert triggers_of(connection, "audit_seals") == refusing
            assert audit.state().unsealed == unsealed
            # The older version may give the numbers of entries that wait to others.
            write(1, details={"patients": [2, 7]})
            sealed_well()
        assert sealed_well() == 6 + used


def test_each_later_migration_of_the_audits_words_knows_of_the_seals() -> None:
    lists = re.compile(r'WordList\(\s*"audit_events".*?\)\n', re.DOTALL)
    for file in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        for written in lists.findall(file.read_text()) if file.name > "0036" else ():
            assert 'chained_in="audit_seals"' in written, f"{file.name}: see docs/decisions/0019"
            assert "audit_event_patients.event_id" in written, f"{file.name}: see docs/decisions/0019"


def test_nothing_is_copied_while_foreign_keys_are_on(blank: Callable[[str], Any]) -> None:
    """SQLite would take along whatever refers to the table."""
    with blank("keys") as engine:
        upgrade()
        if engine.dialect.name == "sqlite":
            with pytest.raises(RuntimeError, match="foreign keys must be off"), engine.begin() as connection:
                ROLES.widen(connection, (*KNOWN_ROLES, NO_ROLE))


def test_the_examples_hold() -> None:
    result = doctest.testmod(word_lists)
    assert (result.failed, result.attempted) == (0, 4)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ("a TEXT, CONSTRAINT ck_b CHECK (a = 'b'))", "no check ck_a"),
        ("a TEXT, CONSTRAINT ck_a CHECK (a = ')'", "doesn't end"),
    ],
)
def test_a_table_without_the_check_is_left_alone(columns: str, fault: str) -> None:
    with pytest.raises(RuntimeError, match=fault):
        word_lists._with_check(columns, "ck_a", "a = 'c'")


def test_a_table_without_the_column_is_left_alone() -> None:
    with pytest.raises(RuntimeError, match="no column a of a length"):
        word_lists._with_length("by_a VARCHAR(10), a TEXT)", "a", 14)
