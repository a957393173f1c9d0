"""Refusals as HTTP: the only table of status codes, JSON of the API's shape under ``/api/``, a page elsewhere.

``message`` is never absent and never a stack trace, SQL or a class name. Texts are translated here.
"""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from clinic import audit, events
from clinic.db_errors import DatabaseUnavailable, is_of_database, is_of_schema, is_outdated_plan, is_refusal
from clinic.errors import (
    TOO_MANY,
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    ProofRequired,
    Stale,
    TooManyTries,
    Unauthenticated,
)
from clinic.events import Event
from clinic.i18n import N_
from clinic.limits import seconds_to_wait
from clinic.operations import logs, maintenance
from clinic.operations.addresses import PROBES, is_api
from clinic.operations.readiness import why_not_ready
from clinic.operations.trusted_hosts import UntrustedHost
from clinic.web.kit import access, guard

STATUS: Mapping[type[DomainError], int] = {
    InvalidInput: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    TooManyTries: 429,
}
#: Code and sentence of each status that HTTP itself may answer.
HTTP: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", N_("We can't understand this request.")),
    401: ("not_authenticated", N_("Please sign in to continue.")),
    403: ("permission_denied", N_("Your account isn't allowed to do this.")),
    404: ("not_found", N_("There's nothing at this address.")),
    405: ("method_not_allowed", N_("This can't be done at this address.")),
    406: ("not_acceptable", N_("We can't answer in the format you asked for.")),
    408: ("timeout", N_("The request took too long.")),
    409: ("conflict", N_("This can't be done right now.")),
    412: ("stale", N_("Somebody else changed this after you opened it.")),
    413: ("too_large", N_("This is too large.")),
    414: ("too_large", N_("This address is too long.")),
    415: ("unsupported_media_type", N_("Please send JSON with the media type application/json.")),
    422: ("validation_error", N_("Please correct the marked fields.")),
    429: ("too_many_requests", TOO_MANY),
    431: ("too_large", N_("The request's headers are too large.")),
    500: ("server_error", N_("Something went wrong on our side. Please try again.")),
    503: ("unavailable", N_("The clinic's server is busy. Please try again in a moment.")),
}
MAINTENANCE = ("maintenance", N_("The portal is closed for maintenance. Please come back a little later."))
TITLES: Mapping[int, str] = {
    400: N_("That didn't work"),
    401: N_("Please sign in"),
    403: N_("Your account can't do this"),
    404: N_("Page not found"),
    405: N_("That can't be done here"),
    409: N_("That can't be done now"),
    412: N_("This has changed"),
    413: N_("Too large"),
    429: N_("One moment, please"),
    500: N_("Something went wrong"),
    503: N_("One moment, please"),
}
CSRF_MESSAGE = N_(
    "Your browser no longer recognises this form, so nothing was sent. "
    "Please go back, copy what you typed, reload the page and send it again."
)
UNTRUSTED_HOST_MESSAGE = N_("The portal isn't reached by this name. Please use the clinic's own address.")
MAINTENANCE_TITLE = N_("We'll be back soon")
RETRY_SECONDS = "5"
#: An operator has to act first.
UNFIT_RETRY_SECONDS = "60"
#: What is answered during maintenance, too: how the process does, and what the page's look is made of.
NEVER_CLOSED = (*PROBES, "/static/")

#: How the names of our own files begin.
_OURS = str(Path(__file__).parent)

#: So many places of our own code are logged of an error: through the lists' rooms to the domain that a list is of.
PLACES = 10

log = structlog.get_logger("clinic.error")


def status_of(error: DomainError) -> int:
    """Return the status of a refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def body(
    code: str,
    message: str,
    errors: Mapping[str, list[str]] | None = None,
    extra: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return the API's error body; a validation error repeats its fields at the top level, ``extra`` stands behind all."""
    fields = dict(errors or {})
    repeated = fields if code == "validation_error" else {}
    # The fixed keys come last: no field may take their place.
    fixed = {"success": False, "code": code, "message": message, "errors": fields}
    return {**repeated, **fixed, **{name: value for name, value in (extra or {}).items() if name not in fixed}}


def answer(
    status: int,
    code: str,
    message: str,
    errors: Mapping[str, list[str]] | None = None,
    headers: Any = (),
    extra: Mapping[str, object] | None = None,
) -> Response:
    """Answer an error in the form of its delivery."""
    events.tell(Event.REFUSAL, code)
    response = jsonify(body(code, message, errors, extra)) if is_api() else _page(status, message)
    return _finished(response, status, headers)


def _finished(response: Response, status: int, headers: Any) -> Response:
    response.status_code = status
    # An error is told to whom it happened, now: nothing on the way may keep it.
    response.headers["Cache-Control"] = "no-store"
    for name, value in dict(headers).items():
        response.headers[name] = value
    return response


def _page(status: int, message: str) -> Response:
    title = gettext(TITLES.get(status, TITLES[500 if status >= 500 else 400]))
    return _rendered("errors/error.html", bare=status >= 500, status=status, title=title, message=message)


def _rendered(template: str, *, bare: bool, **context: Any) -> Response:
    """Render an error page, ``bare`` (without the database) if need be, and if that breaks too, in one line."""
    request_id = g.get("request_id", "")
    for without in (True,) if bare else (False, True):
        try:
            return make_response(render_template(template, bare=without, request_id=request_id, **context))
        except Exception as error:  # whatever broke the page may break its frame too
            log.error("error page", bare=without, exc_info=None if is_of_database(error) else error)
    shown = f"<!doctype html><title>{escape(context['title'])}</title><h1>{escape(context['title'])}</h1>"
    return make_response(f"{shown}<p>{escape(context['message'])}</p><p>{escape(request_id)}</p>")


def close_for_maintenance(app: Flask) -> None:
    """Answer everything with 503 while ``clinic.operations.maintenance`` says that the portal is closed. Put it first."""

    @app.before_request
    def closed() -> Response | None:
        # A refused preflight would hide the answer to what follows it.
        if request.method == "OPTIONS" or request.path.startswith(NEVER_CLOSED):
            return None
        state = maintenance.present(app.config["MAINTENANCE_FILE"])
        if state is None:
            return None
        code, message = MAINTENANCE
        events.tell(Event.REFUSAL, code)
        if is_api():
            response = jsonify(body(code, gettext(message)))
        else:
            title = gettext(MAINTENANCE_TITLE)
            response = _rendered(
                "errors/maintenance.html", bare=True, title=title, message=gettext(message), closed=state
            )
        return _finished(response, 503, {"Retry-After": state.retry_seconds})


def _on_domain_error(error: DomainError) -> ResponseReturnValue:
    status = status_of(error)
    if status == 401 and not is_api():
        return guard.to_sign_in()
    if isinstance(error, ProofRequired) and not is_api():
        return guard.to_proof()
    _note_refusal(error)
    if isinstance(error, TooManyTries):
        return _too_many(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return answer(status, error.code, error.text(gettext), error.field_texts(gettext), headers, error.extra)


def _too_many(error: TooManyTries) -> ResponseReturnValue:
    """Answer as where a request comes too often: a form is shown again with what was typed."""
    headers = {"Retry-After": str(error.seconds)}
    if is_api():
        return answer(429, error.code, error.text(gettext), headers=headers)
    words = f"{guard.wait(error.seconds)} {error.advice and gettext(error.advice)}".strip()
    shown = guard.after_too_many(words) if request.method == "POST" else None
    if shown is None:
        return answer(429, error.code, words, headers=headers)
    events.tell(Event.REFUSAL, error.code)
    return make_response(shown, 429, headers)


def _note_refusal(error: DomainError) -> None:
    """Let the audit note what somebody signed in may not do, and ids in the path that aren't theirs or nobody's."""
    actor = logs.noted_actor()
    ids = [value for value in (request.view_args or {}).values() if isinstance(value, int)]
    # That a proof is asked for refuses nothing yet.
    refused = isinstance(error, Forbidden) and not isinstance(error, ProofRequired)
    if actor is None or not (refused or (isinstance(error, NotFound) and ids)):
        return
    reason = "" if error.code == Forbidden.default_code or not refused else error.code
    audit.record_refusal(actor, endpoint=request.endpoint or "", subject_id=ids[0] if ids else 0, reason=reason)


def _note_forged() -> None:
    """Let the audit note a form of somebody signed in that came without its token."""
    actor = access.current_actor()
    if actor is not None:
        audit.record_refusal(actor, endpoint=request.endpoint or "", reason="csrf_failed")


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    code, message = HTTP.get(status, HTTP[500 if status >= 500 else 400])
    if isinstance(error, CSRFError):
        code, message = "csrf_failed", CSRF_MESSAGE
    elif isinstance(error, UntrustedHost):
        message = UNTRUSTED_HOST_MESSAGE
    shown = None if is_api() else _form_again(error)
    if isinstance(error, CSRFError):
        _note_forged()
    if shown is not None:
        events.tell(Event.REFUSAL, code)
        return shown
    headers = {
        name: value
        for name, value in error.get_headers(None, request.environ)
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}
    }
    if status == 401 and is_api():
        headers.setdefault("WWW-Authenticate", "Bearer")
    text = guard.wait(seconds_to_wait()) if status == 429 and not is_api() else gettext(message)
    return answer(status, code, text, headers=headers)


def _form_again(error: HTTPException) -> ResponseReturnValue | None:
    """Answer a posted form that may not be acted on with what was typed in it; None where that isn't safe."""
    if isinstance(error, CSRFError):
        return guard.after_wrong_token()
    if error.code != 429 or request.method != "POST":
        return None
    seconds = seconds_to_wait()
    shown = guard.after_too_many(guard.wait(seconds))
    return None if shown is None else make_response(shown, 429, {"Retry-After": str(seconds)})


def _on_operational_error(error: DatabaseUnavailable) -> ResponseReturnValue:
    """The database is away or too busy: said as such, so that clients try again."""
    if is_of_schema(error):
        return _on_any_error(error)
    log.error("database", kind=type(error.orig).__name__)
    code, message = HTTP[503]
    return answer(503, code, gettext(message), headers={"Retry-After": RETRY_SECONDS})


def _on_misfit(error: Exception, problem: str | None) -> ResponseReturnValue:
    """Code and database don't fit, or didn't a moment ago: no fault of the request, and over when the operator has acted."""
    log.error("database", kind=type(error).__name__, why=problem or "the database has just been migrated")
    code, message = HTTP[503]
    return answer(
        503, code, gettext(message), headers={"Retry-After": UNFIT_RETRY_SECONDS if problem else RETRY_SECONDS}
    )


def _on_any_error(error: Exception) -> ResponseReturnValue:
    if is_of_schema(error) or is_refusal(error):
        problem = why_not_ready(current_app)
        # Where they fit a name that isn't there is misspelt by us; only a plan may be from before.
        if problem is not None or is_outdated_plan(getattr(error, "orig", None)):
            return _on_misfit(error, problem)
    if is_of_database(error):
        # Without its message, which may hold what people typed.
        log.error("unexpected", kind=type(error).__name__, endpoint=request.endpoint, where=_where(error))
    else:
        log.error("unexpected", exc_info=error, kind=type(error).__name__, endpoint=request.endpoint)
    code, message = HTTP[500]
    return answer(500, code, gettext(message))


def _where(error: Exception) -> str:
    """Return where in our own code an error came through: the last frames are libraries', and say nothing of the place."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_OURS)]
    return "".join(traceback.format_list((ours or frames)[-PLACES:]))


def install(app: Flask) -> None:
    """Let every error of ``app`` be answered here."""
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(DatabaseUnavailable, _on_operational_error)
    app.register_error_handler(Exception, _on_any_error)
