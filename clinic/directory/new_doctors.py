"""Who adds a doctor and who changes what holds for all doctors wait for each other: a row that isn't there yet can't be
held."""

from sqlalchemy import func, select

from clinic.db import session

#: Any number that no other advisory lock of the portal has.
_LOCK = 12_030_027


def hold_for_new_doctor() -> None:
    """Wait for whoever changes something for all doctors, and let them wait, until the present transaction ends.

    Before anything else is held. SQLite has one writer anyway.
    """
    if session().get_bind().dialect.name == "postgresql":
        session().execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))


def keep_new_doctors_out() -> None:
    """Let nobody add a doctor until the present transaction ends; those who do so now are waited for."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(select(func.pg_advisory_xact_lock(_LOCK)))
