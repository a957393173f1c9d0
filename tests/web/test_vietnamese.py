"""Every page in Vietnamese. What reads the same in both languages must be data, not something that the portal says."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from babel import Locale
from flask import Flask

from clinic import accounts, scheduling
from clinic.i18n import LANGUAGES
from clinic.policy import Duty
from tests import factories
from tests.mailed import address_to, answer_link
from tests.passkey_device import give_passkey, passkey_id_of
from tests.people import ANA, BORIS, Cast
from tests.web.conftest import LATER, TODAY
from tests.web.dom import Node
from tests.web.test_passwords import links
from tests.web.test_permissions import GROUPS
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

#: Who reads which pages; {open} is a booked visit, {sure} a confirmed, {done} a completed, {gone} a cancelled one.
PAGES = {
    "guest": [
        "/",
        "/departments",
        "/departments/{cardiology}",
        "/doctors",
        "/doctors?search=nobody",
        "/doctors/{chen}",
        "/book",
        "/book?department={cardiology}",
        "/book?department={cardiology}&doctor={chen}",
        "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/book/review?department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/login",
        "/register",
        "/forgot-password",
        "/register/sent",
        "/reset-password/x/y",
        "/confirm-email/x/y",
        "/keep-email/x/y",
        "{confirm_link}",
        "{keep_link}",
        "{answer_link}",
        "/visits/answer/x/y",
        "/visits/answer/now",
        "/visits/answer/another-time",
        "/own-sign-in/x/y",
        "/own-sign-in/now",
        "/confirm-email/now",
        "/keep-email/now",
        "/reset-password/choose",
        "{link}",
        "/contact",
        "/privacy",
        "/nowhere",
    ],
    "ana": [
        "/patient/",
        "/patient/appointments",
        "/patient/appointments?status=past",
        "/patient/appointments?status=cancelled",
        "/patient/appointments/{open}",
        "/patient/appointments/{open}/reschedule",
        "/patient/appointments/{open}/cancel",
        "/patient/appointments/{open}/edit",
        "/patient/appointments/{done}/edit",
        "/suggest-department",
        "/search",
        "/rooms",
        "/patient/appointments/{done}",
        "/patient/appointments/{done}/record",
        "/patient/appointments/{done}/prescription",
        "/patient/appointments/{gone}",
        "/patient/records",
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
        "/account/second-factor/passkeys/{passkey}",
        "/account/second-factor/passkeys/{passkey}/remove",
        "/account/recovery-codes",
        "/account/prove",
        "/account/devices",
        "/account/notices",
        "/account/devices/all/end",
        "/account/devices/others/end",
        "/account/devices/{device}/end",
        "/book/review?department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/doctor/",
    ],
    "boris": ["/patient/", "/patient/appointments", "/patient/records"],
    "chen": [
        "/doctor/",
        "/doctor/?day={visited}",
        "/doctor/?day=x",
        "/doctor/appointments/{open}",
        "/doctor/appointments/{open}/reschedule",
        "/doctor/appointments/{open}/propose",
        "/doctor/appointments/{open}/cancel",
        "/doctor/appointments/{sure}/service",
        "/doctor/appointments/{sure}/complete",
        "/doctor/appointments/{done}",
        "/doctor/appointments/{done}/record",
        "/doctor/appointments/{sure}/notes",
        "/doctor/appointments/{sure}/staff-notes",
        "/doctor/appointments",
        "/doctor/week?day={visited}",
        "/doctor/month?day={visited}",
        "/doctor/changes?day={visited}",
        "/doctor/patients",
        "/doctor/records",
        "/doctor/patients/{ana}",
        "/doctor/leave",
        "/doctor/extra-hours",
        "/doctor/extra-hours/{extra}/end",
        "/doctor/leave/{leave}/end",
        "/doctor/profile",
    ],
    "esther": [
        "/admin/",
        "/admin/?day={visited}",
        "/admin/desk/changes?day={visited}",
        "/admin/desk/sheet?day={visited}&phones=1",
        "/admin/desk/sheet?day={visited}&by=department",
        "/admin/?visit={open}",
        "/admin/?book={chen}&at=10:00&q=ana",
        "/admin/find?q=ana",
        "/admin/find?q=zzz",
        "/admin/menu",
        "/admin/patients",
        "/admin/users/{ana}",
        "/admin/appointments",
        "/admin/appointments/{open}",
        "/admin/appointments/{open}/edit",
        "/admin/appointments/{open}/staff-notes",
        "/admin/appointments/{open}/reschedule",
        "/admin/appointments/{open}/hand-over",
        "/admin/appointments/{open}/cancel",
        "/admin/appointments/{sure}/complete",
        "/admin/appointments/{done}/reopen",
        "/admin/book?patient={ana}",
        "/admin/book/review?patient={ana}&department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/admin/records",
        "/admin/records?doctor=99999",
        "/admin/records?date_from=2026-01-01",
        "/admin/appointments/{done}/record",
        "/admin/appointments/{done}/record?purpose=billing",
        "/admin/appointments/{sure}/record",
        "/admin/doctors",
        "/admin/doctors/new",
        "/admin/doctors/{chen}",
        "/admin/doctors/{chen}/week?day={visited}",
        "/admin/doctors/{chen}/month?day={visited}",
        "/admin/doctors/{chen}/leave",
        "/admin/settling",
        "/admin/doctors/{chen}/leave/{leave}/end",
        "/admin/users",
        "/admin/users/new",
        "/admin/patients/new",
        "/admin/profile",
        "/admin/users/{chen}",
        "/admin/users/{chen}/switch",
        "/admin/users/{chen}/reset-factor",
        "/admin/users/{colleague}/duties",
        "/admin/departments",
        "/admin/departments/{cardiology}",
        "/admin/departments/{cardiology}/switch",
        "/admin/services",
        "/admin/services/new",
        "/admin/rooms",
        "/admin/rooms/new",
        "/admin/numbers",
        "/admin/trail",
        "/admin/unusual",
        "/admin/outbox",
        "/admin/outbox/{mail}",
        "/admin/outbox/{mail}/again",
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
    ],
}

DEAD_LINKS = ("reset-password", "own-sign-in", "confirm-email", "keep-email", "visits/answer")
NOT_CARRIED = (
    *("reset-password/choose", "own-sign-in/now", "confirm-email/now", "keep-email/now"),
    *("visits/answer/now", "visits/answer/another-time"),
)
#: What only puts its token into the cookie and leads on.
MAILED = ("{link}", "{confirm_link}", "{keep_link}", "{answer_link}")
#: Who is refused what they read there, and how; every other page is read by somebody who may.
REFUSED = {
    ("guest", "/nowhere"): 404,
    **{("guest", f"/{name}/x/y"): 410 for name in DEAD_LINKS},
    **{("guest", f"/{name}"): 400 for name in NOT_CARRIED},
    ("ana", "/doctor/"): 403,
}
#: What answers no page.
FILES = {"patient.calendar_file", "account.still_here"}
#: Seen between two steps of signing in only; read in test_second_step.py.
WITH_A_TICKET = {"public.second_factor", "public.set_up_factor"}

#: Names, addresses, what people wrote, initials, devices, and units that are written alike everywhere.
DATA = {
    # countries, as a reader's language names them
    *Locale.parse("vi").territories.values(),
    "Ngày lễ",
    f"SQLite {sqlite3.sqlite_version}",
    "Redis",
    "hello@clinic.example",
    "12 Lê Lợi, Quận 1",
    # keys
    "C",
    "Enter",
    "Esc",
    "M",
    # units
    "kg",
    "cm",
    "Sen Clinic",
    "Sen Clinic · Ana Nguyễn",
    "Sen Clinic · Boris Đặng",
    "Sen Clinic · Esther Office",
    "Ana Nguyễn",
    "Nguyễn A.",
    "Ana Nguyễn · Sen Clinic",
    "Hello · Sen Clinic",
    "AN",
    "Boris Đặng",
    "D",
    "Dr Chen",
    "Dr Chen · Sen Clinic",
    "Dr Diallo",
    "Điện thoại",
    ": Điện thoại",
    "Esther Office",
    "Fran Front",
    "fran@clinic.example",
    "ana@example.com",
    "ana.new@example.com",
    "boris@example.com",
    "chen@clinic.example",
    "chen@clinic.example · 090 123 4567 ·",
    "diallo@clinic.example",
    "esther@clinic.example",
    "tests",  # what the browser of a test calls itself
    "English",
    "Tiếng Việt",
    "All about cardiology.",
    "All about neurology.",
    "EEG",
    "Sees people of all ages.",
    "Check-up",
    "Palpitations",
    "Stage 1 hypertension",
    "Amlodipine 5 mg, one a day",
    "Less salt, more walking",
    "148/92 mmHg",
    "mmHg",
    "30–45 °C",
    "20–260 cm",
    "gone@example.com",
    "Hello",
    # mails, in the language of whom they were sent to
    "Choose a new password for Sen Clinic",
    f"Another doctor for your visit: {LATER:%A %-d %B %Y}, 16:00, Dr Diallo",
    "Confirm your new e-mail for Sen Clinic",
    "Another e-mail for your account at Sen Clinic",
    "Our office opened your account at Sen Clinic",
    "550 5.1.1 no such mailbox",
}
#: Licence numbers and what else has no word in it.
WORDLESS = re.compile(r"(L-)?[\d\W]*")
ATTRIBUTES = ("alt", "aria-label", "data-label", "placeholder", "title")


def said(node: Node) -> Iterator[str]:
    """Yield what a page says: its texts and the attributes that are read out, without what people typed."""
    yield from (node.attrs[name] for name in ATTRIBUTES if node.get(name))
    if node.tag in {"script", "style", "textarea"}:
        return
    for child in node.children:
        if isinstance(child, str):
            yield " ".join(child.split())
        else:
            yield from said(child)


@pytest.fixture
def places(app: Flask, cast: Cast, appointment: Callable[..., int], record: Callable[..., int]) -> dict[str, object]:
    """What stands for the names in the addresses."""
    made = {
        "open": appointment(symptoms="Palpitations"),
        "sure": appointment(at="10:30", status="confirmed"),
        "done": appointment(TODAY - timedelta(days=3), status="completed"),
        "gone": appointment(at="11:00", status="cancelled"),
    }
    record(made["done"])
    with app.app_context():
        made["mail"] = factories.given_up_mail()
        factories.doctor_hours(cast.chen)
        made["extra"] = factories.extra_hours(cast.chen, TODAY + timedelta(days=26))
        made["closure"] = factories.closure(TODAY + timedelta(days=25), name="Ngày lễ")
        made["leave"] = scheduling.take_leave(cast.actor("chen"), first_day=TODAY + timedelta(days=20))
        made["device"] = accounts.my_sessions(cast.actor("ana"))[0]["id"]
        give_passkey(cast.ana)
        made["passkey"] = passkey_id_of(cast.ana)
        made["colleague"] = factories.admin("Fran Front", "fran@clinic.example", Duty.RECEPTION)
        accounts.forgot_password(BORIS)
        accounts.request_email_change(cast.actor("ana"), "ana.new@example.com")
        mailed = {
            "confirm_link": address_to("ana.new@example.com", "confirm_new_email"),
            "keep_link": address_to(ANA, "email_requested"),
            "answer_link": answer_link(cast, appointment(at="16:00")),
        }
    link = links(app, BORIS)[0]
    days = {"visited": LATER, "day": LATER + timedelta(days=3)}
    return {
        "cardiology": cast.cardiology,
        "chen": cast.chen,
        "diallo": cast.diallo,
        "ana": cast.ana,
        "link": link,
        **made,
        **mailed,
        **days,
    }


def test_every_page_is_read(app: Flask, places: dict[str, object]) -> None:
    portal = app.url_map.bind("localhost")
    paths = {address.format(**places).partition("?")[0] for addresses in PAGES.values() for address in addresses}
    read = {portal.match(path)[0] for path in paths - {"/nowhere"}}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    shown = {rule.endpoint for rule in rules if rule.endpoint.partition(".")[0] in (*GROUPS, "account")}
    assert not shown - FILES - WITH_A_TICKET - read, "give these pages an address and a reader in PAGES"


@pytest.mark.parametrize("reader", PAGES)
def test_a_vietnamese_page_says_nothing_in_english(
    app: Flask, as_: Callable[[str], Visitor], places: dict[str, object], reader: str
) -> None:
    visitor = Visitor(app) if reader == "guest" else as_(reader)
    for address in PAGES[reader]:
        path = address.format(**places)
        says = []
        for language in LANGUAGES:
            visitor.client.set_cookie("lang", language)
            page = visitor.get(path)
            if address in MAILED:
                page = page.follow()
            assert page.tree.one("html").get("lang") == language
            assert page.status == REFUSED.get((reader, address), 200), f"{reader} may not read {path}"
            says.append({words for words in said(page.tree) if not WORDLESS.fullmatch(words)})
        assert says[0] & says[1] <= DATA, f"not translated on {path} (or name it in DATA)"
