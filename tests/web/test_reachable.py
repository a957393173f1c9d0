"""Everything that a person may do is reached by links from that person's first page.

Each role walks all links of a clinic in which everything happens. What was found is compared with the pages' own routes
and, request by request, with the tables of the API: what a program may do for a person, a page does too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from clinic import accounts, mail, records, scheduling
from clinic.accounts.models import User
from clinic.db import transaction
from clinic.policy import Role
from tests import factories
from tests.api.caller import Document
from tests.api.test_permissions import PEOPLE as CALLERS
from tests.api.test_permissions import ROWS as REQUESTS
from tests.people import BORIS, Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.test_passwords import links
from tests.web.visitor import Visitor, signed_in
from tests.web.walker import Walk
from tests.web.ways import WALKERS, WAYS

#: Links are the same on both databases.
ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"])

#: Pages that a role can't reach, each with the reason.
ENTRANCE = "signed in already: the entrance leads on to one's own first page"
ALREADY_IN = dict.fromkeys(("public.sign_in", "public.register", "public.register_sent"), ENTRANCE) | {
    "account.still_here": "offered two minutes before the session ends"
}
TAKES_THE_TOKEN = "the mail leads there, and it leads on: the token doesn't stay in the address"
FROM_THE_MAIL = {
    "public.reset_password": TAKES_THE_TOKEN,
    "public.choose_password": "the mail leads there; the guest's walk begins at its link too",
    **dict.fromkeys([f"public.{each}" for each in ("own_sign_in", "confirm_email", "keep_email")], TAKES_THE_TOKEN),
    **dict.fromkeys([f"public.visit_answer{rest}" for rest in ("", "_now", "_another_time")], TAKES_THE_TOKEN),
    "public.own_sign_in_now": "the mail about too many tries leads there (test_own_sign_in.py)",
    **dict.fromkeys(
        ("public.confirm_email_now", "public.keep_email_now"), "the mail leads there (test_email_pages.py)"
    ),
}
WITH_A_TICKET = dict.fromkeys(
    ("public.second_factor", "public.set_up_factor"), "the right password leads there (test_second_step.py)"
)
IN_BETWEEN = {
    "account.prove": "asked once the sign-in is some minutes old (test_second_step.py)",
    "account.remove_totp": "whoever has set up a second step is led there (test_second_step.py)",
    "account.recovery_codes": "the same",
    "account.passkey": "whoever has a passkey is led there (test_passkey_pages.py)",
    "account.remove_passkey": "the same",
}
OF_THE_CLINIC = {"account.confirm": "the link that invited them confirmed their e-mail"}
QUEUE = {"doctor.day_changes": "the day asks for it by itself (test_doctor_day.py)"}
OF_THE_OFFICE = {
    "admin.desk_changes": "the day desk asks for it by itself (test_admin_desk.py)",
    "admin.user_reset_factor": "offered where somebody has set up a second step (test_second_step.py)",
}
WHOEVER_IS_IN = ALREADY_IN | FROM_THE_MAIL | WITH_A_TICKET | IN_BETWEEN
NOT_REACHED = {
    "guest": {
        "public.sign_out": "nobody is signed in",
        **{page: reason for page, reason in FROM_THE_MAIL.items() if page != "public.choose_password"},
        "public.rooms": "asks to sign in first, as the API does",
        "public.register_sent": "where unknown e-mails are hidden (test_registering_hidden.py)",
        **WITH_A_TICKET,
    },
    "patient": WHOEVER_IS_IN,
    "doctor": WHOEVER_IS_IN | OF_THE_CLINIC | QUEUE,
    "admin": WHOEVER_IS_IN | OF_THE_CLINIC | OF_THE_OFFICE,
}
#: Links that lead on to another page on purpose.
STILL_HERE = {"account.still_here": "leads back to the page that it is offered on"}
DETOURS = {
    "guest": {"public.reset_password": TAKES_THE_TOKEN},
    "patient": {"public.book": "a visit is booked again with its doctor, wherever they work now", **STILL_HERE},
    "doctor": STILL_HERE,
    "admin": {"admin.book": "without a patient it asks to choose one", **STILL_HERE},
}

# --- what a program may do, and how a person does the same --------------------------------------------------------------

#: Requests without a page, each with the reason.
FOR_PROGRAMS = {
    **dict.fromkeys(("index", "schema", "docs", "redoc"), "about the API itself"),
    "office": "leads to the office's pages, which are reached by people's own",
    "second_factor": "the right password leads to its page (test_second_step.py)",
    "prove": "a page asks for it once the sign-in is some minutes old (test_second_step.py)",
    "confirm_email": "the link in the mail leads to its page (test_email_pages.py)",
    **dict.fromkeys(("obtain_tokens", "refresh_tokens"), "a browser is signed in by its cookie, not by tokens"),
}
#: Requests that are for people who aren't signed in; the pages let nobody else do it.
FOR_GUESTS = {"register", "login", "verify_reset_token", "reset_password"}
#: Requests that answer all who are signed in, and that only patients have a use for: see OF_THE_CLINIC.
FOR_PATIENTS = {"resend_confirmation"}


#: By parameter of the API: how the lists of the pages call it.
NAMES_OF_PAGES = {
    "doctor_id": {"doctor"},
    "patient_id": {"patient"},
    "department_id": {"department"},
    # The office looks at a period.
    "date_from": {"date_from", "first"},
    "date_to": {"date_to", "last"},
}
#: Parameters of the API that no list of the pages needs, each with the reason.
WITHOUT_A_FIELD = {
    **dict.fromkeys(("page", "page_size"), "links lead to the next rows"),
    "appointment_id": "the record of one visit is reached from the visit",
    "specialization": "the search for doctors looks there, too",
}


def may(request: str) -> set[str]:
    """The roles that may make a request of the API: neither sent to sign in nor the wrong role."""
    answers = dict(zip(CALLERS, REQUESTS[request].answers, strict=True))
    return {role for role, (_, caller) in WALKERS.items() if answers[caller] not in (401, 403)}


def requests_of(app: Flask) -> set[str]:
    """The API's own routes by the name of their view."""
    return {
        rule.endpoint.rpartition(".")[2] for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api_")
    } - {"static"}


def pages_of(app: Flask, role: str) -> set[str]:
    """The pages' routes that are meant for a role: the public ones, everybody's account, and the role's own."""
    groups = {"public"} if role == "guest" else {"public", "account", role}
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in groups}


# --- the clinic and the walks ----------------------------------------------------------------------------------------


@pytest.fixture
def busy(app: Flask, cast: Cast, appointment: Callable[..., int], record: Callable[..., int]) -> Cast:
    """A clinic in which everything happens: visits in every state, records, leave, mail, somebody switched off."""
    booked = appointment(TODAY, "10:00")
    waiting = appointment(TODAY, "15:00", patient_id=cast.boris)
    appointment(TODAY, "15:30", patient_id=cast.boris)
    record(appointment(TODAY - timedelta(days=9), status="completed"))
    record(appointment(TOMORROW, "09:30", status="confirmed"))
    for status in ("booked", "confirmed", "cancelled"):
        appointment(LATER, {"booked": "09:00", "confirmed": "10:30", "cancelled": "11:00"}[status], status=status)
    with app.app_context():
        factories.appointments(25, cast.ana, cast.chen, first_day=TODAY - timedelta(days=60), status="completed")
        factories.user("Gone Away", "gone@example.com", Role.ADMIN, is_active=False)
        accounts.invite_admin(
            cast.actor("esther"), email="fay@clinic.example", full_name="Fay Ly", phone_num="0911222333"
        )
        scheduling.take_leave(cast.actor("chen"), first_day=TODAY + timedelta(days=20))
        factories.visit_to_settle(waiting)
        factories.doctor_hours(cast.chen)
        factories.extra_hours(cast.chen, TODAY + timedelta(days=26))
        factories.closure(TODAY + timedelta(days=25))
        records.my_records(cast.actor("esther"))
        scheduling.confirm(cast.actor("chen"), booked)
        accounts.forgot_password(BORIS)
        for name in ("ana", "chen", "esther"):
            accounts.request_email_change(cast.actor(name), f"{name}.new@example.com")
        # Ana's identification was seen, so her records are shown; her e-mail is still to be confirmed.
        accounts.note_identity(cast.actor("esther"), cast.ana, seen=True)
        with transaction() as current:
            current.get_one(User, cast.ana).email_confirmed_at = None
        factories.given_up_mail()
        assert mail.all_mail()
    return cast


def test_every_role_walks() -> None:
    assert set(WALKERS) == set(NOT_REACHED) == set(DETOURS) == {"guest", *Role}


@pytest.fixture(params=WALKERS)
def role(request: pytest.FixtureRequest) -> str:
    """Who walks."""
    name: str = request.param
    return name


@pytest.fixture
def walk(app: Flask, busy: Cast, role: str) -> Iterator[Walk]:
    """A role's whole walk."""
    first, caller = WALKERS[role]
    if role == "guest":
        yield Walk(app, Visitor(app)).follow(first, *links(app, BORIS))
        return
    number: int = getattr(busy, caller)
    signed_in(app, number)  # another device of the same person
    yield Walk(app, signed_in(app, number)).follow(first)


@ONE_ENGINE
def test_every_page_is_reached_and_every_way_is_there(app: Flask, walk: Walk, role: str) -> None:
    """One walk, judged by both tables: walking is what takes its time."""
    assert not walk.faults, "\n".join(walk.faults)
    unreached = pages_of(app, role) - walk.reached
    assert unreached == set(NOT_REACHED[role]), "link these pages, or say in NOT_REACHED why nothing leads there"
    assert walk.detours - {"public.sign_in", "public.rooms"} <= set(DETOURS[role]), "a link leads to a detour"
    missing = [
        f"{request}: {way.kind} {way.endpoint} with {sorted(way.names)}"
        for request, ways in WAYS.items()
        for way in ways.get(role, ())
        if not any(found.serves(way) for found in walk.ways)
    ]
    assert not missing, f"what a {role} may do by the API has no page that links lead to:\n" + "\n".join(missing)


@ONE_ENGINE
def test_every_request_of_the_api_has_its_decision(app: Flask) -> None:
    known = set(WAYS) | set(FOR_PROGRAMS)
    assert requests_of(app) == known, "say in WAYS how a person does it, or in FOR_PROGRAMS why nobody does"
    assert not set(WAYS) & set(FOR_PROGRAMS)


def filters_of(operation: dict[str, Any], roles: Collection[str]) -> set[str]:
    """What a request of the API can be asked for by the people of these roles."""
    return {
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and ("admin" in roles or parameter.get("description") != "For an admin.")
    } - set(WITHOUT_A_FIELD)


@ONE_ENGINE
def test_every_filter_of_the_api_is_one_of_a_page(app: Flask) -> None:
    """Where a list of the pages does what a list of the API does, it has a field for each of its filters."""
    operations = {
        operation["operationId"]: operation
        for methods in Document(app).content["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
    }
    missing = {}
    for name, by_role in WAYS.items():
        fields = {field for ways in by_role.values() for way in ways if way.kind == "question" for field in way.names}
        if fields:
            filters = filters_of(operations[name], by_role)
            missing[name] = {each for each in filters if not NAMES_OF_PAGES.get(each, {each}) & fields}
    assert missing
    assert not any(missing.values()), (
        f"give the list a field and name it above, or say in WITHOUT_A_FIELD why not: {missing}"
    )


@pytest.mark.parametrize("request_name", WAYS)
def test_every_role_that_may_has_its_way(request_name: str) -> None:
    """Who may make a request is the API's own table of permissions."""
    wanted = {"guest"} if request_name in FOR_GUESTS else may(request_name)
    if request_name in FOR_PATIENTS:
        wanted = {"patient"}
    assert set(WAYS[request_name]) == wanted
