"""The day desk stays open: it learns of what changes, and what it showed already is noted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic import scheduling
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]


def changes(page: Sheet) -> str:
    """Where the page asks whether the day is another."""
    return page.main.one("section", id="desk-day").attrs["data-changes"] or ""


def readings(app: Flask) -> int:
    """How often it was noted that appointments were read."""
    with app.app_context():
        found = select(func.count(AuditEvent.id)).where(AuditEvent.action == AuditAction.APPOINTMENTS_READ)
        return session().scalar(found) or 0


def test_an_open_page_learns_of_changes_and_of_nothing_else(
    app: Flask, as_: As, cast: Cast, appointment: Make, clock_at: Any
) -> None:
    appointment(TODAY, "10:00")
    clock_at("2026-03-02 09:10")
    page = as_("esther").get("/admin/")
    noted = readings(app)
    assert as_("esther").swap(changes(page), "desk-day").status == 204
    assert readings(app) == noted
    clock_at("2026-03-02 09:20")
    with app.app_context():
        new = factories.appointment(cast.boris, cast.chen, TODAY, "11:00")
    fresh = as_("esther").swap(changes(page), "desk-day")
    assert fresh.status == 200
    assert "Boris Đặng" in fresh.text
    assert readings(app) == noted + 1
    with app.app_context():
        last = session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert last is not None
        assert (last.subject_id, last.patient_id) == (new, cast.boris), "what was shown before isn't noted again"
    again = fresh.tree.one("section").attrs["data-changes"] or ""
    assert as_("esther").swap(again, "desk-day").status == 204


def test_a_phone_stays_with_its_doctor(as_: As, cast: Cast, appointment: Make) -> None:
    def shown(page: Sheet) -> str:
        (head,) = [each for each in page.tree.one("thead").all("th") if each.get("class") in ("on", "first on")]
        return head.text

    appointment(TODAY, "10:00", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("esther").get("/admin/")
    assert "Dr Chen" in shown(page)
    opened = page.click("Boris Đặng 35, To confirm")
    assert "Dr Diallo" in shown(opened)
    appointment(TODAY, "11:00")
    assert "Dr Diallo" in shown(as_("esther").swap(changes(opened), "desk-day"))
    chosen = as_("esther").get(f"/admin/?doctor={cast.diallo}")
    assert "Dr Diallo" in shown(chosen.click("Boris Đặng 35, To confirm").click("Close"))


@pytest.mark.parametrize("what", ["leave", "hours", "closure", "slot begins", "hold"])
def test_whatever_changes_the_day_is_noticed(app: Flask, as_: As, cast: Cast, clock_at: Any, what: str) -> None:
    page = as_("esther").get("/admin/")
    with app.app_context():
        esther = cast.actor("esther")
        if what == "leave":
            scheduling.take_leave(esther, doctor_id=cast.chen, first_day=TODAY)
        elif what == "hours":
            scheduling.set_opening_hours(
                esther,
                [{"weekday": 1, "from_time": scheduling.HOURS[0], "to_time": scheduling.HOURS[4]}],
                expected_count=None,
            )
        elif what == "closure":
            scheduling.add_closure(esther, name="Staff day", first_day=TODAY)
        elif what == "hold":
            factories.hold(factories.appointment(cast.ana, cast.diallo, LATER), cast.chen, TODAY, "11:00")
        else:
            clock_at("2026-03-02 09:31")
    assert as_("esther").swap(changes(page), "desk-day").status == 200


def test_what_anothers_page_showed_excuses_no_reading(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    address = changes(as_("esther").get("/admin/"))
    for other in (address.replace(str(TODAY), str(TOMORROW)), address.partition("seen=")[0] + "seen=x"):
        noted = readings(app)
        appointment(TOMORROW, f"{12 + noted % 4}:00")
        assert as_("esther").swap(other, "desk-day").status == 200
        assert readings(app) == noted + 1
