"""The pages: HTML for people, grouped by who reads them.

access.py       who is asking: cookie session -> Actor, default deny, @public; language and colours
page.py         a full page, or the fragment of it that HTMX asked for     paging.py  long lists, page by page
forms.py        the base of all forms: shapes in, the domain's refusals shown on the field
filters.py      how dates, times, money and names are written      story.py  a visit's history in sentences
navigation.py   which places each role sees in the header
public.py       home, departments, doctors          entrance.py  sign in, register, sign out, preferences
passwords.py    a forgotten password: the mail with a link, and the page that it leads to
account.py      everybody's own account: password, devices (named by devices.py), language and colours
booking.py      the booking page, with choice.py (the four choices that its address carries)
patient.py      a patient's visits and records, with profile.py (own details) and trail.py (who looked at them)
doctor.py       the doctor's day and visits, with chart.py (what is shown of a visit) and recording.py (the record form)
                also a doctor's: week.py, lists.py (visits, patients), leave.py, doctor_profile.py
moving.py       moving a visit, for every role      plot.py      vital signs over time, drawn
admin.py        the office's first page             day.py       the day that an address asks for
vital_signs.py  how vital signs are shown, typed and read

``install`` puts all of it into the application. The pages parse, call a domain's front door, catch what a form can
show, and answer; they hold no rule and touch no database.
"""

from flask import Flask

from clinic.web import (
    access,
    account,
    admin,
    booking,
    doctor,
    entrance,
    filters,
    navigation,
    paging,
    passwords,
    patient,
    public,
    story,
)


def install(app: Flask) -> None:
    """Register the pages with ``app``."""
    for part in (access, filters, navigation, paging, story):
        part.install(app)
    # The public pages have one blueprint, which all four of its modules fill.
    modules = (public, entrance, passwords, booking, account, patient, doctor, admin)
    for blueprint in dict.fromkeys(module.blueprint for module in modules):
        app.register_blueprint(blueprint)
