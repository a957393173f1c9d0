"""Parts of pages that look the same to everybody who is shown the same: rendered once, then taken from this process's memory.

``{{ cached("layouts/frame.html", "colours", theme=theme) }}`` shows a macro of another template, which sees what it is given
there, the language and the clinic's settings, and nothing else: no request, no session, nobody who is signed in, no clock.
All that it sees is its key, so what is remembered can't be stale, another person's or in another language. A form's token is
never remembered: it is put into its place when the part is shown.
"""

from __future__ import annotations

import pickle
from hashlib import blake2b
from secrets import token_hex
from typing import Any, NamedTuple, Never

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment
from jinja2.environment import TemplateModule
from markupsafe import Markup

from clinic import settings
from clinic.byte_cache import ByteCache
from clinic.operations.addresses import page_url
from clinic.settings import ClinicSettings
from clinic.web.kit.date_formatting import language
from clinic.web.kit.unsent_forms import TOKEN

#: Some hundred parts, in both languages.
MOST_BYTES = 2 * 1024 * 1024
#: Stands in what is remembered where a form's token belongs. Nobody can guess it, so nobody can write it.
_TOKEN = f"token-{token_hex(16)}"
_TOKEN_BYTES = _TOKEN.encode()
#: What a part may use of what all templates have: the same in every request of an application at its language.
GLOBALS = frozenset(
    {
        "_", "gettext", "ngettext", "pgettext", "npgettext",
        "booking_address", "booking_rules", "clinic_name", "contact", "search_max", "static_url", "theme_colours",
        "dict", "namespace", "range",
    }
)  # fmt: skip
#: The filters that ask what day it is.
OF_THE_CLOCK = frozenset(
    {"age", "day_near", "day_short", "days_ahead", "days_near", "notification_note", "weekday_near"}
)


class _Scene(NamedTuple):
    """What all parts of one answer have in common, asked once."""

    language: str
    root: str
    parts: ByteCache


class PartCache:
    """The parts of one application's pages."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._environment: Environment | None = None
        #: The settings that the parts show, and the parts.
        self._remembered: tuple[ClinicSettings, ByteCache] | None = None

    def shown(self, template: str, macro: str, **given: Any) -> Markup:
        """Return what a macro of ``template`` makes of what it is given."""
        answer = g._get_current_object()  # asked once: the proxy looks for it at each attribute
        scene: _Scene | None = answer.get("scene_of_parts")
        if scene is None:
            scene = answer.scene_of_parts = _Scene(language(), request.script_root, self._parts())
        digest = _digest(given)
        key = (template, macro, scene.language, scene.root, digest)
        part = None if digest is None else scene.parts.get(key)
        if part is None:
            part = str(getattr(self._template(template), macro)(**given)).encode()
            if digest is not None and not self._app.jinja_env.auto_reload:
                scene.parts.put(key, part)
        if _TOKEN_BYTES in part:
            token: str = answer.get(TOKEN) or generate_csrf()
            part = part.replace(_TOKEN_BYTES, token.encode())
        return Markup(part, "utf-8")

    def _parts(self) -> ByteCache:
        """Return what is remembered of parts under the present settings."""
        current, found = settings.current(), self._remembered
        if found is None or found[0] is not current:
            found = self._remembered = current, ByteCache(MOST_BYTES)
        return found[1]

    def _template(self, name: str) -> TemplateModule:
        if self._environment is None:
            self._environment = _environment(self._app)
        return self._environment.get_template(name).module


def _digest(given: dict[str, Any]) -> bytes | None:
    """Return what tells values apart: their types too, as text that is escaped already equals the same text that isn't.

    None for what can't be written down, so that a part of it isn't remembered.
    """
    try:
        written = pickle.dumps(given, pickle.HIGHEST_PROTOCOL)
    except (TypeError, AttributeError, pickle.PicklingError):
        return None
    return blake2b(written, digest_size=16).digest()


def _environment(app: Flask) -> Environment:
    """Return the templates' environment without anything that differs from request to request."""
    environment = app.jinja_env.overlay()
    environment.globals = {name: app.jinja_env.globals[name] for name in GLOBALS}
    environment.globals |= {"csrf_token": lambda: _TOKEN, "url_for": _address}
    environment.filters = app.jinja_env.filters | dict.fromkeys(OF_THE_CLOCK, _asks_the_clock)
    return environment


def _address(endpoint: str, **values: Any) -> str:
    """Return the address of a page that is named in full; ``ValueError`` for one beside the present page."""
    if endpoint.startswith("."):
        raise ValueError(f"a part that is remembered has no page beside it: write the whole name for {endpoint}")
    return page_url(endpoint, **values)


def _asks_the_clock(*_args: object, **_more: object) -> Never:
    raise RuntimeError("a part that is remembered can't ask what day it is: give it the words")


def install(app: Flask) -> None:
    """Let the templates show such parts."""
    app.jinja_env.globals.update(cached=PartCache(app).shown)
