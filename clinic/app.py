"""Where everything meets: ``create_app`` reads the settings, opens the database, and puts the deliveries on top.

Knows every part by its ``install`` and no part's inside.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, appcontext_popped, appcontext_pushed, current_app, has_app_context, jsonify
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic import api, audit, config, http_errors, limits, mail, triage, web
from clinic import settings as clinic_settings
from clinic.config import ROOT, THIS_MACHINE, ConfigError, Env, Settings, load
from clinic.db import db
from clinic.engine import engine_options, prepare_engine, replica_options
from clinic.i18n import DEFAULT_LANGUAGE
from clinic.id_converter import IdConverter
from clinic.keys import Keyring
from clinic.limits import limiter
from clinic.operations import draining, logs, maintenance, security_headers, static_files, trusted_hosts
from clinic.operations.addresses import is_api
from clinic.operations.catalogues import Catalogues
from clinic.operations.readiness import may_read_details, why_not_ready
from clinic.replica import REPLICA
from clinic.settings import ClinicSettings
from clinic.text import ip_addresses
from clinic.version import VERSION
from clinic.web.kit.preferences import chosen_language as page_language
from clinic.web.kit.templates import PageEnvironment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

csrf = CSRFProtect()
babel = Catalogues()

#: Where an application keeps what its requests and commands tell the domain (among its ``extensions``).
SETTINGS = "clinic_settings"
#: A body that the pages' longest form can't reach; the API has its own, smaller limit.
BODY_MOST = 1024 * 1024
#: What keys are for.
COOKIES, FORMS = "session cookies", "tokens of forms"
#: The cookie of a browser's session. Browsers take a name that begins with "__Host-" over HTTPS from this host alone, so no
#: neighbour below the same domain can set it.
COOKIE = "clinic_session"
#: By which a browser is known again.
DEVICE_COOKIE = "clinic_device"
_YEAR = 365 * 24 * 3600
#: Seconds that the clocks of a clinic's machines may differ.
CLOCKS_DIFFER = 60


class ReadableAddress:
    """Write the address of whoever asks in its one form, however server and proxies wrote it."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on."""
        environ["REMOTE_ADDR"] = ip_addresses.canonical(environ.get("REMOTE_ADDR"))
        return self.wsgi_app(environ, start_response)


class Portal(Flask):
    """A Flask whose views and hooks are plain functions, as it would find out of each one at each request."""

    jinja_environment = PageEnvironment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view; what was read by it is written down before anything of it is shown."""
        with audit.gathering():
            return super().dispatch_request()


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the portal from the environment; ``overrides`` (by the names of ``Settings``) come before it.

    ``clinic.config.ConfigError`` where the settings can't be used.
    """
    settings = load(overrides)
    app = Portal("clinic", root_path=str(ROOT), template_folder="templates", static_folder=None)
    # A name or key that a template wasn't given raises an error; a blank would go unnoticed.
    app.jinja_options = {"undefined": StrictUndefined}
    _configure(app, settings)
    logs.install(app, json=settings.env is Env.PRODUCTION)
    http_errors.close_for_maintenance(app)
    trusted_hosts.answer_only_for(app, settings.known_hosts, own=THIS_MACHINE)
    _bind_settings(app, config.clinic_settings(settings, web.path_of(app)))
    app.url_map.converters["int"] = IdConverter
    _open_database(app, settings)
    _watch(app, settings)
    triage.lexicon()  # Read now, so that a wrong data file stops the start.
    mail.close_register()
    babel.init_app(app, locale_selector=_language, timezone_selector=lambda: settings.clinic_timezone)
    security_headers.refuse_forms_of_strangers(app)
    csrf.init_app(app)
    limits.install(app)
    _serve_static(app, settings)
    _add_health(app)
    security_headers.install(app, only_https=settings.env is Env.PRODUCTION)
    web.install(app)
    api.install(app)
    for name, blueprint in app.blueprints.items():
        if (blueprint.url_prefix or "").startswith("/api") or name.startswith("api"):
            csrf.exempt(blueprint)
    for view in app.view_functions.values():
        if getattr(view, "changes_nothing", False):
            csrf.exempt(view)
    http_errors.install(app)
    _put_in_front(app, ReadableAddress(app.wsgi_app))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        _put_in_front(app, ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0))
    return app


def _put_in_front(app: Flask, middleware: "WSGIApplication") -> None:
    app.wsgi_app = middleware  # type: ignore[assignment, method-assign] # how Flask takes it


def _bind_settings(app: Flask, settings: ClinicSettings) -> None:
    """Let the domain go by these settings while a request is answered or a command runs in a context of ``app``."""
    app.extensions[SETTINGS] = settings

    # By signals and not by a teardown: a context may be entered again while another application's is current, and only
    # its last end is a teardown.
    for signal in (appcontext_pushed, appcontext_popped):
        signal.connect(_follow_context, app, weak=False)


def _follow_context(_app: Flask, **_: object) -> None:
    """Make current the settings of the application whose context is current, the defaults without one."""
    clinic_settings.make_current(current_app.extensions.get(SETTINGS) if has_app_context() else None)


def _words(keys: Keyring, purpose: str) -> list[str]:
    """Return the keys for ``purpose`` as words, the one in use first: Flask and its extensions take no bytes."""
    return [key.hex() for key in keys.all(purpose)]


def _cookie_name(name: str, settings: Settings) -> str:
    return f"__Host-{name}" if settings.is_secure else name


def _configure(app: Flask, settings: Settings) -> None:
    keys = Keyring(settings.secret_key, settings.secret_key_fallbacks)
    cookies = _words(keys, COOKIES)
    app.config.update(
        SECRET_KEY=cookies[0],
        SECRET_KEY_FALLBACKS=cookies[1:],
        # The last one signs.
        WTF_CSRF_SECRET_KEY=[*reversed(_words(keys, FORMS))],
        TESTING=settings.env is Env.TESTING,
        CLINIC_ENV=str(settings.env),
        CLINIC_NAME=settings.clinic_name,
        FRONTEND_URL=settings.mail_origin,
        CORS_ORIGINS=settings.cors_allowed_origins,
        HIDE_UNKNOWN_EMAILS=settings.hide_unknown_emails,
        MAINTENANCE_FILE=settings.maintenance_file,
        METRICS_TOKEN=settings.metrics_token,
        DATABASE_OWNER_URL=settings.database_owner_url,
        MAIL_URL=settings.mail_url,
        MAIL_FROM=settings.mail_from,
        MAX_CONTENT_LENGTH=BODY_MOST,
        MAX_FORM_MEMORY_SIZE=BODY_MOST,
        SESSION_COOKIE_NAME=_cookie_name(COOKIE, settings),
        DEVICE_COOKIE_NAME=_cookie_name(DEVICE_COOKIE, settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_secure,
        WTF_CSRF_TIME_LIMIT=None,
        JWT_ACCESS_TOKEN_EXPIRES=settings.jwt_access_token_expires,
        JWT_REFRESH_TOKEN_EXPIRES=settings.jwt_refresh_token_expires,
        # Machines' clocks are never quite the same: a token may come from one that is ahead.
        JWT_DECODE_LEEWAY=CLOCKS_DIFFER,
        RATELIMIT_ENABLED=settings.ratelimit_enabled,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=limits.redis_options(settings.redis_url) if settings.redis_url else {},
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=settings.redis_url is not None,
        RATELIMIT_SWALLOW_ERRORS=True,
        BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "clinic" / "translations"),
    )
    json = DefaultJSONProvider(app)
    json.sort_keys, json.ensure_ascii = False, False
    app.json = json


def _open_database(app: Flask, settings: Settings) -> None:
    url = settings.database_url
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, prepared=settings.database_prepared_statements)
    if url.startswith("sqlite"):
        _make_folder(url)
    if settings.database_replica_url is not None:
        options = replica_options(settings.database_replica_url, prepared=settings.database_prepared_statements)
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": settings.database_replica_url, **options}}
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)


def _watch(app: Flask, settings: Settings) -> None:
    """Count and trace what ``app`` does, as far as somebody asks for it; nothing of it is loaded otherwise."""
    if settings.counts_metrics:
        from clinic.operations import metrics  # noqa: PLC0415 - see above

        metrics.install(app, settings.metrics_token)
    if settings.otel_exporter_otlp_endpoint is not None:
        from clinic.operations import tracing  # noqa: PLC0415 - see above

        tracing.install(app)


def _make_folder(url: str) -> None:
    """Make the folder that a SQLite file is to stand in; ``ConfigError`` where that can't be done."""
    path = url.partition("///")[2].partition("?")[0]
    if not path or path == ":memory:":
        return
    folder = Path(path).parent
    try:
        # For the portal's own user alone, as are the files in it (wsgi.py).
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"DATABASE_URL names the folder {folder}, which can't be made ({error.strerror})"
        raise ConfigError([problem]) from None


def _language() -> str:
    """Return the language of the present answer: the API's by its header, the pages' by the person's choice."""
    if is_api():
        return api.chosen_language()
    return page_language()


def _serve_static(app: Flask, settings: Settings) -> None:
    in_development = settings.env is Env.DEVELOPMENT
    _put_in_front(
        app,
        static_files.before(
            app,
            ROOT / "static",
            seconds=3600 if in_development else _YEAR,
            changing=in_development and "CLINIC_RELOAD" in os.environ,
        ),
    )


# --- health ---------------------------------------------------------------------------------------------------------


def _add_health(app: Flask) -> None:
    @app.get("/healthz")
    @limiter.exempt
    def healthz() -> Response:
        """Tell that the process answers, and at which version."""
        return jsonify(status="ok", version=VERSION)

    @app.get("/readyz")
    @limiter.exempt
    def readyz() -> tuple[Response, int]:
        """Return whether people can be served: open, not about to stop, and the database is there and migrated."""
        if draining.begun():
            return jsonify(status="stopping"), 503
        if maintenance.present(app.config["MAINTENANCE_FILE"]) is not None:
            return jsonify(status="maintenance"), 503
        problem = why_not_ready(app)
        if problem is None:
            return jsonify(status="ok"), 200
        details = {"problem": problem} if may_read_details(app.config["METRICS_TOKEN"]) else {}
        return jsonify(status="unavailable", **details), 503


__all__ = ["create_app"]
