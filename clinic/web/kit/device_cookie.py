"""The cookie by which a browser is known again once somebody has signed in there; it signs nobody in."""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request

from clinic import accounts


def known_by() -> str:
    """Return what this browser is known by, "" if it isn't."""
    return request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"], "")


def keep(secret: str) -> None:
    """Let this browser be known by ``secret`` from the present answer on."""

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            current_app.config["DEVICE_COOKIE_NAME"],
            secret,
            max_age=accounts.DEVICES_KEPT,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
        return response
