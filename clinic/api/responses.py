"""How answers are written: rows of the domain into JSON by one encoder, lists by page, actions with their message.

Rows are made into JSON directly, not dumped by a schema (measured: a third of the time); the schemas document them, and
``tests/api`` holds both together.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from urllib.parse import urlencode, urljoin, urlsplit

import orjson
from flask import Response, request

from clinic import settings
from clinic.paging import Item, Page


def plain(value: object) -> str:
    """Return a value that JSON doesn't know as the API writes it (money and ratings as two-place strings)."""
    match value:
        case Decimal():
            return f"{value:.2f}"
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="seconds")
    raise TypeError(f"no JSON for {type(value).__name__}")


def encode(payload: object) -> bytes:
    """Return ``payload`` as JSON in UTF-8."""
    try:
        return orjson.dumps(payload, default=plain)
    except orjson.JSONEncodeError:
        # A whole number of more than 64 bits, which clients may have stored among the vital signs.
        return _encode_slowly(payload)


def _encode_slowly(payload: object) -> bytes:
    return json.dumps(payload, default=plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer ``payload`` as JSON."""
    return Response(encode(payload), status, headers, mimetype="application/json")


def done(message: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **payload: object) -> Response:
    """Answer the success of an action: ``{"success": true, "message": ..., ...}``."""
    return answer({"success": True, "message": message, **payload}, status, headers)


def nothing() -> Response:
    """Answer 204."""
    return Response(status=204)


def picked(row: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    """Return what the API names of ``row``; whatever the domain adds for pages stays inside."""
    return {key: row[key] for key in keys}


def listed(page: Page[Item], shape: Callable[[Item], object] | None = None) -> Response:
    """Answer one page of a list, with the absolute URLs of the pages around it."""
    return answer(
        {
            "count": page.count,
            "next": _page_url(page.next) if page.next else None,
            "previous": _page_url(page.previous) if page.previous else None,
            "results": page.results if shape is None else [shape(row) for row in page.results],
        }
    )


def _page_url(number: str) -> str:
    """Return the URL of this request with another page number."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{at_public_address(request.base_url)}?{urlencode([*others, ('page', number)])}"


def at_public_address(url: str) -> str:
    """Return a full URL of the portal at the address that the operator named, if one is: what a client says of the host
    must not lead another client elsewhere."""
    origin = settings.current().public_url
    return url if origin is None else urljoin(origin, urlsplit(url)._replace(scheme="", netloc="").geturl())
