"""Who opened a patient's records and account, as sentences by day. The patient's own readings aren't among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import clock, records
from clinic.audit import OPERATOR_ROLE, AuditAction
from clinic.records import OwnAuditRow
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.purpose_words import with_reason

PAGE_SIZE = 20
#: Equal actions of one person within this time are shown as one line.
AT_ONCE = timedelta(minutes=15)

#: By action of ``TOLD_TO_PATIENTS``: the sentence.
_SENTENCES: Mapping[AuditAction, Callable[[str, str], str]] = {
    AuditAction.RECORD_READ: lambda who, day: gettext(
        "%(who)s read the record of your visit on %(day)s.", who=who, day=day
    ),
    AuditAction.RECORD_CREATED: lambda who, day: gettext(
        "%(who)s wrote the record of your visit on %(day)s.", who=who, day=day
    ),
    AuditAction.RECORD_CHANGED: lambda who, day: gettext(
        "%(who)s changed the record of your visit on %(day)s.", who=who, day=day
    ),
    AuditAction.REVISIONS_READ: lambda who, day: gettext(
        "%(who)s read the earlier versions of the record of your visit on %(day)s.", who=who, day=day
    ),
    AuditAction.APPOINTMENT_REOPENED: lambda who, _day: gettext(
        "%(who)s reopened a visit that was completed.", who=who
    ),
    AuditAction.APPOINTMENT_HANDED_OVER: lambda who, _day: gettext(
        "%(who)s handed a visit over to another doctor.", who=who
    ),
    AuditAction.ACCOUNT_READ: lambda who, _day: gettext("%(who)s viewed your account.", who=who),
    AuditAction.ACCOUNT_CREATED: lambda who, _day: gettext("%(who)s created your account.", who=who),
    AuditAction.ACCOUNT_INVITED: lambda who, _day: gettext("%(who)s sent you a new invitation.", who=who),
    AuditAction.ACCOUNT_CHANGED: lambda who, _day: gettext("%(who)s changed your details.", who=who),
    AuditAction.ACCOUNT_SWITCHED: lambda who, _day: gettext("%(who)s switched your account off or on.", who=who),
    AuditAction.FACTOR_RESET: lambda who, _day: gettext("%(who)s reset the second step of your sign-in.", who=who),
    AuditAction.EMAIL_CHANGE_REQUESTED: lambda who, _day: gettext(
        "%(who)s asked for another e-mail for your account.", who=who
    ),
    AuditAction.EMAIL_CONFIRMED: lambda who, _day: gettext("%(who)s confirmed your e-mail.", who=who),
    AuditAction.EMAIL_CHANGE_UNDONE: lambda who, _day: gettext("%(who)s undid the change of your e-mail.", who=who),
    AuditAction.IDENTITY_NOTED: lambda who, _day: gettext(
        "%(who)s noted whether you have shown identification.", who=who
    ),
}


@dataclass(frozen=True)
class LogEntry:
    """Actions that are shown as one line: a sentence, the time of the newest, how many they are, and the appointment
    they are about."""

    at: datetime
    text: str
    count: int
    appointment_id: int | None


def grouped(events: Iterable[OwnAuditRow]) -> list[LogEntry]:
    """Return what happened, newest first as it came; what one person did again at once is counted, not repeated."""
    groups: list[list[OwnAuditRow]] = []
    for event in events:
        if groups and _is_again(groups[-1][-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return [_entry(group) for group in groups]


def _is_again(later: OwnAuditRow, earlier: OwnAuditRow) -> bool:
    return _of(later) == _of(earlier) and later["at"] - earlier["at"] <= AT_ONCE


def _of(event: OwnAuditRow) -> tuple[object, ...]:
    """Return what makes two actions equal: who did what to what, and what for."""
    return event["actor_id"], event["action"], event["subject_id"], event["details"].get("purpose")


def _entry(group: Sequence[OwnAuditRow]) -> LogEntry:
    newest = group[0]
    appointment = newest["visit"]
    return LogEntry(newest["at"], sentence(newest), len(group), appointment["appointment_id"] if appointment else None)


def sentence(event: OwnAuditRow) -> str:
    """Return an action as a sentence to the patient."""
    appointment = event["visit"]
    day = date_formatting.day_plain(appointment["date"]) if appointment else ""
    return with_reason(_SENTENCES[AuditAction(event["action"])](_who(event), day), event["details"].get("purpose"))


def _who(event: OwnAuditRow) -> str:
    """Return who did it: a doctor by title and department, the office by its name beside the person's."""
    if event["actor_role"] == OPERATOR_ROLE:
        return gettext("The operator of the clinic's server")
    name = event["actor_name"]
    if not name:
        return gettext("Somebody who no longer works here")
    named = formatting.name_by_role(name, event["actor_role"])
    return f"{named} ({event['department']})" if event["department"] else named


def _day(event: OwnAuditRow) -> date:
    return clock.local(event["at"]).date()


def access_log() -> ResponseReturnValue:
    """List who else read or changed what is written about the patient, newest first."""
    found = records.own_access_log(signed_in_actor(), page=requested_rows(PAGE_SIZE))
    days = [(day, grouped(rows)) for day, rows in groupby(found.results, key=_day)]
    return page("patient/access_log.html", fragments={"access-list"}, found=found, days=days)


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/trail", view_func=access_log)
