"""How often a request may come: the limits that both deliveries share, so that a page is no way around the API. Wrong
tries to sign in are counted by the domain (``accounts.sign_in_limits``); only a flood of them is kept from it here.

Counted in memory for one process, in Redis for many, and in memory again while Redis is away. RATELIMIT_ENABLED switches
all of it.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from limits.storage import MemoryStorage
from werkzeug.exceptions import HTTPException

from clinic import clock
from clinic.text import emails, ip_addresses

View = TypeVar("View", bound=Callable[..., Any])


def household() -> str:
    """Return a key for where the request comes from."""
    return ip_addresses.household(request.remote_addr or "")


def site() -> str:
    """Return a key for the large network that the request comes from; where there is none, that of its household."""
    at_home = household()
    return ip_addresses.site(at_home) or at_home


limiter = Limiter(key_func=household)


@limiter.request_filter
def _is_off() -> bool:
    """Return whether this application counts nothing: the limiter itself knows only the one that was made last."""
    return not current_app.config["RATELIMIT_ENABLED"]


#: Seconds to wait for Redis.
REDIS_WAIT = 0.5

#: Mails with a link to choose a new password (API, ``auth/forgot-password/``).
FORGOT_BY_ACCOUNT = "5 per hour"
FORGOT_BY_ADDRESS = "20 per hour"
REGISTER_BY_ADDRESS = "30 per hour"
#: Sign-ins, right or wrong: far more than people at one address need. It keeps a flood from the database.
SIGN_INS_BY_ADDRESS = "600 per 15 minutes"
#: Questions about symptoms. Many, since an address may be a whole clinic's, and the page says whom to call even when refused.
SYMPTOMS_BY_ADDRESS = "120 per 15 minutes"
#: A large IPv6 network, of which anybody rents one and has 65,536 households, may so many times as much as one household.
SITE_TIMES = 10


def redis_options(url: str) -> dict[str, Any]:
    """Return how Redis is asked: a server that hangs is away after half a second, and is not asked again at once.

    What the URL says itself comes first.
    """
    # Only then: a portal without Redis doesn't load a tenth of a second of its client.
    from redis.backoff import NoBackoff  # noqa: PLC0415 - see above
    from redis.retry import Retry  # noqa: PLC0415 - see above

    waits: dict[str, Any] = {"socket_timeout": REDIS_WAIT, "socket_connect_timeout": REDIS_WAIT}
    return {"retry": Retry(NoBackoff(), 0)} | {name: value for name, value in waits.items() if f"{name}=" not in url}


def install(app: Flask) -> None:
    """Let ``app`` count."""
    # Runs after the limiter's own, which tells on every answer how long to wait.
    app.after_request(_wait_only_where_refused)
    limiter.init_app(app)


def _wait_only_where_refused(response: Response) -> Response:
    if response.status_code not in (429, 503):
        response.headers.pop("Retry-After", None)
    return response


def store_answers() -> bool | None:
    """Return whether Redis answers, None where counts are kept in memory, or nothing is counted."""
    if not limiter.enabled or isinstance(limiter.storage, MemoryStorage):
        return None
    return bool(limiter.storage.check())


def seconds_to_wait() -> int:
    """Return how long until the limit that refused the present request lets the next one through; at least 1."""
    limit = limiter.current_limit
    if limit is None:
        return 1
    left = limit.reset_at - int(clock.now().timestamp())
    return int(min(max(left, 1), limit.limit.get_expiry()))


def account_named() -> str:
    """Return a key for the e-mail that the request names in its form or JSON, the address where it names none."""
    try:
        body = request.form or request.get_json(silent=True)
    except (RecursionError, HTTPException):
        # Nested too deeply, or too large: the view refuses it. An error here would pass for a store that is away.
        body = None
    email = body.get("email") if isinstance(body, dict) else None
    # As an account is found: without NUL, in the one form of its mailbox.
    named = emails.canonical(email.replace("\x00", "")) if isinstance(email, str) else ""
    if not named:
        return household()
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()


def limit_forgotten(view: View) -> View:
    """Limit mails for a forgotten password by account and by address."""
    for_account = limiter.shared_limit(FORGOT_BY_ACCOUNT, scope="forgotten", key_func=account_named, methods=["POST"])
    return _by_address(cast(View, for_account(view)), FORGOT_BY_ADDRESS, "forgotten-address")


def limit_registration(view: View) -> View:
    """Limit new accounts by address."""
    return _by_address(view, REGISTER_BY_ADDRESS, "register")


def limit_sign_ins(view: View) -> View:
    """Limit all tries to sign in by address, whatever comes of them."""
    return _by_address(view, SIGN_INS_BY_ADDRESS, "sign-ins")


def limit_symptoms(view: View) -> View:
    """Limit questions about symptoms by address."""
    return _by_address(view, SYMPTOMS_BY_ADDRESS, "symptoms")


def _by_address(view: View, limit: str, scope: str) -> View:
    """Limit a view by household, and by large network at ``SITE_TIMES`` as much."""
    for_household = limiter.shared_limit(limit, scope=scope, methods=["POST"])
    number, _, time = limit.partition(" ")
    of_site = f"{int(number) * SITE_TIMES} {time}"
    for_site = limiter.shared_limit(of_site, scope=f"{scope}-site", key_func=site, methods=["POST"])
    return cast(View, for_site(for_household(view)))
