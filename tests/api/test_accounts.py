"""Registering, signing in, one's own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic import mail
from clinic.settings import AccountRules
from tests.api.caller import Caller
from tests.people import ANA, PASSWORD, Cast

AsCaller = Callable[[str], Caller]


@pytest.fixture
def registration() -> dict[str, Any]:
    """What somebody sends to register."""
    return {
        "email": "Lan.Pham@example.com",
        "password": "Sông-Hương-1975",
        "password_confirm": "Sông-Hương-1975",
        "full_name": "Lan Phạm",
        "phone_num": "0912345678",
        "role": "patient",
        "date_of_birth": "1988-11-02",
        "gender": "female",
        "address": "",
        "remember": True,
    }


def test_registering_answers_the_user_and_tokens_that_work(anyone: Caller, registration: dict[str, Any]) -> None:
    answer = anyone.post("auth/register/", registration)
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["success"] is True
    assert body["user"]["role"] == "patient"
    assert body["user"]["email"] == "lan.pham@example.com"
    assert body["user"]["patient_profile"]["date_of_birth"] == "1988-11-02"
    assert "doctor_profile" not in body["user"]
    anyone.access = body["tokens"]["access"]
    assert anyone.get("user/me/").get_json() == body["user"]


def test_a_clinic_that_hides_emails_answers_each_registration_alike(
    app: Flask, anyone: Caller, cast: Cast, registration: dict[str, Any], clinic_has: Callable[..., None]
) -> None:
    clinic_has(accounts=AccountRules(hides_unknown_emails=True))
    new, taken = (anyone.post("auth/register/", {**registration, "email": email}) for email in ("lan@example.com", ANA))
    assert (new.status_code, new.data) == (taken.status_code, taken.data)
    assert new.status_code == 202
    assert new.get_json() == {"success": True, "message": "Check your e-mail: it says how to go on."}
    assert set(new.headers.keys()) == set(taken.headers.keys())
    with app.app_context():
        assert [letter["to"] for letter in mail.all_mail()] == ["lan@example.com", ANA]
    signed_in = anyone.post("auth/login/", {"email": "lan@example.com", "password": registration["password"]})
    assert signed_in.status_code == 200
    for email in ("lan@example.com", ANA, "free@example.com"):
        refused = anyone.post("auth/register/", {**registration, "email": email, "gender": "x"})
        assert (refused.status_code, list(refused.get_json()["errors"])) == (400, ["gender"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", None),
        ("email", "ANA@Example.com"),
        ("email", "x" * 10_000),
        ("password", "short"),
        ("password", "password1"),
        ("password_confirm", "something else"),
        ("full_name", ""),
        ("full_name", "x" * 151),
        ("full_name", "a\x00b"),
        ("full_name", "\ud800"),
        ("phone_num", "12345"),
        ("phone_num", 912345678),
        ("role", "doctor"),
        ("role", "admin"),
        ("date_of_birth", "2026-03-03"),
        ("date_of_birth", "02/11/1988"),
        ("date_of_birth", ""),
        ("gender", "unknown"),
        ("address", "x" * 501),
        ("address", ["Hue"]),
    ],
)
def test_what_is_wrong_is_said_of_its_field(
    anyone: Caller, cast: Cast, registration: dict[str, Any], field: str, value: object
) -> None:
    answer = anyone.post("auth/register/", {**registration, field: value})
    assert answer.status_code == 400
    body = answer.get_json()
    assert body["code"] == "validation_error"
    assert field in body["errors"]
    assert body[field] == body["errors"][field]


def test_every_missing_field_is_named_at_once(anyone: Caller) -> None:
    answer = anyone.post("auth/register/", {})
    assert answer.status_code == 400
    assert set(answer.get_json()["errors"]) == {
        "email",
        "password",
        "password_confirm",
        "full_name",
        "phone_num",
        "date_of_birth",
        "gender",
    }


def test_signing_in(anyone: Caller, cast: Cast) -> None:
    answer = anyone.post("auth/login/", {"email": ANA.upper(), "password": PASSWORD})
    assert answer.status_code == 200
    anyone.access = answer.get_json()["tokens"]["access"]
    assert anyone.get("user/me/").get_json()["id"] == cast.ana


def test_the_token_endpoint_answers_the_bare_pair(anyone: Caller, cast: Cast) -> None:
    answer = anyone.post("token/", {"email": ANA, "password": PASSWORD})
    assert set(answer.get_json()) == {"access", "refresh"}


@pytest.mark.parametrize("path", ["auth/login/", "token/"])
def test_a_wrong_password_and_an_unknown_email_are_told_alike(anyone: Caller, cast: Cast, path: str) -> None:
    wrong = anyone.post(path, {"email": ANA, "password": "not it"})
    unknown = anyone.post(path, {"email": "nobody@example.com", "password": "not it"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()
    assert wrong.get_json()["code"] == "invalid_credentials"


@pytest.mark.parametrize("path", ["auth/login/", "token/"])
def test_a_switched_off_account_is_told_so_after_the_right_password_only(
    anyone: Caller, app: Any, cast: Cast, path: str
) -> None:
    from clinic import scheduling  # noqa: PLC0415

    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    assert anyone.post(path, {"email": ANA, "password": "not it"}).status_code == 401
    answer = anyone.post(path, {"email": ANA, "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "account_disabled"


@pytest.mark.parametrize("path", ["auth/login/", "token/"])
def test_signing_in_wants_both_fields(anyone: Caller, path: str) -> None:
    answer = anyone.post(path, {"email": ANA})
    assert answer.status_code == 400
    assert "password" in answer.get_json()["errors"]
    assert anyone.get(path).status_code == 405


def test_each_role_sees_its_own_profile(as_: AsCaller) -> None:
    ana, chen, esther = (as_(name).get("user/me/").get_json() for name in ("ana", "chen", "esther"))
    assert ana["patient_profile"]["gender"] == "female"
    assert chen["doctor_profile"]["license_number"]
    assert chen["doctor_profile"]["rating"] == "4.80"
    for user, missing in (
        (ana, {"doctor_profile"}),
        (chen, {"patient_profile"}),
        (esther, {"patient_profile", "doctor_profile"}),
    ):
        assert not missing & set(user)


def test_messages_are_in_the_language_of_the_request(anyone: Caller, cast: Cast) -> None:
    answer = anyone.get(f"departments/{cast.cardiology}/", headers={"Accept-Language": "vi-VN,vi;q=0.9,en;q=0.5"})
    assert answer.get_json()["name"] == "Tim mạch"
    answer = anyone.get(f"departments/{cast.cardiology}/", headers={"Accept-Language": "xx"})
    assert answer.get_json()["name"] == "Cardiology"
