"""Long lists page by page: links that work with and without HTMX, and cursors that people shorten, mix up or make up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import insert

from clinic import records, scheduling
from clinic.db import transaction
from clinic.mail import OutboxMail
from clinic.paging import MOST_COUNTED, Keyset
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]

#: Every list that has pages: who reads it, its address, and the part of the page that changes.
LISTS = [
    ("guest", "/doctors?search=r", "doctor-list"),
    ("ana", "/patient/appointments?status=completed", "visit-list"),
    ("ana", "/patient/records", "record-list"),
    ("ana", "/patient/trail", "access-list"),
    ("chen", "/doctor/appointments?search=ana&status=completed", "visit-list"),
    ("chen", "/doctor/patients?search=nguyen", "patient-list"),
    ("chen", "/doctor/patients/{ana}", "history"),
    ("esther", "/admin/appointments?doctor={chen}&search=ana", "visit-list"),
    ("esther", "/admin/trail?deed=record.read", "audit-list"),
    ("esther", "/admin/outbox?status=queued", "mail-list"),
    ("esther", "/admin/users?role=patient", "user-list"),
    ("esther", "/admin/doctors?search=r", "doctor-list"),
    ("esther", "/admin/departments?active=on", "entry-list"),
    ("esther", "/admin/services?active=on", "entry-list"),
    ("esther", "/admin/rooms?search=N", "entry-list"),
]


@pytest.fixture
def read(as_: As, guest: Visitor) -> As:
    """Readers of the cast, and a guest."""
    return lambda name: guest if name == "guest" else as_(name)


def letters(number: int) -> None:
    """Put so many mails into the outbox (needs an application context)."""
    letter = {"to": "ana@example.com", "kind": "visit_booked", "language": "en", "subject": "Your visit", "body": "-"}
    with transaction() as session:
        session.execute(insert(OutboxMail), [letter] * number)


@pytest.fixture
def many(app: Flask, cast: Cast) -> None:
    """A clinic with more of everything than two pages hold."""
    with app.app_context():
        with transaction():
            seen = factories.appointments(45, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
            for appointment in seen:
                factories.record(appointment, cast.chen)
            for each in range(45):
                factories.appointment(
                    factories.patient(f"Nguyễn {each}"),
                    cast.chen,
                    date(2025, 1, 1 + each % 28),
                    f"{8 + each // 28:02}:00",
                )
                department = factories.department(f"Department {each}")
                factories.service(f"Service {each}", department_id=department)
                factories.doctor(f"Dr No {each}", department_id=department)
                factories.room(f"N{each}", department_id=department)
        records.records_for(cast.actor("chen"), seen)
        letters(45)


def test_a_swap_shows_what_a_reload_shows(read: As, many: None, cast: Cast) -> None:
    """On the first page and on those after it; each link says to HTMX what it says to a browser."""
    for who, path, target in LISTS:
        first = at = path.format(**vars(cast))
        for press in ("Next", "Next", "Previous", "First page"):
            whole, swapped = read(who).get(at), read(who).swap(at, target)
            assert swapped.tree.one(id=target).written() == whole.tree.one(id=target).written(), at
            bar = whole.main.one("nav", class_="pages")
            assert bool(bar.all("a", id="page-first")) is bool(bar.all("a", id="page-prev")), (
                "only where something is before"
            )
            assert bar.attrs["hx-target"] == f"#{target}"
            assert [link.attrs["hx-get"] for link in bar.all("a")] == [link.attrs["href"] for link in bar.all("a")]
            at = bar.with_text("a", press).attrs["href"]
        assert at == first, "the first page is the list with its filters and nothing else"


#: Lists that only turn pages, which the focus on the link and the page's own words tell.
SILENT = {"access-list of ana", "history of chen"}


def test_how_many_there_are_is_said_outside_of_what_is_swapped(read: As, many: None, cast: Cast) -> None:
    """A live region that is replaced together with the list is not heard: one stays, and a swap only fills it."""
    for who, path, target in LISTS:
        at = path.format(**vars(cast))
        whole, swapped = read(who).get(at), read(who).swap(at, target)
        inside = [*whole.tree.one(id=target)]
        assert not [node for node in inside if node.get("role") == "status" or node.get("aria-live")], at
        if f"{target} of {who}" in SILENT:
            continue
        lasting, filling = whole.main.one(id="live"), swapped.tree.one(id="live")
        assert lasting.get("role") == "status"
        assert filling.get("hx-swap-oob") == "innerHTML"
        assert lasting.text == filling.text, at
        assert any(letter.isdigit() for letter in lasting.text), at


DAYS = [
    ("ana", "/patient/appointments", "visit-list", "date_from", "date_to"),
    ("ana", "/patient/records", "record-list", "date_from", "date_to"),
    ("chen", "/doctor/appointments", "visit-list", "date_from", "date_to"),
    ("chen", "/doctor/records", "record-list", "date_from", "date_to"),
    ("esther", "/admin/appointments", "visit-list", "first", "last"),
    ("esther", "/admin/records", "record-list", "date_from", "date_to"),
    ("esther", "/admin/trail", "audit-list", "first", "last"),
]


def test_days_the_wrong_way_round_are_refused_in_the_same_words_everywhere(read: As, many: None) -> None:
    for who, path, target, first, last in [*DAYS, ("esther", "/admin/numbers", "", "first", "last")]:
        at = f"{path}?{first}=2026-03-31&{last}=2026-03-02"
        whole = read(who).get(at)
        assert whole.tree.one(id=f"{last}-err").text == "The last day can't be before the first.", path
        assert whole.tree.one("input", id=last).get("aria-invalid") == "true", path
        assert whole.tree.one("input", id=last).get("value") == "2026-03-02", path
        if target:
            swapped = read(who).swap(at, target)
            assert swapped.tree.one(id=f"{last}-err").text == "The last day can't be before the first.", path


def test_what_is_no_day_is_said_with_a_swapped_list_too(read: As, many: None) -> None:
    for who, path, target, first, last in DAYS:
        at = f"{path}?{first}=2026-02-30&{last}=2026-03-31"
        whole, swapped = read(who).get(at), read(who).swap(at, target)
        assert "“2026-02-30” isn't a date." in whole.tree.one(id=f"{first}-err").text, path
        assert whole.tree.one("input", id=first).get("aria-invalid") == "true", path
        for name in (first, last):
            place = swapped.tree.one(id=f"{name}-err")
            assert place.get("hx-swap-oob") == "innerHTML", path
            assert place.text == whole.tree.one(id=f"{name}-err").text, path
        assert swapped.tree.one(id=f"{last}-err").text == "", path


def test_what_is_no_cursor_of_the_list_is_no_page(read: As, many: None, cast: Cast) -> None:
    for who, path, target in LISTS:
        at = path.format(**vars(cast))
        good = read(who).get(at).main.one("a", id="page-next").attrs["href"].partition("after=")[2]
        made_up = ["after=", "before=x", f"after={good[:-1]}", f"after={good}&before={good}", "before=W10", "after=%ff"]
        glue = "&" if "?" in at else "?"
        for query in made_up:
            assert read(who).get(f"{at}{glue}{query}").status == 404, (at, query)
            assert read(who).swap(f"{at}{glue}{query}", target).status == 404, (at, query)
        assert read(who).get(f"{at}{glue}before={good}").status == 200, at


def test_the_cursor_of_somebody_elses_row_shows_own_rows(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(3, cast.boris, cast.diallo, first_day=date(2026, 2, 2), symptoms="Boris's")
        factories.appointments(3, cast.ana, cast.chen, first_day=date(2026, 1, 5))
        cursors = scheduling.appointments(cast.actor("boris"), status=scheduling.PAST, page=Keyset(9)).cursors
    for cursor in cursors:
        page = as_("ana").get(f"/patient/appointments?status=past&after={cursor}")
        assert "Past (3)" in page.text
        assert len(page.main.all(class_="vis")) == 3
        assert "Diallo" not in page.main.text


def test_words_of_the_address_are_kept_as_words(as_: As, many: None) -> None:
    """Whatever an address asks besides, the links of its pages are addresses of the list."""
    odd = urlencode(
        {"search": "ana & <b>", "status": "", "_external": "1", "endpoint": "x", "_anchor": "a", "page": "9"}
    )
    page = as_("chen").get(f"/doctor/appointments?{odd}")
    assert page.status == 200
    page = as_("chen").get("/doctor/appointments?search=ana&search=b&_scheme=javascript")
    assert (
        page.main.one("a", id="page-next").attrs["href"].startswith("/doctor/appointments?search=ana&search=b&_scheme=")
    )


def test_what_the_office_has_very_many_of_is_not_counted_to_the_end(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        letters(MOST_COUNTED)
    assert as_("esther").get("/admin/outbox").main.one(id="live").text == "1,000 e-mails"
    with app.app_context():
        letters(1)
    page = as_("esther").get("/admin/outbox")
    assert page.main.one(id="live").text == "More than 1,000 e-mails"
    assert len(page.click("Next").main.all("th", role="rowheader")) == 20
