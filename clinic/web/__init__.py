"""The pages: HTML for people, in rooms by who reads them.

kit/           what every page is made of: who is asking, forms, answers, lists, formats. Imports no audience.
appointments/  what several roles do with an appointment: book, move, cancel, edit, confirm, complete; records, vital signs
account/       everybody's own account and profile
public/        guests: home, departments, doctors, booking, search, signing in
patient/       a patient's appointments, records and details
doctor/        a doctor's day, week, month, patients, records and leave
admin/         the office: appointments, patients, people, what the clinic offers, audit log, statistics

Each room's ``__init__`` maps it; imports point up this list only. ``install`` puts all of it into the application. The
pages parse, call a domain's front door, catch what a form can show, and answer; they hold no rule and touch no database.
"""

from flask import Flask

from clinic.operations.addresses import remember_addresses
from clinic.web import account, admin, doctor, patient, public
from clinic.web.appointments import booking_choices, cancelling, history, transitions
from clinic.web.kit import (
    access,
    duty_words,
    formatting,
    guard,
    list_filters,
    navigation,
    paging,
    part_cache,
    session_cookie,
)
from clinic.web.kit.mailed_links import path_of
from clinic.web.public import manifest, security_contact, sign_in

__all__ = ["install", "path_of"]


def install(app: Flask) -> None:
    """Register the pages with ``app``."""
    app.session_interface = session_cookie.SessionInterface()
    remember_addresses(app)
    access.install(app)
    guard.install(app, sign_in, account.proof_page.proof_page)
    for part in (
        list_filters,
        cancelling,
        booking_choices,
        duty_words,
        formatting,
        manifest,
        navigation,
        paging,
        part_cache,
        security_contact,
        transitions,
        history,
    ):
        part.install(app)
    for room in (public, account, patient, doctor, admin):
        app.register_blueprint(room.blueprint)
