"""Every page of the portal, and who opens it. A new page without a place here fails `test_the_tour_is_complete`.

A tour costs half a minute: a test that needs one does all its checks while a page is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import NotFound

from clinic import accounts, clock, scheduling
from clinic.accounts.models import User
from clinic.accounts.second_factor import recovery_codes
from clinic.accounts.second_factor.tickets import issue_ticket
from clinic.db import transaction
from clinic.policy import Duty
from tests import factories
from tests.e2e.conftest import sign_in
from tests.mailed import address_to, answer_link
from tests.passkey_device import give_passkey, passkey_id_of
from tests.people import ANA, BORIS, CHEN, ESTHER, Cast
from tests.servers import LiveServer

COOKIE = "clinic_session"
GUEST = [
    "/",
    "/departments",
    "/departments/{cardiology}",
    "/doctors",
    "/doctors?search=zzz",
    "/doctors/{chen}",
    "/login?next=/book?department=1",
    "/register",
    "/forgot-password",
    "/register/sent",
    "/forgot-password?sent=1",
    "/reset-password/x/y",
    "/keep-email/x/y",
    "{confirm_link}",
    "{keep_link}",
    "{answer_link}",
    "/visits/answer/now",
    "/visits/answer/another-time",
    "/own-sign-in/x/y",
    "/own-sign-in/now",
    "/confirm-email/now",
    "/keep-email/now",
    "/reset-password/choose",
    "/contact",
    "/privacy",
    "/book",
    "/book?department={cardiology}&doctor={chen}&day={today}",
    "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/book/review?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/register?next=/book/review?department%3D{cardiology}%26doctor%3D{chen}%26day%3D{day}%26time%3D10:00",
    "/book?department={cardiology}&doctor={chen}&day=2020-01-01",
    "/nowhere",
]
PATIENT = [
    "/book/review?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/suggest-department",
    "/search",
    "/rooms",
    "/patient/",
    "/patient/appointments",
    "/patient/appointments?status=past",
    "/patient/appointments?status=cancelled",
    "/patient/appointments/{booked}?booked=1",
    "/patient/appointments/{seen}",
    "/patient/appointments/{booked}/edit",
    "/patient/appointments/{booked}/cancel",
    "/patient/appointments/{booked}/reschedule?day={day}&time=10:00",
    "/patient/appointments/{seen}/record",
    "/patient/appointments/{confirmed}/record",
    "/patient/appointments/{seen}/prescription",
    "/patient/appointments?date_from=x",
    "/patient/records",
    "/patient/records?date_from=x",
    "/patient/profile",
    "/patient/trail",
    "/account/",
    "/account/password",
    "/account/email",
    "/account/confirm",
    "{confirm_link}",
    "/account/second-factor",
    "/account/second-factor/totp",
    "/account/second-factor/totp/remove",
    "/account/second-factor/passkeys/new",
    "/account/recovery-codes",
    "/account/prove",
    "/account/devices",
    "/account/notices",
    "/account/devices/{device}/end",
    "/account/devices/others/end",
    "/account/devices/all/end",
]
DOCTOR = [
    "/doctor/?day={day}",
    "/doctor/",
    "/doctor/appointments/{booked}",
    "/doctor/appointments/{seen}",
    "/doctor/appointments/{confirmed}/service",
    "/doctor/appointments/{confirmed}/record",
    "/doctor/appointments/{seen}/record",
    "/doctor/appointments/{confirmed}/complete",
    "/doctor/appointments/{booked}/cancel",
    "/doctor/appointments/{booked}/notes",
    "/doctor/appointments/{booked}/staff-notes",
    "/doctor/appointments/{booked}/reschedule?day={day}&time=10:00",
    "/doctor/appointments/{booked}/propose",
    "/doctor/week?day={day}",
    "/doctor/month?day={day}",
    "/doctor/appointments",
    "/doctor/appointments?search=zzz&date_from=x",
    "/doctor/patients",
    "/doctor/patients/{ana}",
    "/doctor/records",
    "/doctor/leave",
    "/doctor/extra-hours",
    "/doctor/extra-hours/{extra}/end",
    "/doctor/leave/{leave}/end",
    "/doctor/profile",
]
OFFICE = [
    "/admin/",
    "/admin/?day={day}",
    "/admin/?visit={booked}",
    "/admin/desk/sheet?day={day}&phones=1",
    "/admin/?day={day}&book={chen}&at=10:00&q=ana",
    "/admin/find?q=ana",
    "/admin/menu",
    "/admin/patients",
    "/admin/appointments",
    "/admin/appointments/{booked}",
    "/admin/appointments/{booked}/edit",
    "/admin/appointments/{booked}/staff-notes",
    "/admin/appointments/{booked}/cancel",
    "/admin/appointments/{confirmed}/complete",
    "/admin/appointments/{seen}/reopen",
    "/admin/appointments/{booked}/reschedule?day={day}&time=10:00",
    "/admin/appointments/{booked}/hand-over",
    "/admin/appointments/{seen}/record",
    "/admin/appointments/{seen}/record?purpose=billing",
    "/admin/records",
    "/admin/records?date_from=2000-01-01",
    "/admin/records?date_from=2000-01-01&purpose=quality",
    "/admin/book?patient={ana}&department={cardiology}",
    "/admin/book/review?patient={ana}&department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "/admin/departments",
    "/admin/departments/new",
    "/admin/departments/{cardiology}",
    "/admin/departments/{cardiology}/switch",
    "/admin/services",
    "/admin/services/{ecg}",
    "/admin/rooms",
    "/admin/rooms/{chens_room}",
    "/admin/doctors",
    "/admin/doctors/new",
    "/admin/doctors/{chen}",
    "/admin/doctors/{chen}/week?day={day}",
    "/admin/doctors/{chen}/month?day={day}",
    "/admin/doctors/{chen}/leave",
    "/admin/settling",
    "/admin/doctors/{chen}/leave/{leave}/end",
    "/admin/users",
    "/admin/users/new",
    "/admin/users/{ana}",
    "/admin/users/{ana}/switch",
    "/admin/users/{ana}/reset-factor",
    "/admin/users/{fran}/duties",
    "/admin/patients/new",
    "/admin/profile",
    "/admin/trail",
    "/admin/unusual",
    "/admin/outbox",
    "/admin/outbox/{mail}",
    "/admin/outbox/{mail}/again",
    "/admin/numbers",
    "/admin/system",
    "/admin/opening-hours",
    "/admin/doctors/{chen}/extra-hours",
    "/admin/doctors/{chen}/extra-hours/{extra}/end",
    "/admin/closures",
    "/admin/closures/holidays?country=VN&year=2027",
    "/admin/closures/{closure}/remove",
    "/admin/doctors/{chen}/hours",
    "/admin/doctors/{diallo}/hours",
    "/admin/doctors/{chen}/hours/edit?from=&until=",
    "/admin/doctors/{chen}/hours/remove?from=&until=",
    "/admin/settings",
]
#: Fran is at the reception and has no other duty.
FRAN = "fran@clinic.example"
RECEPTION = [
    "/admin/",
    "/admin/?day={day}",
    "/admin/find?q=ana",
    "/admin/menu",
    "/admin/patients",
    "/admin/users",
    "/admin/users/{ana}",
    "/admin/users/{chen}",
    "/admin/appointments/{booked}",
    "/admin/doctors",
    "/admin/doctors/{chen}/leave",
    "/admin/outbox",
    "/admin/numbers",
    "/account/",
]
EVERYBODY = {"": GUEST, ANA: PATIENT, CHEN: DOCTOR, ESTHER: OFFICE, FRAN: RECEPTION}

#: What Boris sees of his passkey.
WITH_PASSKEY = [
    "/account/second-factor",
    "/account/second-factor/passkeys/{passkey}",
    "/account/second-factor/passkeys/{passkey}/remove",
    "/account/prove",
]

#: Pages between two steps of signing in, and what the ticket is for that the browser holds there.
HALF_WAY = {
    "/login/second-factor": accounts.TicketPurpose.SECOND_FACTOR,
    "/login/set-up-factor": accounts.TicketPurpose.SET_UP,
}

#: Where the links of mails lead, which a clinic fills in as a whole.
MAILED = {
    "{confirm_link}": "/confirm-email/1/1",
    "{keep_link}": "/keep-email/1/1",
    "{answer_link}": "/visits/answer/1/1",
}

#: Routes that answer GET with something else than a page.
NO_PAGE = {
    "static": "files",
    "manifest": "for the browser",
    "security_txt": "for whoever found a hole in the portal",
    "patient.calendar_file": "a calendar entry",
    "account.still_here": "nothing, or back to where one was",
    "doctor.day_changes": "nothing, or the queue of the day",
    "admin.desk_changes": "nothing, or the day of the desk",
    "healthz": "one word",
    "readyz": "one word",
}

Places = dict[str, object]


def half_way(app: Flask, user_id: int, purpose: accounts.TicketPurpose) -> str:
    """The cookie of a browser in which somebody's password was right, for as long as a tour takes."""
    with app.app_context(), transaction() as current:
        ticket = issue_ticket(current.get_one(User, user_id), purpose, accounts.Origin(), timedelta(hours=1))
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["second_step"] = ticket
    cookie = client.get_cookie(COOKIE)
    assert cookie
    return cookie.value


def plant(live_server: LiveServer, clinic: Cast) -> Places:
    """Make visits in every state in a running clinic, and answer what the addresses are filled in with."""
    today = clock.today()
    day = today + timedelta(days=3)
    with live_server.app.app_context():
        seen = factories.appointment(clinic.ana, clinic.chen, today - timedelta(days=20), status="completed")
        factories.record(seen, clinic.chen, follow_up_date=day)
        booked = factories.appointment(clinic.ana, clinic.chen, day, "10:30", room_id=clinic.chens_room)
        confirmed = factories.appointment(clinic.ana, clinic.chen, day, "13:00", status="confirmed")
        factories.appointment(
            clinic.ana, clinic.diallo, day, "15:00", status="cancelled", cancellation_reason="Well again"
        )
        factories.appointment(clinic.boris, clinic.chen, day, "14:00")
        factories.appointments(12, clinic.boris, clinic.diallo, first_day=date(2026, 1, 5), status="completed")
        factories.doctor_hours(clinic.chen)
        extra = factories.extra_hours(clinic.chen, today + timedelta(days=26))
        closure = factories.closure(today + timedelta(days=40))
        leave = scheduling.take_leave(clinic.actor("chen"), first_day=today + timedelta(days=25))
        mail = factories.given_up_mail("somebody-with-a-very-long-address@mail.of-a-clinic.example")
        fran = factories.admin("Fran Front", FRAN, Duty.RECEPTION)
        ana = clinic.actor("ana")
        device = accounts.my_sessions(ana)[0]["id"]
        accounts.request_email_change(ana, "ana.new@example.com")
        links = {
            "confirm_link": address_to("ana.new@example.com", "confirm_new_email"),
            "keep_link": address_to(ANA, "email_requested"),
            "answer_link": answer_link(clinic, factories.appointment(clinic.ana, clinic.chen, day, "16:00")),
        }
        for who in (clinic.boris, clinic.diallo):
            give_passkey(who)
        passkey = passkey_id_of(clinic.boris)
        with transaction():
            # One for each tour: he has no device at hand.
            codes = recovery_codes.make_codes(clinic.boris)
    tickets = {path: half_way(live_server.app, clinic.diallo, purpose) for path, purpose in HALF_WAY.items()}
    places = {"today": today, "day": day, "seen": seen, "booked": booked, "confirmed": confirmed}
    return {
        **vars(clinic),
        **places,
        **links,
        **tickets,
        "leave": leave,
        "extra": extra,
        "closure": closure,
        "device": device,
        "mail": mail,
        "fran": fran,
        "passkey": passkey,
        "codes": codes,
    }


@pytest.fixture
def places(live_server: LiveServer, clinic: Cast) -> Places:
    """A clinic for a tour, and what the addresses are filled in with."""
    return plant(live_server, clinic)


def tour(page: Page, places: Places) -> Iterator[str]:
    """Open every page of the portal, each as somebody who may."""
    for email, paths in EVERYBODY.items():
        if email:
            page.context.clear_cookies(name=COOKIE)
            sign_in(page, email)
        for path in paths:
            page.goto(path.format(**places))
            yield path
    page.context.clear_cookies(name=COOKIE)
    sign_in(page, BORIS, code=cast(list[str], places["codes"]).pop())
    for path in WITH_PASSKEY:
        page.goto(path.format(**places))
        yield path
    for path in HALF_WAY:
        # Of the whole portal: by an address alone it would be its folder's.
        page.context.add_cookies([{"name": COOKIE, "value": str(places[path]), "url": urljoin(page.url, "/")}])
        page.goto(path)
        assert page.url.endswith(path), "the ticket is good"
        yield path


def not_toured(app: Flask) -> set[str]:
    """The pages' endpoints that no address of the tour opens."""
    adapter = app.url_map.bind("localhost")
    toured = set()
    for path in (*HALF_WAY, *WITH_PASSKEY, *(path for paths in EVERYBODY.values() for path in paths)):
        try:
            toured.add(adapter.match(_filled(path))[0])
        except NotFound:
            assert path == "/nowhere", path
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    return {endpoint for endpoint in gets if not endpoint.startswith("api_")} - toured - set(NO_PAGE)


def _filled(path: str) -> str:
    """An address with any number in its gaps."""
    parts = urlsplit(MAILED.get(path, path)).path.split("/")
    return "/".join("1" if part.startswith("{") else part for part in parts)
