"""Browsers and networks that people are known by: strangers' tries keep nobody out of their own, and a sign-in elsewhere is
told to the person.

A browser is known by a random secret in a cookie of its own, of which only a digest is kept; several people may share one. A
program keeps no cookie: it is known by the network that it comes from.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from clinic import clock
from clinic.accounts.models import SessionKind, SignInSession, User
from clinic.accounts.notices import notify
from clinic.accounts.rows import KnownDeviceRow
from clinic.accounts.sessions import Origin, SignedIn, digest_of, named_device, new_secret, start_session
from clinic.accounts.sign_in_letters import NEW_DEVICE, NewDeviceFacts
from clinic.accounts.sign_in_models import KnownDevice
from clinic.accounts.uids import user_id_of
from clinic.db import atomic, session, translate_violation
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.mail import LinkPurpose, open_link, use_link
from clinic.policy import Action, Actor, require
from clinic.text.ip_addresses import IP_ADDRESS_MAX, household

DEAD_LINK = N_("This link has expired. You may have used it already.")
#: A network in which an account was used within this time is its own.
NETWORK_KNOWN_FOR = timedelta(days=30)


def known_device(user_id: int | None, origin: Origin) -> int | None:
    """Return the id of the browser that a user is known by, None for any other."""
    if user_id is None or not origin.browser:
        return None
    found: int | None = session().scalar(select(KnownDevice.id).where(_is_theirs(user_id, origin.browser)))
    return found


def known_networks(user_id: int | None) -> set[str]:
    """Return the networks in which an account was used lately."""
    used = select(SignInSession.network).where(
        SignInSession.user_id == user_id, SignInSession.last_used_at > clock.now() - NETWORK_KNOWN_FOR
    )
    return set() if user_id is None else set(session().scalars(used))


def is_elsewhere(user_id: int, address: str) -> bool:
    """Return whether an address is in a network where an account, which was used before, wasn't used lately."""
    return household(address) not in known_networks(user_id) and not _is_first(user_id)


def start_known_session(user: User, kind: SessionKind, origin: Origin, *, with_factor: bool = False) -> SignedIn:
    """Start a session in the present transaction (``start_session``); tell its person where it is from somewhere new.

    A browser gets what they are known by from then on.
    """
    browser = _recognise(user, kind, origin)
    return replace(start_session(user, kind, origin, with_factor=with_factor), browser=browser)


def _recognise(user: User, kind: SessionKind, origin: Origin) -> str:
    """Return what a user's browser is to keep, "" for a program.

    An account's first sign-in is told to nobody, nor one that looks like those of the last weeks: many people let their
    browser forget its cookies.
    """
    known_id = known_device(user.id, origin)
    if known_id is not None:
        _note_use(known_id, origin)
        return origin.browser
    is_new = not _looks_familiar(user.id, kind, origin) and not _is_first(user.id)
    key, secret = f"network {household(origin.address)}", ""
    if kind is SessionKind.BROWSER:
        known_id, secret = _remember(user.id, origin)
        key = f"browser {known_id}"
    if is_new:
        notify(user, NEW_DEVICE, NewDeviceFacts(user.full_name, clock.now(), origin.address), key=key)
    return secret


def _remember(user_id: int, origin: Origin) -> tuple[int, str]:
    """Know a user by a browser from now on, in the present transaction; return its id and the secret that it is to keep.

    It keeps the one that it has where somebody else is known by it; a secret that is none of ours is never taken over.
    """
    at = clock.now()
    secret = origin.browser if _is_shared(user_id, origin.browser) else new_secret()
    row = KnownDevice(
        user_id=user_id,
        digest=digest_of(secret),
        device=named_device(origin),
        address=origin.address[:IP_ADDRESS_MAX],
        first_seen_at=at,
        last_seen_at=at,
    )
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError as error:
        if translate_violation(error) != "uq_known_devices_digest_user_id":
            raise
        # They signed in there at this very moment in another tab.
        return session().scalars(select(KnownDevice.id).where(_is_theirs(user_id, secret))).one(), secret
    return row.id, secret


def own_link_is_good(uid: str, token: str) -> bool:
    """Return whether a link by which somebody says that a browser is theirs may still be used."""
    return open_link(user_id_of(uid), token, LinkPurpose.OWN_SIGN_IN) is not None


@atomic
def know_by_link(*, uid: str, token: str, origin: Origin) -> str:
    """Know somebody by their browser from now on, by a link that they were mailed; return what it is to keep.

    It signs nobody in. ``InvalidInput`` on ``token`` for a dead link.
    """
    user = session().get(User, user_id_of(uid), populate_existing=True, with_for_update={"key_share": True})
    link = open_link(user.id, token, LinkPurpose.OWN_SIGN_IN) if user is not None else None
    if user is None or link is None:
        raise InvalidInput(DEAD_LINK, errors={"token": [DEAD_LINK]})
    use_link(link)
    return origin.browser if known_device(user.id, origin) is not None else _remember(user.id, origin)[1]


def forget_devices_of(user_id: int) -> None:
    """Know a user by no browser any more, in the present transaction: one of them may be somebody else's."""
    known = (KnownDevice.user_id == user_id) & KnownDevice.ended_at.is_(None)
    session().execute(update(KnownDevice).where(known).values(ended_at=clock.now()))


def my_known_devices(actor: Actor | None) -> list[KnownDeviceRow]:
    """Return the browsers that the actor is known by, last used first."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)
    rows = session().execute(
        select(KnownDevice.device, KnownDevice.address, KnownDevice.first_seen_at, KnownDevice.last_seen_at)
        .where(KnownDevice.user_id == actor.user_id, KnownDevice.ended_at.is_(None))
        .order_by(KnownDevice.last_seen_at.desc(), KnownDevice.id.desc())
    )
    return [
        {
            "device": row.device,
            "address": row.address,
            "first_seen_at": row.first_seen_at,
            "last_seen_at": row.last_seen_at,
        }
        for row in rows
    ]


def _is_theirs(user_id: int, secret: str) -> ColumnElement[bool]:
    return (KnownDevice.user_id == user_id) & (KnownDevice.digest == digest_of(secret)) & KnownDevice.ended_at.is_(None)


def _is_shared(user_id: int, secret: str) -> bool:
    """Return whether others are known by a browser, and this user never was."""
    if not secret:
        return False
    found = select(KnownDevice.user_id, KnownDevice.ended_at).where(KnownDevice.digest == digest_of(secret))
    rows = session().execute(found).all()
    return any(row.ended_at is None for row in rows) and all(row.user_id != user_id for row in rows)


def _looks_familiar(user_id: int, kind: SessionKind, origin: Origin) -> bool:
    """Return whether the user signed in lately from this network; in a browser, from one that calls itself the same."""
    lately = select(SignInSession.id).where(
        SignInSession.user_id == user_id,
        SignInSession.network == household(origin.address),
        SignInSession.last_used_at > clock.now() - NETWORK_KNOWN_FOR,
    )
    if kind is SessionKind.BROWSER:
        lately = lately.where(SignInSession.kind == kind, SignInSession.device == named_device(origin))
    return session().execute(lately.limit(1)).first() is not None


def _is_first(user_id: int) -> bool:
    """Return whether nothing is known of an earlier sign-in of a user."""
    return all(
        session().execute(select(kind.id).where(kind.user_id == user_id).limit(1)).first() is None
        for kind in (SignInSession, KnownDevice)
    )


def _note_use(known_id: int, origin: Origin) -> None:
    values = {"last_seen_at": clock.now(), "device": named_device(origin), "address": origin.address[:IP_ADDRESS_MAX]}
    session().execute(update(KnownDevice).where(KnownDevice.id == known_id).values(values))
