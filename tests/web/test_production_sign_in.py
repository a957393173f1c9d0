"""How people who work in a clinic come in where nothing is set: from the account that is made for them to the first page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from clinic import accounts, directory
from clinic.cli import create_admin, reset_factor
from tests.authenticator import Authenticator
from tests.domain.second_steps import sign_in
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.web.test_passwords import links, opened
from tests.web.test_second_step import code_of, codes_on, scanned
from tests.web.visitor import OverHttps, Sheet

NEW = "sen-nở-tháng-tám-mưa-91"
FAY = "fay@clinic.example"


def sets_up(page: Sheet, app: Flask) -> tuple[Sheet, Authenticator]:
    """Set up the second step that a page asks for; returns the page behind it, and the app."""
    authenticator = scanned(page)
    shown = page.press("Set it up and sign in", code=code_of(app, authenticator))
    codes = codes_on(shown)
    assert len(codes) == 10
    return shown.click("I've kept them"), Authenticator(authenticator.secret, codes)


def type_password(app: Flask, email: str, password: str) -> Sheet:
    """Type e-mail and password in a new browser."""
    return OverHttps(app).get("/login").press("Sign in", email=email, password=password)


def test_the_first_admin_sets_it_up_when_they_sign_in(production: Flask) -> None:
    options = {"--email": FAY, "--full-name": "Fay Lý", "--phone": "0911222333", "--password": NEW}
    words = [word for pair in options.items() for word in pair]
    with production.app_context():
        made = production.test_cli_runner().invoke(create_admin, words)
    assert made.exit_code == 0, made.output
    step = type_password(production, FAY, NEW)
    assert step.goes_to == "/login/set-up-factor"
    home, app = sets_up(step.follow(), production)
    assert home.path == "/admin/"

    page = type_password(production, FAY, NEW).follow()
    assert page.press("Sign in", code=code_of(production, app, 1)).goes_to == "/admin/"
    by_code = type_password(production, FAY, NEW).follow().press("Sign in", code=app.recovery_codes[0])
    assert by_code.goes_to == "/admin/"
    assert "Remove the second step" not in by_code.follow().visitor.get("/account/second-factor").main.text


@pytest.mark.parametrize("role", ["admin", "doctor"])
def test_who_is_invited_sets_it_up_at_once(production: Flask, mailbox: Flask, cast: Cast, role: str) -> None:
    person = {"email": FAY, "full_name": "Fay Lý", "phone_num": "0911222333"}
    with production.app_context():
        if role == "admin":
            accounts.invite_admin(cast.actor("esther"), **person)
        else:
            values: directory.DoctorValues = {
                "department_id": cast.cardiology, "license_number": "L-9", "experience_years": 1,
                "consultation_fee": Decimal(1),
            }  # fmt: skip
            directory.invite_doctor(cast.actor("esther"), **person, values=values)
    (link,) = links(mailbox, FAY)
    chosen = opened(OverHttps(production), link).press("Save this password", new_password=NEW)
    assert chosen.goes_to == "/login/set-up-factor"
    home, app = sets_up(chosen.follow(), production)
    assert home.path == f"/{role}/"
    assert type_password(production, FAY, NEW).follow().press("Sign in", code=code_of(production, app, 1)).status == 303


def test_who_worked_here_before_is_asked_once_and_patients_are_not(app: Flask, production: Flask, cast: Cast) -> None:
    with app.app_context():
        begun = {who: sign_in(email).secret for who, email in (("chen", CHEN), ("ana", ANA))}
    with production.app_context():
        assert accounts.actor_of_browser(begun["chen"]) is None
        assert accounts.actor_of_browser(begun["ana"]) is not None
    home, _ = sets_up(type_password(production, CHEN, PASSWORD).follow(), production)
    assert home.path == "/doctor/"
    assert type_password(production, ANA, PASSWORD).goes_to == "/patient/"


def test_programs_of_staff_say_where_to_set_it_up_and_take_the_code_afterwards(production: Flask, cast: Cast) -> None:
    def call(path: str, body: dict[str, str]) -> Any:
        return production.test_client().post(f"/api/v1/{path}", json=body, base_url="https://localhost")

    credentials = {"email": ESTHER, "password": PASSWORD}
    refused = call("auth/login/", credentials)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor_not_set_up")
    _, app = sets_up(type_password(production, ESTHER, PASSWORD).follow(), production)
    step = call("token/", credentials)
    assert (step.status_code, step.get_json()["code"]) == (401, "second_factor_required")
    code = {"ticket": step.get_json()["ticket"], "code": code_of(production, app, 1)}
    assert set(call("auth/second-factor/", code).get_json()["tokens"]) == {"access", "refresh"}


def test_the_only_admin_who_lost_everything_is_helped_on_the_server(production: Flask, cast: Cast) -> None:
    sets_up(type_password(production, ESTHER, PASSWORD).follow(), production)
    assert type_password(production, ESTHER, PASSWORD).goes_to == "/login/second-factor"
    with production.app_context():
        assert production.test_cli_runner().invoke(reset_factor, [ESTHER]).exit_code == 0
    home, _ = sets_up(type_password(production, ESTHER, PASSWORD).follow(), production)
    assert home.path == "/admin/"
