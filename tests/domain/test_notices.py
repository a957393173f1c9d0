"""What people are told of their account: once for each thing, with the change that it is about."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from clinic import clock
from clinic.accounts.account_letters import PASSWORD_CHANGED, PasswordChangeFacts
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.db import session, transaction
from clinic.mail import OutboxMail

pytestmark = pytest.mark.usefixtures("app_context")


def tell(user_id: int, key: str) -> None:
    """Tell somebody that their password was changed."""
    user = session().get_one(User, user_id)
    notify(user, PASSWORD_CHANGED, PasswordChangeFacts(user.full_name, clock.now()), key=key)


def counts() -> tuple[int | None, int | None]:
    """How many notices and mails there are."""
    return tuple(session().scalar(select(func.count()).select_from(table)) for table in (Notice, OutboxMail))  # type: ignore[return-value]


def test_a_thing_is_told_once(cast):
    for key in ("1", "1", "2"):
        with transaction():
            tell(cast.ana, key)
    assert counts() == (2, 2)
    with transaction():
        tell(cast.boris, "1")
    assert counts() == (3, 3)


def test_two_calls_in_one_transaction_tell_once_and_leave_the_rest(cast):
    with transaction() as current:
        current.get_one(User, cast.ana).language = "vi"
        tell(cast.ana, "1")
        tell(cast.ana, "1")
    assert counts() == (1, 1)
    assert session().get_one(User, cast.ana, populate_existing=True).language == "vi"


def test_what_is_undone_was_not_told(cast):
    def told_and_undone() -> None:
        with transaction():
            tell(cast.ana, "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        told_and_undone()
    assert counts() == (0, 0)
