"""How requests are read: bodies are JSON objects of limited size, refusals are the domain's ``InvalidInput``.

Knows no resource: what a body may hold is said by its schema.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.core import is_json
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from clinic.errors import InvalidInput, Text
from clinic.i18n import N_
from clinic.operations.bodies import WITHOUT_BODY

BODY_MAX = 256 * 1024  # bytes


def limit_body() -> None:
    """Refuse a body over the limit: by its announced length at once, one that comes in chunks once it is longer."""
    if request.method in WITHOUT_BODY:
        return
    # Werkzeug cuts off what is longer without a word, so one byte more is read than may be there.
    request.max_content_length = BODY_MAX + 1
    if (request.content_length or 0) > BODY_MAX or len(request.get_data()) > BODY_MAX:
        raise RequestEntityTooLarge


def malformed() -> InvalidInput:
    """Build the refusal of a body that isn't JSON."""
    return InvalidInput(N_("The body isn't valid JSON."), code="malformed_json")


def _finite(literal: str) -> float:
    """Return a number of JSON; one that no double holds would come back as infinity, which is not JSON."""
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError("beyond a double")
    return number


def _no_constant(literal: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads though JSON has none."""
    raise ValueError(literal)


def parse(body: bytes) -> object:
    """Return the value that ``body`` writes; ``InvalidInput`` ``malformed_json`` for anything that isn't JSON."""
    try:
        value: object = json.loads(body.decode("utf-8"), parse_float=_finite, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # ValueError: no JSON, no UTF-8, or a number of thousands of digits. RecursionError: thousands of brackets.
        raise malformed() from None
    return value


def body_of(incoming: Request, *, optional: bool) -> Mapping[str, Any]:
    """Return the JSON object that was sent; with ``optional`` an empty body without a media type is an empty one."""
    body = incoming.get_data(cache=True)
    if optional and not body and not incoming.mimetype:
        return {}
    if not is_json(incoming.mimetype):
        raise UnsupportedMediaType
    if optional and not body:
        return {}
    value = parse(body)
    if not isinstance(value, dict):
        raise InvalidInput(N_("The body must be a JSON object."))
    return value


class Misshapen(InvalidInput):
    """What was sent has not the shape that its schema says; ``readable`` is the part of it that has."""

    schema: Schema
    readable: Mapping[str, Any]

    def filled(self) -> dict[str, Any]:
        """Return what could be read, with nothing in the place of each key that must be there."""
        needed = {name: getattr(field, "empty", None) for name, field in self.schema.fields.items() if field.required}
        return {**needed, **self.readable}

    def with_also(self, errors: Mapping[str, Sequence[Text | str]]) -> InvalidInput:
        """Return the refusal of these keys, and of those of ``errors`` whose shape is right."""
        return InvalidInput.of({**errors, **self.errors})


class Reader(FlaskParser):
    """Reads queries and JSON bodies by their schemas. Unknown keys are ignored."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"json": EXCLUDE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the body as an object."""
        return body_of(req, optional=getattr(schema, "body_optional", False))

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        """Raise what the schema refused as the domain would, nested fields dotted."""
        errors: dict[str, list[Text | str]] = {}
        by_location: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call] # marshmallow has no types for it
        for messages in by_location.values():  # there is one
            for name, texts in flat(messages):
                errors.setdefault(name, []).extend(texts)
        refusal = Misshapen.of(errors)
        refusal.schema, refusal.readable = schema, error.valid_data if isinstance(error.valid_data, dict) else {}
        raise refusal from None


def flat(messages: Any, name: str = "") -> Iterator[tuple[str, list[Text | str]]]:
    """Yield (dotted field, texts) for each field in a schema's messages."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, messages if isinstance(messages, list) else [messages]
