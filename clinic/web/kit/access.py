"""Who is asking: the cookie session becomes the same ``Actor`` that the API knows, and nothing is open by default.

A page is for signed-in people unless its view is marked ``@public`` (``guard.py`` sees to it); a blueprint can be
kept to some roles, the wrong one is 403. Also the language of the answer. Knows no rule of the clinic.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any, assert_never
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, after_this_request, current_app, g, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.local import LocalProxy

from clinic import accounts, clock, settings
from clinic.errors import Forbidden, Unauthenticated
from clinic.i18n import N_
from clinic.operations import logs
from clinic.operations.addresses import is_api
from clinic.policy import Actor, Role, may_all, require_recent
from clinic.web.kit import device_cookie, mailed_links, preferences
from clinic.web.kit.page_permissions import ACTIONS_OF_PAGE
from clinic.web.kit.unsent_forms import TOKEN, name_token
from clinic.web.kit.view_marks import View, mark_of, marked

_ENTRANCE = {"login", "register", "logout", "preferences", "forgot-password", "reset-password"}

manager = LoginManager()
manager.session_protection = None  # the session is our own row, and phones change their address
manager.login_view = "public.sign_in"


class SignedInUser(UserMixin):
    """What Flask-Login keeps: the session's secret in the cookie, the actor for the request."""

    def __init__(self, secret: str, actor: Actor) -> None:
        self.secret = secret
        self.actor = actor

    def get_id(self) -> str:
        """Return what the signed cookie holds."""
        return self.secret


@manager.user_loader
def _load(secret: str) -> SignedInUser | None:
    actor = accounts.actor_of_browser(secret, in_use=not mark_of(request.endpoint, "unattended"))
    if actor is None:
        return None
    logs.note_actor(actor)
    return SignedInUser(secret, actor)


def public(view: View) -> View:
    """Mark ``view`` as open to everybody."""
    return marked(view, is_public=True)


def is_public(endpoint: str) -> bool:
    """Return whether a view is open to everybody."""
    return bool(mark_of(endpoint, "is_public"))


def changes_nothing(view: View) -> View:
    """Mark ``view`` as one whose POST only answers: it needs no token, so a page that was open for long still gets its answer."""
    return marked(view, changes_nothing=True)


def unattended(view: View) -> View:
    """Mark ``view`` as one that pages ask for by themselves: a session isn't kept alive by that, so that a screen which
    nobody sits at is signed out in time."""
    return marked(view, unattended=True)


def from_any_page_of_ours(view: View) -> View:
    """Mark ``view`` as one that every page offers and that does no harm: a form of one of our own pages is acted on even
    where it was opened before somebody signed in or out in another tab, so that its token is no longer known."""
    return marked(view, from_any_page_of_ours=True)


def acts_from_any_page_of_ours(endpoint: str) -> bool:
    """Return whether a view is marked so (``from_any_page_of_ours``)."""
    return bool(mark_of(endpoint, "from_any_page_of_ours"))


def current_actor() -> Actor | None:
    """Return who is signed in, reading in the language of this answer; None for a guest."""
    # Where it is known already, without the ways of the proxy, which looks for it at each attribute.
    user = g.get("_login_user") or current_user._get_current_object()
    return user.actor.with_language(preferences.chosen_language()) if user.is_authenticated else None


def signed_in_actor() -> Actor:
    """Return who is signed in; ``Unauthenticated`` for a guest."""
    actor = current_actor()
    if actor is None:
        raise Unauthenticated(N_("Please sign in to continue."))
    return actor


def require_proof() -> None:
    """Ask whoever is signed in to show first that it is still them, before they type anything."""
    require_recent(signed_in_actor())


def may_open(endpoint: str) -> bool:
    """Return whether the person who asks may open a page; a public one, which asks for no permission, everybody may.

    ``LookupError`` for a name that is no page: a link that is offered to everybody must not come from a misspelling.
    """
    actions = ACTIONS_OF_PAGE.get(endpoint)
    if actions is None:
        if not is_public(endpoint):
            raise LookupError(f"{endpoint} is neither a public page nor in page_permissions.py")
        return True
    actor, roles = current_actor(), _ROLES.get(endpoint.partition(".")[0], frozenset(Role))
    return actor is not None and actor.role in roles and may_all(actor, actions)


def link_to(endpoint: str, **values: Any) -> str:
    """Return the address of a page, "" where the person who asks may not open it."""
    return url_for(endpoint, **values) if may_open(endpoint) else ""


def require_page(endpoint: str) -> None:
    """Refuse a page that the signed-in person's role may not open, and one of which nobody said who may."""
    if endpoint not in ACTIONS_OF_PAGE or not may_open(endpoint):
        raise Forbidden(N_("This page is for a different kind of account."))


#: By the name of a blueprint: whom its pages are for.
_ROLES: dict[str, frozenset[Role]] = {}


def restrict_to(blueprint: Blueprint, *roles: Role) -> None:
    """Keep all pages of ``blueprint`` to people in one of ``roles``; the guard asks it with each page's permission."""
    _ROLES[blueprint.name] = frozenset(roles)


# --- signing in and out ---------------------------------------------------------------------------------------------


def origin() -> accounts.Origin:
    """Return where the request comes from, for the list of a person's sessions, and what its browser is known by."""
    return accounts.Origin(request.user_agent.string, request.remote_addr or "", device_cookie.known_by())


def begin(signed_in: accounts.SignedIn) -> None:
    """Put a new sign-in session into the browser's cookie; of an earlier one nothing stays but opened links that want
    their person to sign in first. The browser is known again."""
    links = mailed_links.held()
    session.clear()
    mailed_links.hold(links)
    device_cookie.keep(signed_in.browser)
    user = SignedInUser(signed_in.secret, signed_in.actor)
    login_user(user)
    sign_forms(user)


def renewed(signed_in: accounts.SignedIn) -> None:
    """Put the new secret of the present session into the browser's cookie; forms that are open stay good."""
    login_user(SignedInUser(signed_in.secret, signed_in.actor))


def sign_forms(user: SignedInUser) -> None:
    """Let the forms of this session name it in their token, so that it stays known who made them (decision 10)."""
    if TOKEN not in session:
        session[TOKEN] = name_token(user.actor.session_id, accounts.session_mark(user.actor), token_hex())
        g.pop(TOKEN, None)  # made for the session before, in the same request


def end() -> None:
    """Take the sign-in session out of the browser's cookie, and out of the browser what it kept of our pages."""
    logout_user()
    session.clear()
    after_this_request(_forget_pages)


def _forget_pages(response: Response) -> Response:
    # Not the cookies: language and colours are of the browser, whoever uses it.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def session_ended() -> bool:
    """Return whether the browser still has the cookie of a sign-in session that is over."""
    return "_user_id" in session and not current_user.is_authenticated


def safe_next(target: str | None) -> str | None:
    """Return ``target`` if it is an address within this portal, None otherwise.

    Only a path that starts with one slash counts: ``//host``, ``/\\host`` and control characters lead elsewhere.
    """
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    if any(ord(letter) < 33 or letter == "\\" for letter in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def after_sign_in(actor: Actor, target: str | None) -> str:
    """Return where a person goes after signing in: back to where they were, else their role's first page.

    Another role's pages and the entrance itself are no place to go back to.
    """
    back = safe_next(target)
    first = urlsplit(back or "").path.strip("/").partition("/")[0]
    elsewhere = {role.value for role in Role if role is not actor.role} | _ENTRANCE
    return url_for(_home_of(actor)) if back is None or first in elsewhere else back


def _home_of(actor: Actor) -> str:
    """Return the page where a person begins: the first of their role that they may open, else the account's."""
    opened = (page for page in _first_pages(actor.role) if may_all(actor, ACTIONS_OF_PAGE[page]))
    return next(opened, "account.home")


def _first_pages(role: Role) -> tuple[str, ...]:
    match role:
        case Role.PATIENT:
            return ("patient.home",)
        case Role.DOCTOR:
            return ("doctor.home",)
        case Role.ADMIN:
            # Who sees no visits finds all that they look after on the menu.
            return ("admin.home", "admin.menu")
        case other:
            assert_never(other)


def here() -> str:
    """Return the present page's address, for coming back to it."""
    return request.full_path.rstrip("?")


def page_before() -> str | None:
    """Return the address within this portal from which the request came, None if the browser doesn't say."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return None
    if _only_takes_commands(referrer.path):
        return safe_next(referrer.path.rpartition("/")[0])
    return safe_next(f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path)


def _only_takes_commands(path: str) -> bool:
    """Return whether nothing can be read at an address: it showed why a command was refused, and what the command is
    for is shown by the address above it."""
    urls = current_app.create_url_adapter(request)
    methods = urls.allowed_methods(path.removeprefix(request.script_root)) if urls else []
    return bool(methods) and "GET" not in methods


# --- how long it lasts ----------------------------------------------------------------------------------------------


def session_ends(actor: Actor | None = None) -> str:
    """Return in how many seconds the present session ends, without being used and at most: ``"1800 43200"``."""
    actor = actor or signed_in_actor()
    at = clock.now()
    ends = (moment or at for moment in (actor.session_ends_at, actor.session_ends_at_most))
    return " ".join(str(max(int((moment - at).total_seconds()), 0)) for moment in ends)


def _tell_parts(response: Response) -> Response:
    """Let a page of which a part is exchanged know that its session lasts longer now (static/js/session.js)."""
    user = g.get("_login_user")
    if request.headers.get("HX-Request") == "true" and isinstance(user, SignedInUser):
        response.headers["X-Session-Ends"] = session_ends(user.actor)
    return response


# --- every page ------------------------------------------------------------------------------------------------------


def _private(response: Response) -> Response:
    """Pages, and files behind a sign-in, are kept by nobody, neither the browser nor anything on the way."""
    page_of_html = response.mimetype == "text/html" and not is_api()
    if page_of_html or request.endpoint in ACTIONS_OF_PAGE:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def install(app: Flask) -> None:
    """Let ``app`` know who is asking."""
    # No current_user in every template: that would read the session's row for error pages, too.
    manager.init_app(app, add_context_processor=False)
    app.after_request(_private)
    app.after_request(_tell_parts)
    app.jinja_env.globals.update(
        here=here,
        actor=current_actor,
        may_open=may_open,
        link_to=link_to,
        text_of_role=text_of_role,
        session_ends=session_ends,
        clinic_zone=LocalProxy(lambda: settings.current().zone.key),
        clinic_name=LocalProxy(lambda: settings.current().clinic_name),
        is_demo=LocalProxy(lambda: settings.current().is_demo),
        # Macros see it too, wherever they are imported.
        contact=LocalProxy(lambda: settings.current().contact),
    )
    preferences.install(app)


def text_of_role(role: Role) -> str:
    """Return a role in words."""
    # A row of the database has it as plain text.
    known = Role(role)
    match known:
        case Role.PATIENT:
            return gettext("Patient")
        case Role.DOCTOR:
            return gettext("Doctor")
        case Role.ADMIN:
            return gettext("Office")
        case other:
            assert_never(other)
