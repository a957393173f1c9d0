"""What the clinic decides about itself in the portal: who may, what is refused, what holds, and how others learn of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic import configuration, settings
from clinic.app import SETTINGS, follow_settings
from clinic.audit import AuditEvent
from clinic.config import clinic_settings, load
from clinic.configuration import ClinicChanges
from clinic.configuration.details import details_of, laid_over
from clinic.db import db, session, transaction
from clinic.errors import Forbidden, InvalidInput, Stale
from clinic.i18n import LANGUAGES
from clinic.policy import Actor, Duty
from clinic.settings import ClinicSettings
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

ENVIRONMENT = ClinicSettings(clinic_name="Sen Clinic")


@pytest.fixture
def esther(cast: Cast) -> Actor:
    return cast.actor("esther")


def faults(refusal: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return {name: " ".join(texts) for name, texts in refusal.value.field_texts(lambda text: text).items()}


# --- what holds -------------------------------------------------------------------------------------------------------


def test_the_environment_holds_until_something_is_saved(esther: Actor) -> None:
    found = configuration.details(esther)

    assert found.present == details_of(settings.current())
    assert (found.version, dict(found.of_environment)) == (0, {})


def test_what_is_saved_holds_and_the_rest_stays_the_environments(esther: Actor) -> None:
    before = settings.current()

    assert configuration.save(esther, {"clinic_name": "Phòng khám Sen", "horizon_days": 45}) == 1
    follow_settings()

    after = settings.current()
    assert (after.clinic_name, after.booking.horizon_days) == ("Phòng khám Sen", 45)
    assert after == replace(
        before, clinic_name="Phòng khám Sen", booking=after.booking, environment=before, contact=after.contact
    )
    assert after.contact == before.contact
    assert configuration.details(esther).of_environment == {"clinic_name": before.clinic_name, "horizon_days": 30}


def test_a_text_is_the_same_in_every_language_unless_it_is_given_in_both() -> None:
    one = laid_over(ENVIRONMENT, {"address": "1 Lake Street"}).contact.address
    both = laid_over(ENVIRONMENT, {"address": "1 Lake Street", "address_vi": "1 Phố Hồ"}).contact.address

    assert dict(one or {}) == {"en": "1 Lake Street", "vi": "1 Lake Street"}
    assert dict(both or {}) == {"en": "1 Lake Street", "vi": "1 Phố Hồ"}
    assert details_of(laid_over(ENVIRONMENT, {"address": "1 Lake Street"}))["address_vi"] is None


def test_whoever_hears_of_holes_follows_the_clinics_email_unless_somebody_else_is_named() -> None:
    named = replace(ENVIRONMENT, security_contact="holes@clinic.example")

    assert laid_over(ENVIRONMENT, {"email": "new@clinic.example"}).security_contact == "new@clinic.example"
    assert laid_over(named, {"email": "new@clinic.example"}).security_contact == "holes@clinic.example"


@pytest.mark.parametrize(
    "unusable",
    [{"colour": "red"}, {"horizon_days": 1000}, {"languages": ["xx"]}, {"phone": 7}, {"clinic_name": None}],
)
def test_what_another_version_saved_and_this_one_cannot_use_is_the_environments(unusable: dict[str, object]) -> None:
    assert details_of(laid_over(ENVIRONMENT, {**unusable, "emergency_number": "113"})) == {
        **details_of(ENVIRONMENT),
        "emergency_number": "113",
    }


def test_saving_the_environments_own_value_follows_the_environment_again(esther: Actor) -> None:
    configuration.save(esther, {"emergency_number": "113"})
    configuration.save(esther, {"emergency_number": "115"})

    assert configuration.details(esther).of_environment == {}


def test_a_value_is_the_environments_again_at_one_call(esther: Actor) -> None:
    configuration.save(esther, {"emergency_number": "113", "notice_hours": 12})

    assert configuration.save(esther, {}, reset=["notice_hours"]) == 2

    found = configuration.details(esther)
    assert (found.present["notice_hours"], found.present["emergency_number"]) == (24, "113")


def test_nothing_is_written_where_nothing_changes(esther: Actor) -> None:
    configuration.save(esther, {"notice_hours": 12})

    assert configuration.save(esther, {"notice_hours": 12}, expected_version=1) == 1
    assert len(configuration.history(esther)) == 1


# --- who may, and what is refused -------------------------------------------------------------------------------------


def test_it_takes_the_duty(cast: Cast, esther: Actor) -> None:
    others = replace(esther, duties=frozenset(Duty) - {Duty.CATALOGUE})
    for actor in (cast.actor("ana"), cast.actor("chen"), others):
        with pytest.raises(Forbidden):
            configuration.save(actor, {"notice_hours": 12})
        with pytest.raises(Forbidden):
            configuration.details(actor)
        with pytest.raises(Forbidden):
            configuration.history(actor)


def test_everything_wrong_is_told_at_once_and_nothing_is_saved(esther: Actor) -> None:
    wrong: ClinicChanges = {
        "clinic_name": " ",
        "phone": "call us",
        "email": "nobody",
        "address": "x" * 301,
        "letterhead_vi": "Chỉ tiếng Việt",
        "map_url": "http://maps.example",
        "emergency_number": "1",
        "horizon_days": 6,
        "notice_hours": None,
        "lead_hours": -1,
        "languages": [],
        "is_demo": None,
    }
    with pytest.raises(InvalidInput) as refusal:
        configuration.save(esther, wrong, reset=["colour"])

    assert set(faults(refusal)) == {*(wrong.keys() - {"letterhead_vi"}), "letterhead", "reset"}
    assert configuration.details(esther).version == 0


@pytest.mark.parametrize(
    ("variable", "name", "value"),
    [
        ("CLINIC_NAME", "clinic_name", "Sen\tClinic"),
        ("CLINIC_PHONE", "phone", "call us"),
        ("CLINIC_EMAIL", "email", "nobody"),
        ("CLINIC_MAP_URL", "map_url", "http://maps.example"),
        ("EMERGENCY_NUMBER", "emergency_number", "one"),
        ("BOOKING_HORIZON_DAYS", "horizon_days", 91),
        ("CHANGE_NOTICE_HOURS", "notice_hours", 169),
        ("BOOKING_LEAD_HOURS", "lead_hours", 721),
        ("CLINIC_LANGUAGES", "languages", ["xx"]),
    ],
)
def test_what_the_environment_refuses_the_portal_refuses_too(
    esther: Actor, monkeypatch: pytest.MonkeyPatch, variable: str, name: str, value: object
) -> None:
    from clinic.config import ConfigError  # noqa: PLC0415

    monkeypatch.setenv(variable, ",".join(value) if isinstance(value, list) else str(value))
    with pytest.raises(ConfigError):
        load({"env": "testing"})
    with pytest.raises(InvalidInput) as refusal:
        configuration.save(esther, {name: value})  # type: ignore[misc] # any of them
    assert set(faults(refusal)) == {name}


def test_the_environment_sets_the_first_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {
        "BOOKING_HORIZON_DAYS": "60", "CHANGE_NOTICE_HOURS": "2", "BOOKING_LEAD_HOURS": "3", "CLINIC_LANGUAGES": "vi", "DEMO_BANNER": "1",
        "CLINIC_LETTERHEAD": "Sen JSC",
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, value)

    told = clinic_settings(load({"env": "testing"}), settings.current().path_of)

    assert (told.booking.horizon_days, told.booking.notice_hours, told.booking.lead_hours) == (60, 2, 3)
    assert (told.languages, told.is_demo) == (("vi",), True)
    assert details_of(told)["letterhead"] == "Sen JSC"


# --- history and audit ------------------------------------------------------------------------------------------------


def test_the_history_says_who_when_and_what(esther: Actor, clock_at: Callable[[str], object]) -> None:
    clock_at("2026-03-02 09:00")
    configuration.save(esther, {"notice_hours": 12, "phone": "028 1111 2222"})
    configuration.save(esther, {"languages": ["en"]})

    newest, first = configuration.history(esther)

    assert (newest["version"], newest["by_name"], first["version"]) == (2, "Esther Office", 1)
    assert newest["changes"] == [("languages", list(LANGUAGES), ["en"])]
    assert [each.name for each in first["changes"]] == ["phone", "notice_hours"]
    assert first["changes"][1] == ("notice_hours", 24, 12)


def test_the_audit_tells_what_held_and_what_does(esther: Actor) -> None:
    configuration.save(esther, {"notice_hours": 12})

    event = session().scalars(select(AuditEvent).where(AuditEvent.action == "settings.changed")).one()
    assert (event.actor_id, event.subject_id) == (esther.user_id, 1)
    assert event.details == {"version": 1, "fields": ["notice_hours"], "changes": {"notice_hours": [24, 12]}}


# --- two people, several processes ------------------------------------------------------------------------------------


def test_nobody_writes_over_what_they_have_not_seen(esther: Actor) -> None:
    configuration.save(esther, {"notice_hours": 12}, expected_version=0)

    with pytest.raises(Stale):
        configuration.save(esther, {"phone": "028 1111 2222"}, expected_version=0)
    assert configuration.save(esther, {"phone": "028 1111 2222"}, expected_version=1) == 2


def test_a_look_is_one_statement_and_what_is_saved_elsewhere_is_found_by_it(
    esther: Actor, make_app: Callable[..., Flask]
) -> None:
    elsewhere = make_app()
    known = elsewhere.extensions[SETTINGS]
    with elsewhere.app_context():
        known.look()
        configuration.save(esther, {"notice_hours": 12})
    with elsewhere.app_context():
        known.look()
        assert known.present.booking.notice_hours == 12
        with count_statements(db.engine) as statements:
            known.look()
        assert len(statements) == 1, statements


def test_it_looks_at_most_once_in_its_time(app: Flask) -> None:
    known = app.extensions[SETTINGS]
    known.look_in(0)
    try:
        with count_statements(db.engine) as statements:
            known.fresh()
        assert len(statements) == 1
        known.look_in(60)
        with count_statements(db.engine) as statements:
            known.fresh()
        assert statements == []
    finally:
        known.look_in(float("inf"))


def test_where_a_look_fails_what_was_known_stays(esther: Actor, app: Flask) -> None:
    configuration.save(esther, {"notice_hours": 12})
    follow_settings()
    known = app.extensions[SETTINGS]
    broken = "ALTER TABLE clinic_settings RENAME TO {}"
    with transaction() as current:
        current.execute(text(broken.format("elsewhere")))
    try:
        known.look_in(0)
        assert known.fresh().booking.notice_hours == 12
    finally:
        known.look_in(float("inf"))
        with transaction() as current:
            current.execute(text(broken.replace("clinic_settings", "elsewhere").format("clinic_settings")))


def test_of_two_who_save_at_once_one_is_told(cast: Cast, app: Flask, esther: Actor) -> None:
    start = Barrier(2)

    def save(hours: int) -> str:
        with app.app_context():
            start.wait()
            try:
                configuration.save(esther, {"notice_hours": hours}, expected_version=0)
            except Stale:
                return "stale"
            return "saved"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(save, (11, 12))) == ["saved", "stale"]
    assert len(configuration.history(esther)) == 1


@pytest.mark.parametrize("name", ["lead_hours", "horizon_days"])
def test_days_and_hours_that_leave_nothing_to_book_are_refused_where_they_were_changed(cast: Cast, name: str) -> None:
    esther, present = cast.actor("esther"), {"lead_hours": 168, "horizon_days": 7}
    configuration.save(esther, {**present, name: {"lead_hours": 24, "horizon_days": 30}[name]})  # type: ignore[typeddict-item]
    with pytest.raises(InvalidInput) as refusal:
        configuration.save(esther, {name: present[name]})  # type: ignore[misc]
    assert list(refusal.value.errors) == [name]
