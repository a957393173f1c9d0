"""The portal among the apps of a phone: its name, icons and colours (W3C, Web Application Manifest)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, current_app, jsonify, url_for

from clinic import settings
from clinic.web.kit.preferences import THEME_COLOURS

#: Files of static/img (tools/app_icons.py draws them), their sizes, and whether systems may cut them into shape.
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
)
#: A minute: the clinic may change its name at any time.
KEPT_SECONDS = 60


def install(app: Flask) -> None:
    """Let ``app`` answer the manifest; each page's head names it."""
    app.add_url_rule("/manifest.webmanifest", view_func=manifest)


def manifest() -> Response:
    """Answer what a browser needs to keep the portal among a phone's apps. The same for everybody."""
    name, colour = settings.current().clinic_name, THEME_COLOURS["light"]
    static_url = cast(Callable[[str], str], current_app.jinja_env.globals["static_url"])
    response = jsonify(
        id="/",
        name=name,
        short_name=name,
        start_url=url_for("public.home"),
        scope=url_for("public.home"),
        display="standalone",
        theme_color=colour,
        background_color=colour,
        icons=[
            {"src": static_url(f"img/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in ICONS
        ],
    )
    response.mimetype = "application/manifest+json"
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_SECONDS
    return response
