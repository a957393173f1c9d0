"""Readings that stand out: what somebody should look at who answers for privacy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from clinic import clock, records
from clinic.i18n import N_
from clinic.records import Unusual, UnusualReading
from clinic.web.admin.menu import blueprint
from clinic.web.kit import formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page

_HEADINGS: Mapping[Unusual, str] = {
    Unusual.MANY: N_("Many patients in an hour"),
    Unusual.MANY_LISTED: N_("Many patients in lists in an hour"),
    Unusual.NIGHT: N_("At night"),
    Unusual.OWN_SURNAME: N_("Patients with the reader's surname"),
    Unusual.OWN_PHONE: N_("Patients with the reader's phone number"),
    Unusual.OPENED: N_("Accounts with records that were given an e-mail"),
}


def _who(found: UnusualReading) -> str:
    return formatting.titled_name(found.reader_name, found.reader_role)


def _about_one(found: UnusualReading) -> str:
    words = {"name": _who(found), "patient": found.patient_name}
    if found.only_listed:
        return gettext("%(name)s saw %(patient)s in a list.", **words)
    return gettext("%(name)s read about %(patient)s.", **words)


_SENTENCES: Mapping[Unusual, Callable[[UnusualReading], str]] = {
    Unusual.MANY: lambda found: ngettext(
        "%(name)s read about %(num)s patient within an hour, usually %(usual)s.",
        "%(name)s read about %(num)s patients within an hour, usually %(usual)s.",
        found.patients, name=_who(found), usual=round(found.usual or 0),
    ),
    Unusual.MANY_LISTED: lambda found: ngettext(
        "%(name)s saw %(num)s patient in lists within an hour, usually %(usual)s.",
        "%(name)s saw %(num)s patients in lists within an hour, usually %(usual)s.",
        found.patients, name=_who(found), usual=round(found.usual or 0),
    ),
    Unusual.NIGHT: lambda found: ngettext(
        "%(name)s read about %(num)s patient.", "%(name)s read about %(num)s patients.", found.patients, name=_who(found)
    ),
    Unusual.OWN_SURNAME: _about_one,
    Unusual.OWN_PHONE: _about_one,
    Unusual.OPENED: lambda found: gettext(
        "%(name)s, who can't read records, entered the e-mail of %(patient)s's account or invited them again.",
        name=_who(found), patient=found.patient_name,
    ),
}  # fmt: skip


def _filters(found: UnusualReading) -> Mapping[str, object]:
    """Return by what the log shows these readings."""
    day = clock.local(found.at).date().isoformat()
    return {"search": found.reader_name, "patient": found.patient_id, "first": day, "last": day}


@blueprint.get("/unusual")
def unusual() -> ResponseReturnValue:
    """Show readings that stand out, each with the entries of the log about it."""
    found = records.unusual_readings(signed_in_actor())
    groups = [(gettext(heading), [each for each in found if each.why is why]) for why, heading in _HEADINGS.items()]
    return page(
        "admin/unusual.html",
        groups=[group for group in groups if group[1]],
        sentence=lambda each: _SENTENCES[each.why](each),
        filters=_filters,
        days=records.LOOKED_BACK_DAYS,
    )
