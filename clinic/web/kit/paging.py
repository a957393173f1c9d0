"""Paging of long lists: the position in the query string, and the addresses of the next and previous pages.

``?after=`` or ``?before=`` holds the cursor of the row at the edge (``clinic.paging``); filters stand beside it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, request

from clinic.paging import Keyset

_POSITIONS = ("after", "before")


def requested_rows(size: int) -> Keyset:
    """Return the ``size`` rows of a list that the address asks for."""
    return Keyset(size, after=request.args.get("after"), before=request.args.get("before"))


def at_start() -> bool:
    """Return whether the address asks for the first page."""
    return not any(name in request.args for name in _POSITIONS)


def list_address(position: str = "", cursor: str = "") -> str:
    """Return the address of the present list with its filters, from the row of ``cursor`` on; else its first page."""
    others = [(name, text) for name, text in request.args.items(multi=True) if text and name not in _POSITIONS]
    filters = urlencode([*others, *([(position, cursor)] if cursor else [])])
    return f"{request.path}?{filters}" if filters else request.path


def install(app: Flask) -> None:
    """Make the addresses known to the templates."""
    app.jinja_env.globals.update(list_address=list_address)
