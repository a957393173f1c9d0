"""An admin's own details: name and phone."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic.web.admin.office import blueprint
from clinic.web.kept import typed_in
from clinic.web.profile import ProfileForm, own_profile


@blueprint.route("/profile", methods=["GET", "POST"])
@typed_in(ProfileForm)
def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    return own_profile(ProfileForm, "admin/profile.html")
