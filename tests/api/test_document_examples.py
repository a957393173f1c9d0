"""The document's examples: one of every body, each right by its own schema; and the headers and links beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clinic.api.operation_docs import _ON_APPOINTMENTS
from tests.api.caller import Document

Content = tuple[str, dict[str, Any]]


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The document knows no database: one is enough."""
    return str(request.param)


def operations(document: Document) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (name, operation, parameters of its path)."""
    for path, methods in document.content["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method} {path}", operation, methods.get("parameters", [])


def answers(document: Document, operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (status, answer), references followed."""
    shared = document.content["components"]["responses"]
    for status, answer in operation["responses"].items():
        yield status, shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer


def test_every_json_body_has_an_example_that_is_right(document: Document) -> None:
    requests = 0
    for name, operation, _parameters in operations(document):
        bodies = [("request", operation["requestBody"])] if "requestBody" in operation else []
        for where, body in [*bodies, *answers(document, operation)]:
            content = body.get("content", {}).get("application/json")
            if content is None or content["schema"] == {"type": "object"}:
                continue
            assert "example" in content, (name, where)
            document.check(content["schema"], content["example"])
            requests += where == "request"
    assert requests > 20


def test_every_parameter_has_an_example_that_is_right(document: Document) -> None:
    for name, operation, of_path in operations(document):
        for parameter in [*of_path, *operation.get("parameters", [])]:
            assert "example" in parameter, (name, parameter["name"])
            document.check(parameter["schema"], parameter["example"])


def test_errors_are_examples_of_themselves(document: Document) -> None:
    codes = set()
    for name, operation, _parameters in operations(document):
        for status, answer in answers(document, operation):
            if status.startswith(("4", "5")):
                assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Error"), name
                codes.add((status, answer["content"]["application/json"]["example"]["code"]))
            if status in {"429", "503"}:
                assert "Retry-After" in answer["headers"]
    assert len(codes) == len({status for status, _code in codes}) >= 9


def test_what_is_limited_repeated_or_versioned_says_so(document: Document) -> None:
    by_id = {operation["operationId"]: operation for _name, operation, _parameters in operations(document)}
    for name in ("login", "obtain_tokens", "register", "forgot_password"):
        assert "429" in by_id[name]["responses"]
    for name in ("update_me", "put_me", "put_record", "put_medical_record", "write_medical_record"):
        assert "412" in by_id[name]["responses"]
        assert "If-Match" in {parameter["name"] for parameter in by_id[name]["parameters"]}
    assert "Idempotency-Key" in {parameter["name"] for parameter in by_id["book"]["parameters"]}
    for name in ("book", "patients", "confirm", "patient_appointments", "update_status"):
        assert "403" in by_id[name]["responses"]
    for link in by_id["book"]["responses"]["201"]["links"].values():
        assert link["operationId"] in by_id


#: What is done with an appointment that no answer leads on to, each with the reason.
NOT_LED_TO = {
    "put_appointment": "edit_appointment by another method",
    "put_reschedule": "reschedule by another method",
    "delete_appointment": "cancel by another method",
    "put_medical_record": "write_medical_record, when there is one",
}


def test_what_is_done_with_an_appointment_is_led_to(document: Document) -> None:
    of_one = {
        operation["operationId"]
        for name, operation, _parameters in operations(document)
        if "/appointments/{appointment_id}/" in name
    }
    assert of_one == {*_ON_APPOINTMENTS, *NOT_LED_TO}, "name it in _ON_APPOINTMENTS (clinic/api/operation_docs.py)"
