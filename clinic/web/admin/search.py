"""The search at the head of every page of the office: patients, doctors and appointments at once."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import TEXT_MAX
from clinic.web.kit.page import page


@blueprint.get("/find")
def find() -> ResponseReturnValue:
    """Show whom and what the search finds."""
    wanted = request.args.get("q", "").strip()[:TEXT_MAX]
    return page("admin/find.html", wanted=wanted, found=scheduling.find(signed_in_actor(), wanted))
