"""The pages that mails and calendar entries lead to, and how the token of a mailed link gets out of the browser's address.

Addresses stay in histories and in the logs of proxies. So the address in the mail only puts the token, sealed, into the
browser's session and leads on (``carry``); the page behind it finds it there (``carried``). Its own address names the link
by a mark that opens nothing: of two tabs with a link each, each acts by its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import Flask, request, session, url_for
from flask.typing import ResponseReturnValue

from clinic.settings import LinkedPage, PathOf
from clinic.web.kit.page import page, see_other
from clinic.web.kit.sealing import seal, unseal

_ENDPOINTS: Mapping[LinkedPage, str] = {
    LinkedPage.APPOINTMENT: "patient.appointment",
    LinkedPage.BOOKING: "public.book",
    LinkedPage.FORGOTTEN_PASSWORD: "public.forgot_password",
    LinkedPage.NOTICES: "account.notices",
    LinkedPage.NEW_PASSWORD: "public.reset_password",
    LinkedPage.CONFIRM_EMAIL: "public.confirm_email",
    LinkedPage.KEEP_EMAIL: "public.keep_email",
    LinkedPage.OWN_SIGN_IN: "public.own_sign_in",
    LinkedPage.VISIT_ANSWER: "public.visit_answer",
}
#: Where the session has them: pairs of a mark and what is sealed, the newest last.
_CARRIED = "mailed_links"
#: And the marks of those that are carried over a sign-in.
_OVER_SIGN_IN = "links_over_sign_in"
#: How many links a browser carries at most, and for how long: a cookie has little room.
_MOST = 3
_LASTS = timedelta(hours=12)
#: Characters of a mark.
_MARK_LENGTH = 12


def path_of(app: Flask) -> PathOf:
    """Return what makes the paths of the pages of ``app``; it needs no request."""

    def path(page: LinkedPage, values: Mapping[str, object]) -> str:
        return app.url_map.bind("").build(_ENDPOINTS[page], values)

    return path


@dataclass(frozen=True)
class CarriedLink:
    """A link that was mailed, as the browser's session carries it."""

    uid: str
    token: str

    @property
    def mark(self) -> str:
        """What names it in an address: nobody finds the token by it."""
        return sha256(f"{self.uid} {self.token}".encode("utf-8", "replace")).hexdigest()[:_MARK_LENGTH]


def carry(endpoint: str, uid: str, token: str, *, over_sign_in: bool = False) -> ResponseReturnValue:
    """Let the browser's session carry a link that was opened, and lead (303) to the page that acts by it.

    ``over_sign_in``: whoever opened it may have to sign in before it is used. Any other is dropped when somebody signs in,
    who may be somebody else: the page's address stays in the browser's history.
    """
    link = CarriedLink(uid, token)
    others = [each for each in session.get(_CARRIED, []) if each[0] != link.mark]
    session[_CARRIED] = [*others[1 - _MOST :], [link.mark, seal(f"{uid} {token}".encode())]]
    if over_sign_in:
        carried_now = [mark for mark, _sealed in session[_CARRIED]]
        session[_OVER_SIGN_IN] = [mark for mark in carried_now if mark in {*_held_marks(), link.mark}]
    return see_other(url_for(endpoint, link=link.mark))


def carried() -> CarriedLink | None:
    """Return the link that the address names; None where the browser's session has none of this mark (any more)."""
    sealed = dict(session.get(_CARRIED, [])).get(request.args.get("link", ""))
    opened = None if sealed is None else unseal(sealed, within=_LASTS)
    return None if opened is None else CarriedLink(*opened.decode().split(" ", 1))


def not_carried(another: str = "") -> ResponseReturnValue:
    """Say that the browser has no link (any more), perhaps as it takes no cookies, and what to do: for one, ask for
    ``another`` at this address."""
    return page("public/link_not_carried.html", status=400, another=another)


def _held_marks() -> list[str]:
    found: list[str] = session.get(_OVER_SIGN_IN, [])
    return found


def held() -> list[list[str]]:
    """Return the links that are carried over a sign-in, to be held by the session that takes this one's place (``hold``)."""
    marks = _held_marks()
    return [link for link in session.get(_CARRIED, []) if link[0] in marks]


def hold(links: list[list[str]]) -> None:
    """Let the browser's session carry the links that the one before held over the sign-in."""
    if links:
        session[_CARRIED] = links
        session[_OVER_SIGN_IN] = [mark for mark, _sealed in links]
