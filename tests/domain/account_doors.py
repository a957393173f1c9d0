"""The front doors to one's own account, each with one call."""

from __future__ import annotations

from collections.abc import Callable

from clinic import accounts, directory
from clinic.policy import Action, Actor
from tests.authenticator import Authenticator, set_up
from tests.domain.door import Door, truly
from tests.domain.world import World
from tests.factories import PASSWORD
from tests.mailed import requested_email
from tests.passkey_device import ORIGIN, PasskeyDevice, give_passkey, passkey_id_of

NEW_PASSWORD = "Another-demo-2027"
HERE = accounts.RelyingParty(ORIGIN)


def _sets_up(actor: Actor) -> None:
    offer = accounts.offer_totp(actor)
    accounts.add_totp(actor, accounts.Pending(offer.sealed, Authenticator(offer.secret, []).code()))


def _adds_passkey(actor: Actor) -> None:
    made = PasskeyDevice().make(accounts.passkey_options(actor, HERE))
    accounts.add_passkey(actor, accounts.PendingPasskey("Phone", accounts.PasskeyAnswer(made, HERE)))


def _own_passkey(action: Action, command: Callable[[Actor | None, int], object]) -> Door:
    """A door to one's own passkey, which whoever is there is given first."""

    def call(_world: World, actor: Actor | None) -> None:
        if actor is not None:
            give_passkey(actor.user_id)
        command(actor, passkey_id_of(actor.user_id) if actor else 1)

    return Door(action, call)


def _proves_by_passkey(actor: Actor | None) -> None:
    signed = ""
    if actor is not None:
        signed = give_passkey(actor.user_id).sign(accounts.my_second_step(actor, HERE).passkey_options)
    accounts.prove_by_passkey(actor, accounts.PasskeyAnswer(signed, HERE))


def _own_factor(command: Callable[[Actor | None], object]) -> Door:
    """A door to one's own second step, which is set up first for whoever is there."""

    def call(_world: World, actor: Actor | None) -> None:
        if actor is not None:
            set_up(actor.user_id)
        command(actor)

    return Door(Action.CHANGE_OWN_ACCOUNT, call)


def _own(do: Callable[[Actor], object]) -> Door:
    return Door(Action.CHANGE_OWN_ACCOUNT, lambda _w, a: do(a))


#: By the name of the front door.
ACCOUNT_DOORS: dict[str, Door] = {
    "directory.me": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: directory.me(a)),
    "accounts.my_sessions": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: truly(accounts.my_sessions(a))),
    "directory.update_me": _own(lambda a: directory.update_me(a, {"phone_num": "0911111111"})),
    "accounts.change_password": _own(
        lambda a: accounts.change_password(
            a, old_password=PASSWORD, new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD
        )
    ),
    "accounts.request_email_change": _own(requested_email),
    "accounts.resend_email_change": _own(lambda a: (requested_email(a), accounts.resend_email_change(a))),
    "accounts.withdraw_email_change": _own(lambda a: (requested_email(a), accounts.withdraw_email_change(a))),
    "accounts.resend_confirmation": _own(accounts.resend_confirmation),
    "accounts.my_known_devices": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: accounts.my_known_devices(a)),
    "accounts.my_notices": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: accounts.my_notices(a)),
    "accounts.my_second_factor": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: accounts.my_second_factor(a)),
    "accounts.proves_by_code": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: accounts.proves_by_code(a)),
    "accounts.prove": _own(lambda a: accounts.prove(a, password=PASSWORD)),
    "accounts.offer_totp": _own(accounts.offer_totp),
    "accounts.add_totp": _own(_sets_up),
    "accounts.remove_totp": _own_factor(accounts.remove_totp),
    "accounts.my_second_step": Door(Action.SEE_OWN_ACCOUNT, lambda _w, a: accounts.my_second_step(a, HERE)),
    "accounts.prove_by_passkey": _own(_proves_by_passkey),
    "accounts.passkey_options": _own(lambda a: accounts.passkey_options(a, HERE)),
    "accounts.add_passkey": _own(_adds_passkey),
    "accounts.my_passkey": _own_passkey(Action.SEE_OWN_ACCOUNT, accounts.my_passkey),
    "accounts.rename_passkey": _own_passkey(
        Action.CHANGE_OWN_ACCOUNT, lambda a, number: accounts.rename_passkey(a, number, "Key ring")
    ),
    "accounts.remove_passkey": _own_passkey(Action.CHANGE_OWN_ACCOUNT, accounts.remove_passkey),
    "accounts.make_recovery_codes": _own_factor(accounts.make_recovery_codes),
}
