"""A client of the API that checks every answer: its status and body are what the OpenAPI document says, an error has
the API's shape, and nothing redirects but what leads to pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.api.auth import tokens_of
from clinic.db import transaction

PREFIX = "/api/v1/"
SHAPE = {"success", "code", "message", "errors"}
#: The one thing that redirects: it is no resource, but leads to pages.
OFFICE = {"admin/", "admin"}
formats = FormatChecker(formats=())


@formats.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """Tell whether ``value`` is a date in the API's form."""
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """Tell whether ``value`` is a moment with its offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Document:
    """The OpenAPI document, as strict as it can be read: no key that isn't named."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.content: dict[str, Any] = app.test_client().get(f"{PREFIX}schema/").get_json()
        self._components = self.content["components"]
        self._closed = {
            name: {"additionalProperties": False, **schema} for name, schema in self._components["schemas"].items()
        }

    def operation(self, path: str, method: str) -> dict[str, Any] | None:
        """Return the operation at a path of the application, None if there is none."""
        try:
            rule, _ids = self.app.url_map.bind("localhost").match(path, method, return_rule=True)
        except HTTPException:
            return None
        template = self.app.extensions["clinic-api"].flask_plugin.flaskpath2openapi(rule.rule)
        operations = self.content["paths"][template]
        found: dict[str, Any] = operations[method.lower()]
        return found

    def check(self, schema: Mapping[str, Any], value: object) -> None:
        """Hold ``value`` against ``schema``."""
        whole = {**schema, "components": {"schemas": self._closed}}
        Draft202012Validator(whole, format_checker=formats).validate(value)

    def check_answer(self, operation: Mapping[str, Any], answer: TestResponse) -> None:
        """Hold an answer against what the operation says it may answer."""
        described = operation["responses"].get(str(answer.status_code))
        assert described, f"{operation['operationId']} doesn't document {answer.status_code}: {answer.text}"
        if "$ref" in described:
            described = self._components["responses"][described["$ref"].rpartition("/")[2]]
        content = described.get("content")
        if not content:
            assert answer.data == b""
            return
        assert answer.mimetype in content or answer.mimetype == "application/yaml"
        if answer.mimetype == "application/json":
            self.check(content["application/json"]["schema"], answer.get_json())


def check_error(answer: TestResponse) -> None:
    """Hold an error answer against the API's promise."""
    body = answer.get_json()
    assert body["success"] is False
    assert isinstance(body["code"], str)
    assert body["code"].replace("_", "").isalnum()
    assert isinstance(body["message"], str)
    assert len(body["message"]) > 5
    assert isinstance(body["errors"], dict)
    for field, texts in body["errors"].items():
        assert texts
        assert all(isinstance(text, str) and text for text in texts), field
    if body["code"] == "validation_error":
        # No field takes the place of the shape's own keys.
        repeated = {name: texts for name, texts in body["errors"].items() if name not in SHAPE}
        assert {field: body[field] for field in repeated} == repeated
    for trace in ("Traceback", "SELECT ", "sqlalchemy", "marshmallow", "Error("):
        assert trace not in answer.text


class Caller:
    """Somebody who calls the API."""

    def __init__(self, app: Flask, document: Document, access: str | None = None, refresh: str = "") -> None:
        self.client = app.test_client()
        self.document = document
        self.access, self.refresh = access, refresh

    def call(self, method: str, path: str, **request: Any) -> TestResponse:
        """Call ``path`` (below ``/api/v1/``) and check the answer."""
        headers = {**request.pop("headers", {})}
        if "json" in request:  # written here, so that it can hold what the application would not write
            request = {"data": json.dumps(request.pop("json")), "content_type": "application/json", **request}
        if self.access is not None:
            headers.setdefault("Authorization", f"Bearer {self.access}")
        answer = self.client.open(PREFIX + path, method=method, headers=headers, **request)
        redirected = answer.status_code in range(300, 400) and answer.status_code != 304
        assert redirected is (method == "GET" and path in OFFICE), answer.headers.get("Location")
        assert answer.status_code < 500, answer.text
        assert answer.status_code != 422
        if answer.status_code >= 400:
            check_error(answer)
        closed = path.partition("?")[0]
        operation = self.document.operation(PREFIX + closed + ("" if closed.endswith("/") else "/"), method)
        if operation is not None:
            self.document.check_answer(operation, answer)
        return answer

    def get(self, path: str, query: Mapping[str, Any] | None = None, **request: Any) -> TestResponse:
        """GET ``path``."""
        return self.call("GET", path, query_string=query, **request)

    def post(self, path: str, body: object = None, **request: Any) -> TestResponse:
        """POST ``body`` as JSON to ``path``, nothing at all without it."""
        return self.call("POST", path, **({} if body is None else {"json": body}), **request)

    def put(self, path: str, body: object, **request: Any) -> TestResponse:
        """PUT ``body`` as JSON to ``path``."""
        return self.call("PUT", path, json=body, **request)

    def delete(self, path: str, **request: Any) -> TestResponse:
        """DELETE ``path``."""
        return self.call("DELETE", path, **request)


def signed_in(app: Flask, document: Document, user_id: int) -> Caller:
    """Return a caller with fresh tokens of ``user_id``, without the slow check of a password."""
    with app.app_context():
        with transaction() as session:
            entered = start_session(session.get_one(User, user_id), SessionKind.API, Origin("tests", "127.0.0.1"))
        return Caller(app, document, **tokens_of(entered))
