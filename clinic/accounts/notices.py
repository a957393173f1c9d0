"""What people are told of their own account: once for each thing, in the transaction in which it happens.

Never by a name of a record or an appointment: what stands here also stands in a mail.
"""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic import clock, mail
from clinic.accounts.account_letters import STAFF_CHANGED, StaffChange, StaffChangeFacts
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import HAS_PASSWORD, User
from clinic.db import session, translate_violation
from clinic.mail.letter_facts import Facts
from clinic.policy import Actor, Role


def notify(user: User, letter: mail.LetterKind[Facts], facts: Facts, *, key: str, link_id: int | None = None) -> None:
    """Note that a person is told of something, and queue the letter that tells ``facts``, in the present transaction.

    ``key`` names the thing among those that this letter tells: of two calls with the same one only the first tells them.
    ``link_id``: of the link that stands in it (``mail.queue``).
    """
    try:
        with session().begin_nested():
            session().add(Notice(user_id=user.id, kind=letter.name, key=key))
    except IntegrityError as error:
        if translate_violation(error) != "uq_notices_user_id_kind_key":
            raise
        return
    mail.queue(letter, facts, to=user.email, language=user.language, link_id=link_id)


def tell_admins(actor: Actor | None, user: User, what: StaffChange) -> None:
    """Tell the other admins, in the present transaction, what one of them did to an account; or what its person did to
    it by a link (no ``actor``).

    Nobody who does harm by such an account, or has taken over an admin's, stays unseen.
    """
    by_id, by_name = (user.id, user.full_name) if actor is None else (actor.user_id, actor.full_name)
    at = clock.now()
    others = select(User).where(
        # Whoever was invited and hasn't come yet has no colleagues to look after.
        User.role == Role.ADMIN,
        User.is_active,
        HAS_PASSWORD,
        User.id.not_in((by_id, user.id)),
    )
    for admin in session().scalars(others.order_by(User.id)):
        facts = StaffChangeFacts(admin.full_name, what, by_name, user.full_name, user.role, at)
        notify(admin, STAFF_CHANGED, facts, key=f"{what} {user.id} {at.isoformat()}")
