"""What each action of the audit is called, and its entries as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask_babel import gettext, ngettext

from clinic import accounts
from clinic.accounts import COPIED_PASSKEY, NOT_SET_UP, SECOND_FACTOR_REQUIRED
from clinic.audit import GUEST_ROLE, MORE_REFUSALS, OPERATOR_ROLE, AuditAction
from clinic.i18n import N_
from clinic.records import AuditRow
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.purpose_words import with_reason

AUDIT_ACTIONS = {
    AuditAction.RECORD_READ: N_("Record read"),
    AuditAction.RECORD_CREATED: N_("Record written"),
    AuditAction.RECORD_CHANGED: N_("Record changed"),
    AuditAction.REVISIONS_READ: N_("Earlier versions read"),
    AuditAction.STAFF_NOTES_READ: N_("Notes for colleagues read"),
    AuditAction.STAFF_NOTES_WRITTEN: N_("Notes for colleagues written"),
    AuditAction.APPOINTMENT_REOPENED: N_("Visit reopened"),
    AuditAction.APPOINTMENT_HANDED_OVER: N_("Visit handed over"),
    AuditAction.ACCOUNT_READ: N_("Account viewed"),
    AuditAction.ACCOUNT_CREATED: N_("Account created"),
    AuditAction.ACCOUNT_INVITED: N_("Invited again"),
    AuditAction.ACCOUNT_CHANGED: N_("Account corrected"),
    AuditAction.ACCOUNT_SWITCHED: N_("Account switched on or off"),
    AuditAction.PASSWORD_CHANGED: N_("Password changed"),
    AuditAction.PASSWORD_RESET: N_("Password chosen with a link"),
    AuditAction.SESSIONS_ENDED: N_("Devices signed out"),
    AuditAction.LEAVE_ENTERED: N_("Leave added"),
    AuditAction.LEAVE_CHANGED: N_("Reason for leave changed"),
    AuditAction.LEAVE_ENDED: N_("Leave removed"),
    AuditAction.DIRECTORY_CHANGED: N_("Directory changed"),
    AuditAction.MAIL_SENT_AGAIN: N_("E-mail sent again"),
    AuditAction.BACKUP_MADE: N_("Backup made"),
    AuditAction.BACKUP_RESTORED: N_("Backup restored"),
    AuditAction.SIGN_IN_SUCCEEDED: N_("Signed in"),
    AuditAction.SIGN_IN_REFUSED: N_("Sign-in refused"),
    AuditAction.SIGN_IN_LIMITED: N_("Too many sign-ins"),
    AuditAction.SESSION_ENDED: N_("Signed out"),
    AuditAction.TOKEN_REUSED: N_("Sign-in used twice"),
    AuditAction.PROOF_GIVEN: N_("Identity confirmed"),
    AuditAction.PROOF_REFUSED: N_("Identity not confirmed"),
    AuditAction.FACTOR_ADDED: N_("Second step added"),
    AuditAction.FACTOR_REMOVED: N_("Second step removed"),
    AuditAction.FACTOR_RESET: N_("Second step reset"),
    AuditAction.RECOVERY_CODES_MADE: N_("Recovery codes made"),
    AuditAction.RECOVERY_CODE_USED: N_("Recovery code used"),
    AuditAction.EMAIL_CHANGE_REQUESTED: N_("Change of e-mail requested"),
    AuditAction.EMAIL_CONFIRMED: N_("E-mail confirmed"),
    AuditAction.EMAIL_CHANGE_UNDONE: N_("Change of e-mail undone"),
    AuditAction.IDENTITY_NOTED: N_("Identification seen or taken back"),
    AuditAction.DUTIES_CHANGED: N_("Duties changed"),
    AuditAction.ACCESS_REFUSED: N_("Access refused"),
    AuditAction.APPOINTMENTS_READ: N_("Visits read"),
    AuditAction.PEOPLE_SEARCHED: N_("People searched"),
    AuditAction.AUDIT_READ: N_("Audit trail read"),
    AuditAction.OUTBOX_READ: N_("E-mails read"),
    AuditAction.DATA_PRUNED: N_("Old data removed"),
    AuditAction.HEAD_ANNOUNCED: N_("Newest seal announced"),
    AuditAction.SETTINGS_CHANGED: N_("Settings changed"),
    AuditAction.OPENING_HOURS_CHANGED: N_("Opening hours changed"),
    AuditAction.DOCTOR_HOURS_CHANGED: N_("Doctor's hours changed"),
    AuditAction.EXTRA_HOURS_ENTERED: N_("Extra hours added"),
    AuditAction.EXTRA_HOURS_ENDED: N_("Extra hours removed"),
    AuditAction.CLOSURE_ENTERED: N_("Closure added"),
    AuditAction.CLOSURE_ENDED: N_("Closure removed"),
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
#: What can be changed of the clinic's settings.
SETTINGS = {
    "clinic_name": N_("Name of the clinic"),
    "letterhead": N_("Letterhead"),
    "letterhead_vi": N_("Letterhead in Vietnamese"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "address_vi": N_("Address in Vietnamese"),
    "map_url": N_("Link to a map"),
    "emergency_number": N_("Emergency number"),
    "horizon_days": N_("Days ahead that can be booked"),
    "notice_hours": N_("Hours before a visit until which it can be cancelled"),
    "lead_hours": N_("Hours before a visit until which patients can book it"),
    "languages": N_("Languages offered"),
    "is_demo": N_("Demo notice"),
}


def _who(event: AuditRow) -> dict[str, str]:
    """Return in words who did it, and with whose data or account."""
    if event["actor_role"] == OPERATOR_ROLE:
        name = gettext("The operator of the server")
    elif event["actor_role"] == GUEST_ROLE:
        name = gettext("Somebody who wasn't signed in")
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
    words = {"name": _who(event)["name"], "doctor": _doctor(event), "days": _days(event)}
    if event["action"] == AuditAction.LEAVE_ENDED:
        return gettext("%(name)s removed leave for %(doctor)s: %(days)s.", **words)
    if event["action"] == AuditAction.LEAVE_CHANGED:
        return gettext("%(name)s changed the reason for leave for %(doctor)s: %(days)s.", **words)
    return gettext("%(name)s added leave for %(doctor)s: %(days)s.", **words)


def _days(event: AuditRow) -> str:
    days = event["details"]
    first, last = (date_formatting.day_plain(date.fromisoformat(days[name])) for name in ("first_day", "last_day"))
    return first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)


def _doctor(event: AuditRow) -> str:
    return formatting.doctor_name(event["subject_name"] or str(event["subject_id"]))


def _extra_hours(event: AuditRow) -> str:
    details = event["details"]
    words = {
        "name": _who(event)["name"],
        "doctor": _doctor(event),
        "day": date_formatting.day_plain(date.fromisoformat(details["day"])),
        "start": details["from_time"],
        "end": details["to_time"],
    }
    if event["action"] == AuditAction.EXTRA_HOURS_ENDED:
        return gettext("%(name)s removed extra hours for %(doctor)s: %(day)s, %(start)s to %(end)s.", **words)
    return gettext("%(name)s added extra hours for %(doctor)s: %(day)s, %(start)s to %(end)s.", **words)


def _closure(event: AuditRow) -> str:
    words = {"name": _who(event)["name"], "closure": event["details"]["name"], "days": _days(event)}
    if event["action"] == AuditAction.CLOSURE_ENDED:
        return gettext("%(name)s removed the closure “%(closure)s”: %(days)s.", **words)
    return gettext("%(name)s added the closure “%(closure)s”: %(days)s.", **words)


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


def _settings(event: AuditRow) -> str:
    names = ", ".join(gettext(SETTINGS[name]) for name in event["details"].get("fields", []) if name in SETTINGS)
    return gettext("%(name)s changed the clinic's settings: %(fields)s.", name=_who(event)["name"], fields=names)


def _backup(event: AuditRow) -> str:
    moment = datetime.fromisoformat(event["details"]["moment"])
    words = {"name": _who(event)["name"], "moment": date_formatting.moment(moment)}
    if event["action"] == AuditAction.BACKUP_MADE:
        return gettext("%(name)s made a backup of all data.", name=words["name"])
    return gettext("%(name)s replaced all data by a backup of %(moment)s.", **words)


def _refused_sign_in(event: AuditRow) -> str:
    if event["action"] == AuditAction.SIGN_IN_LIMITED:
        if event["subject_id"]:
            return gettext("Somebody tried too often to sign in as %(patient)s.", patient=_who(event)["patient"])
        return gettext("Somebody tried too often to sign in.")
    if event["details"].get("reason") in (SECOND_FACTOR_REQUIRED, NOT_SET_UP):
        whose = _who(event)["patient"]
        return gettext("Somebody typed the right password of %(patient)s; the second step was missing.", patient=whose)
    if event["subject_id"]:
        return gettext("Somebody tried to sign in as %(patient)s and was refused.", patient=_who(event)["patient"])
    return gettext("Somebody tried to sign in with an e-mail that no account has.")


def _signed_in(event: AuditRow) -> str:
    if event["details"].get("kind") == accounts.Method.PASSKEY:
        return gettext("%(name)s signed in with a passkey.", name=_who(event)["name"])
    return gettext("%(name)s signed in.", name=_who(event)["name"])


def _factor(event: AuditRow) -> str:
    name, is_added = _who(event)["name"], event["action"] == AuditAction.FACTOR_ADDED
    if event["details"].get("kind") == accounts.Method.PASSKEY:
        if is_added:
            return gettext("%(name)s added a passkey as their second step.", name=name)
        return gettext("%(name)s removed a passkey.", name=name)
    if is_added:
        return gettext("%(name)s added a second step to their sign-in.", name=name)
    return gettext("%(name)s removed a second step from their sign-in.", name=name)


def _refused_proof(event: AuditRow) -> str:
    name = _who(event)["name"]
    if event["details"].get("reason") == COPIED_PASSKEY:
        return gettext("A passkey of %(name)s was refused, as it may have been copied.", name=name)
    return gettext("%(name)s couldn't confirm that it was them.", name=name)


def _email(event: AuditRow) -> str:
    own = event["actor_id"] == event["subject_id"]
    if event["action"] == AuditAction.EMAIL_CONFIRMED:
        return gettext("%(name)s confirmed the e-mail of %(patient)s.", **_who(event))
    if event["action"] == AuditAction.EMAIL_CHANGE_UNDONE:
        return gettext("%(name)s undid the change of the e-mail of %(patient)s.", **_who(event))
    if own:
        return gettext("%(name)s asked for another e-mail for their account.", name=_who(event)["name"])
    return gettext("%(name)s asked for another e-mail for %(patient)s.", **_who(event))


def _identity(event: AuditRow) -> str:
    if event["details"].get("active"):
        return gettext("%(name)s saw the identification of %(patient)s.", **_who(event))
    return gettext("%(name)s took back that they saw the identification of %(patient)s.", **_who(event))


def _refusal(event: AuditRow) -> str:
    name = _who(event)["name"]
    if event["details"].get("reason") == MORE_REFUSALS:
        return gettext("%(name)s was refused so often that the rest isn't listed.", name=name)
    return gettext(
        "%(name)s was refused: %(endpoint)s, number %(number)s.",
        name=name, endpoint=event["details"].get("endpoint", ""), number=event["subject_id"],
    )  # fmt: skip


def _appointments(event: AuditRow) -> str:
    if event["subject_id"]:
        return gettext("%(name)s read a visit by %(patient)s.", **_who(event))
    count = len(event["details"].get("ids", []))
    return ngettext(
        "%(name)s read a list with %(num)s visit.", "%(name)s read a list with %(num)s visits.",
        count, name=_who(event)["name"],
    )  # fmt: skip


def _search(event: AuditRow) -> str:
    return ngettext(
        "%(name)s searched for people and found %(num)s.", "%(name)s searched for people and found %(num)s.",
        event["details"].get("found", 0), name=_who(event)["name"],
    )  # fmt: skip


def _outbox(event: AuditRow) -> str:
    name = _who(event)["name"]
    if event["subject_id"]:
        return gettext("%(name)s read e-mail %(number)s.", name=name, number=event["subject_id"])
    return gettext("%(name)s read the list of e-mails.", name=name)


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
    AuditAction.APPOINTMENT_HANDED_OVER: lambda event: gettext(
        "%(name)s handed a visit by %(patient)s over to another doctor.", **_who(event)
    ),
    AuditAction.ACCOUNT_READ: lambda event: gettext("%(name)s viewed the account of %(patient)s.", **_who(event)),
    AuditAction.ACCOUNT_CREATED: _made,
    AuditAction.ACCOUNT_INVITED: lambda event: gettext("%(name)s invited %(patient)s again.", **_who(event)),
    AuditAction.ACCOUNT_CHANGED: _changed,
    AuditAction.ACCOUNT_SWITCHED: _switched,
    AuditAction.PASSWORD_CHANGED: lambda event: gettext("%(name)s chose a new password.", **_who(event)),
    AuditAction.PASSWORD_RESET: lambda event: gettext(
        "%(name)s chose a new password with a link from an e-mail.", **_who(event)
    ),
    AuditAction.SESSIONS_ENDED: _sessions,
    AuditAction.LEAVE_ENTERED: _leave,
    AuditAction.LEAVE_CHANGED: _leave,
    AuditAction.LEAVE_ENDED: _leave,
    AuditAction.OPENING_HOURS_CHANGED: lambda event: gettext(
        "%(name)s changed the clinic's opening hours.", name=_who(event)["name"]
    ),
    AuditAction.DOCTOR_HOURS_CHANGED: lambda event: gettext(
        "%(name)s changed the weekly hours of %(doctor)s.", name=_who(event)["name"], doctor=_doctor(event)
    ),
    AuditAction.EXTRA_HOURS_ENTERED: _extra_hours,
    AuditAction.EXTRA_HOURS_ENDED: _extra_hours,
    AuditAction.CLOSURE_ENTERED: _closure,
    AuditAction.CLOSURE_ENDED: _closure,
    AuditAction.DIRECTORY_CHANGED: _directory,
    AuditAction.MAIL_SENT_AGAIN: lambda event: gettext(
        "%(name)s sent e-mail %(number)s again.", name=_who(event)["name"], number=event["subject_id"]
    ),
    AuditAction.BACKUP_MADE: _backup,
    AuditAction.BACKUP_RESTORED: _backup,
    AuditAction.SIGN_IN_SUCCEEDED: _signed_in,
    AuditAction.SIGN_IN_REFUSED: _refused_sign_in,
    AuditAction.SIGN_IN_LIMITED: _refused_sign_in,
    AuditAction.SESSION_ENDED: lambda event: gettext("%(name)s signed out a device.", name=_who(event)["name"]),
    AuditAction.TOKEN_REUSED: lambda event: gettext(
        "A sign-in of %(patient)s was used twice and was ended for that.", patient=_who(event)["patient"]
    ),
    AuditAction.PROOF_GIVEN: lambda event: gettext("%(name)s confirmed that it was them.", name=_who(event)["name"]),
    AuditAction.PROOF_REFUSED: _refused_proof,
    AuditAction.FACTOR_ADDED: _factor,
    AuditAction.FACTOR_REMOVED: _factor,
    AuditAction.FACTOR_RESET: lambda event: gettext("%(name)s reset the second step of %(patient)s.", **_who(event)),
    AuditAction.RECOVERY_CODES_MADE: lambda event: gettext(
        "%(name)s made new recovery codes.", name=_who(event)["name"]
    ),
    AuditAction.RECOVERY_CODE_USED: lambda event: gettext("%(name)s used a recovery code.", name=_who(event)["name"]),
    AuditAction.EMAIL_CHANGE_REQUESTED: _email,
    AuditAction.EMAIL_CONFIRMED: _email,
    AuditAction.EMAIL_CHANGE_UNDONE: _email,
    AuditAction.IDENTITY_NOTED: _identity,
    AuditAction.DUTIES_CHANGED: lambda event: gettext("%(name)s changed the duties of %(patient)s.", **_who(event)),
    AuditAction.ACCESS_REFUSED: _refusal,
    AuditAction.APPOINTMENTS_READ: _appointments,
    AuditAction.PEOPLE_SEARCHED: _search,
    AuditAction.AUDIT_READ: lambda event: gettext("%(name)s read the audit trail.", name=_who(event)["name"]),
    AuditAction.OUTBOX_READ: _outbox,
    AuditAction.DATA_PRUNED: lambda event: gettext(
        "%(name)s removed data whose time was over.", name=_who(event)["name"]
    ),
    AuditAction.HEAD_ANNOUNCED: lambda event: gettext(
        "%(name)s wrote the newest seal of the audit trail into the log.", name=_who(event)["name"]
    ),
    AuditAction.SETTINGS_CHANGED: _settings,
}


def sentence(event: AuditRow) -> str:
    """Return what was done in one sentence."""
    return with_reason(_SENTENCES[event["action"]](event), event["details"].get("purpose"))
