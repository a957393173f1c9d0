"""That the reception saw a patient's identification: who did, when; it may be taken back."""

from clinic import audit, clock
from clinic.accounts.service import locked_person
from clinic.audit import AuditAction, Subject
from clinic.db import atomic, session
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, require


@atomic
def note_identity(actor: Actor | None, user_id: int, *, seen: bool) -> None:
    """Note that the actor saw a patient's identification, or take it back; the patient finds it in their own log.

    What is noted already stays as it is. ``Conflict`` for an account that is no patient's.
    """
    actor = require(actor, Action.EDIT_PATIENTS)
    user = locked_person(user_id)
    if user.role != Role.PATIENT:
        raise Conflict(N_("Only patients show their ID at the reception."), code="invalid_transition")
    if seen == (user.identity_seen_at is not None):
        return
    user.identity_seen_at = clock.now() if seen else None
    user.identity_seen_by_id = actor.user_id if seen else None
    session().flush()
    audit.record(actor, AuditAction.IDENTITY_NOTED, [Subject.of_user(user.id, user.role)], active=seen)
