"""What may be kept of the API's answers: the public directory for a minute by anybody, everything else by nobody.

What is public carries an ETag of the directory's revision and of what was asked, the same in every process, so that a
client that asks again is told "not modified" by one statement. The bodies stay in this process's memory as long as the
revision holds. Its lists link to their pages at the host that was asked, so under any other host than the portal's own
(FRONTEND_URL) only whoever asked keeps it: nothing on the way gives others links to a host that somebody made up.
"""

import functools
from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, request

from clinic import directory, settings
from clinic.api.blueprint import Resource
from clinic.api.language import chosen_language
from clinic.api.paths import PREFIX
from clinic.byte_cache import ByteCache
from clinic.version import VERSION

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC_SECONDS = 60
#: Some hundred answers.
MOST_BYTES = 2 * 1024 * 1024
_bodies = ByteCache(MOST_BYTES)
HEADERS = {
    "ETag": {"description": "The version, for `If-None-Match`.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long it may be kept.", "schema": {"type": "string"}},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "ETags that the caller has; with one of them still right the answer is 304 without a body.",
    "schema": {"type": "string"},
}


def public(resource: Resource) -> Callable[[View], View]:
    """Let anybody keep what an operation of ``resource`` answers, and answer 304 to whoever has it already.

    The operation answers the same to everybody who asks the same in the same language, as long as the directory doesn't
    change: no date, no visit and nobody's account is in it.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            response = _answer(lambda: view(*args, **kwargs))
            keeper = "public" if _by_own_host() else "private"
            response.headers["Cache-Control"] = f"{keeper}, max-age={PUBLIC_SECONDS}"
            response.vary.add("Accept-Language")
            return response

        documented = resource.alt_response(HTTPStatus.NOT_MODIFIED, description="What the caller has is still right.")
        return cast(View, resource.reads(IF_NONE_MATCH)(documented(run)))

    return decorate


def _answer(make: Callable[[], Response]) -> Response:
    """Return what ``make`` answers, or the same from memory, or 304."""
    revision = directory.revision()
    tag = None if revision is None else _tag(revision)
    if tag is not None and request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag:
        response = Response(status=HTTPStatus.NOT_MODIFIED, mimetype="application/json")
        response.set_etag(tag)
        return response
    body = None if tag is None else _bodies.get(tag)
    response = make() if body is None else Response(body, mimetype="application/json")
    if tag is None or directory.revision() != revision:
        # The directory is empty, or has changed meanwhile: the answer is of no revision.
        response.add_etag()
    else:
        if body is None:
            _bodies.put(tag, response.get_data())
        response.set_etag(tag)
    response.make_conditional(request)
    return response


def _tag(revision: str) -> str:
    """Return the ETag of the answer to the present request at a revision of the directory."""
    parts = (VERSION, revision, chosen_language(), request.base_url, request.query_string.decode("latin-1"))
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _by_own_host() -> bool:
    return request.host.lower() == urlsplit(settings.current().frontend_url).netloc.lower()


def install(app: Flask) -> None:
    """Keep caches away from whatever is not said to be public: answers about people, refusals, free slots."""

    @app.after_request
    def forbid(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
