"""A doctor or department that is switched off: no page offers a time, and moving says why instead of refusing at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from clinic.accounts.models import NO_PASSWORD, User
from clinic.db import transaction
from clinic.directory.models import Department
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

DOCTOR = "Dr Chen isn't seeing patients at the moment."
DEPARTMENT = "This department isn't taking bookings at the moment."
MOVES = {"ana": "/patient", "chen": "/doctor", "esther": "/admin"}


@pytest.fixture
def close(app: Flask, cast: Cast) -> Callable[[str], None]:
    """Close what is named: the doctor, the department, or the invitation of Dr Chen isn't used yet."""

    def closing(what: str) -> None:
        changes = {
            "doctor": update(User).where(User.id == cast.chen).values(is_active=False),
            "department": update(Department).where(Department.id == cast.cardiology).values(is_active=False),
            "invited": update(User).where(User.id == cast.chen).values(password_hash=NO_PASSWORD),
        }
        with app.app_context(), transaction() as session:
            session.execute(changes[what])

    return closing


@pytest.mark.parametrize(
    ("what", "who", "says"),
    [
        ("doctor", "ana", DOCTOR),
        ("doctor", "esther", DOCTOR),
        ("department", "ana", DEPARTMENT),
        ("department", "chen", DEPARTMENT),
        ("department", "esther", DEPARTMENT),
    ],
)
def test_moving_says_why_and_what_can_be_done_instead(
    as_: As, appointment: Make, close: Callable[[str], None], what: str, who: str, says: str
) -> None:
    number = appointment()
    address = f"{MOVES[who]}/appointments/{number}/reschedule"
    assert "18 free" in as_(who).get(address).main.text
    close(what)
    page = as_(who).get(address)

    assert says in page.main.text
    assert " free" not in page.main.text
    assert not page.main.all("form")
    wanted = {
        "ana": "cancel this visit and book another doctor",
        "chen": "Reception can hand this visit over to another doctor.",
        "esther": "Hand over to another doctor",
    }
    assert wanted[who] in page.main.text
    refused = as_(who).command(f"{address}?day={LATER}&time=10:30")
    assert refused.status == 422
    assert says in refused.main.text


@pytest.mark.parametrize("what", ["doctor", "department", "invited"])
def test_no_page_offers_the_doctor_or_a_time(
    as_: As, guest: Visitor, cast: Cast, close: Callable[[str], None], what: str
) -> None:
    close(what)
    listed = guest.get("/doctors")
    assert "Dr Chen" not in listed.main.text
    assert "Dr Diallo" in listed.main.text
    assert guest.get(f"/doctors/{cast.chen}").status == 404
    for reader in (guest, as_("ana")):
        page = reader.get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}")
        assert "Dr Chen" not in page.main.text
        assert "08:30" not in page.main.text
    office = as_("esther").get(f"/admin/book?patient={cast.ana}&department={cast.cardiology}&doctor={cast.chen}")
    assert "18 free" not in office.main.text


def test_a_doctors_own_pages_offer_no_time_while_the_department_is_closed(
    as_: As, close: Callable[[str], None]
) -> None:
    assert "Free until" in as_("chen").get("/doctor/").text
    assert " free" in as_("chen").get("/doctor/week").main.text
    close("department")
    assert "Free until" not in as_("chen").get("/doctor/").text
    assert "18 free" not in as_("chen").get("/doctor/week").main.text
