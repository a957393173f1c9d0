"""What may be kept of the API's answers: the public directory for a minute by anybody, everything else by nobody.

What is public carries an ETag of its content, so that a client that asks again is told "not modified". Its lists link to
their pages at the host that was asked, so under any other host than the portal's own (FRONTEND_URL) only whoever asked
keeps it: nothing on the way gives others links to a host that somebody made up.
"""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, request

from clinic import settings
from clinic.api.blueprint import Resource
from clinic.api.paths import PREFIX

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC_SECONDS = 60
HEADERS = {
    "ETag": {"description": "The content, for `If-None-Match`.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long it may be kept.", "schema": {"type": "string"}},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "ETags that the caller has; with one of them still right the answer is 304 without a body.",
    "schema": {"type": "string"},
}


def public(resource: Resource) -> Callable[[View], View]:
    """Let anybody keep what an operation of ``resource`` answers, and answer 304 to whoever has it already."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            response: Response = view(*args, **kwargs)
            keeper = "public" if _by_own_host() else "private"
            response.headers["Cache-Control"] = f"{keeper}, max-age={PUBLIC_SECONDS}"
            response.vary.add("Accept-Language")
            response.add_etag()
            response.make_conditional(request)
            return response

        documented = resource.alt_response(HTTPStatus.NOT_MODIFIED, description="What the caller has is still right.")
        return cast(View, resource.reads(IF_NONE_MATCH)(documented(run)))

    return decorate


def _by_own_host() -> bool:
    return request.host.lower() == urlsplit(settings.current().frontend_url).netloc.lower()


def install(app: Flask) -> None:
    """Keep caches away from whatever is not said to be public: answers about people, refusals, free slots."""

    @app.after_request
    def forbid(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
