"""A person's own passkeys: adding one, naming it, removing it."""

from dataclasses import dataclass

from clinic import settings
from clinic.accounts.factor_models import PASSKEY_NAME_MAX, Passkey
from clinic.accounts.models import User
from clinic.accounts.second_factor import passkeys, webauthn_checks
from clinic.accounts.second_factor.checking import wrong_passkey
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.second_factor.own_factors import (
    PasskeyRow,
    locked,
    note_added,
    note_factor,
    note_removed,
    passkey_row,
)
from clinic.accounts.second_factor.tickets import challenge_in_session, use_challenge
from clinic.accounts.second_factor.webauthn_checks import PasskeyAnswer, RelyingParty
from clinic.accounts.sign_in_models import TicketPurpose
from clinic.audit import SystemActor
from clinic.db import atomic, session
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, require, require_recent
from clinic.text.validation import ValidationErrors

#: What is noted of a factor in the audit.
PASSKEY_KIND = "passkey"
NO_PASSKEY = N_("This passkey isn't yours, or was removed.")
#: Without a script a browser asks no device for a passkey.
NO_ANSWER = N_("Your browser made no passkey. This needs JavaScript.")


@dataclass(frozen=True)
class PendingPasskey:
    """A passkey that a person adds: what they call it, and what their browser answered."""

    name: str
    answer: PasskeyAnswer


def passkey_options(actor: Actor | None, relying_party: RelyingParty) -> str:
    """Return what the actor's browser is asked to make a passkey (JSON)."""
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = session().get_one(User, actor.user_id)
    return options_for(user, relying_party, challenge_in_session(actor, TicketPurpose.ADD_PASSKEY))


def options_for(user: User, relying_party: RelyingParty, challenge: str) -> str:
    """Return what the browser of ``user`` is asked to make a passkey (JSON)."""
    return webauthn_checks.creation_options(
        relying_party,
        challenge,
        clinic=settings.current().clinic_name,
        email=user.email or user.full_name,
        full_name=user.full_name,
        known=passkeys.known(passkeys.living_passkeys(user.id)),
    )


@atomic
def add_passkey(actor: Actor | None, pending: PendingPasskey) -> list[str]:
    """Let a passkey be one of the actor's factors; return their recovery codes, none where they have some already.

    ``InvalidInput`` on ``name``, or on ``passkey`` for an answer that isn't good here or came too late; ``Conflict`` if
    the passkey is added already, or there are too many.
    """
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    check_pending(pending)
    user = locked(actor.user_id)
    codes = add_to(user, pending, use_challenge(actor, TicketPurpose.ADD_PASSKEY), by=actor)
    note_factor(actor.session_id)
    return codes


def add_to(user: User, pending: PendingPasskey, challenge: str | None, *, by: Actor | SystemActor) -> list[str]:
    """Add the passkey that ``user``, who is locked, sets up, in the present transaction (see ``add_passkey``)."""
    name = check_pending(pending)
    made = None if challenge is None else webauthn_checks.check_creation(pending.answer, challenge)
    if made is None or not passkeys.fits(made):
        raise wrong_passkey()
    tell(user, FactorChange.PASSKEY_ADDED, passkeys.key_of(passkeys.add(user, made, name)))
    return note_added(user, PASSKEY_KIND, by=by)


def check_pending(pending: PendingPasskey) -> str:
    """Return the name as it is kept; ``InvalidInput`` on ``name``, or ``passkey`` where the browser answered nothing."""
    name = _checked(pending.name)
    if not pending.answer.response:
        raise InvalidInput.of({"passkey": [NO_ANSWER]})
    return name


def my_passkey(actor: Actor | None, passkey_id: int) -> PasskeyRow:
    """Return one of the actor's passkeys; ``NotFound`` for any other."""
    return passkey_row(_own(require(actor, Action.SEE_OWN_ACCOUNT), passkey_id))


@atomic
def rename_passkey(actor: Actor | None, passkey_id: int, name: str) -> None:
    """Give one of the actor's passkeys another name; ``InvalidInput`` on ``name``, ``NotFound`` for any other passkey."""
    passkey = _own(require(actor, Action.CHANGE_OWN_ACCOUNT), passkey_id)
    passkey.name = _checked(name)
    session().flush()


@atomic
def remove_passkey(actor: Actor | None, passkey_id: int) -> None:
    """Take one of the actor's passkeys away, with the last factor their recovery codes, too.

    ``NotFound`` for any other passkey, ``Conflict`` where it is the only factor that is taken and one is needed.
    """
    actor = require_recent(require(actor, Action.CHANGE_OWN_ACCOUNT))
    user = locked(actor.user_id)
    passkey = _own(actor, passkey_id)
    passkeys.end_passkeys(user.id, "removed", only=passkey.id)
    change = note_removed(actor, user, PASSKEY_KIND, FactorChange.PASSKEY_REMOVED)
    tell(user, change, passkeys.key_of(passkey))


def _own(actor: Actor, passkey_id: int) -> Passkey:
    own = (each for each in passkeys.living_passkeys(actor.user_id) if each.id == passkey_id)
    found = next(own, None)
    if found is None:
        raise NotFound(NO_PASSKEY)
    return found


def _checked(name: str) -> str:
    errors = ValidationErrors()
    checked = errors.text("name", name, most=PASSKEY_NAME_MAX, required=True, line=True)
    errors.raise_if_any()
    return checked
