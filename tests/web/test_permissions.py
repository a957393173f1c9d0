"""Who is let in where: every page and command of the table in ``page_rows.py``, asked by everybody.

A new route without a row fails.
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
from tests.web.page_rows import (
    ADMIN_APPOINTMENT,
    DOCTOR_APPOINTMENT,
    PATIENT_APPOINTMENT,
    PEOPLE,
    POSTS,
    ROWS,
)
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

GROUPS = ("public", "patient", "doctor", "admin")


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
