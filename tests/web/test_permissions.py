"""Who is let in where: every page and command, asked by everybody. A new route without a row fails.

Ana is the patient and Dr Chen the doctor of the visits; Boris and Dr Diallo are strangers to them. Each row has a
letter for each of PEOPLE: ``+`` let in (whatever is said then), ``s`` sent to sign in, ``f`` the wrong role (403),
``n`` as unknown as what isn't there (404).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, count
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from clinic import scheduling
from clinic.policy import Role, roles_of
from clinic.scheduling import SLOT_TIMES
from clinic.web.kit.guard import is_ours
from clinic.web.kit.page_permissions import ACTIONS_OF_PAGE
from tests.people import Cast
from tests.permissions import permitted, without
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

PEOPLE = ("guest", "ana", "boris", "chen", "diallo", "esther")
GROUPS = ("public", "patient", "doctor", "admin")

ANYBODY = "++++++"
SIGNED_IN = "s+++++"
PATIENTS = "s++fff"
OWN_AS_PATIENT = "s+nfff"
DOCTORS = "sff++f"
OWN_AS_DOCTOR = "sff+nf"
OFFICE = "sffff+"

#: By endpoint: an address and who is let in, by GET and by POST the same unless POSTS tells otherwise.
#: ``{visit}`` is a confirmed visit with a record, made for each call; ``{cast names}`` are ids.
PATIENT_APPOINTMENT = "/patient/appointments/{visit}"
DOCTOR_APPOINTMENT = "/doctor/appointments/{visit}"
ADMIN_APPOINTMENT = "/admin/appointments/{visit}"
ROWS = {
    "public.home": ("/", ANYBODY),
    "public.departments": ("/departments", ANYBODY),
    "public.department": ("/departments/{cardiology}", ANYBODY),
    "public.doctors": ("/doctors", ANYBODY),
    "public.doctor": ("/doctors/{chen}", ANYBODY),
    "public.contact": ("/contact", ANYBODY),
    "public.privacy": ("/privacy", ANYBODY),
    "public.book": ("/book", ANYBODY),
    "public.review_booking": ("/book/review", ANYBODY),
    "public.suggest_department": ("/suggest-department", ANYBODY),
    "public.search": ("/search", ANYBODY),
    "public.rooms": ("/rooms", SIGNED_IN),
    "public.sign_in": ("/login", ANYBODY),
    # Nothing to see without a ticket: they lead back to the password.
    "public.second_factor": ("/login/second-factor", "ssssss"),
    "public.set_up_factor": ("/login/set-up-factor", "ssssss"),
    "public.register": ("/register", ANYBODY),
    "public.sign_out": ("/logout", ANYBODY),
    "public.preferences": ("/preferences", ANYBODY),
    "public.forgot_password": ("/forgot-password", ANYBODY),
    "public.register_sent": ("/register/sent", ANYBODY),
    "public.reset_password": ("/reset-password/x/y", ANYBODY),
    "public.confirm_email": ("/confirm-email/x/y", ANYBODY),
    "public.keep_email": ("/keep-email/x/y", ANYBODY),
    "public.own_sign_in": ("/own-sign-in/x/y", ANYBODY),
    "public.choose_password": ("/reset-password/choose", ANYBODY),
    "public.confirm_email_now": ("/confirm-email/now", ANYBODY),
    "public.keep_email_now": ("/keep-email/now", ANYBODY),
    "public.visit_answer": ("/visits/answer/x/y", ANYBODY),
    "public.visit_answer_now": ("/visits/answer/now", ANYBODY),
    "public.visit_answer_another_time": ("/visits/answer/another-time", ANYBODY),
    "public.own_sign_in_now": ("/own-sign-in/now", ANYBODY),
    "patient.home": ("/patient/", PATIENTS),
    "patient.profile": ("/patient/profile", PATIENTS),
    "patient.access_log": ("/patient/trail", PATIENTS),
    "patient.appointments": ("/patient/appointments", PATIENTS),
    "patient.records": ("/patient/records", PATIENTS),
    "patient.appointment": (PATIENT_APPOINTMENT, OWN_AS_PATIENT),
    "patient.calendar_file": (f"{PATIENT_APPOINTMENT}/visit.ics", OWN_AS_PATIENT),
    "patient.edit": (f"{PATIENT_APPOINTMENT}/edit", OWN_AS_PATIENT),
    "patient.cancel": (f"{PATIENT_APPOINTMENT}/cancel", OWN_AS_PATIENT),
    "patient.reschedule": (f"{PATIENT_APPOINTMENT}/reschedule", OWN_AS_PATIENT),
    "patient.record": (f"{PATIENT_APPOINTMENT}/record", OWN_AS_PATIENT),
    "patient.prescription": (f"{PATIENT_APPOINTMENT}/prescription", OWN_AS_PATIENT),
    "doctor.home": ("/doctor/", DOCTORS),
    "doctor.week": ("/doctor/week", DOCTORS),
    "doctor.month": ("/doctor/month", DOCTORS),
    "doctor.day_changes": ("/doctor/changes", DOCTORS),
    "doctor.appointments": ("/doctor/appointments", DOCTORS),
    "doctor.records": ("/doctor/records", DOCTORS),
    "doctor.patients": ("/doctor/patients", DOCTORS),
    "doctor.patient": ("/doctor/patients/{ana}", OWN_AS_DOCTOR),
    "doctor.leave": ("/doctor/leave", DOCTORS),
    "doctor.end_leave": ("/doctor/leave/999999/end", "sffnnf"),
    "doctor.profile": ("/doctor/profile", DOCTORS),
    "doctor.appointment": (DOCTOR_APPOINTMENT, OWN_AS_DOCTOR),
    "doctor.confirm": (f"{DOCTOR_APPOINTMENT}/confirm", OWN_AS_DOCTOR),
    "doctor.complete": (f"{DOCTOR_APPOINTMENT}/complete", OWN_AS_DOCTOR),
    "doctor.service": (f"{DOCTOR_APPOINTMENT}/service", OWN_AS_DOCTOR),
    "doctor.cancel": (f"{DOCTOR_APPOINTMENT}/cancel", OWN_AS_DOCTOR),
    "doctor.notes": (f"{DOCTOR_APPOINTMENT}/notes", OWN_AS_DOCTOR),
    "doctor.staff_notes": (f"{DOCTOR_APPOINTMENT}/staff-notes", OWN_AS_DOCTOR),
    "doctor.record": (f"{DOCTOR_APPOINTMENT}/record", OWN_AS_DOCTOR),
    "doctor.reschedule": (f"{DOCTOR_APPOINTMENT}/reschedule", OWN_AS_DOCTOR),
    "doctor.propose": (f"{DOCTOR_APPOINTMENT}/propose", OWN_AS_DOCTOR),
    "admin.home": ("/admin/", OFFICE),
    "admin.desk_changes": ("/admin/desk/changes", OFFICE),
    "admin.day_sheet": ("/admin/desk/sheet", OFFICE),
    "admin.desk_book": ("/admin/desk/book", OFFICE),
    "admin.desk_confirm": ("/admin/desk/confirm", OFFICE),
    "admin.find": ("/admin/find?q=a", OFFICE),
    "admin.statistics": ("/admin/numbers", OFFICE),
    "admin.audit_trail": ("/admin/trail", OFFICE),
    "admin.unusual": ("/admin/unusual", OFFICE),
    "admin.outbox": ("/admin/outbox", OFFICE),
    "admin.system": ("/admin/system", OFFICE),
    "admin.settings": ("/admin/settings", OFFICE),
    "admin.opening_hours": ("/admin/opening-hours", OFFICE),
    "doctor.extra_hours": ("/doctor/extra-hours", DOCTORS),
    "doctor.end_extra_hours": ("/doctor/extra-hours/999999/end", "sffnnf"),
    "admin.doctor_extra_hours": ("/admin/doctors/{chen}/extra-hours", OFFICE),
    "admin.doctor_extra_hours_end": ("/admin/doctors/{chen}/extra-hours/999999/end", "sffffn"),
    "admin.closures": ("/admin/closures", OFFICE),
    "admin.closure_remove": ("/admin/closures/999999/remove", "sffffn"),
    "admin.doctor_hours": ("/admin/doctors/{chen}/hours", OFFICE),
    "admin.doctor_hours_edit": ("/admin/doctors/{chen}/hours/edit", OFFICE),
    "admin.doctor_hours_remove": ("/admin/doctors/{chen}/hours/remove", "sffffn"),
    "admin.one_mail": ("/admin/outbox/999999", "sffffn"),
    "admin.mail_again": ("/admin/outbox/999999/again", "sffffn"),
    "admin.book": ("/admin/book?patient={ana}", OFFICE),
    "admin.review_booking": ("/admin/book/review?patient={ana}", OFFICE),
    "admin.entries": ("/admin/rooms", OFFICE),
    "admin.entry_new": ("/admin/services/new", OFFICE),
    "admin.entry": ("/admin/departments/{cardiology}", OFFICE),
    "admin.entry_switch": ("/admin/rooms/{heart_room}/switch", OFFICE),
    "admin.doctors": ("/admin/doctors", OFFICE),
    "admin.doctor_new": ("/admin/doctors/new", OFFICE),
    "admin.doctor": ("/admin/doctors/{chen}", OFFICE),
    "admin.settling": ("/admin/settling", OFFICE),
    "admin.doctor_week": ("/admin/doctors/{chen}/week", OFFICE),
    "admin.doctor_month": ("/admin/doctors/{chen}/month", OFFICE),
    "admin.doctor_leave": ("/admin/doctors/{chen}/leave", OFFICE),
    "admin.doctor_leave_end": ("/admin/doctors/{chen}/leave/999999/end", "sffffn"),
    "admin.users": ("/admin/users", OFFICE),
    "admin.user_new": ("/admin/users/new", OFFICE),
    "admin.user": ("/admin/users/{ana}", OFFICE),
    "admin.menu": ("/admin/menu", OFFICE),
    "admin.patients": ("/admin/patients", OFFICE),
    "admin.patient_new": ("/admin/patients/new", OFFICE),
    "admin.profile": ("/admin/profile", OFFICE),
    "admin.user_duties": ("/admin/users/{esther}/duties", OFFICE),
    "admin.user_switch": ("/admin/users/{boris}/switch", OFFICE),
    "admin.user_reset_factor": ("/admin/users/{boris}/reset-factor", OFFICE),
    "admin.user_keep_email": ("/admin/users/{chen}/keep-email", OFFICE),
    "admin.user_identity": ("/admin/users/{ana}/identity", OFFICE),
    "admin.user_invite": ("/admin/users/{chen}/invite", OFFICE),
    "admin.appointments": ("/admin/appointments", OFFICE),
    "admin.appointment": (ADMIN_APPOINTMENT, OFFICE),
    "admin.records": ("/admin/records", OFFICE),
    "admin.record": (f"{ADMIN_APPOINTMENT}/record", OFFICE),
    "admin.confirm": (f"{ADMIN_APPOINTMENT}/confirm", OFFICE),
    "admin.complete": (f"{ADMIN_APPOINTMENT}/complete", OFFICE),
    "admin.reopen": (f"{ADMIN_APPOINTMENT}/reopen", OFFICE),
    "admin.cancel": (f"{ADMIN_APPOINTMENT}/cancel", OFFICE),
    "admin.edit": (f"{ADMIN_APPOINTMENT}/edit", OFFICE),
    "admin.staff_notes": (f"{ADMIN_APPOINTMENT}/staff-notes", OFFICE),
    "admin.reschedule": (f"{ADMIN_APPOINTMENT}/reschedule", OFFICE),
    "admin.hand_over": (f"{ADMIN_APPOINTMENT}/hand-over", OFFICE),
}
#: Commands that let others in than the page of the same address.
POSTS = {
    "public.book": SIGNED_IN,
    "public.review_booking": "s++fff",
    # What isn't on a list any more leads back to the list.
    "doctor.end_leave": "sff++f",
    "admin.doctor_leave_end": "sffff+",
    "admin.doctor_hours_remove": "sffff+",
    "admin.closure_remove": "sffff+",
    "doctor.end_extra_hours": "sff++f",
    "admin.doctor_extra_hours_end": "sffff+",
}


def routes(app: Flask) -> dict[str, set[str]]:
    """The pages' endpoints with their methods."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in GROUPS:
            found.setdefault(rule.endpoint, set()).update((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})
    return found


def letter(answer: Sheet) -> str:
    """How an answer let somebody in."""
    if answer.status == 303 and answer.goes_to.startswith("/login"):
        return "s"
    return {403: "f", 404: "n"}.get(answer.status, "+" if answer.status < 500 else "!")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_route_has_its_row(app: Flask) -> None:
    assert not set(routes(app)) - set(ROWS), "give the route its row in ROWS"
    requests = [
        (re.sub(r"<(\w+:)?\w+>", "<>", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    twice = [request for request, many in Counter(requests).items() if many > 1]
    assert not twice, f"two views answer the same request: {twice}"
    rooms = {endpoint.partition(".")[0] for endpoint in app.view_functions if is_ours(endpoint) and "." in endpoint}
    assert rooms == {*GROUPS, "account"}, "name the room in GROUPS: its routes need rows, too"


def test_every_role_has_a_room_of_its_name() -> None:
    """After signing in nobody is led to another role's pages: these are known by the first part of their address."""
    assert set(Role) <= set(GROUPS)


@pytest.fixture
def address(app: Flask, cast: Cast, appointment: Make, record: Make) -> Callable[[str], str]:
    """Fills in an address, with a visit of its own."""
    times: Iterator[int] = count()

    def fill(path: str) -> str:
        if "{visit}" not in path:
            return path.format(**vars(cast))
        number = appointment(LATER, f"{SLOT_TIMES[next(times)]:%H:%M}", status="confirmed")
        record(number)
        return path.format(visit=number, **vars(cast))

    return fill


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("endpoint", ROWS)
def test_who_is_let_in(
    app: Flask, as_: As, guest: Visitor, cast: Cast, appointment: Make, address: Callable[[str], str], endpoint: str
) -> None:
    """The same on both databases: roles are asked before any of them, so one is enough."""
    methods = routes(app).get(endpoint)
    if methods is None:
        pytest.fail("ROWS names a page that does not exist: take its row out")
    appointment(LATER, "16:30")
    path, granted = ROWS[endpoint]
    for method in sorted(methods):
        letters = ""
        for name in PEOPLE:
            person = guest if name == "guest" else as_(name)
            where = address(path)
            letters += letter(person.get(where) if method == "GET" else person.command(where))
        wanted = POSTS.get(endpoint, granted) if method == "POST" else granted
        assert (method, dict(zip(PEOPLE, letters, strict=True))) == (method, dict(zip(PEOPLE, wanted, strict=True)))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("endpoint", ROWS)
def test_no_other_method_does_anything(
    app: Flask, as_: As, cast: Cast, address: Callable[[str], str], endpoint: str
) -> None:
    methods = routes(app).get(endpoint)
    if methods is None:
        pytest.fail("ROWS names a page that does not exist: take its row out")
    where = address(ROWS[endpoint][0])
    person = as_({"patient": "ana", "doctor": "chen"}.get(endpoint.partition(".")[0], "esther"))
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
        answer = person.command(where) if method == "POST" else person.client.open(where, method=method)
        status = answer.status if isinstance(answer, Sheet) else answer.status_code
        assert status in ({405} if method in ("GET", "POST") else {400, 405}), (method, status)


#: What the owner of a booked visit can do with it, each with what is sent; the steps end with what can't be taken back.
COMMANDS: dict[str, tuple[str, dict[str, str], str]] = {
    "edit": ("patient", {"reason": "Another reason", "symptoms": "Others", "version": "1"}, "edited"),
    "reschedule?day=2026-03-05&time=11:00": ("patient", {"reason": ""}, "rescheduled"),
    "notes": ("doctor", {"notes": "Please bring the letter", "version": "1"}, "edited"),
    "confirm": ("doctor", {}, "confirmed"),
    "cancel": ("patient", {"reason": "Ill"}, "cancelled"),
    "complete": ("doctor", {"sure": "1"}, "completed"),
}
APPOINTMENTS_OF = {"patient": PATIENT_APPOINTMENT, "doctor": DOCTOR_APPOINTMENT, "admin": ADMIN_APPOINTMENT}
OWNER, STRANGERS = {"patient": "ana", "doctor": "chen"}, {"patient": "boris", "doctor": "diallo"}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_stranger_is_refused_stays_as_it_was_and_its_owner_can_do_it(
    app: Flask, as_: As, cast: Cast, appointment: Make, command: str
) -> None:
    role, body, happens = COMMANDS[command]
    number = appointment(LATER, "09:00", status="confirmed" if command == "complete" else "booked")

    def happened() -> list[str]:
        with app.app_context():
            return [event["what"] for event in scheduling.history(cast.actor("esther"), number)]

    office = (OWNER[role], f"{ADMIN_APPOINTMENT}/{command}".format(visit=number))
    for who, address in ((STRANGERS[role], f"{APPOINTMENTS_OF[role]}/{command}".format(visit=number)), office):
        as_(who).command(address, **body)
        assert happened() == ["created"], who
    as_(OWNER[role]).command(f"{APPOINTMENTS_OF[role]}/{command}".format(visit=number), **body)
    assert happened() == ["created", happens]


# --- the table of permissions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_page_that_is_not_public_says_what_it_asks_for(app: Flask) -> None:
    closed = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if is_ours(endpoint) and not getattr(view, "is_public", False)
    }
    assert closed == set(ACTIONS_OF_PAGE), "say in clinic/web/kit/page_permissions.py who may open the page"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_page_obeys_the_table(app: Flask, as_: As, cast: Cast) -> None:
    """Whoever may open a page may not when its permission is taken away, whatever its id."""
    for endpoint in set(ROWS) & set(ACTIONS_OF_PAGE):
        path, letters = ROWS[endpoint]
        where = path.format(visit=999, **vars(cast))
        for action in ACTIONS_OF_PAGE[endpoint]:
            with permitted(action, {}):
                for name, known in zip(PEOPLE, letters, strict=True):
                    if known in "+n":
                        method = "GET" if "GET" in routes(app)[endpoint] else "POST"
                        answer = as_(name).get(where) if method == "GET" else as_(name).command(where)
                        assert (endpoint, name, letter(answer)) == (endpoint, name, "f")


WEEKS = ("/doctor/week", "/doctor/month")
#: Pages of each role from which others are opened.
STARTS = {
    "ana": ("/patient/", "/patient/appointments", PATIENT_APPOINTMENT, "/patient/records", "/account/", "/privacy"),
    "chen": ("/doctor/?day=2026-03-04", DOCTOR_APPOINTMENT, *WEEKS, "/doctor/patients/{ana}", "/account/"),
    "esther": (
        "/admin/?day=2026-03-04",
        ADMIN_APPOINTMENT,
        "/admin/menu",
        "/admin/patients",
        "/admin/users",
        "/admin/users/{ana}",
        "/admin/users/{chen}",
        "/admin/find?q=a",
        "/admin/find?q=nobody",
        "/admin/doctors",
        "/admin/doctors/{chen}",
        *(f"/admin/doctors/{{chen}}/{part}" for part in ("week", "month", "leave")),
        "/admin/rooms/{chens_room}",
        "/admin/rooms/{chens_room}/switch",
        "/admin/system",
        "/admin/settings",
        "/admin/outbox",
        "/admin/trail",
        "/account/",
    ),
}


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", STARTS)
def test_what_somebody_may_not_open_is_not_offered(
    app: Flask, as_: As, cast: Cast, appointment: Make, record: Make, name: str
) -> None:
    """Each permission is taken away in turn: no page that still opens leads to one that doesn't."""
    number = appointment(LATER, "09:00", status="confirmed")
    record(number, follow_up_date=LATER)
    role = {"ana": Role.PATIENT, "chen": Role.DOCTOR, "esther": Role.ADMIN}[name]
    urls, offered = app.url_map.bind("localhost"), set()
    for action in set(chain.from_iterable(ACTIONS_OF_PAGE.values())):
        if role not in roles_of(action):
            continue
        with permitted(action, without(action, role)):
            for start in STARTS[name]:
                answer = as_(name).get(start.format(visit=number, **vars(cast)))
                assert answer.status in (200, 403), (action, start, answer.status)
                for address in addresses(answer) if answer.status == 200 else ():
                    if action in ACTIONS_OF_PAGE.get(endpoint_of(urls, address), ()):
                        offered.add((action.name, start, address))
    assert not offered, "\n".join(map(str, sorted(offered)))


def addresses(page: Sheet) -> Iterator[str]:
    """Where the links and the forms of a page lead."""
    for attribute in ("href", "action", "formaction"):
        yield from (node.attrs[attribute] for node in page.tree if node.get(attribute))


def endpoint_of(urls: MapAdapter, address: str) -> str:
    """The page that an address within the portal leads to, "" for what is none."""
    with suppress(HTTPException):
        for method in ("GET", "POST"):
            with suppress(MethodNotAllowed):
                return str(urls.match(urlsplit(address).path, method=method)[0])
    return ""
