"""The pages: HTML for people, grouped by who reads them.

access.py       who is asking: cookie session -> Actor, default deny, @public; language and colours
page.py         a full page, or the fragment of it that HTMX asked for
forms.py        the base of all forms: shapes in, the domain's refusals shown on the field
filters.py      how dates, times, money and names are written      story.py  a visit's history in sentences
navigation.py   which places each role sees in the header
public.py       home, departments, doctors          entrance.py  sign in, register, sign out, preferences
booking.py      the booking page, with choice.py (the four choices that its address carries)
patient.py      a patient's visits and records
doctor.py       the doctor's day                    admin.py     the office's first page

``install`` puts all of it into the application. The pages parse, call a domain's front door, catch what a form can
show, and answer; they hold no rule and touch no database.
"""

from functools import cache

from flask import Flask

from clinic.web import access, filters, navigation, story


def install(app: Flask) -> None:
    """Register the pages with ``app``."""
    from importlib import import_module, util

    from clinic.web import patient, public

    access.install(app)
    filters.install(app)
    navigation.install(app)
    story.install(app)
    _fill_public()
    app.register_blueprint(public.blueprint)
    app.register_blueprint(patient.blueprint)
    for name in ("clinic.web.doctor", "clinic.web.admin"):
        if util.find_spec(name):
            app.register_blueprint(import_module(name).blueprint)


@cache
def _fill_public() -> None:
    """Put the entrance and the booking page among the public pages, once for all applications of this process."""
    from clinic.web import booking, entrance, public

    for view in (booking, entrance):
        view.add_to(public.blueprint)
