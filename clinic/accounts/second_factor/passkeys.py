"""Passkeys of accounts: the rows, and taking one as the second step (WebAuthn; ``webauthn_checks`` looks at the answers).

The challenge that a device signs is kept on the server, with a ticket (``tickets``): it is good once, for minutes, and for
the sign-in or session that it was given to.
"""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from clinic import audit, clock
from clinic.accounts.factor_models import CREDENTIAL_MAX, Passkey
from clinic.accounts.models import User
from clinic.accounts.second_factor import webauthn_checks
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.second_factor.tickets import was_issued_before
from clinic.accounts.second_factor.webauthn_checks import Known, NewCredential, PasskeyAnswer
from clinic.accounts.sessions import end_sessions_of
from clinic.audit import AuditAction, Subject, SystemActor
from clinic.db import affected, session, translate_violation
from clinic.errors import Conflict
from clinic.i18n import N_

#: So many one account may have.
MOST_PASSKEYS = 20
#: Why a passkey is refused whose count goes back, as the audit and the sessions that end by it have it.
COPIED = "copied_passkey"


def living_passkeys(user_id: int) -> Sequence[Passkey]:
    """Return the passkeys that a user has, in the order in which they were added."""
    living = select(Passkey).where(Passkey.user_id == user_id, Passkey.ended_at.is_(None)).order_by(Passkey.id)
    return session().scalars(living.execution_options(populate_existing=True)).all()


def usable_passkeys(user_id: int) -> list[Passkey]:
    """Return those of a user's passkeys that are taken: not any that may have been copied."""
    return [passkey for passkey in living_passkeys(user_id) if passkey.refused_at is None]


def known(passkeys: Sequence[Passkey]) -> list[Known]:
    """Return passkeys as browsers find them."""
    return [Known(passkey.credential_id, passkey.transports) for passkey in passkeys]


def key_of(passkey: Passkey) -> str:
    """Return what names a passkey among all second factors, for what is told once of each."""
    return f"passkey:{passkey.id}"


def add(user: User, made: NewCredential, name: str) -> Passkey:
    """Let a passkey be one of ``user``, who is locked, in the present transaction.

    ``Conflict`` where anybody has or had it, or they have ``MOST_PASSKEYS``.
    """
    if len(living_passkeys(user.id)) >= MOST_PASSKEYS:
        raise Conflict(
            N_("You have as many passkeys as an account can have. Remove one first."), code="too_many_passkeys"
        )
    passkey = Passkey(
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        name=name,
        is_backed_up=made.is_backed_up,
    )
    try:
        with session().begin_nested():
            session().add(passkey)
    except IntegrityError as error:
        if translate_violation(error) != "uq_passkeys_credential_id":
            raise
        raise Conflict(N_("This passkey is set up already."), code="already_set_up") from None
    return passkey


def fits(made: NewCredential) -> bool:
    """Return whether a passkey's id is none too long to be kept."""
    return len(made.credential_id) <= CREDENTIAL_MAX


def use_passkey(user: User, answer: PasskeyAnswer, challenge: str) -> bool:
    """Return whether ``answer`` is a good one by a passkey of a user, who is locked, in the present transaction.

    A device that counts its signatures never counts back. Where one seems to, there are two of them: the passkey may have
    been copied (``_refuse``). But what was asked before the last use may only have come late, of two pages that were open.
    """
    named = webauthn_checks.credential_id_of(answer)
    passkey = next((each for each in usable_passkeys(user.id) if each.credential_id == named), None)
    signed = None if passkey is None else webauthn_checks.check_assertion(answer, challenge, passkey.public_key)
    if passkey is None or signed is None:
        return False
    if max(signed.sign_count, passkey.sign_count) > 0 and signed.sign_count <= passkey.sign_count:
        if passkey.last_used_at is None or not was_issued_before(challenge, passkey.last_used_at):
            _refuse(user, passkey)
        return False
    passkey.sign_count, passkey.is_backed_up, passkey.last_used_at = (
        signed.sign_count,
        signed.is_backed_up,
        clock.now(),
    )
    session().flush()
    return True


def _refuse(user: User, passkey: Passkey) -> None:
    """Take a passkey that may have been copied no more, in the present transaction, and end the sessions of its account.

    One of the two devices got in before: nobody knows which. Its person is told. It still counts as their second step: a
    thief who has the password too must not be rid of it so.
    """
    passkey.refused_at = clock.now()
    session().flush()
    end_sessions_of(user.id, COPIED)
    tell(user, FactorChange.PASSKEY_REFUSED, key_of(passkey))
    by = SystemActor(user.id, str(user.role))
    audit.record(by, AuditAction.PROOF_REFUSED, [Subject.of_user(user.id, user.role)], reason=COPIED)


def end_passkeys(user_id: int, because: str, *, only: int | None = None) -> int:
    """End a user's passkeys in the present transaction, or ``only`` the one of this id; return how many there were."""
    living = (Passkey.user_id == user_id) & Passkey.ended_at.is_(None)
    if only is not None:
        living &= Passkey.id == only
    return affected(update(Passkey).where(living).values(ended_at=clock.now(), ended_because=because))
