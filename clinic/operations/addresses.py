"""Addresses that are the same in every request: built once."""

from typing import Any

from flask import current_app, request, url_for


def fixed_url(endpoint: str, **values: Any) -> str:
    """Return ``url_for``'s address of an endpoint, kept from then on; below another root it is another.

    For addresses that the code names, not for such as hold what people typed: nothing is ever forgotten.
    """
    kept: dict[tuple[object, ...], str] = current_app.extensions.setdefault("fixed_urls", {})
    key = (request.script_root, endpoint, *values.items())
    if key not in kept:
        kept[key] = url_for(endpoint, **values)
    return kept[key]
