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
from clinic.policy import Actor, Duty, Role


def notify(user: User, letter: mail.LetterKind[Facts], facts: Facts, *, key: str, also_to: str | None = None) -> None:
    """Note that a person is told of something, and queue the letter that tells ``facts``, in the present transaction.

    ``key`` names the thing among those that this letter tells: of two calls with the same one only the first tells them.
    ``also_to`` is an address besides the person's own, one that they had before.
    """
    try:
        with session().begin_nested():
            session().add(Notice(user_id=user.id, kind=letter.name, key=key))
    except IntegrityError as error:
        if translate_violation(error) != "uq_notices_user_id_kind_key":
            raise
        return
    for address in (user.email, also_to):
        mail.queue(letter, facts, to=address, language=user.language)


def tell_admins(actor: Actor, user: User, what: StaffChange) -> None:
    """Tell the other admins who look after accounts, in the present transaction, what one did to a colleague's account.

    Nobody who does harm by such an account, or has taken over an admin's, stays unseen.
    """
    at = clock.now()
    others = select(User).where(
        # Whoever was invited and hasn't come yet has no colleagues to look after.
        User.role == Role.ADMIN,
        User.is_active,
        HAS_PASSWORD,
        User.id.not_in((actor.user_id, user.id)),
    )
    for admin in session().scalars(others.order_by(User.id)):
        if Duty.ACCOUNTS not in admin.duties:
            continue
        facts = StaffChangeFacts(admin.full_name, what, actor.full_name, user.full_name, user.role, at)
        notify(admin, STAFF_CHANGED, facts, key=f"{what} {user.id} {at.isoformat()}")
