"""Who is let in where: every page and command, asked by everybody. A new route without a row fails.

Ana is the patient and Dr Chen the doctor of the visits; Boris and Dr Diallo are strangers to them. Each row has a
letter for each of PEOPLE: ``+`` let in (whatever is said then), ``s`` sent to sign in, ``f`` the wrong role (403),
``n`` as unknown as what isn't there (404).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flask import Flask

from clinic import scheduling
from clinic.scheduling import SLOT_TIMES
from tests.people import Cast
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
PATIENT_VISIT = "/patient/appointments/{visit}"
DOCTOR_VISIT = "/doctor/appointments/{visit}"
ADMIN_VISIT = "/admin/appointments/{visit}"
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
    "public.register": ("/register", ANYBODY),
    "public.sign_out": ("/logout", ANYBODY),
    "public.preferences": ("/preferences", ANYBODY),
    "public.forgot_password": ("/forgot-password", ANYBODY),
    "public.reset_password": ("/reset-password/x/y", ANYBODY),
    "patient.home": ("/patient/", PATIENTS),
    "patient.profile": ("/patient/profile", PATIENTS),
    "patient.trail": ("/patient/trail", PATIENTS),
    "patient.appointments": ("/patient/appointments", PATIENTS),
    "patient.records": ("/patient/records", PATIENTS),
    "patient.appointment": (PATIENT_VISIT, OWN_AS_PATIENT),
    "patient.calendar_file": (f"{PATIENT_VISIT}/visit.ics", OWN_AS_PATIENT),
    "patient.edit": (f"{PATIENT_VISIT}/edit", OWN_AS_PATIENT),
    "patient.cancel": (f"{PATIENT_VISIT}/cancel", OWN_AS_PATIENT),
    "patient.reschedule": (f"{PATIENT_VISIT}/reschedule", OWN_AS_PATIENT),
    "patient.record": (f"{PATIENT_VISIT}/record", OWN_AS_PATIENT),
    "patient.prescription": (f"{PATIENT_VISIT}/prescription", OWN_AS_PATIENT),
    "doctor.home": ("/doctor/", DOCTORS),
    "doctor.week": ("/doctor/week", DOCTORS),
    "doctor.appointments": ("/doctor/appointments", DOCTORS),
    "doctor.records": ("/doctor/records", DOCTORS),
    "doctor.patients": ("/doctor/patients", DOCTORS),
    "doctor.patient": ("/doctor/patients/{ana}", OWN_AS_DOCTOR),
    "doctor.leave": ("/doctor/leave", DOCTORS),
    "doctor.end_leave": ("/doctor/leave/999999/end", "sffnnf"),
    "doctor.profile": ("/doctor/profile", DOCTORS),
    "doctor.appointment": (DOCTOR_VISIT, OWN_AS_DOCTOR),
    "doctor.confirm": (f"{DOCTOR_VISIT}/confirm", OWN_AS_DOCTOR),
    "doctor.complete": (f"{DOCTOR_VISIT}/complete", OWN_AS_DOCTOR),
    "doctor.service": (f"{DOCTOR_VISIT}/service", OWN_AS_DOCTOR),
    "doctor.cancel": (f"{DOCTOR_VISIT}/cancel", OWN_AS_DOCTOR),
    "doctor.notes": (f"{DOCTOR_VISIT}/notes", OWN_AS_DOCTOR),
    "doctor.staff_notes": (f"{DOCTOR_VISIT}/staff-notes", OWN_AS_DOCTOR),
    "doctor.record": (f"{DOCTOR_VISIT}/record", OWN_AS_DOCTOR),
    "doctor.reschedule": (f"{DOCTOR_VISIT}/reschedule", OWN_AS_DOCTOR),
    "admin.home": ("/admin/", OFFICE),
    "admin.find": ("/admin/find?q=a", OFFICE),
    "admin.numbers": ("/admin/numbers", OFFICE),
    "admin.trail": ("/admin/trail", OFFICE),
    "admin.outbox": ("/admin/outbox", OFFICE),
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
    "admin.doctor_leave": ("/admin/doctors/{chen}/leave", OFFICE),
    "admin.doctor_leave_end": ("/admin/doctors/{chen}/leave/999999/end", "sffffn"),
    "admin.users": ("/admin/users", OFFICE),
    "admin.user_new": ("/admin/users/new", OFFICE),
    "admin.user": ("/admin/users/{ana}", OFFICE),
    "admin.menu": ("/admin/menu", OFFICE),
    "admin.patients": ("/admin/patients", OFFICE),
    "admin.patient_new": ("/admin/patients/new", OFFICE),
    "admin.profile": ("/admin/profile", OFFICE),
    "admin.user_switch": ("/admin/users/{boris}/switch", OFFICE),
    "admin.user_invite": ("/admin/users/{chen}/invite", OFFICE),
    "admin.appointments": ("/admin/appointments", OFFICE),
    "admin.appointment": (ADMIN_VISIT, OFFICE),
    "admin.records": ("/admin/records", OFFICE),
    "admin.record": (f"{ADMIN_VISIT}/record", OFFICE),
    "admin.confirm": (f"{ADMIN_VISIT}/confirm", OFFICE),
    "admin.complete": (f"{ADMIN_VISIT}/complete", OFFICE),
    "admin.reopen": (f"{ADMIN_VISIT}/reopen", OFFICE),
    "admin.cancel": (f"{ADMIN_VISIT}/cancel", OFFICE),
    "admin.edit": (f"{ADMIN_VISIT}/edit", OFFICE),
    "admin.staff_notes": (f"{ADMIN_VISIT}/staff-notes", OFFICE),
    "admin.reschedule": (f"{ADMIN_VISIT}/reschedule", OFFICE),
}
#: Commands that let others in than the page of the same address.
POSTS = dict.fromkeys(("public.book", "public.review_booking"), SIGNED_IN)


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


@pytest.fixture
def address(app: Flask, cast: Cast, visit: Make, record: Make) -> Callable[[str], str]:
    """Fills in an address, with a visit of its own."""
    times: Iterator[int] = count()

    def fill(path: str) -> str:
        if "{visit}" not in path:
            return path.format(**vars(cast))
        number = visit(LATER, f"{SLOT_TIMES[next(times)]:%H:%M}", status="confirmed")
        record(number)
        return path.format(visit=number, **vars(cast))

    return fill


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("endpoint", ROWS)
def test_who_is_let_in(
    app: Flask, as_: As, guest: Visitor, cast: Cast, visit: Make, address: Callable[[str], str], endpoint: str
) -> None:
    """The same on both databases: roles are asked before any of them, so one is enough."""
    methods = routes(app).get(endpoint)
    if methods is None:
        pytest.fail("ROWS names a page that does not exist: take its row out")
    visit(LATER, "16:30")
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


def test_what_a_stranger_is_refused_stays_as_it_was(app: Flask, as_: As, cast: Cast, visit: Make) -> None:
    number = visit(LATER, "09:00", status="confirmed")
    for who, path in (("boris", PATIENT_VISIT), ("diallo", DOCTOR_VISIT), ("ana", ADMIN_VISIT), ("chen", ADMIN_VISIT)):
        for command in ("cancel", "complete", "edit", "reschedule"):
            as_(who).command(f"{path.format(visit=number)}/{command}")
    with app.app_context():
        assert [event["what"] for event in scheduling.history(cast.actor("esther"), number)] == ["created"]
