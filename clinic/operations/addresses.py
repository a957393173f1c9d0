"""Addresses that are the same in every request, built once; and which are the API's."""

from functools import lru_cache
from typing import Any

from flask import Flask, Request, current_app, request, url_for

#: Below it stands the API; everything else is for people.
API_ROOT = "/api/"
#: What programs that watch the portal ask for.
PROBES = ("/healthz", "/readyz", "/metrics")
#: Where an application keeps what ``page_url`` remembers (among its ``extensions``).
_WITH_IDS = "addresses_with_ids"


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


def page_url(endpoint: str, **values: Any) -> str:
    """Return ``url_for``'s address, remembered where it holds nothing but ids: a page has dozens of such links."""
    if endpoint.startswith(".") or not all(type(value) is int for value in values.values()):
        return url_for(endpoint, **values)
    built: str = current_app.extensions[_WITH_IDS](request.script_root, endpoint, **values)
    return built


def remember_addresses(app: Flask) -> None:
    """Let ``app`` remember the addresses that ``page_url`` builds; the latest thousands."""
    app.extensions[_WITH_IDS] = lru_cache(maxsize=4096)(lambda _root, endpoint, **values: url_for(endpoint, **values))
    app.jinja_env.globals.update(url_for=page_url)
