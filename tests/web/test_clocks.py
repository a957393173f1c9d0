"""Machines whose clocks differ: what one has signed just now, another takes, although it seems to come from the future."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from clinic.web.kit.session_cookie import SessionInterface
from tests.api.forging import changed, claims_of
from tests.people import ANA, PASSWORD, Cast
from tests.web.visitor import signed_in


@pytest.fixture
def seconds_ahead(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let what signs cookies be some seconds ahead, or behind."""
    present = TimestampSigner.get_timestamp

    def shift(seconds: int) -> None:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: present(self) + seconds)

    return shift


def test_a_cookie_of_a_machine_that_is_ahead_signs_nobody_out(app: Flask, cast: Cast, seconds_ahead: Any) -> None:
    seconds_ahead(30)
    ana = signed_in(app, cast.ana)
    seconds_ahead(0)
    assert ana.get("/patient/").status == 200


def test_an_old_cookie_is_refused_still(app: Flask, seconds_ahead: Any) -> None:
    serializer = SessionInterface().get_signing_serializer(app)
    assert serializer is not None
    seconds_ahead(-1000)
    cookie = serializer.dumps({"a": 1})
    seconds_ahead(0)
    assert serializer.loads(cookie, max_age=2000) == {"a": 1}
    with pytest.raises(Exception, match="too old"):
        serializer.loads(cookie, max_age=500)


@pytest.mark.parametrize(("ahead", "status"), [(30, 200), (300, 401)])
def test_a_token_of_a_machine_that_is_ahead_is_taken(app: Flask, cast: Cast, ahead: int, status: int) -> None:
    client = app.test_client()
    signed = client.post("/api/v1/auth/login/", json={"email": ANA, "password": PASSWORD})
    token = signed.get_json()["tokens"]["access"]
    claims = claims_of(token)
    bearer = changed(app, token, **{name: claims[name] + ahead for name in ("iat", "nbf", "exp")})
    assert client.get("/api/v1/user/me/", headers={"Authorization": f"Bearer {bearer}"}).status_code == status
