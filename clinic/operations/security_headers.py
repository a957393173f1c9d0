"""What browsers are told that they may do with an answer, and which requests they should not have let through.

Headers say what a page may load, who may show it and what it says of itself.
"""

from __future__ import annotations

from flask import Flask, Response, abort, g, request

from clinic.operations.addresses import is_api

_YEAR = 365 * 24 * 3600
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Flask-WTF wants a Referer over HTTPS, so not "no-referrer".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: Of pages alone: programs of other origins may call the API, as CORS says.
_ONLY_PAGES = {"Cross-Origin-Resource-Policy": "same-origin"}
_ONLY_HTTPS = {"Strict-Transport-Security": f"max-age={_YEAR}; includeSubDomains"}


def install(app: Flask, *, only_https: bool) -> None:
    """Put them on every answer; with ``only_https`` browsers that came by HTTPS come by nothing else for a year."""

    @app.after_request
    def add(response: Response) -> Response:
        ours = {**_HEADERS, "X-Request-Id": g.get("request_id", "")}
        if not is_api():
            ours |= _ONLY_PAGES
        if only_https and request.is_secure:
            ours |= _ONLY_HTTPS
        # What the answer says itself comes first.
        present = {name.lower() for name, _value in response.headers}
        for name, value in ours.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        return response


def refuse_forms_of_strangers(app: Flask) -> None:
    """Answer 400 to what another site's page sends to one of ours, before anything else of it is looked at.

    Forms have their tokens as well; browsers say by ``Sec-Fetch-Site`` where a request comes from, and no page can make
    them say otherwise. Put it before what checks tokens.
    """

    @app.before_request
    def refuse() -> None:
        from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
        if from_elsewhere and request.method not in {"GET", "HEAD", "OPTIONS"} and not is_api():
            abort(400)
