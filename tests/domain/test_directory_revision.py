"""The revision of the public directory: each change of what is shown raises it, whoever makes it, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from clinic import accounts, clock, directory, scheduling
from clinic.db import db, rolled_back, session, transaction
from clinic.directory.models import Department
from tests import factories
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

#: By hand, past the portal: what is shown of each table.
BY_HAND = [
    (
        "INSERT INTO departments"
        " (name, icon, description, translations, is_active, health_examination_fee, created_at, updated_at)"
        " SELECT 'Skin', icon, description, translations, is_active, health_examination_fee, created_at, updated_at"
        " FROM departments WHERE id = {cardiology}"
    ),
    "UPDATE departments SET name = 'Heart' WHERE id = {cardiology}",
    "UPDATE departments SET name = name || '.'",
    "DELETE FROM departments WHERE name = 'Empty'",
    (
        "INSERT INTO services (department_id, name, description, translations, price, is_active, created_at)"
        " SELECT department_id, 'X-ray', description, translations, price, is_active, created_at"
        " FROM services WHERE id = {ecg}"
    ),
    "UPDATE services SET price = 1 WHERE id = {ecg}",
    "DELETE FROM services WHERE id = {ecg}",
    "UPDATE rooms SET floor = 9 WHERE id = (SELECT min(id) FROM rooms)",
    "UPDATE rooms SET is_active = false WHERE id = (SELECT min(id) FROM rooms)",
    "DELETE FROM rooms WHERE room_number = '999'",
    "UPDATE doctors SET bio = 'Listens.' WHERE user_id = {chen}",
    "UPDATE doctors SET rating = 1, total_reviews = total_reviews + 1 WHERE user_id = {chen}",
    "UPDATE users SET full_name = 'Dr Ch' WHERE id = {chen}",
    "UPDATE users SET phone_num = '0999999999' WHERE id = {chen}",
    "UPDATE users SET email = 'ch@clinic.example' WHERE id = {chen}",
    "UPDATE users SET is_active = false WHERE id = {chen}",
    "UPDATE users SET password_hash = '!' WHERE id = {chen}",
    "DELETE FROM users WHERE email = 'gone@clinic.example'",
]
#: What nobody is shown.
NOT_SHOWN = [
    "UPDATE users SET language = 'vi', version = version + 1 WHERE id = {chen}",
    "UPDATE users SET password_hash = 'another' WHERE id = {chen}",
    "UPDATE users SET full_name = full_name WHERE id = {chen}",
    "UPDATE patients SET address = 'Elsewhere' WHERE user_id = {ana}",
]


def present() -> str | None:
    """The revision as whoever asks next is told it."""
    session().rollback()
    return directory.revision()


def by_hand(statement: str, cast: Cast) -> None:
    """Change rows past the portal's session."""
    with db.engine.begin() as connection:
        connection.execute(text(statement.format(**vars(cast))))


def rename(department_id: int) -> None:
    """Call a department "Heart" in the present transaction."""
    session().get_one(Department, department_id).name = "Heart"
    session().flush()


@pytest.fixture
def clinic(cast: Cast) -> Cast:
    """The cast, and what may be deleted: a department, a room, and a doctor whose profile goes with the account."""
    factories.department("Empty")
    factories.room("999")
    factories.doctor("Dr Gone", "gone@clinic.example", department_id=cast.cardiology)
    return cast


@pytest.mark.parametrize("statement", BY_HAND)
def test_what_is_changed_by_hand_raises_it(clinic: Cast, statement: str) -> None:
    before = present()
    assert before
    by_hand(statement, clinic)
    assert present() not in (None, before)


@pytest.mark.parametrize("statement", NOT_SHOWN)
def test_what_is_not_shown_leaves_it(clinic: Cast, statement: str) -> None:
    before = present()
    by_hand(statement, clinic)
    assert present() == before


def test_each_command_of_the_office_and_of_doctors_raises_it(clinic: Cast) -> None:
    esther, chen = clinic.actor("esther"), clinic.actor("chen")
    skin: directory.DepartmentValues = {
        "name": "Skin", "name_vi": "Da", "icon": "sun", "description": "", "description_vi": "",
        "health_examination_fee": Decimal(1),
    }  # fmt: skip
    commands = {
        "a department": lambda: directory.save_department(esther, skin),
        "a service": lambda: directory.save_service(
            esther, {"department_id": clinic.cardiology, "name": "Echo", "name_vi": "", "description": "",
                     "description_vi": "", "price": Decimal(5)}),
        "a room": lambda: directory.save_room(esther, {"room_number": "777", "floor": 7, "department_id": None}),
        "a doctor's own entry": lambda: directory.update_me(chen, {"doctor_profile": {"bio": "Listens first."}}),
        "a doctor's own name": lambda: directory.update_me(chen, {"full_name": "Dr Chen Wei"}),
    }  # fmt: skip
    for name, command in commands.items():
        before = present()
        command()
        assert present() != before, name


def test_bookings_and_leave_leave_it(clinic: Cast, clock_at: Any) -> None:
    clock_at("2026-03-02 12:00")
    before = present()
    factories.appointment(clinic.ana, clinic.chen, clock.today() + timedelta(days=2))
    scheduling.take_leave(clinic.actor("chen"), first_day=clock.today() + timedelta(days=9))
    accounts.set_language(clinic.actor("chen"), "vi")
    assert present() == before


def test_a_change_that_is_taken_back_raises_nothing(clinic: Cast) -> None:
    before = present()
    with rolled_back(), transaction():
        rename(clinic.cardiology)
    assert present() == before
    with transaction() as current:
        with current.begin_nested() as savepoint:
            rename(clinic.cardiology)
            savepoint.rollback()
        rename(clinic.cardiology)
    assert present() != before


def test_many_changes_of_one_transaction_raise_it_once(clinic: Cast) -> None:
    before = present()
    with transaction():
        factories.add_all([factories.department_row(f"Department {each}") for each in range(300)])
    assert present() != before
    assert session().scalar(text("SELECT count(*) FROM directory_revision")) == 1


def test_nothing_is_remembered_of_what_is_not_committed(clinic: Cast) -> None:
    shown = directory.doctor(clinic.chen, lang="en")
    with rolled_back(), transaction():
        rename(clinic.cardiology)
        assert directory.revision() is None
        assert directory.doctor(clinic.chen, lang="en")["department_name"] == "Heart", "a command sees its own change"
    assert directory.doctor(clinic.chen, lang="en") == shown


READINGS = {
    "departments": lambda _: directory.departments(lang="en"),
    "a department": lambda c: directory.department(c.cardiology, lang="en"),
    "services": lambda _: directory.services(lang="vi"),
    "a service": lambda c: directory.service(c.ecg, lang="vi"),
    "doctors": lambda c: directory.doctors(department_id=c.cardiology, lang="en"),
    "doctors found": lambda _: directory.find_doctors("chen", lang="en"),
    "a doctor": lambda c: directory.doctor(c.chen, lang="en"),
    "a doctor's room": lambda c: directory.room_of(c.chen),
    "languages": lambda _: directory.spoken_languages(),
}


@pytest.mark.parametrize("name", READINGS)
def test_what_was_read_before_is_read_again_by_asking_for_the_revision_alone(clinic: Cast, name: str) -> None:
    read = READINGS[name]
    first = read(clinic)
    session().rollback()
    with count_statements(db.engine) as statements:
        again = read(clinic)
        read(clinic)
    assert again == first
    assert again is not first
    assert statements == ["SELECT token FROM directory_revision"]


def test_whoever_is_given_it_may_change_it(clinic: Cast) -> None:
    rows = directory.departments(lang="en").results
    rows[0]["name"] = "Scribbled over"
    rows.clear()
    assert [row["name"] for row in directory.departments(lang="en").results] == ["Cardiology", "Empty", "Neurology"]


def test_each_language_and_each_page_has_its_own(clinic: Cast) -> None:
    names = {lang: [row["name"] for row in directory.departments(lang=lang).results] for lang in ("en", "vi", "en")}
    assert names["en"] != names["vi"]
    keyset = directory.find_doctors(lang="en", page=None)
    assert len(directory.doctors(lang="en", department_id=clinic.cardiology).results) < len(keyset.results)


def test_an_empty_directory_has_none(app_context: None, database: object) -> None:
    assert directory.revision() is None
    assert directory.departments(lang="en").results == []
    department = factories.department("First")
    assert present()
    assert directory.department(department, lang="en")["name"] == "First"
