"""Whatever people of the clinic are shown of others is in the audit, and what they are refused too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic import accounts, audit, clock, records, scheduling
from clinic.accounts.models import SessionKind
from clinic.accounts.sessions import Origin
from clinic.audit import AuditAction, AuditEvent, Subject
from clinic.db import db, session, transaction
from clinic.errors import Unauthenticated
from clinic.paging import PageRequest
from tests import factories
from tests.people import ANA, Cast
from tests.web.conftest import LATER
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]


def entries(app: Flask) -> list[AuditEvent]:
    """The audit, oldest first."""
    with app.app_context():
        return list(session().scalars(select(AuditEvent).order_by(AuditEvent.id)))


def noted(app: Flask) -> list[tuple[str, int, int | None, dict[str, object]]]:
    """What of it these tests are about."""
    return [(each.action, each.subject_id, each.patient_id, dict(each.details)) for each in entries(app)]


@pytest.fixture
def visits(app: Flask, cast: Cast, appointment: Make) -> list[int]:
    """Two visits of Ana and one of Boris to Dr Chen."""
    own = [appointment(LATER, "10:00"), appointment(LATER, "11:00")]
    with app.app_context():
        return [*own, factories.appointment(cast.boris, cast.chen, LATER, "14:00")]


READ, PEOPLE = AuditAction.APPOINTMENTS_READ, AuditAction.PEOPLE_SEARCHED


def test_a_list_is_one_entry_with_all_its_visits_and_patients(
    app: Flask, as_: As, cast: Cast, visits: list[int]
) -> None:
    as_("esther").get("/admin/appointments")

    assert noted(app) == [(READ, 0, None, {"ids": visits, "patients": [cast.ana, cast.boris]})]


@pytest.mark.parametrize("path", ["/doctor/appointments", "/doctor/?day={day}"])
def test_a_doctors_lists_are_noted_too(app: Flask, as_: As, cast: Cast, visits: list[int], path: str) -> None:
    as_("chen").get(path.format(day=LATER))

    assert noted(app) == [(READ, 0, None, {"ids": visits, "patients": [cast.ana, cast.boris]})]


def test_one_visit_is_noted_with_its_patient(app: Flask, cast: Cast, as_: As, visits: list[int]) -> None:
    as_("esther").get(f"/admin/appointments/{visits[2]}")

    assert (READ, visits[2], cast.boris, {}) in noted(app)


def test_a_list_of_one_patient_is_noted_as_theirs(app: Flask, cast: Cast, as_: As, visits: list[int]) -> None:
    as_("chen").get(f"/doctor/patients/{cast.ana}")

    assert (READ, 0, cast.ana, {"ids": visits[:2]}) in noted(app)


def test_what_patients_see_of_their_own_is_not_noted(app: Flask, as_: As, visits: list[int]) -> None:
    for path in ("/patient/", "/patient/appointments", f"/patient/appointments/{visits[0]}"):
        as_("ana").get(path)

    assert noted(app) == []


def test_who_finds_whom_is_noted_without_what_was_typed(app: Flask, as_: As, visits: list[int]) -> None:
    for path in ("/admin/users?search=Nguyen", "/admin/users?search=NGUYỄN", "/admin/users?search=Boris"):
        as_("esther").get(path)

    searches = [details for action, _, _, details in noted(app) if action == AuditAction.PEOPLE_SEARCHED]
    assert [each["found"] for each in searches] == [1, 1, 1]
    assert searches[0]["query_digest"] == searches[1]["query_digest"] != searches[2]["query_digest"]
    assert "nguy" not in str(searches).lower()


def found_by(visitor: Visitor, **filters: object) -> list[str]:
    """What the trail has about a patient."""
    page = visitor.get("/admin/trail?" + urlencode(filters))
    return [line.all("span")[0].text.removesuffix(" Open").partition(" Open ")[0] for line in page.main.all("li")]


@pytest.mark.parametrize("by", ["patient", "whose"])
def test_who_was_shown_a_patient_in_a_list_is_found_by_the_patient(
    app: Flask, as_: As, cast: Cast, visits: list[int], by: str
) -> None:
    """And who stands in none isn't."""
    with app.app_context():
        dora = factories.patient("Dora Elsewhere", "dora@example.com")
    as_("chen").get(f"/doctor/patients/{cast.boris}")
    as_("esther").get("/admin/appointments")
    as_("chen").get("/doctor/patients")
    names = {cast.ana: "Ana", cast.boris: "Boris", dora: "Dora"}

    def told(patient: int) -> list[str]:
        return found_by(as_("esther"), **{by: patient if by == "patient" else names[patient]})

    people, listed = "Dr Chen searched for people and found 2.", "Esther Office read a list with 3 visits."
    assert {people, listed} <= set(told(cast.ana))
    assert {people, listed, "Dr Chen read a visit by Boris Đặng."} <= set(told(cast.boris))
    assert told(dora) == []


def test_whom_a_list_of_people_shows_is_noted(app: Flask, as_: As, cast: Cast, visits: list[int]) -> None:
    as_("chen").get("/doctor/patients")
    as_("esther").get("/admin/users?search=Boris")
    as_("esther").get("/admin/users?role=doctor")

    assert [(patient, details.get("patients")) for action, _, patient, details in noted(app) if action == PEOPLE] == [
        (None, [cast.ana, cast.boris]),
        (cast.boris, None),
        (None, None),
    ]


def test_a_program_that_pages_through_all_visits_is_found_by_each_patient(
    app: Flask, cast: Cast, visits: list[int]
) -> None:
    with app.app_context():
        actor = cast.actor("esther")
        for number in (1, 2):
            scheduling.appointments(actor, page=PageRequest(number, 2))
        for patient in (cast.ana, cast.boris):
            read = records.audit_trail(actor, action=READ, patient_id=patient)
            assert [row["details"].get("ids", [row["subject_id"]]) for row in read.results] == [
                visits[:2] if patient == cast.ana else visits[2:]
            ]


def test_a_search_of_the_office_is_one_search(app: Flask, as_: As, visits: list[int]) -> None:
    as_("esther").get("/admin/find?q=Boris")

    searches = [details for action, _, _, details in noted(app) if action == AuditAction.PEOPLE_SEARCHED]
    assert [each["found"] for each in searches] == [1]
    assert (READ, visits[2]) in [(action, subject) for action, subject, _, _ in noted(app)]


def test_who_reads_the_audit_and_the_mail_is_noted(app: Flask, cast: Cast, as_: As) -> None:
    with app.app_context():
        number = factories.given_up_mail()
    esther = as_("esther")
    for path in (f"/admin/trail?patient={cast.ana}&search=Chen", "/admin/outbox?search=ana", f"/admin/outbox/{number}"):
        esther.get(path)

    assert noted(app) == [
        (AuditAction.AUDIT_READ, 0, cast.ana, {"filters": ["search", "patient_id"]}),
        (AuditAction.OUTBOX_READ, 0, None, {"filters": ["to"]}),
        (AuditAction.OUTBOX_READ, number, None, {}),
    ]


def test_where_a_reading_cannot_be_written_nothing_is_shown(app: Flask, as_: As, visits: list[int]) -> None:
    esther = as_("esther")
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        else:
            connection.execute(text("ALTER TABLE audit_events ADD CONSTRAINT full_table CHECK (false) NOT VALID"))
    try:
        answer = esther.client.get("/admin/appointments")
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(
                text(
                    "DROP TRIGGER full"
                    if connection.dialect.name == "sqlite"
                    else "ALTER TABLE audit_events DROP CONSTRAINT full_table"
                )
            )
    assert answer.status_code >= 500
    assert "Boris" not in answer.get_data(as_text=True)


def test_a_rehearsal_reads_for_nobody(app: Flask, cast: Cast, visits: list[int]) -> None:
    from clinic.dry_run import would_refuse  # noqa: PLC0415

    with app.app_context():
        actor = cast.actor("esther")
        would_refuse(lambda: scheduling.appointment(actor, visits[0]))
    assert noted(app) == []


# --- refusals ---------------------------------------------------------------------------------------------------------


def refusals(app: Flask) -> list[tuple[int, str, str | None]]:
    """What was refused."""
    return [
        (each.subject_id, each.details["endpoint"], each.details.get("reason"))
        for each in entries(app)
        if each.action == AuditAction.ACCESS_REFUSED
    ]


def test_what_somebody_may_not_open_is_noted(app: Flask, as_: As, visits: list[int]) -> None:
    as_("ana").client.get("/admin/users")
    as_("boris").client.get(f"/patient/appointments/{visits[0]}")
    as_("boris").client.get("/nowhere/at/all")

    assert refusals(app) == [(0, "admin.users", None), (visits[0], "patient.appointment", None)]


def test_a_guest_is_refused_unnoted(app: Flask, guest: Visitor, visits: list[int]) -> None:
    guest.client.get(f"/patient/appointments/{visits[0]}")

    assert entries(app) == []


def test_who_tries_many_ids_fills_no_disk(app: Flask, cast: Cast, clock_at: Callable[[object], object]) -> None:
    with app.app_context():
        actor = cast.actor("ana")
        for number in range(70):
            audit.record_refusal(actor, endpoint="patient.appointment", subject_id=number)
        assert len(refusals(app)) == 61
        assert refusals(app)[-1] == (0, "patient.appointment", audit.MORE_REFUSALS)
        clock_at(clock.now() + timedelta(hours=2))
        audit.record_refusal(actor, endpoint="patient.appointment", subject_id=99)
        assert refusals(app)[-1] == (99, "patient.appointment", None)


@pytest.mark.parametrize("what", ["refusal", "sign-in"])
def test_a_busy_database_keeps_nobody_waiting_for_what_is_refused(app: Flask, cast: Cast, what: str) -> None:
    """PostgreSQL has many writers."""
    with app.app_context(), db.engine.connect() as other:
        if other.dialect.name != "sqlite":
            return
        actor = cast.actor("ana")
        other.execution_options(begins_writing=True).begin()
        began = time.monotonic()
        if what == "refusal":
            audit.record_refusal(actor, endpoint="admin.users")
        else:
            with pytest.raises(Unauthenticated):
                accounts.sign_in(email=ANA, password="wrong", kind=SessionKind.API, origin=Origin("t", "198.51.100.7"))
        # Elsewhere it is fifteen seconds.
        assert time.monotonic() - began < 12
        other.rollback()
        assert entries(app) == []
        audit.record_refusal(actor, endpoint="admin.users")
        assert len(entries(app)) == 1


def test_a_forged_form_is_noted_with_the_reason(app: Flask, as_: As) -> None:
    as_("esther").client.post("/admin/departments/1", data={"name": "Forged"})
    assert [reason for _, _, reason in refusals(app)] == ["csrf_failed"]


# --- sign-ins ---------------------------------------------------------------------------------------------------------


def tried(app: Flask, email: str, address: str, *, limited: bool = False, account: int = 0) -> None:
    """Somebody was refused to sign in."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        app.preprocess_request()
        with transaction():
            audit.record_refused_sign_in(email=email, subject=Subject(account), reason="r", limited=limited)


def test_who_guesses_e_mails_fills_no_disk(app: Flask, cast: Cast, clock_at: Callable[[object], object]) -> None:
    """An entry an hour stands for all of a network; each try of an account is noted."""
    for number in range(30):
        tried(app, f"nobody{number}@example.com", f"2001:db8:1:2::{number + 1:x}")
        tried(app, f"nobody{number}@example.com", "198.51.100.7")
    assert [each.address for each in entries(app)] == ["2001:db8:1:2::/64", "198.51.100.7"]
    tried(app, ANA, "198.51.100.7", account=cast.ana)
    tried(app, ANA, "198.51.100.7", account=cast.ana)
    assert len(entries(app)) == 4
    clock_at(clock.now() + timedelta(minutes=61))
    tried(app, "nobody@example.com", "198.51.100.7")
    assert len(entries(app)) == 5


def test_that_there_were_too_many_is_noted_once_in_a_while(
    app: Flask, cast: Cast, clock_at: Callable[[object], object]
) -> None:
    for _ in range(3):
        tried(app, ANA, "198.51.100.7", limited=True, account=cast.ana)
        tried(app, ANA, "203.0.113.9", limited=True, account=cast.boris)
    assert [(each.action, each.subject_id) for each in entries(app)] == [
        (AuditAction.SIGN_IN_LIMITED, cast.ana),
        (AuditAction.SIGN_IN_LIMITED, cast.boris),
    ]
    clock_at(clock.now() + timedelta(minutes=16))
    tried(app, ANA, "198.51.100.7", limited=True, account=cast.ana)
    assert len(entries(app)) == 3


# --- from where -------------------------------------------------------------------------------------------------------


def test_an_entry_tells_the_address_and_of_whom_is_not_signed_in_the_browser(app: Flask, cast: Cast) -> None:
    where = {"REMOTE_ADDR": "198.51.100.7"}
    with app.test_request_context(environ_base=where, headers={"User-Agent": "Firefox\u00ad" + "x" * 300}):
        app.preprocess_request()
        audit.record_sign_in(AuditAction.SIGN_IN_REFUSED, email="Ana@Example.com", reason="password")
        records.own_access_log(cast.actor("ana"))
        scheduling.appointments(cast.actor("esther"))
        audit.record_refusal(cast.actor("ana"), endpoint="admin.users")
    first, last = entries(app)
    assert (first.actor_id, first.actor_role, first.session_id) == (None, "guest", None)
    assert (first.address, first.device) == ("198.51.100.7", ("Firefox" + "x" * 300)[:200])
    with app.app_context():
        assert first.details == {"reason": "password", "email_digest": audit.email_digest("ana@example.com")}
    assert (last.address, last.device) == ("198.51.100.7", "")


def test_the_id_of_a_request_is_ours(app: Flask, as_: As, visits: list[int]) -> None:
    """A client's word could pass for another request."""
    for _ in range(2):
        as_("esther").client.get("/admin/appointments", headers={"X-Request-Id": "chosen-by-client"})
    first, second = (each.request_id for each in entries(app))
    assert len({first, second, "chosen-by-client"}) == 3
