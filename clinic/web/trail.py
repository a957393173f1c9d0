"""Who looked at a patient's record and account, told in sentences by day. The patient's own readings aren't among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import clock, records
from clinic.audit import OPERATOR_ROLE
from clinic.policy import Role
from clinic.web import filters
from clinic.web.access import the_actor
from clinic.web.page import page
from clinic.web.paging import asked_rows

Event = Mapping[str, Any]

PAGE_SIZE = 20

#: By deed: the sentence. Whatever else is noted about a patient is told as the last one.
_SENTENCES: Mapping[str, Callable[[str], str]] = {
    "record.read": lambda who: gettext("%(who)s read what a doctor wrote about you.", who=who),
    "record.created": lambda who: gettext("%(who)s wrote a record of a visit.", who=who),
    "record.changed": lambda who: gettext("%(who)s changed a record of a visit.", who=who),
    "record.revisions_read": lambda who: gettext("%(who)s read the earlier versions of a record.", who=who),
    "account.read": lambda who: gettext("%(who)s opened your account.", who=who),
    "account.created": lambda who: gettext("%(who)s made your account.", who=who),
    "account.changed": lambda who: gettext("%(who)s changed your details.", who=who),
    "account.switched": lambda who: gettext("%(who)s switched your account off or on.", who=who),
}


def sentence(event: Event) -> str:
    """Return a deed as a sentence to the patient."""
    tell = _SENTENCES.get(str(event["deed"]))
    who = _who(event)
    return tell(who) if tell else gettext("%(who)s worked with your data.", who=who)


def _who(event: Event) -> str:
    """Return who did it: a doctor by title, the office by its name beside the person's."""
    if event["actor_role"] == OPERATOR_ROLE:
        return gettext("The operator of the clinic's server")
    name: str | None = event["actor_name"]
    if not name:
        return gettext("Somebody who works here no longer")
    if event["actor_role"] == Role.DOCTOR:
        return filters.doctor_name(name)
    return gettext("%(name)s (office)", name=name) if event["actor_role"] == Role.ADMIN else name


def _day(event: Event) -> date:
    return clock.local(event["at"]).date()


def trail() -> ResponseReturnValue:
    """List who else read or changed what is written about the patient, newest first."""
    found = records.who_read_mine(the_actor(), page=asked_rows(PAGE_SIZE))
    told = [{"day": _day(row), "at": row["at"], "text": sentence(row)} for row in found.results]
    days = [(day, list(rows)) for day, rows in groupby(told, key=lambda row: row["day"])]
    return page("patient/trail.html", fragments={"deed-list"}, found=found, days=days)


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/trail", view_func=trail)
