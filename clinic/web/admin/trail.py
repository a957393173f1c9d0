"""The audit trail told in sentences, and the mail in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import mail, records
from clinic.audit import Deed
from clinic.i18n import N_
from clinic.policy import Role
from clinic.scheduling import Kind
from clinic.web import filters
from clinic.web.access import the_actor
from clinic.web.admin.asked import asked
from clinic.web.admin.office import PAGE_SIZE, blueprint
from clinic.web.page import page
from clinic.web.paging import asked_rows

Event = Mapping[str, Any]

DEEDS = {
    Deed.RECORD_READ: N_("Record read"),
    Deed.RECORD_CREATED: N_("Record written"),
    Deed.RECORD_CHANGED: N_("Record changed"),
    Deed.REVISIONS_READ: N_("Earlier versions read"),
    Deed.ACCOUNT_CREATED: N_("Account made"),
    Deed.ACCOUNT_CHANGED: N_("Account corrected"),
    Deed.ACCOUNT_SWITCHED: N_("Account switched"),
    Deed.DIRECTORY_CHANGED: N_("Directory changed"),
}
MAIL_STATUS = {
    mail.MailStatus.QUEUED: N_("Waiting"),
    mail.MailStatus.SENT: N_("Sent"),
    mail.MailStatus.FAILED: N_("Given up"),
}
#: The list of a kind of entry, by what the trail calls it.
_LISTS = {Kind.DEPARTMENT: "departments", Kind.SERVICE: "services", Kind.ROOM: "rooms"}


def _who(event: Event) -> dict[str, str]:
    name = event["actor_name"] or gettext("Somebody")
    by_doctor = event["actor_role"] == Role.DOCTOR and event["actor_name"]
    return {
        "name": filters.doctor_name(name) if by_doctor else name,
        "patient": event["patient_name"] or gettext("account %(number)s", number=event["subject_id"]),
    }


def _switched(event: Event) -> str:
    if event["details"].get("active"):
        return gettext("%(name)s switched on %(patient)s.", **_who(event))
    return gettext("%(name)s switched off %(patient)s.", **_who(event))


def _directory(event: Event) -> str:
    words = {
        "department": gettext("a department"),
        "service": gettext("a service"),
        "room": gettext("a room"),
        "doctor": gettext("a doctor's entry"),
    }
    what = words.get(str(event["details"].get("kind")), gettext("an entry"))
    name = _who(event)["name"]
    if "active" not in event["details"]:
        return gettext("%(name)s saved %(what)s.", name=name, what=what)
    if event["details"]["active"]:
        return gettext("%(name)s switched on %(what)s.", name=name, what=what)
    return gettext("%(name)s switched off %(what)s.", name=name, what=what)


_SENTENCES: Mapping[str, Callable[[Event], str]] = {
    Deed.RECORD_READ: lambda event: gettext("%(name)s read a record of %(patient)s.", **_who(event)),
    Deed.RECORD_CREATED: lambda event: gettext("%(name)s wrote a record of %(patient)s.", **_who(event)),
    Deed.RECORD_CHANGED: lambda event: gettext("%(name)s changed a record of %(patient)s.", **_who(event)),
    Deed.REVISIONS_READ: lambda event: gettext(
        "%(name)s read earlier versions of a record of %(patient)s.", **_who(event)
    ),
    Deed.ACCOUNT_CREATED: lambda event: gettext("%(name)s made %(patient)s.", **_who(event)),
    Deed.ACCOUNT_CHANGED: lambda event: gettext("%(name)s corrected %(patient)s.", **_who(event)),
    Deed.ACCOUNT_SWITCHED: _switched,
    Deed.DIRECTORY_CHANGED: _directory,
}


def sentence(event: Event) -> str:
    """Return what was done in one sentence."""
    return _SENTENCES[event["deed"]](event)


def _leads_to(event: Event) -> str | None:
    """Return where what was changed is seen; None for a patient's record, which the office doesn't open from here."""
    if event["deed"] in (Deed.ACCOUNT_CREATED, Deed.ACCOUNT_CHANGED, Deed.ACCOUNT_SWITCHED):
        return url_for("admin.user", user_id=event["subject_id"])
    if event["deed"] != Deed.DIRECTORY_CHANGED:
        return None
    kind = event["details"].get("kind")
    if kind == "doctor":
        return url_for("admin.doctor", doctor_id=event["subject_id"])
    name = _LISTS.get(kind)
    return url_for("admin.entry", name=name, entry_id=event["subject_id"]) if name else None


@blueprint.get("/trail")
def trail() -> ResponseReturnValue:
    """Show who saw or changed what, newest first."""
    wish = asked("search", "deed", "first", "last")
    found = records.trail(
        the_actor(),
        deed=wish.one_of("deed", list(Deed)),
        search=wish.text("search"),
        date_from=wish.day("first"),
        date_to=wish.day("last"),
        page=asked_rows(PAGE_SIZE),
    )
    deeds = [("", gettext("All")), *((str(deed), gettext(words)) for deed, words in DEEDS.items())]
    return page(
        "admin/trail.html",
        fragments={"deed-list"},
        asked=wish,
        found=found,
        deeds=deeds,
        sentence=sentence,
        leads_to=_leads_to,
    )


@blueprint.get("/outbox")
def outbox() -> ResponseReturnValue:
    """Show the mail that waits, was sent or given up, newest first."""
    wish = asked("search", "status")
    found = mail.in_outbox(
        status=wish.one_of("status", list(MAIL_STATUS)),
        to=wish.text("search"),
        page=asked_rows(PAGE_SIZE),
    )
    return page(
        "admin/outbox.html",
        fragments={"mail-list"},
        asked=wish,
        found=found,
        statuses=[("", gettext("All")), *((str(each), gettext(words)) for each, words in MAIL_STATUS.items())],
        words={str(each): gettext(words) for each, words in MAIL_STATUS.items()},
    )
