"""Two applications in one process, each with its own clinic: neither overwrites what the other's domain goes by."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic import accounts, clock, mail, settings
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import SignInSession
from clinic.accounts.uids import uid_of
from clinic.db import session
from clinic.settings import ClinicSettings, LinkedPage
from tests.people import PASSWORD, Cast

HERE: dict[str, Any] = {
    "clinic_name": "Hanoi Clinic",
    "clinic_timezone": "Asia/Ho_Chi_Minh",
    "frontend_url": "https://hanoi.example",
    "clinic_phone": "024 1111 1111",
    "mail_from": "desk@hanoi.example",
    "clinic_email": "office@hanoi.example",
    "public_url": "https://portal.hanoi.example",
    "secret_key": "only-for-tests-of-hanoi-" + "x" * 32,
    "audit_key": "only-for-the-audit-of-hanoi-" + "x" * 32,
    "staff_idle_minutes": 20,
    "strict_passwords": True,
    "most_open_appointments": 8,
    "most_mails_per_day": 20,
    "keep_mail_days": 300,
    "jwt_refresh_token_expires": 3600,
    "database_replica_lag": 30,
}
THERE: dict[str, Any] = {
    "clinic_name": "Berlin Clinic",
    "clinic_timezone": "Europe/Berlin",
    "frontend_url": "https://berlin.example",
    "clinic_phone": "030 2222 2222",
    "mail_from": "desk@berlin.example",
    "clinic_email": "office@berlin.example",
    "public_url": "https://portal.berlin.example",
    "jwt_refresh_token_expires": 60,
    "database_replica_lag": 90,
}
TWO = (HERE, THERE)
HANOI, BERLIN = ("02411111111", "Hanoi Clinic"), ("03022222222", "Berlin Clinic")
ADDRESSES = ("https://hanoi.example", "https://berlin.example")
#: Late on Monday evening in Berlin, early on Tuesday in Hanoi.
MOMENT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


@pytest.fixture
def two(make_app: Callable[..., Flask]) -> tuple[Flask, Flask]:
    """The two applications, the second one built after the first."""
    return make_app(**HERE), make_app(**THERE)


def test_each_has_its_own_name_sender_and_day(two: tuple[Flask, Flask]) -> None:
    found = []
    with clock.freeze(MOMENT):
        for app in (*two, *two):
            with app.app_context():
                clinic = settings.current()
                found.append((clinic.clinic_name, clinic.sender_address, clock.today().day))
    hanoi, berlin = ("Hanoi Clinic", "desk@hanoi.example", 3), ("Berlin Clinic", "desk@berlin.example", 2)
    assert found == [hanoi, berlin, hanoi, berlin]


def test_whatever_a_clinic_sets_reaches_the_domain(two: tuple[Flask, Flask]) -> None:
    """A setting that ``create_app`` forgets to hand on is read, checked, and does nothing."""
    found = []
    for app in two:
        with app.app_context():
            found.append(settings.current())
    fields = {field.name for field in dataclasses.fields(ClinicSettings)}
    alike = {name for name in fields if getattr(found[0], name) == getattr(found[1], name)}
    assert alike == set(), (
        "give HERE and THERE values of it that differ, and hand it on in clinic.config.clinic_settings"
    )


def test_one_inside_the_other_gives_back_what_it_found(two: tuple[Flask, Flask]) -> None:
    """As when a command of one application asks another one for a page."""
    here, there = two
    with here.app_context():
        there.test_client().get("/contact")
        assert settings.current().clinic_name == "Hanoi Clinic"
        with there.app_context():
            assert settings.current().clinic_name == "Berlin Clinic"
        assert settings.current().clinic_name == "Hanoi Clinic"
    assert settings.current() == ClinicSettings()


def test_a_context_that_is_entered_again_within_anothers_has_its_own(two: tuple[Flask, Flask]) -> None:
    """As when a context that is kept open is used once more by what runs for another application."""
    here, there = two
    again = here.app_context()
    with again, there.app_context():
        with again:
            assert settings.current().clinic_name == "Hanoi Clinic"
        assert settings.current().clinic_name == "Berlin Clinic"
    assert settings.current() == ClinicSettings()


def test_an_error_leaves_nothing_behind(two: tuple[Flask, Flask]) -> None:
    with pytest.raises(ZeroDivisionError), two[0].app_context():
        raise ZeroDivisionError
    assert settings.current() == ClinicSettings()


def test_each_sheet_has_its_own_phone(two: tuple[Flask, Flask]) -> None:
    for app, (number, name) in zip((*two, *two), (HANOI, BERLIN, HANOI, BERLIN), strict=True):
        page = app.test_client().get("/contact").get_data(as_text=True)
        assert f"tel:{number}" in page
        assert f"Contact {name}" in page


def test_each_mail_leads_to_its_own_clinic(two: tuple[Flask, Flask], cast: Cast) -> None:
    for app, address in zip((*two, *two), (*ADDRESSES, *ADDRESSES), strict=True):
        with app.app_context():
            accounts.forgot_password("ana@example.com")
            body = mail.all_mail()[-1]["body"]
            (found,) = re.findall(r"https://\S+/reset-password/\S+", body)
            assert found.startswith(f"{address}/reset-password/{uid_of(cast.ana)}/")
            assert settings.link(LinkedPage.APPOINTMENT, appointment_id=7) == f"{address}/patient/appointments/7"
            assert settings.link(LinkedPage.BOOKING) == f"{address}/book"
            assert settings.link(LinkedPage.FORGOTTEN_PASSWORD) == f"{address}/forgot-password"


@pytest.mark.usefixtures("cast")
def test_each_session_lives_as_long_as_its_own_setting(two: tuple[Flask, Flask]) -> None:
    with clock.freeze(MOMENT):
        for app, given in zip((*two, *two), (*TWO, *TWO), strict=True):
            with app.app_context():
                signed_in = accounts.sign_in(
                    email="ana@example.com", password=PASSWORD, kind=SessionKind.API, origin=Origin()
                )
                until = session().scalars(
                    select(SignInSession.expires_at).where(SignInSession.id == signed_in.actor.session_id)
                )
                assert until.one() == MOMENT + timedelta(seconds=given["jwt_refresh_token_expires"])


def test_a_script_has_the_defaults() -> None:
    """Without an application a link leads to the front page: no other is known."""
    assert settings.current() == ClinicSettings()
    assert settings.link(LinkedPage.BOOKING) == "http://localhost:8000/"


def test_a_context_that_is_entered_twice_leaves_nothing_behind(two: tuple[Flask, Flask]) -> None:
    context = two[0].app_context()
    with context, context:
        assert settings.current().clinic_name == "Hanoi Clinic"
    assert settings.current() == ClinicSettings()
