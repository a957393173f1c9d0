"""The page of the audit trail: who saw or changed what, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import records
from clinic.audit import ABOUT_APPOINTMENTS, ABOUT_USERS, AuditAction
from clinic.records import AuditRow
from clinic.scheduling import EntryKind
from clinic.web.admin.audit_sentences import AUDIT_ACTIONS, sentence
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit.access import may_open, signed_in_actor
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows

#: The list of a kind of entry, by what the trail calls it.
_LISTS: Mapping[str, str] = {
    EntryKind.DEPARTMENT: "departments",
    EntryKind.SERVICE: "services",
    EntryKind.ROOM: "rooms",
}


def _leads_to(event: AuditRow) -> str | None:
    """Return where what was seen or changed stands, None for nowhere that the person may open; a record's appointment,
    for reading the record itself would be noted."""
    endpoint, values = _place_of(event)
    return url_for(endpoint, **values) if endpoint and may_open(endpoint) else None


def _place_of(event: AuditRow) -> tuple[str, dict[str, Any]]:
    """Return the endpoint of the page about what was seen or changed, "" for none, and its values."""
    subject = event["subject_id"]
    if not subject:
        return "", {}
    if event["appointment_id"]:
        return "admin.appointment", {"appointment_id": event["appointment_id"]}
    if event["action"] in ABOUT_APPOINTMENTS:
        return "admin.appointment", {"appointment_id": subject}
    kind = event["details"].get("kind", "") if event["action"] == AuditAction.DIRECTORY_CHANGED else ""
    if kind == "doctor" or event["action"] in (
        AuditAction.LEAVE_ENTERED,
        AuditAction.LEAVE_CHANGED,
        AuditAction.LEAVE_ENDED,
    ):
        return "admin.doctor", {"doctor_id": subject}
    if event["action"] in ABOUT_USERS:
        return "admin.user", {"user_id": subject}
    name = _LISTS.get(kind)
    return ("admin.entry", {"name": name, "entry_id": subject}) if name else ("", {})


@blueprint.get("/trail")
def audit_trail() -> ResponseReturnValue:
    """Show who saw or changed what, newest first."""
    filters = read_filters("search", "whose", "patient", "deed", "first", "last")
    actor = signed_in_actor()
    found = records.audit_trail(
        actor,
        action=filters.one_of("deed", list(AuditAction)),
        search=filters.text("search"),
        whose=filters.text("whose"),
        patient_id=filters.number("patient"),
        date_from=filters.day("first"),
        date_to=filters.day("last"),
        page=requested_rows(PAGE_SIZE),
    )
    actions = [("", gettext("All")), *((str(action), gettext(words)) for action, words in AUDIT_ACTIONS.items())]
    return page(
        "admin/audit_log.html",
        fragments={"audit-list"},
        filters=filters,
        found=found,
        actions=actions,
        chain=records.chain_state(actor),
        sentence=sentence,
        leads_to=_leads_to,
    )
