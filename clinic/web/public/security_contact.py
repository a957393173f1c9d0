"""Whom to tell about a hole in the portal: ``/.well-known/security.txt`` (RFC 9116), for people and programs who look for one."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, abort

from clinic import clock, settings

PATH = "/.well-known/security.txt"
#: For so long it holds from today on; the standard wants less than a year.
HOLDS_FOR = timedelta(days=360)
#: A day.
KEPT_SECONDS = 24 * 3600


def install(app: Flask) -> None:
    """Let ``app`` answer it."""
    app.add_url_rule(PATH, view_func=security_txt)


def security_txt() -> Response:
    """Answer the operator's address (SECURITY_CONTACT, the clinic's without one); 404 where there is none."""
    present = settings.current()
    if present.security_contact is None:
        abort(404)
    lines = [
        f"Contact: mailto:{present.security_contact}",
        f"Expires: {clock.now() + HOLDS_FOR:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: vi, en",
    ]
    if present.public_url is not None:
        lines.append(f"Canonical: {present.public_url}{PATH}")
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_SECONDS
    return response
