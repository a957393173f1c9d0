"""What is said of a view where it is defined, for the guard and others that meet only its endpoint.

A mark is an attribute of the function, so that it stays where a decorator wraps the view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app

View = TypeVar("View", bound=Callable[..., Any])


def marked(view: View, **marks: object) -> View:
    """Return ``view`` with these marks."""
    vars(view).update(marks)
    return view


def mark_of(endpoint: str | None, name: str) -> Any:
    """Return a mark of the view at ``endpoint``; None without it, or without a view."""
    return getattr(current_app.view_functions.get(endpoint or ""), name, None)
