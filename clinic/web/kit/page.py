"""Answering with a page, or with the one fragment of it that HTMX asked for.

A fragment is a template of its own beside its page (``_doctor_list.html`` beside ``doctors.html``) that the page includes,
so both are made of the same words. Knows no domain.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

VARY = "HX-Request, HX-Target"


def wanted_fragment(allowed: Collection[str]) -> str | None:
    """Return which of the ``allowed`` targets the request wants, None for the whole page.

    Boosted links and restored history get the whole page, whatever target they name.
    """
    if request.headers.get("HX-Request") != "true":
        return None
    if "HX-Boosted" in request.headers or request.headers.get("HX-History-Restore-Request") == "true":
        return None
    target = request.headers.get("HX-Target", "")
    return target if target in allowed else None


def page(template: str, *, fragments: Collection[str] = (), status: int = 200, **context: Any) -> Response:
    """Render ``template``, or its fragment named by HX-Target if that is one of ``fragments``.

    The fragment of ``patient/appointments.html`` for the target ``visit-list`` is ``patient/_visit_list.html``;
    the flash messages travel with it out of band. Either knows by ``swapped`` which it is.
    """
    target = wanted_fragment(fragments)
    if target is None:
        body = render_template(template, swapped=False, **context)
    else:
        folder = template.rpartition("/")[0]
        body = render_template(f"{folder}/_{target.replace('-', '_')}.html", swapped=True, **context)
        body += render_template("components/_flash.html", oob=True)
    response = make_response(body, status)
    response.headers["Vary"] = VARY
    return response


def see_other(address: str) -> ResponseReturnValue:
    """Answer a command that was done: 303 to where its result is seen."""
    return redirect(address, 303)
