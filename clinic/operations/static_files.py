"""Serving ``static/``: by WhiteNoise, in front of the application; and the address of a file, which names its content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from whitenoise import WhiteNoise

from clinic.operations.addresses import fixed_url

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def before(app: Flask, folder: Path, *, seconds: int, changing: bool) -> WSGIApplication:
    """Return ``app`` with the files of ``folder`` in front of it, and let its templates know their addresses.

    Caches may keep a file for ``seconds``, and for ever at the address with its digest. ``changing`` files are looked up at
    each request.
    """
    app.static_folder = str(folder)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=_no_static)

    @cache
    def digest(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:8]

    def static_url(name: str) -> str:
        """Return the address of a static file, with its digest: a changed file has another address."""
        return fixed_url("static", filename=name, v=digest(name))

    app.jinja_env.globals["static_url"] = static_url
    files: WSGIApplication = WhiteNoise(
        app.wsgi_app,
        root=str(folder),
        prefix="static/",
        autorefresh=changing,
        max_age=seconds,
        add_headers_function=_static_headers,
    )
    return files


def _static_headers(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _no_static(filename: str) -> Response:
    """Answer for a static file that WhiteNoise doesn't have."""
    return Response(f"There is no file {Path(filename).name}.\n", 404, mimetype="text/plain")
