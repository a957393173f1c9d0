"""Which permission each page asks for: the one place where addresses meet ``clinic.policy``.

The guard asks it before a page runs, the navigation before it offers one. A page that isn't public and isn't here is
closed (``guard``). Whose appointment a page shows is asked again by the domain, with the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from clinic.policy import Action

#: A page may stand at several actions.
_PAGES: Mapping[Action, tuple[str, ...]] = {
    Action.SEE_OWN_ACCOUNT: (
        "account.home",
        "account.still_here",
        "account.devices",
        "account.notices",
        "account.second_factor",
        "admin.menu",
    ),
    Action.CHANGE_OWN_ACCOUNT: (
        "account.password",
        "account.email",
        "account.email_again",
        "account.email_withdraw",
        "account.confirm",
        "account.prove",
        "account.set_up_totp",
        "account.remove_totp",
        "account.add_passkey",
        "account.passkey",
        "account.remove_passkey",
        "account.recovery_codes",
        "account.end_device",
        "account.end_others",
        "account.end_all",
        "patient.profile",
        "doctor.profile",
        "admin.profile",
    ),
    Action.BOOK: ("admin.book", "admin.review_booking", "admin.desk_book"),
    Action.SEE_APPOINTMENT: (
        "patient.home",
        "patient.appointments",
        "patient.appointment",
        "patient.calendar_file",
        "doctor.home",
        "doctor.week",
        "doctor.month",
        "doctor.day_changes",
        "doctor.appointments",
        "doctor.appointment",
        "admin.home",
        "admin.desk_changes",
        "admin.day_sheet",
        "admin.doctor_week",
        "admin.doctor_month",
        "admin.appointments",
        "admin.appointment",
    ),
    Action.CANCEL: ("patient.cancel", "doctor.cancel", "admin.cancel"),
    Action.RESCHEDULE: ("patient.reschedule", "doctor.reschedule", "admin.reschedule"),
    Action.HAND_OVER: ("admin.hand_over",),
    Action.PROPOSE_DOCTOR: ("doctor.propose",),
    Action.EDIT: ("patient.edit", "doctor.notes", "admin.edit"),
    Action.WRITE_STAFF_NOTES: ("doctor.staff_notes", "admin.staff_notes"),
    Action.CONFIRM: ("doctor.confirm", "admin.confirm", "admin.desk_confirm"),
    Action.COMPLETE: ("doctor.complete", "admin.complete"),
    Action.REOPEN: ("admin.reopen",),
    Action.ASSIGN_SERVICE: ("doctor.service",),
    Action.READ_RECORD: (
        "patient.record",
        "patient.prescription",
        "patient.records",
        "doctor.records",
        "admin.record",
        "admin.records",
    ),
    Action.WRITE_RECORD: ("doctor.record",),
    Action.TAKE_LEAVE: ("doctor.leave", "doctor.end_leave", "admin.doctor_leave", "admin.doctor_leave_end"),
    Action.SETTLE: ("admin.settling",),
    Action.SEE_OWN_ACCESS_LOG: ("patient.access_log",),
    Action.SEE_PEOPLE: (
        "admin.find",
        "admin.patients",
        "admin.users",
        "admin.user",
        "admin.user_invite",
        "admin.user_keep_email",
    ),
    Action.EDIT_PATIENTS: ("admin.patient_new", "admin.user_identity"),
    Action.MANAGE_ACCOUNTS: (
        "admin.user_new",
        "admin.user_duties",
        "admin.user_switch",
        "admin.user_reset_factor",
        "admin.doctor_new",
    ),
    Action.SEE_DIRECTORY_LISTS: ("admin.doctors", "admin.doctor_hours"),
    Action.OPEN_EXTRA_HOURS: (
        "doctor.extra_hours",
        "doctor.end_extra_hours",
        "admin.doctor_extra_hours",
        "admin.doctor_extra_hours_end",
    ),
    Action.MANAGE_HOURS: (
        "admin.opening_hours",
        "admin.doctor_hours_edit",
        "admin.doctor_hours_remove",
        "admin.closures",
        "admin.closure_remove",
        "admin.holidays",
    ),
    Action.MANAGE_DIRECTORY: (
        "admin.doctor",
        "admin.doctor_new",
        "admin.entries",
        "admin.entry",
        "admin.entry_new",
        "admin.entry_switch",
    ),
    Action.MANAGE_SETTINGS: ("admin.settings",),
    Action.SEE_STATISTICS: ("admin.statistics",),
    Action.SEE_OUTBOX: ("admin.outbox", "admin.one_mail"),
    Action.SEND_MAIL_AGAIN: ("admin.mail_again",),
    Action.SEE_SYSTEM: ("admin.system",),
    Action.SEE_AUDIT_TRAIL: ("admin.audit_trail", "admin.unusual"),
    Action.SEE_ROOMS: ("public.rooms",),
    Action.SEE_PATIENTS: ("doctor.patients", "doctor.patient"),
}
#: By endpoint: what whoever opens the page must be allowed to do, all of it.
ACTIONS_OF_PAGE: Mapping[str, tuple[Action, ...]] = {
    page: tuple(action for action, pages in _PAGES.items() if page in pages)
    for page in dict.fromkeys(chain.from_iterable(_PAGES.values()))
}
