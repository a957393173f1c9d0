"""Who is shown records at all, and what is noted of it.

Which of them is ``scheduling``'s scope; here: whether it is known whose the account is, and what the office reads for.
"""

from collections.abc import Collection

from clinic import audit
from clinic.audit import AuditAction, Subject
from clinic.errors import ConfirmationRequired, InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, can, is_staff, owner_is_known, require


def require_reader(actor: Actor | None) -> Actor:
    """Return ``actor`` if they may be shown records; else as ``policy.require``, or ``ConfirmationRequired``.

    Anybody can register with another person's e-mail, and the reception may book for them then: where the clinic asks for
    it (``records_need_proof``), a patient is shown records only once the address or the person was confirmed.
    """
    actor = require(actor, Action.READ_RECORD)
    if not owner_is_known(actor):
        raise ConfirmationRequired(
            N_("Please confirm your e-mail, or show your ID at the reception, before you read your records.")
        )
    return actor


def is_reader(actor: Actor) -> bool:
    """Return whether ``actor`` may be shown records, for what adds to other things and is left out otherwise."""
    return can(actor, Action.READ_RECORD) and owner_is_known(actor)


def note_reading(actor: Actor, action: AuditAction, subjects: Collection[Subject]) -> None:
    """Write down who read these records and, where it is the office, what for; nothing is handed out before.

    ``InvalidInput`` on ``purpose`` where the office doesn't say. Doctors read their own appointments' records to treat,
    patients their own: that needs no words.
    """
    if not subjects:
        return
    if not is_staff(actor.role):
        audit.record_reading(actor, action, subjects)
    elif actor.purpose is None:
        raise InvalidInput.of({"purpose": [N_("Please say what you read the record for.")]})
    else:
        audit.record_reading(actor, action, subjects, purpose=str(actor.purpose))
