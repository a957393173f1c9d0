"""Whose records a clinic in production shows where nothing is set: those of whom it is known that the account is theirs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from clinic.seed import DEMO_PASSWORD, plant
from tests.mailed import address_to
from tests.people import ANA, PASSWORD, Cast
from tests.web.test_passwords import opened
from tests.web.visitor import OverHttps, Visitor

Appointment = Callable[..., int]
HIDDEN = "Lying 134/85"


def signed_in(app: Flask, email: str, password: str = PASSWORD) -> Visitor:
    """A browser in which somebody typed e-mail and password."""
    return OverHttps(app).get("/login").press("Sign in", email=email, password=password).follow().visitor


def test_who_registered_before_finds_the_way_to_their_records(
    production: Flask, mailbox: Flask, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    """A patient of today, of whom nothing says that the e-mail is theirs."""
    number = appointment(status="completed")
    record(number, notes=HIDDEN)
    address = f"/patient/appointments/{number}/record"
    ana = signed_in(production, ANA)
    assert ana.get(f"/patient/appointments/{number}").status == 200, "the visit itself stays"
    closed = ana.get("/patient/").click("Confirm your e-mail")
    refused = ana.get(address)
    assert (refused.status, refused.h1) == (403, closed.h1)
    assert HIDDEN not in refused.text
    assert closed.press("Send me the link").status == 303
    with mailbox.app_context():
        link = address_to(ANA, "confirm_email")
    assert opened(ana, link).press("Confirm my e-mail").goes_to == "/account/"
    assert HIDDEN in ana.get(address).text


def test_programs_are_told_by_a_code(
    production: Flask, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    number = appointment(status="completed")
    record(number)
    client = production.test_client()
    login = client.post(
        "/api/v1/auth/login/", json={"email": ANA, "password": PASSWORD}, base_url="https://localhost"
    ).get_json()
    bearer = {"Authorization": f"Bearer {login['tokens']['access']}"}
    path = f"/api/v1/appointments/{number}/"
    shown = client.get(path, headers=bearer, base_url="https://localhost")
    assert (shown.status_code, shown.get_json()["medical_record"]) == (200, None)
    refused = client.get(f"{path}medical-record/", headers=bearer, base_url="https://localhost")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "confirmation_required")


def test_patients_of_the_demo_are_shown_theirs(production: Flask) -> None:
    """A clinic that is shown around runs as in production."""
    with production.app_context():
        plant()
    patient = signed_in(production, "patient@clinic.example", DEMO_PASSWORD)
    assert patient.get("/patient/records").status == 200
