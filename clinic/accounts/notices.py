"""What people are told of their own account: once for each thing, in the transaction in which it happens.

Never by a name of a record or an appointment: what stands here also stands in a mail.
"""

from sqlalchemy.exc import IntegrityError

from clinic import mail
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import User
from clinic.db import session, translate_violation
from clinic.mail.letter_facts import Facts


def notify(user: User, letter: mail.LetterKind[Facts], facts: Facts, *, key: str) -> None:
    """Note that a person is told of something, and queue the letter that tells ``facts``, in the present transaction.

    ``key`` names the thing among those that this letter tells: of two calls with the same one only the first tells them.
    """
    try:
        with session().begin_nested():
            session().add(Notice(user_id=user.id, kind=letter.name, key=key))
    except IntegrityError as error:
        if translate_violation(error) != "uq_notices_user_id_kind_key":
            raise
        return
    mail.queue(letter, facts, to=user.email, language=user.language)
