"""Finding people among very many: by which indexes, and that it makes no difference to what is found how many there are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.dialects import postgresql

from clinic import accounts, records, scheduling
from clinic.accounts.models import User
from clinic.accounts.people_search import LOOKED_UP_MOST, matching
from clinic.audit import AuditAction
from clinic.db import db
from clinic.mail import OutboxMail
from clinic.mail.outbox import to_address
from clinic.paging import Keyset
from clinic.policy import Role
from clinic.scheduling.appointment_search import FOUND_COUNTED, FOUND_MOST
from tests import factories
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def morning(clock_at) -> None:
    """Let the clock stand."""
    clock_at("2026-03-02 09:00")


def plan(search: str) -> str:
    """How PostgreSQL finds whom ``search`` asks for, if it may not read everybody."""
    return plan_of(select(User.id).where(matching(search)))


def plan_of(statement: Select[int]) -> str:
    """How PostgreSQL finds what a statement asks for, if it may not read everything."""
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        lines = connection.exec_driver_sql(f"EXPLAIN {compiled}").scalars()
        return "\n".join(lines)


@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize(
    ("search", "indexes"),
    [
        ("linh", ["ix_users_name_key_trigrams", "ix_users_email_trigrams"]),
        ("0912345678", ["ix_users_name_key_trigrams", "ix_users_phone_num_trigrams"]),
        ("linh@example.com", ["ix_users_email_trigrams"]),
        ("SHI-79-2041037", ["ix_patients_insurance_id_trigrams"]),
        ("nhung 31/5/1990", ["ix_patients_date_of_birth"]),
    ],
)
def test_every_part_is_found_by_an_index(search: str, indexes: list[str]) -> None:
    found = plan(search)
    assert "Seq Scan" not in found
    for name in indexes:
        assert name in found, found


@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize("search", ["a", "li", "07"])
def test_what_is_too_short_for_an_index_reads_none_from_end_to_end(search: str) -> None:
    assert "trigrams" not in plan(search)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_mail_is_found_by_a_part_of_its_address(cast: Cast) -> None:
    indexed, whole = (select(OutboxMail.id).where(condition) for condition in map(to_address, ("ana@ex", "an")))
    assert "ix_outbox_recipient_trigrams" in plan_of(indexed)
    assert "trigrams" not in plan_of(whole)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_sqlite_finds_by_its_table_of_trigrams_what_there_is_now(cast: Cast) -> None:
    """Whatever happens to people: they are made, change, and are taken out by hand."""
    esther = cast.actor("esther")

    def found(search: str) -> list[int]:
        return [row["id"] for row in accounts.people(esther, search=search).results]

    number = factories.patient("Đỗ Thị Hồng Nhung", "nhung@example.com", phone_num="0912345678")
    with count_statements(db.engine) as statements:
        assert found("ồng nhu") == found("nhung@example") == found("912 345") == [number]
    assert any("people_trigrams MATCH" in statement for statement in statements)
    accounts.edit_person(esther, number, {"full_name": 'Lê Mai "Nhím"'})
    assert (found("hong nhung"), found("nhím"), found('mai "nhi')) == ([], [number], [number])
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM patients WHERE user_id = :number").bindparams(number=number))
        connection.execute(text("DELETE FROM users WHERE id = :number").bindparams(number=number))
        connection.execute(text("INSERT INTO people_trigrams (people_trigrams, rank) VALUES ('integrity-check', 1)"))
    db.session.rollback()
    assert found("nhím") == []


def test_the_rows_of_many_people_are_found_like_those_of_few(cast: Cast) -> None:
    """More people are meant than are looked up one by one."""
    esther = cast.actor("esther")
    many = factories.add_all([factories.patient_row("Nguyễn Linh") for _ in range(LOOKED_UP_MOST)])
    days = [DAY + timedelta(days=number - 3) for number in range(6)]
    visits = factories.add_appointments(
        [factories.appointment_row(many[number * 7], cast.chen, day) for number, day in enumerate(days)]
    )
    for patient in many[:3]:
        factories.audit_event(AuditAction.ACCOUNT_READ, (cast.esther, Role.ADMIN), patient)

    def found() -> tuple[list[int], int]:
        listed = scheduling.appointments(esther, search="linh", page=Keyset(4)).results
        trail = records.audit_trail(esther, whose="linh", page=Keyset(10)).results
        # Beside these, the trail has that they stood in the list of visits.
        return [row["id"] for row in listed], sum(row["action"] == AuditAction.ACCOUNT_READ for row in trail)

    few = found()
    assert few == ([*visits[3:], visits[2]], 3)
    factories.add_all([factories.patient_row("Nguyễn Linh") for _ in range(2)])
    assert found() == few


def test_the_office_finds_many_without_counting_all_and_few_by_one_look_up(cast: Cast) -> None:
    esther = cast.actor("esther")
    many = factories.add_all([factories.patient_row("Nguyễn Linh") for _ in range(FOUND_COUNTED)])
    visit = factories.add_appointments([factories.appointment_row(many[7], cast.chen, DAY + timedelta(days=1))])

    def found() -> list[tuple[int, bool, int]]:
        result = scheduling.find(esther, "linh")
        assert [row["id"] for row in result.appointments.results] == visit
        return [(page.count, page.capped, len(page.results)) for page in (result.patients, result.doctors)]

    assert found() == [(FOUND_COUNTED, False, FOUND_MOST), (0, False, 0)]
    with count_statements(db.engine) as statements:
        assert found() == [(FOUND_COUNTED, False, FOUND_MOST), (0, False, 0)]
    assert sum("LIKE" in statement for statement in statements) == 1
    factories.add_all([factories.patient_row("Nguyễn Linh") for _ in range(LOOKED_UP_MOST)])
    assert found() == [(FOUND_COUNTED, True, FOUND_MOST), (0, False, 0)]
