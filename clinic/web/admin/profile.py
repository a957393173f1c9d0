"""An admin's own details: name and phone."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic.web.account.profile import ProfileForm, own_profile
from clinic.web.admin.menu import blueprint
from clinic.web.kit.unsent_forms import keeps_unsent


@blueprint.route("/profile", methods=["GET", "POST"])
@keeps_unsent(ProfileForm)
def profile() -> ResponseReturnValue:
    """Show the details; keep what was changed on POST."""
    return own_profile(ProfileForm, "admin/profile.html")
