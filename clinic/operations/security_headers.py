"""The headers that tell browsers what they may do with an answer: what it may load, who may show it, what it says of itself."""

from __future__ import annotations

from flask import Flask, Response, g, request

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
_ONLY_HTTPS = {"Strict-Transport-Security": f"max-age={_YEAR}; includeSubDomains"}


def install(app: Flask, *, only_https: bool) -> None:
    """Put them on every answer; with ``only_https`` browsers that came by HTTPS come by nothing else for a year."""

    @app.after_request
    def add(response: Response) -> Response:
        ours = {**_HEADERS, "X-Request-Id": g.get("request_id", "")}
        if only_https and request.is_secure:
            ours |= _ONLY_HTTPS
        # What the answer says itself comes first.
        present = {name.lower() for name, _value in response.headers}
        for name, value in ours.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        return response
