"""What stands out of the readings, on the page of whoever answers for privacy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

import pytest
from flask import Flask

from clinic import audit, records
from clinic.accounts.models import Patient, User
from clinic.audit import AuditAction
from clinic.db import session, transaction
from clinic.policy import Role
from clinic.records import Unusual
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Clock = Callable[[datetime | str], datetime]


OWN_PHONE = "0909090909"


@pytest.fixture(autouse=True)
def own_phone(app: Flask, cast: Cast) -> None:
    """Esther has a phone number of her own."""
    with app.app_context(), transaction():
        session().get_one(User, cast.esther).phone_num = OWN_PHONE


@pytest.fixture
def read(app: Flask, cast: Cast, clock_at: Clock) -> Callable[..., None]:
    """Let Esther of the office have read records: ``read("2026-03-02 10:00", [cast.ana])``."""

    def note(at: str, patients: list[int]) -> None:
        clock_at(at)
        with app.app_context():
            for patient in patients:
                factories.audit_event(AuditAction.RECORD_READ, (cast.esther, Role.ADMIN), patient)

    return note


def found(app: Flask, cast: Cast) -> list[tuple[Unusual, int, int | None]]:
    """What stands out: why, of how many patients, of which one."""
    with app.app_context():
        rows = records.unusual_readings(cast.actor("esther"))
    return [(row.why, row.patients, row.patient_id) for row in rows]


@pytest.fixture
def strangers(app: Flask, cast: Cast) -> list[int]:
    """Forty patients with names of their own."""
    with app.app_context():
        return [factories.patient(f"Given{number} Family{number}", f"s{number}@example.com") for number in range(40)]


def test_usual_work_does_not_stand_out(app: Flask, cast: Cast, read: Callable[..., None], strangers: list[int]) -> None:
    for hour in range(9, 17):
        read(f"2026-03-02 {hour:02}:00", strangers[:9])
    assert found(app, cast) == []


def test_many_in_an_hour_stand_out_by_number_and_by_what_is_usual(
    app: Flask, cast: Cast, read: Callable[..., None], strangers: list[int]
) -> None:
    for hour in range(9, 14):
        read(f"2026-03-02 {hour:02}:00", strangers[:4])
    read("2026-03-03 10:00", strangers[:12])
    read("2026-03-03 11:00", strangers[:13])
    read("2026-03-03 12:00", strangers[:31])
    assert found(app, cast) == [(Unusual.MANY, 31, None), (Unusual.MANY, 13, None)]


def test_who_reads_the_same_patient_often_reads_one(app: Flask, cast: Cast, read: Callable[..., None]) -> None:
    read("2026-03-02 10:00", [cast.boris] * 40)
    assert found(app, cast) == []


@pytest.mark.parametrize(("at", "night"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)])
def test_the_night_is_the_clinics(app: Flask, cast: Cast, read: Callable[..., None], at: str, night: bool) -> None:
    read(f"2026-03-02 {at}", [cast.boris])
    assert found(app, cast) == ([(Unusual.NIGHT, 1, None)] if night else [])


def test_a_patient_who_may_be_the_readers_own_stands_out(
    app: Flask, cast: Cast, read: Callable[..., None], strangers: list[int]
) -> None:
    with app.app_context():
        cousin = factories.patient("Minh Office", "minh@example.com")
        mother = factories.patient("Rosa Silva", "rosa@example.com")
        with transaction():
            session().get_one(Patient, mother).emergency_contact_phone = OWN_PHONE
    read("2026-03-02 10:00", [cousin, mother, *strangers[:5]])
    assert sorted(found(app, cast)) == sorted([(Unusual.OWN_SURNAME, 1, cousin), (Unusual.OWN_PHONE, 1, mother)])


def test_a_surname_that_half_a_country_has_says_nothing(
    app: Flask, cast: Cast, read: Callable[..., None], strangers: list[int]
) -> None:
    with app.app_context():
        named = [factories.patient(f"Office Name{number}", f"n{number}@example.com") for number in range(10)]
    for hour in range(10, 16):
        read(f"2026-03-02 {hour:02}:00", [*named[:5], *strangers[:4]])
    assert found(app, cast) == []


@pytest.fixture
def list_of(app: Flask, cast: Cast, clock_at: Clock) -> Callable[..., None]:
    """Let Esther have been shown patients in a list: ``list_of("2026-03-02 10:00", [cast.ana, cast.boris])``."""

    def note(at: str, patients: list[int]) -> None:
        clock_at(at)
        with app.app_context():
            audit.record_search(cast.actor("esther"), "", len(patients), patients)

    return note


def test_who_pages_through_lists_stands_out(
    app: Flask, cast: Cast, list_of: Callable[..., None], monkeypatch: pytest.MonkeyPatch, strangers: list[int]
) -> None:
    monkeypatch.setattr(import_module("clinic.records.unusual_readings"), "MANY_LISTED", 35)
    for first in (0, 20):
        list_of(f"2026-03-02 10:{first:02}", strangers[first : first + 20])
    list_of("2026-03-02 11:00", strangers[:35])
    assert found(app, cast) == [(Unusual.MANY_LISTED, 40, None)]


def test_lists_that_are_read_every_hour_do_not_stand_out(
    app: Flask, cast: Cast, list_of: Callable[..., None], read: Callable[..., None], strangers: list[int]
) -> None:
    """Nor do they make usual what is opened one by one."""
    for hour in range(9, 12):
        list_of(f"2026-03-02 {hour:02}:00", strangers)
        read(f"2026-03-02 {hour:02}:30", strangers[:2])
    assert found(app, cast) == []
    read("2026-03-02 12:00", strangers[:11])
    assert found(app, cast) == [(Unusual.MANY, 11, None)]


def test_a_list_at_night_and_of_ones_own_stands_out(
    app: Flask, as_: As, cast: Cast, list_of: Callable[..., None], strangers: list[int]
) -> None:
    with app.app_context():
        cousin = factories.patient("Minh Office", "minh@example.com")
    list_of("2026-03-02 23:00", [cousin, cast.boris, *strangers[:5]])
    assert found(app, cast) == [(Unusual.NIGHT, 7, None), (Unusual.OWN_SURNAME, 1, cousin)]
    assert "Esther Office saw Minh Office in a list." in as_("esther").get("/admin/unusual").main.text


def test_what_was_read_long_ago_is_over(app: Flask, cast: Cast, read: Callable[..., None], clock_at: Clock) -> None:
    read("2026-03-02 23:00", [cast.boris])
    clock_at("2026-04-02 10:00")
    assert found(app, cast) == []


def test_the_page_tells_it_and_leads_to_the_entries(
    app: Flask, as_: As, cast: Cast, read: Callable[..., None], clock_at: Clock
) -> None:
    read("2026-03-01 23:00", [cast.boris])
    clock_at("2026-03-02 09:00")
    page = as_("esther").get("/admin/trail").click("Unusual readings")
    assert "Esther Office read about 1 patient." in page.main.text
    entries = as_("esther").get(page.main.one("ol").one("a").attrs["href"])
    assert "Esther Office read a record of Boris Đặng." in entries.main.text


def test_nothing_stands_out_yet(as_: As) -> None:
    assert "Nothing stands out." in as_("esther").get("/admin/unusual").main.text
