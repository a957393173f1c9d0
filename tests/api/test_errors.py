"""Every error has the API's shape, whatever was sent."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from clinic import directory
from clinic.db_errors import DatabaseUnavailable
from tests.api.caller import PREFIX, Caller, Document, check_error
from tests.people import ONE_OF_EACH_ROLE

AsCaller = Callable[[str], Caller]
#: What no field of any body takes.
NONSENSE: dict[str, object] = {
    "a list": [[]],
    "a number beyond all": 10**300,
    "NUL": "a\x00b",
    "half a pair": "\ud83d",
    "10,000 letters": "x" * 10_000,
    "nested": {"a": {"b": [{"c": None}]}},
    "true": True,
    "a fraction": -0.5,
}


def operations(app: Flask) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation) of the document, ids filled in with 1."""
    for path, methods in Document(app).content["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                filled = path.removeprefix(PREFIX)
                filled = re.sub(r"\{\w+_id\}", "1", filled)
                yield method.upper(), filled, operation


def with_body(app: Flask, *, optional: bool | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the operations that take a body."""
    for method, path, operation in operations(app):
        if "requestBody" in operation and optional in (None, not operation["requestBody"]["required"]):
            yield method, path, operation


def callers(as_: AsCaller) -> tuple[Caller, Caller, Caller]:
    """Return a patient, a doctor and an admin: one of them may do anything that takes a body."""
    return as_("ana"), as_("chen"), as_("esther")


def test_malformed_json(app: Flask, as_: AsCaller) -> None:
    bodies = [
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"\xff\xfe{}",
        '{"email": "é"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
    ]
    for method, path, _operation in with_body(app):
        for body in bodies:
            codes = set()
            for caller in callers(as_):
                answer = caller.call(method, path, data=body, content_type="application/json")
                assert answer.status_code in {400, 403}
                codes.add(answer.get_json()["code"])
            assert "malformed_json" in codes, (method, path, body[:20])


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_a_body_that_is_no_object(app: Flask, as_: AsCaller, body: str) -> None:
    for method, path, _operation in with_body(app):
        statuses = {
            caller.call(method, path, data=body, content_type="application/json").status_code for caller in callers(as_)
        }
        assert 400 in statuses
        assert statuses <= {400, 403}


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", None])
def test_a_body_of_another_media_type(app: Flask, as_: AsCaller, media: str | None) -> None:
    for method, path, _operation in with_body(app):
        statuses = {
            caller.call(method, path, data=b'{"reason": ""}', content_type=media).status_code for caller in callers(as_)
        }
        assert 415 in statuses
        assert statuses <= {415, 403}


def test_no_body_where_one_is_needed(app: Flask, as_: AsCaller) -> None:
    for method, path, _operation in with_body(app, optional=False):
        statuses = {caller.call(method, path).status_code for caller in callers(as_)}
        # Signing out needs no media type to be told that `refresh` is missing (API, ``auth/logout/``).
        assert (400 if path.endswith("auth/logout/") else 415) in statuses


def test_a_body_over_the_limit(app: Flask, as_: AsCaller) -> None:
    body = b'{"reason": "' + b"x" * (256 * 1024) + b'"}'
    for method, path, _operation in with_body(app):
        for caller in callers(as_):
            answer = caller.call(method, path, data=body, content_type="application/json")
            assert answer.status_code == 413
    fits = b'{"reason": "' + b"x" * (256 * 1024 - 14) + b'"}'
    answer = as_("ana").call("POST", "appointments/1/cancel/", data=fits, content_type="application/json")
    assert answer.status_code == 400


def test_a_body_in_chunks_over_the_limit(app: Flask, as_: AsCaller) -> None:
    """Nobody announces its length; servers mark where it ends."""

    def send(method: str, path: str, size: int) -> int:
        stream = io.BytesIO(b'{"reason": "' + b"x" * (size - 14) + b'"}')
        marked = {"wsgi.input_terminated": True}
        sent = {"input_stream": stream, "environ_overrides": marked, "content_type": "application/json"}
        return as_("ana").call(method, path, **sent).status_code

    for method, path, _operation in with_body(app):
        assert send(method, path, 256 * 1024) != 413
        assert send(method, path, 256 * 1024 + 1) == 413


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_in_every_field(app: Flask, as_: AsCaller, document: Document, kind: str) -> None:
    schemas = document.content["components"]["schemas"]
    for method, path, operation in with_body(app):
        named = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for field in schemas[named]["properties"]:
            statuses = set()
            for caller in callers(as_):
                answer = caller.call(method, path, json={field: NONSENSE[kind]})
                statuses.add(answer.status_code)
                if answer.status_code == 400:
                    assert answer.get_json()["errors"], (path, field)
            # What a profile doesn't have is ignored in it as it is anywhere.
            ignored = {200} if path == "user/me/" and kind == "nested" else set()
            # A right value for the one field that is a switch.
            right = {200} if (path, field, kind) == ("clinic/", "is_demo", "true") else set()
            assert statuses <= {400, 401, 403, 404} | ignored | right, (path, field)


@pytest.mark.parametrize("kind", ["NUL", "10,000 letters"])
def test_nonsense_in_every_parameter(app: Flask, as_: AsCaller, kind: str) -> None:
    for method, path, operation in operations(app):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                refused = []
                for name in ONE_OF_EACH_ROLE:
                    answer = as_(name).call(method, path, query_string={parameter["name"]: NONSENSE[kind]})
                    assert answer.status_code in {400, 403}
                    if answer.status_code == 400:
                        # One of several values is named by its place: ``doctor_id.0``.
                        named = {error.partition(".")[0] for error in answer.get_json()["errors"]}
                        refused.append(parameter["name"] in named)
                assert refused, (path, parameter["name"])
                assert all(refused), (path, parameter["name"])


def test_a_wrong_method_is_405_with_allow(app: Flask, anyone: Caller) -> None:
    by_path: dict[str, set[str]] = {}
    for method, path, _operation in operations(app):
        by_path.setdefault(path, set()).add(method)
    for path, methods in by_path.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            for form in (path, path.rstrip("/")):
                if form or not path:
                    answer = anyone.call(method, form)
                    assert answer.status_code == 405, (method, form)
                    allowed = set(answer.headers["Allow"].replace(" ", "").split(","))
                    assert allowed - {"HEAD", "OPTIONS"} == methods


@pytest.mark.parametrize(
    "path", ["nowhere/", "appointments/x/", "appointments/1/nowhere/", "departments//", "%00/", "é/", "../login"]
)
def test_an_unknown_path_is_404_in_json(anyone: Caller, path: str) -> None:
    answer = anyone.get(path)
    assert answer.status_code == 404


def test_a_crash_says_nothing_of_itself(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(**_kwargs: object) -> None:
        raise RuntimeError("secret detail")

    app = make_app()
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setattr(directory, "departments", crash)
    answer = app.test_client().get(f"{PREFIX}departments/", headers={"Origin": app.config["FRONTEND_URL"]})
    assert answer.status_code == 500
    check_error(answer)
    assert "secret" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == app.config["FRONTEND_URL"]


def test_a_database_that_is_away_says_when_to_try_again(
    anyone: Caller, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_kwargs: object) -> None:
        raise DatabaseUnavailable("SELECT secret", None, Exception("secret detail"))

    monkeypatch.setattr(directory, "departments", away)
    origin = app.config["FRONTEND_URL"]
    answer = app.test_client().get(f"{PREFIX}departments/", headers={"Origin": origin})
    assert answer.status_code == 503
    check_error(answer)
    assert answer.get_json()["code"] == "unavailable"
    assert "secret" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    anyone.document.check_answer(anyone.document.operation(f"{PREFIX}departments/", "GET") or {}, answer)


def test_pages_keep_their_own_errors(app: Flask) -> None:
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
