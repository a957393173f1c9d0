"""Who looked at a patient's record, told in sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import accounts, records, scheduling
from clinic.audit import TOLD_TO_PATIENTS, AuditAction
from clinic.policy import Role
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
PATH = "/patient/trail"
#: What patients aren't told: what staff write for each other, people's own passwords and devices, and what isn't a
#: patient's.
NOT_TOLD = {
    *(AuditAction.STAFF_NOTES_READ, AuditAction.STAFF_NOTES_WRITTEN),
    *(AuditAction.PASSWORD_CHANGED, AuditAction.PASSWORD_RESET, AuditAction.SESSIONS_ENDED),
    *(AuditAction.LEAVE_ENTERED, AuditAction.LEAVE_CHANGED, AuditAction.LEAVE_ENDED),
    *(AuditAction.DIRECTORY_CHANGED, AuditAction.MAIL_SENT_AGAIN),
    *(AuditAction.BACKUP_MADE, AuditAction.BACKUP_RESTORED),
    *(AuditAction.SIGN_IN_SUCCEEDED, AuditAction.SIGN_IN_REFUSED, AuditAction.SIGN_IN_LIMITED),
    *(AuditAction.SESSION_ENDED, AuditAction.TOKEN_REUSED, AuditAction.PROOF_GIVEN, AuditAction.PROOF_REFUSED),
    *(AuditAction.FACTOR_ADDED, AuditAction.FACTOR_REMOVED),
    *(AuditAction.RECOVERY_CODES_MADE, AuditAction.RECOVERY_CODE_USED, AuditAction.DUTIES_CHANGED),
    *(AuditAction.ACCESS_REFUSED, AuditAction.APPOINTMENTS_READ, AuditAction.PEOPLE_SEARCHED),
    *(AuditAction.AUDIT_READ, AuditAction.OUTBOX_READ, AuditAction.DATA_PRUNED, AuditAction.HEAD_ANNOUNCED),
    *(AuditAction.OPENING_HOURS_CHANGED, AuditAction.DOCTOR_HOURS_CHANGED),
    *(AuditAction.EXTRA_HOURS_ENTERED, AuditAction.EXTRA_HOURS_ENDED),
    *(AuditAction.CLOSURE_ENTERED, AuditAction.CLOSURE_ENDED, AuditAction.SETTINGS_CHANGED),
}
RECORD = "the record of your visit on 4 March 2026."


@pytest.fixture
def seen(app: Flask, cast: Cast, appointment: Callable[..., int], record: Callable[..., int]) -> int:
    """A visit of Ana whose record Dr Chen and the office have read, and Ana herself."""
    number = appointment(status="completed")
    record(number)
    with app.app_context():
        for name in ("chen", "esther", "ana"):
            records.record_of(cast.actor(name), number)
    return number


def told(visitor: Visitor) -> list[str]:
    """The sentences of the first page."""
    return [
        str(node.children[0]).replace("\N{NO-BREAK SPACE}", " ")
        for node in visitor.get(PATH).main.all("li")
        if node.all("time")
    ]


def test_nobody_has_looked_yet(as_: As) -> None:
    page = as_("ana").get(PATH)

    assert page.h1 == "Who opened your record"
    assert "Nobody has opened it yet" in page.text


def test_each_reading_is_a_sentence_newest_first(as_: As, seen: int) -> None:
    assert told(as_("ana")) == [
        f"Esther Office (office) read {RECORD} Reason given: none (connected program).",
        f"Dr Chen (Cardiology) read {RECORD}",
    ]
    assert as_("ana").get(PATH).main.all("h2")[0].text == "Monday 2 March 2026"


def test_changes_are_told_too(app: Flask, as_: As, cast: Cast, seen: int) -> None:
    with app.app_context():
        records.revisions(cast.actor("chen"), seen)
        accounts.edit_person(cast.actor("esther"), cast.ana, {"phone_num": "0900000009"})

    assert told(as_("ana"))[:2] == [
        "Esther Office (office) changed your details.",
        f"Dr Chen (Cardiology) read the earlier versions of {RECORD}",
    ]


def test_the_office_and_the_operator_are_told_by_name(app: Flask, as_: As, cast: Cast) -> None:
    as_("esther").get("/admin/users").click("Ana Nguyễn")
    with app.app_context():
        scheduling.switch_account("ana@example.com", active=False)
        scheduling.switch_account("ana@example.com", active=True)

    assert told(as_("ana")) == [
        "The operator of the clinic's server switched your account off or on.",
        "Esther Office (office) viewed your account.",
    ]


def test_each_action_is_told_to_patients_or_it_is_not() -> None:
    assert sorted([*TOLD_TO_PATIENTS, *NOT_TOLD]) == sorted(AuditAction), "name it in TOLD_TO_PATIENTS or in NOT_TOLD"


@pytest.mark.parametrize("action", sorted(NOT_TOLD))
def test_what_patients_are_not_told_is_not_among_what_is_done_to_their_data(
    app: Flask, as_: As, cast: Cast, action: AuditAction
) -> None:
    with app.app_context():
        factories.audit_event(action, (cast.esther, Role.ADMIN), cast.ana)
    assert told(as_("ana")) == []


@pytest.mark.parametrize("action", sorted(TOLD_TO_PATIENTS))
def test_every_action_of_others_is_told_in_words_of_its_own(
    app: Flask, as_: As, cast: Cast, action: AuditAction
) -> None:
    with app.app_context():
        factories.audit_event(action, (cast.esther, Role.ADMIN), cast.ana)
    [sentence] = told(as_("ana"))
    assert sentence.startswith("Esther Office (office) ")


def test_what_the_patient_reads_is_not_listed(as_: As, seen: int) -> None:
    as_("ana").get(f"/patient/appointments/{seen}/record")
    as_("ana").get("/patient/records")

    assert len(told(as_("ana"))) == 2


def test_the_list_of_another_patient_is_their_own(as_: As, seen: int) -> None:
    assert told(as_("boris")) == []


def test_an_entry_leads_to_the_visit_that_it_is_about(as_: As, seen: int) -> None:
    entry, *_ = as_("ana").get(PATH).main.one("ol", class_="history").all("li")

    assert entry.one("a").attrs["href"] == f"/patient/appointments/{seen}"


def test_what_one_person_does_again_at_once_is_counted(
    app: Flask, as_: As, cast: Cast, seen: int, clock_at: Callable[[str], object]
) -> None:
    for at in ("09:10", "09:20", "10:30"):
        clock_at(f"2026-03-02 {at}")
        with app.app_context():
            records.record_of(cast.actor("chen"), seen)
    entries = [node.one("small").text for node in as_("ana").get(PATH).main.one("ol", class_="history").all("li")]

    assert [entry.partition(" · Open")[0] for entry in entries] == ["10:30", "09:20 · 2 times", "09:00", "09:00"]


def test_the_list_comes_in_pages(app: Flask, as_: As, cast: Cast, seen: int) -> None:
    with app.app_context():
        chen = cast.actor("chen")
        for _ in range(21):
            records.record_of(chen, seen)
    page = as_("ana").get(PATH)

    assert "20 times" in page.text
    assert "Esther Office (office)" not in page.text
    assert "Esther Office (office)" in page.click("Next").text


@pytest.mark.parametrize("name", ["chen", "esther"])
def test_the_page_is_for_patients(as_: As, name: str) -> None:
    assert as_(name).get(PATH).status == 403


def test_a_guest_signs_in_first_and_nothing_is_done_here(guest: Visitor, as_: As) -> None:
    assert guest.get(PATH).goes_to == f"/login?next={PATH}"
    assert as_("ana").command(PATH).status == 405
