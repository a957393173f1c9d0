"""The shape of the API's paths: under which prefix they stand, their closing slash, the ids in them.

Knows no resource.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from clinic.id_converter import IdConverter
from clinic.operations.addresses import API_ROOT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = f"{API_ROOT}v1"


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
