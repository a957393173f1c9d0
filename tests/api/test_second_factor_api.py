"""The second step of signing in, for programs: the ticket, the code, and showing again who one is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from clinic import settings
from clinic.accounts.second_factor import recovery_codes
from clinic.db import transaction
from tests.api.caller import Caller
from tests.authenticator import Authenticator, set_up
from tests.passkey_device import give_passkey
from tests.people import ANA, CHEN, PASSWORD, Cast


@pytest.fixture
def app_of_ana(app: Flask, cast: Cast) -> Authenticator:
    """The app with which Ana takes her second step."""
    with app.app_context():
        return set_up(cast.ana)


def sign_in(anyone: Caller, path: str = "auth/login/", email: str = ANA) -> Any:
    """Sign in by the password."""
    return anyone.post(path, {"email": email, "password": PASSWORD})


def code_of(app: Flask, authenticator: Authenticator) -> str:
    """The code that an app shows now."""
    with app.app_context():
        return authenticator.code()


@pytest.mark.parametrize("path", ["auth/login/", "token/"])
def test_the_password_gets_a_ticket_behind_the_keys_of_every_error(anyone, app_of_ana, path):
    answer = sign_in(anyone, path)
    assert answer.status_code == 401
    body = answer.get_json()
    assert list(body)[:4] == ["success", "code", "message", "errors"]
    assert (body["code"], body["methods"], body["expires_in"]) == (
        "second_factor_required", ["totp", "recovery_code"], 300,
    )  # fmt: skip


def test_ticket_and_code_answer_as_signing_in_does(app, anyone, cast, app_of_ana):
    step = {"ticket": sign_in(anyone).get_json()["ticket"], "code": code_of(app, app_of_ana)}
    answer = anyone.post("auth/second-factor/", step)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"success", "message", "user", "tokens"}
    anyone.access = answer.get_json()["tokens"]["access"]
    assert anyone.get("user/me/").get_json()["id"] == cast.ana
    again = anyone.post("auth/second-factor/", step)
    assert (again.status_code, again.get_json()["code"]) == (401, "ticket_invalid")


def test_who_has_a_passkey_alone_signs_in_by_a_recovery_code(app, anyone, cast):
    with app.app_context():
        give_passkey(cast.ana)
        with transaction():
            code, *_ = recovery_codes.make_codes(cast.ana)
    body = sign_in(anyone).get_json()
    assert body["methods"] == ["passkey", "recovery_code"]
    assert "recovery codes" in body["message"]
    refused = anyone.post("auth/second-factor/", {"ticket": body["ticket"], "code": "123456"})
    assert (refused.status_code, list(refused.get_json()["errors"])) == (400, ["code"])
    assert anyone.post("auth/second-factor/", {"ticket": body["ticket"], "code": code}).status_code == 200


def test_five_wrong_codes_end_the_ticket(app, anyone, app_of_ana):
    ticket = sign_in(anyone).get_json()["ticket"]
    with app.app_context():
        wrong = app_of_ana.wrong_code()
    for _ in range(5):
        answer = anyone.post("auth/second-factor/", {"ticket": ticket, "code": wrong})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["code"])
    answer = anyone.post("auth/second-factor/", {"ticket": ticket, "code": code_of(app, app_of_ana)})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "ticket_invalid")


def test_staff_are_told_to_set_it_up_on_the_pages_where_it_is_needed(anyone, cast, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    answer = sign_in(anyone, email=CHEN)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "second_factor_not_set_up")
    assert "ticket" not in answer.get_json()


def test_a_session_without_the_step_that_is_needed_is_not_refreshed(as_, clinic_has):
    """Otherwise a program would be refused, refresh, and be refused again for as long as the token lasts."""
    esther, ana = as_("esther"), as_("ana")
    clinic_has(accounts=replace(settings.current().accounts, staff_need_second_factor=True))
    assert esther.get("user/me/").status_code == 401
    answer = esther.post("token/refresh/", {"refresh": esther.refresh})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    assert ana.post("token/refresh/", {"refresh": ana.refresh}).status_code == 200


def test_a_proof_gives_other_tokens_and_the_old_ones_are_dead(as_):
    ana = as_("ana")
    answer = ana.post("auth/proof/", {"password": PASSWORD})
    assert answer.status_code == 200
    assert ana.get("user/me/").status_code == 401
    ana.access = answer.get_json()["tokens"]["access"]
    assert ana.get("user/me/").status_code == 200


def test_the_fifth_wrong_proof_ends_the_session(as_, clinic_has):
    clinic_has(accounts=replace(settings.current().accounts, limits_tries=True))
    ana = as_("ana")
    for _ in range(4):
        answer = ana.post("auth/proof/", {"password": "wrong"})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["password"])
    assert ana.post("auth/proof/", {"password": "wrong"}).status_code == 401
    assert ana.get("user/me/").status_code == 401
