"""The office's numbers, the audit trail and the state of the system, and what lists of the office have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from clinic import accounts, audit, directory, jobs, mail, records, scheduling
from clinic.audit import AuditAction
from clinic.db import db, transaction
from clinic.jobs import Job
from clinic.mail import OutboxMail
from clinic.policy import Role
from clinic.scheduling import SLOT_TIMES
from clinic.version import VERSION
from tests import factories
from tests.people import ANA, PASSWORD, Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
NEW = "Quite-new-words-2026"
PAGES = ["numbers", "trail", "outbox", "system"]


def test_numbers_are_drawn_and_written(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "09:00", status="completed")
    appointment(TODAY, "10:00")
    appointment(TODAY, "11:00", status="cancelled")
    appointment(TODAY, "09:00", doctor_id=cast.diallo, patient_id=cast.boris)
    page = as_("esther").get("/admin/numbers")
    assert page.values("Show") == {"first": "2026-02-03", "last": "2026-03-02"}
    assert "3 visits in this period" in page.main.text
    lines = [row.text for row in page.main.all("tr")]
    for line in ("Mon 2 Mar 3", "Cancelled 1", "Cardiology 2", "Neurology 1", "Dr Chen 2", "Dr Diallo 1"):
        assert line in lines
    heat = page.main.one("table", class_="heat")
    # Two doctors, four Mondays: two of eight times at nine.
    assert next(row.text for row in heat.all("tr") if row.text.startswith("09:00")) == "09:00 25 0 0 0 0 0 0"
    assert heat.all("td", class_="w5")[0].text == "25", "the busiest time is the darkest, however empty the clinic is"
    assert page.main.one("p", class_="scale").text == "Scale: 0 % 5 % 10 % 15 % 20 % 25 %"
    assert "counts from 08:00 to 17:00 every day of the week, except when on leave." in page.main.text


def test_leave_is_no_capacity(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "09:00", doctor_id=cast.diallo, patient_id=cast.boris)
    with app.app_context():
        factories.leave(cast.chen, TODAY - timedelta(days=21), TODAY)
        factories.leave(cast.diallo, TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    page = as_("esther").get(f"/admin/numbers?first={TODAY - timedelta(days=1)}&last={TODAY}")
    # Dr Diallo alone is there on Monday, nobody on Sunday.
    nine = next(row.text for row in page.main.one("table", class_="heat").all("tr") if row.text.startswith("09:00"))
    assert nine == "09:00 100 –"


def test_every_doctor_is_counted(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        for number in range(30):
            doctor = factories.doctor(f"Dr No {number:02}", department_id=cast.cardiology)
            factories.appointment(cast.ana, doctor, TODAY - timedelta(days=number % 20), SLOT_TIMES[number % 18])
    bars = as_("esther").get("/admin/numbers").main.one("section", aria_labelledby="by-doctor")
    assert len(bars.all("th", scope="row")) == 30


def test_a_period_is_chosen(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "09:00")
    page = as_("esther").get("/admin/numbers")
    shown = page.press("Show", first=TOMORROW.isoformat(), last=LATER.isoformat())
    assert "1 visit in this period" in shown.main.text
    upside_down = page.press("Show", first=LATER.isoformat(), last=TODAY.isoformat())
    assert "The last day can't be before the first." in upside_down.main.text
    assert upside_down.values("Show")["first"] == LATER.isoformat()
    assert "“x” isn't a date." in as_("esther").get("/admin/numbers?first=x").main.text
    assert as_("esther").get("/admin/numbers?first=9999-12-31").status == 200
    assert as_("esther").get("/admin/numbers?last=0001-01-01").status == 200


def test_the_trail_is_told_in_sentences(app: Flask, as_: As, cast: Cast, appointment: Make, record: Make) -> None:
    seen = appointment(status="confirmed")
    record(seen)
    with app.app_context():
        chen, esther = cast.actor("chen"), cast.actor("esther")
        records.record_of(chen, seen)
        accounts.edit_person(esther, cast.ana, {"phone_num": "0911111111"})
        directory.save_room(esther, {"room_number": "9", "floor": 1})
        scheduling.switch(esther, scheduling.EntryKind.ROOM, cast.heart_room, active=False)
        scheduling.switch(esther, scheduling.EntryKind.ACCOUNT, cast.boris, active=False)
        accounts.invite_admin(esther, email="f@clinic.example", full_name="Fay", phone_num="0911222333")
        accounts.open_account(esther, cast.boris)
        number = scheduling.take_leave(chen, first_day=LATER + timedelta(days=1), last_day=LATER + timedelta(days=8))
        scheduling.end_leave(esther, number)
        scheduling.take_leave(chen, first_day=TOMORROW)
        accounts.change_password(chen, old_password=PASSWORD, new_password=NEW, confirm_password=NEW)
        accounts.end_other_sessions(chen)
        accounts.end_all_sessions(chen)
        scheduling.switch_account(ANA, active=False)
        directory.update_me(esther, {"phone_num": "0911111112"})
    page = as_("esther").get("/admin/trail")
    read = next(item for item in page.main.one("ol", class_="audit-trail").all("li") if "read a record" in item.text)
    assert "Dr Chen read a record of Ana Nguyễn." in read.text
    assert read.one("a").get("href") == f"/admin/appointments/{seen}"
    text = page.main.text
    for sentence in (
        "Esther Office corrected Ana Nguyễn: phone.",
        "Esther Office changed their own details.",
        "Esther Office saved a room.",
        "Esther Office switched off a room.",
        "Esther Office switched off Boris Đặng.",
        "Esther Office created an account for Fay.",
        "Esther Office viewed the account of Boris Đặng.",
        "Dr Chen added leave for Dr Chen: 5 March 2026 to 12 March 2026.",
        "Esther Office removed leave for Dr Chen: 5 March 2026 to 12 March 2026.",
        "Dr Chen added leave for Dr Chen: 3 March 2026.",
        "Dr Chen chose a new password.",
        "Dr Chen signed out all other devices.",
        "Dr Chen signed out everywhere.",
        "The operator of the server switched off Ana Nguyễn.",
    ):
        assert sentence in text
    assert "15 entries" in text
    assert "6 entries" in page.press("Show", search="chen").main.text
    assert "2 entries" in page.press("Show", deed="account.changed").main.text
    assert "Nothing found" in page.press("Show", first=TOMORROW.isoformat()).main.text
    assert "Nothing found" in page.press("Show", last=(TODAY - timedelta(days=1)).isoformat()).main.text


def test_every_action_has_its_sentence_and_its_name_in_the_filter(app: Flask, as_: As, cast: Cast) -> None:
    """The first entry of an action without one would shut the whole trail."""
    with app.app_context():
        for action in AuditAction:
            factories.audit_event(action, (cast.esther, Role.ADMIN), cast.ana)
    page = as_("esther").get("/admin/trail")
    offered = {option.get("value") for option in page.main.one("select", name="deed").all("option")}
    assert offered == {"", *AuditAction}
    told = set()
    for action in AuditAction:
        # The newest: that this page was read is among them.
        line, *_ = page.press("Show", deed=action).main.one("ol", class_="audit-trail").all("li")
        told.add(line.text)
    assert len(told) == len(AuditAction), "two actions are told in the same words"


def test_the_trail_is_found_by_patient(app: Flask, as_: As, cast: Cast, appointment: Make, record: Make) -> None:
    number = appointment(status="confirmed")
    record(number)
    with app.app_context():
        records.record_of(cast.actor("chen"), number)
        accounts.open_account(cast.actor("esther"), cast.boris)
        directory.save_room(cast.actor("esther"), {"room_number": "9", "floor": 1})
    page = as_("esther").get("/admin/trail")
    for typed in ("ana", "Nguyen Ana", "17/5/1990 ana"):
        [line] = page.press("Show", whose=typed).main.one("ol", class_="audit-trail").all("li")
        assert "Dr Chen read a record of Ana Nguyễn." in line.text
    assert "Nothing found" in page.press("Show", whose="ana", search="esther").main.text
    account = as_("esther").get(f"/admin/users/{cast.ana}")
    of_ana = account.click("Who has read or changed this patient's data")
    assert "Entries about one patient." in of_ana.main.text
    assert len(of_ana.main.one("ol", class_="audit-trail").all("li")) == 3, (
        "the reading, that the account was opened, and its visits"
    )
    assert "Dr Chen read" not in of_ana.press("Show", search="esther").main.text, "other filters leave it about her"


def test_the_trail_tells_who_registered(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        accounts.register_patient(
            email="lan@example.com", password=NEW, password_confirm=NEW, full_name="Lan", phone_num="0911222333",
            date_of_birth=date(1948, 2, 29), gender="female", kind=accounts.SessionKind.API, origin=accounts.Origin(),
        )  # fmt: skip
    assert "Lan registered." in as_("esther").get("/admin/trail").main.text


@pytest.mark.parametrize(("address", "target"), [("trail?deed=account.created", "audit-list"), ("outbox", "mail-list")])
def test_a_swapped_list_is_the_list_of_the_page(app: Flask, as_: As, cast: Cast, address: str, target: str) -> None:
    with app.app_context():
        accounts.invite_admin(cast.actor("esther"), email="f@clinic.example", full_name="F", phone_num="0911222333")
    page, part = as_("esther").get(f"/admin/{address}"), as_("esther").swap(f"/admin/{address}", target)
    assert "<html" not in part.html
    assert part.tree.one("section").written() == page.tree.one("section", id=target).written()


@pytest.mark.parametrize("path", PAGES)
def test_they_are_the_offices_alone_and_only_for_looking(as_: As, guest: Visitor, cast: Cast, path: str) -> None:
    address = f"/admin/{path}"
    assert [as_(who).get(address).status for who in ("ana", "chen", "esther")] == [403, 403, 200]
    assert guest.get(address).goes_to == f"/login?next={address}"
    assert as_("esther").command(address).status == 405
    beside = as_("esther").get("/admin/").tree.one("div", class_="office")
    assert address in [node.get("href") for node in beside.all("a")]


@pytest.mark.parametrize("path", PAGES)
def test_no_more_statements_for_more_rows(app: Flask, as_: As, cast: Cast, path: str) -> None:
    def statements() -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as sent:
            assert as_("esther").get(f"/admin/{path}").status == 200
        return len(sent)

    def plant(numbers: range) -> None:
        with app.app_context():
            esther = cast.actor("esther")
            for number in numbers:
                accounts.edit_person(esther, cast.ana, {"full_name": f"Ana {number}"})
                scheduling.switch(esther, scheduling.EntryKind.ROOM, cast.nerve_room, active=bool(number % 2))
            factories.appointments(
                len(numbers),
                cast.ana,
                cast.chen,
                first_day=TODAY - timedelta(days=20 - numbers.start),
                status="completed",
            )

    as_("esther").get("/admin/")
    plant(range(1))
    few = statements()
    plant(range(1, 20))
    assert statements() == few <= 12


def test_the_state_of_the_system_says_what_somebody_has_to_look_after(
    app: Flask, as_: As, cast: Cast, clock_at: Callable[[str], datetime]
) -> None:
    page = as_("esther").get("/admin/system")
    assert page.main.one(role="alert").text.startswith("No e-mails are being sent, because no mail worker is running.")
    assert f"Version {VERSION}" in page.main.text
    with app.app_context():
        with transaction() as current:
            current.add(OutboxMail(to="a@b.example", kind="note", language="en", subject="s", body="b"))
            current.add(
                OutboxMail(to="a@b.example", kind="note", language="en", subject="s", body="b", status="failed")
            )
        clock_at("2026-03-02 09:07")
        mail.Sightings(host="mail-1", process=7, sent=3).say()
    page = as_("esther").get("/admin/system")
    assert page.main.one(role="alert").text == "E-mails have been late for 7 minutes."
    links = {link.get("href") for link in page.main.all("a")}
    assert {"/admin/outbox?status=queued", "/admin/outbox?status=failed"} <= links
    assert page.main.one("th", role="rowheader").text == "mail-1"
    assert "No backup is known" in page.main.text, "nobody has made a backup"


def test_timed_work_is_listed_with_what_went_wrong(
    app: Flask, as_: As, cast: Cast, clock_at: Callable[[str], datetime]
) -> None:
    def break_down() -> None:
        raise RuntimeError("no disk")

    began = clock_at("2026-03-02 09:00")
    with app.app_context():
        jobs.run_due([Job("good", timedelta(hours=1), lambda: None), Job("bad", timedelta(days=1), break_down)])
    page = as_("esther").get("/admin/system")
    assert [node.text for node in page.main.all(role="alert") if "timed work" in node.text]
    rows = {row.one("th").text: row.text for row in page.main.all("tr") if row.all("th", role="rowheader")}
    assert "Done" in rows["good"]
    assert "Went wrong once" in rows["bad"]
    assert "RuntimeError: no disk" in rows["bad"]
    clock_at((began + timedelta(hours=1, minutes=16)).strftime("%Y-%m-%d %H:%M"))
    page = as_("esther").get("/admin/system")
    rows = {row.one("th").text: row.text for row in page.main.all("tr") if row.all("th", role="rowheader")}
    assert "Late" in rows["good"]


@pytest.mark.parametrize("hours", [35, 37])
def test_a_backup_that_was_missed_is_said(app: Flask, as_: As, clock_at: Callable[[str], datetime], hours: int) -> None:
    began = clock_at("2026-03-02 02:30")
    with app.app_context(), transaction():
        audit.record(audit.OPERATOR, AuditAction.BACKUP_MADE, [audit.Subject(0)], moment=began.isoformat())
    clock_at((began + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M"))
    page = as_("esther").get("/admin/system")
    late = [node.text for node in page.main.all(role="alert") if "backup" in node.text]
    said = "The last backup is 37 hours old. Ask whoever runs the server to look at it."
    assert late == ([said] if hours == 37 else [])


@pytest.mark.engine("both")
def test_how_much_the_outbox_takes_is_told_where_it_is_known(app: Flask, as_: As, engine_name: str) -> None:
    page = as_("esther").get("/admin/system")
    assert ("Size of the outbox" in page.main.text) == (engine_name == "postgresql")


def test_the_trail_tells_who_copied_or_replaced_everything(app: Flask, as_: As) -> None:
    with app.app_context(), transaction():
        for action in (AuditAction.BACKUP_MADE, AuditAction.BACKUP_RESTORED):
            audit.record(audit.OPERATOR, action, [audit.Subject(0)], moment="2026-03-02T02:00:00+00:00")
    trail = as_("esther").get("/admin/trail")
    assert "The operator of the server made a backup of all data." in trail.main.text
    assert "The operator of the server replaced all data by a backup of 2 March 2026, 09:00." in trail.main.text
    assert as_("esther").get("/admin/trail?deed=backup.made").main.text.count("made a backup") == 1
