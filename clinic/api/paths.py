"""The shape of the API's paths: under which prefix they stand, their closing slash, the ids in them.

Knows no resource.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.routing import BaseConverter

from clinic.db import MAX_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/api/v1"

#: The largest number that an id's column holds; anything above is the id of nothing.
ID_MAX = MAX_ID


class IdConverter(BaseConverter):
    """An id in a path. A number that no column holds matches nothing, so it is 404 like any unknown id."""

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """Return the id, or 0, which no row has, for a number beyond every column."""
        number = int(value)
        return number if number <= ID_MAX else 0


class ClosingSlash:
    """Serve a path of the API without its closing slash as if it had one, by every method and without a redirect.

    Browsers refuse a redirected preflight, and a redirected POST loses its body with many clients. Done before
    routing, because routing without strict slashes answers a wrong method on the slash-less form with 404.
    """

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, its path closed."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and not path.endswith("/"):
            environ["PATH_INFO"] = f"{path}/"
        return self.wsgi_app(environ, start_response)


def install(app: Flask) -> None:
    """Teach ``app`` the API's paths."""
    app.url_map.converters["id"] = IdConverter
    app.wsgi_app = ClosingSlash(app.wsgi_app)  # type: ignore[method-assign] # how Flask takes middleware
