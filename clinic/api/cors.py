"""Which other origins may call the API from a browser: the clinic's own front end and those that the operator names.

Preflights are answered here, for any path; every other answer, errors too, gets its headers. No credentials: the API
knows no cookies.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from clinic.api.paths import PREFIX

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Purpose-Of-Use"
ANSWER_HEADERS = "ETag, Retry-After, X-Request-Id"
PREFLIGHT_SECONDS = "600"


def origin_of(url: str) -> str:
    """Return the origin (``https://host:port``) of ``url``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def allowed_origins(app: Flask) -> frozenset[str]:
    """Return the origins that may call."""
    urls = [app.config.get("FRONTEND_URL"), *(app.config.get("CORS_ORIGINS") or [])]
    return frozenset(origin_of(url) for url in urls if url)


def install(app: Flask) -> None:
    """Answer preflights and mark answers, for the API's paths only."""
    allowed = allowed_origins(app)

    @app.before_request
    def answer_preflight() -> Response | None:
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204) if preflight and request.path.startswith(PREFIX) else None

    @app.after_request
    def mark(response: Response) -> Response:
        if not request.path.startswith(PREFIX):
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if origin not in allowed:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = ANSWER_HEADERS
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
            response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
        return response
