"""What somebody was told of their account: that the password changed, that a device was signed out, who opened it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import accounts
from clinic.web.account.settings import blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows

PAGE_SIZE = 20


@blueprint.get("/notices")
def notices() -> ResponseReturnValue:
    """List what the person was told, newest first; what is shown counts as read."""
    actor = signed_in_actor()
    found = accounts.my_notices(actor, page=requested_rows(PAGE_SIZE))
    shown = sum(row["is_new"] for row in found.results)
    return page(
        "account/notices.html", fragments={"notice-list"}, found=found, unread=max(actor.unread_notices - shown, 0)
    )
