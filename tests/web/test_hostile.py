"""Whatever is typed into whatever form: no answer is an error of ours, and a refused form shows each typed text again.

The forms are those that the pages themselves show: a view that takes POSTs and isn't met on any page fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from clinic import accounts, scheduling
from clinic.accounts.models import User
from clinic.accounts.second_factor.tickets import issue_ticket
from clinic.accounts.uids import uid_of
from clinic.db import transaction
from clinic.mail.links import LinkPurpose, new_link, token_of
from clinic.web.kit import guard
from tests import factories
from tests.authenticator import set_up
from tests.mailed import address_to, answer_link
from tests.passkey_device import give_passkey, passkey_id_of
from tests.people import BORIS, DIALLO, Cast
from tests.web.conftest import LATER, TODAY
from tests.web.dom import Node
from tests.web.test_passwords import links
from tests.web.visitor import Sheet, Visitor, signed_in, values_of

pytestmark = pytest.mark.long

#: Texts that people, programs and enemies type. Control characters but line ends can't be stored or shown.
TEXTS = (
    "x" * 5000,
    "Đặng Thị Ánh Nguyệt " * 300,
    "👩🏽‍⚕️ 🇻🇳 \N{ZERO WIDTH JOINER}",
    "\N{RIGHT-TO-LEFT OVERRIDE}אבג \N{ARABIC LETTER ALEF}",
    "a\N{ZERO WIDTH SPACE}b\N{ZERO WIDTH NO-BREAK SPACE}",
    "<script>alert(1)</script>",
    "'; DROP TABLE users; --",
    "50 % of {it} `$(x)` &amp; %s",
    "\t \n ",
    "=1+1",
    "\N{COMBINING TILDE}" * 200,
    "\N{LATIN SMALL LETTER A WITH DIAERESIS}\U0001f9ff\U0010ffff",
)
#: What a page can't show as it was: browsers and HTML have no place for it. It must be refused all the same.
UNSHOWABLE = ("nul \x00", "bell \x07 escape \x1b", "\ud800 alone", "form feed \x0c")
NUMBERS = ("9" * 400, "-1", "1e309", "NaN", "0", "٣", "1.5", "2147483648", "999999999")
DAYS = ("2026-02-31", "0001-01-01", "9999-12-31", "10000-01-01", "0000-00-00", "2026-3-1", "tomorrow")
CHOICES = ("", "unknown", "0", "999999999", "-1", "1; 2", "ộ")
#: The pages for which a guest has to hold a ticket.
SECOND_STEPS = {
    "/login/second-factor": accounts.TicketPurpose.SECOND_FACTOR,
    "/login/set-up-factor": accounts.TicketPurpose.SET_UP,
}
#: How the paths of mailed links begin.
MAILED = ("/reset-password/", "/confirm-email/", "/keep-email/", "/own-sign-in/", "/visits/answer/")
#: Fields whose text is the server's own, not a person's.
HIDDEN = ("hidden",)


@dataclass(frozen=True)
class Found:
    """A form that a page shows: who sees it, where, where it leads, and its fields."""

    who: str
    path: str
    action: str
    form: Node


def link_after_too_many_tries(user_id: int) -> str:
    """The path of a link by which somebody says that a browser is theirs."""
    with transaction():
        link = new_link(user_id, LinkPurpose.OWN_SIGN_IN, lasts=timedelta(hours=1))
        return f"/own-sign-in/{uid_of(user_id)}/{token_of(link)}"


@pytest.fixture
def pages(cast: Cast, appointment: Callable[..., int], app: Flask) -> dict[str, list[str]]:
    """By person the pages with all forms of the portal."""
    booked, seen = appointment(LATER, "09:00"), appointment(TODAY, "08:00", status="confirmed")
    waiting = appointment(LATER, "10:00", patient_id=cast.boris)
    done = appointment(TODAY, "08:30", status="completed", patient_id=cast.boris)
    with app.app_context():
        factories.doctor_hours(cast.chen)
        extra = factories.extra_hours(cast.chen, TODAY + timedelta(days=26))
        closure = factories.closure(TODAY + timedelta(days=25))
        leave = scheduling.take_leave(cast.actor("chen"), first_day=date(2026, 3, 20), last_day=date(2026, 3, 20))
        factories.doctor("Dr New", "new@clinic.example", department_id=cast.neurology)
        invited = accounts.invite_admin(
            cast.actor("esther"), email="fay@clinic.example", full_name="Fay Ly", phone_num="0911222333"
        )
        set_up(cast.chen)
        give_passkey(cast.ana)
        passkey = passkey_id_of(cast.ana)
        given_up = factories.given_up_mail()
        factories.visit_to_settle(waiting)
        for name in ("ana", "chen", "diallo", "esther"):
            accounts.request_email_change(cast.actor(name), f"{name}.new@example.com")
        confirm_link = address_to("esther.new@example.com", "confirm_new_email")
        keep_link = address_to(DIALLO, "email_requested")
        own_link = link_after_too_many_tries(cast.ana)
        moved_link = answer_link(cast, appointment(LATER, "16:00"))
        session_id = accounts.my_sessions(cast.actor("ana"))[0]["id"]
    choices = f"department={cast.cardiology}&doctor={cast.chen}&day={LATER}"
    moved = f"reschedule?day={LATER}&time=11:00"
    return {
        "": ["/login", "/register", "/forgot-password", "/search", keep_link, own_link, moved_link],
        "ana": [
            f"/book/review?{choices}&time=11:00",
            "/patient/profile",
            "/suggest-department",
            f"/patient/appointments/{booked}/edit",
            f"/patient/appointments/{booked}/cancel",
            f"/patient/appointments/{booked}/{moved}",
            "/account/",
            "/account/password",
            "/account/email",
            "/account/confirm",
            "/account/second-factor/totp",
            "/account/second-factor/totp/remove",
            "/account/second-factor/passkeys/new",
            f"/account/second-factor/passkeys/{passkey}",
            f"/account/second-factor/passkeys/{passkey}/remove",
            "/account/recovery-codes",
            "/account/prove",
            f"/account/devices/{session_id}/end",
            "/account/devices/others/end",
            "/account/devices/all/end",
        ],
        "chen": [
            f"/doctor/appointments/{booked}",
            f"/doctor/appointments/{seen}",
            f"/doctor/appointments/{seen}/complete",
            f"/doctor/appointments/{seen}/record",
            f"/doctor/appointments/{seen}/service",
            f"/doctor/appointments/{booked}/notes",
            f"/doctor/appointments/{booked}/staff-notes",
            f"/doctor/appointments/{booked}/cancel",
            f"/doctor/appointments/{booked}/propose",
            f"/doctor/appointments/{booked}/{moved}",
            "/doctor/leave",
            "/doctor/extra-hours",
            f"/doctor/extra-hours/{extra}/end",
            f"/doctor/leave/{leave}/end",
            "/doctor/profile",
        ],
        "esther": [
            confirm_link,
            f"/admin/?day={LATER}&book={cast.chen}&at=13:00&q=ana",
            f"/admin/book/review?patient={cast.boris}&{choices}&time=13:00",
            f"/admin/appointments/{waiting}",
            f"/admin/appointments/{seen}",
            f"/admin/appointments/{seen}/complete",
            f"/admin/appointments/{done}/reopen",
            f"/admin/appointments/{waiting}/cancel",
            f"/admin/appointments/{waiting}/hand-over",
            f"/admin/appointments/{waiting}/edit",
            f"/admin/appointments/{waiting}/staff-notes",
            f"/admin/appointments/{waiting}/{moved}",
            *(f"/admin/{name}/new" for name in ("departments", "services", "rooms", "doctors", "users")),
            "/admin/patients/new",
            "/admin/profile",
            "/admin/settings",
            f"/admin/outbox/{given_up}/again",
            f"/admin/departments/{cast.cardiology}",
            f"/admin/services/{cast.ecg}",
            f"/admin/rooms/{cast.heart_room}",
            f"/admin/rooms/{cast.heart_room}/switch",
            f"/admin/doctors/{cast.chen}",
            f"/admin/doctors/{cast.chen}/leave",
            f"/admin/doctors/{cast.chen}/leave/{leave}/end",
            "/admin/settling",
            "/admin/opening-hours",
            f"/admin/doctors/{cast.chen}/extra-hours",
            f"/admin/doctors/{cast.chen}/extra-hours/{extra}/end",
            "/admin/closures",
            "/admin/closures/holidays",
            f"/admin/closures/{closure}/remove",
            f"/admin/doctors/{cast.chen}/hours/edit?from=&until=",
            f"/admin/doctors/{cast.chen}/hours/remove?from=&until=",
            f"/admin/users/{cast.boris}",
            f"/admin/users/{cast.chen}",
            f"/admin/users/{invited}",
            f"/admin/users/{invited}/duties",
            f"/admin/users/{cast.boris}/switch",
            f"/admin/users/{cast.chen}/reset-factor",
        ],
    }


@pytest.fixture
def reset_link(app: Flask, cast: Cast) -> str:
    """The address of a link to choose a new password."""
    with app.app_context():
        accounts.forgot_password(BORIS)
    return links(app, BORIS)[-1]


def forms_of(sheet: Sheet, who: str) -> Iterator[Found]:
    """The forms of a page that act, once for each place to which their buttons send them."""
    for form in sheet.tree.all("form"):
        if form.get("method") != "post":
            continue
        buttons = [each for each in sheet.tree.all("button") if each.get("form") and each.get("form") == form.get("id")]
        elsewhere = [each.attrs["formaction"].partition("#")[0] for each in buttons if each.get("formaction")]
        for action in dict.fromkeys([form.attrs["action"], *elsewhere]):
            yield Found(who, sheet.path, urljoin(sheet.path, action), form)


def typed_fields(form: Node) -> Iterator[Node]:
    """The fields in which a person types or chooses."""
    for node in form:
        if node.get("name") and (
            node.tag in ("textarea", "select") or (node.tag == "input" and node.get("type") not in HIDDEN)
        ):
            yield node


def nonsense(node: Node, draw: Random) -> str:
    """Something that doesn't belong into a field."""
    if node.tag == "select" or node.get("type") == "radio":
        return draw.choice(CHOICES)
    if node.get("type") == "date":
        return draw.choice(DAYS)
    if node.get("inputmode") in ("numeric", "decimal"):
        return draw.choice(NUMBERS + TEXTS)
    return draw.choice(TEXTS)


def shown_again(answer: Sheet) -> dict[str, str]:
    """What the fields of all forms of an answer hold."""
    return {name: text for form in answer.main.all("form") for name, text in values_of(form).items()}


def sent(visitor: Visitor, found: Found, fields: dict[str, Any]) -> Sheet:
    """Send fields to where a form leads, with a good token."""
    return visitor.post(found.action, {**fields, "csrf_token": visitor.token()})


def all_forms(app: Flask, cast: Cast, pages: dict[str, list[str]], reset_link: str) -> Iterator[tuple[Visitor, Found]]:
    """Every form of the portal with somebody who may send it."""
    for who, paths in {**pages, "": [*pages[""], reset_link]}.items():
        for path in paths:
            visitor = signed_in(app, getattr(cast, who)) if who else Visitor(app)
            page = visitor.get(path)
            if path.startswith(MAILED):
                page = page.follow()  # it only puts the token into the cookie
            assert page.status == 200, (who, path, page.status)
            for found in forms_of(page, who):
                yield visitor, found
            if path.startswith("/visits/answer/"):
                moving = visitor.get(f"{page.link('Choose another time')}&day={LATER}&time=16:30")
                for found in forms_of(moving, who):
                    yield visitor, found
    for path, purpose in SECOND_STEPS.items():
        visitor = with_ticket(app, cast.boris, purpose)
        for found in forms_of(visitor.get(path), ""):
            yield visitor, found


def with_ticket(app: Flask, user_id: int, purpose: accounts.TicketPurpose) -> Visitor:
    """A guest whose password was right, and who has a second step before them."""
    visitor = Visitor(app)
    with app.app_context(), transaction() as current:
        ticket = issue_ticket(current.get_one(User, user_id), purpose, accounts.Origin())
    with visitor.client.session_transaction() as cookie:
        cookie["second_step"] = ticket
    return visitor


def text_of(value: str) -> str:
    """A text as fields give it back: one kind of line end, no space around it."""
    return value.replace("\r\n", "\n").strip()


def test_every_form_is_met(app: Flask, cast: Cast, pages: dict[str, list[str]], reset_link: str) -> None:
    adapter = app.url_map.bind("localhost")
    met = {
        adapter.match(urlsplit(found.action).path, "POST")[0] for _, found in all_forms(app, cast, pages, reset_link)
    }
    posting = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and guard.is_ours(rule.endpoint)
    }

    assert posting == met, "add a page with its form to the pages of this test"


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_is_refused_and_shown_again(
    app: Flask, cast: Cast, pages: dict[str, list[str]], reset_link: str, seed: int
) -> None:
    draw = Random(seed)  # noqa: S311 - for a test's choices
    for visitor, found in all_forms(app, cast, pages, reset_link):
        nodes = list(typed_fields(found.form))
        if not nodes:
            continue
        # Some fields stay good: what is wrong with one alone is found by other code than what is wrong with all.
        wrong = draw.sample(nodes, draw.randint(1, len(nodes)))
        fields = values_of(found.form) | {node.attrs["name"]: nonsense(node, draw) for node in wrong}
        answer = sent(visitor, found, fields)
        where = (found.who, found.path, fields)

        assert answer.status < 500, where
        assert "<script>alert" not in answer.html, where
        if answer.status < 400 or answer.status == 410:  # what a mailed link opened before is done: no form is left
            continue
        again = shown_again(answer)
        for node in nodes:
            name = node.attrs["name"]
            if node.tag == "select" or node.get("type") in ("password", "radio", "checkbox"):
                continue
            assert text_of(again.get(name, "")) == text_of(fields[name]), (name, where)


@pytest.mark.parametrize("text", UNSHOWABLE, ids=repr)
def test_what_cannot_be_stored_is_no_error_of_ours(
    app: Flask, cast: Cast, pages: dict[str, list[str]], reset_link: str, text: str
) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    for visitor, found in all_forms(app, cast, pages, reset_link):
        names = [node.attrs["name"] for node in typed_fields(found.form)]
        fields = {
            name: value if isinstance(value, list) else value.encode() for name, value in values_of(found.form).items()
        } | dict.fromkeys(names, raw)

        assert sent(visitor, found, fields).status < 500, (found.who, found.path)


def test_missing_and_double_fields_and_hidden_ones_that_were_changed(
    app: Flask, cast: Cast, pages: dict[str, list[str]], reset_link: str
) -> None:
    for visitor, found in all_forms(app, cast, pages, reset_link):
        own = values_of(found.form)
        names = [name for name in own if name != "csrf_token"]
        tries: list[dict[str, Any]] = [
            {},
            {name: ["one", "two"] for name in names},
            *({name: value} for name in names for value in ("9" * 400, '{"a": [[[', "ộ")),
        ]
        for fields in tries:
            if found.action.startswith(("/logout", "/account/devices")) and fields:
                continue
            answer = sent(visitor, found, {**fields})
            assert answer.status < 500, (answer.status, answer.text[:300], found.who, found.path, found.action, fields)
