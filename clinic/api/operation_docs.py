"""What the document says besides shapes: an example of everything, how long to wait, which answer leads to which call.

Works on the finished document; knows it by its schemas' names and operations' ids.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from clinic.api import examples

RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
_WITH_RETRY = ("TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE")

#: Where an appointment's id stands in the answers that a client goes on from.
_APPOINTMENT_IDS = {
    ("book", "201"): "$response.body#/appointment/id",
    ("appointments", "200"): "$response.body#/results/0/id",
    ("my_appointments", "200"): "$response.body#/0/id",
}
_ON_APPOINTMENTS = (
    "appointment",
    "edit_appointment",
    "confirm",
    "reschedule",
    "hand_over",
    "assign_service",
    "write_medical_record",
    "medical_record",
    "staff_notes",
    "put_staff_notes",
    "complete",
    "reopen",
    "update_status",
    "cancel",
)


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Add examples, headers and links to ``document`` and return it."""
    for name, response in document["components"]["responses"].items():
        if name in _WITH_RETRY:
            response["headers"] = RETRY_AFTER
        for content in response.get("content", {}).values():
            content["example"] = examples.BY_STATUS.get(HTTPStatus[name], examples.BY_STATUS[400])
    for operation in operations(document):
        for parameter in operation.get("parameters", []):
            example = examples.BY_PARAMETER[parameter["name"]]
            parameter["example"] = [example] if parameter["schema"].get("type") == "array" else example
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _exemplify(content)
        for status, response in operation["responses"].items():
            for content in response.get("content", {}).values():
                _exemplify(content)
            if (operation["operationId"], status) in _APPOINTMENT_IDS:
                response["links"] = dict(_links(_APPOINTMENT_IDS[operation["operationId"], status]))
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every operation; give the ids in its path their examples on the way."""
    for methods in document["paths"].values():
        for parameter in methods.get("parameters", []):
            parameter["example"] = examples.BY_PARAMETER[parameter["name"]]
        yield from (operation for method, operation in methods.items() if method != "parameters")


def _exemplify(content: dict[str, Any]) -> None:
    """Give a body the example of its schema; pages and the document itself have none."""
    schema = content["schema"]
    items = schema.get("items")
    name = (items or schema).get("$ref", "").rpartition("/")[2]
    if name:
        example = examples.BY_SCHEMA[name]
        content["example"] = [example] if items else example


def _links(appointment_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what can be done next with the appointment whose id stands at ``appointment_id``."""
    for name in _ON_APPOINTMENTS:
        yield name, {"operationId": name, "parameters": {"appointment_id": appointment_id}}
