"""Addresses that are the same in every request, built once; and which are the API's."""

from typing import Any

from flask import Request, current_app, request, url_for

#: Below it stands the API; everything else is for people.
API_ROOT = "/api/"


def is_api(incoming: Request = request) -> bool:
    """Return whether the present request, or one that comes in, is one of the API's."""
    return incoming.path.startswith(API_ROOT)


def fixed_url(endpoint: str, **values: Any) -> str:
    """Return ``url_for``'s address of an endpoint, kept from then on; below another root it is another.

    For addresses that the code names, not for such as hold what people typed: nothing is ever forgotten.
    """
    kept: dict[tuple[object, ...], str] = current_app.extensions.setdefault("fixed_urls", {})
    key = (request.script_root, endpoint, *values.items())
    if key not in kept:
        kept[key] = url_for(endpoint, **values)
    return kept[key]
