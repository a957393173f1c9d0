"""Bearer tokens: what is let in, how they rotate, what ends them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jwt
import pytest
from flask import Flask

from clinic import scheduling
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import SignInSession, User
from clinic.accounts.sessions import start_session
from clinic.db import transaction
from tests.api.caller import Caller
from tests.api.forging import changed, claims_of
from tests.people import ANA, PASSWORD, Cast
from tests.settings import SETTINGS

AsCaller = Callable[[str], Caller]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        ",  ,",
        "Basic YW5hOnNlY3JldA==",
        "Token abc",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer " + "x" * 5000,
        "Bearer \xff\xfe",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    ],
)
def test_no_usable_token_is_401(anyone: Caller, header: str) -> None:
    answer = anyone.get("user/me/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_deeply_nested_token_is_401(anyone: Caller) -> None:
    import base64  # noqa: PLC0415

    deep = base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=")
    answer = anyone.get("user/me/", headers={"Authorization": f"Bearer {deep}.{deep}.x"})
    assert answer.status_code == 401


def test_the_scheme_is_read_in_any_case(as_: AsCaller) -> None:
    ana = as_("ana")
    assert ana.get("user/me/", headers={"Authorization": f"bearer {ana.access}"}).status_code == 200


def test_a_token_signed_with_another_key_is_401(as_: AsCaller, app: Flask) -> None:
    ana = as_("ana")
    claims, header = claims_of(ana.access), jwt.get_unverified_header(ana.access or "")
    for key in ("x" * 40, app.config["SECRET_KEY"]):
        for named in (header["kid"], "another", None):
            ana.access = jwt.encode(claims, key, "HS256", headers={"kid": named} if named else None)
            assert ana.get("user/me/").status_code == 401


def test_who_has_the_key_that_signs_tokens_makes_none_that_is_good(as_: AsCaller, app: Flask, cast: Cast) -> None:
    """A key that was guessed or read is not enough: each session has a secret in its tokens."""
    ana, esther = as_("ana"), claims_of(as_("esther").access)
    theirs = {name: esther[name] for name in ("sub", "sid", "began")}
    for key in (None, "", "guess", claims_of(ana.access)["key"]):
        ana.access = changed(app, ana.access, **theirs, key=key)
        assert ana.get("user/me/").status_code == 401
        forged = changed(app, ana.refresh, **theirs, key=key)
        answer = ana.post("token/refresh/", {"refresh": forged})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    assert as_("esther").get("user/me/").status_code == 200, "a forged token ends nobody's session"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-api"},
        {"aud": None},
        {"iss": None},
        {"iat": None},
        {"exp": None},
        {"jti": None},
    ],
    ids=str,
)
def test_a_token_for_something_else_is_401(as_: AsCaller, app: Flask, claims: dict[str, Any]) -> None:
    ana = as_("ana")
    ana.access = changed(app, ana.access, **claims)
    assert ana.get("user/me/").status_code == 401


def test_a_token_that_lasts_longer_than_ours_is_401(as_: AsCaller, app: Flask) -> None:
    ana = as_("ana")
    ana.access = changed(app, ana.access, exp=claims_of(ana.access)["exp"] + 1)
    assert ana.get("user/me/").status_code == 401


def test_tokens_say_who_made_them_and_for_whom(as_: AsCaller) -> None:
    for token in (as_("ana").access, as_("ana").refresh):
        assert (claims_of(token)["iss"], claims_of(token)["aud"]) == ("clinic", "clinic-api")


def test_tokens_stay_good_where_the_clinic_moves_to_another_address(
    as_: AsCaller, app: Flask, make_app: Callable[..., Flask]
) -> None:
    ana, here = as_("ana"), {"database_url": app.config["SQLALCHEMY_DATABASE_URI"]}
    moved = make_app(**here, public_url="https://clinic.example").test_client()
    header = {"Authorization": f"Bearer {ana.access}"}
    assert moved.get("/api/v1/user/me/", headers=header).status_code == 200
    tokens = moved.post("/api/v1/token/refresh/", json={"refresh": ana.refresh}).get_json()
    assert claims_of(tokens["access"])["iss"] == "https://clinic.example"


def test_a_refresh_token_of_an_older_version_is_good_for_one_exchange(as_: AsCaller, app: Flask) -> None:
    ana = as_("ana")
    of_before = {name: value for name, value in claims_of(ana.refresh).items() if name not in {"key", "iss", "aud"}}
    with app.app_context(), transaction() as session:
        session.get_one(SignInSession, of_before["sid"]).access_digest = None
    key = hmac.new(SETTINGS["secret_key"].encode(), b"clinic.api tokens", hashlib.sha256).hexdigest()
    ana.access = jwt.encode(of_before | {"type": "access"}, key, "HS256")
    assert ana.get("user/me/").status_code == 401
    first, again = (ana.post("token/refresh/", {"refresh": jwt.encode(of_before, key, "HS256")}) for _ in "ab")
    assert (first.status_code, again.status_code) == (200, 200), "an answer may be lost on the way"
    tokens = again.get_json()
    assert claims_of(tokens["refresh"])["jti"] == claims_of(first.get_json()["refresh"])["jti"]
    for either in (first.get_json()["access"], tokens["access"]):
        ana.access = either
        assert ana.get("user/me/").status_code == 200
    assert ana.get("user/me/").status_code == 200
    assert ana.post("token/refresh/", {"refresh": tokens["refresh"]}).status_code == 200


def test_after_a_rotation_of_the_secret_tokens_go_on_while_the_old_one_is_named(
    as_: AsCaller, app: Flask, make_app: Callable[..., Flask]
) -> None:
    ana = as_("ana")
    here, new = {"database_url": app.config["SQLALCHEMY_DATABASE_URI"]}, "another-secret-of-the-clinic-" + "y" * 32
    header = {"Authorization": f"Bearer {ana.access}"}
    rotated = make_app(**here, secret_key=new, secret_key_fallbacks=SETTINGS["secret_key"]).test_client()
    assert rotated.get("/api/v1/user/me/", headers=header).status_code == 200
    tokens = rotated.post("/api/v1/token/refresh/", json={"refresh": ana.refresh}).get_json()
    over = make_app(**here, secret_key=new).test_client()
    assert over.get("/api/v1/user/me/", headers=header).status_code == 401
    assert over.get("/api/v1/user/me/", headers={"Authorization": f"Bearer {tokens['access']}"}).status_code == 200


def test_an_expired_token_is_401(as_: AsCaller, app: Flask, cast: Cast) -> None:
    ana = as_("ana")
    claims = claims_of(ana.access)
    ana.access = changed(app, ana.access, iat=claims["iat"] - 3601, nbf=claims["nbf"] - 3601, exp=claims["exp"] - 3601)
    answer = ana.get("user/me/")
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "token_expired"


def test_tokens_hold_what_the_configuration_says(as_: AsCaller) -> None:
    ana = as_("ana")
    for token, seconds in ((ana.access, 3600), (ana.refresh, 604800)):
        claims = claims_of(token)
        assert claims["exp"] - claims["iat"] == seconds
        assert isinstance(claims["sub"], str)


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(as_: AsCaller) -> None:
    ana = as_("ana")
    ana.access, access = ana.refresh, ana.access
    assert ana.get("user/me/").status_code == 401
    answer = ana.post("token/refresh/", {"refresh": access})
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "token_invalid"


def test_no_cookie_authenticates(as_: AsCaller, anyone: Caller, app: Flask, cast: Cast) -> None:
    anyone.client.set_cookie("access_token_cookie", as_("ana").access or "")
    assert anyone.get("user/me/").status_code == 401
    with app.app_context(), transaction() as session:
        browser = start_session(session.get_one(User, cast.ana), SessionKind.BROWSER, Origin())
    anyone.client = app.test_client()
    with anyone.client.session_transaction() as cookie:
        cookie["_user_id"] = browser.secret
    assert anyone.client.get("/patient/").status_code == 200
    answer = anyone.get("user/me/")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"], "no cookie makes it another answer"


def test_public_operations_ignore_the_header(anyone: Caller, cast: Cast) -> None:
    assert anyone.get("departments/", headers={"Authorization": "Bearer nonsense"}).status_code == 200


# --- rotation ---------------------------------------------------------------------------------------------------------


def rotate(caller: Caller, refresh: str) -> Any:
    """Exchange a refresh token."""
    return caller.post("token/refresh/", {"refresh": refresh})


def test_a_refresh_token_rotates(as_: AsCaller, anyone: Caller) -> None:
    ana = as_("ana")
    pair = rotate(anyone, ana.refresh).get_json()
    assert set(pair) == {"access", "refresh"}
    assert pair["refresh"] != ana.refresh
    anyone.access = pair["access"]
    assert anyone.get("user/me/").status_code == 200
    assert rotate(anyone, pair["refresh"]).status_code == 200


def test_a_retry_within_ten_seconds_gets_a_usable_pair(
    as_: AsCaller, anyone: Caller, clock_at: Callable[[str], datetime]
) -> None:
    first = as_("ana").refresh
    rotate(anyone, first)
    clock_at("2026-03-02 09:00:09")
    again = rotate(anyone, first)
    assert again.status_code == 200
    assert rotate(anyone, again.get_json()["refresh"]).status_code == 200


def test_reuse_ends_the_session(as_: AsCaller, anyone: Caller, clock_at: Callable[[str], datetime]) -> None:
    ana = as_("ana")
    first = ana.refresh
    second = rotate(anyone, first).get_json()
    clock_at("2026-03-02 09:00:11")
    answer = rotate(anyone, first)
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "token_reused"
    assert ana.get("user/me/").status_code == 401
    anyone.access = second["access"]
    assert anyone.get("user/me/").status_code == 401
    assert rotate(anyone, second["refresh"]).status_code == 401


def test_an_older_token_is_reuse_even_at_once(as_: AsCaller, anyone: Caller) -> None:
    first = as_("ana").refresh
    second = rotate(anyone, first).get_json()["refresh"]
    rotate(anyone, second)
    assert rotate(anyone, first).get_json()["code"] == "token_reused"


@pytest.mark.parametrize("refresh", ["nonsense", "a.b.c", "x" * 10_000])
def test_a_bad_refresh_token_is_401(anyone: Caller, refresh: str) -> None:
    answer = rotate(anyone, refresh)
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "token_invalid"


@pytest.mark.parametrize("body", [{}, {"refresh": None}, {"refresh": ""}, {"refresh": 7}, {"refresh": "a\x00"}])
def test_refreshing_without_a_refresh_token_is_400(anyone: Caller, body: dict[str, Any]) -> None:
    answer = anyone.post("token/refresh/", body)
    assert answer.status_code == 400
    assert "refresh" in answer.get_json()["errors"]


# --- ends -------------------------------------------------------------------------------------------------------------


def test_logout_kills_both_tokens_at_once(as_: AsCaller, anyone: Caller) -> None:
    ana = as_("ana")
    answer = ana.post("auth/logout/", {"refresh": ana.refresh})
    assert answer.status_code == 200
    assert answer.get_json()["success"] is True
    assert ana.get("user/me/").status_code == 401
    assert rotate(anyone, ana.refresh).status_code == 401


@pytest.mark.parametrize("refresh", [None, "", "nonsense", 5])
def test_logout_wants_a_refresh_token(as_: AsCaller, refresh: object) -> None:
    ana = as_("ana")
    answer = ana.post("auth/logout/", {"refresh": refresh})
    assert answer.status_code == 400
    assert "refresh" in answer.get_json()["errors"]
    assert ana.get("user/me/").status_code == 200


def test_logout_with_somebody_elses_token_ends_nothing(as_: AsCaller) -> None:
    ana, boris = as_("ana"), as_("boris")
    answer = ana.post("auth/logout/", {"refresh": boris.refresh})
    assert answer.status_code == 400
    assert "refresh" in answer.get_json()["errors"]
    assert boris.get("user/me/").status_code == 200
    assert ana.get("user/me/").status_code == 200


def test_logout_all_ends_every_session(as_: AsCaller, anyone: Caller, cast: Cast) -> None:
    ana = as_("ana")
    other = anyone.post("token/", {"email": ANA, "password": PASSWORD}).get_json()
    assert ana.post("auth/logout-all/").status_code == 200
    assert ana.get("user/me/").status_code == 401
    anyone.access = other["access"]
    assert anyone.get("user/me/").status_code == 401


def test_deactivation_acts_at_the_next_request(as_: AsCaller, anyone: Caller, app: Flask) -> None:
    ana = as_("ana")
    assert ana.get("user/me/").status_code == 200
    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    assert ana.get("user/me/").status_code == 401
    assert rotate(anyone, ana.refresh).status_code == 401
