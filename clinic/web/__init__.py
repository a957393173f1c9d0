"""The pages: HTML for people, grouped by who reads them.

access.py       who is asking: cookie session -> Actor, @public, roles; language and colours
page_actions.py which permission each page asks for
guard.py        default deny over all pages; what was typed isn't lost at the door: kept.py carries it, sealed by sealing.py
page.py         a full page, or the fragment of it that HTMX asked for     paging.py  long lists, page by page
forms.py        the base of all forms and what several have: shapes in, the domain's refusals shown on the field
                patient_fields.py  what is asked of every patient, wherever it is asked
submitting.py   the life of a form: shown, sent, its command done or its refusal shown (422, 409, 412)
versioned.py    forms that know the version they were filled from: what somebody else saved stands beside what was typed
profile.py      the own profile of every role: patient_profile.py, doctor_profile.py, admin/profile.py
filters.py      how dates, times, money and names are written      story.py  a visit's history in sentences
manifest.py     the portal among the apps of a phone     mailed_links.py  the pages that mails lead to
navigation.py   which places each role sees in the header
public.py       home, departments, doctors, contact, privacy          entrance.py  sign in, register, sign out, preferences
passwords.py    a forgotten password: the mail with a link, and the page that it leads to
account.py      everybody's own account: password, devices (named by devices.py), language and colours
slot_picker.py  a doctor's days and times, of which one is chosen; selection.py reads what an address selects
booking.py      the two booking pages, with choice.py (department and doctor, then the slot picker)
                and visit_fields.py (what patients may tell in advance, wherever it is asked)
searching.py    the one search of the home page, with search_form.py     rooms.py  where the rooms are
suggestion.py   which department suits symptoms
patient.py      a patient's visits and records, with dashboard.py (the first page), agenda.py (the list of visits),
                trail.py (who opened the records) and telling.py (what the doctor is told in advance)
doctor.py       the doctor's day and visits, with chart.py (what is shown of a visit) and recording.py (the record form)
                also a doctor's: week.py, lists.py (visits, patients), leave.py
moving.py       moving a visit with the slot picker, for every role, cancelling.py cancelling it, editing.py what is written about it
progress.py     what can be done with a visit now, confirming, completing and reopening it
plot.py         vital signs over time: newest value, change, normal range, drawing
asked.py        what a list's filters ask for       record_list.py  the list of records, for every role
admin/          the office's pages, mapped in admin/__init__.py     day.py  the day that an address asks for
vital_signs.py  how vital signs are shown, typed and read

``install`` puts all of it into the application. The pages parse, call a domain's front door, catch what a form can
show, and answer; they hold no rule and touch no database.
"""

from flask import Flask

from clinic.web import (
    access,
    account,
    admin,
    asked,
    booking,
    cancelling,
    choice,
    doctor,
    entrance,
    filters,
    guard,
    manifest,
    navigation,
    paging,
    passwords,
    patient,
    progress,
    public,
    rooms,
    searching,
    story,
    suggestion,
)
from clinic.web.mailed_links import path_of

__all__ = ["access", "install", "path_of"]


def install(app: Flask) -> None:
    """Register the pages with ``app``."""
    for part in (access, guard, asked, cancelling, choice, filters, manifest, navigation, paging, progress, story):
        part.install(app)
    # The public pages have one blueprint, which all of its modules fill.
    modules = (public, entrance, passwords, booking, suggestion, searching, rooms, account, patient, doctor, admin)
    for blueprint in dict.fromkeys(module.blueprint for module in modules):
        app.register_blueprint(blueprint)
