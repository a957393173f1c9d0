"""Which other origins may call from a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

FRONTEND, PARTNER = "https://portal.example", "https://partner.example:8443"


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of a clinic with a front end and one partner."""
    return make_app(frontend_url=f"{FRONTEND}/", cors_allowed_origins=[PARTNER]).test_client()


def allowed(client: FlaskClient, path: str, origin: str, method: str = "GET") -> str | None:
    """Return what an answer says of the origin."""
    return client.open(path, method=method, headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("origin", [FRONTEND, PARTNER])
def test_a_preflight_of_an_allowed_origin(client: FlaskClient, origin: str) -> None:
    answer = client.options(
        "/api/v1/appointments",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, if-match",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.headers["Vary"]
    for name in ("authorization", "content-type", "idempotency-key", "if-match"):
        assert name in answer.headers["Access-Control-Allow-Headers"].lower()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert method in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status"), [("departments/", 200), ("user/me/", 401), ("nowhere/", 404), ("auth/login/", 405)]
)
def test_answers_carry_the_headers_errors_too(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Origin": FRONTEND})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == FRONTEND
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://portal.example.evil.example", "http://portal.example", "*", ""]
)
def test_other_origins_get_nothing(client: FlaskClient, origin: str) -> None:
    assert allowed(client, "/api/v1/departments/", origin) is None
    assert allowed(client, "/api/v1/departments/", origin, "OPTIONS") is None


def test_pages_are_nobody_elses(client: FlaskClient) -> None:
    assert allowed(client, "/login", FRONTEND) is None
    assert allowed(client, "/healthz", FRONTEND) is None
