"""The audit trail as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import records
from clinic.audit import ABOUT_APPOINTMENTS, ABOUT_USERS, OPERATOR_ROLE, AuditAction
from clinic.i18n import N_
from clinic.records import AuditRow
from clinic.scheduling import EntryKind
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows

AUDIT_ACTIONS = {
    AuditAction.RECORD_READ: N_("Record read"),
    AuditAction.RECORD_CREATED: N_("Record written"),
    AuditAction.RECORD_CHANGED: N_("Record changed"),
    AuditAction.REVISIONS_READ: N_("Earlier versions read"),
    AuditAction.STAFF_NOTES_READ: N_("Notes for colleagues read"),
    AuditAction.STAFF_NOTES_WRITTEN: N_("Notes for colleagues written"),
    AuditAction.APPOINTMENT_REOPENED: N_("Visit reopened"),
    AuditAction.ACCOUNT_READ: N_("Account viewed"),
    AuditAction.ACCOUNT_CREATED: N_("Account created"),
    AuditAction.ACCOUNT_CHANGED: N_("Account corrected"),
    AuditAction.ACCOUNT_SWITCHED: N_("Account switched on or off"),
    AuditAction.PASSWORD_CHANGED: N_("Password changed"),
    AuditAction.PASSWORD_RESET: N_("Password chosen with a link"),
    AuditAction.SESSIONS_ENDED: N_("Devices signed out"),
    AuditAction.LEAVE_ENTERED: N_("Leave added"),
    AuditAction.LEAVE_ENDED: N_("Leave removed"),
    AuditAction.DIRECTORY_CHANGED: N_("Directory changed"),
    AuditAction.MAIL_SENT_AGAIN: N_("E-mail sent again"),
    AuditAction.BACKUP_MADE: N_("Backup made"),
    AuditAction.BACKUP_RESTORED: N_("Backup restored"),
}
#: What can be corrected of an account.
FIELDS = {
    "full_name": N_("name"),
    "email": N_("e-mail"),
    "phone_num": N_("phone"),
    "date_of_birth": N_("date of birth"),
    "gender": N_("gender"),
    "address": N_("address"),
    "insurance_id": N_("insurance number"),
    "emergency_contact": N_("emergency contact"),
    "emergency_contact_phone": N_("emergency contact's phone"),
}
#: The list of a kind of entry, by what the trail calls it.
_LISTS: Mapping[str, str] = {
    EntryKind.DEPARTMENT: "departments",
    EntryKind.SERVICE: "services",
    EntryKind.ROOM: "rooms",
}


def _who(event: AuditRow) -> dict[str, str]:
    """Return in words who did it, and with whose data or account."""
    if event["actor_role"] == OPERATOR_ROLE:
        name = gettext("The operator of the server")
    elif event["actor_name"]:
        name = formatting.titled_name(event["actor_name"], event["actor_role"])
    else:
        name = gettext("Somebody")
    whose = event["patient_name"] or event["subject_name"]
    return {
        "name": name,
        "patient": whose or gettext("account %(number)s", number=event["subject_id"]),
    }


def _made(event: AuditRow) -> str:
    if event["actor_id"] == event["subject_id"]:
        return gettext("%(name)s registered.", name=_who(event)["name"])
    return gettext("%(name)s created an account for %(patient)s.", **_who(event))


def _changed(event: AuditRow) -> str:
    if event["actor_id"] == event["subject_id"]:
        return gettext("%(name)s changed their own details.", name=_who(event)["name"])
    return gettext("%(name)s corrected %(patient)s: %(fields)s.", **_who(event), fields=_fields(event))


def _fields(event: AuditRow) -> str:
    """Return in words which fields were changed; what they held isn't noted."""
    names = event["details"].get("fields", [])
    return ", ".join(gettext(FIELDS[name]) for name in names if name in FIELDS) or gettext("details")


def _switched(event: AuditRow) -> str:
    if event["details"].get("active"):
        return gettext("%(name)s switched on %(patient)s.", **_who(event))
    return gettext("%(name)s switched off %(patient)s.", **_who(event))


def _sessions(event: AuditRow) -> str:
    if event["details"].get("kept"):
        return gettext("%(name)s signed out all other devices.", name=_who(event)["name"])
    return gettext("%(name)s signed out everywhere.", name=_who(event)["name"])


def _leave(event: AuditRow) -> str:
    days = event["details"]
    first, last = (date_formatting.day_plain(date.fromisoformat(days[name])) for name in ("first_day", "last_day"))
    words = {
        "name": _who(event)["name"],
        "doctor": formatting.doctor_name(event["subject_name"] or str(event["subject_id"])),
        "days": first if first == last else gettext("%(first)s to %(last)s", first=first, last=last),
    }
    if event["action"] == AuditAction.LEAVE_ENDED:
        return gettext("%(name)s removed leave for %(doctor)s: %(days)s.", **words)
    return gettext("%(name)s added leave for %(doctor)s: %(days)s.", **words)


def _directory(event: AuditRow) -> str:
    words = {
        "department": gettext("a department"),
        "service": gettext("a service"),
        "room": gettext("a room"),
        "doctor": gettext("a doctor's profile"),
    }
    what = words.get(str(event["details"].get("kind")), gettext("an entry"))
    name = _who(event)["name"]
    if "active" not in event["details"]:
        return gettext("%(name)s saved %(what)s.", name=name, what=what)
    if event["details"]["active"]:
        return gettext("%(name)s switched on %(what)s.", name=name, what=what)
    return gettext("%(name)s switched off %(what)s.", name=name, what=what)


def _backup(event: AuditRow) -> str:
    moment = datetime.fromisoformat(event["details"]["moment"])
    words = {"name": _who(event)["name"], "moment": date_formatting.moment(moment)}
    if event["action"] == AuditAction.BACKUP_MADE:
        return gettext("%(name)s made a backup of all data.", name=words["name"])
    return gettext("%(name)s replaced all data by a backup of %(moment)s.", **words)


_SENTENCES: Mapping[str, Callable[[AuditRow], str]] = {
    AuditAction.RECORD_READ: lambda event: gettext("%(name)s read a record of %(patient)s.", **_who(event)),
    AuditAction.RECORD_CREATED: lambda event: gettext("%(name)s wrote a record of %(patient)s.", **_who(event)),
    AuditAction.RECORD_CHANGED: lambda event: gettext("%(name)s changed a record of %(patient)s.", **_who(event)),
    AuditAction.REVISIONS_READ: lambda event: gettext(
        "%(name)s read earlier versions of a record of %(patient)s.", **_who(event)
    ),
    AuditAction.STAFF_NOTES_READ: lambda event: gettext(
        "%(name)s read the notes for colleagues on a visit by %(patient)s.", **_who(event)
    ),
    AuditAction.STAFF_NOTES_WRITTEN: lambda event: gettext(
        "%(name)s wrote notes for colleagues on a visit by %(patient)s.", **_who(event)
    ),
    AuditAction.APPOINTMENT_REOPENED: lambda event: gettext(
        "%(name)s reopened a completed visit by %(patient)s.", **_who(event)
    ),
    AuditAction.ACCOUNT_READ: lambda event: gettext("%(name)s viewed the account of %(patient)s.", **_who(event)),
    AuditAction.ACCOUNT_CREATED: _made,
    AuditAction.ACCOUNT_CHANGED: _changed,
    AuditAction.ACCOUNT_SWITCHED: _switched,
    AuditAction.PASSWORD_CHANGED: lambda event: gettext("%(name)s chose a new password.", **_who(event)),
    AuditAction.PASSWORD_RESET: lambda event: gettext(
        "%(name)s chose a new password with a link from an e-mail.", **_who(event)
    ),
    AuditAction.SESSIONS_ENDED: _sessions,
    AuditAction.LEAVE_ENTERED: _leave,
    AuditAction.LEAVE_ENDED: _leave,
    AuditAction.DIRECTORY_CHANGED: _directory,
    AuditAction.MAIL_SENT_AGAIN: lambda event: gettext(
        "%(name)s sent e-mail %(number)s again.", name=_who(event)["name"], number=event["subject_id"]
    ),
    AuditAction.BACKUP_MADE: _backup,
    AuditAction.BACKUP_RESTORED: _backup,
}


def sentence(event: AuditRow) -> str:
    """Return what was done in one sentence."""
    return _SENTENCES[event["action"]](event)


def _leads_to(event: AuditRow) -> str | None:
    """Return where what was seen or changed stands; a record's appointment, for reading the record itself would be
    noted."""
    if event["appointment_id"]:
        return url_for("admin.appointment", appointment_id=event["appointment_id"])
    if event["action"] in ABOUT_APPOINTMENTS:
        return url_for("admin.appointment", appointment_id=event["subject_id"])
    if event["action"] in (AuditAction.LEAVE_ENTERED, AuditAction.LEAVE_ENDED):
        return url_for("admin.doctor", doctor_id=event["subject_id"])
    if event["action"] in ABOUT_USERS:
        return url_for("admin.user", user_id=event["subject_id"])
    if event["action"] != AuditAction.DIRECTORY_CHANGED:
        return None
    kind = event["details"].get("kind", "")
    if kind == "doctor":
        return url_for("admin.doctor", doctor_id=event["subject_id"])
    name = _LISTS.get(kind)
    return url_for("admin.entry", name=name, entry_id=event["subject_id"]) if name else None


@blueprint.get("/trail")
def audit_trail() -> ResponseReturnValue:
    """Show who saw or changed what, newest first."""
    filters = read_filters("search", "whose", "patient", "deed", "first", "last")
    found = records.audit_trail(
        signed_in_actor(),
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
        sentence=sentence,
        leads_to=_leads_to,
    )
