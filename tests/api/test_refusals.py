"""What a refusal of the domain is as an answer: how long to wait, and what a program needs to go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.errors import DomainError, ProofRequired, TooManyTries, Unauthenticated
from clinic.web.kit.access import public

REFUSALS: dict[str, DomainError] = {
    "wait": TooManyTries(61),
    "more": Unauthenticated("One more step.", code="one_more", extra={"ticket": "t", "expires_in": 300, "code": "x"}),
    "proof": ProofRequired("Please confirm that it's you first."),
}


@pytest.fixture
def client(make_app: Callable[..., Flask], app: Flask) -> FlaskClient:
    """A client of an application that refuses at ``/refuse/NAME``, as a page and in the API."""
    refusing = make_app(database_url=app.config["SQLALCHEMY_DATABASE_URI"])

    @public
    def refuse(name: str) -> str:
        raise REFUSALS[name]

    refusing.add_url_rule("/refuse/<name>", "refuse", refuse)
    refusing.add_url_rule("/api/v1/refuse/<name>/", "api_refuse", refuse)
    return refusing.test_client()


def test_who_tried_too_often_is_told_how_long_to_wait(client: FlaskClient) -> None:
    answer = client.get("/api/v1/refuse/wait/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "61")
    assert answer.get_json() == {
        "success": False,
        "code": "too_many_requests",
        "message": "You've tried too often. Please wait a moment and try again.",
        "errors": {},
    }
    page = client.get("/refuse/wait")
    assert (page.status_code, page.headers["Retry-After"]) == (429, "61")
    assert "Please wait 2 minutes" in page.get_data(as_text=True)


def test_what_a_program_needs_stands_behind_the_four_keys_and_replaces_none(client: FlaskClient) -> None:
    answer = client.get("/api/v1/refuse/more/")
    assert answer.status_code == 401
    assert list(answer.get_json()) == ["success", "code", "message", "errors", "ticket", "expires_in"]
    assert answer.get_json()["code"] == "one_more"


def test_a_proof_that_is_wanted_is_a_refusal_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/api/v1/refuse/proof/")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "proof_required")
    page = client.get("/refuse/proof")
    assert (page.status_code, page.location.split("?")[0]) == (303, "/account/prove")
