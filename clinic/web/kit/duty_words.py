"""What somebody of the office looks after, in words."""

from __future__ import annotations

from collections.abc import Collection
from typing import assert_never

from flask import Flask
from flask_babel import gettext

from clinic.policy import EVERY_DUTY, Duty, in_order


def name_of(duty: Duty) -> str:
    """Return the name of a duty."""
    match duty:
        case Duty.RECEPTION:
            return gettext("Reception")
        case Duty.CATALOGUE:
            return gettext("Catalogue")
        case Duty.RECORDS:
            return gettext("Medical records")
        case Duty.ACCOUNTS:
            return gettext("Accounts")
        case Duty.AUDIT:
            return gettext("Audit")
        case other:
            assert_never(other)


def explained(duty: Duty) -> str:
    """Return the name of a duty with what somebody does who has it."""
    match duty:
        case Duty.RECEPTION:
            return gettext("Reception: visits, patients, leave and the outbox")
        case Duty.CATALOGUE:
            return gettext("Catalogue: departments, services, rooms and doctors' profiles")
        case Duty.RECORDS:
            return gettext("Medical records: read them, which each patient sees")
        case Duty.ACCOUNTS:
            return gettext("Accounts: invite colleagues, give duties, switch accounts off")
        case Duty.AUDIT:
            return gettext("Audit: see who read or changed what")
        case other:
            assert_never(other)


def names_of(duties: Collection[str]) -> str:
    """Return duties in words, in one order."""
    known = in_order(duties)
    if len(known) == len(EVERY_DUTY):
        return gettext("All duties")
    return ", ".join(map(name_of, known)) or gettext("No duties yet")


def install(app: Flask) -> None:
    """Make the words known to the templates."""
    app.jinja_env.filters["duties"] = names_of
