"""Who is shown records at all. Which of them is ``scheduling``'s scope; here: whether it is known whose the account is."""

from clinic.errors import ConfirmationRequired
from clinic.i18n import N_
from clinic.policy import Action, Actor, can, owner_is_known, require


def require_reader(actor: Actor | None) -> Actor:
    """Return ``actor`` if they may be shown records; else as ``policy.require``, or ``ConfirmationRequired``.

    Anybody can register with another person's e-mail, and the reception may book for them then: where the clinic asks for
    it (``records_need_proof``), a patient is shown records only once the address or the person was confirmed.
    """
    actor = require(actor, Action.READ_RECORD)
    if not owner_is_known(actor):
        raise ConfirmationRequired(N_("Please confirm your e-mail before you read your records."))
    return actor


def is_reader(actor: Actor) -> bool:
    """Return whether ``actor`` may be shown records, for what adds to other things and is left out otherwise."""
    return can(actor, Action.READ_RECORD) and owner_is_known(actor)
